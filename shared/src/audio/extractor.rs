//! Samples to model input, as Hugging Face's `Wav2Vec2FeatureExtractor` does it.

use super::{AudioError, RATE};
use serde_json::{Map, Value, json};

/// Name under which Hugging Face saves the class.
const CLASS: &str = "Wav2Vec2FeatureExtractor";

/// Added to the variance; keeps silence finite.
const EPSILON: f64 = 1e-7;

/// The preprocessing that `preprocessor_config.json` describes.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureExtractor {
    /// Each clip is shifted and scaled to mean 0 and variance 1.
    pub do_normalize: bool,
    /// Padding is masked. If not, the statistics run over the padded clip, and the padding is
    /// normalised with it.
    pub return_attention_mask: bool,
    /// Value of padding.
    pub padding_value: f32,
    /// Keys of the file that have no effect here; they are kept when it is written.
    pub other: Map<String, Value>,
}

impl Default for FeatureExtractor {
    /// What Nkululeko does where a checkpoint has no file: normalise, mask, pad with 0. (The
    /// Python class has no mask by default, and [`Self::from_json`] follows it.)
    fn default() -> Self {
        Self {
            do_normalize: true,
            return_attention_mask: true,
            padding_value: 0.0,
            other: Map::new(),
        }
    }
}

/// How clips are padded to one length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Padding {
    /// `padding="max_length"`: pad to this number of samples; without it, to the longest clip.
    pub max_length: Option<usize>,
    /// `truncation=True`: cut what is longer than `max_length`.
    pub truncate: bool,
    /// `pad_to_multiple_of`.
    pub multiple_of: Option<usize>,
}

/// Clips of one length.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Clip after clip, `samples` values each.
    pub input_values: Vec<f32>,
    /// Length of each clip after padding.
    pub samples: usize,
    /// Length of each clip before padding (after truncation); 1 in the attention mask.
    pub lengths: Vec<usize>,
    /// Whether an attention mask belongs to the input.
    pub masked: bool,
}

impl FeatureExtractor {
    /// Reads `preprocessor_config.json`; missing keys have the Python class's defaults.
    ///
    /// # Errors
    /// No JSON object, a value of the wrong type, or another class, sampling rate, feature size or
    /// padding side than speech transformers have.
    pub fn from_json(text: &str) -> Result<Self, AudioError> {
        let fail = |reason: String| AudioError::Preprocessor { reason };
        let mut map: Map<String, Value> = serde_json::from_str(text)
            .map_err(|error| fail(format!("not a JSON object: {error}")))?;
        // Python's classes write what they don't know as null.
        map.retain(|_, value| !value.is_null());
        let mut fixed = |key: &str, wanted: Value| match map.remove(key) {
            Some(value)
                if value != wanted && value.as_f64().is_none_or(|x| Some(x) != wanted.as_f64()) =>
            {
                Err(fail(format!(
                    "\"{key}\" is {value}, but only {wanted} is supported"
                )))
            }
            _ => Ok(()),
        };
        fixed("feature_extractor_type", json!(CLASS))?;
        fixed("feature_size", json!(1))?;
        fixed("sampling_rate", json!(RATE))?;
        fixed("padding_side", json!("right"))?;
        let mut flag = |key: &str, default: bool| match map.remove(key) {
            None => Ok(default),
            Some(Value::Bool(value)) => Ok(value),
            Some(value) => Err(fail(format!(
                "\"{key}\" is {value}, but must be true or false"
            ))),
        };
        let do_normalize = flag("do_normalize", true)?;
        let return_attention_mask = flag("return_attention_mask", false)?;
        let padding_value = match map.remove("padding_value") {
            None => 0.0,
            Some(value) => value.as_f64().ok_or_else(|| {
                fail(format!(
                    "\"padding_value\" is {value}, but must be a number"
                ))
            })?,
        };
        Ok(Self {
            do_normalize,
            return_attention_mask,
            padding_value: padding_value as f32,
            other: map,
        })
    }

    /// The text of `preprocessor_config.json`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut map = self.other.clone();
        for (key, value) in [
            ("do_normalize", json!(self.do_normalize)),
            ("feature_extractor_type", json!(CLASS)),
            ("feature_size", json!(1)),
            ("padding_side", json!("right")),
            ("padding_value", json!(self.padding_value)),
            ("return_attention_mask", json!(self.return_attention_mask)),
            ("sampling_rate", json!(RATE)),
        ] {
            map.insert(key.to_owned(), value);
        }
        format!("{:#}\n", Value::Object(map))
    }

    /// One clip without padding.
    #[must_use]
    pub fn single(&self, samples: &[f32]) -> Vec<f32> {
        let mut values = samples.to_vec();
        if self.do_normalize {
            normalize(&mut values);
        }
        values
    }

    /// Clips padded to the longest: `padding=True`.
    #[must_use]
    pub fn batch(&self, clips: &[&[f32]]) -> Batch {
        self.batch_padded(clips, Padding::default())
    }

    /// Clips cut and padded as `padding` says.
    #[must_use]
    pub fn batch_padded(&self, clips: &[&[f32]], padding: Padding) -> Batch {
        let multiple = padding.multiple_of.unwrap_or(1).max(1);
        let limit = padding.max_length.map(|n| n.next_multiple_of(multiple));
        let cut = limit.filter(|_| padding.truncate).unwrap_or(usize::MAX);
        let lengths: Vec<usize> = clips.iter().map(|clip| clip.len().min(cut)).collect();
        let longest = lengths
            .iter()
            .copied()
            .max()
            .unwrap_or(0)
            .next_multiple_of(multiple);
        let samples = limit.unwrap_or(0).max(longest);
        let mut input_values = vec![self.padding_value; clips.len() * samples];
        for ((row, clip), &length) in input_values
            .chunks_exact_mut(samples.max(1))
            .zip(clips)
            .zip(&lengths)
        {
            row[..length].copy_from_slice(&clip[..length]);
            if self.do_normalize {
                let part = if self.return_attention_mask {
                    length
                } else {
                    samples
                };
                normalize(&mut row[..part]);
            }
        }
        Batch {
            input_values,
            samples,
            lengths,
            masked: self.return_attention_mask,
        }
    }
}

/// (x - mean) / sqrt(variance + 1e-7) with the variance of the population.
fn normalize(values: &mut [f32]) {
    if values.is_empty() {
        return;
    }
    let count = values.len() as f64;
    let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
    let variance = values
        .iter()
        .map(|&x| (f64::from(x) - mean).powi(2))
        .sum::<f64>()
        / count;
    let scale = 1.0 / (variance + EPSILON).sqrt();
    for x in values {
        *x = ((f64::from(*x) - mean) * scale) as f32;
    }
}
