//! One clip at a time: from the cache, else from the file.

use super::{Clip, LoaderStats, Request, cache::Cache};
use crate::{
    audio::{self, Limits, RATE, Stretch},
    data::{DataError, Utterance},
    files::Files,
};
use std::{
    fmt::{self, Debug, Formatter},
    sync::Arc,
};

/// Where clips come from.
pub(super) struct Source {
    files: Arc<dyn Files>,
    pub(super) utterances: Arc<[Utterance]>,
    pub(super) max_seconds: f64,
    cache: Cache,
}

impl Source {
    pub(super) fn new(
        files: Arc<dyn Files>,
        utterances: Arc<[Utterance]>,
        max_seconds: f64,
        kept: usize,
    ) -> Self {
        Self {
            files,
            utterances,
            max_seconds,
            cache: Cache::new(kept),
        }
    }

    /// The same with an empty cache of `kept` bytes.
    pub(super) fn with_budget(&self, kept: usize) -> Self {
        Self::new(
            Arc::clone(&self.files),
            Arc::clone(&self.utterances),
            self.max_seconds,
            kept,
        )
    }

    /// The samples of a clip.
    pub(super) fn clip(&self, (index, window): Request) -> Result<Clip, DataError> {
        let count = self.utterances.len();
        let utterance = self
            .utterances
            .get(index)
            .ok_or(DataError::NoUtterance { index, count })?;
        if let Some(clip) = self.cache.get(index, window) {
            return Ok(clip);
        }
        let stretch = Stretch {
            file: &utterance.file,
            start: utterance.start,
            end: utterance.end,
        };
        let clip = audio::read_clip(
            &*self.files,
            stretch,
            Some(self.max_seconds),
            window,
            &Limits::default(),
        )?;
        let clip: Clip = clip.samples.into();
        let is_whole = clip.len() < (self.max_seconds * f64::from(RATE)).round() as usize;
        self.cache.put(index, window, is_whole, &clip);
        Ok(clip)
    }

    pub(super) fn stats(&self) -> LoaderStats {
        self.cache.stats()
    }
}

impl Debug for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("utterances", &self.utterances.len())
            .finish_non_exhaustive()
    }
}
