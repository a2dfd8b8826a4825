//! The calls and references of a tensor file, built from their arguments alone.

use super::{
    PickleError,
    heap::{Global, Heap, Id, Value},
};
use crate::checkpoint::DType;

/// Most dimensions of a tensor; a model's weights have four at most.
const DIMENSIONS: usize = 16;
/// Longest key of a storage: a number, or a memory address in files before PyTorch 1.6.
const KEY: usize = 64;

/// A run of values in the file that tensors look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::checkpoint::weights::torch) struct Storage {
    /// Its name among the file's storages.
    pub(in crate::checkpoint::weights::torch) key: String,
    /// Type of the values.
    pub(in crate::checkpoint::weights::torch) dtype: DType,
    /// Number of values in the file.
    pub(in crate::checkpoint::weights::torch) count: u64,
    /// First value and number of values that tensors may use.
    pub(in crate::checkpoint::weights::torch) window: (u64, u64),
}

/// A view on a storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::checkpoint::weights::torch) struct StridedTensor {
    pub(in crate::checkpoint::weights::torch) storage: Storage,
    /// First value, counted from the storage's window.
    pub(in crate::checkpoint::weights::torch) offset: u64,
    pub(in crate::checkpoint::weights::torch) size: Vec<u64>,
    /// Distance of neighbours in each dimension, in values.
    pub(in crate::checkpoint::weights::torch) stride: Vec<u64>,
}

/// What calling `function` with the tuple `arguments` gives.
pub(super) fn call(heap: &Heap, function: Id, arguments: Id) -> Result<Value, PickleError> {
    let Value::Global(function) = heap.get(function) else {
        return Err(PickleError::refused(format!(
            "its pickle calls {}",
            heap.get(function).kind()
        )));
    };
    let Value::Tuple(arguments) = heap.get(arguments) else {
        return Err(PickleError::damaged(
            "a call of its pickle has no list of arguments",
        ));
    };
    match (function, arguments.as_slice()) {
        (Global::OrderedDict, []) => Ok(Value::Dict(Vec::new())),
        (Global::OrderedDict, &[pairs]) => ordered_dict(heap, pairs),
        (Global::RebuildTensor, &[storage, offset, size, stride]) => {
            tensor(heap, storage, offset, size, stride)
        }
        (
            Global::RebuildTensorV2,
            &[
                storage,
                offset,
                size,
                stride,
                _gradient,
                _hooks,
                ref rest @ ..,
            ],
        ) if rest.len() <= 1 => {
            if let Some(flags) = rest.first()
                && !matches!(heap.get(*flags), Value::None)
                && *heap.get(*flags) != Value::Dict(Vec::new())
            {
                // Conjugation or negation that has not been carried out yet.
                return Err(PickleError::refused(
                    "a tensor of it has flags beside its values",
                ));
            }
            tensor(heap, storage, offset, size, stride)
        }
        (Global::RebuildParameter, &[data, _gradient, _hooks]) => match heap.get(data) {
            Value::Tensor(tensor) => Ok(Value::Tensor(tensor.clone())),
            other => Err(PickleError::damaged(format!(
                "a parameter of it is {} instead of a tensor",
                other.kind()
            ))),
        },
        (Global::Storage(_), _) => Err(PickleError::refused(
            "its pickle creates a storage by a call",
        )),
        (function, arguments) => Err(PickleError::damaged(format!(
            "its pickle calls {function:?} with {} arguments",
            arguments.len()
        ))),
    }
}

/// `OrderedDict([(key, value), ...])`, as Python 2 wrote it.
fn ordered_dict(heap: &Heap, pairs: Id) -> Result<Value, PickleError> {
    let (Value::List(pairs) | Value::Tuple(pairs)) = heap.get(pairs) else {
        return Err(PickleError::damaged(
            "a dictionary of its pickle is made of no list",
        ));
    };
    let pairs = pairs.iter().map(|&pair| match heap.get(pair) {
        Value::List(pair) | Value::Tuple(pair) if pair.len() == 2 => Ok((pair[0], pair[1])),
        _ => Err(PickleError::damaged(
            "a dictionary of its pickle is made of no pairs",
        )),
    });
    Ok(Value::Dict(pairs.collect::<Result<_, _>>()?))
}

fn tensor(
    heap: &Heap,
    storage: Id,
    offset: Id,
    size: Id,
    stride: Id,
) -> Result<Value, PickleError> {
    let Value::Storage(storage) = heap.get(storage) else {
        return Err(PickleError::damaged(format!(
            "a tensor of it looks at {} instead of a storage",
            heap.get(storage).kind()
        )));
    };
    let (size, stride) = (numbers(heap, size)?, numbers(heap, stride)?);
    if size.len() != stride.len() {
        return Err(PickleError::damaged(format!(
            "a tensor of it has {} sizes and {} strides",
            size.len(),
            stride.len()
        )));
    }
    Ok(Value::Tensor(StridedTensor {
        storage: storage.clone(),
        offset: number(heap, offset)?,
        size,
        stride,
    }))
}

fn numbers(heap: &Heap, id: Id) -> Result<Vec<u64>, PickleError> {
    match heap.get(id) {
        Value::Tuple(items) | Value::List(items) if items.len() <= DIMENSIONS => {
            items.iter().map(|&item| number(heap, item)).collect()
        }
        _ => Err(PickleError::damaged(format!(
            "the sizes of a tensor of it are no list of {DIMENSIONS} numbers or fewer"
        ))),
    }
}

fn number(heap: &Heap, id: Id) -> Result<u64, PickleError> {
    match *heap.get(id) {
        Value::Int(value) => u64::try_from(value)
            .map_err(|_| PickleError::damaged(format!("a size or position of it is {value}"))),
        ref other => Err(PickleError::damaged(format!(
            "a size or position of it is {}",
            other.kind()
        ))),
    }
}

/// The storage that a persistent reference means: `("storage", type, key, device, count)`, with
/// `None` or `(key, first, count)` of a window in files before PyTorch 1.6.
pub(super) fn storage(heap: &Heap, reference: Id) -> Result<Storage, PickleError> {
    let wrong = || PickleError::damaged("its pickle has a reference that names no storage");
    let Value::Tuple(parts) = heap.get(reference) else {
        return Err(wrong());
    };
    let (&[word, class, key, _device, count], window) = match parts.split_at_checked(5) {
        Some((parts, window)) if window.len() <= 1 => (
            <&[Id; 5]>::try_from(parts).map_err(|_| wrong())?,
            window.first(),
        ),
        _ => return Err(wrong()),
    };
    let (Value::Text(word), Value::Global(Global::Storage(dtype)), Value::Text(key)) =
        (heap.get(word), heap.get(class), heap.get(key))
    else {
        return Err(wrong());
    };
    if word != "storage" || key.is_empty() || key.len() > KEY {
        return Err(wrong());
    }
    let count = number(heap, count)?;
    let window = match window.map(|&window| heap.get(window)) {
        None | Some(Value::None) => (0, count),
        Some(Value::Tuple(window)) => match window.as_slice() {
            &[_key, first, length] => (number(heap, first)?, number(heap, length)?),
            _ => return Err(wrong()),
        },
        Some(_) => return Err(wrong()),
    };
    if window.0.checked_add(window.1).is_none_or(|end| end > count) {
        return Err(PickleError::damaged(format!(
            "a window of storage {key} ends beyond its {count} values"
        )));
    }
    Ok(Storage {
        key: key.clone(),
        dtype: *dtype,
        count,
        window,
    })
}
