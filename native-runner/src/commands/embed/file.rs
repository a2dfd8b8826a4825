//! The file of hidden states, written tensor by tensor in any order: none of it is held.

use anyhow::Context;
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    fs::{self, File},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// A file in the format safetensors: the length of a header (64 bits), the header in JSON, the data.
pub(super) struct StatesFile {
    file: File,
    path: PathBuf,
    part: PathBuf,
    /// Where the data of a tensor begin.
    places: HashMap<String, u64>,
    finished: bool,
}

impl StatesFile {
    /// Begins a file with tensors of these names and shapes. It stands at `path` once
    /// [`Self::finish`] has come back.
    pub(super) fn create(
        path: &Path,
        tensors: impl Iterator<Item = (String, Vec<usize>)>,
    ) -> anyhow::Result<Self> {
        let mut header = Map::new();
        let mut offsets = HashMap::new();
        let mut end = 0;
        for (name, shape) in tensors {
            let begin = end;
            end += 4 * shape.iter().product::<usize>() as u64;
            let entry = json!({"dtype": "F32", "shape": shape, "data_offsets": [begin, end]});
            if header.insert(name.clone(), entry).is_some() {
                let file = name.rsplit_once('/').map_or("", |(file, _)| file);
                anyhow::bail!("{file} is named twice");
            }
            offsets.insert(name, begin);
        }
        let mut header = Value::Object(header).to_string().into_bytes();
        // Data begin at a multiple of eight bytes.
        header.resize(header.len().next_multiple_of(8), b' ');
        let first = 8 + header.len() as u64;
        let mut part = path.to_owned().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let written = || -> std::io::Result<File> {
            let mut file = File::create(&part)?;
            file.write_all(&(header.len() as u64).to_le_bytes())?;
            file.write_all(&header)?;
            file.set_len(first + end)?;
            Ok(file)
        };
        let file = written().with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self {
            file,
            path: path.to_owned(),
            part,
            places: offsets
                .into_iter()
                .map(|(name, offset)| (name, first + offset))
                .collect(),
            finished: false,
        })
    }

    /// Writes `values` of a tensor from element `at` on.
    pub(super) fn write(&mut self, name: &str, at: usize, values: &[f32]) -> anyhow::Result<()> {
        let place = self.places.get(name).context("a tensor without a place")?;
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.file
            .seek(SeekFrom::Start(place + 4 * at as u64))
            .and_then(|_| self.file.write_all(&bytes))
            .with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Puts the file in its place; says how many tensors it has.
    pub(super) fn finish(mut self) -> anyhow::Result<usize> {
        self.file
            .sync_all()
            .and_then(|()| fs::rename(&self.part, &self.path))
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        self.finished = true;
        Ok(self.places.len())
    }
}

impl Drop for StatesFile {
    fn drop(&mut self) {
        if !self.finished {
            // It only takes up room.
            let _ = fs::remove_file(&self.part);
        }
    }
}
