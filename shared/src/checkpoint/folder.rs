//! A model folder: configuration, preprocessing, and weights that belong together.

use super::{
    CheckpointError, DType, Family, LeftOver, ModelConfig, Tensors,
    layout::MASK_VECTOR,
    names::{Role, copied, is_former, is_of_encoder, layer_of, role, style},
};
use crate::{
    config::{HeadConfig, HeadStyle},
    files::Files,
};
use indexmap::{IndexMap, map::Entry};
use serde_json::Value;
use std::collections::HashSet;

/// Longest `config.json` that is read, in bytes. Vocabularies of labels make some a megabyte.
const LONGEST_TEXT: u64 = 16 << 20;

/// A tensor of the file that is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Its name in the file.
    pub name: String,
    /// Why.
    pub reason: LeftOver,
}

/// What a model folder says beside its weights: enough to begin from drawn ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// `config.json`.
    pub config: ModelConfig,
    /// The text of `preprocessor_config.json`, if there is one.
    pub preprocessor: Option<String>,
}

impl Description {
    /// Reads the two files of `folder`.
    ///
    /// # Errors
    /// Files that cannot be read, a configuration that cannot be computed.
    pub fn read(files: &dyn Files, folder: &str) -> Result<Self, CheckpointError> {
        let text = |name: &str| -> Result<String, CheckpointError> {
            let path = format!("{}/{name}", folder.trim_end_matches('/'));
            let size = files.size(&path).map_err(CheckpointError::read(&path))?;
            if size > LONGEST_TEXT {
                let reason = format!("it has {size} bytes, more than any configuration");
                return Err(CheckpointError::Json { path, reason });
            }
            let bytes = files.read(&path).map_err(CheckpointError::read(&path))?;
            String::from_utf8(bytes).map_err(|_| CheckpointError::Json {
                path,
                reason: "the text is not UTF-8".into(),
            })
        };
        let preprocessor = "preprocessor_config.json";
        Ok(Self {
            config: ModelConfig::from_json(
                &text("config.json")?,
                &format!("{}/config.json", folder.trim_end_matches('/')),
            )?,
            preprocessor: match files
                .exists(&format!("{}/{preprocessor}", folder.trim_end_matches('/')))
            {
                true => Some(text(preprocessor)?),
                false => None,
            },
        })
    }
}

/// An opened model folder. Its encoder is complete: every tensor that the configuration asks for
/// is there in its shape, with `masked_spec_embed` as the one exception.
pub struct Checkpoint<'f> {
    /// `config.json`.
    pub config: ModelConfig,
    /// The text of `preprocessor_config.json`, if there is one.
    pub preprocessor: Option<String>,
    /// What the file holds besides, sorted by name.
    pub ignored: Vec<Ignored>,
    folder: String,
    tensors: Tensors<'f>,
    encoder: IndexMap<String, String>,
    head: IndexMap<String, String>,
    style: Option<HeadStyle>,
}

impl<'f> Checkpoint<'f> {
    /// Opens the model in `folder`. Only names and shapes are read yet.
    ///
    /// # Errors
    /// Files that are missing or damaged, a configuration that cannot be computed, tensors that are
    /// missing, twice there or of another shape than the configuration says.
    pub fn open(files: &'f dyn Files, folder: &str) -> Result<Self, CheckpointError> {
        let folder = folder.trim_end_matches('/');
        let Description {
            config,
            preprocessor,
        } = Description::read(files, folder)?;
        let mut checkpoint = Self {
            config,
            preprocessor,
            ignored: Vec::new(),
            folder: folder.to_owned(),
            tensors: Tensors::open(files, folder)?,
            encoder: IndexMap::new(),
            head: IndexMap::new(),
            style: None,
        };
        checkpoint.sort_names()?;
        checkpoint.check_complete()?;
        checkpoint.check_known()?;
        Ok(checkpoint)
    }

