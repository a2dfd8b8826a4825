//! What is set once a model is loaded: additions to its weights, and the format of its products.

use super::Encoder;
use crate::config::{Lora, LoraTarget, Precision};
use rand_chacha::ChaCha8Rng;

impl Encoder {
    /// Gives the linear layers that `config` names low-rank additions, in the transformer layers from
    /// `first` on.
    pub(in crate::model) fn add_low_rank(
        &mut self,
        config: &Lora,
        first: usize,
        rng: &mut ChaCha8Rng,
    ) {
        for layer in self.layers.iter_mut().skip(first) {
            for &target in &config.targets {
                if let Some(linear) = layer.linear(target) {
                    linear.add_low_rank(config, rng);
                }
            }
        }
    }

    /// The format of the products.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.features.precision()
    }

    /// Sets the format of the products, but for those of the position embedding, whose weight is
    /// normalised anew each time.
    pub(in crate::model) fn set_precision(&mut self, precision: Precision) {
        self.features.set_precision(precision);
        self.projection.set_precision(precision);
        for layer in &mut self.layers {
            layer.set_precision(precision);
        }
    }

    /// Adds all low-rank additions to their weights.
    pub(in crate::model) fn merge(&mut self) {
        for layer in &mut self.layers {
            for target in LoraTarget::ALL {
                if let Some(linear) = layer.linear(target) {
                    linear.merge();
                }
            }
        }
    }
}
