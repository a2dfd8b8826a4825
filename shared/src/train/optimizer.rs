//! `AdamW` with two learning rates, global-norm clipping and gradient accumulation, as PyTorch's.

use crate::{
    model::{Parameters, SpeechModel},
    ops::{self, AdamStep},
    with_param,
};
use burn::tensor::{Gradients, Tensor};
use indexmap::IndexMap;

/// Settings that stay the same over a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamW {
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub eps: f64,
    /// Decoupled weight decay, on every parameter.
    pub weight_decay: f64,
    /// Largest norm of all gradients together; 0 does not clip.
    pub max_grad_norm: f64,
}

impl Default for AdamW {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            weight_decay: 0.0,
            max_grad_norm: 1.0,
        }
    }
}

/// Learning rates of one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Of the encoder.
    pub encoder: f64,
    /// Of the head.
    pub head: f64,
}

/// What is kept of one parameter between two steps.
#[derive(Debug, Clone)]
pub struct Moment {
    /// Running mean of the gradient, flat.
    pub first: Tensor<1>,
    /// Running mean of its square, flat.
    pub second: Tensor<1>,
    /// Steps that changed the parameter. As PyTorch's, not all steps: a layer that `LayerDrop`
    /// left out has no gradient and stays as it is.
    pub steps: u32,
}

/// By parameter name; a parameter without a step so far has none.
pub type Moments = IndexMap<String, Moment>;

/// The optimiser's state: moments by parameter name, gradients in the making.
#[derive(Debug, Clone, Default)]
pub struct Optimizer {
    config: AdamW,
    moments: Moments,
    gradients: IndexMap<String, Tensor<1>>,
    steps: u32,
}

impl Optimizer {
    /// An optimiser before its first step.
    #[must_use]
    pub fn new(config: AdamW) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    /// An optimiser that goes on after `steps` steps with their `moments`.
    #[must_use]
    pub fn resumed(config: AdamW, steps: u32, moments: Moments) -> Self {
        Self {
            config,
            moments,
            steps,
            ..Self::default()
        }
    }

    /// Steps made.
    #[must_use]
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// The moments of all parameters that were ever changed.
    #[must_use]
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// Adds a micro-batch's gradients.
    pub fn accumulate(&mut self, model: &mut SpeechModel, mut gradients: Gradients) {
        model.visit("", &mut |name, param| {
            with_param!(param, tensor => {
                if !tensor.is_require_grad() {
                    return;
                }
                let Some(gradient) = tensor.grad_remove(&mut gradients) else { return };
                let len = gradient.shape().num_elements();
                let gradient: Tensor<1> = gradient.reshape([len]);
                let sum = match self.gradients.swap_remove(name) {
                    Some(sum) => sum + gradient,
                    None => gradient,
                };
                self.gradients.insert(name.to_owned(), sum);
            });
        });
    }

    /// L2 norm of the gradients so far, all parameters together, as a tensor `[1]`.
    #[must_use]
    pub fn gradient_norm(&self) -> Option<Tensor<1>> {
        ops::root_of_squares(self.gradients.values())
    }

    /// Gradients so far by parameter name, flat.
    pub fn gradients(&self) -> impl Iterator<Item = (&str, &Tensor<1>)> {
        self.gradients
            .iter()
            .map(|(name, gradient)| (name.as_str(), gradient))
    }

    /// Multiplies the gradients so far.
    pub fn scale(&mut self, factor: f64) {
        for gradient in self.gradients.values_mut() {
            gradient.inplace(|gradient| gradient * factor);
        }
    }

    /// Forgets the gradients so far.
    pub fn discard(&mut self) {
        self.gradients.clear();
    }

    /// Changes the parameters by the gradients so far, and forgets these. `norm` is
    /// [`Self::gradient_norm`].
    pub fn step(&mut self, model: &mut SpeechModel, rates: Rates, norm: Option<Tensor<1>>) {
        self.steps += 1;
        let AdamW {
            beta1,
            beta2,
            eps,
            weight_decay,
            max_grad_norm,
        } = self.config;
        let Some(norm) = norm else { return };
        let scale = if max_grad_norm > 0.0 {
            // As torch.nn.utils.clip_grad_norm_.
            ((norm + 1e-6).recip() * max_grad_norm).clamp_max(1.0)
        } else {
            norm.ones_like()
        };
        model.visit("", &mut |name, param| {
            let Some(gradient) = self.gradients.swap_remove(name) else {
                return;
            };
            let before = self.moments.swap_remove(name).unwrap_or_else(|| Moment {
                first: gradient.zeros_like(),
                second: gradient.zeros_like(),
                steps: 0,
            });
            let steps = before.steps + 1;
            let step = AdamStep {
                rate: if name.starts_with("wav2vec2.") {
                    rates.encoder
                } else {
                    rates.head
                },
                beta1,
                beta2,
                eps,
                weight_decay,
                step: steps,
            };
            let mut after = None;
            with_param!(param, tensor => tensor.inplace(|t| {
                let shape = t.dims();
                let len = shape.iter().product::<usize>();
                let flat: Tensor<1> = t.inner().reshape([len]);
                let moments = (before.first, before.second);
                let (value, (first, second)) = step.apply(flat, gradient, scale.clone(), moments);
                after = Some(Moment { first, second, steps });
                value.reshape(shape).autodiff().require_grad()
            }));
            self.moments
                .extend(after.map(|moments| (name.to_owned(), moments)));
        });
        self.gradients.clear();
    }
}
