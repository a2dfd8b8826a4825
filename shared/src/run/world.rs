//! The surroundings of a run, made of loaders and of what the machine gives.

use crate::{
    audio::Augmentation,
    data::{Dataset, Loader, Part, Request, Utterance},
    files::Files,
    protocol::Event,
    train::{Breath, ClipError, ClipRequest, Clips, Surroundings},
};
use std::{cell::RefCell, collections::HashMap, sync::Arc};

/// What a machine, or a browser's worker, gives to a run besides files.
pub trait Host {
    /// Seconds on a clock that never goes back.
    fn now(&self) -> f64;

    /// The time of day in RFC 3339, where one is known.
    fn date(&self) -> Option<String>;

    /// Bytes of memory that the run holds, where that is known.
    fn memory(&self) -> Option<u64> {
        None
    }

    /// Whether the run was asked to stop.
    fn stopping(&self) -> bool;

    /// Takes an event.
    fn emit(&self, event: &Event);

    /// As [`Surroundings::breathe`].
    fn breathe(&self) -> Breath<'_> {
        Box::pin(std::future::ready(()))
    }
}

/// Clips of a dataset's parts, and a host for all else.
pub struct World<H> {
    loaders: HashMap<Part, Loader>,
    files: Arc<dyn Files>,
    /// The file of each utterance.
    paths: HashMap<Part, Vec<String>>,
    /// What is known of files.
    marks: RefCell<HashMap<String, Option<String>>>,
    host: H,
}

impl<H: Host> World<H> {
    /// Loaders for `parts` that decode on `threads` threads (0 when a batch is asked for), read at most
    /// `max_seconds` of a clip at once, and change what is trained on.
    pub fn new(
        files: &Arc<dyn Files>,
        parts: &[(Part, &[Utterance])],
        max_seconds: f64,
        augmentation: &Augmentation,
        threads: usize,
        host: H,
    ) -> Self {
        let loaders = parts
            .iter()
            .map(|(part, utterances)| {
                let loader =
                    Loader::new(files.clone(), Arc::from(*utterances), max_seconds, threads);
                (*part, loader.with_augmentation(augmentation.clone()))
            })
            .collect();
        let paths = parts.iter().map(|(part, utterances)| {
            let paths = utterances.iter().map(|one| one.file.clone()).collect();
            (*part, paths)
        });
        Self {
            loaders,
            files: files.clone(),
            paths: paths.collect(),
            marks: RefCell::default(),
            host,
        }
    }

    /// Loaders for all parts of `dataset`.
    pub fn of(
        files: &Arc<dyn Files>,
        dataset: &Dataset,
        max_seconds: f64,
        augmentation: &Augmentation,
        threads: usize,
        host: H,
    ) -> Self {
        let parts = Part::ALL.map(|part| (part, dataset.part(part)));
        Self::new(files, &parts, max_seconds, augmentation, threads, host)
    }
}

impl<H: Host> Surroundings for World<H> {
    fn clips(&self, part: Part, batches: Vec<Vec<ClipRequest>>) -> Clips<'_> {
        let Some(loader) = self.loaders.get(&part) else {
            return Box::new(std::iter::empty());
        };
        let wanted = batches
            .into_iter()
            .map(|batch| {
                batch
                    .into_iter()
                    .map(|clip| Request {
                        utterance: clip.utterance,
                        window: clip.window,
                        draw: clip.draw,
                    })
                    .collect()
            })
            .collect();
        Box::new(
            loader
                .batches(wanted)
                .map(|batch| batch.map_err(|error| -> ClipError { Box::new(error) })),
        )
    }

    fn mark(&self, part: Part, utterance: usize) -> Option<String> {
        let path = self.paths.get(&part)?.get(utterance)?;
        if let Some(found) = self.marks.borrow().get(path) {
            return found.clone();
        }
        let found = self.files.mark(path).ok();
        self.marks.borrow_mut().insert(path.clone(), found.clone());
        found
    }

    fn now(&self) -> f64 {
        self.host.now()
    }

    fn date(&self) -> Option<String> {
        self.host.date()
    }

    fn memory(&self) -> Option<u64> {
        self.host.memory()
    }

    fn stopping(&self) -> bool {
        self.host.stopping()
    }

    fn emit(&self, event: Event) {
        self.host.emit(&event);
    }

    fn breathe(&self) -> Breath<'_> {
        self.host.breathe()
    }
}
