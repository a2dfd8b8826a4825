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

    pub(super) fn next(&mut self) -> Option<Result<Vec<Clip>, DataError>> {
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
