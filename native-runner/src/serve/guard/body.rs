//! Bodies that are too large, or too slow.

use super::Problem;
use crate::serve::route::operation_of;
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body::{Frame, SizeHint};
use shared::protocol::ProblemKind;
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep};

/// How long the next bytes may take.
const PAUSE: Duration = Duration::from_secs(30);
/// How long a body may take besides what its bytes are given.
const GRACE: Duration = Duration::from_secs(30);
/// Bytes a second that a body must make on the whole.
const PACE: u64 = 2 << 10;

/// Refuses a body that says itself that it is too large, and ends one that turns out to be, or comes
/// so slowly that it only holds a connection.
pub(super) async fn limit(request: Request, next: Next) -> Response {
    let limit = operation_of(&request).map_or(0, |operation| operation.body_limit);
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    if length.is_some_and(|length| length > limit) || limit == 0 && chunked {
        return too_large(limit).into_response();
    }
    next.run(request.map(|body| Body::new(Measured::new(body, limit))))
        .await
}

/// A body is longer than `limit` bytes.
fn too_large(limit: u64) -> Problem {
    let detail = if limit == 0 {
        "this takes no body".to_owned()
    } else {
        format!("the body has more than the {limit} bytes that are taken here")
    };
    Problem::new(ProblemKind::TooLarge, detail)
}

/// A body under watch.
struct Measured {
    body: Body,
    left: u64,
    seen: u64,
    begun: Instant,
    pause: Pin<Box<Sleep>>,
}

impl Measured {
    fn new(body: Body, limit: u64) -> Self {
        Self {
            body,
            left: limit,
            seen: 0,
            begun: Instant::now(),
            pause: Box::pin(sleep(PAUSE)),
        }
    }

    /// When the body must be complete if no more bytes come.
    fn deadline(&self) -> Instant {
        self.begun + GRACE + Duration::from_secs(self.seen / PACE)
    }
}

impl HttpBody for Measured {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            ready!(self.pause.as_mut().poll(context));
            return Poll::Ready(Some(Err("the body comes too slowly".into())));
        };
        let Some(frame) = frame else {
            return Poll::Ready(None);
        };
        let frame = frame?;
        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
        if bytes > self.left {
            return Poll::Ready(Some(Err("the body is too large".into())));
        }
        self.left -= bytes;
        self.seen += bytes;
        let next = (Instant::now() + PAUSE).min(self.deadline());
        self.pause.as_mut().reset(next);
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::Measured;
    use axum::body::{Body, Bytes, to_bytes};
    use std::{convert::Infallible, time::Duration};
    use tokio::time::sleep;

    /// A body of `count` pieces with so long a pause before each.
    fn dripping(count: usize, bytes: usize, pause: Duration) -> Body {
        let pieces = futures_util::stream::unfold(0, move |sent| async move {
            if sent == count {
                return None;
            }
            sleep(pause).await;
            Some((Ok::<_, Infallible>(Bytes::from(vec![0; bytes])), sent + 1))
        });
        Body::from_stream(pieces)
    }

    async fn read(body: Body, limit: u64) -> Result<usize, String> {
        let body = Body::new(Measured::new(body, limit));
        let bytes = to_bytes(body, usize::MAX).await;
        bytes
            .map(|bytes| bytes.len())
            .map_err(|error| error.to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn slow_and_large_bodies_end() {
        let seconds = Duration::from_secs;
        assert_eq!(read(dripping(3, 10, seconds(1)), 30).await, Ok(30));
        assert!(
            read(dripping(3, 10, seconds(1)), 29)
                .await
                .unwrap_err()
                .contains("too large")
        );
        assert!(
            read(dripping(1, 10, seconds(31)), 30)
                .await
                .unwrap_err()
                .contains("slowly")
        );
        // A byte now and then.
        assert!(
            read(dripping(100, 1, seconds(10)), 1000)
                .await
                .unwrap_err()
                .contains("slowly")
        );
        // Slow, and yet fast enough.
        assert_eq!(
            read(dripping(100, 64 << 10, seconds(10)), 1 << 30).await,
            Ok(100 * (64 << 10))
        );
    }
}
