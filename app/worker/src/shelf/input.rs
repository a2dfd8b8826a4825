//! Files of the shelf are read where they lie.

use super::{STATE, Shelf, not_found};
use between::problem;
use shared::files::{self, Files, ReadSeek};
use std::{
    collections::BTreeSet,
    io::{self, Cursor, Read, Seek, SeekFrom},
    sync::Arc,
};

impl Files for Shelf {
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        STATE.with_borrow(|state| {
            if let Some(bytes) = state.waiting.get(path) {
                return Ok(Box::new(Cursor::new(Arc::clone(bytes))) as Box<dyn ReadSeek>);
            }
            let found = state.register.get(path).ok_or_else(not_found)?;
            Ok(Box::new(Reader {
                slot: found.slot,
                size: found.size,
                position: 0,
            }))
        })
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        STATE.with_borrow(|state| {
            if let Some(bytes) = state.waiting.get(path) {
                return Ok(bytes.len() as u64);
            }
            let found = state.register.get(path).ok_or_else(not_found)?;
            Ok(found.size)
        })
    }

    fn is_folder(&self, path: &str) -> bool {
        self.list(path).is_ok()
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let folder = path.trim_matches('/');
        let prefix = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        STATE.with_borrow(|state| {
            let inside = state.names().filter_map(|name| name.strip_prefix(&prefix));
            let names: BTreeSet<String> = inside
                .map(|rest| rest.split('/').next().unwrap_or(rest).to_owned())
                .collect();
            if names.is_empty() && !folder.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "no such folder"));
            }
            Ok(names.into_iter().collect())
        })
    }
}

/// The content of a slot at a position.
struct Reader {
    slot: u32,
    size: u64,
    position: u64,
}

impl Read for Reader {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = self.size.saturating_sub(self.position);
        let length = (bytes.len() as u64).min(left) as usize;
        if length == 0 {
            return Ok(0);
        }
        let count = STATE.with_borrow(|state| {
            let handle = state.slots.get(&self.slot).ok_or_else(not_found)?;
            let read = handle.read_at(&mut bytes[..length], self.position);
            read.map_err(|error| problem(&error))
        })?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = files::seek(to, self.position, self.size)?;
        Ok(self.position)
    }
}
