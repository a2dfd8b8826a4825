//! Nkululeko's keys in `config.json`: the head and its labels.

use super::{super::CheckpointError, ModelConfig, fields::Fields};
use crate::config::{HeadActivation, HeadConfig, HeadStyle, LayerPooling, Pooling};
use serde_json::{Map, Value, json};

/// Keys that say what a head is; those of another head than the one that is written would mislead.
const KEYS: &[&str] = &[
    "is_classifier",
    "head_layers",
    "head_activation",
    "pooling",
    "layer_pooling",
    "problem_type",
    "pooling_mode",
];

impl ModelConfig {
    /// The head of this style that the configuration describes; absent keys mean Nkululeko's first
    /// head: one hidden layer of the transformer's width, tanh, mean over time of the last layer.
    ///
    /// # Errors
    /// [`CheckpointError::Config`] for an unknown word or a value out of range.
    pub fn head(&self, style: HeadStyle) -> Result<HeadConfig, CheckpointError> {
        match style {
            HeadStyle::Nkululeko => self.own_head(),
            HeadStyle::SequenceClassification | HeadStyle::Audeering => self.other_head(style),
        }
    }

    /// The head of one of Hugging Face's classes, or audEERING's.
    fn other_head(&self, style: HeadStyle) -> Result<HeadConfig, CheckpointError> {
        let fields = Fields {
            raw: &self.raw,
            path: &self.path,
        };
        let projects = style == HeadStyle::SequenceClassification;
        let width = fields.get("classifier_proj_size", 256)?;
        if projects {
            self.within("classifier_proj_size", width, super::limits::WIDTH)?;
        }
        let weighted = projects && fields.get("use_weighted_layer_sum", false)?;
        Ok(HeadConfig {
            style,
            layers: projects.then(|| vec![width]),
            activation: HeadActivation::Tanh,
            pooling: Pooling::Mean,
            layer_pooling: if weighted {
                LayerPooling::Weighted
            } else {
                LayerPooling::Last
            },
            drop: 0.0,
        })
    }

    fn own_head(&self) -> Result<HeadConfig, CheckpointError> {
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
            style: HeadStyle::Nkululeko,
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
        if self.is_regression(&fields, &map)? {
            return Ok(None);
        }
        (0..map.len())
            .map(|id| match map.get(&id.to_string()) {
                Some(Value::String(label)) => Ok(label.clone()),
                Some(Value::Number(label)) => Ok(label.to_string()),
                _ => Err(self.error("id2label", format!("has no label for {id}"))),
            })
            .collect::<Result<_, _>>()
            .map(Some)
    }

    fn is_regression(
        &self,
        fields: &Fields<'_>,
        map: &Map<String, Value>,
    ) -> Result<bool, CheckpointError> {
        let word = |key| fields.optional::<String>(key);
        Ok(fields.optional::<bool>("is_classifier")? == Some(false)
            || word("problem_type")?.as_deref() == Some("regression")
            // audEERING's.
            || word("finetuning_task")?.as_deref() == Some("wav2vec2_reg")
            || map.len() == 1 && map.contains_key("0"))
    }

    /// The names of a regression's values in the order of the outputs; `None` for classes, or where
    /// the file names none.
    #[must_use]
    pub fn value_names(&self) -> Option<Vec<String>> {
        let fields = Fields {
            raw: &self.raw,
            path: &self.path,
        };
        let map: Map<String, Value> = fields.optional("id2label").ok()??;
        if !self.is_regression(&fields, &map).unwrap_or(false) {
            return None;
        }
        (0..map.len())
            .map(|id| Some(map.get(&id.to_string())?.as_str()?.to_owned()))
            .collect()
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

    /// Describes a head in the words of its style. `labels` is `None` for a regression (one output);
    /// `target` is the label column.
    pub fn set_head(&mut self, head: &HeadConfig, labels: Option<&[String]>, target: &str) {
        for key in KEYS {
            self.raw.shift_remove(*key);
        }
        // Hugging Face's classes derive the number of outputs from this map, so it is written for a
        // regression too.
        let value = match head.style {
            HeadStyle::Nkululeko => "LABEL_0",
            HeadStyle::SequenceClassification | HeadStyle::Audeering => target,
        };
        let single = [value.to_owned()];
        let labels_or_value = labels.unwrap_or(&single);
        let mut ids = Map::new();
        let mut names = Map::new();
        for (id, label) in labels_or_value.iter().enumerate() {
            ids.insert(id.to_string(), json!(label));
            names.insert(label.clone(), json!(id));
        }
        let mut entries = vec![
            ("num_labels", json!(ids.len())),
            ("id2label", Value::Object(ids)),
            ("label2id", Value::Object(names)),
            ("finetuning_task", json!(target)),
            ("final_dropout", json!(head.drop)),
        ];
        let layers = head
            .layers
            .clone()
            .unwrap_or_else(|| vec![self.hidden_size]);
        let kind = if labels.is_some() {
            "single_label_classification"
        } else {
            "regression"
        };
        entries.extend(match head.style {
            HeadStyle::Nkululeko => vec![
                ("is_classifier", json!(labels.is_some())),
                ("head_layers", json!(layers)),
                ("head_activation", json!(head.activation.word())),
                ("pooling", json!(head.pooling.word())),
                ("layer_pooling", json!(head.layer_pooling.word())),
            ],
            HeadStyle::SequenceClassification => vec![
                ("problem_type", json!(kind)),
                (
                    "classifier_proj_size",
                    json!(layers.first().copied().unwrap_or(self.hidden_size)),
                ),
                (
                    "use_weighted_layer_sum",
                    json!(head.layer_pooling == LayerPooling::Weighted),
                ),
            ],
            HeadStyle::Audeering => vec![
                ("problem_type", json!(kind)),
                ("pooling_mode", json!("mean")),
            ],
        });
        for (key, value) in entries {
            self.raw.insert(key.to_owned(), value);
        }
    }
}
