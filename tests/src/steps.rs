//! A model in training, step by step.

use burn::tensor::{Gradients, Tensor};
use shared::{
    config::{HeadActivation, HeadConfig, HeadStyle, LayerPooling, LossKind, Pooling},
    model::{Noise, SpeechModel, Waves},
    train::{AdamW, Loss, Optimizer, Rates, Targets},
};

/// Nkululeko's head without layers of its own.
#[must_use]
pub fn head() -> HeadConfig {
    HeadConfig {
        style: HeadStyle::Nkululeko,
        layers: None,
        activation: HeadActivation::Tanh,
        pooling: Pooling::Mean,
        layer_pooling: LayerPooling::Last,
        drop: 0.1,
    }
}

/// A model of which all but the convolutions is trained to tell classes apart.
pub struct Training {
    /// What is trained.
    pub model: SpeechModel,
    targets: Targets,
    loss: Loss,
    optimizer: Optimizer,
}

impl Training {
    /// Begins; `classes` has the class of each clip of a batch.
    ///
    /// # Panics
    /// The model cannot be trained.
    #[must_use]
    pub fn of(mut model: SpeechModel, classes: Vec<usize>) -> Self {
        model.set_trained(true, 0).expect("nothing is frozen");
        Self {
            model,
            targets: Targets::Classes(classes),
            loss: Loss::new(LossKind::Cross, None, 0.0),
            optimizer: Optimizer::new(AdamW::default()),
        }
    }

    /// The loss of a batch, a number, and its gradients.
    pub fn gradients(&mut self, waves: Waves, noise: &mut Noise) -> (Tensor<1>, Gradients) {
        self.model.gradients(waves, noise, false, |logits| {
            self.loss.forward(logits, &self.targets)
        })
    }

    /// One step of the optimiser.
    pub fn update(&mut self, gradients: Gradients) {
        self.optimizer.accumulate(&mut self.model, gradients);
        let norm = self.optimizer.gradient_norm();
        let rates = Rates {
            encoder: 1e-5,
            head: 1e-5,
        };
        self.optimizer.step(&mut self.model, rates, norm);
    }
}
