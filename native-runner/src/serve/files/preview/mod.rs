//! Looking at and listening to recordings.

mod cache;
mod picture;
mod sound;

pub(crate) use cache::Outlines;
pub(super) use sound::sound;

use super::{Library, Sight};
use crate::serve::{Problem, extract::Params, state::AppState, users::User};
use axum::{
    Json,
    extract::State,
    http::{HeaderName, header},
    response::IntoResponse,
};
use serde::Deserialize;
use shared::{
    audio::{self, AudioError, Extremes, Limits, Peaks, RATE, Stretch, Window},
    files::Files,
    protocol::{self, ClipInfo, ProblemKind},
};
use std::{io, sync::Arc};

/// Longest recording that is outlined, in seconds.
const LONGEST: f64 = 12.0 * 3600.0;
/// Most buckets of an outline.
const BUCKETS: u32 = 8192;

/// A recording below a root.
#[derive(Debug, Deserialize)]
pub(crate) struct Clip {
    root: String,
    path: String,
}

impl Clip {
    /// The path by which it is in sight.
    fn file(&self, library: &Library, sight: &Sight) -> Result<String, Problem> {
        let file = library.path_in(&self.root, &self.path)?;
        if sight.covers(&file).is_err() {
            return Err(Problem::not_found("data root", &self.root));
        }
        Ok(file)
    }
}

/// A stretch of a recording, in seconds.
#[derive(Debug, Deserialize)]
pub(crate) struct Part {
    start: Option<f64>,
    end: Option<f64>,
}

/// Start and end in seconds of a part of a recording of `seconds`.
fn within(part: &Part, seconds: f64) -> Result<(f64, f64), Problem> {
    let (start, end) = (
        part.start.unwrap_or(0.0),
        part.end.unwrap_or(seconds).min(seconds),
    );
    if start >= 0.0 && start < end {
        return Ok((start, end));
    }
    Err(Problem::new(
        ProblemKind::Unprocessable,
        format!("from {start} s to {end} s is no stretch of a recording of {seconds:.3} s"),
    ))
}

fn missing() -> Problem {
    Problem::new(ProblemKind::NotFound, "there is no such recording")
}

/// What is wrong with a recording, as an answer.
fn unreadable(error: AudioError) -> Problem {
    match &error {
        // What is not there, cannot be opened, or leads out: told alike, so that nothing is learnt.
        AudioError::Read { source, .. } if source.kind() != io::ErrorKind::Other => missing(),
        AudioError::Folder { .. } => Problem::new(
            ProblemKind::NotFound,
            "there is no such recording: it is a folder",
        ),
        _ => Problem::new(ProblemKind::Unprocessable, error.to_string()),
    }
}

/// Says what a recording is.
pub(super) async fn info(
    State(state): State<AppState>,
    user: User,
    Params(clip): Params<Clip>,
) -> Result<Json<ClipInfo>, Problem> {
    let library = state.library.clone();
    let info = state.library.work.run(move || {
        let sight = library.sight(&user.name)?;
        let file = clip.file(&library, &sight)?;
        let found = audio::probe(&sight, &file, &Limits::default()).map_err(unreadable)?;
        // The file may be gone, or another one, since it was looked into.
        let size = sight.size(&file).map_err(|_| missing())?;
        Ok::<_, Problem>(ClipInfo {
            rate: found.rate,
            channels: found.channels,
            seconds: found.seconds,
            size,
            notes: notes(found.rate, found.channels),
        })
    });
    Ok(Json(info.await??))
}

/// What is done to a recording before a model sees it.
fn notes(rate: u32, channels: u16) -> Vec<String> {
    let mut notes = Vec::new();
    if rate != RATE {
        notes.push(format!("resampled from {rate} Hz to {RATE} Hz"));
    }
    if channels > 1 {
        notes.push(format!("mixed from {channels} channels to their mean"));
    }
    notes
}

/// Parameters of an outline.
#[derive(Debug, Deserialize)]
pub(crate) struct PeaksParams {
    root: String,
    path: String,
    start: Option<f64>,
    end: Option<f64>,
    buckets: Option<u32>,
}

