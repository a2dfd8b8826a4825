//! Nkululeko's keys in `config.json`: the head and its labels.

use super::{super::CheckpointError, ModelConfig, fields::Fields};
use crate::config::{HeadActivation, HeadConfig, LayerPooling, Pooling};
use serde_json::{Map, Value, json};

impl ModelConfig {
    /// The head that the configuration describes; absent keys mean Nkululeko's first head: one
    /// hidden layer of the transformer's width, tanh, mean over time of the last layer.
    ///
    /// # Errors
    /// [`CheckpointError::Config`] for an unknown word or a value out of range.
    pub fn head(&self) -> Result<HeadConfig, CheckpointError> {
        let fields = Fields {
            raw: &self.raw,
            path: &self.path,
        };
        fn word<T>(
            fields: &Fields<'_>,
            key: &str,
            parse: fn(&str) -> Option<T>,
            words: &[&str],
            default: T,
        ) -> Result<T, CheckpointError> {
            match fields.optional::<String>(key)? {
                None => Ok(default),
                Some(found) => parse(&found).ok_or_else(|| {
                    fields.error(key, format!("is {found:?}; known are {}", words.join(", ")))
                }),
            }
        }
        let layers: Option<Vec<usize>> = fields.optional("head_layers")?;
        for &width in layers.iter().flatten() {
            self.within("head_layers", width, super::limits::WIDTH)?;
        }
        let drop = fields.get("final_dropout", 0.0)?;
        if !(0.0..=1.0).contains(&drop) {
            return Err(self.error("final_dropout", format!("is {drop}; it should be 0 to 1")));
        }
        Ok(HeadConfig {
            layers,
            activation: word(
                &fields,
                "head_activation",
                HeadActivation::from_word,
                HeadActivation::WORDS,
                HeadActivation::Tanh,
            )?,
            pooling: word(
                &fields,
                "pooling",
                Pooling::from_word,
                Pooling::WORDS,
                Pooling::Mean,
            )?,
            layer_pooling: word(
                &fields,
                "layer_pooling",
                LayerPooling::from_word,
                LayerPooling::WORDS,
                LayerPooling::Last,
            )?,
            drop,
        })
    }

    /// The labels in the order of the outputs (`id2label`), or `None` where the file names none or
    /// is of a regression, whose map only counts the outputs.
    ///
    /// # Errors
    /// [`CheckpointError::Config`] if the ids are not 0, 1, 2 ...
    pub fn labels(&self) -> Result<Option<Vec<String>>, CheckpointError> {
        let fields = Fields {
            raw: &self.raw,
            path: &self.path,
        };
        let Some(map) = fields.optional::<Map<String, Value>>("id2label")? else {
            return Ok(None);
        };
        let regression = fields.optional::<bool>("is_classifier")? == Some(false)
            || fields.optional::<String>("problem_type")?.as_deref() == Some("regression")
            || map.len() == 1 && map.contains_key("0");
        if regression {
            return Ok(None);
        }
        (0..map.len())
            .map(|id| match map.get(&id.to_string()) {
                Some(Value::String(label)) => Ok(label.clone()),
                _ => Err(self.error("id2label", format!("has no label for {id}"))),
            })
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// The number of outputs: `num_labels`, else of `id2label`, else Hugging Face's 2.
    ///
    /// # Errors
    /// [`CheckpointError::Config`] for values of the wrong type or beyond 65536.
    pub fn num_labels(&self) -> Result<usize, CheckpointError> {
        let fields = Fields {
            raw: &self.raw,
            path: &self.path,
        };
        let named = fields.optional::<Map<String, Value>>("id2label")?;
        let count = match (fields.optional("num_labels")?, named) {
            (Some(count), _) => count,
            (None, Some(labels)) => labels.len(),
            (None, None) => 2,
        };
        self.within("num_labels", count, super::limits::WIDTH)?;
        Ok(count)
    }

    /// Describes a head as Nkululeko does. `labels` is `None` for a regression (one output);
    /// `target` is the label column.
    pub fn set_head(&mut self, head: &HeadConfig, labels: Option<&[String]>, target: &str) {
        let layers = head
            .layers
            .clone()
            .unwrap_or_else(|| vec![self.hidden_size]);
        let mut ids = Map::new();
        let mut names = Map::new();
        match labels {
            // Hugging Face's classes derive the number of outputs from this map, so it is written
            // for a regression too.
            None => {
                ids.insert("0".into(), json!("LABEL_0"));
                names.insert("LABEL_0".into(), json!(0));
            }
            Some(labels) => {
                for (id, label) in labels.iter().enumerate() {
                    ids.insert(id.to_string(), json!(label));
                    names.insert(label.clone(), json!(id));
                }
            }
        }
        for (key, value) in [
            ("num_labels", json!(ids.len())),
            ("id2label", Value::Object(ids)),
            ("label2id", Value::Object(names)),
            ("finetuning_task", json!(target)),
            ("is_classifier", json!(labels.is_some())),
            ("final_dropout", json!(head.drop)),
            ("head_layers", json!(layers)),
            ("head_activation", json!(head.activation.word())),
            ("pooling", json!(head.pooling.word())),
            ("layer_pooling", json!(head.layer_pooling.word())),
        ] {
            self.raw.insert(key.to_owned(), value);
        }
    }
}
