//! Truth against prediction of a regression.

use super::{
    axis::{Panel, Range},
    confusion::{figure, subtitle},
    heading::{Heading, MARGIN},
    legend::{self, Entry, Mark},
    palette::{LINES, QUIET},
    svg::{Stroke, Svg},
};
use crate::report::{PredictionSet, Summary};
use indexmap::IndexMap;

const SIDE: f64 = 320.0;
/// With more points, those at the same px are drawn as one that is less transparent.
const MOST_POINTS: usize = 5000;

/// Truth against prediction of a regression, with the line where both are equal and the line
/// through the points (least squares). Both axes have the same range.
#[derive(Debug, Clone, Copy)]
pub struct ScatterPlot<'a> {
    /// What the model said.
    pub predictions: &'a PredictionSet,
    /// Its figures.
    pub summary: &'a Summary,
    /// Name of what was predicted.
    pub target: Option<&'a str>,
    /// Epoch of the checkpoint.
    pub epoch: Option<f64>,
    /// Whether there is a title.
    pub titles: bool,
}

impl ScatterPlot<'_> {
    /// The plot as SVG.
    #[must_use]
    pub fn svg(&self) -> String {
        let points: Vec<(f64, f64)> = self
            .predictions
            .value_pairs()
            .map(|(truth, said, _)| (truth, said))
            .filter(|(truth, said)| truth.is_finite() && said.is_finite())
            .collect();
        let values = points.iter().flat_map(|&(truth, said)| [truth, said]);
        let range = Range::of(values).unwrap_or(Range {
            low: 0.0,
            high: 1.0,
        });
        let range = range.padded(0.04);
        let ticks = range.ticks_side_by_side(6.0, SIDE);
        let left = MARGIN + 16.0 + ticks.width() + 7.0;
        let heading = self.heading(left - MARGIN + SIDE);
        let fit = fit(&points);
        let entries = entries(fit.is_some());
        let top =
            MARGIN + heading.height() + legend::rows(&entries, SIDE) as f64 * legend::ROW + 6.0;
        let panel = Panel {
            left,
            top,
            width: SIDE,
            height: SIDE,
            x: range,
            y: range,
        };
        let title = format!("True and predicted values, {}", figure(self.summary, "ccc"));
        let height = panel.bottom() + 40.0 + MARGIN;
        let mut svg = Svg::new(panel.right() + 2.0 * MARGIN, height, &title, "");
        heading.draw(&mut svg);
        legend::draw(&mut svg, &entries, left, top - 6.0, SIDE);
        panel.axes(&mut svg, &ticks, &ticks, true);
        let [x, y, w, h] = panel.bounds();
        svg.clip([x - 3.0, y - 3.0, w + 6.0, h + 6.0], "panel");
        let (from, to) = (
            panel.at(range.low, range.low),
            panel.at(range.high, range.high),
        );
        svg.line([from.0, from.1, to.0, to.1], entries[0].stroke);
        draw_points(&mut svg, &panel, &points);
        if let Some((slope, offset)) = fit {
            let over = Range::of(points.iter().map(|point| point.0)).unwrap_or(range);
            let ends = [over.low, over.high].map(|x| panel.at(x, offset + slope * x));
            svg.polyline(ends, entries[1].stroke);
        }
        svg.unclip();
        let target = self
            .target
            .map(|target| format!(" {target}"))
            .unwrap_or_default();
        panel.name_x(&mut svg, &format!("True{target}"), 36.0);
        panel.name_y(&mut svg, &format!("Predicted{target}"), MARGIN + 10.0);
        svg.finish()
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
            figure(self.summary, "ccc"),
            figure(self.summary, "pcc")
        );
        let below = subtitle(self.summary, self.epoch);
        Heading::new(width, &title, &below, &note)
    }
}

fn entries(fit: bool) -> Vec<Entry> {
    let mut entries = vec![Entry {
        name: "prediction = truth".to_owned(),
        stroke: Stroke::new(QUIET, 1.0).dashed("4 3"),
        mark: Mark::None,
    }];
    if fit {
        entries.push(Entry {
            name: "least squares".to_owned(),
            stroke: Stroke::new(LINES[1], 1.6),
            mark: Mark::None,
        });
    }
    entries
}

/// Slope and offset of the line through the points; `None` where it is not defined.
fn fit(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|point| point.0 / count).sum::<f64>();
    let mean_y = points.iter().map(|point| point.1 / count).sum::<f64>();
    let products = points
        .iter()
        .map(|(x, y)| (x - mean_x) * (y - mean_y))
        .sum::<f64>();
    let squares = points
        .iter()
        .map(|(x, _)| (x - mean_x).powi(2))
        .sum::<f64>();
    let slope = products / squares;
    let offset = mean_y - slope * mean_x;
    (points.len() > 2 && slope.is_finite() && offset.is_finite()).then_some((slope, offset))
}

/// Points that let others shine through, the more of them the more so.
fn draw_points(svg: &mut Svg, panel: &Panel, points: &[(f64, f64)]) {
    let many = points.len() > MOST_POINTS;
    let grid = if many { 1.0 } else { 10.0 };
    let mut places: IndexMap<(i64, i64), i32> = IndexMap::new();
    for &(truth, said) in points {
        let (x, y) = panel.at(truth, said);
        let place = ((x * grid).round() as i64, (y * grid).round() as i64);
        *places.entry(place).or_default() += 1;
    }
    let opacity = (8.0 / (points.len() as f64).sqrt()).clamp(0.06, 0.7);
    let radius = if many || points.len() > 1000 {
        1.8
    } else {
        2.8
    };
    for ((x, y), count) in places {
        // So many layers over each other.
        let opacity = 1.0 - (1.0 - opacity).powi(count);
        svg.circle(
            (x as f64 / grid, y as f64 / grid),
            radius,
            LINES[0],
            opacity,
        );
    }
}
