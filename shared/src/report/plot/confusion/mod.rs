//! The confusion matrix.

mod labels;

use super::{
    font,
    heading::{Heading, MARGIN},
    palette::{ABSENT, AXIS, FAINT, QUIET, hex, ramp, ramp_colours, text_on},
    svg::{Anchor, Stroke, Style, Svg},
};
use crate::report::{
    Summary,
    files::epoch_text,
    summary::{number, span},
};
pub(super) use labels::Labels;

/// Side of all cells together that the layout aims at, px.
const SIDE: f64 = 430.0;
const SMALLEST_CELL: f64 = 9.0;
const LARGEST_CELL: f64 = 76.0;
/// Cells of at least this size hold share and count, smaller ones the count.
const TWO_LINES: f64 = 34.0;
/// Cells of less than this size hold no number.
const ONE_LINE: f64 = 18.0;
const NAME: f64 = 11.0;

/// The confusion matrix of a part: true classes as rows; colours and percentages are shares of the
/// true class (the diagonal is the recall), with the counts below.
#[derive(Debug, Clone, Copy)]
pub struct ConfusionPlot<'a> {
    /// The figures of a classification.
    pub summary: &'a Summary,
    /// Epoch of the checkpoint.
    pub epoch: Option<f64>,
    /// Whether there is a title.
    pub titles: bool,
}

impl ConfusionPlot<'_> {
    /// The plot as SVG.
    #[must_use]
    pub fn svg(&self) -> String {
        let counts: &[Vec<u64>] = self.summary.confusion.as_deref().unwrap_or_default();
        let classes = counts.len();
        let cell = (SIDE / classes.max(1) as f64).clamp(SMALLEST_CELL, LARGEST_CELL);
        let side = cell * classes as f64;
        let labels = Labels::new(&self.summary.labels, cell);
        let supports: Vec<u64> = counts.iter().map(|row| row.iter().sum()).collect();

        let heading_width =
            (labels.left() + side + self.right_side(&supports, labels.size)).max(300.0);
        let heading = self.heading(heading_width);
        let left = MARGIN + labels.left();
        // At least as wide as its own names, however few classes there are.
        let top = MARGIN + heading.height() + 12.0;
        let below = labels.below() + 22.0;
        let bar = side.clamp(110.0, 190.0);
        let width = heading_width + 2.0 * MARGIN;
        let height = top + (side + below).max(bar + 16.0) + MARGIN;
        let title = format!("Confusion matrix, {}", figure(self.summary, "uar"));
        let mut svg = Svg::new(width, height, &title, &self.description());
        heading.draw(&mut svg);
        for (row, line) in counts.iter().enumerate() {
            for (column, &count) in line.iter().enumerate() {
                let at = (left + column as f64 * cell, top + row as f64 * cell);
                draw_cell(&mut svg, at, cell, count, supports[row]);
            }
        }
        if cell >= ONE_LINE {
            let thin = Stroke::new("#d9d9d9", 0.7);
            for index in 1..classes {
                let at = index as f64 * cell;
                svg.line([left, top + at, left + side, top + at], thin);
                svg.line([left + at, top, left + at, top + side], thin);
            }
        }
        svg.frame([left, top, side, side], Stroke::new(AXIS, 1.0));
        labels.draw(&mut svg, left, top);
        let name = Style::new(NAME).anchor(Anchor::Middle);
        let middle = (left + side / 2.0, top + side + labels.below() + 14.0);
        svg.text(middle, "Predicted class", name);
        let across = (MARGIN + NAME, top + side / 2.0);
        svg.text(across, "True class", name.turn(-90.0));
        let right = self.draw_supports(&mut svg, &supports, (left + side, top), cell, labels.size);
        draw_bar(&mut svg, right + 18.0, top, bar);
        svg.finish()
    }

    /// Width of what stands to the right of the cells, px.
    fn right_side(&self, supports: &[u64], size: f64) -> f64 {
        supports_width(supports, size) + 18.0 + 12.0 + 40.0
    }

    fn heading(&self, width: f64) -> Heading {
        let note = self.summary.note.as_ref();
        let note = note
            .map(|note| format!("Note: {note}."))
            .unwrap_or_default();
        if !self.titles {
            return Heading::new(width, "", "", &note);
        }
        let title = format!(
            "{}, {}",
            figure(self.summary, "uar"),
            figure(self.summary, "acc")
        );
        let below = subtitle(self.summary, self.epoch);
        Heading::new(width, &title, &below, &note)
    }

    /// For those who cannot see the image: how each class was taken.
    fn description(&self) -> String {
        let recalls: Vec<String> = self
            .summary
            .classes
            .iter()
            .map(|class| format!("{} {}", class.label, number(class.scores.recall)))
            .collect();
        format!("Recall by class: {}.", recalls.join(", "))
    }

    /// The column of how many utterances each true class has; returns where it ends.
    fn draw_supports(
        &self,
        svg: &mut Svg,
        supports: &[u64],
        (left, top): (f64, f64),
        cell: f64,
        size: f64,
    ) -> f64 {
        let right = left + supports_width(supports, size);
        let style = Style::new(size).anchor(Anchor::End).fill(QUIET);
        svg.text((right, top - 4.0), "n", style);
        for (row, support) in supports.iter().enumerate() {
            let y = top + (row as f64 + 0.5) * cell + size * 0.36;
            svg.text((right, y), &support.to_string(), style);
        }
        right
    }
}

