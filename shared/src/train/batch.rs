//! Clips to one padded tensor.

use super::Clip;
use crate::{audio::FeatureExtractor, model::Waves};
use burn::tensor::{Device, Tensor, TensorData};

/// Normalises `clips` and pads them to the longest, but at least to `shortest` samples (the
/// encoder's receptive field).
///
/// The result always carries lengths, as in Nkululeko: padding is never attended to or pooled.
#[must_use]
pub fn collate(
    clips: &[Clip],
    extractor: &FeatureExtractor,
    shortest: usize,
    device: &Device,
) -> Waves {
    let masked = FeatureExtractor {
        return_attention_mask: true,
        ..extractor.clone()
    };
    let slices: Vec<&[f32]> = clips.iter().map(|clip| &**clip).collect();
    let batch = masked.batch(&slices);
    let samples = batch.samples.max(shortest);
    let values = if samples == batch.samples {
        batch.input_values
    } else {
        let mut padded = vec![masked.padding_value; clips.len() * samples];
        for (to, from) in padded.chunks_exact_mut(samples).zip(&slices) {
            to[..from.len()].copy_from_slice(&masked.single(from));
        }
        padded
    };
    Waves {
        samples: Tensor::from_data(TensorData::new(values, [clips.len(), samples]), device),
        // What is shorter than a frame is filled up to one.
        lengths: Some(batch.lengths.into_iter().map(|n| n.max(shortest)).collect()),
    }
}
