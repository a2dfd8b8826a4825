//! The header of a safetensors file: eight bytes with its length, JSON, then the values.

use super::{super::CheckpointError, DType, region::Region};
use crate::files::Files;
use indexmap::IndexMap;
use serde_json::{Map, Value};
use std::io::Read;

/// Longest header that is read, as in the reference implementation.
const LONGEST_HEADER: u64 = 100_000_000;

#[derive(serde::Deserialize)]
struct Info {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

/// The tensors of the file at `path`, in the order of their values.
pub(super) fn list(
    files: &dyn Files,
    path: &str,
) -> Result<IndexMap<String, Region>, CheckpointError> {
    let size = files.size(path).map_err(CheckpointError::read(path))?;
    let (header, data) = header(files, path, size)?;
    let mut found = Vec::new();
    for (name, value) in header {
        if name == "__metadata__" {
            continue;
        }
        let info: Info = serde_json::from_value(value).map_err(|error| {
            CheckpointError::tensor(path, &name, format!("its entry is malformed: {error}"))
        })?;
        let region = region(path, &name, &info, data, size)?;
        found.push((info.data_offsets.0, name, region));
    }
    found.sort_by_key(|(begin, _, region)| (*begin, region.bytes));
    // The values follow each other without a gap, which also rules out that two tensors overlap.
    let mut end = data;
    for (_, name, region) in &found {
        if region.start != end {
            let reason = "its values overlap with another tensor's, or leave a gap before it";
            return Err(CheckpointError::tensor(path, name, reason));
        }
        end += region.bytes as u64;
    }
    if end != size {
        return Err(CheckpointError::damaged(
            path,
            format!("the header accounts for {end} bytes, but the file has {size}"),
        ));
    }
    Ok(found
        .into_iter()
        .map(|(_, name, region)| (name, region))
        .collect())
}

/// The header, and the position of the first value.
fn header(
    files: &dyn Files,
    path: &str,
    size: u64,
) -> Result<(Map<String, Value>, u64), CheckpointError> {
    let mut file = files.open(path).map_err(CheckpointError::read(path))?;
    let mut length = [0; 8];
    file.read_exact(&mut length)
        .map_err(|_| CheckpointError::damaged(path, format!("it has only {size} bytes")))?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST_HEADER || length > size.saturating_sub(8) {
        return Err(CheckpointError::damaged(
            path,
            format!("its header should have {length} bytes, but the file has {size}"),
        ));
    }
    let mut text = Vec::new();
    file.take(length)
        .read_to_end(&mut text)
        .map_err(CheckpointError::read(path))?;
    let header = serde_json::from_slice(&text).map_err(|error| {
        CheckpointError::damaged(path, format!("its header is not JSON: {error}"))
    })?;
    Ok((header, 8 + length))
}

fn region(
    path: &str,
    name: &str,
    info: &Info,
    data: u64,
    size: u64,
) -> Result<Region, CheckpointError> {
    let error = |reason: String| CheckpointError::tensor(path, name, reason);
    let dtype = DType::from_safetensors(&info.dtype)
        .ok_or_else(|| error(format!("values of type {:?} are not supported", info.dtype)))?;
    let (begin, end) = info.data_offsets;
    let bytes = info
        .shape
        .iter()
        .try_fold(dtype.size(), |bytes, &side| bytes.checked_mul(side))
        .ok_or_else(|| error(format!("shape {:?} is too large", info.shape)))?;
    if end.checked_sub(begin) != Some(bytes as u64) {
        return Err(error(format!(
            "offsets {begin} to {end} do not fit shape {:?} of type {}",
            info.shape, info.dtype
        )));
    }
    if end > size - data {
        return Err(error(format!(
            "its values end beyond the file, which is cut off at {size} bytes"
        )));
    }
    Ok(Region {
        path: path.to_owned(),
        dtype,
        shape: info.shape.clone(),
        strides: None,
        start: data + begin,
        bytes,
    })
}
