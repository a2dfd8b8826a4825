//! Probabilities against what came true.

use super::{
    axis::{Panel, Range},
    confusion::subtitle,
    heading::{Heading, MARGIN},
    legend::{self, Entry, Mark},
    palette::{FAINT, LINES, QUIET},
    svg::{Stroke, Svg},
};
use crate::report::{Summary, metrics::CalibrationBin, summary::number};

const SIDE: f64 = 300.0;
const COUNTS: f64 = 64.0;

/// Accuracy against the probability of the predicted class in bins (a reliability diagram, Murphy and
/// Winkler 1977), with the utterances of each bin below. Points under the line are of a model that
/// is surer than it is right.
#[derive(Debug, Clone, Copy)]
pub struct ReliabilityPlot<'a> {
    /// The figures of a classification.
    pub summary: &'a Summary,
    /// Epoch of the checkpoint.
    pub epoch: Option<f64>,
    /// Whether there is a title.
    pub titles: bool,
}

impl ReliabilityPlot<'_> {
    /// The plot as SVG.
    #[must_use]
    pub fn svg(&self) -> String {
        let bins: &[CalibrationBin] = match &self.summary.calibration {
            Some(calibration) => &calibration.bins,
            None => &[],
        };
        let shares = Range {
            low: 0.0,
            high: 1.0,
        };
        let most = bins.iter().map(|bin| bin.n).max().unwrap_or(1);
        let counts = Range {
            low: 0.0,
            high: most as f64 * 1.08,
        };
        let (ticks, count_ticks) = (shares.ticks(5.0), counts.ticks(2.0).whole());
        let left = MARGIN + 16.0 + ticks.width().max(count_ticks.width()) + 7.0;
        let heading = self.heading(left - MARGIN + SIDE);
        let entries = entries();
        let top =
            MARGIN + heading.height() + legend::rows(&entries, SIDE) as f64 * legend::ROW + 6.0;
        let panel = |top: f64, height: f64, y: Range| Panel {
            left,
            top,
            width: SIDE,
            height,
            x: shares,
            y,
        };
        let above = panel(top, SIDE, shares);
        let below = panel(above.bottom() + 14.0, COUNTS, counts);
        let title = format!("Calibration, ECE {}", number(self.summary.value("ece")));
        let height = below.bottom() + 40.0 + MARGIN;
        let mut svg = Svg::new(
            above.right() + 2.0 * MARGIN,
            height,
            &title,
            &description(bins),
        );
        heading.draw(&mut svg);
        legend::draw(&mut svg, &entries, left, top - 6.0, SIDE);
        above.axes(&mut svg, &ticks, &ticks, false);
        let (from, to) = (above.at(0.0, 0.0), above.at(1.0, 1.0));
        svg.line([from.0, from.1, to.0, to.1], entries[0].stroke);
        for bin in bins {
            let [low, high] = bin.interval().map(|bound| above.at(bin.confidence, bound));
            svg.line([low.0, low.1, high.0, high.1], entries[2].stroke);
        }
        let points = bins
            .iter()
            .map(|bin| above.at(bin.confidence, bin.accuracy));
        svg.polyline(points.clone(), entries[1].stroke);
        for point in points {
            Mark::Circle.draw(&mut svg, point, 3.4, LINES[0]);
        }
        below.axes(&mut svg, &ticks, &count_ticks, true);
        for bin in bins {
            let (x, y) = below.at(bin.from, bin.n as f64);
            let (right, bottom) = below.at(bin.to, 0.0);
            svg.rect([x + 1.0, y, right - x - 2.0, bottom - y], FAINT);
        }
        above.name_y(&mut svg, "Share that was right", MARGIN + 10.0);
        below.name_y(&mut svg, "Utterances", MARGIN + 10.0);
        below.name_x(&mut svg, "Probability of the predicted class", 36.0);
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
        let figure = |name: &str| number(self.summary.value(name));
        let title = format!("ECE {}, Brier score {}", figure("ece"), figure("brier"));
        let below = format!(
            "{} · ECE: mean distance from the line over ten bins, weighted by utterances",
            subtitle(self.summary, self.epoch)
        );
        Heading::new(width, &title, &below, &note)
    }
}

fn entries() -> [Entry; 3] {
    let entry = |name: &str, stroke: Stroke, mark: Mark| Entry {
        name: name.to_owned(),
        stroke,
        mark,
    };
    [
        entry(
            "as sure as right",
            Stroke::new(QUIET, 1.0).dashed("4 3"),
            Mark::None,
        ),
        entry("this model", Stroke::new(LINES[0], 1.4), Mark::Circle),
        entry("95 % interval", Stroke::new(FAINT, 2.0), Mark::None),
    ]
}

/// For those who cannot see the image.
fn description(bins: &[CalibrationBin]) -> String {
    let bins: Vec<String> = bins
        .iter()
        .map(|bin| {
            format!(
                "Of {} utterances with a mean probability of {:.2}, {:.2} were right.",
                bin.n, bin.confidence, bin.accuracy
            )
        })
        .collect();
    bins.join(" ")
}
