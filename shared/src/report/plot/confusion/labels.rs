//! The class names along both sides of a confusion matrix.

use crate::report::plot::{
    font,
    palette::AXIS,
    svg::{Anchor, Stroke, Style, Svg},
};

const LARGEST: f64 = 11.0;
const SMALLEST: f64 = 7.0;
/// Longer names are cut, px.
const LONGEST: f64 = 150.0;
/// More columns than this have upright names, or they would run far to the left.
const SLANTED: usize = 16;
/// Space for the name of the vertical side, px.
const SIDE_NAME: f64 = 22.0;
const TICK: f64 = 3.0;

/// The class names along both sides of a confusion matrix.
#[derive(Debug)]
pub(in crate::report::plot) struct Labels {
    texts: Vec<String>,
    /// px per em.
    pub(super) size: f64,
    turn: Turn,
    widest: f64,
    cell: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Level,
    Slanted,
    Upright,
}

impl Labels {
    /// Names for cells of `cell` px.
    pub(in crate::report::plot) fn new(labels: &[String], cell: f64) -> Self {
        let size = (cell * 0.8).clamp(SMALLEST, LARGEST);
        let texts: Vec<String> = labels
            .iter()
            .map(|label| font::fitted(label.trim(), size, LONGEST))
            .collect();
        let widest = texts
            .iter()
            .map(|text| font::width(text, size))
            .fold(0.0, f64::max);
        let turn = if widest <= cell - 5.0 {
            Turn::Level
        } else if texts.len() <= SLANTED {
            Turn::Slanted
        } else {
            Turn::Upright
        };
        Self {
            texts,
            size,
            turn,
            widest,
            cell,
        }
    }

    /// Space that is needed to the left of the cells, px.
    pub(in crate::report::plot) fn left(&self) -> f64 {
        let rows = self.widest + TICK + 5.0 + SIDE_NAME;
        if self.turn != Turn::Slanted {
            return rows;
        }
        // A slanted name begins to the left of its column; the first ones may begin to the left
        // of everything else.
        let slanted = self.texts.iter().enumerate().map(|(index, text)| {
            let width = font::width(text, self.size) * std::f64::consts::FRAC_1_SQRT_2;
            width - (index as f64 + 0.5) * self.cell
        });
        slanted.fold(rows, f64::max)
    }

    /// Space that is needed below the cells, px.
    pub(in crate::report::plot) fn below(&self) -> f64 {
        let text = match self.turn {
            Turn::Level => self.size,
            Turn::Slanted => (self.widest + self.size) * std::f64::consts::FRAC_1_SQRT_2,
            Turn::Upright => self.widest,
        };
        text + TICK + 4.0
    }

    /// Draws the names around cells whose upper left corner is given.
    pub(in crate::report::plot) fn draw(&self, svg: &mut Svg, left: f64, top: f64) {
        let cell = self.cell;
        let side = cell * self.texts.len() as f64;
        let tick = Stroke::new(AXIS, 0.8);
        let style = Style::new(self.size);
        for (index, text) in self.texts.iter().enumerate() {
            let middle = (index as f64 + 0.5) * cell;
            let (x, y) = (left + middle, top + middle);
            svg.line([left - TICK, y, left, y], tick);
            let at = (left - TICK - 4.0, y + self.size * 0.36);
            svg.text(at, text, style.anchor(Anchor::End));
            let bottom = top + side + TICK;
            svg.line([x, top + side, x, bottom], tick);
            match self.turn {
                Turn::Level => {
                    let at = (x, bottom + self.size + 1.0);
                    svg.text(at, text, style.anchor(Anchor::Middle));
                }
                Turn::Slanted => {
                    let at = (x + self.size * 0.4, bottom + self.size * 0.75);
                    svg.text(at, text, style.anchor(Anchor::End).turn(-45.0));
                }
                Turn::Upright => {
                    let at = (x + self.size * 0.36, bottom + 3.0);
                    svg.text(at, text, style.anchor(Anchor::End).turn(-90.0));
                }
            }
        }
    }
}
