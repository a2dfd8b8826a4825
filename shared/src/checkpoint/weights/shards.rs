//! Which files of a folder hold the weights.

use super::{super::CheckpointError, region::Region, safetensors};
use crate::files::Files;
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::BTreeMap;

type Listing = IndexMap<String, Region>;
type Reader = fn(&dyn Files, &str) -> Result<Listing, CheckpointError>;

/// Whole files and their indices, best form first.
const FORMS: &[(&str, Reader)] = &[("model.safetensors", safetensors::list)];

/// The tensors of a model folder.
pub(super) fn list_folder(files: &dyn Files, folder: &str) -> Result<Listing, CheckpointError> {
    for &(name, reader) in FORMS {
        let whole = format!("{folder}/{name}");
        if files.size(&whole).is_ok() {
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
    }
    Ok(all)
}
