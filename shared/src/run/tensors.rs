//! Tensors on their way from the device to a file, one at a time: no copy of a model ever stands in memory.

use super::RunError;
use crate::{
    checkpoint::write_values,
    model::{ModelError, ParamMut, Parameters, SpeechModel, read_back},
    with_param,
};
use burn::tensor::Tensor;
use std::io::Write;

/// A tensor on the device, by name.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// The reference's name.
    pub(super) name: String,
    /// Sizes, outermost first.
    pub(super) shape: Vec<usize>,
    /// Row by row.
    pub(super) values: Tensor<1>,
}

/// The parameters of `model` that are `wanted`.
pub(super) fn of_model(model: &SpeechModel, wanted: impl Fn(&ParamMut<'_>) -> bool) -> Vec<Named> {
    let mut found = Vec::new();
    model.clone().visit("", &mut |name, param| {
        if wanted(&param) {
            let (shape, len) = (param.shape(), param.len());
            let values: Tensor<1> =
                with_param!(param, tensor => tensor.clone().inner().reshape([len]));
            found.push(Named {
                name: name.to_owned(),
                shape,
                values,
            });
        }
    });
    found
}

impl Named {
    /// Reads the values back and writes them to `out`, which is at `path`.
    pub(super) async fn write_to(&self, out: &mut dyn Write, path: &str) -> Result<(), RunError> {
        let values = read_back(self.values.clone()).await;
        let values = values.map_err(|detail| ModelError::Readback {
            name: self.name.clone(),
            detail,
        })?;
        write_values(&values, out).map_err(|source| RunError::write(path, source))
    }
}
