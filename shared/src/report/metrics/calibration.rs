//! Whether a model's probabilities are what they say.

use crate::report::{PredictionSet, prediction::class_index};
use serde::{Deserialize, Serialize};

/// Bins of the expected calibration error.
const BINS: usize = 10;

/// How far a classifier's probabilities are from the shares that come true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Expected calibration error (Naeini et al. 2015, Guo et al. 2017): utterances are put into ten
    /// bins of equal width by the probability of the predicted class, and the distance between mean
    /// probability and accuracy of each bin is averaged, weighted by the bin's utterances. 0 is
    /// perfect, 1 the worst.
    pub ece: f64,
    /// Brier score (Brier 1950): the squared distance between the probabilities and the truth (1 for
    /// the true class, 0 for others), summed over the classes, averaged over utterances. 0 is
    /// perfect, 2 the worst; of two classes it is twice what some call the Brier score.
    pub brier: f64,
    /// The bins of the error in rising order; those without utterances are left out.
    pub bins: Vec<CalibrationBin>,
}

/// Utterances of which the predicted class has about the same probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// Least probability of the predicted class that belongs here.
    pub from: f64,
    /// The next bin's least probability; 1 belongs to the last bin.
    pub to: f64,
    /// Utterances.
    pub n: u64,
    /// How many of them were predicted right.
    pub right: u64,
    /// Mean probability of the predicted class.
    pub confidence: f64,
    /// Share of the utterances that were predicted right.
    pub accuracy: f64,
}

impl Calibration {
    /// Of the labelled predictions of a classification; `None` where there are none.
    #[must_use]
    pub fn of(set: &PredictionSet) -> Option<Self> {
        let mut sums = [(0_u64, 0_u64, 0.0_f64); BINS];
        let (mut brier, mut count) = (0.0, 0.0);
        for (truth, said, prediction) in set.class_pairs() {
            let probabilities = prediction.probabilities();
            let confidence = *probabilities.get(said)?;
            let bin = ((confidence * BINS as f64) as usize).min(BINS - 1);
            let (n, right, sum) = &mut sums[bin];
            *n += 1;
            *right += u64::from(truth == said);
            *sum += confidence;
            brier += squared_distance(&probabilities, truth);
            count += 1.0;
        }
        if count == 0.0 {
            return None;
        }
        let bins: Vec<CalibrationBin> = sums
            .into_iter()
            .enumerate()
            .filter(|(_, (n, ..))| *n > 0)
            .map(|(bin, (n, right, sum))| CalibrationBin {
                from: bin as f64 / BINS as f64,
                to: (bin + 1) as f64 / BINS as f64,
                n,
                right,
                confidence: sum / n as f64,
                accuracy: right as f64 / n as f64,
            })
            .collect();
        let ece = bins
            .iter()
            .map(|bin| bin.n as f64 / count * (bin.accuracy - bin.confidence).abs())
            .sum();
        Some(Self {
            ece,
            brier: brier / count,
            bins,
        })
    }

    /// The squared distance of each labelled prediction, of which [`Self::brier`] is the mean.
    pub(in crate::report) fn squared_distances(set: &PredictionSet) -> Vec<f64> {
        set.predictions
            .iter()
            .filter_map(|prediction| {
                let truth = class_index(prediction.truth?, set.labels.len())?;
                Some(squared_distance(&prediction.probabilities(), truth))
            })
            .collect()
    }
}

impl CalibrationBin {
    /// 95 % interval of the accuracy (Wilson 1927), which holds for few utterances too.
    #[must_use]
    pub fn interval(&self) -> [f64; 2] {
        const Z: f64 = 1.959_963_984_540_054;
        let n = self.n as f64;
        let share = self.accuracy;
        let middle = share + Z * Z / (2.0 * n);
        let width = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        [(middle - width) / scale, (middle + width) / scale].map(|bound| bound.clamp(0.0, 1.0))
    }
}

fn squared_distance(probabilities: &[f64], truth: usize) -> f64 {
    probabilities
        .iter()
        .enumerate()
        .map(|(class, p)| (p - f64::from(u8::from(class == truth))).powi(2))
        .sum()
}
