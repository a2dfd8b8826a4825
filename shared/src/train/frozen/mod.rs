//! What training never changes is computed once a clip: the frozen part of a model, up to its cut.
//!
//! Numbers are kept as they were computed where all of them have room in memory, else rounded to half
//! precision, also when they are used for the first time: a run is the same, however much of it was
//! kept. Each clip is computed by itself, so that what is kept doesn't depend on the batch.

mod feed;
mod record;
mod store;

#[cfg(test)]
mod tests;

pub(super) use feed::Feed;
use store::{Key, Lifted, Numbers};
pub use store::{Room, Store};

use super::{Clip, ClipRequest, Surroundings, TrainError, Training, collate};
use crate::{
    audio::{RATE, Window},
    config::{Cache, Crop},
    data::{Part, Utterance},
    model::{Cut, Input, Kept, ModelError, SpeechModel, read_back},
    protocol::Event,
    report::FrozenRecord,
};
use burn::tensor::{Tensor, TensorData};
use sha2::{Digest, Sha256};
use std::cell::{Cell, RefCell};

/// What keeping has done.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FrozenStats {
    /// Clips that had been computed before.
    pub hits: usize,
    /// Clips that were computed.
    pub misses: usize,
    /// Seconds of audio of the hits.
    pub hit_audio: f64,
    /// Seconds of audio of the misses.
    pub missed_audio: f64,
    /// Seconds that the misses took.
    pub computing: f64,
    /// Seconds that fetching the hits took.
    pub fetching: f64,
}

impl FrozenStats {
    /// Seconds that the hits have saved, by the time that an equal length of audio took to compute; 0 if
    /// nothing was computed.
    #[must_use]
    pub fn saved(&self) -> f64 {
        if self.missed_audio <= 0.0 {
            return 0.0;
        }
        let computed = self.computing / self.missed_audio * self.hit_audio;
        (computed - self.fetching).max(0.0)
    }

    fn since(&self, before: &Self) -> (usize, usize) {
        (self.hits - before.hits, self.misses - before.misses)
    }
}

/// What is computed once a clip in a run, and where it is kept.
pub struct Frozen<'a> {
    store: &'a Store<'a>,
    training: &'a Training<'a>,
    cut: Cut,
    half: bool,
    /// Whether clips that are trained on are the same in several epochs.
    trains: bool,
    /// Hash of what the numbers of all clips depend on.
    base: Sha256,
    stats: Cell<FrozenStats>,
    /// What was told of by the last event.
    told: RefCell<FrozenStats>,
}

impl<'a> Frozen<'a> {
    /// What can be kept in `training` of `model`; `None` where nothing can, or is to be.
    #[must_use]
    pub fn new(training: &'a Training<'a>, model: &SpeechModel) -> Option<Self> {
        let store = training.store?;
        let tuning = &training.experiment.tuning;
        let cut = model.cut().filter(|_| tuning.cache != Cache::Off)?;
        let config = model.encoder.config();
        let whole = |seconds: &f64| *seconds <= tuning.max_duration;
        let trains = !tuning.augmentation.is_on()
            && (tuning.crop == Crop::Head || training.train_seconds.iter().any(whole));
        let frames = |seconds: &f64| {
            let samples = seconds.min(tuning.max_duration) * f64::from(RATE);
            config.frames(samples as usize) as u64
        };
        let trained = training.train_seconds.iter().filter(|_| trains);
        let all: u64 = trained.chain(training.dev_seconds).map(frames).sum();
        let bytes = all * cut.width(config) as u64 * 4;
        let half = match tuning.cache {
            Cache::F32 | Cache::Off => false,
            Cache::F16 => true,
            Cache::Auto => bytes > store.room().memory,
        };
        let mut base = Sha256::new();
        base.update(training.origin.as_bytes());
        base.update(config.to_json());
        base.update(training.extractor.to_json());
        base.update(training.device_name.as_bytes());
        base.update(format!("{cut:?}"));
        base.update(tuning.max_duration.to_le_bytes());
        base.update([u8::from(half)]);
        Some(Self {
            store,
            training,
            cut,
            half,
            trains,
            base,
            stats: Cell::default(),
            told: RefCell::default(),
        })
    }

    /// Whether clips of `part` are kept.
    #[must_use]
    pub fn serves(&self, part: Part) -> bool {
        match part {
            Part::Train => self.trains,
            part => part == self.training.dev_part,
        }
    }

    /// What was done so far.
    #[must_use]
    pub fn stats(&self) -> FrozenStats {
        self.stats.get()
    }

