//! Outlines of recordings that were looked at.

use shared::audio::{AudioError, Outline};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Bytes that are kept.
const ROOM: usize = 64 << 20;

/// Outlines of recordings that were looked at lately: decoding an hour takes seconds, and every
/// step of zooming asks again.
#[derive(Default)]
pub(crate) struct Outlines {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    outlines: HashMap<String, (Arc<Outline>, u64)>,
    clock: u64,
}

impl Outlines {
    /// The outline of the recording that `mark` names with its state, made by `make` if it is not
    /// kept.
    ///
    /// # Errors
    /// That of `make`.
    pub(super) fn get(
        &self,
        mark: &str,
        make: impl FnOnce() -> Result<Outline, AudioError>,
    ) -> Result<Arc<Outline>, AudioError> {
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(outline) = lock().take(mark) {
            return Ok(outline);
        }
        let outline = Arc::new(make()?);
        lock().put(mark, outline.clone());
        Ok(outline)
    }
}

impl Kept {
    fn take(&mut self, mark: &str) -> Option<Arc<Outline>> {
        self.clock += 1;
        let (outline, used) = self.outlines.get_mut(mark)?;
        *used = self.clock;
        Some(outline.clone())
    }

    fn put(&mut self, mark: &str, outline: Arc<Outline>) {
        self.clock += 1;
        self.outlines.insert(mark.to_owned(), (outline, self.clock));
        let size = |kept: &Self| -> usize {
            kept.outlines
                .values()
                .map(|(outline, _)| outline.peaks.size())
                .sum()
        };
        while size(self) > ROOM && self.outlines.len() > 1 {
            let oldest = self.outlines.iter().min_by_key(|(_, (_, used))| *used);
            let Some(oldest) = oldest.map(|(mark, _)| mark.clone()) else {
                return;
            };
            self.outlines.remove(&oldest);
        }
    }
}
