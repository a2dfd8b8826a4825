//! The tensors of a checkpoint, from the device and back.

use super::sums::Sums;
use crate::{
    checkpoint::{Tensors, safetensors_header, write_values},
    model::{Parameters, SpeechModel, on_device},
    run::{
        Output, RunError,
        tensors::{Named, of_model},
    },
    train::{Moment, Moments},
};
use burn::tensor::{Device, Tensor};

/// The parameters of `model` that are trained.
pub(super) fn trained(model: &SpeechModel) -> Vec<Named> {
    of_model(model, |param| param.is_trained())
}

/// The `moments`, flat: those of the parameter `p` are `first.p` and `second.p`, and its number of
/// steps, exact below 2^24, is `steps.p`.
pub(super) fn of_moments(moments: &Moments) -> Vec<Named> {
    let named = |order: &str, name: &str, values: &Tensor<1>| Named {
        name: format!("{order}.{name}"),
        shape: values.dims().to_vec(),
        values: values.clone(),
    };
    let mut names: Vec<&String> = moments.keys().collect();
    names.sort_unstable();
    let mut found = Vec::with_capacity(3 * names.len());
    for name in names {
        let Moment {
            first,
            second,
            steps,
        } = &moments[name];
        let steps = Tensor::from_floats([*steps as f32], &first.device());
        found.push(named("first", name, first));
        found.push(named("second", name, second));
        found.push(named("steps", name, &steps));
    }
    found
}

/// Writes `tensors` into the file `name` of `folder`.
pub(super) async fn write(
    output: &dyn Output,
    folder: &str,
    name: &str,
    tensors: Vec<Named>,
    sums: &mut Sums,
) -> Result<(), RunError> {
    let path = format!("{folder}/{name}");
    let failed = |source| RunError::write(&path, source);
    let mut file = Sums::create(output, &path).map_err(failed)?;
    let shapes = tensors
        .iter()
        .map(|tensor| (tensor.name.as_str(), tensor.shape.as_slice()));
    std::io::Write::write_all(&mut file, &safetensors_header(shapes)).map_err(failed)?;
    for tensor in tensors {
        tensor.write_to(&mut file, &path).await?;
    }
    sums.finish(name, file).map_err(failed)
}

/// Writes rows of equal length into the file `name` of `folder`, as the tensor `scores`.
pub(super) fn write_rows<'r>(
    output: &dyn Output,
    folder: &str,
    name: &str,
    rows: impl ExactSizeIterator<Item = &'r [f32]> + Clone,
    sums: &mut Sums,
) -> Result<(), RunError> {
    let path = format!("{folder}/{name}");
    let failed = |source| RunError::write(&path, source);
    let mut file = Sums::create(output, &path).map_err(failed)?;
    let shape = [rows.len(), rows.clone().next().map_or(0, <[f32]>::len)];
    let header = safetensors_header(std::iter::once((SCORES, &shape[..])));
    std::io::Write::write_all(&mut file, &header).map_err(failed)?;
    for row in rows {
        write_values(row, &mut file).map_err(failed)?;
    }
    sums.finish(name, file).map_err(failed)
}

const SCORES: &str = "scores";

/// Reads what [`write_rows`] wrote.
pub(super) fn read_rows(output: &dyn Output, path: &str) -> Result<Vec<Vec<f32>>, String> {
    let tensors = Tensors::open_safetensors(output, path).map_err(|error| error.to_string())?;
    let values = tensors
        .read_f32(SCORES)
        .map_err(|error| error.to_string())?;
    let width = match tensors.shape(SCORES) {
        Some([_, width]) => (*width).max(1),
        _ => return Err(format!("{path}: {SCORES} is no table")),
    };
    Ok(values.chunks_exact(width).map(<[f32]>::to_vec).collect())
}

/// Whether the file at `path` has exactly the trained parameters of `model`, in their shapes.
pub(super) fn fits(output: &dyn Output, path: &str, model: &SpeechModel) -> Result<(), String> {
    let tensors = Tensors::open_safetensors(output, path).map_err(|error| error.to_string())?;
    let (mut wanted, mut missing) = (0, None);
    model.clone().visit("", &mut |name, param| {
        if param.is_trained() {
            wanted += 1;
            if tensors.shape(name) != Some(param.shape().as_slice()) {
                missing.get_or_insert_with(|| name.to_owned());
            }
        }
    });
    match missing {
        Some(name) => Err(format!("{path} is of another model: {name} does not fit")),
        None if tensors.names().count() != wanted => {
            Err(format!("{path} is of another model: it trains other parts"))
        }
        None => Ok(()),
    }
}

/// Gives the parameters of `model` the values of the file at `path`.
pub(super) fn fill(output: &dyn Output, path: &str, model: &mut SpeechModel) -> Result<(), String> {
    let tensors = Tensors::open_safetensors(output, path).map_err(|error| error.to_string())?;
    let mut failure = None;
    model.visit("", &mut |name, param| {
        if failure.is_some() || tensors.shape(name).is_none() {
            return;
        }
        match tensors.read_f32(name) {
            Ok(values) => param.refill(values),
            Err(error) => failure = Some(error.to_string()),
        }
    });
    failure.map_or(Ok(()), Err)
}

/// Reads what was written of [`of_moments`] to `device`.
pub(super) fn read_moments(
    output: &dyn Output,
    path: &str,
    device: &Device,
) -> Result<Moments, String> {
    let tensors = Tensors::open_safetensors(output, path).map_err(|error| error.to_string())?;
    let device = device.clone().inner();
    let read = |name: &str| -> Result<Tensor<1>, String> {
        let values = tensors.read_f32(name).map_err(|error| error.to_string())?;
        let len = values.len();
        Ok(on_device(values, [len], &device))
    };
    let mut moments = Moments::new();
    for name in tensors.names() {
        if let Some(parameter) = name.strip_prefix("first.") {
            let steps = format!("steps.{parameter}");
            let steps = tensors
                .read_f32(&steps)
                .map_err(|error| error.to_string())?;
            let moment = Moment {
                first: read(name)?,
                second: read(&format!("second.{parameter}"))?,
                steps: steps.first().map_or(0, |&steps| steps as u32),
            };
            moments.insert(parameter.to_owned(), moment);
        }
    }
    Ok(moments)
}
