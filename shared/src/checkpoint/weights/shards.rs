//! Which files of a folder hold the weights.

use super::{super::CheckpointError, region::Region, safetensors, torch};
use crate::files::Files;
use indexmap::IndexMap;
use serde_json::Value;
use std::{collections::BTreeMap, io::Read};

type Listing = IndexMap<String, Region>;
type Reader = fn(&dyn Files, &str) -> Result<Listing, CheckpointError>;

/// Whole files and their indices, best form first.
const FORMS: &[(&str, Reader)] = &[
    ("model.safetensors", safetensors::list),
    ("pytorch_model.bin", torch::list),
];

/// In bytes. A thousand times what the largest models need.
const LARGEST_INDEX: u64 = 64 << 20;

/// How a file begins that Git's extension for large files left in place of the real one.
const POINTER: &[u8] = b"version https://git-lfs";

/// The tensors of a model folder.
pub(super) fn list_folder(files: &dyn Files, folder: &str) -> Result<Listing, CheckpointError> {
    for &(name, reader) in FORMS {
        let whole = format!("{folder}/{name}");
        if files.size(&whole).is_ok() {
            refuse_pointer(files, &whole)?;
            return reader(files, &whole);
        }
        let index = format!("{folder}/{name}.index.json");
        if files.size(&index).is_ok() {
            return list_shards(files, folder, &index, reader);
        }
    }
    Err(CheckpointError::NoWeights {
        folder: folder.to_owned(),
    })
}

/// A clone without Git LFS has small text files under the names of the large ones.
fn refuse_pointer(files: &dyn Files, path: &str) -> Result<(), CheckpointError> {
    let mut start = Vec::new();
    files
        .open(path)
        .and_then(|file| file.take(POINTER.len() as u64).read_to_end(&mut start))
        .map_err(CheckpointError::read(path))?;
    if start == POINTER {
        let reason = "it only points at the real file in Git LFS; run `git lfs pull` in its folder";
        return Err(CheckpointError::damaged(path, reason));
    }
    Ok(())
}

fn list_shards(
    files: &dyn Files,
    folder: &str,
    index: &str,
    reader: Reader,
) -> Result<Listing, CheckpointError> {
    let json = |reason: String| CheckpointError::Json {
        path: index.to_owned(),
        reason,
    };
    let size = files.size(index).map_err(CheckpointError::read(index))?;
    if size > LARGEST_INDEX {
        return Err(json(format!(
            "it has {size} bytes, and no index has more than {LARGEST_INDEX}"
        )));
    }
    let bytes = files.read(index).map_err(CheckpointError::read(index))?;
    let parsed: Value = serde_json::from_slice(&bytes).map_err(|error| json(error.to_string()))?;
    let map = parsed
        .get("weight_map")
        .and_then(Value::as_object)
        .ok_or_else(|| json("it has no \"weight_map\"".to_owned()))?;
    let mut shards: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (tensor, shard) in map {
        let shard = shard
            .as_str()
            .ok_or_else(|| json(format!("{tensor} has no file name")))?;
        // The names are a stranger's data: none may lead out of the folder.
        if shard.is_empty() || shard.starts_with('.') || shard.contains(['/', '\\', '\0', ':']) {
            return Err(json(format!(
                "{tensor} is said to be in {shard:?}, which is not a plain file name"
            )));
        }
        shards.entry(shard).or_default().push(tensor);
    }
    let mut all = Listing::new();
    for (shard, tensors) in shards {
        let path = format!("{folder}/{shard}");
        refuse_pointer(files, &path)?;
        let mut listing = reader(files, &path)?;
        for tensor in tensors {
            let region = listing.swap_remove(tensor).ok_or_else(|| {
                CheckpointError::tensor(
                    &path,
                    tensor,
                    "the index says that it is in this file, but it is not",
                )
            })?;
            all.insert(tensor.to_owned(), region);
        }
        // What the index forgets is listed too, so that it is reported like anything unexpected.
        for (tensor, region) in listing {
            if !map.contains_key(&tensor) {
                all.insert(tensor, region);
            }
        }
    }
    Ok(all)
}
