//! A file, or a stretch of it, as a stream.

use super::range::{Wanted, wanted};
use crate::serve::Problem;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use shared::protocol::ProblemKind;
use std::{io, path::Path};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};

/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

/// Answers with the file at `path`, or with the stretch that `Range` asks for.
pub(crate) async fn serve_file(
    path: &Path,
    media_type: &'static str,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let mut file = match File::open(path).await {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            return Err(Problem::not_found("file", &name));
        }
        Err(error) => return Err(error.into()),
    };
    let meta = file.metadata().await?;
    let length = meta.len();
    let tag = tag(&meta);
    let range = match headers.get(header::IF_RANGE) {
        // A stretch of another state of the file would not fit what is there already.
        Some(known) if Some(known) != tag.as_ref() => None,
        _ => headers.get(header::RANGE),
    };
    let range = range.and_then(|range| range.to_str().ok());
    let stretch = match range.map_or(Wanted::All, |range| wanted(range, length)) {
        Wanted::All => None,
        Wanted::Stretch(start, end) => Some((start, end)),
        Wanted::Outside => {
            let detail = format!("the file has {length} bytes, and `Range` asks for others");
            let mut response =
                Problem::new(ProblemKind::RangeNotSatisfiable, detail).into_response();
            response
                .headers_mut()
                .insert(header::CONTENT_RANGE, value(&format!("bytes */{length}"))?);
            return Ok(response);
        }
    };
    let (start, end) = stretch.unwrap_or((0, length));
    if start > 0 {
        file.seek(io::SeekFrom::Start(start)).await?;
    }
    let mut response = Body::from_stream(pieces(file, end - start)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_LENGTH, (end - start).into());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    // Whatever it is, opened by itself it may do nothing.
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    );
    if let Some(tag) = tag {
        headers.insert(header::ETAG, tag);
    }
    if stretch.is_some() {
        let range = format!("bytes {start}-{}/{length}", end - 1);
        headers.insert(header::CONTENT_RANGE, value(&range)?);
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

fn value(text: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(text).map_err(Problem::internal)
}

/// Tells one state of a file from another.
fn tag(meta: &std::fs::Metadata) -> Option<HeaderValue> {
    let modified = meta.modified().ok()?;
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    HeaderValue::from_str(&format!("\"{:x}-{:x}\"", since.as_nanos(), meta.len())).ok()
}

/// The next `left` bytes of a file, piece by piece. A file that became shorter meanwhile breaks the
/// stream off, so that nobody takes it for whole.
fn pieces(
    file: File,
    left: u64,
) -> impl futures_util::Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::try_unfold((file, left), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE);
        let mut piece = vec![0; most];
        let read = file.read(&mut piece).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        piece.truncate(read);
        Ok(Some((Bytes::from(piece), (file, left - read as u64))))
    })
}
