//! What a run is made of, and what comes of it.

use super::TrainError;
use crate::{
    audio::FeatureExtractor,
    config::{Balancing, Experiment, Measure, Task, Tuning},
    data::{Label, Part, TargetTransform, Utterance},
    model::SpeechModel,
    protocol::Status,
    report::{FrozenRecord, PredictionSet},
    train::{Evaluator, Loss, Plan, Store, class_weights},
};
use burn::tensor::Device;

/// Everything that one run needs besides the model.
pub struct Training<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// Training utterances.
    pub train: &'a [Utterance],
    /// Their lengths in seconds.
    pub train_seconds: &'a [f64],
    /// The utterances that the best checkpoint is chosen on; may be empty.
    pub dev: &'a [Utterance],
    /// Their lengths in seconds.
    pub dev_seconds: &'a [f64],
    /// The part that `dev` is.
    pub dev_part: Part,
    /// Class names; empty for a regression.
    pub labels: &'a [String],
    /// How a regression's targets were made from the table, so that figures are in its units.
    pub transform: &'a TargetTransform,
    /// A weight a class for cross entropy; `None` weighs all the same.
    pub class_weights: Option<Vec<f64>>,
    /// As the checkpoint says.
    pub extractor: FeatureExtractor,
    /// Where tensors live.
    pub device: Device,
    /// Its name.
    pub device_name: String,
    /// Number of the run, from 0.
    pub run: u32,
    /// A text that is other once the weights are other that training begins with.
    pub origin: String,
    /// Where is kept what the frozen part of the model makes of clips; `None` computes it each time, with
    /// the padding of a batch, as in Python.
    pub store: Option<&'a Store<'a>>,
}

/// The best evaluation so far.
#[derive(Debug, Clone)]
pub struct Best {
    /// After so many steps.
    pub step: usize,
    /// After so many epochs, with a fraction.
    pub epoch: f64,
    /// The measure that was chosen by; `None` if there was nothing to choose on.
    pub value: Option<f64>,
    /// The model then.
    pub model: SpeechModel,
    /// What it said of the part.
    pub predictions: PredictionSet,
}

/// How a run went.
#[derive(Debug)]
pub struct Trained {
    /// How it ended.
    pub status: Status,
    /// Why it ended early, if it failed; `best` is from before.
    pub failure: Option<TrainError>,
    /// The best evaluation; without a dev part the last state.
    pub best: Best,
    /// Steps made.
    pub steps: usize,
    /// Whether patience ran out before all epochs were trained.
    pub stopped_early: bool,
    /// Seconds of audio trained on.
    pub audio_seconds: f64,
    /// Wall time in seconds.
    pub seconds: f64,
    /// What was computed once a clip.
    pub frozen: Option<FrozenRecord>,
}

impl Training<'_> {
    pub(super) fn tuning(&self) -> &Tuning {
        &self.experiment.tuning
    }

    /// Seed of this run.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.tuning().seed.wrapping_add(u64::from(self.run))
    }

    /// The order of this run.
    #[must_use]
    pub fn plan(&self) -> Plan {
        let plan = Plan::new(
            self.train_seconds.to_vec(),
            self.tuning(),
            self.experiment.epochs,
            self.seed(),
        );
        let is_weighted = self.tuning().balancing == Balancing::Weighted
            && self.experiment.task == Task::Classification;
        if !is_weighted {
            return plan;
        }
        let classes = class_weights(self.train, self.labels.len());
        let weight = |utterance: &Utterance| match utterance.label {
            Some(Label::Class(class)) => classes[class],
            _ => 0.0,
        };
        plan.weighted(&self.train.iter().map(weight).collect::<Vec<_>>())
    }

    /// How the parts are evaluated.
    #[must_use]
    pub fn evaluator(&self) -> Evaluator {
        Evaluator {
            batch_size: self.tuning().batch_size,
            max_duration: self.tuning().max_duration,
            windows: self.tuning().eval_windows,
            extractor: self.extractor.clone(),
        }
    }

    pub(in crate::train) fn loss(&self) -> Loss {
        let tuning = self.tuning();
        Loss::new(
            tuning.loss,
            self.class_weights.clone(),
            tuning.label_smoothing,
        )
    }

    pub(in crate::train) fn measures(&self) -> &'static [Measure] {
        match self.experiment.task {
            Task::Classification => &[Measure::Uar, Measure::Acc, Measure::F1],
            Task::Regression => &[Measure::Ccc, Measure::Pcc, Measure::Mse, Measure::Mae],
        }
    }
}
