//! Batches for the model: of samples, or of what is kept of them.

use super::{Frozen, FrozenStats, Key, Lifted};
use crate::{
    audio::FeatureExtractor,
    data::Part,
    model::{Input, SpeechModel},
    train::{Clip, ClipRequest, Clips, Surroundings, TrainError, collate},
};
use burn::tensor::Device;
use std::collections::VecDeque;

/// Batches of a part in the order in which they were asked for. Only clips that are not kept are decoded.
pub(crate) struct Feed<'a> {
    world: &'a dyn Surroundings,
    part: Part,
    clips: Clips<'a>,
    /// What is kept is asked for by these.
    frozen: Option<(&'a Frozen<'a>, VecDeque<Vec<Place>>)>,
    device: &'a Device,
    extractor: &'a FeatureExtractor,
}

/// Where a clip of a batch comes from.
struct Place {
    request: ClipRequest,
    key: Key,
    /// Whether it is decoded.
    fresh: bool,
}

impl<'a> Feed<'a> {
    /// Begins with `batches` of `part` for `model`.
    pub(crate) fn new(
        world: &'a dyn Surroundings,
        frozen: Option<&'a Frozen<'a>>,
        model: &SpeechModel,
        part: Part,
        batches: Vec<Vec<ClipRequest>>,
        (extractor, device): (&'a FeatureExtractor, &'a Device),
    ) -> Self {
        let Some(frozen) = frozen.filter(|frozen| frozen.serves(part)) else {
            return Self {
                world,
                part,
                clips: world.clips(part, batches),
                frozen: None,
                device,
                extractor,
            };
        };
        let place = |request: ClipRequest| {
            let key = frozen.key(model, part, &request, world);
            let fresh = !frozen.store.has(&key);
            Place {
                request,
                key,
                fresh,
            }
        };
        let places: VecDeque<Vec<Place>> = batches
            .into_iter()
            .map(|batch| batch.into_iter().map(place).collect())
            .collect();
        let fresh = |batch: &Vec<Place>| -> Vec<ClipRequest> {
            let fresh = batch.iter().filter(|place| place.fresh);
            fresh.map(|place| place.request).collect()
        };
        let missing = places.iter().map(fresh);
        let missing = missing.filter(|batch: &Vec<_>| !batch.is_empty()).collect();
        Self {
            world,
            part,
            clips: world.clips(part, missing),
            frozen: Some((frozen, places)),
            device,
            extractor,
        }
    }

    /// The next batch; `None` at the end.
    ///
    /// # Errors
    /// A clip cannot be had, or the device failed.
    pub(crate) async fn next(&mut self, model: &SpeechModel) -> Result<Option<Input>, TrainError> {
        let Some((frozen, places)) = &mut self.frozen else {
            let Some(batch) = self.clips.next() else {
                return Ok(None);
            };
            let batch = batch.map_err(TrainError::Clip)?;
            let shortest = model.encoder.config().receptive_field();
            let waves = collate(&batch, self.extractor, shortest, self.device);
            return Ok(Some(waves.into()));
        };
        let Some(places) = places.pop_front() else {
            return Ok(None);
        };
        let frozen = *frozen;
        let mut fresh: VecDeque<Clip> = VecDeque::new();
        if places.iter().any(|place| place.fresh) {
            let Some(batch) = self.clips.next() else {
                return Ok(None);
            };
            fresh.extend(batch.map_err(TrainError::Clip)?);
        }
        let mut rows = Vec::with_capacity(places.len());
        for place in &places {
            let clip = if place.fresh { fresh.pop_front() } else { None };
            rows.push(self.row(frozen, model, place, clip).await?);
        }
        Ok(Some(frozen.batch(&rows)))
    }

    async fn row(
        &self,
        frozen: &Frozen<'_>,
        model: &SpeechModel,
        place: &Place,
        clip: Option<Clip>,
    ) -> Result<Lifted, TrainError> {
        let begun = self.world.now();
        let audio = frozen.seconds(self.part, &place.request);
        let mut stats = frozen.stats.get();
        if let Some(lifted) = frozen.store.get(&place.key) {
            stats = FrozenStats {
                hits: stats.hits + 1,
                hit_audio: stats.hit_audio + audio,
                fetching: stats.fetching + self.world.now() - begun,
                ..stats
            };
            frozen.stats.set(stats);
            return Ok(lifted);
        }
        let clip = match clip {
            Some(clip) => clip,
            // It was kept when the epoch began, and could not be read again.
            None => {
                let mut one = self.world.clips(self.part, vec![vec![place.request]]);
                let batch = one.next().transpose().map_err(TrainError::Clip)?;
                let clip = batch.and_then(|batch| batch.into_iter().next());
                clip.ok_or_else(|| TrainError::Clip("a clip did not come".into()))?
            }
        };
        let lifted = frozen.lift(model, &clip).await?;
        if frozen.is_repeated(self.part, &place.request) {
            frozen.store.put(place.key, &lifted);
        }
        stats = FrozenStats {
            misses: stats.misses + 1,
            missed_audio: stats.missed_audio + audio,
            computing: stats.computing + self.world.now() - begun,
            ..stats
        };
        frozen.stats.set(stats);
        Ok(lifted)
    }
}
