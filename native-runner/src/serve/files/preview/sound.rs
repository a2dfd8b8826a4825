//! A recording decoded, as WAV at its own rate.

use super::{Clip, Part, read_error, unreadable, within};
use crate::serve::{
    Problem,
    extract::Params,
    results::{Wanted, wanted},
    state::AppState,
    users::User,
};
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::{
    audio::{AudioError, Limits, Recording, WAV_HEADER, wav_header, wav_samples},
    files::Files,
    protocol::ProblemKind,
};
use std::{io, ops::Range, time::Duration};
use tokio::{runtime::Handle, sync::mpsc, time::timeout};

/// How long a listener may take to fetch the next bytes.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes that are sent at once.
const BLOCK: usize = 128 << 10;

/// Parameters of a recording to be heard.
#[derive(Debug, Deserialize)]
pub(crate) struct SoundParams {
    root: String,
    path: String,
    start: Option<f64>,
    end: Option<f64>,
}

/// What is to be sent.
struct Plan {
    recording: Recording,
    head: Vec<u8>,
    /// Channels that are sent: all, or the mean of more than two.
    channels: u16,
    /// Frames of the stretch.
    frames: Range<u64>,
    /// Names the recording in its state.
    tag: String,
}

impl Plan {
    /// Length of the WAV in bytes.
    fn length(&self) -> u64 {
        WAV_HEADER + (self.frames.end - self.frames.start) * self.frame()
    }

    /// Bytes of a frame.
    fn frame(&self) -> u64 {
        2 * u64::from(self.channels)
    }
}