/// The outline of a stretch.
pub(super) async fn peaks(
    State(state): State<AppState>,
    user: User,
    Params(params): Params<PeaksParams>,
) -> Result<Json<protocol::Peaks>, Problem> {
    let (library, outlines) = (state.library.clone(), state.library.outlines.clone());
    let PeaksParams {
        root,
        path,
        start,
        end,
        buckets,
    } = params;
    let (clip, part) = (Clip { root, path }, Part { start, end });
    let buckets = limited("buckets", buckets.unwrap_or(1000), BUCKETS)? as usize;
    let peaks = state.library.work.run(move || {
        let sight = library.sight(&user.name)?;
        let file = clip.file(&library, &sight)?;
        outline(&sight, &file, &part, buckets, &outlines)
    });
    Ok(Json(peaks.await??))
}

fn outline(
    sight: &Sight,
    file: &str,
    part: &Part,
    buckets: usize,
    outlines: &Arc<Outlines>,
) -> Result<protocol::Peaks, Problem> {
    let limits = Limits::default();
    let outline = outlines
        .get(
            &sight
                .mark(file)
                .map_err(|source| unreadable(read_error(file, source)))?,
            || audio::outline(sight, file, LONGEST, &limits),
        )
        .map_err(unreadable)?;
    let rate = f64::from(RATE);
    let (start, end) = within(part, outline.peaks.samples() as f64 / rate)?;
    let (from, to) = ((start * rate).round() as u64, (end * rate).round() as u64);
    let extremes = if Peaks::suffices(from, to, buckets) {
        outline.peaks.view(from, to, buckets)
    } else {
        let stretch = Stretch {
            file,
            start,
            end: Some(end),
        };
        let clip =
            audio::read_clip(sight, stretch, None, Window::Head, &limits).map_err(unreadable)?;
        Extremes::of(&clip.samples, buckets)
    };
    let scaled = |values: Vec<i16>| {
        values
            .into_iter()
            .map(|value| f32::from(value) / 32_767.0)
            .collect()
    };
    Ok(protocol::Peaks {
        start,
        end,
        min: scaled(extremes.min),
        max: scaled(extremes.max),
        clipped: outline.levels.clipped > 0,
        silent: outline.levels.peak == 0.0,
    })
}

fn read_error(file: &str, source: io::Error) -> AudioError {
    AudioError::Read {
        file: file.to_owned(),
        source,
    }
}

/// Parameters of a picture.
#[derive(Debug, Deserialize)]
pub(crate) struct PictureParams {
    root: String,
    path: String,
    start: Option<f64>,
    end: Option<f64>,
    width: Option<u32>,
    height: Option<u32>,
    top: Option<f64>,
}

/// The level that is drawn black, so that pictures side by side can be drawn alike.
const TOP: HeaderName = HeaderName::from_static("voxtune-top");

/// The picture of a stretch's spectrogram.
pub(super) async fn spectrogram(
    State(state): State<AppState>,
    user: User,
    Params(params): Params<PictureParams>,
) -> Result<impl IntoResponse, Problem> {
    let library = state.library.clone();
    let PictureParams {
        root,
        path,
        start,
        end,
        width,
        height,
        top,
    } = params;
    let (clip, part) = (Clip { root, path }, Part { start, end });
    let width = limited("width", width.unwrap_or(800), picture::WIDEST)?;
    let height = limited("height", height.unwrap_or(200), picture::HIGHEST)?;
    let picture = state.library.work.run(move || {
        let sight = library.sight(&user.name)?;
        let file = clip.file(&library, &sight)?;
        let seconds = audio::probe(&sight, &file, &Limits::default())
            .map_err(unreadable)?
            .seconds;
        let (start, end) = within(&part, seconds)?;
        if end - start > picture::LONGEST {
            let detail = format!("a picture shows at most {} s", picture::LONGEST);
            return Err(Problem::new(ProblemKind::Unprocessable, detail).about("end"));
        }
        let levels =
            picture::levels(&sight, &file, start, end, width as usize).map_err(unreadable)?;
        picture::draw(&levels, width, height, top)
    });
    let (png, top) = picture.await??;
    let headers = [
        (header::CONTENT_TYPE, "image/png".to_owned()),
        (TOP, format!("{top:.1}")),
    ];
    Ok((headers, png))
}

/// A number from 1 up to `most`.
fn limited(name: &str, value: u32, most: u32) -> Result<u32, Problem> {
    if (1..=most).contains(&value) {
        return Ok(value);
    }
    Err(Problem::new(
        ProblemKind::BadRequest,
        format!("`{name}` must be 1 to {most}"),
    )
    .about(name))
}
