//! Models of each database on each: a figure as a colour.

use super::{
    confusion::{Labels, draw_number},
    heading::{Heading, MARGIN},
    palette::{ABSENT, AXIS, FAINT, hex, ramp, text_on},
    svg::{Anchor, Stroke, Style, Svg},
};
use crate::report::{CrossTable, summary::number};

/// Side of all cells together that the layout aims at, px.
const SIDE: f64 = 430.0;
const CELLS: std::ops::RangeInclusive<f64> = 18.0..=76.0;
const NAME: f64 = 11.0;

/// The mean of a figure over the runs for each database trained on (rows) and tested on (columns).
#[derive(Debug, Clone, Copy)]
pub struct CrossPlot<'a> {
    /// The figure.
    pub table: &'a CrossTable,
    /// Its name.
    pub measure: &'a str,
    /// Whether larger is better; where it is not, the largest value of all has the full colour, else 1 has.
    pub up_to_one: bool,
    /// Runs.
    pub runs: usize,
    /// Whether there is a title.
    pub titles: bool,
}

impl CrossPlot<'_> {
    /// The plot as SVG.
    #[must_use]
    pub fn svg(&self) -> String {
        let table = self.table;
        let count = table.names.len();
        let cell = (SIDE / count.max(1) as f64).clamp(*CELLS.start(), *CELLS.end());
        let side = cell * count as f64;
        let labels = Labels::new(&table.names, cell);
        let width = (labels.left() + side).max(300.0);
        let heading = self.heading(width);
        let (left, top) = (MARGIN + labels.left(), MARGIN + heading.height() + 12.0);
        let height = top + side + labels.below() + 22.0 + MARGIN;
        let means = format!(
            "Mean {}; of the same database {}, of others {}.",
            number(table.mean(|_, _| true)),
            number(table.mean(|row, column| row == column)),
            number(table.mean(|row, column| row != column))
        );
        let title = format!(
            "{} of models of each database on each",
            self.measure.to_uppercase()
        );
        let mut svg = Svg::new(width + 2.0 * MARGIN, height, &title, &means);
        heading.draw(&mut svg);
        let values = || table.cells.iter().flatten().filter_map(|cell| cell.mean);
        let most = if self.up_to_one {
            1.0
        } else {
            values().fold(f64::MIN_POSITIVE, f64::max)
        };
        for (row, cells) in table.cells.iter().enumerate() {
            for (column, spread) in cells.iter().enumerate() {
                let (x, y) = (left + column as f64 * cell, top + row as f64 * cell);
                let (colour, fill) = match spread.mean {
                    Some(mean) => {
                        let colour = ramp((mean / most).clamp(0.0, 1.0));
                        (hex(colour), text_on(colour))
                    }
                    None => (ABSENT.to_owned(), FAINT),
                };
                svg.rect([x, y, cell, cell], &colour);
                let text = number(spread.mean);
                draw_number(
                    &mut svg,
                    (x + cell / 2.0, y + cell / 2.0),
                    cell,
                    &text,
                    12.0,
                    fill,
                );
            }
        }
        svg.frame([left, top, side, side], Stroke::new(AXIS, 1.0));
        labels.draw(&mut svg, left, top);
        let name = Style::new(NAME).anchor(Anchor::Middle);
        let below = (left + side / 2.0, top + side + labels.below() + 14.0);
        svg.text(below, "Tested on", name);
        svg.text(
            (MARGIN + NAME, top + side / 2.0),
            "Trained on",
            name.turn(-90.0),
        );
        svg.finish()
    }

    fn heading(&self, width: f64) -> Heading {
        if !self.titles {
            return Heading::new(width, "", "", "");
        }
        let table = self.table;
        let title = format!(
            "{} {} on the same database, {} on others",
            self.measure.to_uppercase(),
            number(table.mean(|row, column| row == column)),
            number(table.mean(|row, column| row != column))
        );
        let plural = if self.runs == 1 { "" } else { "s" };
        let below = format!(
            "{} databases · mean of {} run{plural}",
            table.names.len(),
            self.runs
        );
        Heading::new(width, &title, &below, "")
    }
}