/// A stretch of a recording as 16-bit WAV at its own rate, or a range of bytes of that.
pub(in crate::serve::files) async fn sound(
    State(state): State<AppState>,
    user: User,
    method: Method,
    headers: HeaderMap,
    Params(params): Params<SoundParams>,
) -> Result<Response, Problem> {
    let library = state.library.clone();
    let plan = state.library.work.run(move || {
        let SoundParams {
            root,
            path,
            start,
            end,
        } = params;
        let sight = library.sight(&user.name)?;
        let file = Clip { root, path }.file(&library, &sight)?;
        let mark = sight
            .mark(&file)
            .map_err(|source| unreadable(read_error(&file, source)))?;
        let recording = Recording::open(&sight, &file, &Limits::default()).map_err(unreadable)?;
        plan(recording, &Part { start, end }, &mark)
    });
    let plan = plan.await??;
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let current = text(header::IF_RANGE).is_none_or(|tag| tag == plan.tag);
    let range = text(header::RANGE).filter(|_| current);
    let length = plan.length();
    let (status, first, end) = match range.map_or(Wanted::All, |range| wanted(range, length)) {
        Wanted::All => (StatusCode::OK, 0, length),
        Wanted::Stretch(first, end) => (StatusCode::PARTIAL_CONTENT, first, end),
        Wanted::Outside => {
            let detail = format!("the recording has {length} bytes as WAV");
            let mut response =
                Problem::new(ProblemKind::RangeNotSatisfiable, detail).into_response();
            set(
                response.headers_mut(),
                header::CONTENT_RANGE,
                &format!("bytes */{length}"),
            );
            return Ok(response);
        }
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    let answer = response.headers_mut();
    set(answer, header::CONTENT_TYPE, "audio/wav");
    set(answer, header::ACCEPT_RANGES, "bytes");
    set(answer, header::CACHE_CONTROL, "private, no-cache");
    set(answer, header::ETAG, &plan.tag);
    set(answer, header::CONTENT_LENGTH, &(end - first).to_string());
    if status == StatusCode::PARTIAL_CONTENT {
        set(
            answer,
            header::CONTENT_RANGE,
            &format!("bytes {first}-{}/{length}", end - 1),
        );
    }
    if method != Method::HEAD {
        *response.body_mut() = body(plan, first, end);
    }
    Ok(response)
}

fn set(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    // They are made of words and digits.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn plan(recording: Recording, part: &Part, mark: &str) -> Result<Plan, Problem> {
    let rate = f64::from(recording.rate());
    let all = recording.frames();
    let (start, end) = within(part, all as f64 / rate)?;
    let frames = (start * rate).round() as u64..((end * rate).round() as u64).min(all);
    let channels = if recording.channels() > 2 {
        1
    } else {
        recording.channels()
    };
    let count = frames.end.saturating_sub(frames.start);
    let head = wav_header(recording.rate(), channels, count).ok_or_else(|| {
        let detail = "the recording is too long for a WAV file: ask for a stretch of it";
        Problem::new(ProblemKind::Unprocessable, detail).about("end")
    })?;
    Ok(Plan {
        recording,
        head: head.to_vec(),
        channels,
        tag: format!("\"{mark}-{}-{}\"", frames.start, frames.end),
        frames,
    })
}

/// The bytes `from..to` of the WAV, decoded as they are fetched.
fn body(plan: Plan, from: u64, to: u64) -> Body {
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(2);
    let handle = Handle::current();
    tokio::task::spawn_blocking(move || {
        let send = |bytes| {
            let sent = handle.block_on(timeout(PATIENCE, sender.send(bytes)));
            matches!(sent, Ok(Ok(())))
        };
        if let Err(error) = decode(plan, from, to, |block| send(Ok(block))) {
            // The connection is cut, since the length was promised.
            send(Err(io::Error::other(error.to_string())));
        }
    });
    Body::from_stream(futures_util::stream::unfold(
        receiver,
        |mut receiver| async { receiver.recv().await.map(|block| (block, receiver)) },
    ))
}

/// Hands the bytes `from..to` of the WAV to `send`, which says whether somebody listens.
fn decode(
    plan: Plan,
    from: u64,
    to: u64,
    mut send: impl FnMut(Bytes) -> bool,
) -> Result<(), AudioError> {
    let gone = || read_error("", io::ErrorKind::BrokenPipe.into());
    let frame = plan.frame();
    let mut bytes = Vec::with_capacity(BLOCK + (64 << 10));
    let head = &plan.head[(from.min(WAV_HEADER) as usize)..(to.min(WAV_HEADER) as usize)];
    bytes.extend_from_slice(head);
    // Bytes of samples, and the frames that they lie in.
    let (first, last) = (
        from.saturating_sub(WAV_HEADER),
        to.saturating_sub(WAV_HEADER),
    );
    let frames = plan.frames.start + first / frame..plan.frames.start + last.div_ceil(frame);
    let mut skip = (first % frame) as usize;
    let mut left = (last - first) as usize;
    let mono = plan.channels == 1 && plan.recording.channels() > 1;
    if frames.start < frames.end {
        plan.recording.read(frames.start, frames.end, |planes| {
            let mut samples = Vec::new();
            if mono {
                wav_samples(&[&mean(planes)], &mut samples);
            } else {
                wav_samples(planes, &mut samples);
            }
            let begin = skip.min(samples.len());
            skip -= begin;
            let end = samples.len().min(begin + left);
            left -= end - begin;
            bytes.extend_from_slice(&samples[begin..end]);
            if bytes.len() >= BLOCK && !send(Bytes::from(std::mem::take(&mut bytes))) {
                return Err(gone());
            }
            Ok(())
        })?;
    }
    if bytes.is_empty() || send(Bytes::from(bytes)) {
        Ok(())
    } else {
        Err(gone())
    }
}

fn mean(planes: &[&[f32]]) -> Vec<f32> {
    let mut sum = vec![0.0; planes.first().map_or(0, |plane| plane.len())];
    for plane in planes {
        sum.iter_mut().zip(*plane).for_each(|(sum, x)| *sum += x);
    }
    let share = 1.0 / planes.len().max(1) as f32;
    sum.iter_mut().for_each(|sum| *sum *= share);
    sum
}
