//! Precision, recall and F1 as scikit-learn's `classification_report(output_dict=True)` has them.

use crate::report::{Summary, metrics::ClassScores};
use serde_json::{Map, Value, json};

/// Precision, recall, F1 and support of each class, then `accuracy`, `macro avg` and
/// `weighted avg`; what is not defined is 0, as with scikit-learn's `zero_division=0`.
///
/// The set of classes is the model's, whether or not each one occurs.
#[must_use]
pub fn classification_report(summary: &Summary) -> Value {
    let mut report = Map::new();
    for class in &summary.classes {
        let scores = figures(&class.scores);
        report.insert(
            class.label.clone(),
            row(scores, class.scores.support as f64),
        );
    }
    let accuracy = summary.value("acc").unwrap_or(0.0);
    report.insert("accuracy".to_owned(), json!(accuracy));
    let total: f64 = summary
        .classes
        .iter()
        .map(|c| c.scores.support as f64)
        .sum();
    let average = |weight: fn(&ClassScores) -> f64| {
        let mut sums = [0.0; 3];
        let mut weights = 0.0;
        for class in &summary.classes {
            let weight = weight(&class.scores);
            weights += weight;
            for (sum, figure) in sums.iter_mut().zip(figures(&class.scores)) {
                *sum += weight * figure;
            }
        }
        sums.map(|sum| if weights > 0.0 { sum / weights } else { 0.0 })
    };
    report.insert("macro avg".to_owned(), row(average(|_| 1.0), total));
    let weighted = average(|scores| scores.support as f64);
    report.insert("weighted avg".to_owned(), row(weighted, total));
    Value::Object(report)
}

/// Precision, recall and F1, 0 for what is not defined.
fn figures(scores: &ClassScores) -> [f64; 3] {
    [scores.precision, scores.recall, scores.f1].map(|figure| figure.unwrap_or(0.0))
}

fn row([precision, recall, f1]: [f64; 3], support: f64) -> Value {
    json!({ "precision": precision, "recall": recall, "f1-score": f1, "support": support })
}
