//! How well predicted values agree with true ones.

use crate::report::{PredictionSet, ReportError};
use serde::{Deserialize, Serialize};

/// Figures of a regression.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Concordance correlation coefficient with population moments, as audmetric computes it:
    /// 2 cov / (var x + var y + (mean x - mean y)²), -1 to 1 (Lin 1989). `None` for fewer than two
    /// values, or where truth and prediction are one and the same constant.
    pub ccc: Option<f64>,
    /// Pearson's correlation coefficient, -1 to 1; `None` where either side is constant.
    pub pcc: Option<f64>,
    /// Mean squared error.
    pub mse: Option<f64>,
    /// Mean absolute error.
    pub mae: Option<f64>,
    /// Coefficient of determination, 1 - squared error / variance of the truth; can be negative,
    /// `None` where the truth is constant.
    pub r2: Option<f64>,
}

/// Sums over pairs of values from which every figure of [`Agreement`] follows. They can be added,
/// which is what makes resampling cheap.
///
/// Values are taken relative to a centre of each side, so that a large common offset costs no
/// digits.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    centre: [f64; 2],
    count: f64,
    sum: [f64; 2],
    square: [f64; 2],
    product: f64,
    squared_error: f64,
    absolute_error: f64,
}

impl Moments {
    /// No pairs yet; `truth` and `predicted` are values in the middle of each side.
    #[must_use]
    pub fn around(truth: f64, predicted: f64) -> Self {
        Self {
            centre: [truth, predicted],
            ..Self::default()
        }
    }

    /// No pairs yet; the centres are the means of the (true, predicted) values.
    #[must_use]
    pub fn around_means(pairs: &[(f64, f64)]) -> Self {
        let count = pairs.len().max(1) as f64;
        let truth: f64 = pairs.iter().map(|pair| pair.0).sum();
        let predicted: f64 = pairs.iter().map(|pair| pair.1).sum();
        Self::around(truth / count, predicted / count)
    }

    /// Adds a pair.
    pub fn push(&mut self, truth: f64, predicted: f64) {
        let (x, y) = (truth - self.centre[0], predicted - self.centre[1]);
        let error = predicted - truth;
        self.count += 1.0;
        self.sum[0] += x;
        self.sum[1] += y;
        self.square[0] += x * x;
        self.square[1] += y * y;
        self.product += x * y;
        self.squared_error += error * error;
        self.absolute_error += error.abs();
    }

    /// Adds all pairs of `other`, which must have the same centres.
    pub fn add(&mut self, other: &Self) {
        self.count += other.count;
        for side in 0..2 {
            self.sum[side] += other.sum[side];
            self.square[side] += other.square[side];
        }
        self.product += other.product;
        self.squared_error += other.squared_error;
        self.absolute_error += other.absolute_error;
    }

    /// Population variance of a side, exactly 0 where only rounding is left of it.
    fn variance(&self, side: usize) -> f64 {
        let mean = self.sum[side] / self.count;
        let square = self.square[side] / self.count;
        let variance = square - mean * mean;
        let dust = (1e-12 * square).max(1e-28 * self.centre[side] * self.centre[side]);
        if variance > dust { variance } else { 0.0 }
    }

    /// The figures.
    #[must_use]
    pub fn agreement(&self) -> Agreement {
        if self.count < 1.0 {
            return Agreement::default();
        }
        let (mse, mae) = (
            self.squared_error / self.count,
            self.absolute_error / self.count,
        );
        let errors = Agreement {
            mse: Some(mse),
            mae: Some(mae),
            ..Agreement::default()
        };
        if self.count < 2.0 {
            return errors;
        }
        let means = [self.sum[0] / self.count, self.sum[1] / self.count];
        let shift = (means[0] + self.centre[0]) - (means[1] + self.centre[1]);
        let variances = [self.variance(0), self.variance(1)];
        let constant = variances[0] == 0.0 || variances[1] == 0.0;
        let covariance = if constant {
            0.0
        } else {
            self.product / self.count - means[0] * means[1]
        };
        let spread = variances[0] + variances[1] + shift * shift;
        Agreement {
            ccc: (spread > 0.0).then(|| (2.0 * covariance / spread).clamp(-1.0, 1.0)),
            pcc: (!constant)
                .then(|| (covariance / (variances[0] * variances[1]).sqrt()).clamp(-1.0, 1.0)),
            r2: (variances[0] > 0.0).then(|| 1.0 - mse / variances[0]),
            ..errors
        }
    }
}

impl Agreement {
    /// Figures of pairs of (true, predicted) values.
    #[must_use]
    pub fn of_pairs(pairs: &[(f64, f64)]) -> Self {
        let mut moments = Moments::around_means(pairs);
        for &(truth, predicted) in pairs {
            moments.push(truth, predicted);
        }
        moments.agreement()
    }

    /// Figures of the labelled predictions of a regression.
    ///
    /// # Errors
    /// A prediction fails [`PredictionSet::check`], or none has a truth.
    pub fn of(set: &PredictionSet) -> Result<Self, ReportError> {
        set.check()?;
        let pairs: Vec<(f64, f64)> = set.value_pairs().map(|(t, p, _)| (t, p)).collect();
        if pairs.is_empty() {
            return Err(ReportError::NoTruth {
                count: set.predictions.len(),
            });
        }
        Ok(Self::of_pairs(&pairs))
    }
}
