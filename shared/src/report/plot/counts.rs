//! How many utterances there are of each class, or speaker, by part.

use super::{
    axis::{Panel, Range, Ticks},
    font,
    heading::{Heading, MARGIN},
    legend::{self, Entry, Mark},
    palette::{GRID, LINES, QUIET},
    svg::{Anchor, Stroke, Style, Svg},
};
use crate::data::{Part, Parts};

const WIDTH: f64 = 400.0;
const NAME: f64 = 10.0;
const WIDEST_NAME: f64 = 170.0;
/// More are put together in the last line.
const MOST_ROWS: usize = 60;

/// How many utterances there are of each class, or of each speaker, in each part.
#[derive(Debug, Clone)]
pub struct CountsPlot<'a> {
    /// What is counted, for instance `emotion`.
    pub title: &'a str,
    /// Each class with its utterances by part.
    pub rows: Vec<(String, Parts<usize>)>,
    /// Whether there is a title.
    pub titles: bool,
}

impl CountsPlot<'_> {
    /// The plot as SVG.
    #[must_use]
    pub fn svg(&self) -> String {
        let rows = self.shown();
        let row_height = if rows.len() > 24 { 13.0 } else { 20.0 };
        let total = |counts: &Parts<usize>| counts.iter().map(|(_, count)| *count).sum::<usize>();
        let most = rows
            .iter()
            .map(|(_, counts)| total(counts))
            .max()
            .unwrap_or(1)
            .max(1);
        let number_width = font::width(&most.to_string(), NAME) + 8.0;
        let range = Range {
            low: 0.0,
            high: most as f64 * (1.0 + number_width / WIDTH),
        };
        let names = rows.iter().map(|(name, _)| font::width(name, NAME));
        let left = MARGIN + names.fold(0.0, f64::max).min(WIDEST_NAME) + 10.0;
        let parts = self.parts();
        let entries: Vec<Entry> = parts.iter().map(|part| entry(*part)).collect();
        let below = if self.titles {
            self.subtitle()
        } else {
            String::new()
        };
        let title = if self.titles { self.title } else { "" };
        let heading = Heading::new(left - MARGIN + WIDTH, title, &below, "");
        let top =
            MARGIN + heading.height() + legend::rows(&entries, WIDTH) as f64 * legend::ROW + 6.0;
        let panel = Panel {
            left,
            top,
            width: WIDTH,
            height: row_height * rows.len().max(1) as f64,
            x: range,
            y: Range {
                low: 0.0,
                high: 1.0,
            },
        };
        let height = panel.bottom() + 40.0 + MARGIN;
        let mut svg = Svg::new(
            panel.right() + 2.0 * MARGIN,
            height,
            self.title,
            &self.subtitle(),
        );
        heading.draw(&mut svg);
        legend::draw(&mut svg, &entries, left, top - 6.0, WIDTH);
        let ticks = range.ticks_side_by_side(6.0, WIDTH).whole();
        for value in &ticks.values {
            let (x, _) = panel.at(*value, 0.0);
            svg.line([x, panel.top, x, panel.bottom()], Stroke::new(GRID, 0.8));
        }
        let none = Ticks {
            values: Vec::new(),
            labels: Vec::new(),
        };
        panel.axes(&mut svg, &ticks, &none, true);
        for (index, (name, counts)) in rows.iter().enumerate() {
            let y = panel.top + index as f64 * row_height;
            let base = y + row_height / 2.0 + NAME * 0.36;
            let name = font::fitted(name, NAME, WIDEST_NAME);
            svg.text(
                (left - 8.0, base),
                &name,
                Style::new(NAME).anchor(Anchor::End),
            );
            let mut from = 0;
            for part in &parts {
                let count = *counts.get(*part);
                let (x, _) = panel.at(from as f64, 0.0);
                let (right, _) = panel.at((from + count) as f64, 0.0);
                if count > 0 {
                    svg.rect([x, y + 2.0, right - x, row_height - 4.0], colour(*part));
                }
                from += count;
            }
            let (x, _) = panel.at(from as f64, 0.0);
            svg.text(
                (x + 4.0, base),
                &from.to_string(),
                Style::new(NAME).fill(QUIET),
            );
        }
        panel.name_x(&mut svg, "Utterances", 36.0);
        svg.finish()
    }

    /// The parts that have any.
    fn parts(&self) -> Vec<Part> {
        Part::ALL
            .into_iter()
            .filter(|part| self.rows.iter().any(|(_, counts)| *counts.get(*part) > 0))
            .collect()
    }

    /// At most so many rows as can be read; the last one may stand for several.
    fn shown(&self) -> Vec<(String, Parts<usize>)> {
        if self.rows.len() <= MOST_ROWS {
            return self.rows.clone();
        }
        let (shown, others) = self.rows.split_at(MOST_ROWS - 1);
        let mut sum = Parts::<usize>::default();
        for (_, counts) in others {
            for (part, count) in counts.iter() {
                *sum.get_mut(part) += count;
            }
        }
        let mut shown = shown.to_vec();
        shown.push((format!("{} others", others.len()), sum));
        shown
    }

    /// How many there are in each part.
    fn subtitle(&self) -> String {
        let parts: Vec<String> = self
            .parts()
            .into_iter()
            .map(|part| {
                let count: usize = self.rows.iter().map(|(_, counts)| counts.get(part)).sum();
                format!("{} {count}", part.word())
            })
            .collect();
        parts.join(" · ")
    }
}

fn colour(part: Part) -> &'static str {
    match part {
        Part::Train => LINES[0],
        Part::Dev => LINES[1],
        Part::Test => LINES[2],
    }
}

fn entry(part: Part) -> Entry {
    Entry {
        name: part.word().to_owned(),
        stroke: Stroke::new(colour(part), 8.0),
        mark: Mark::None,
    }
}