    fn sort_names(&mut self) -> Result<(), CheckpointError> {
        let wanted: IndexMap<String, Vec<usize>> = self
            .config
            .tensors()
            .into_iter()
            .map(|spec| (spec.name, spec.shape))
            .collect();
        let names: Vec<String> = self.tensors.names().map(str::to_owned).collect();
        let modern: HashSet<String> = names
            .iter()
            .filter(|name| !is_former(name))
            .filter_map(|name| match role(name) {
                Role::Encoder(name) => Some(name),
                _ => None,
            })
            .collect();
        let all: HashSet<&str> = names.iter().map(String::as_str).collect();
        let copies: HashSet<String> = names
            .iter()
            .filter(|name| {
                copied(name).is_some_and(|original| {
                    all.contains(original.as_str())
                        && self.tensors.shape(&original) == self.tensors.shape(name)
                })
            })
            .cloned()
            .collect();
        self.style = self.find_style(&names);
        let has_head = self.style.is_some();
        for stored in names {
            let left = match role(&stored) {
                // Some files have the mask vector under its old name too; today's is the one that
                // Hugging Face's classes trained.
                Role::Encoder(name) if is_former(&stored) && modern.contains(&name) => {
                    LeftOver::Former
                }
                Role::Encoder(_) if copies.contains(&stored) => continue,
                Role::Encoder(name) if wanted.contains_key(&name) => {
                    enter(&mut self.encoder, name, stored, &self.folder)?;
                    continue;
                }
                Role::Head(name) => {
                    enter(&mut self.head, name, stored, &self.folder)?;
                    continue;
                }
                Role::OtherHead(name)
                    if self
                        .style
                        .is_some_and(|style| style != HeadStyle::Nkululeko) =>
                {
                    enter(&mut self.head, name, stored, &self.folder)?;
                    continue;
                }
                Role::OtherHead(_) => LeftOver::OtherHead,
                Role::LayerWeights if has_head => {
                    enter(
                        &mut self.head,
                        "layer_weights".to_owned(),
                        stored,
                        &self.folder,
                    )?;
                    continue;
                }
                Role::LayerWeights => LeftOver::OtherHead,
                Role::Encoder(name) => match layer_of(&name) {
                    Some(layer) if layer >= self.config.num_hidden_layers => LeftOver::LayerBeyond,
                    _ => LeftOver::Unknown,
                },
                Role::Left(left) => left,
            };
            self.ignored.push(Ignored {
                name: stored,
                reason: left,
            });
        }
        self.head.sort_keys();
        self.ignored.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(())
    }

    /// The head that the file holds, if it is one that is computed here.
    fn find_style(&self, names: &[String]) -> Option<HeadStyle> {
        let layers: Vec<String> = names
            .iter()
            .filter_map(|name| match role(name) {
                Role::Head(name) | Role::OtherHead(name) => Some(name),
                _ => None,
            })
            .collect();
        let style = style(layers.iter().map(String::as_str))?;
        let of_speakers = names
            .iter()
            .any(|name| name.contains("tdnn.") || name.starts_with("objective."));
        let pooling = self.config.raw("pooling_mode").and_then(Value::as_str);
        let computed = match style {
            HeadStyle::Nkululeko => true,
            HeadStyle::SequenceClassification => !of_speakers,
            HeadStyle::Audeering => pooling.is_none_or(|mode| mode == "mean"),
        };
        computed.then_some(style)
    }

    /// Refuses tensors of an encoder that the configuration knows nothing of: without them the
    /// model would be another one.
    fn check_known(&self) -> Result<(), CheckpointError> {
        let unknown: Vec<&str> = self
            .ignored
            .iter()
            .filter(|ignored| ignored.reason == LeftOver::Unknown && is_of_encoder(&ignored.name))
            .map(|ignored| ignored.name.as_str())
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        Err(CheckpointError::Unexpected {
            folder: self.folder.clone(),
            count: unknown.len(),
            names: first_few(&unknown),
        })
    }

    /// What the file holds besides the model, in words and with reasons; `None` if nothing.
    #[must_use]
    pub fn unused(&self) -> Option<String> {
        let mut reasons: IndexMap<String, Vec<&str>> = IndexMap::new();
        for ignored in &self.ignored {
            let reason = ignored.reason.to_string();
            reasons.entry(reason).or_default().push(&ignored.name);
        }
        let words: Vec<String> = reasons
            .iter()
            .map(|(reason, names)| format!("{} ({reason})", first_few(names)))
            .collect();
        (!words.is_empty()).then(|| {
            let (folder, count) = (&self.folder, self.ignored.len());
            format!(
                "{folder}: {count} tensors are not used: {}",
                words.join("; ")
            )
        })
    }

