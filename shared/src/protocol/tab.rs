//! What the page and the engine's worker say to each other, each message as JSON text. Files go beside it,
//! as handles that the browser copies without their bytes: an array of `[path, blob]`.

use super::{
    CheckReply, CheckRequest, DataRequest, Event, FailureKind, JobEvent, News, Problem, Status,
};
use crate::{
    data::DataReport,
    json::{read_fields, tagged},
};
use serde::{Deserialize, Deserializer, Serialize};

/// Where the page keeps things in the browser's file system for its site.
pub const FOLDER: &str = "voxtune";
/// The register of a job's files, in the job's folder.
pub const REGISTER: &str = "register";
/// The events of a job's runs, one a line, in the job's folder.
pub const EVENTS: &str = "events";
/// The folder of slots, in the job's folder.
pub const SLOTS: &str = "slots";

/// The folder in which the page gives what an earlier attempt left in memory, or a run elsewhere.
pub const KEPT: &str = "kept:";

/// What the page says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ToEngine {
    /// Carry out a job, or go on with it; with the files that it may read.
    Start(TabJob),
    /// Stand still behind the step that is being made.
    Pause,
    /// Go on.
    Continue,
    /// End with what there is.
    Cancel,
    /// Check an experiment, with the files that it may read.
    Check {
        /// Number of the question.
        question: u32,
        /// What is asked.
        request: CheckRequest,
    },
    /// Look at the data of an experiment, with the files that it may read.
    Data {
        /// Number of the question.
        question: u32,
        /// What is asked.
        request: DataRequest,
    },
}

/// A job for the engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabJob {
    /// Its folder below [`FOLDER`]`/jobs`.
    pub id: String,
    /// The INI.
    pub text: String,
    /// `webgpu` or `cpu`.
    pub device: String,
    /// Whether the page cannot read what lies in the browser's file system, so that all is to stay in memory.
    #[serde(default)]
    pub memory_only: bool,
}

/// An event with its time: a line of the file of events.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimedEvent {
    /// When it happened, in RFC 3339.
    pub time: String,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

impl TimedEvent {
    /// What a run said among the events of its job.
    #[must_use]
    pub fn of(event: &JobEvent) -> Option<Self> {
        match &event.news {
            News::Run { run } => Some(Self {
                time: event.time.clone(),
                event: (**run).clone(),
            }),
            News::State { .. } => None,
        }
    }
}

/// What the engine says.
#[expect(
    clippy::large_enum_variant,
    reason = "each is made, sent, and taken apart at once"
)]
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FromEngine {
    /// It takes messages now; earlier ones would be lost.
    Ready,
    /// The job's run says something.
    Event(TimedEvent),
    /// Recordings are looked into.
    Looking {
        /// Files that were looked into.
        done: usize,
        /// All files.
        all: usize,
    },
    /// The job stands still from now on, or goes on.
    Paused {
        /// Whether it stands still.
        paused: bool,
    },
    /// A checkpoint is whole. Where the browser has no file system for sites, all files of the job are beside
    /// this, so that they outlive the engine.
    Checkpoint,
    /// The job has ended. Where the browser has no file system for sites, its files are beside this.
    Ended {
        /// How.
        status: Status,
        /// What kind of failure it is, if it is one.
        failure: Option<FailureKind>,
        /// Why.
        message: Option<String>,
        /// Bytes of WebAssembly memory at the end, which is the most there were.
        heap: u64,
    },
    /// The answer to [`ToEngine::Check`]; it names no devices.
    Check {
        /// Number of the question.
        question: u32,
        /// What was found.
        answer: Result<CheckReply, Box<Problem>>,
    },
    /// The answer to [`ToEngine::Data`].
    Data {
        /// Number of the question.
        question: u32,
        /// The report.
        answer: Result<DataReport, Box<Problem>>,
    },
    /// The engine itself has broken down, and does nothing any more.
    Broken {
        /// Why.
        message: String,
        /// What kind of failure it is, where that is known.
        #[serde(default)]
        failure: Option<FailureKind>,
    },
}

tagged! {
    FromEngine by "kind" {
        "ready" => Ready,
        "event" => Event(event),
        "looking" => Looking { done, all },
        "paused" => Paused { paused },
        "checkpoint" => Checkpoint,
        "ended" => Ended { status, failure, message, heap },
        "check" => Check { question, answer },
        "data" => Data { question, answer },
        "broken" => Broken { message; failure },
    }
}

impl<'de> Deserialize<'de> for TimedEvent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read_fields(from, |mut fields| {
            Ok(Self {
                time: fields.take("time")?,
                event: fields.rest()?,
            })
        })
    }
}
