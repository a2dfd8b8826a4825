//! Clips that are kept for the next epoch.

use super::{Clip, LoaderStats};
use crate::audio::Window;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Which clip it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    /// All of an utterance, whichever window is asked for.
    Whole(usize),
    /// The beginning of an utterance.
    Head(usize),
    /// A window of an utterance: its index and their count.
    Even(usize, usize, usize),
}

/// Clips by what they are, up to a number of bytes.
#[derive(Debug)]
pub(super) struct Cache {
    budget: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    clips: HashMap<Key, Clip>,
    stats: LoaderStats,
}

impl Cache {
    /// An empty cache of `budget` bytes.
    pub(super) fn new(budget: usize) -> Self {
        Self {
            budget,
            kept: Mutex::default(),
        }
    }

    /// Most bytes that are kept.
    pub(super) fn budget(&self) -> usize {
        self.budget
    }

    /// A clip that was kept.
    pub(super) fn get(&self, utterance: usize, window: Window) -> Option<Clip> {
        let mut kept = self.lock();
        let whole = kept.clips.get(&Key::Whole(utterance));
        let clip = whole
            .or_else(|| kept.clips.get(&part(utterance, window)?))
            .cloned();
        match clip {
            Some(_) => kept.stats.hits += 1,
            None => kept.stats.misses += 1,
        }
        clip
    }

    /// Keeps a clip if there is room and it can be asked for again.
    pub(super) fn put(&self, utterance: usize, window: Window, is_whole: bool, clip: &Clip) {
        let key = if is_whole {
            Some(Key::Whole(utterance))
        } else {
            part(utterance, window)
        };
        let Some(key) = key else { return };
        let mut kept = self.lock();
        let bytes = size_of_val(&**clip);
        if kept.stats.kept_bytes + bytes <= self.budget
            && kept.clips.insert(key, Clip::clone(clip)).is_none()
        {
            kept.stats.kept_bytes += bytes;
        }
    }

    pub(super) fn stats(&self) -> LoaderStats {
        self.lock().stats
    }

    /// A thread that panicked cannot have left the map half changed.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key of a part of an utterance; a random part has none.
fn part(utterance: usize, window: Window) -> Option<Key> {
    match window {
        Window::Head => Some(Key::Head(utterance)),
        Window::Even { index, count } => Some(Key::Even(utterance, index, count)),
        Window::Random(_) => None,
    }
}