    fn check_complete(&self) -> Result<(), CheckpointError> {
        let mut missing = Vec::new();
        for spec in self.config.tensors() {
            match self.shape(&spec.name) {
                None if spec.name == MASK_VECTOR => {}
                None => missing.push(spec.name),
                Some(found) if found != spec.shape => {
                    return Err(CheckpointError::Shape {
                        folder: self.folder.clone(),
                        tensor: spec.name,
                        found: found.to_vec(),
                        wanted: spec.shape,
                    });
                }
                Some(_) => {}
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let of_positions =
            |name: &String| name.contains(".gru_rel_pos_") || name.contains(".rel_attn_embed");
        if self.config.family == Family::WavLm && missing.iter().all(of_positions) {
            return Err(CheckpointError::Positions {
                folder: self.folder.clone(),
            });
        }
        let names: Vec<&str> = missing.iter().map(String::as_str).collect();
        Err(CheckpointError::Missing {
            folder: self.folder.clone(),
            count: missing.len(),
            names: first_few(&names),
        })
    }

    /// The folder as it was given.
    #[must_use]
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// The files that the weights are read from, sorted.
    #[must_use]
    pub fn weight_files(&self) -> Vec<&str> {
        self.tensors.files()
    }

    /// Canonical names of the encoder's tensors, such as `encoder.layers.0.attention.k_proj.weight`.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.encoder.keys().map(String::as_str)
    }

    /// Names of the head's tensors, sorted: `head.net.N.weight` and `.bias` of Nkululeko's, those of
    /// `projector` and `classifier` of others; and `layer_weights`.
    pub fn head_names(&self) -> impl Iterator<Item = &str> {
        self.head.keys().map(String::as_str)
    }

    /// Whether the folder holds a head that training can go on from.
    #[must_use]
    pub fn has_head(&self) -> bool {
        self.style.is_some()
    }

    /// The folder's head, if it has one.
    ///
    /// # Errors
    /// What [`ModelConfig::head`] finds.
    pub fn head(&self) -> Result<Option<HeadConfig>, CheckpointError> {
        self.style.map(|style| self.config.head(style)).transpose()
    }

    /// The number of the head's outputs.
    #[must_use]
    pub fn outputs(&self) -> Option<usize> {
        let last = match self.style? {
            HeadStyle::Nkululeko => {
                let layer = |name: &str| -> Option<usize> {
                    let layer = name.strip_prefix("head.net.")?.strip_suffix(".bias")?;
                    layer.parse().ok()
                };
                let last = self.head.keys().filter_map(|name| layer(name)).max()?;
                format!("head.net.{last}.bias")
            }
            HeadStyle::SequenceClassification => "classifier.bias".to_owned(),
            HeadStyle::Audeering => "classifier.out_proj.bias".to_owned(),
        };
        self.shape(&last)?.first().copied()
    }

    fn stored(&self, name: &str) -> Option<&str> {
        self.encoder
            .get(name)
            .or_else(|| self.head.get(name))
            .map(String::as_str)
    }

    /// Shape of an encoder's or head's tensor.
    #[must_use]
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.shape(self.stored(name)?)
    }

    /// The values of an encoder's or head's tensor, in row-major order.
    ///
    /// # Errors
    /// [`CheckpointError::NoTensor`] for a name that is not there, [`CheckpointError::NotFinite`] for
    /// values that are no numbers, and what reading it may meet.
    pub fn read_f32(&self, name: &str) -> Result<Vec<f32>, CheckpointError> {
        match self.stored(name) {
            Some(stored) => {
                if let Some(dtype) = self.tensors.dtype(stored)
                    && !dtype.is_float()
                    && dtype != DType::Other
                {
                    let reason = "holds whole numbers where weights should be; a quantised model cannot be fine-tuned";
                    return Err(CheckpointError::tensor(&self.folder, stored, reason));
                }
                let values = self.tensors.read_f32(stored)?;
                match values.iter().position(|value| !value.is_finite()) {
                    None => Ok(values),
                    Some(place) => Err(CheckpointError::NotFinite {
                        folder: self.folder.clone(),
                        tensor: stored.to_owned(),
                        value: values[place],
                    }),
                }
            }
            None => Err(CheckpointError::NoTensor {
                folder: self.folder.clone(),
                tensor: name.to_owned(),
            }),
        }
    }
}

/// The first names of a list that may be long.
fn first_few(names: &[&str]) -> String {
    let more = if names.len() > 4 { ", ..." } else { "" };
    names[..names.len().min(4)].join(", ") + more
}

/// Enters a name once.
fn enter(
    map: &mut IndexMap<String, String>,
    name: String,
    stored: String,
    folder: &str,
) -> Result<(), CheckpointError> {
    match map.entry(name) {
        Entry::Vacant(entry) => {
            entry.insert(stored);
            Ok(())
        }
        Entry::Occupied(entry) => Err(CheckpointError::Twice {
            folder: folder.to_owned(),
            tensor: entry.key().clone(),
            first: entry.get().clone(),
            second: stored,
        }),
    }
}
