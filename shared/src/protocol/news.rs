//! What is told over a stream of events (`text/event-stream`), each with an id that only grows.

use super::{Event, Job};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that happened to a job; the `data` of a server-sent event, whose `id` is [`Self::id`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobEvent {
    /// Its number: grows from event to event, and leaves out numbers.
    pub id: u64,
    /// When it happened, in RFC 3339.
    pub time: String,
    /// What happened.
    #[serde(flatten)]
    pub news: News,
}

/// What happened to a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum News {
    /// Its run says something.
    Run {
        /// What.
        run: Box<Event>,
    },
    /// It is in another state.
    State {
        /// The job as it is now.
        job: Box<Job>,
    },
}

/// Something that happened to the queue; the `data` of a server-sent event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QueueEvent {
    /// Its number: grows from event to event, and leaves out numbers.
    pub id: u64,
    /// When it happened, in RFC 3339.
    pub time: String,
    /// What happened.
    #[serde(flatten)]
    pub news: QueueNews,
}

/// What happened to the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum QueueNews {
    /// A job is new, or in another state or place.
    State {
        /// The job as it was then.
        job: Box<Job>,
    },
    /// A job was deleted.
    Deleted {
        /// Which.
        job: String,
    },
}
