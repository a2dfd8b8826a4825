//! Values of several groups as boxes with their points.

use super::{
    axis::{Panel, Range, TICK_SIZE, Ticks},
    font,
    heading::{Heading, MARGIN},
    palette::{AXIS, DARK, GRID, LINES, QUIET},
    svg::{Anchor, Stroke, Style, Svg},
};
use crate::report::{Spread, metrics::percentile};

const WIDTH: f64 = 400.0;
/// Height of a group, px.
const ROW: f64 = 44.0;
const NAME: f64 = 11.0;
/// Names wider than this are cut.
const WIDEST_NAME: f64 = 190.0;
/// Groups of more values show only those outside of the whiskers.
const MOST_POINTS: usize = 150;

/// One group of values.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) values: Vec<f64>,
}

/// Boxes below each other, with one axis of values. Box and line are quartiles and median, whiskers
/// reach to the furthest value within one and a half heights of the box (Tukey 1977).
#[derive(Debug)]
pub(super) struct Boxes<'a> {
    /// For screen readers.
    pub(super) title: &'a str,
    /// Title, line below it, note.
    pub(super) heading: [&'a str; 3],
    /// Name of the axis.
    pub(super) axis: &'a str,
    /// Values that the axis does not go beyond.
    pub(super) bounds: Option<(f64, f64)>,
    pub(super) rows: &'a [Row],
    /// Whether each group is a bar up to its mean, with its standard deviation, instead of a box.
    pub(super) bars: bool,
}

impl Boxes<'_> {
    /// The plot as SVG.
    pub(super) fn svg(&self) -> String {
        let values = self.rows.iter().flat_map(|row| row.values.iter().copied());
        let (means, deviations): (Vec<f64>, Vec<f64>) =
            self.rows.iter().filter_map(Row::mean).unzip();
        let ends = means
            .iter()
            .zip(&deviations)
            .flat_map(|(mean, sd)| [mean - sd, mean + sd, 0.0]);
        let values: Vec<f64> = values.chain(ends.filter(|_| self.bars)).collect();
        let mut range = Range::of(values)
            .unwrap_or(Range {
                low: 0.0,
                high: 1.0,
            })
            .padded(0.06);
        if let Some((low, high)) = self.bounds {
            range = range.within(low, high);
        }
        let names = self.rows.iter().map(|row| font::width(&row.name, NAME));
        let left = MARGIN + names.fold(0.0, f64::max).min(WIDEST_NAME) + 10.0;
        let [title, below, note] = self.heading;
        let heading = Heading::new(left - MARGIN + WIDTH, title, below, note);
        let panel = Panel {
            left,
            top: MARGIN + heading.height() + 4.0,
            width: WIDTH,
            height: ROW * self.rows.len().max(1) as f64,
            x: range,
            y: Range {
                low: 0.0,
                high: 1.0,
            },
        };
        let description: Vec<String> = self.rows.iter().map(Row::description).collect();
        let mut svg = Svg::new(
            panel.right() + 2.0 * MARGIN,
            panel.bottom() + 40.0 + MARGIN,
            self.title,
            &description.join(" "),
        );
        heading.draw(&mut svg);
        let ticks = range.ticks_side_by_side(7.0, WIDTH);
        for value in &ticks.values {
            let (x, _) = panel.at(*value, 0.0);
            svg.line([x, panel.top, x, panel.bottom()], Stroke::new(GRID, 0.8));
        }
        let none = Ticks {
            values: Vec::new(),
            labels: Vec::new(),
        };
        panel.axes(&mut svg, &ticks, &none, true);
        for (index, row) in self.rows.iter().enumerate() {
            let middle = panel.top + (index as f64 + 0.5) * ROW;
            let style = Style::new(NAME).anchor(Anchor::End);
            let name = font::fitted(&row.name, NAME, WIDEST_NAME);
            svg.text((left - 8.0, middle + NAME * 0.36), &name, style);
            let colour = LINES[index % LINES.len()];
            if self.bars {
                row.draw_bar(&mut svg, &panel, middle, colour);
            } else {
                row.draw(&mut svg, &panel, middle, colour);
            }
        }
        panel.name_x(&mut svg, self.axis, 34.0);
        svg.finish()
    }
}

