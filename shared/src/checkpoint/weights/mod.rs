//! Named tensors in files, read one at a time.

mod dtype;
mod region;
mod safetensors;
mod shards;
mod torch;

pub use dtype::DType;

use super::CheckpointError;
use crate::files::Files;
use indexmap::IndexMap;
use region::Region;
use std::collections::BTreeSet;

/// The tensors of a model folder by their names in the files; values stay in the files.
pub struct Tensors<'f> {
    files: &'f dyn Files,
    folder: String,
    regions: IndexMap<String, Region>,
}

impl<'f> Tensors<'f> {
    /// Lists the tensors of `model.safetensors`, else of its shards, else of `pytorch_model.bin`,
    /// else of its shards.
    ///
    /// # Errors
    /// [`CheckpointError::NoWeights`] if none of these is there; files that cannot be read, are
    /// damaged, or (PyTorch's) hold anything but tensors.
    pub fn open(files: &'f dyn Files, folder: &str) -> Result<Self, CheckpointError> {
        let regions = shards::list_folder(files, folder)?;
        Ok(Self {
            files,
            folder: folder.to_owned(),
            regions,
        })
    }

    /// Lists the tensors of one safetensors file.
    ///
    /// # Errors
    /// A file that cannot be read or is damaged.
    pub fn open_safetensors(files: &'f dyn Files, path: &str) -> Result<Self, CheckpointError> {
        let regions = safetensors::list(files, path)?;
        Ok(Self {
            files,
            folder: path.to_owned(),
            regions,
        })
    }

    /// Names in the order of the files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.regions.keys().map(String::as_str)
    }

    /// The files that hold them, sorted.
    #[must_use]
    pub fn files(&self) -> Vec<&str> {
        let paths: BTreeSet<&str> = self
            .regions
            .values()
            .map(|region| region.path.as_str())
            .collect();
        paths.into_iter().collect()
    }

    /// Shape, outermost first; a scalar's is empty.
    #[must_use]
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.regions.get(name).map(|region| region.shape.as_slice())
    }

    /// The type of the values in the file.
    #[must_use]
    pub fn dtype(&self, name: &str) -> Option<DType> {
        self.regions.get(name).map(|region| region.dtype)
    }

    /// The values in row-major order, whatever their type and order in the file.
    ///
    /// # Errors
    /// [`CheckpointError::NoTensor`] for a name that is not there, [`CheckpointError::Tensor`] for
    /// values of a type that is not supported, [`CheckpointError::Read`] if the file cannot be read
    /// (any more).
    pub fn read_f32(&self, name: &str) -> Result<Vec<f32>, CheckpointError> {
        let region = self
            .regions
            .get(name)
            .ok_or_else(|| CheckpointError::NoTensor {
                folder: self.folder.clone(),
                tensor: name.to_owned(),
            })?;
        if region.dtype == DType::Other {
            let reason = "has values of a type that is not supported";
            return Err(CheckpointError::tensor(&region.path, name, reason));
        }
        region
            .read_f32(self.files)
            .map_err(CheckpointError::read(&region.path))
    }
}
