//! The events of a run.

use crate::{
    data::{Dropped, Part},
    json::tagged,
    report::Measured,
};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// All epochs were trained, or patience ran out.
    Finished,
    /// It was asked to stop, and ended with what it had.
    Interrupted,
    /// It could not go on.
    Failed,
}

/// One thing that happened in a run. Numbers that are not finite are `null`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Something is not as it should be, and the work goes on.
    Warning {
        /// What, and what to do.
        message: String,
    },
    /// Bytes of a model came from the hub: at the start of a file, about every second, and at its end.
    Download {
        /// The model, `owner/name`.
        model: String,
        /// The file in it.
        file: String,
        /// Bytes that are there.
        bytes: u64,
        /// Bytes of the whole file.
        total: u64,
    },
    /// Bytes of a model went to the hub: at the start of a large file, about every second, and at its end.
    Upload {
        /// The repository, `owner/name`.
        model: String,
        /// The file in it.
        file: String,
        /// Bytes that are there.
        bytes: u64,
        /// Bytes of the whole file.
        total: u64,
    },
    /// A model is on the hub.
    Published {
        /// The repository, `owner/name`.
        model: String,
        /// The commit that has it.
        revision: String,
        /// Where people see it.
        address: String,
        /// Whether only its owner sees it.
        private: bool,
    },
    /// The data was read; comes before any run.
    Data {
        /// Rows of all tables.
        rows: usize,
        /// Rows that stand in a part.
        used: usize,
        /// The others, by database and reason.
        dropped: Vec<Dropped>,
    },
    /// A fold of a cross validation is next: what follows, up to another event of this kind, is of it.
    Fold {
        /// Number of the fold, from 0.
        fold: u32,
        /// How many folds there are.
        folds: u32,
        /// Number of the run.
        run: u32,
        /// How many runs there are.
        runs: u32,
        /// The database that is trained on, where each is by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trained_on: Option<String>,
        /// Speakers that are tested on, or databases; empty where neither is known.
        tested_on: Vec<String>,
    },
    /// All folds of a run have finished: the `Results` that follow are of their predictions together.
    Pooled {
        /// Number of the run.
        run: u32,
        /// How many runs there are.
        runs: u32,
        /// How many folds there are.
        folds: u32,
    },
    /// A run (repetition) begins.
    Started {
        /// Number of the run, from 0.
        run: u32,
        /// How many runs there are.
        runs: u32,
        /// Seed of this run.
        seed: u64,
        /// The device by name.
        device: String,
        /// Epochs.
        epochs: u32,
        /// Optimiser steps in all.
        steps: usize,
        /// Clips in an optimiser step.
        effective_batch: usize,
        /// Clips a part.
        clips: IndexMap<Part, usize>,
        /// All parameters.
        parameters: usize,
        /// Trained parameters.
        trained: usize,
    },
    /// The run that has just begun goes on from a checkpoint; comes after `Started`.
    Resumed {
        /// Number of the run.
        run: u32,
        /// Steps that were made before.
        step: usize,
        /// Steps in all.
        steps: usize,
        /// Epochs done, with a fraction.
        epoch: f64,
        /// Step of the best evaluation so far.
        best_step: Option<usize>,
        /// Wall time so far, in seconds.
        seconds: f64,
    },
    /// A run had finished before; its results stay as they are.
    Kept {
        /// Number of the run.
        run: u32,
        /// How many runs there are.
        runs: u32,
    },
    /// What is computed once a clip, with the epoch that has just ended.
    Frozen {
        /// Number of the run.
        run: u32,
        /// Epochs done, with a fraction.
        epoch: f64,
        /// What is computed once.
        part: String,
        /// Clips since the last event of this kind that had been computed before.
        hits: usize,
        /// Clips that were computed.
        misses: usize,
        /// Seconds that the hits have saved, by the time that computing takes.
        seconds_saved: f64,
        /// Bytes that are kept in memory.
        memory: u64,
        /// Bytes that are kept in a file.
        file: u64,
    },
    /// An optimiser step was made.
    Step {
        /// Number of the run.
        run: u32,
        /// Number of the step, from 1.
        step: usize,
        /// Steps in all.
        steps: usize,
        /// Epochs done, with a fraction.
        epoch: f64,
        /// Mean loss of the step's micro-batches.
        loss: f64,
        /// Learning rate of the encoder in this step.
        learning_rate: f64,
        /// Norm of all gradients before clipping.
        grad_norm: f64,
        /// Seconds of audio trained on so far.
        #[serde(default)]
        audio_seconds: f64,
        /// Seconds of audio trained on a second of wall time, over the last steps; evaluations
        /// do not count.
        audio_seconds_per_second: f64,
        /// Estimated seconds until the run ends.
        seconds_left: f64,
        /// Bytes of the machine's memory that the process holds; not that of a graphics card.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        memory: Option<u64>,
    },
    /// A part was evaluated.
    Evaluation {
        /// Number of the run.
        run: u32,
        /// After so many steps.
        step: usize,
        /// Epochs done, with a fraction.
        epoch: f64,
        /// Which part.
        part: Part,
        /// Loss over the part, as in training.
        loss: f64,
        /// Measures by name.
        metrics: IndexMap<String, Option<f64>>,
        /// Whether this is the best so far.
        best: bool,
        /// Whether the checkpoint is chosen on this test part, so that the figures flatter.
        #[serde(default)]
        optimistic: bool,
    },
    /// The final figures of a part; comes before `Ended`, or after `Kept`.
    Results {
        /// Number of the run.
        run: u32,
        /// Which part.
        part: Part,
        /// Labelled utterances: the figures are of these.
        utterances: usize,
        /// Figures with their intervals, by name.
        metrics: IndexMap<String, Measured>,
        /// What a reader must know of the figures, for instance that they are optimistic.
        note: Option<String>,
    },
    /// A run ended, or, where nothing could be started, the program.
    Ended {
        /// Number of the run.
        run: u32,
        /// How.
        status: Status,
        /// Why, if it failed or was interrupted before its first step.
        #[serde(default)]
        error: Option<String>,
        /// Whether patience ran out before all epochs were trained.
        #[serde(default)]
        stopped_early: bool,
        /// Whether the checkpoint was chosen on the test part, so that its figures flatter.
        #[serde(default)]
        optimistic: bool,
        /// Step of the best evaluation.
        best_step: Option<usize>,
        /// Epoch of the best evaluation, with a fraction.
        best_epoch: Option<f64>,
        /// Wall time in seconds.
        seconds: f64,
        /// Folder or file of the results.
        folder: Option<String>,
    },
}

tagged! {
    Event by "event" {
        "warning" => Warning { message },
        "download" => Download { model, file, bytes, total },
        "upload" => Upload { model, file, bytes, total },
        "published" => Published { model, revision, address, private },
        "data" => Data { rows, used, dropped },
        "fold" => Fold { fold, folds, run, runs, tested_on; trained_on },
        "pooled" => Pooled { run, runs, folds },
        "started" => Started { run, runs, seed, device, epochs, steps, effective_batch, clips, parameters, trained },
        "resumed" => Resumed { run, step, steps, epoch, best_step, seconds },
        "kept" => Kept { run, runs },
        "frozen" => Frozen { run, epoch, part, hits, misses, seconds_saved, memory, file },
        "step" => Step { run, step, steps, epoch, loss, learning_rate, grad_norm, audio_seconds_per_second, seconds_left; audio_seconds, memory },
        "evaluation" => Evaluation { run, step, epoch, part, loss, metrics, best; optimistic },
        "results" => Results { run, part, utterances, metrics, note },
        "ended" => Ended { run, status, best_step, best_epoch, seconds, folder; error, stopped_early, optimistic },
    }
}
