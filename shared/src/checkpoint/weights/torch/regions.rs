//! From views on storages to places in the file.

use super::pickle::{Heap, Id, Storage, StridedTensor, Value};
use super::{super::region::Region, CheckpointError};
use indexmap::IndexMap;

/// The tensors of the dictionary `root` by name.
pub(super) fn dictionary<'h>(
    path: &str,
    heap: &'h Heap,
    root: Id,
) -> Result<IndexMap<&'h str, &'h StridedTensor>, CheckpointError> {
    let Value::Dict(pairs) = heap.get(root) else {
        return Err(CheckpointError::damaged(
            path,
            "it holds no dictionary of tensors by name",
        ));
    };
    let named = pairs.iter().map(|&(name, value)| {
        let Value::Text(name) = heap.get(name) else {
            let reason = "a key of its dictionary is no text";
            return Err(CheckpointError::damaged(path, reason));
        };
        match heap.get(value) {
            Value::Tensor(tensor) => Ok((name.as_str(), tensor)),
            _ => Err(CheckpointError::tensor(
                path,
                name,
                "is not a tensor: the file is a training state or something else, not a model's weights",
            )),
        }
    });
    named.collect()
}

/// The places of `tensors`; `locate` gives the position of a storage's first value, having seen to
/// it that the storage lies within the file.
pub(super) fn regions(
    path: &str,
    tensors: IndexMap<&str, &StridedTensor>,
    mut locate: impl FnMut(&str, &Storage) -> Result<u64, CheckpointError>,
) -> Result<IndexMap<String, Region>, CheckpointError> {
    let placed = tensors.into_iter().map(|(name, tensor)| {
        let start = locate(name, &tensor.storage)?;
        Ok((name.to_owned(), region(path, name, tensor, start)?))
    });
    placed.collect()
}

/// The place of `tensor`, whose storage begins at `start`; the storage lies within the file.
fn region(
    path: &str,
    name: &str,
    tensor: &StridedTensor,
    start: u64,
) -> Result<Region, CheckpointError> {
    let error = |reason: String| CheckpointError::tensor(path, name, reason);
    let (first, available) = tensor.storage.window;
    let count = tensor
        .size
        .iter()
        .try_fold(1_u64, |count, &side| count.checked_mul(side));
    let span = if tensor.size.contains(&0) {
        Some(0)
    } else {
        let mut sides = tensor.size.iter().zip(&tensor.stride);
        sides.try_fold(1_u64, |span, (&side, &stride)| {
            span.checked_add((side - 1).checked_mul(stride)?)
        })
    };
    let (Some(count), Some(span)) = (count.or((span == Some(0)).then_some(0)), span) else {
        return Err(error(format!("shape {:?} is too large", tensor.size)));
    };
    if tensor
        .offset
        .checked_add(span)
        .is_none_or(|end| end > available)
    {
        return Err(error(format!(
            "shape {:?} at position {} goes beyond the {available} values of its storage",
            tensor.size, tensor.offset
        )));
    }
    if count > span {
        return Err(error(format!(
            "shape {:?} with strides {:?} uses the same values several times",
            tensor.size, tensor.stride
        )));
    }
    let sides = |sides: &[u64]| -> Result<Vec<usize>, CheckpointError> {
        let sides = sides.iter().map(|&side| usize::try_from(side));
        sides
            .collect::<Result<_, _>>()
            .map_err(|_| error(format!("shape {:?} is too large", tensor.size)))
    };
    // A dimension of one value has no neighbours, so its stride may be any number.
    let strides: Vec<u64> = tensor
        .size
        .iter()
        .zip(&tensor.stride)
        .map(|(&side, &stride)| if side > 1 { stride } else { 0 })
        .collect();
    let dtype = tensor.storage.dtype;
    let bytes = usize::try_from(span)
        .ok()
        .and_then(|span| span.checked_mul(dtype.size()))
        .ok_or_else(|| error(format!("shape {:?} is too large", tensor.size)))?;
    Ok(Region {
        path: path.to_owned(),
        dtype,
        shape: sides(&tensor.size)?,
        strides: if span == 0 || is_row_major(&tensor.size, &strides) {
            None
        } else {
            Some(sides(&strides)?)
        },
        // Within the storage, as checked above, and so within the file.
        start: start + (first + tensor.offset) * dtype.size() as u64,
        bytes,
    })
}

fn is_row_major(size: &[u64], strides: &[u64]) -> bool {
    let mut expected = 1;
    size.iter().zip(strides).rev().all(|(&side, &stride)| {
        let fits = side == 1 || stride == expected;
        expected *= side;
        fits
    })
}
