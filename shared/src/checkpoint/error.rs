//! What can be wrong with a model folder.

use std::io;

/// Why a model folder could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The system could not read a file.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// The system's error.
        source: io::Error,
    },
    /// The folder has no weights in a known form.
    #[error(
        "{folder} holds no model weights: none of model.safetensors, model.safetensors.index.json, \
         pytorch_model.bin or pytorch_model.bin.index.json is there"
    )]
    NoWeights {
        /// The folder.
        folder: String,
    },
    /// A JSON file is not JSON, or not of the form that it should have.
    #[error("{path} is not a valid JSON object: {reason}")]
    Json {
        /// The file.
        path: String,
        /// What the parser says.
        reason: String,
    },
    /// A value of `config.json` cannot be used.
    #[error("{path}: \"{key}\" {reason}")]
    Config {
        /// The file.
        path: String,
        /// The key.
        key: String,
        /// What is wrong with its value, and what to do.
        reason: String,
    },
    /// A weights file does not have the form that it claims.
    #[error("{path} is damaged or not what its name says: {reason}")]
    Damaged {
        /// The file.
        path: String,
        /// What does not fit.
        reason: String,
    },
    /// One tensor of a weights file cannot be used.
    #[error("{path}: tensor {tensor}: {reason}")]
    Tensor {
        /// The file.
        path: String,
        /// The tensor, by its name in the file.
        tensor: String,
        /// What does not fit.
        reason: String,
    },
    /// A weights file asks for code to be run, or uses a form that only running code could read.
    #[error(
        "{path} is refused: {reason}. Only plain tensors are read from PyTorch files; convert the \
         file to model.safetensors (in Python: `from safetensors.torch import save_file`)"
    )]
    Refused {
        /// The file.
        path: String,
        /// What it asks for.
        reason: String,
    },
    /// The folder has no tensor of this name.
    #[error("{folder} holds no tensor named {tensor}")]
    NoTensor {
        /// The folder.
        folder: String,
        /// The name that was asked for.
        tensor: String,
    },
    /// Two names of the file stand for the same tensor.
    #[error("{folder}: {first} and {second} are both {tensor}; remove one of them")]
    Twice {
        /// The folder.
        folder: String,
        /// The name that both stand for.
        tensor: String,
        /// The one name in the file.
        first: String,
        /// The other.
        second: String,
    },
    /// Tensors that the configuration asks for are not in the weights.
    #[error(
        "{folder} lacks {count} of the model's tensors ({names}); config.json and the weights do \
         not belong together"
    )]
    Missing {
        /// The folder.
        folder: String,
        /// How many.
        count: usize,
        /// The first few names.
        names: String,
    },
    /// A WavLM without its position bias.
    #[error(
        "{folder} is a WavLM without relative positions: Nkululeko before 1.10 saved such models, and \
         trained them as wav2vec2; write \"model_type\": \"wav2vec2\" into its config.json to use it as it was \
         trained"
    )]
    Positions {
        /// The folder.
        folder: String,
    },
    /// The encoder in the weights has tensors that the configuration knows nothing of.
    #[error(
        "{folder} has {count} tensors of an encoder that config.json does not describe ({names}); \
         config.json and the weights do not belong together"
    )]
    Unexpected {
        /// The folder.
        folder: String,
        /// How many.
        count: usize,
        /// The first few names.
        names: String,
    },
    /// A weight is no number.
    #[error(
        "{folder}: tensor {tensor} holds {value}, which is no weight; the file comes from a training that failed, or is damaged"
    )]
    NotFinite {
        /// The folder.
        folder: String,
        /// The tensor, by its name in the file.
        tensor: String,
        /// NaN or an infinity.
        value: f32,
    },
    /// A tensor has another shape than the configuration says.
    #[error("{folder}: {tensor} has shape {found:?}, but config.json asks for {wanted:?}")]
    Shape {
        /// The folder.
        folder: String,
        /// The tensor.
        tensor: String,
        /// Its shape in the file.
        found: Vec<usize>,
        /// Its shape by the configuration.
        wanted: Vec<usize>,
    },
    /// A model folder could not be written.
    #[error("cannot write {name}: {reason}")]
    Write {
        /// The file or tensor.
        name: String,
        /// What does not fit.
        reason: String,
    },
}

impl CheckpointError {
    pub(super) fn damaged(path: &str, reason: impl Into<String>) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }

    pub(super) fn tensor(path: &str, tensor: &str, reason: impl Into<String>) -> Self {
        Self::Tensor {
            path: path.to_owned(),
            tensor: tensor.to_owned(),
            reason: reason.into(),
        }
    }

    pub(super) fn refused(path: &str, reason: impl Into<String>) -> Self {
        Self::Refused {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }

    pub(super) fn read(path: &str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Read { path, source }
    }
}
