//! Writes a model folder that Nkululeko (1.10.1 and later), Hugging Face's classes and this
//! program read.

use super::{
    CheckpointError, Family, ModelConfig,
    layout::MASK_VECTOR,
    names::{Role, role, style},
};
use crate::config::HeadStyle;
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    io::{self, Write},
};

/// A tensor to be written; values are in row-major order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TensorView<'a> {
    /// Its name in the file: `wav2vec2.` and Hugging Face's name for the encoder of any family,
    /// `head.net.N.weight` and `.bias`, `layer_weights`.
    pub name: &'a str,
    /// Sizes, outermost first.
    pub shape: &'a [usize],
    /// As many values as the shape says.
    pub values: &'a [f32],
}

/// A file of a model folder, ready to be written.
#[derive(Debug, Clone)]
pub struct ModelFile<'a> {
    /// Its name in the folder.
    pub name: &'static str,
    start: Vec<u8>,
    tensors: Vec<TensorView<'a>>,
}

/// A model folder before any of its values is at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPlan {
    /// Names and contents of `config.json` and `preprocessor_config.json`.
    pub texts: [(&'static str, String); 2],
    /// Name of the file of weights.
    pub weights: &'static str,
    /// What stands in it before the values.
    pub start: Vec<u8>,
    /// Which of the planned tensors follow, in this order; some of them twice.
    pub order: Vec<usize>,
}

/// Prefix of the encoder's names.
const ENCODER: &str = "wav2vec2.";

/// Values that are converted and written at a time.
const CHUNK: usize = 1 << 16;

impl ModelFile<'_> {
    /// A file of text.
    pub(super) fn text(name: &'static str, text: String) -> Self {
        Self {
            name,
            start: text.into_bytes(),
            tensors: Vec::new(),
        }
    }

    /// Writes the whole file. Values are converted piece by piece, so that no second copy of the
    /// model is made.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&self.start)?;
        for tensor in &self.tensors {
            write_values(tensor.values, out)?;
        }
        Ok(())
    }

    /// Size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        let values: u64 = self
            .tensors
            .iter()
            .map(|tensor| tensor.values.len() as u64)
            .sum();
        self.start.len() as u64 + 4 * values
    }

    /// The whole file in memory.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.start.clone();
        for tensor in &self.tensors {
            bytes.extend(tensor.values.iter().flat_map(|value| value.to_le_bytes()));
        }
        bytes
    }
}

/// Writes `values` as a safetensors file has them.
pub(crate) fn write_values(values: &[f32], out: &mut dyn Write) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(4 * CHUNK.min(values.len()));
    for values in values.chunks(CHUNK) {
        bytes.clear();
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        out.write_all(&bytes)?;
    }
    Ok(())
}

/// The files of a model folder, planned as by [`plan_model`], with the values of `tensors`.
///
/// # Errors
/// Those of [`plan_model`], and [`CheckpointError::Write`] for a tensor that has not as many values as its shape says.
pub fn model_files<'a>(
    config: &ModelConfig,
    preprocessor: &str,
    tensors: &[TensorView<'a>],
) -> Result<[ModelFile<'a>; 3], CheckpointError> {
    for tensor in tensors {
        let mut sides = tensor.shape.iter();
        let count = sides.try_fold(1_usize, |count, &side| count.checked_mul(side));
        if count != Some(tensor.values.len()) {
            let (shape, count) = (tensor.shape, tensor.values.len());
            let reason = format!("shape {shape:?} does not fit {count} values");
            return Err(refused(tensor.name, reason));
        }
    }
    let shapes: Vec<(&str, &[usize])> = tensors.iter().map(|one| (one.name, one.shape)).collect();
    let plan = plan_model(config, preprocessor, &shapes)?;
    let [first, second] = plan.texts;
    Ok([
        ModelFile::text(first.0, first.1),
        ModelFile::text(second.0, second.1),
        ModelFile {
            name: plan.weights,
            start: plan.start,
            tensors: plan.order.iter().map(|&index| tensors[index]).collect(),
        },
    ])
}

