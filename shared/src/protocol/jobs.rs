//! Jobs: runs with a state.

use super::{Event, JobState};
use crate::{data::Part, estimate::Estimate};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A job to be queued. With a header `Idempotency-Key` the same request may be sent again: it
/// answers with the job that the first one made.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateJob {
    /// The INI.
    pub text: String,
    /// Keys to set, as `SECTION.KEY=VALUE`.
    #[serde(default)]
    pub set: Vec<String>,
    /// A name for people; without it `[EXP] name`.
    #[serde(default)]
    pub name: Option<String>,
    /// The device by its id, or `auto`; without it the INI's.
    #[serde(default)]
    pub device: Option<String>,
    /// Larger is sooner; jobs of one priority run in the order in which they were queued.
    #[serde(default)]
    #[schemars(range(min = -100, max = 100))]
    pub priority: i32,
    /// What it may use up, at most what the runner allows.
    #[serde(default)]
    pub limits: Limits,
    /// An upload of the kind `archive` with the files of a run that was begun elsewhere, checkpoints among them: the job
    /// goes on from there. `events` in it, an event a line, is what the run has said so far.
    #[serde(default)]
    pub begun: Option<String>,
}

/// What a job may use up; `None` is what the runner's settings allow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Seconds at work, all attempts together.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub seconds: Option<u64>,
    /// Bytes of the machine's memory.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub memory: Option<u64>,
    /// Bytes of its folder.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub disk: Option<u64>,
}

/// A copy of a job to be queued, with what is to be different.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateJob {
    /// Another INI; without it that of the original.
    #[serde(default)]
    pub text: Option<String>,
    /// Keys to set, as `SECTION.KEY=VALUE`.
    #[serde(default)]
    pub set: Vec<String>,
    /// A name for people; without it that of the original.
    #[serde(default)]
    pub name: Option<String>,
    /// The device; without it that of the original.
    #[serde(default)]
    pub device: Option<String>,
    /// Larger is sooner; without it that of the original.
    #[serde(default)]
    #[schemars(range(min = -100, max = 100))]
    pub priority: Option<i32>,
    /// What it may use up; without it what the original was made with.
    #[serde(default)]
    pub limits: Option<Limits>,
}

/// How a job goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResumeJob {
    /// What it may use up from now on, what it has used up so far counted in; without it what it was made with.
    #[serde(default)]
    pub limits: Option<Limits>,
}

/// Where a queued job is moved to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveJob {
    /// In front of this queued job, whose priority it takes; without it behind all of its priority.
    #[serde(default)]
    pub before: Option<String>,
    /// Another priority, where `before` is not given.
    #[serde(default)]
    #[schemars(range(min = -100, max = 100))]
    pub priority: Option<i32>,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    /// What addresses call it.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Whose it is.
    pub user: String,
    /// Its state.
    pub state: JobState,
    /// Larger is sooner.
    pub priority: i32,
    /// Place in the queue, from 1; `None` unless it waits.
    pub position: Option<usize>,
    /// The device that was asked for.
    pub device: String,
    /// When it was made, in RFC 3339.
    pub created: String,
    /// When it was started last.
    pub started: Option<String>,
    /// When it ended.
    pub ended: Option<String>,
    /// How often its process was started.
    pub attempts: u32,
    /// How often that may happen without somebody asking for it.
    pub max_attempts: u32,
    /// What it may use up: what was asked for it, at most what the runner's settings allow now.
    pub limits: Limits,
    /// Why it failed, or was cancelled by the runner.
    pub failure: Option<Failure>,
    /// How far it is, as its last event says.
    pub progress: Option<Progress>,
    /// The figures of the test part, else of dev, of its last run.
    pub metrics: IndexMap<String, Option<f64>>,
    /// What it is expected to need.
    pub estimate: Option<Estimate>,
    /// The id of its last event, for a stream that begins behind it.
    pub last_event: u64,
    /// The INI; only where one job is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// What happened.
    pub message: String,
    /// What to change, where that is known.
    pub advice: Option<String>,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The INI has errors.
    Config,
    /// The run says why.
    Run,
    /// No memory was left, of the machine or the device, or its limit was reached.
    Memory,
    /// Its limit of time was reached.
    Time,
    /// The disk is full, or its limit was reached.
    Disk,
    /// Its process ended without a word.
    Crash,
    /// Its process did not end when it was asked to, and was ended.
    Killed,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Progress {
    /// Number of the run, from 0.
    pub run: u32,
    /// How many runs there are.
    pub runs: u32,
    /// Steps of this run that were made.
    pub step: usize,
    /// Steps of a run.
    pub steps: usize,
    /// Epochs done, with a fraction.
    pub epoch: f64,
    /// Epochs in all.
    pub epochs: u32,
    /// Loss of the last step.
    pub loss: Option<f64>,
    /// Estimated seconds until this run ends.
    pub seconds_left: Option<f64>,
}

impl Progress {
    /// Notes what an event says of how far a job is, and of the figures of its last run.
    pub fn note(
        progress: &mut Option<Self>,
        figures: &mut IndexMap<String, Option<f64>>,
        event: &Event,
    ) {
        match event {
            Event::Started {
                run,
                runs,
                epochs,
                steps,
                ..
            } => {
                *progress = Some(Self {
                    run: *run,
                    runs: *runs,
                    step: 0,
                    steps: *steps,
                    epoch: 0.0,
                    epochs: *epochs,
                    loss: None,
                    seconds_left: None,
                });
            }
            Event::Resumed { step, epoch, .. } => {
                if let Some(progress) = progress {
                    (progress.step, progress.epoch) = (*step, *epoch);
                }
            }
            Event::Step {
                step,
                steps,
                epoch,
                loss,
                seconds_left,
                ..
            } => {
                if let Some(progress) = progress {
                    (progress.step, progress.steps, progress.epoch) = (*step, *steps, *epoch);
                    progress.loss = Some(*loss).filter(|loss| loss.is_finite());
                    progress.seconds_left = Some(*seconds_left).filter(|left| left.is_finite());
                }
            }
            // Test comes behind dev, and is what counts.
            Event::Results { part, metrics, .. } if *part != Part::Train => {
                *figures = metrics
                    .iter()
                    .map(|(name, measured)| (name.clone(), measured.value))
                    .collect();
            }
            _ => {}
        }
    }
}

/// Jobs: those that are at work, then the queue in its order, then the others, newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobList {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// Whether there are more that ended.
    pub more: bool,
    /// The id of the last event there is, for a stream of the queue that begins behind it.
    pub last_event: u64,
}
