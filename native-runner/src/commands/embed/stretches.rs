//! How a recording is cut so that memory stays bounded.

use anyhow::bail;
use shared::{audio::RATE, checkpoint::ModelConfig};

/// Longest stretch that can be decoded at once, in seconds.
pub(super) const LONGEST: f64 = 590.0;
/// Bytes that the scores of one layer may take.
const MOST_BYTES: f64 = (4_u64 << 30) as f64;

/// The stretches of a recording that are computed one after the other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stretches {
    /// First sample and the one after the last, at 16 kHz. Neighbours overlap by as much as a frame
    /// sees more than its step, so that frames follow each other as in the whole recording.
    pub(super) samples: Vec<(u64, u64)>,
    /// Frames in all.
    pub(super) frames: usize,
}

impl Stretches {
    /// The stretches of a recording of `samples` at 16 kHz, of about `window` seconds each; without
    /// a window the whole.
    ///
    /// Fails where the attention over a stretch would not fit into memory.
    pub(super) fn new(
        name: &str,
        samples: u64,
        window: Option<f64>,
        config: &ModelConfig,
    ) -> anyhow::Result<Self> {
        let field = config.receptive_field();
        let step: usize = config.conv_stride.iter().product();
        let frames = config.frames(usize::try_from(samples)?.max(field));
        let rate = f64::from(RATE);
        let each = window.map_or(frames, |window| {
            ((window * rate / step as f64).round() as usize).clamp(1, frames)
        });
        let seconds = samples as f64 / rate;
        // Scores, their softmax and, of WavLM, the position bias.
        let bytes = 12.0 * config.num_attention_heads as f64 * (each as f64).powi(2);
        if bytes > MOST_BYTES || (each * step) as f64 / rate > LONGEST {
            bail!(
                "{name} has {seconds:.0} s: attention over {:.0} s at once needs about {:.0} GB of memory; cut it \
                 with --window, for instance --window 30",
                (each * step) as f64 / rate,
                (bytes / 1e9).ceil(),
            );
        }
        let stretches = (0..frames.div_ceil(each)).map(|index| {
            let from = (index * each * step) as u64;
            let to = from + (each * step + field.saturating_sub(step)) as u64;
            if (index + 1) * each >= frames {
                (from, samples)
            } else {
                (from, to.min(samples))
            }
        });
        Ok(Self {
            samples: stretches.collect(),
            frames,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Stretches;
    use shared::checkpoint::ModelConfig;

    fn config() -> ModelConfig {
        ModelConfig::from_json("{\"model_type\": \"wav2vec2\"}", "config.json").unwrap()
    }

    #[test]
    fn frames_of_stretches_are_those_of_the_whole() {
        let config = config();
        for samples in [1, 399, 400, 719, 720, 16_000, 160_000, 163_333] {
            for window in [None, Some(0.1), Some(0.33), Some(2.0), Some(60.0)] {
                let cut = Stretches::new("a", samples, window, &config).unwrap();
                let whole = config.frames((samples as usize).max(400));
                let sum: usize = cut
                    .samples
                    .iter()
                    .map(|(from, to)| config.frames(((to - from) as usize).max(400)))
                    .sum();
                assert_eq!((cut.frames, sum), (whole, whole), "{samples} {window:?}");
                assert_eq!(cut.samples[cut.samples.len() - 1].1, samples);
            }
        }
    }

    #[test]
    fn what_would_not_fit_is_refused_with_a_hint() {
        let config = config();
        let hour = 3600 * 16_000;
        let error = Stretches::new("a.wav", hour, None, &config).unwrap_err();
        assert!(error.to_string().contains("--window 30"), "{error}");
        let cut = Stretches::new("a.wav", hour, Some(30.0), &config).unwrap();
        assert_eq!(cut.samples.len(), 120);
    }
}
