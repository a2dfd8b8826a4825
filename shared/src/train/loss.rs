//! Losses on logits, each a scalar `[1]` with gradients.

use crate::{
    config::LossKind,
    data::{Label, Utterance},
    ops,
};
use burn::tensor::{Tensor, TensorData};

/// Keeps quotients of moments defined for constant or single values.
const EPS: f64 = 1e-8;

/// What a batch is to be compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets {
    /// Class indices.
    Classes(Vec<usize>),
    /// Values of a regression.
    Values(Vec<f32>),
}

/// A loss with its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Loss {
    kind: LossKind,
    class_weights: Option<Vec<f64>>,
    smoothing: f64,
}

impl Loss {
    /// A loss; `class_weights` and `smoothing` (0 to 1) act on cross entropy alone.
    #[must_use]
    pub fn new(kind: LossKind, class_weights: Option<Vec<f64>>, smoothing: f64) -> Self {
        Self {
            kind,
            class_weights,
            smoothing,
        }
    }

    /// `logits` is `[B, K]`, for a regression `[B, 1]`.
    #[must_use]
    pub fn forward(&self, logits: Tensor<2>, targets: &Targets) -> Tensor<1> {
        match targets {
            Targets::Classes(classes) => self.cross_entropy(logits, classes),
            Targets::Values(values) => self.regression(logits, values),
        }
    }

    /// Mean of -log p(class), weighted by the class weights and divided by their sum; with
    /// smoothing ε a share ε of the target is spread over all classes (as PyTorch's
    /// `CrossEntropyLoss`).
    fn cross_entropy(&self, logits: Tensor<2>, classes: &[usize]) -> Tensor<1> {
        let [batch, count] = logits.dims();
        let weight = |class: usize| self.class_weights.as_ref().map_or(1.0, |w| w[class]);
        let total: f64 = classes.iter().map(|class| weight(*class)).sum();
        let mut target = vec![0.0_f32; batch * count];
        for (row, &truth) in classes.iter().enumerate() {
            for class in 0..count {
                let spread = self.smoothing / count as f64 * weight(class);
                let hit = if class == truth {
                    (1.0 - self.smoothing) * weight(truth)
                } else {
                    0.0
                };
                target[row * count + class] = (-(hit + spread) / total) as f32;
            }
        }
        let device = logits.device().inner();
        let target = Tensor::<2>::from_data(TensorData::new(target, [batch, count]), &device);
        (ops::log_softmax(logits) * target).sum()
    }

    fn regression(&self, logits: Tensor<2>, values: &[f32]) -> Tensor<1> {
        let batch = values.len();
        let device = logits.device().inner();
        let p = logits.reshape([batch]);
        let t = Tensor::<1>::from_data(TensorData::new(values.to_vec(), [batch]), &device);
        match self.kind {
            LossKind::Mse => {
                let d = p - t;
                (d.clone() * d).mean()
            }
            LossKind::Mae => (p - t).abs().mean(),
            LossKind::OneMinusPcc => one_minus_pcc(p, t),
            LossKind::OneMinusCcc | LossKind::Cross => one_minus_ccc(p, t),
        }
    }
}

/// 1 - 2 s_pt / (s_p² + s_t² + (μ_p - μ_t)² + ε) with unbiased moments (Lin 1989). One sample, or
/// constant targets, give 1 and no gradient.
fn one_minus_ccc(p: Tensor<1>, t: Tensor<1>) -> Tensor<1> {
    let freedom = p.dims()[0].saturating_sub(1).max(1) as f64;
    let (p_mean, t_mean) = (p.clone().mean(), t.clone().mean());
    let (dp, dt) = (p - p_mean.clone(), t - t_mean.clone());
    let covariance = (dp.clone() * dt.clone()).sum() / freedom;
    let variances = ((dp.clone() * dp).sum() + (dt.clone() * dt).sum()) / freedom;
    let gap = p_mean - t_mean;
    let ccc = covariance * 2.0 / (variances + gap.clone() * gap + EPS);
    ccc * -1.0 + 1.0
}

/// 1 - Σ d_p d_t / (‖d_p‖ ‖d_t‖ + ε). One sample, or constant targets, give 1 and no gradient.
fn one_minus_pcc(p: Tensor<1>, t: Tensor<1>) -> Tensor<1> {
    let (dp, dt) = (p.clone() - p.mean(), t.clone() - t.mean());
    let product = (dp.clone() * dt.clone()).sum();
    // A root has no slope at 0; this is far below any sum of squares.
    let norm = |d: Tensor<1>| ((d.clone() * d).sum() + 1e-30).sqrt();
    product / (norm(dp) * norm(dt) + EPS) * -1.0 + 1.0
}

