//! Title, line below it, and note, over a plot.

use super::{
    font,
    palette::{DARK, QUIET},
    svg::{Style, Svg},
};

/// Free space around a plot, px.
pub(super) const MARGIN: f64 = 14.0;
const TITLE: f64 = 13.0;
const SMALL: f64 = 10.0;

/// Title, line below it, and note, over a plot.
#[derive(Debug, Default)]
pub(super) struct Heading {
    lines: Vec<(String, f64, &'static str)>,
}

impl Heading {
    /// Lines of at most `width` px. Empty texts have no line.
    pub(super) fn new(width: f64, title: &str, below: &str, note: &str) -> Self {
        let mut lines = Vec::new();
        for (text, size, colour) in [
            (title, TITLE, DARK),
            (below, SMALL, QUIET),
            (note, SMALL, DARK),
        ] {
            let wrapped = font::wrapped(text, size, width);
            lines.extend(wrapped.into_iter().map(|line| (line, size, colour)));
        }
        Self { lines }
    }

    /// Height with the space below, px.
    pub(super) fn height(&self) -> f64 {
        if self.lines.is_empty() {
            return 0.0;
        }
        self.lines
            .iter()
            .map(|(_, size, _)| size * 1.4)
            .sum::<f64>()
            + 6.0
    }

    /// Draws the lines from `MARGIN` on.
    pub(super) fn draw(&self, svg: &mut Svg) {
        let mut y = MARGIN;
        for (line, size, colour) in &self.lines {
            y += size * 1.4;
            svg.text(
                (MARGIN, y - size * 0.4),
                line,
                Style::new(*size).fill(colour),
            );
        }
    }
}
