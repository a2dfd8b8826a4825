//! Figures of two classes, of which one is looked for.

use super::Confusion;

/// Sensitivity and specificity of two classes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Detection {
    /// Share of the positive class that was found, TP / (TP + FN); `None` where there is none.
    pub sensitivity: Option<f64>,
    /// Share of the other class that was left alone, TN / (TN + FP); `None` where there is none.
    pub specificity: Option<f64>,
}

impl Detection {
    /// Of a matrix of two classes with `positive` as the one looked for; nothing of any other.
    #[must_use]
    pub fn of(confusion: &Confusion, positive: usize) -> Self {
        if confusion.classes() != 2 || positive > 1 {
            return Self::default();
        }
        let recall = |class: usize| {
            let support = confusion.support(class);
            (support > 0).then(|| confusion.count(class, class) as f64 / support as f64)
        };
        Self {
            sensitivity: recall(positive),
            specificity: recall(1 - positive),
        }
    }
}

/// Scores of a detector in falling order, so that the equal error rate of any draw of them is one
/// pass.
#[derive(Debug, Clone)]
pub struct DetectionScores {
    /// (position, whether it is of the positive class, whether the next one has a lower score).
    falling: Vec<(usize, bool, bool)>,
}

impl DetectionScores {
    /// Of pairs of a score (the larger the more positive) and whether the truth is positive.
    #[must_use]
    pub fn new(pairs: &[(f64, bool)]) -> Self {
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by(|&a, &b| pairs[b].0.total_cmp(&pairs[a].0));
        let falling = order
            .iter()
            .enumerate()
            .map(|(place, &position)| {
                let next = order.get(place + 1).map(|&next| pairs[next].0);
                let (score, positive) = pairs[position];
                (position, positive, next != Some(score))
            })
            .collect();
        Self { falling }
    }

    /// Equal error rate: over all thresholds, the one where the false positive rate and the false
    /// negative rate differ least (the highest of equal ones), and there the mean of both, as
    /// Nkululeko computes it of scikit-learn's `roc_curve`. 0 is perfect, 0.5 is a guess.
    ///
    /// `weights` says how often each pair counts. `None` where one of the classes does not occur.
    #[must_use]
    pub fn equal_error_rate(&self, weights: &[u32]) -> Option<f64> {
        let weight = |position: usize| u64::from(weights.get(position).copied().unwrap_or(0));
        let (mut positives, mut negatives) = (0, 0);
        for &(position, positive, _) in &self.falling {
            let count = weight(position);
            if positive {
                positives += count;
            } else {
                negatives += count;
            }
        }
        if positives == 0 || negatives == 0 {
            return None;
        }
        let (mut hits, mut alarms) = (0, 0);
        // Above the highest score nothing is found: FPR 0, FNR 1.
        let mut best = (positives * negatives, positives, 0);
        for &(position, positive, ends) in &self.falling {
            let count = weight(position);
            if positive {
                hits += count;
            } else {
                alarms += count;
            }
            if ends {
                // |FPR - FNR| times both counts, which is exact.
                let missed = positives - hits;
                let difference = (alarms * positives).abs_diff(missed * negatives);
                if difference < best.0 {
                    best = (difference, missed, alarms);
                }
            }
        }
        let (_, missed, alarms) = best;
        Some((missed as f64 / positives as f64 + alarms as f64 / negatives as f64) / 2.0)
    }
}
