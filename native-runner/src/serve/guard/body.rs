//! Bodies that are too large, or too slow.

use super::Problem;
use crate::serve::route::operation_of;
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt, Limited};
use shared::protocol::ProblemKind;
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    sync::oneshot,
    time::{Instant, Sleep, sleep, timeout},
};

/// How fast a body must come.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// How long the next bytes may take.
    pause: Duration,
    /// How long the whole may take besides what its bytes are given.
    grace: Duration,
    /// Bytes that are given a second.
    bytes: u64,
}

/// That of slow lines, and of nobody who only wants to hold a connection.
const PACE: Pace = Pace {
    pause: Duration::from_secs(30),
    grace: Duration::from_secs(30),
    bytes: 2 << 10,
};

/// How long a refused request may take to come to its end.
const FAREWELL: Duration = Duration::from_secs(10);

/// Refuses a body that says itself that it is too large, and ends one that turns out to be, or comes
/// so slowly that it only holds a connection.
pub(super) async fn limit(request: Request, next: Next) -> Response {
    let limit = operation_of(&request).map_or(0, |operation| operation.body_limit);
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    if chunked && length.is_some() || lengths(&request) > 1 {
        return ambiguous();
    }
    if length.is_some_and(|length| length > limit) || limit == 0 && chunked {
        return too_large(limit).into_response();
    }
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let (rest, unread) = oneshot::channel();
    let watched = request.map(|body| {
        let mut measured = Measured::new(body, PACE);
        measured.rest = Some(rest);
        Body::new(Limited::new(measured, most))
    });
    let response = next.run(watched).await;
    let refused = response.status().is_client_error() || response.status().is_server_error();
    if refused
        && response.status() != StatusCode::PAYLOAD_TOO_LARGE
        && let Ok(rest) = unread.await
    {
        let _ = timeout(FAREWELL, read_out(rest, limit)).await;
    }
    response
}

/// Reads what a refused request still sends, and forgets it: a connection that is closed on bytes that
/// nobody has read is reset, and the answer with it.
async fn read_out(mut body: Body, limit: u64) {
    let mut left = limit;
    while let Some(Ok(frame)) = body.frame().await {
        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
        left = left.saturating_sub(bytes);
        if left == 0 {
            return;
        }
    }
}

/// How often a request says how long its body is.
fn lengths(request: &Request) -> usize {
    let headers = request.headers();
    headers.get_all(header::CONTENT_LENGTH).iter().count()
}

/// Where a body ends that says it in two ways depends on who reads it: what is the end for a proxy
/// could be the next request here. Nothing more is read of such a connection.
fn ambiguous() -> Response {
    let detail = "a body has one Content-Length or one Transfer-Encoding, and not both";
    let mut response = Problem::new(ProblemKind::BadRequest, detail).into_response();
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
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
    /// Takes what nobody wanted to read.
    rest: Option<oneshot::Sender<Body>>,
    pace: Pace,
    seen: u64,
    begun: Instant,
    pause: Pin<Box<Sleep>>,
}

impl Measured {
    fn new(body: Body, pace: Pace) -> Self {
        Self {
            body,
            rest: None,
            pace,
            seen: 0,
            begun: Instant::now(),
            pause: Box::pin(sleep(pace.pause)),
        }
    }

    /// When the body must be complete if no more bytes come.
    fn deadline(&self) -> Instant {
        let given = Duration::from_secs_f64(self.seen as f64 / self.pace.bytes as f64);
        self.begun + self.pace.grace + given
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        if let Some(rest) = self.rest.take()
            && !self.body.is_end_stream()
        {
            let _ = rest.send(std::mem::take(&mut self.body));
        }
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
        self.seen += bytes;
        let next = (Instant::now() + self.pace.pause).min(self.deadline());
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
    use super::{Measured, Pace};
    use axum::body::{Body, Bytes, to_bytes};
    use std::{convert::Infallible, time::Duration};
    use tokio::time::sleep;

    const PACE: Pace = Pace {
        pause: Duration::from_millis(400),
        grace: Duration::from_millis(600),
        bytes: 10_000,
    };

    /// Reads a body of `count` pieces with so many milliseconds before each.
    async fn read(count: usize, bytes: usize, pause: u64) -> Result<usize, String> {
        let pieces = futures_util::stream::unfold(0, move |sent| async move {
            if sent == count {
                return None;
            }
            sleep(Duration::from_millis(pause)).await;
            Some((Ok::<_, Infallible>(Bytes::from(vec![0; bytes])), sent + 1))
        });
        let body = Body::new(Measured::new(Body::from_stream(pieces), PACE));
        let bytes = to_bytes(body, usize::MAX).await;
        bytes
            .map(|bytes| bytes.len())
            .map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn slow_bodies_end() {
        assert_eq!(read(3, 10, 1).await, Ok(30));
        assert!(read(1, 10, 2_000).await.unwrap_err().contains("slowly"));
        // A byte now and then.
        assert!(read(100, 1, 50).await.unwrap_err().contains("slowly"));
        // As slow, and yet enough.
        assert_eq!(read(30, 2_000, 50).await, Ok(60_000));
    }
}