    /// For the run's record.
    #[must_use]
    pub fn record(&self) -> FrozenRecord {
        let stats = self.stats();
        let held = self.store.held();
        FrozenRecord {
            part: self.cut.words(),
            bits: if self.half { 16 } else { 32 },
            hits: stats.hits,
            misses: stats.misses,
            seconds_saved: stats.saved(),
            memory: held.memory,
            file: held.file,
        }
    }

    /// Tells what was kept since the last time.
    pub(super) fn tell(&self, epoch: f64, world: &dyn Surroundings) {
        let stats = self.stats();
        let before = self.told.replace(stats);
        let (hits, misses) = stats.since(&before);
        if let Some(trouble) = self.store.trouble() {
            world.emit(Event::Warning {
                message: format!("what is computed once has no more room in files: {trouble}"),
            });
        }
        if hits + misses == 0 {
            return;
        }
        let held = self.store.held();
        world.emit(Event::Frozen {
            run: self.training.run,
            epoch,
            part: self.cut.words(),
            hits,
            misses,
            seconds_saved: stats.saved() - before.saved(),
            memory: held.memory,
            file: held.file,
        });
    }

    fn utterances(&self, part: Part) -> (&'a [Utterance], &'a [f64]) {
        match part {
            Part::Train => (self.training.train, self.training.train_seconds),
            _ => (self.training.dev, self.training.dev_seconds),
        }
    }

    /// Seconds of a request that the model sees.
    fn seconds(&self, part: Part, request: &ClipRequest) -> f64 {
        let (_, seconds) = self.utterances(part);
        let seconds = seconds.get(request.utterance).copied().unwrap_or(0.0);
        seconds.min(self.training.experiment.tuning.max_duration)
    }

    /// Whether all of a clip is asked for, whatever the window.
    fn is_whole(&self, part: Part, request: &ClipRequest) -> bool {
        let (_, seconds) = self.utterances(part);
        let limit = self.training.experiment.tuning.max_duration;
        let seconds = seconds.get(request.utterance);
        seconds.is_some_and(|seconds| *seconds <= limit)
    }

    /// Whether the same stretch is asked for again.
    fn is_repeated(&self, part: Part, request: &ClipRequest) -> bool {
        let is_random = matches!(request.window, Window::Random(_));
        request.draw.is_none() && (!is_random || self.is_whole(part, request))
    }

    /// The key of a clip for `model`.
    fn key(
        &self,
        model: &SpeechModel,
        part: Part,
        request: &ClipRequest,
        world: &dyn Surroundings,
    ) -> Key {
        let (utterances, seconds) = self.utterances(part);
        let mut hash = self.base.clone();
        hash.update(model.encoder.precision().word());
        if let Some(utterance) = utterances.get(request.utterance) {
            hash.update((utterance.file.len() as u64).to_le_bytes());
            hash.update(utterance.file.as_bytes());
            hash.update(utterance.start.to_le_bytes());
            hash.update(utterance.end.unwrap_or(f64::NAN).to_le_bytes());
        }
        if let Some(seconds) = seconds.get(request.utterance) {
            hash.update(seconds.to_le_bytes());
        }
        let window = (!self.is_whole(part, request)).then_some(request.window);
        // Which changes they were, follows from the seed.
        hash.update(format!("{window:?} {:?}", request.draw));
        hash.update(world.mark(part, request.utterance).unwrap_or_default());
        hash.finalize().into()
    }

    /// Computes what is to be kept of one clip.
    async fn lift(&self, model: &SpeechModel, clip: &Clip) -> Result<Lifted, TrainError> {
        let shortest = model.encoder.config().receptive_field();
        let device = &self.training.device;
        let waves = collate(
            std::slice::from_ref(clip),
            &self.training.extractor,
            shortest,
            device,
        );
        let lifted = model.encoder.lift(waves.samples, self.cut);
        let [_, frames, _] = lifted.dims();
        let values = read_back(lifted)
            .await
            .map_err(|detail| ModelError::Readback {
                name: self.cut.words(),
                detail,
            })?;
        Ok(Lifted {
            frames,
            numbers: Numbers::of(values, self.half),
        })
    }

    /// Rows of a batch as one tensor.
    fn batch(&self, rows: &[Lifted]) -> Input {
        let frames: Vec<usize> = rows.iter().map(|row| row.frames).collect();
        let time = frames.iter().copied().max().unwrap_or(0);
        let width = rows
            .iter()
            .map(|row| row.numbers.len() / row.frames.max(1))
            .max()
            .unwrap_or(0);
        let mut values = vec![0.0; rows.len() * time * width];
        for (to, row) in values.chunks_exact_mut((time * width).max(1)).zip(rows) {
            row.numbers.copy_to(to);
        }
        let values = TensorData::new(values, [rows.len(), time, width]);
        Input::Kept(Kept {
            cut: self.cut,
            values: Tensor::from_data(values, &self.training.device),
            frames,
        })
    }
}