/// `UAR 0.739 [0.440, 1.000]`, or that the figure is not defined.
pub(super) fn figure(summary: &Summary, name: &str) -> String {
    let measured = summary.metrics.get(name).copied().unwrap_or_default();
    let name = name.to_uppercase();
    let Some(value) = measured.value else {
        return format!("{name} not defined");
    };
    let interval = measured
        .interval()
        .map(|interval| format!(" {}", span(Some(interval))));
    let text = format!(
        "{name} {}{}",
        number(Some(value)),
        interval.unwrap_or_default()
    );
    text.replace('-', "−")
}

/// Part, utterances, speakers, epoch.
pub(super) fn subtitle(summary: &Summary, epoch: Option<f64>) -> String {
    let mut parts = Vec::new();
    if let Some(part) = summary.part {
        parts.push(format!("{} part", part.word()));
    }
    parts.push(format!("{} utterances", summary.n));
    if summary.speakers > 0 {
        parts.push(format!("{} speakers", summary.speakers));
    }
    if epoch.is_some() {
        parts.push(format!("epoch {}", epoch_text(epoch)));
    }
    parts.push("95 % intervals".to_owned());
    parts.join(" · ")
}

fn supports_width(supports: &[u64], size: f64) -> f64 {
    let widths = supports.iter().map(|n| font::width(&n.to_string(), size));
    8.0 + widths.fold(font::width("n", size), f64::max)
}

fn draw_cell(svg: &mut Svg, (x, y): (f64, f64), cell: f64, count: u64, support: u64) {
    if support == 0 {
        svg.rect([x, y, cell, cell], ABSENT);
        return;
    }
    let share = count as f64 / support as f64;
    let colour = ramp(share);
    if count > 0 {
        svg.rect([x, y, cell, cell], &hex(colour));
    }
    if cell < ONE_LINE {
        return;
    }
    let (x, y) = (x + cell / 2.0, y + cell / 2.0);
    let fill = if count == 0 { FAINT } else { text_on(colour) };
    let draw = |svg: &mut Svg, dy: f64, text: &str, wanted: f64| {
        draw_number(svg, (x, y + dy), cell, text, wanted, fill);
    };
    if cell < TWO_LINES || count == 0 {
        draw(svg, 0.0, &count.to_string(), (cell * 0.4).min(11.0));
    } else {
        let size = (cell * 0.28).min(13.0);
        draw(svg, -size * 0.52, &percentage(share), size);
        draw(svg, size * 0.66, &count.to_string(), (size * 0.82).max(7.5));
    }
}

/// A number around a point of a cell, as large as `wanted`, or as fits; what would be too small to read is
/// left out.
pub(super) fn draw_number(
    svg: &mut Svg,
    (x, y): (f64, f64),
    cell: f64,
    text: &str,
    wanted: f64,
    fill: &'static str,
) {
    let size = wanted.min((cell - 4.0) / font::width(text, 1.0));
    if size >= 5.5 {
        let style = Style::new(size).anchor(Anchor::Middle).fill(fill);
        svg.text((x, y + size * 0.36), text, style);
    }
}

/// Whole percents; what is neither nothing nor all does not look so.
fn percentage(share: f64) -> String {
    let percent = share * 100.0;
    if percent < 0.5 {
        "<1%".to_owned()
    } else if share < 1.0 && percent >= 99.5 {
        ">99%".to_owned()
    } else {
        format!("{percent:.0}%")
    }
}

/// The colours' legend.
fn draw_bar(svg: &mut Svg, left: f64, top: f64, height: f64) {
    let bounds = [left, top, 12.0, height];
    svg.ramp(bounds, "share", &ramp_colours());
    svg.frame(bounds, Stroke::new(AXIS, 0.8));
    for percent in [0_u32, 25, 50, 75, 100] {
        let y = top + height * (1.0 - f64::from(percent) / 100.0);
        svg.line([left + 12.0, y, left + 15.0, y], Stroke::new(AXIS, 0.8));
        svg.text(
            (left + 18.0, y + 3.3),
            &percent.to_string(),
            Style::new(9.0),
        );
    }
    let style = Style::new(9.5).anchor(Anchor::Middle).turn(-90.0);
    svg.text(
        (left + 50.0, top + height / 2.0),
        "% of the true class",
        style,
    );
}
