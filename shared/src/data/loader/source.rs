//! One clip at a time: from the cache, else from the file.

use super::{Clip, LoaderStats, Request, cache::Cache};
use crate::{
    audio::{self, Augmentation, Limits, RATE, Stretch, Window},
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
    augmentation: Augmentation,
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
            augmentation: Augmentation::default(),
            cache: Cache::new(kept),
        }
    }

    /// The same with other changes and an empty cache.
    pub(super) fn with_augmentation(&self, augmentation: Augmentation) -> Self {
        Self {
            augmentation,
            ..self.with_budget(self.cache.budget())
        }
    }

    /// The same with an empty cache of `kept` bytes.
    pub(super) fn with_budget(&self, kept: usize) -> Self {
        Self {
            augmentation: self.augmentation.clone(),
            ..Self::new(
                Arc::clone(&self.files),
                Arc::clone(&self.utterances),
                self.max_seconds,
                kept,
            )
        }
    }

    /// The samples of a clip.
    pub(super) fn clip(&self, request: Request) -> Result<Clip, DataError> {
        let clip = self.plain(request.utterance, request.window)?;
        Ok(match request.draw.filter(|_| self.augmentation.is_on()) {
            Some(seed) => {
                let longest = self.longest();
                self.augmentation.apply(&clip, longest, seed).into()
            }
            None => clip,
        })
    }

    /// Samples of the longest clip.
    fn longest(&self) -> usize {
        (self.max_seconds * f64::from(RATE)).round() as usize
    }

    fn plain(&self, index: usize, window: Window) -> Result<Clip, DataError> {
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
        let is_whole = clip.len() < self.longest();
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