/// Plans the files of a model folder, `config.json`, `preprocessor_config.json` and `model.safetensors`, from the names
/// and shapes of its `tensors` alone: their values may come one after the other.
///
/// `config.json` has all keys of the configuration, those of [`ModelConfig::set_head`] among them;
/// `architectures` names the family's encoder, and the type of the weights is single precision
/// whatever the source had. Tensors are written in their order, to the bit.
///
/// Nkululeko looks for the encoder of every family under `wav2vec2.`, Hugging Face's classes for
/// `HuBERT` and `WavLM` don't: for these the encoder is written under both names, unless the head is one
/// of theirs.
///
/// # Errors
/// [`CheckpointError::Write`] for tensors that are missing, twice there, of no name that would be
/// read again, or of another shape than the configuration says, and for preprocessing that is no
/// JSON object.
pub fn plan_model(
    config: &ModelConfig,
    preprocessor: &str,
    tensors: &[(&str, &[usize])],
) -> Result<ModelPlan, CheckpointError> {
    check_tensors(config, tensors)?;
    let preprocessing = serde_json::from_str::<Map<String, Value>>(preprocessor);
    preprocessing.map_err(|error| refused("preprocessor_config.json", error.to_string()))?;
    let style = style(tensors.iter().map(|(name, _)| *name));
    let mut config = config.clone();
    if let Some(class) = class_of(&config, style) {
        config.set_raw("architectures", json!([class]));
    }
    for key in ["dtype", "torch_dtype"] {
        if config.raw(key).is_some() {
            config.set_raw(key, json!("float32"));
        }
    }
    let own = format!("{}.", config.family.model_type());
    let is_own = style.is_none_or(|style| style == HeadStyle::Nkululeko);
    let mut order: Vec<usize> = (0..tensors.len()).collect();
    let mut names: Vec<String> = tensors
        .iter()
        .map(|(name, _)| match name.strip_prefix(ENCODER) {
            Some(rest) if !is_own => format!("{own}{rest}"),
            _ => (*name).to_owned(),
        })
        .collect();
    if config.family != Family::Wav2Vec2 && is_own {
        for (index, (name, _)) in tensors.iter().enumerate() {
            if let Some(name) = name.strip_prefix(ENCODER) {
                order.push(index);
                names.push(name.to_owned());
            }
        }
    }
    let entries = names.into_iter().zip(&order);
    Ok(ModelPlan {
        texts: [
            ("config.json", config.to_json()),
            ("preprocessor_config.json", preprocessor.to_owned()),
        ],
        weights: "model.safetensors",
        start: safetensors_header(entries.map(|(name, &index)| (name, tensors[index].1))),
        order,
    })
}

/// The class that reads the model; `None` leaves what the configuration says.
fn class_of(config: &ModelConfig, style: Option<HeadStyle>) -> Option<String> {
    let encoder = config.family.encoder_class();
    match style {
        None | Some(HeadStyle::Nkululeko) => Some(encoder.to_owned()),
        Some(HeadStyle::SequenceClassification) => Some(config.family.sequence_class()),
        Some(HeadStyle::Audeering) => {
            // Their class stands in no package; its name is whatever the checkpoint calls it.
            let named = config.raw("architectures").and_then(|all| all[0].as_str());
            let is_other = named.is_none_or(|name| {
                name == encoder
                    || name.ends_with("ForPreTraining")
                    || name.ends_with("ForCTC")
                    || name == config.family.sequence_class()
            });
            let stem = encoder.trim_end_matches("Model");
            is_other.then(|| format!("{stem}ForSpeechClassification"))
        }
    }
}

/// A safetensors file with these tensors in their order.
pub(super) fn tensor_file<'a>(name: &'static str, tensors: Vec<TensorView<'a>>) -> ModelFile<'a> {
    let header = safetensors_header(tensors.iter().map(|tensor| (tensor.name, tensor.shape)));
    ModelFile {
        name,
        start: header,
        tensors,
    }
}

/// The safetensors format's header for single-precision tensors of these names and shapes: its
/// length, names and places as JSON, and spaces that bring the values to a multiple of eight bytes.
pub(crate) fn safetensors_header<'a>(
    tensors: impl Iterator<Item = (impl Into<String>, &'a [usize])>,
) -> Vec<u8> {
    let mut entries = Map::new();
    // Hugging Face's loader asks whose tensors these are.
    entries.insert("__metadata__".to_owned(), json!({"format": "pt"}));
    let mut begin = 0_u64;
    for (name, shape) in tensors {
        let values: usize = shape.iter().product();
        let end = begin + 4 * values as u64;
        entries.insert(
            name.into(),
            json!({"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}),
        );
        begin = end;
    }
    let mut text = Value::Object(entries).to_string().into_bytes();
    text.resize(text.len().next_multiple_of(8), b' ');
    let mut header = (text.len() as u64).to_le_bytes().to_vec();
    header.append(&mut text);
    header
}

fn refused(name: &str, reason: impl Into<String>) -> CheckpointError {
    CheckpointError::Write {
        name: name.to_owned(),
        reason: reason.into(),
    }
}

fn check_tensors(
    config: &ModelConfig,
    tensors: &[(&str, &[usize])],
) -> Result<(), CheckpointError> {
    let mut wanted: HashMap<String, Vec<usize>> = config
        .tensors()
        .into_iter()
        .map(|spec| (spec.name, spec.shape))
        .collect();
    let mut others = std::collections::HashSet::new();
    for &(name, shape) in tensors {
        match role(name) {
            Role::Encoder(key) => match wanted.remove(&key) {
                Some(asked) if asked == shape => {}
                Some(asked) => {
                    let reason = format!("has shape {shape:?}, but config.json asks for {asked:?}");
                    return Err(refused(name, reason));
                }
                None => {
                    let reason = "is twice there, or no tensor that config.json asks for";
                    return Err(refused(name, reason));
                }
            },
            Role::Head(_) | Role::OtherHead(_) | Role::LayerWeights if others.insert(name) => {}
            Role::Head(_) | Role::OtherHead(_) | Role::LayerWeights => {
                return Err(refused(name, "is twice there"));
            }
            Role::Left(left) => {
                return Err(refused(name, format!("would not be read again: {left}")));
            }
        }
    }
    wanted.remove(MASK_VECTOR);
    match wanted.keys().min() {
        None => Ok(()),
        Some(name) => Err(refused(name, "is missing among the tensors")),
    }
}
