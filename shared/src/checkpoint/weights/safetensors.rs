//! The header of a safetensors file: eight bytes with its length, JSON, then the values.

use super::{super::CheckpointError, DType, region::Region};
use crate::files::Files;
use indexmap::IndexMap;
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};
use std::{collections::HashSet, fmt, io::Read};

/// Longest header that is read, as in the reference implementation.
const LONGEST_HEADER: u64 = 100_000_000;

/// Most tensors of one file.
const TENSORS: usize = 1 << 18;

#[derive(serde::Deserialize)]
struct Info {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

/// Names and entries. What is no tensor is passed over without being kept: a header may be large.
struct Header(Vec<(String, Info)>);

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Header;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
                let mut entries = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "__metadata__" {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    if entries.len() >= TENSORS {
                        return Err(A::Error::custom(format!("more than {TENSORS} tensors")));
                    }
                    let info = map.next_value::<Info>().map_err(|error| {
                        A::Error::custom(format!("the entry of {name} is malformed: {error}"))
                    })?;
                    entries.push((name, info));
                }
                Ok(Header(entries))
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

/// The tensors of the file at `path`, in the order of their values.
pub(super) fn list(
    files: &dyn Files,
    path: &str,
) -> Result<IndexMap<String, Region>, CheckpointError> {
    let size = files.size(path).map_err(CheckpointError::read(path))?;
    let (header, data) = header(files, path, size)?;
    let mut found = Vec::new();
    for (name, info) in header.0 {
        let region = region(path, &name, &info, data, size)?;
        found.push((info.data_offsets.0, name, region));
    }
    found.sort_by_key(|(begin, _, region)| (*begin, region.bytes));
    let mut names = HashSet::new();
    if let Some((_, name, _)) = found.iter().find(|(_, name, _)| !names.insert(name)) {
        return Err(CheckpointError::tensor(path, name, "it is there twice"));
    }
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
fn header(files: &dyn Files, path: &str, size: u64) -> Result<(Header, u64), CheckpointError> {
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
        CheckpointError::damaged(path, format!("its header cannot be read: {error}"))
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
    let dtype = DType::from_safetensors(&info.dtype).unwrap_or(DType::Other);
    let (begin, end) = info.data_offsets;
    let bytes = match dtype {
        // How large one of its values is, is not known; none is read.
        DType::Other => end.checked_sub(begin).and_then(|n| usize::try_from(n).ok()),
        known => info
            .shape
            .iter()
            .try_fold(known.size(), |bytes, &side| bytes.checked_mul(side)),
    };
    let bytes = bytes.ok_or_else(|| error(format!("shape {:?} is too large", info.shape)))?;
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