impl Row {
    fn sorted(&self) -> Vec<f64> {
        let mut sorted: Vec<f64> = self
            .values
            .iter()
            .copied()
            .filter(|value| value.is_finite())
            .collect();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    /// Mean and standard deviation (n - 1, 0 of one value); `None` without values.
    fn mean(&self) -> Option<(f64, f64)> {
        let spread = Spread::of(self.values.iter().map(|value| Some(*value)));
        Some((spread.mean?, spread.sd.unwrap_or(0.0)))
    }

    fn draw_bar(&self, svg: &mut Svg, panel: &Panel, middle: f64, colour: &'static str) {
        let Some((mean, sd)) = self.mean() else {
            return;
        };
        let at = |value: f64| panel.at(value, 0.0).0;
        let (half, zero) = (ROW * 0.27, at(0.0));
        let (left, right) = (at(mean).min(zero), at(mean).max(zero));
        svg.rect([left, middle - half, right - left, half * 2.0], colour);
        let whisker = Stroke::new(DARK, 1.2);
        svg.line([at(mean - sd), middle, at(mean + sd), middle], whisker);
        for end in [mean - sd, mean + sd] {
            svg.line(
                [at(end), middle - half * 0.5, at(end), middle + half * 0.5],
                whisker,
            );
        }
    }

    fn description(&self) -> String {
        match percentile(&self.sorted(), 0.5) {
            Some(median) => format!(
                "{}: median {median:.3} of {} values.",
                self.name,
                self.values.len()
            ),
            None => format!("{}: no values.", self.name),
        }
    }

    fn draw(&self, svg: &mut Svg, panel: &Panel, middle: f64, colour: &'static str) {
        let sorted = self.sorted();
        let quartiles = [0.25, 0.5, 0.75].map(|share| percentile(&sorted, share));
        let [Some(first), Some(median), Some(third)] = quartiles else {
            let style = Style::new(TICK_SIZE).fill(QUIET);
            svg.text((panel.left + 8.0, middle + 3.6), "no values", style);
            return;
        };
        let reach = 1.5 * (third - first);
        let inside = |value: &&f64| **value >= first - reach && **value <= third + reach;
        let low = sorted.iter().find(inside).copied().unwrap_or(first);
        let high = sorted.iter().rfind(inside).copied().unwrap_or(third);
        let at = |value: f64| panel.at(value, 0.0).0;
        let half = ROW * 0.27;
        if sorted.len() > 1 {
            let whisker = Stroke::new(AXIS, 1.0);
            for (from, to) in [(low, first), (third, high)] {
                svg.line([at(from), middle, at(to), middle], whisker);
            }
            for end in [low, high] {
                svg.line(
                    [at(end), middle - half * 0.5, at(end), middle + half * 0.5],
                    whisker,
                );
            }
            let bounds = [at(first), middle - half, at(third) - at(first), half * 2.0];
            svg.rect(bounds, "#f4f4f4");
            svg.frame(bounds, Stroke::new(AXIS, 1.0));
            svg.line(
                [at(median), middle - half, at(median), middle + half],
                Stroke::new(DARK, 2.0),
            );
        }
        let all = sorted.len() <= MOST_POINTS;
        for (index, value) in sorted.iter().enumerate() {
            if all || !inside(&value) {
                svg.circle(
                    (at(*value), middle + half * 0.75 * scatter(index)),
                    2.6,
                    colour,
                    0.7,
                );
            }
        }
    }
}

/// A place between -1 and 1 for the value of a number, far from its neighbours': multiples of the
/// golden ratio.
fn scatter(index: usize) -> f64 {
    ((index as f64 + 0.5) * 0.618_033_988_749_895).fract() * 2.0 - 1.0
}
