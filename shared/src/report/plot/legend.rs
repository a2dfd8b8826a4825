//! Marks, and the line over a panel that explains them.

use super::{
    axis::TICK_SIZE,
    font,
    svg::{Stroke, Style, Svg},
};

/// The shape of a mark, so that colour is not the only difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// A line alone.
    None,
    Circle,
    Square,
    Triangle,
    Diamond,
}

impl Mark {
    /// One a series, in order.
    pub(super) const ALL: [Self; 4] = [Self::Circle, Self::Square, Self::Triangle, Self::Diamond];

    /// Draws the mark around a point, about `radius` px.
    pub(super) fn draw(self, svg: &mut Svg, (x, y): (f64, f64), radius: f64, fill: &'static str) {
        if !(x.is_finite() && y.is_finite()) {
            return;
        }
        let r = radius;
        match self {
            Self::None => {}
            Self::Circle => svg.circle((x, y), r, fill, 1.0),
            Self::Square => svg.rect([x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76], fill),
            Self::Triangle => svg.polygon(
                &[
                    (x, y - r * 1.2),
                    (x + r * 1.1, y + r * 0.75),
                    (x - r * 1.1, y + r * 0.75),
                ],
                fill,
            ),
            Self::Diamond => svg.polygon(
                &[
                    (x, y - r * 1.25),
                    (x + r * 1.25, y),
                    (x, y + r * 1.25),
                    (x - r * 1.25, y),
                ],
                fill,
            ),
        }
    }
}

/// One line of a panel in its legend.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) stroke: Stroke,
    pub(super) mark: Mark,
}

const SAMPLE: f64 = 20.0;
const GAP: f64 = 14.0;

/// Height of a row of a legend, px.
pub(super) const ROW: f64 = 16.0;

/// How many rows a legend needs in `width` px.
pub(super) fn rows(entries: &[Entry], width: f64) -> usize {
    places(entries, width).last().map_or(0, |(_, row)| row + 1)
}

/// Draws a legend from `left` on; its last row ends just over `bottom`.
pub(super) fn draw(svg: &mut Svg, entries: &[Entry], left: f64, bottom: f64, width: f64) {
    let rows = rows(entries, width);
    for (entry, (x, row)) in entries.iter().zip(places(entries, width)) {
        let (x, y) = (left + x, bottom - (rows - row) as f64 * ROW + 6.0);
        svg.line([x, y, x + SAMPLE, y], entry.stroke);
        entry
            .mark
            .draw(svg, (x + SAMPLE / 2.0, y), 3.0, entry.stroke.colour);
        let at = (x + SAMPLE + 5.0, y + TICK_SIZE * 0.36);
        svg.text(at, &entry.name, Style::new(TICK_SIZE));
    }
}

/// Horizontal place and row of each entry.
fn places(entries: &[Entry], width: f64) -> Vec<(f64, usize)> {
    let (mut x, mut row) = (0.0, 0);
    let mut places = Vec::with_capacity(entries.len());
    for entry in entries {
        let needed = SAMPLE + 5.0 + font::width(&entry.name, TICK_SIZE);
        if x > 0.0 && x + needed > width {
            (x, row) = (0.0, row + 1);
        }
        places.push((x, row));
        x += needed + GAP;
    }
    places
}
