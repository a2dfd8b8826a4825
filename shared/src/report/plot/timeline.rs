//! What a model says of a long recording, window by window.

use super::{
    axis::{Panel, Range},
    heading::{Heading, MARGIN},
    legend::{self, Entry, Mark},
    palette::LINES,
    svg::{Stroke, Svg},
};
use crate::report::units::Clock;

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 180.0;
/// Lines of more points have no marks.
const MOST_MARKS: usize = 60;
/// Classes with a line of their own: colours times dashes.
const MOST_CLASSES: usize = 8;

/// One window of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelinePoint {
    /// Start of the window in seconds.
    pub start: f64,
    /// Its end in seconds.
    pub end: f64,
    /// A probability for each class; of a regression the value.
    pub values: Vec<f64>,
}

/// Probabilities of the classes, or the predicted value, over the time of a recording. A value stands
/// at the middle of its window.
#[derive(Debug, Clone, Copy)]
pub struct TimelinePlot<'a> {
    /// Name of the recording.
    pub title: &'a str,
    /// Names of the classes, or of the values where there are several.
    pub labels: &'a [String],
    /// Name of the axis of a regression; without it the values are probabilities.
    pub target: Option<&'a str>,
    /// The windows, in order.
    pub points: &'a [TimelinePoint],
}

impl TimelinePlot<'_> {
    /// The plot as SVG.
    #[must_use]
    pub fn svg(&self) -> String {
        let ends = self.points.iter().map(|point| point.end);
        let clock = Clock::of(ends.clone().fold(0.0, f64::max));
        let x = Range {
            low: 0.0,
            high: clock.of_seconds(ends.fold(0.0, f64::max)).max(1e-3),
        };
        let values = self.points.iter().flat_map(|point| &point.values).copied();
        let unit = Range {
            low: 0.0,
            high: 1.0,
        };
        let y = match self.target {
            Some(_) => Range::of(values).unwrap_or(unit).padded(0.05),
            None => unit,
        };
        let x_ticks = x.ticks_side_by_side(8.0, WIDTH);
        let y_ticks = y.ticks(5.0);
        let shown = self.shown();
        let entries = self.entries(&shown);
        let left = MARGIN + 16.0 + y_ticks.width() + 7.0;
        let below = self.below(&shown);
        let heading = Heading::new(left - MARGIN + WIDTH, self.title, &below, "");
        let rows = legend::rows(&entries, WIDTH) as f64;
        let panel = Panel {
            left,
            top: MARGIN + heading.height() + rows * legend::ROW + 6.0,
            width: WIDTH,
            height: HEIGHT,
            x,
            y,
        };
        let height = panel.bottom() + 40.0 + MARGIN;
        let title = format!("Predictions over time: {}", self.title);
        let mut svg = Svg::new(panel.right() + 2.0 * MARGIN, height, &title, &below);
        heading.draw(&mut svg);
        legend::draw(&mut svg, &entries, left, panel.top - 6.0, WIDTH);
        panel.axes(&mut svg, &x_ticks, &y_ticks, true);
        let [x, y, w, h] = panel.bounds();
        svg.clip([x - 5.0, y - 5.0, w + 10.0, h + 10.0], "panel");
        for (class, entry) in shown.iter().zip(&entries) {
            let places: Vec<(f64, f64)> = self
                .points
                .iter()
                .filter_map(|point| {
                    let middle = clock.of_seconds((point.start + point.end) / 2.0);
                    Some(panel.at(middle, *point.values.get(*class)?))
                })
                .collect();
            svg.polyline(places.iter().copied(), entry.stroke);
            for place in places {
                entry.mark.draw(&mut svg, place, 2.6, entry.stroke.colour);
            }
        }
        svg.unclip();
        panel.name_x(&mut svg, clock.name(), 36.0);
        let name = self.target.unwrap_or("Probability");
        panel.name_y(&mut svg, name, MARGIN + 10.0);
        svg.finish()
    }

    /// Classes that get a line, in their order: all, or the most probable ones on average.
    fn shown(&self) -> Vec<usize> {
        let count = self.labels.len().max(1);
        let mut order: Vec<(usize, f64)> = (0..count)
            .map(|class| {
                let values = self
                    .points
                    .iter()
                    .filter_map(|point| point.values.get(class));
                (class, values.sum())
            })
            .collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut shown: Vec<usize> = order
            .into_iter()
            .take(MOST_CLASSES)
            .map(|(class, _)| class)
            .collect();
        shown.sort_unstable();
        shown
    }

    fn entries(&self, shown: &[usize]) -> Vec<Entry> {
        let name = |class: usize| match self.labels.get(class) {
            Some(label) => label.clone(),
            None => self.target.unwrap_or_default().to_owned(),
        };
        shown
            .iter()
            .enumerate()
            .map(|(index, class)| {
                let stroke = Stroke::new(LINES[index % LINES.len()], 1.5);
                let first = index < LINES.len();
                Entry {
                    name: name(*class),
                    stroke: if first { stroke } else { stroke.dashed("4 3") },
                    mark: if self.points.len() > MOST_MARKS {
                        Mark::None
                    } else {
                        Mark::ALL[index % Mark::ALL.len()]
                    },
                }
            })
            .collect()
    }

    fn below(&self, shown: &[usize]) -> String {
        let windows = match self.points.len() {
            1 => "1 window".to_owned(),
            count => format!("{count} windows"),
        };
        let others = self.labels.len().saturating_sub(shown.len());
        if others == 0 {
            windows
        } else {
            format!("{windows}; {others} less probable classes are not shown")
        }
    }
}
