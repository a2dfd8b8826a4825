//! Rows to clips, each file opened once for the rows of it that lie together.

use super::Rows;
use crate::{
    audio::{self, AudioError, Limits, RATE, Stretch, Window, window_count},
    data::each,
    files::Files,
    train::{Clip, Evaluator},
};
use std::ops::Range;

/// Longest piece that is decoded at once for several rows, in seconds.
const PIECE: f64 = 120.0;

/// The clips of a row: one, or several windows of a long one.
pub type Clips = Result<Vec<Clip>, AudioError>;

/// Decodes the rows of `chunk` on a few threads; the result has one entry a row.
#[must_use]
pub fn decode(
    files: &dyn Files,
    rows: &Rows,
    chunk: Range<usize>,
    evaluator: &Evaluator,
) -> Vec<Clips> {
    let pieces = pieces(rows, chunk, evaluator);
    each(
        &pieces,
        |piece| read(files, rows, piece.clone(), evaluator),
        &mut |_, _| {},
    )
    .into_iter()
    .flatten()
    .collect()
}

/// Neighbouring rows of one file that touch or overlap, and that the model sees whole.
fn pieces(rows: &Rows, chunk: Range<usize>, evaluator: &Evaluator) -> Vec<Range<usize>> {
    let is_whole = |row: usize| window_count(rows.seconds[row], evaluator.max_duration, 2) == 1;
    let mut pieces: Vec<(Range<usize>, f64)> = Vec::new();
    for row in chunk {
        let (start, end) = rows.times(row);
        if let Some((piece, until)) = pieces.last_mut() {
            let (first, _) = rows.times(piece.start);
            let same = rows.utterances[row].file == rows.utterances[piece.start].file;
            let longest = until.max(end) - first;
            if same
                && (first..=*until).contains(&start)
                && longest <= PIECE
                && is_whole(row)
                && is_whole(piece.start)
            {
                piece.end = row + 1;
                *until = until.max(end);
                continue;
            }
        }
        pieces.push((row..row + 1, end));
    }
    pieces.into_iter().map(|(piece, _)| piece).collect()
}

/// The clips of a piece.
fn read(files: &dyn Files, rows: &Rows, piece: Range<usize>, evaluator: &Evaluator) -> Vec<Clips> {
    if piece.len() > 1
        && let Ok(clips) = together(files, rows, piece.clone())
    {
        return clips.into_iter().map(|clip| Ok(vec![clip])).collect();
    }
    // One by one too where the piece cannot be read: not all of it need be bad.
    piece
        .map(|row| alone(files, rows, row, evaluator))
        .collect()
}

/// Decodes a piece once and cuts it: a stretch equals that part of any longer one.
fn together(files: &dyn Files, rows: &Rows, piece: Range<usize>) -> Result<Vec<Clip>, AudioError> {
    let sample = |seconds: f64| (seconds * f64::from(RATE)).round() as usize;
    let (first, _) = rows.times(piece.start);
    let end = piece
        .clone()
        .map(|row| rows.times(row).1)
        .fold(first, f64::max);
    let file = &rows.utterances[piece.start].file;
    let stretch = Stretch {
        file,
        start: first,
        end: Some(end),
    };
    let clip = audio::read_clip(files, stretch, None, Window::Head, &Limits::default())?;
    piece
        .map(|row| {
            let (start, end) = rows.times(row);
            let to = (sample(end) - sample(first)).min(clip.samples.len());
            let from = sample(start) - sample(first);
            match clip.samples.get(from..to) {
                Some(samples) if !samples.is_empty() => Ok(samples.into()),
                _ => Err(AudioError::Stretch {
                    file: file.clone(),
                    start,
                    end,
                }),
            }
        })
        .collect()
}

/// The windows of one row.
fn alone(files: &dyn Files, rows: &Rows, row: usize, evaluator: &Evaluator) -> Clips {
    let utterance = &rows.utterances[row];
    let stretch = Stretch {
        file: &utterance.file,
        start: utterance.start,
        end: utterance.end,
    };
    let count = window_count(rows.seconds[row], evaluator.max_duration, evaluator.windows);
    (0..count)
        .map(|index| {
            let window = Window::Even { index, count };
            let longest = Some(evaluator.max_duration);
            audio::read_clip(files, stretch, longest, window, &Limits::default())
                .map(|clip| clip.samples.into())
        })
        .collect()
}
