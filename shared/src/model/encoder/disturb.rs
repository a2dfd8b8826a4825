//! What is left to chance in training: masked frames, dropped layers, and where there is to be none of it.

use super::Encoder;
use crate::model::{
    config::Family,
    noise::Noise,
    spec_augment::{SpanConfig, draw_spans},
};
use burn::tensor::{Tensor, TensorData};

impl Encoder {
    /// Runs what belongs to a layer, or stands below all of them, without noise where it is to be still.
    pub(in crate::model) fn hush<R>(
        &self,
        layer: Option<usize>,
        noise: &mut Noise,
        run: impl FnOnce(&mut Noise) -> R,
    ) -> R {
        if self.is_still(layer) {
            run(&mut Noise::off())
        } else {
            run(noise)
        }
    }

    /// Whether a layer, or what stands below all of them, runs as in evaluation.
    pub(in crate::model) fn is_still(&self, layer: Option<usize>) -> bool {
        self.still
            .is_some_and(|still| layer.is_none_or(|layer| layer < still))
    }

    /// Has everything below layer `layer` run as in evaluation.
    pub(in crate::model) fn set_still(&mut self, layer: usize) {
        self.still = Some(layer);
    }

    /// `LayerDrop` (Fan et al. 2020). `WavLM` never drops layer 0, which owns the position bias.
    pub(in crate::model) fn drops_layer(&self, index: usize, noise: &mut Noise) -> bool {
        if self.is_still(Some(index)) {
            return false;
        }
        let drawn = noise.uniform();
        let exempt = index == 0 && self.relative.is_some();
        drawn.is_some_and(|u| u < self.config.layerdrop) && !exempt
    }

    pub(super) fn spec_augment(
        &self,
        x: Tensor<3>,
        frames: Option<&[usize]>,
        given: Option<Vec<bool>>,
        noise: &mut Noise,
    ) -> Tensor<3> {
        let [batch, time, width] = x.dims();
        let config = &self.config;
        let device = x.device().inner();
        let mut x = x;
        let drawn = config.apply_spec_augment && noise.is_on();

        let time_mask = given.or_else(|| {
            let span = SpanConfig {
                prob: config.mask_time_prob,
                length: config.mask_time_length,
                min_masks: config.mask_time_min_masks,
            };
            let whole = vec![time; batch];
            // HuBERT draws over the padding too.
            let lengths = if config.family == Family::Hubert {
                None
            } else {
                frames
            };
            (drawn && span.prob > 0.0)
                .then(|| {
                    noise
                        .rng()
                        .map(|rng| draw_spans(lengths.unwrap_or(&whole), time, span, rng))
                })
                .flatten()
        });
        if let (Some(mask), Some(embed)) = (time_mask, &self.masked_spec_embed) {
            let mask: Vec<f32> = mask.into_iter().map(f32::from).collect();
            let mask = Tensor::<3>::from_data(TensorData::new(mask, [batch, time, 1]), &device);
            x = x * (mask.clone() * -1.0 + 1.0) + mask * embed.clone().unsqueeze();
        }
        let span = SpanConfig {
            prob: config.mask_feature_prob,
            length: config.mask_feature_length,
            min_masks: config.mask_feature_min_masks,
        };
        if drawn
            && span.prob > 0.0
            && let Some(rng) = noise.rng()
        {
            let keep: Vec<f32> = draw_spans(&vec![width; batch], width, span, rng)
                .into_iter()
                .map(|masked| f32::from(!masked))
                .collect();
            x = x * Tensor::<3>::from_data(TensorData::new(keep, [batch, 1, width]), &device);
        }
        x
    }
}
