//! PyTorch's form before 1.6: five pickles (a magic number, a version, facts on the machine, the
//! dictionary, the storages' keys), then each storage as its number of values and the values.

use super::{
    super::region::Region,
    CheckpointError, in_file,
    pickle::{self, Heap, Id, Source, Value},
    regions,
};
use crate::{checkpoint::DType, files::Files};
use indexmap::IndexMap;
use std::{
    collections::HashMap,
    io::{BufReader, Read, Seek, SeekFrom},
};

const MAGIC: i128 = 0x1950_a86a_20f9_469c_fc6c;
const VERSION: i128 = 1001;

/// The tensors of the file at `path`.
pub(super) fn list(
    files: &dyn Files,
    path: &str,
    size: u64,
) -> Result<IndexMap<String, Region>, CheckpointError> {
    let file = files.open(path).map_err(CheckpointError::read(path))?;
    let mut reader = BufReader::new(file);
    let mut source = Source::new(&mut reader);
    let mut load = || pickle::load(&mut source).map_err(in_file(path));
    for (expected, what) in [(MAGIC, "magic number"), (VERSION, "version")] {
        let (heap, root) = load()?;
        if *heap.get(root) != Value::Int(expected) {
            return Err(CheckpointError::damaged(
                path,
                format!("it is a pickle without the {what} of a PyTorch file"),
            ));
        }
    }
    let (heap, root) = load()?;
    if !little_endian(&heap, root) {
        return Err(CheckpointError::refused(
            path,
            "its numbers are in the byte order of another kind of machine (big-endian)",
        ));
    }
    let (heap, root) = load()?;
    let tensors = regions::dictionary(path, &heap, root)?;
    let (keys, order) = load()?;
    let first = source.position();
    let starts = Storages { path, size }.find(files, &heap, (&keys, order), first)?;
    regions::regions(path, tensors, |name, storage| {
        match starts.get(&storage.key) {
            Some(&(start, dtype, count)) if (dtype, count) == (storage.dtype, storage.count) => {
                Ok(start)
            }
            Some(_) => Err(CheckpointError::tensor(
                path,
                name,
                format!(
                    "its storage {} has another type or size in another place",
                    storage.key
                ),
            )),
            None => Err(CheckpointError::tensor(
                path,
                name,
                format!("its storage {} is not in the file", storage.key),
            )),
        }
    })
}

/// What the facts on the machine say about the byte order; nothing is the usual.
fn little_endian(heap: &Heap, root: Id) -> bool {
    let Value::Dict(facts) = heap.get(root) else {
        return true;
    };
    !facts.iter().any(|&(key, value)| {
        matches!(heap.get(key), Value::Text(key) if key == "little_endian")
            && *heap.get(value) == Value::Bool(false)
    })
}

struct Storages<'a> {
    path: &'a str,
    size: u64,
}

impl Storages<'_> {
    /// Position of the first value, type and number of values of each storage; they follow each
    /// other from `position` in the order of the list `order`.
    fn find(
        &self,
        files: &dyn Files,
        heap: &Heap,
        order: (&Heap, Id),
        mut position: u64,
    ) -> Result<HashMap<String, (u64, DType, u64)>, CheckpointError> {
        let damaged = |reason: String| CheckpointError::damaged(self.path, reason);
        let known: HashMap<&str, (DType, u64)> = heap
            .iter()
            .filter_map(|value| match value {
                Value::Storage(storage) => {
                    Some((storage.key.as_str(), (storage.dtype, storage.count)))
                }
                _ => None,
            })
            .collect();
        let Value::List(keys) = order.0.get(order.1) else {
            return Err(damaged("it has no list of storages".to_owned()));
        };
        let mut file = files
            .open(self.path)
            .map_err(CheckpointError::read(self.path))?;
        let mut starts = HashMap::new();
        for &key in keys {
            let Value::Text(key) = order.0.get(key) else {
                return Err(damaged("the key of a storage is no text".to_owned()));
            };
            let &(dtype, count) = known
                .get(key.as_str())
                .ok_or_else(|| damaged(format!("nothing says of which type storage {key:?} is")))?;
            let mut written = [0; 8];
            file.seek(SeekFrom::Start(position))
                .and_then(|_| file.read_exact(&mut written))
                .map_err(|_| damaged(format!("it is cut off before storage {key:?}")))?;
            let written = u64::from_le_bytes(written);
            if written != count {
                return Err(damaged(format!(
                    "storage {key:?} has {written} values, but the dictionary says {count}"
                )));
            }
            let end = count
                .checked_mul(dtype.size() as u64)
                .and_then(|bytes| bytes.checked_add(position + 8))
                .filter(|&end| end <= self.size)
                .ok_or_else(|| damaged(format!("it is cut off within storage {key:?}")))?;
            if starts
                .insert(key.clone(), (position + 8, dtype, count))
                .is_some()
            {
                return Err(damaged(format!("storage {key:?} is there twice")));
            }
            position = end;
        }
        Ok(starts)
    }
}
