//! Decodes clips ahead of their use.

mod cache;
mod inline;
mod source;

#[cfg(not(target_arch = "wasm32"))]
mod ahead;

#[cfg(not(target_arch = "wasm32"))]
use ahead::Pace;
#[cfg(target_arch = "wasm32")]
use inline::Pace;

#[cfg(test)]
mod tests;

use super::{DataError, Utterance};
use crate::{
    audio::{Augmentation, Window},
    files::Files,
};
use source::Source;
use std::{
    fmt::{self, Debug, Formatter},
    sync::Arc,
};

/// Samples of a clip: mono, 16 kHz, full scale is 1.
type Clip = Arc<[f32]>;

/// A clip to decode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Request {
    /// Index of the utterance.
    pub utterance: usize,
    /// Which part of it, if it is too long.
    pub window: Window,
    /// Seed of its random changes; `None` leaves it as it is.
    pub draw: Option<u64>,
}

impl From<(usize, Window)> for Request {
    fn from((utterance, window): (usize, Window)) -> Self {
        Self {
            utterance,
            window,
            draw: None,
        }
    }
}

/// Bytes of clips that wait for their use.
const AHEAD: usize = 64 << 20;

/// Bytes of clips that are kept for the next time.
const KEPT: usize = 512 << 20;

/// Decodes clips of utterances, in batches, on threads of its own where there are threads.
///
/// Clips that are the same each time (all but random parts of long recordings) are kept until the
/// budget is used up, so that later epochs need not decode them again. None of them is ever thrown
/// out: an epoch uses each clip once, so the next one needs those first that would go first.
#[derive(Debug)]
pub struct Loader {
    source: Arc<Source>,
    pace: Pace,
}

/// What a loader has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LoaderStats {
    /// Clips that were kept from before.
    pub hits: usize,
    /// Clips that were decoded.
    pub misses: usize,
    /// Bytes of the clips that are kept.
    pub kept_bytes: usize,
}

impl Loader {
    /// A loader of `utterances`, cut to `max_seconds`, with `threads` threads (0 decodes when a batch
    /// is asked for; so it is in the browser in any case). It keeps up to 64 MB decoded ahead and
    /// 512 MB for later epochs.
    #[must_use]
    pub fn new(
        files: Arc<dyn Files>,
        utterances: Arc<[Utterance]>,
        max_seconds: f64,
        threads: usize,
    ) -> Self {
        let source = Source::new(files, utterances, max_seconds, KEPT);
        Self {
            source: Arc::new(source),
            pace: Pace::new(threads, AHEAD),
        }
    }

    /// Sets how clips are changed that are asked for with a seed. It is done where they are decoded.
    #[must_use]
    pub fn with_augmentation(self, augmentation: Augmentation) -> Self {
        Self {
            source: Arc::new(self.source.with_augmentation(augmentation)),
            ..self
        }
    }

    /// Sets how many bytes may be decoded ahead of their use, and how many are kept for later.
    /// What was kept before is forgotten.
    #[must_use]
    pub fn with_budget(self, ahead: usize, kept: usize) -> Self {
        Self {
            source: Arc::new(self.source.with_budget(kept)),
            pace: self.pace.with_budget(ahead),
        }
    }

    /// Begins to decode `batches`; gives them in this order. After an error nothing follows.
    #[must_use]
    pub fn batches(&self, batches: Vec<Vec<impl Into<Request>>>) -> Batches {
        let batch = |batch: Vec<_>| batch.into_iter().map(Into::into).collect();
        let batches = batches.into_iter().map(batch).collect();
        Batches(self.pace.batches(Arc::clone(&self.source), batches))
    }

    /// What was done so far.
    #[must_use]
    pub fn stats(&self) -> LoaderStats {
        self.source.stats()
    }
}

/// Batches of clips in the order in which they were asked for. Its threads end when it is dropped.
pub struct Batches(Clips);

/// Batches, one after the other.
type Clips = Box<dyn Iterator<Item = Result<Vec<Clip>, DataError>> + Send>;

impl Iterator for Batches {
    type Item = Result<Vec<Clip>, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl Debug for Batches {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Batches")
    }
}