/// Weights inverse to how often each of `classes` classes stands in `utterances`; they sum to 1.
#[must_use]
pub fn class_weights(utterances: &[Utterance], classes: usize) -> Vec<f64> {
    let mut counts = vec![0; classes];
    for utterance in utterances {
        if let Some(Label::Class(class)) = utterance.label {
            counts[class] += 1;
        }
    }
    inverse_frequency(&counts)
}

/// Weights inverse to the classes' counts that sum to 1; a class without samples has weight 0.
fn inverse_frequency(counts: &[usize]) -> Vec<f64> {
    let inverse: Vec<f64> = counts
        .iter()
        .map(|n| if *n == 0 { 0.0 } else { 1.0 / *n as f64 })
        .collect();
    let sum: f64 = inverse.iter().sum();
    inverse.into_iter().map(|w| w / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn run(loss: &Loss, rows: &[&[f32]], targets: &Targets) -> (f32, Vec<f32>) {
        let device = Device::flex();
        let flat: Vec<f32> = rows.concat();
        let shape = [rows.len(), rows[0].len()];
        let logits = Tensor::<2>::from_data(TensorData::new(flat, shape), &device)
            .autodiff()
            .require_grad();
        let value = loss.forward(logits.clone(), targets);
        let grads = value.backward();
        let grad = logits
            .grad(&grads)
            .unwrap()
            .into_data()
            .try_into_vec()
            .unwrap();
        (value.into_scalar(), grad)
    }

    fn assert_near(found: f32, expected: f32) {
        assert!((found - expected).abs() < 1e-5, "{found} is not {expected}");
    }

    // Values from torch.nn.functional.cross_entropy (2.15).
    #[test]
    fn cross_entropy_with_weights_and_smoothing() {
        let rows: &[&[f32]] = &[&[1.0, 2.0, 0.5], &[0.1, -0.3, 0.2]];
        let targets = Targets::Classes(vec![1, 2]);
        let plain = Loss::new(LossKind::Cross, None, 0.0);
        // log-softmax by hand: 2 - log(e + e² + e^½) and 0.2 - log(e^0.1 + e^-0.3 + e^0.2)
        let a = 2.0_f64 - (1f64.exp() + 2f64.exp() + 0.5f64.exp()).ln();
        let b = 0.2_f64 - (0.1f64.exp() + (-0.3f64).exp() + 0.2f64.exp()).ln();
        assert_near(run(&plain, rows, &targets).0, (-(a + b) / 2.0) as f32);

        let weighted = Loss::new(LossKind::Cross, Some(vec![0.2, 0.3, 0.5]), 0.0);
        assert_near(
            run(&weighted, rows, &targets).0,
            (-(0.3 * a + 0.5 * b) / 0.8) as f32,
        );
    }

    #[test]
    fn ccc_of_a_perfect_prediction_is_one() {
        let loss = Loss::new(LossKind::OneMinusCcc, None, 0.0);
        let targets = Targets::Values(vec![0.1, 0.5, 0.9]);
        assert_near(run(&loss, &[&[0.1], &[0.5], &[0.9]], &targets).0, 0.0);
    }

    /// `1 - numpy.corrcoef(p, t)[0, 1]`: the size of the values does not count.
    #[test]
    fn pcc_of_small_differences() {
        let loss = Loss::new(LossKind::OneMinusPcc, None, 0.0);
        let targets = Targets::Values(vec![0.2, 0.8, 0.5, 0.1]);
        let rows: &[&[f32]] = &[&[0.1001], &[0.1003], &[0.1002], &[0.0999]];
        let (value, _) = run(&loss, rows, &targets);
        assert!((value - 0.074_18).abs() < 1e-3, "{value}");
    }

    #[test]
    fn one_sample_and_constants_are_finite() {
        for kind in [
            LossKind::OneMinusCcc,
            LossKind::OneMinusPcc,
            LossKind::Mse,
            LossKind::Mae,
        ] {
            let loss = Loss::new(kind, None, 0.0);
            let cases: [(&[&[f32]], Vec<f32>); 3] = [
                (&[&[0.3]], vec![0.5]),
                (&[&[0.3], &[0.3]], vec![0.1, 0.5]),
                (&[&[0.3], &[0.4]], vec![0.5, 0.5]),
            ];
            for (rows, values) in cases {
                let (value, grad) = run(&loss, rows, &Targets::Values(values));
                assert!(
                    value.is_finite() && grad.iter().all(|g| g.is_finite()),
                    "{kind:?} {value} {grad:?}"
                );
            }
        }
    }

    #[test]
    fn inverse_frequencies_sum_to_one() {
        let weights = inverse_frequency(&[5, 9, 2, 7]);
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((weights[2] / weights[0] - 2.5).abs() < 1e-12);
    }
}
