//! Box plots: the runs of an experiment, experiments side by side, and how certain a model was.

use super::{
    boxes::{Boxes, Row},
    confusion::subtitle,
};
use crate::report::{
    FoldsSummary, Manifest, PredictionSet, RunsSummary, Summary,
    compare::{Comparison, verdict},
    summary::number,
};

/// The figures of all runs of an experiment; `None` where there are fewer than two.
#[must_use]
pub fn runs(summary: &RunsSummary, titles: bool) -> Option<String> {
    let measure = summary.measure?;
    // One axis for all: only figures of the same range as the one that counts.
    let beside: &[&str] = match measure.word() {
        "uar" | "acc" | "f1" => &["uar", "acc", "f1"],
        "ccc" | "pcc" => &["ccc", "pcc"],
        "mse" => &["mse"],
        _ => &["mae"],
    };
    let rows: Vec<Row> = beside
        .iter()
        .map(|name| Row {
            name: name.to_uppercase(),
            values: summary
                .runs
                .iter()
                .filter_map(|run| run.metrics.get(*name).copied().flatten())
                .collect(),
        })
        .filter(|row| row.values.len() > 1)
        .collect();
    if rows.is_empty() {
        return None;
    }
    let word = measure.word();
    let title = summary.spread.get(word).map(|spread| {
        format!(
            "{} {} ± {} in {} runs",
            word.to_uppercase(),
            number(spread.mean),
            number(spread.sd),
            spread.n
        )
    });
    let title = title.unwrap_or_else(|| format!("{} runs", summary.runs.len()));
    let below = match summary.part {
        Some(part) => format!(
            "{} part · mean ± standard deviation · one point a run",
            part.word()
        ),
        None => "mean ± standard deviation · one point a run".to_owned(),
    };
    let note = if summary.optimistic {
        "Note: checkpoints were chosen on this same part: its figures are optimistic."
    } else {
        ""
    };
    let bounds = match word {
        "uar" | "acc" | "f1" => Some((0.0, 1.0)),
        "ccc" | "pcc" => Some((-1.0, 1.0)),
        _ => Some((0.0, f64::INFINITY)),
    };
    let (title_shown, below) = if titles {
        (title.as_str(), below.as_str())
    } else {
        ("", "")
    };
    Some(
        Boxes {
            title: &title,
            heading: [title_shown, below, note],
            axis: "Value",
            bounds,
            rows: &rows,
        }
        .svg(),
    )
}

/// The figures of all folds of a cross validation, one box a fold, then all of them; `None` where the
/// measure that counts is not defined.
#[must_use]
pub fn folds(
    summary: &RunsSummary,
    folds: &FoldsSummary,
    runs: &[Manifest],
    titles: bool,
) -> Option<String> {
    let name = summary.measure?.word();
    let values = |fold: Option<u32>| -> Vec<f64> {
        let lines = runs.iter().flat_map(|run| &run.folds);
        lines
            .filter(|line| fold.is_none_or(|fold| line.fold == fold))
            .filter_map(|line| line.metrics.get(name).copied().flatten())
            .collect()
    };
    let mut rows: Vec<Row> = folds
        .folds
        .iter()
        .map(|fold| Row {
            name: format!("fold {} ({})", fold.fold, fold.utterances),
            values: values(Some(fold.fold)),
        })
        .collect();
    rows.push(Row {
        name: "all folds".to_owned(),
        values: values(None),
    });
    let spread = folds.over_folds.get(name).filter(|spread| spread.n > 0)?;
    let measure = name.to_uppercase();
    let title = format!(
        "{measure} {} ± {} over {} folds",
        number(spread.mean),
        number(spread.sd),
        spread.n
    );
    let below = "mean ± standard deviation · one point a run · (utterances)";
    let note = if summary.optimistic {
        "Note: checkpoints were chosen on the test parts: their figures are optimistic."
    } else {
        ""
    };
    let (shown, below) = if titles {
        (title.as_str(), below)
    } else {
        ("", "")
    };
    Some(
        Boxes {
            title: &title,
            heading: [shown, below, note],
            axis: &measure,
            bounds: None,
            rows: &rows,
        }
        .svg(),
    )
}

/// Experiments side by side.
#[must_use]
pub fn comparison(comparison: &Comparison) -> String {
    let measure = comparison.measure.to_uppercase();
    let rows: Vec<Row> = comparison
        .groups
        .iter()
        .map(|group| Row {
            name: format!("{} ({})", group.name, group.values.len()),
            values: group.values.clone(),
        })
        .collect();
    let test = comparison.overall.or(match comparison.pairs.as_slice() {
        [pair] => pair.outcome,
        _ => None,
    });
    let below = test.map_or_else(
        || "no test".to_owned(),
        |outcome| {
            format!(
                "{}: p = {:.4}, {}",
                outcome.test.words(),
                outcome.p,
                verdict(outcome.p)
            )
        },
    );
    let title = format!(
        "{measure} of the {} part, one point a run",
        comparison.part.word()
    );
    let note = if comparison.groups.iter().any(|group| group.optimistic) {
        "Note: some checkpoints were chosen on this same part, so that their figures are optimistic."
    } else {
        ""
    };
    Boxes {
        title: &title,
        heading: [&title, &below, note],
        axis: &measure,
        bounds: None,
        rows: &rows,
    }
    .svg()
}

/// How uncertain a model was where it was right, and where it was wrong.
#[derive(Debug, Clone, Copy)]
pub struct UncertaintyPlot<'a> {
    /// What the model said of classes.
    pub predictions: &'a PredictionSet,
    /// Its figures.
    pub summary: &'a Summary,
    /// Epoch of the checkpoint.
    pub epoch: Option<f64>,
    /// Whether there is a title.
    pub titles: bool,
}

impl UncertaintyPlot<'_> {
    /// The plot as SVG.
    #[must_use]
    pub fn svg(&self) -> String {
        let (mut right, mut wrong) = (Vec::new(), Vec::new());
        for (truth, said, prediction) in self.predictions.class_pairs() {
            let values = if truth == said {
                &mut right
            } else {
                &mut wrong
            };
            values.push(prediction.uncertainty());
        }
        let name = |word: &str, values: &[f64]| format!("{word} ({})", values.len());
        let rows = [
            Row {
                name: name("right", &right),
                values: right,
            },
            Row {
                name: name("wrong", &wrong),
                values: wrong,
            },
        ];
        let title = "Uncertainty of right and wrong predictions";
        let below = subtitle(self.summary, self.epoch).replace(" · 95 % intervals", "");
        let (shown, below) = if self.titles {
            (title, below.as_str())
        } else {
            ("", "")
        };
        Boxes {
            title,
            heading: [shown, below, ""],
            axis: "Uncertainty: entropy of the probabilities, 0 is certain, 1 a guess",
            bounds: Some((0.0, 1.0)),
            rows: &rows,
        }
        .svg()
    }
}
