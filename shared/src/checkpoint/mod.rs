//! Hugging Face model folders: tensors by name, read and written.
//!
//! [`Checkpoint::open`] reads `config.json` and `preprocessor_config.json`, lists the tensors of
//! `model.safetensors`, its shards, or `pytorch_model.bin`, brings their names to one form, and
//! checks that every tensor which the configuration asks for is there in its shape. Values are
//! read one tensor at a time, so that a model never stands in memory twice. [`model_files`] makes
//! such a folder of a model.

mod adapter;
mod config;
mod error;
mod folder;
mod layout;
mod license;
mod names;
pub mod repository;
mod save;
mod weights;

pub use adapter::{ADAPTER_PREFIX, Adapter, adapter_files};
pub use config::{Activation, Family, FeatureNorm, ModelConfig};
pub use error::CheckpointError;
pub use folder::{Checkpoint, Description, Ignored};
pub use layout::TensorSpec;
pub use license::license;
pub use names::LeftOver;
pub use save::{ModelFile, ModelPlan, TensorView, model_files, plan_model};
#[cfg(feature = "engine")]
pub(crate) use save::{safetensors_header, write_values};
pub use weights::{DType, Tensors};

#[cfg(test)]
mod tests;
