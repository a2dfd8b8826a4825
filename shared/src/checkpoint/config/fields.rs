//! Typed access to the keys of `config.json`, with errors that name the key.

use super::{super::CheckpointError, Family, ModelConfig};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

pub(super) struct Fields<'a> {
    pub(super) raw: &'a Map<String, Value>,
    pub(super) path: &'a str,
}

impl Fields<'_> {
    pub(super) fn error(&self, key: &str, reason: impl Into<String>) -> CheckpointError {
        CheckpointError::Config {
            path: self.path.to_owned(),
            key: key.to_owned(),
            reason: reason.into(),
        }
    }

    /// The key's value; `null` counts as absent, as it does in Hugging Face's classes.
    pub(super) fn optional<T: DeserializeOwned>(
        &self,
        key: &str,
    ) -> Result<Option<T>, CheckpointError> {
        match self.raw.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => T::deserialize(value).map(Some).map_err(|error| {
                self.error(key, format!("has a value that cannot be used: {error}"))
            }),
        }
    }

    pub(super) fn get<T: DeserializeOwned>(
        &self,
        key: &str,
        default: T,
    ) -> Result<T, CheckpointError> {
        Ok(self.optional(key)?.unwrap_or(default))
    }

    pub(super) fn word<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
        default: T,
    ) -> Result<T, CheckpointError> {
        let Some(found) = self.optional::<String>(key)? else {
            return Ok(default);
        };
        words
            .iter()
            .find(|(word, _)| *word == found)
            .map(|&(_, value)| value)
            .ok_or_else(|| {
                let known: Vec<&str> = words.iter().map(|&(word, _)| word).collect();
                self.error(key, format!("is {found:?}; known are {}", known.join(", ")))
            })
    }

    pub(super) fn family(&self) -> Result<Family, CheckpointError> {
        let found: String = self.optional("model_type")?.ok_or_else(|| {
            self.error(
                "model_type",
                "is missing; it should be wav2vec2, hubert or wavlm",
            )
        })?;
        [Family::Wav2Vec2, Family::Hubert, Family::WavLm]
            .into_iter()
            .find(|family| family.model_type() == found)
            .ok_or_else(|| {
                self.error(
                    "model_type",
                    format!("is {found:?}; only wav2vec2, hubert and wavlm can be fine-tuned"),
                )
            })
    }

    /// Options that change the computation and are not computed here.
    pub(super) fn refuse_unsupported(&self) -> Result<(), CheckpointError> {
        if self.get("add_adapter", false)? {
            return Err(self.error(
                "add_adapter",
                "is true; models with adapter layers on top are not supported",
            ));
        }
        if self.optional::<usize>("adapter_attn_dim")?.is_some() {
            return Err(self.error(
                "adapter_attn_dim",
                "is set; models with adapters in the attention layers are not supported",
            ));
        }
        if self.get("conv_pos_batch_norm", false)? {
            return Err(self.error(
                "conv_pos_batch_norm",
                "is true; a positional convolution with batch norm is not supported, only one with weight norm",
            ));
        }
        Ok(())
    }
}

/// Writes the fields over `raw`. A value that says the same as before keeps its own spelling.
pub(super) fn put(raw: &mut Map<String, Value>, config: &ModelConfig) {
    let fields = [
        ("model_type", json!(config.family.model_type())),
        ("hidden_size", json!(config.hidden_size)),
        ("num_hidden_layers", json!(config.num_hidden_layers)),
        ("num_attention_heads", json!(config.num_attention_heads)),
        ("intermediate_size", json!(config.intermediate_size)),
        ("hidden_dropout", json!(config.hidden_dropout)),
        ("attention_dropout", json!(config.attention_dropout)),
        ("activation_dropout", json!(config.activation_dropout)),
        ("feat_proj_dropout", json!(config.feat_proj_dropout)),
        ("layerdrop", json!(config.layerdrop)),
        ("apply_spec_augment", json!(config.apply_spec_augment)),
        ("mask_time_prob", json!(config.mask_time_prob)),
        ("mask_time_length", json!(config.mask_time_length)),
        ("mask_time_min_masks", json!(config.mask_time_min_masks)),
        ("mask_feature_prob", json!(config.mask_feature_prob)),
        ("mask_feature_length", json!(config.mask_feature_length)),
        (
            "mask_feature_min_masks",
            json!(config.mask_feature_min_masks),
        ),
    ];
    for (key, value) in fields {
        let same = raw
            .get(key)
            .is_some_and(|old| match (old.as_f64(), value.as_f64()) {
                (Some(old), Some(new)) => old == new,
                _ => *old == value,
            });
        if !same {
            raw.insert(key.to_owned(), value);
        }
    }
}
