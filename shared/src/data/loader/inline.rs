//! Without threads: a batch is decoded when it is asked for.

use super::{Clip, Request, source::Source};
use crate::data::DataError;
use std::{sync::Arc, vec};

/// Batches that are decoded when they are asked for.
#[derive(Debug)]
pub(super) struct Inline {
    source: Arc<Source>,
    batches: vec::IntoIter<Vec<Request>>,
}

impl Inline {
    pub(super) fn new(source: Arc<Source>, batches: Vec<Vec<Request>>) -> Self {
        Self {
            source,
            batches: batches.into_iter(),
        }
    }
}

impl Iterator for Inline {
    type Item = Result<Vec<Clip>, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batches.next()?;
        let clips: Result<Vec<Clip>, _> = batch
            .into_iter()
            .map(|request| self.source.clip(request))
            .collect();
        if clips.is_err() {
            self.batches = Vec::new().into_iter();
        }
        Some(clips)
    }
}

/// How batches are decoded: where there are no threads, none are decoded ahead.
#[cfg(target_arch = "wasm32")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace;

#[cfg(target_arch = "wasm32")]
impl Pace {
    pub(super) fn new(_threads: usize, _ahead: usize) -> Self {
        Self
    }

    pub(super) fn with_budget(self, _ahead: usize) -> Self {
        self
    }

    pub(super) fn batches(self, source: Arc<Source>, batches: Vec<Vec<Request>>) -> super::Clips {
        Box::new(Inline::new(source, batches))
    }
}
