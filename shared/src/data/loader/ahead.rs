//! On threads: clips are decoded ahead, as far as memory may go.

use super::{Clip, Clips, Request, inline::Inline, source::Source};
use crate::{audio::RATE, data::DataError};
use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    vec,
};

/// How batches are decoded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Threads; 0 decodes when a batch is asked for.
    threads: usize,
    /// Bytes that may be decoded ahead.
    ahead: usize,
}

impl Pace {
    pub(super) fn new(threads: usize, ahead: usize) -> Self {
        Self { threads, ahead }
    }

    pub(super) fn with_budget(self, ahead: usize) -> Self {
        Self { ahead, ..self }
    }

    pub(super) fn batches(self, source: Arc<Source>, batches: Vec<Vec<Request>>) -> Clips {
        match self.threads {
            0 => Box::new(Inline::new(source, batches)),
            threads => Box::new(Ahead::new(source, batches, threads, self.ahead)),
        }
    }
}

/// Batches that are decoded ahead.
#[derive(Debug)]
pub(super) struct Ahead {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    /// Clips in each batch that is still to come.
    sizes: vec::IntoIter<usize>,
}

#[derive(Debug)]
struct Shared {
    source: Arc<Source>,
    /// The clips of all batches, one after the other.
    requests: Vec<Request>,
    /// Most bytes that wait for their use. One clip may always be decoded.
    budget: usize,
    state: Mutex<State>,
    /// Told when there is room for more.
    room: Condvar,
    /// Told when a clip is ready.
    ready: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Requests that a thread has taken.
    taken: usize,
    /// Requests whose clips were given away.
    given: usize,
    /// Bytes of clips that are ready or being decoded; the latter count with the most they can have.
    bytes: usize,
    clips: HashMap<usize, Result<Clip, DataError>>,
    /// Threads that are alive.
    threads: usize,
    closed: bool,
}

impl Ahead {
    pub(super) fn new(
        source: Arc<Source>,
        batches: Vec<Vec<Request>>,
        threads: usize,
        budget: usize,
    ) -> Self {
        let sizes: Vec<usize> = batches.iter().map(Vec::len).collect();
        let shared = Arc::new(Shared {
            source,
            requests: batches.into_iter().flatten().collect(),
            budget,
            state: Mutex::default(),
            room: Condvar::new(),
            ready: Condvar::new(),
        });
        let count = threads.min(shared.requests.len());
        shared.lock().threads = count;
        let work = |_| {
            let counted = Thread(Arc::clone(&shared));
            thread::spawn(move || {
                let counted = counted;
                counted.0.work();
            })
        };
        let threads = (0..count).map(work).collect();
        Self {
            shared,
            threads,
            sizes: sizes.into_iter(),
        }
    }
}

impl Iterator for Ahead {
    type Item = Result<Vec<Clip>, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let size = self.sizes.next()?;
        let clips: Result<Vec<Clip>, _> = (0..size).map(|_| self.shared.take()).collect();
        if clips.is_err() {
            self.sizes = Vec::new().into_iter();
            self.shared.close();
        }
        Some(clips)
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.shared.close();
        for thread in self.threads.drain(..) {
            // One that panicked has said so itself.
            let _ = thread.join();
        }
    }
}

/// Counts a thread for as long as it lives, even if it panics.
struct Thread(Arc<Shared>);

impl Drop for Thread {
    fn drop(&mut self) {
        self.0.lock().threads -= 1;
        self.0.ready.notify_all();
    }
}

impl Shared {
    /// Decodes until there is nothing left to do.
    fn work(&self) {
        while let Some(index) = self.claim() {
            let clip = self.source.clip(self.requests[index]);
            let mut state = self.lock();
            state.bytes = state.bytes - self.source.bytes(self.requests[index]) + bytes(&clip);
            state.clips.insert(index, clip);
            drop(state);
            self.ready.notify_all();
            self.room.notify_all();
        }
    }

    /// Waits for room and takes the next request; `None` at the end.
    fn claim(&self) -> Option<usize> {
        let mut state = self.lock();
        loop {
            let index = state.taken;
            let request = *self.requests.get(index)?;
            if state.closed {
                return None;
            }
            let bytes = self.source.bytes(request);
            // What is waited for must be decoded, whatever its size.
            if index == state.given || state.bytes + bytes <= self.budget {
                state.taken += 1;
                state.bytes += bytes;
                return Some(index);
            }
            state = self
                .room
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for the next clip and gives it away.
    fn take(&self) -> Result<Clip, DataError> {
        let mut state = self.lock();
        let index = state.given;
        let clip = loop {
            if let Some(clip) = state.clips.remove(&index) {
                break clip;
            }
            if state.threads == 0 {
                return Err(DataError::Threads {
                    file: self.source.file(self.requests[index]),
                });
            }
            state = self
                .ready
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        };
        state.given += 1;
        state.bytes -= bytes(&clip);
        drop(state);
        self.room.notify_all();
        clip
    }

    fn close(&self) {
        self.lock().closed = true;
        self.room.notify_all();
    }

    /// Nothing that is done under the lock can panic half-way.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source {
    /// The most bytes that a clip can have.
    fn bytes(&self, request: Request) -> usize {
        let length = self
            .utterances
            .get(request.utterance)
            .and_then(|utterance| Some(utterance.end? - utterance.start));
        // A clip that is slowed down may be as long as any.
        let length = length.filter(|_| request.draw.is_none());
        let seconds = length.map_or(self.max_seconds, |length| length.min(self.max_seconds));
        (seconds * f64::from(RATE)) as usize * size_of::<f32>()
    }

    /// The file of a clip, for messages.
    fn file(&self, request: Request) -> String {
        self.utterances
            .get(request.utterance)
            .map_or(String::new(), |utterance| utterance.file.clone())
    }
}

fn bytes(clip: &Result<Clip, DataError>) -> usize {
    clip.as_ref().map_or(0, |clip| size_of_val(&**clip))
}
