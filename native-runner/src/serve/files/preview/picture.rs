//! A spectrogram as a picture, in shades of grey as Praat paints it.

use crate::serve::Problem;
use shared::{
    audio::{self, AudioError, Limits, RATE, ROWS, Spectrogram, Stretch, Tile, Window},
    files::Files,
};

/// Widest picture in pixels.
pub(super) const WIDEST: u32 = 4096;
/// Highest picture in pixels.
pub(super) const HIGHEST: u32 = 2048;
/// Longest stretch in seconds.
pub(super) const LONGEST: f64 = 3600.0;
/// From black to white, in dB.
const RANGE: f64 = 50.0;
/// Longest piece that is decoded at once, in seconds.
const PIECE: f64 = 60.0;

/// Levels of `columns` columns between two times.
pub(super) fn levels(
    files: &dyn Files,
    file: &str,
    start: f64,
    end: f64,
    columns: usize,
) -> Result<Tile, AudioError> {
    let spectrogram = Spectrogram::default();
    let step = (end - start) / columns as f64;
    let at_once = ((PIECE / step) as usize).clamp(1, columns);
    let mut tile = Tile {
        columns,
        levels: Vec::with_capacity(columns * ROWS),
    };
    let mut done = 0;
    while done < columns {
        let count = at_once.min(columns - done);
        let begin = start + step * done as f64;
        let (from, to) = spectrogram.needed(begin, step, count);
        let rate = f64::from(RATE);
        let last = to as f64 / rate;
        let stretch = Stretch {
            file,
            start: from as f64 / rate,
            // The recording's own end, where the windows reach beyond it.
            end: (last < end).then_some(last),
        };
        let clip = audio::read_clip(files, stretch, None, Window::Head, &Limits::default())?;
        let piece = spectrogram.tile(&clip.samples, from, begin, step, count);
        tile.levels.extend(piece.levels);
        done += count;
    }
    Ok(tile)
}

/// Draws levels, 0 Hz at the bottom; `top` (in dB) is black, else the loudest level is. The PNG, and
/// the level that is black.
pub(super) fn draw(
    tile: &Tile,
    width: u32,
    height: u32,
    top: Option<f64>,
) -> Result<(Vec<u8>, f64), Problem> {
    let loudest = tile.levels.iter().copied().max().unwrap_or(0);
    let top = top
        .filter(|top| top.is_finite())
        .unwrap_or_else(|| Tile::decibels(loudest));
    let mut pixels = Vec::with_capacity((width * height) as usize);
    for y in 0..height {
        let from_bottom = f64::from(height - 1 - y);
        let (low, high) = (row(from_bottom, height), row(from_bottom + 1.0, height));
        for x in 0..width as usize {
            let column = &tile.levels[x * ROWS..(x + 1) * ROWS];
            let share = (top - level(column, low, high)) / RANGE;
            pixels.push((share.clamp(0.0, 1.0) * 255.0).round() as u8);
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(Problem::internal)?;
    writer
        .write_image_data(&pixels)
        .map_err(Problem::internal)?;
    writer.finish().map_err(Problem::internal)?;
    Ok((bytes, top))
}

/// The line, with a fraction, at so many pixels from the bottom.
fn row(pixels: f64, height: u32) -> f64 {
    pixels / f64::from(height) * ROWS as f64
}

/// Mean level in dB of the lines from `low` to `high`; between two lines, on the straight between
/// them.
fn level(column: &[u8], low: f64, high: f64) -> f64 {
    let last = column.len() - 1;
    if high - low >= 1.0 {
        let (low, high) = (
            low as usize,
            (high as usize).clamp(low as usize + 1, column.len()),
        );
        let sum: f64 = column[low..high]
            .iter()
            .map(|&level| Tile::decibels(level))
            .sum();
        return sum / (high - low) as f64;
    }
    let middle = ((low + high) / 2.0 - 0.5).clamp(0.0, last as f64);
    let (below, share) = (middle as usize, middle.fract());
    let above = (below + 1).min(last);
    Tile::decibels(column[below]) * (1.0 - share) + Tile::decibels(column[above]) * share
}
