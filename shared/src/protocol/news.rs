//! What is told over a stream of events (`text/event-stream`), each with an id that only grows.

use super::{Event, Job};
use crate::json::{read_fields, tagged};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// Something that happened to a job; the `data` of a server-sent event, whose `id` is [`Self::id`].
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
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

tagged! {
    News by "kind" {
        "run" => Run { run },
        "state" => State { job },
    }
}

tagged! {
    QueueNews by "kind" {
        "state" => State { job },
        "deleted" => Deleted { job },
    }
}

/// News with a number and a time stand in one object with what they tell.
macro_rules! numbered {
    ($($name:ident)*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                read_fields(from, |mut fields| {
                    Ok(Self {
                        id: fields.take("id")?,
                        time: fields.take("time")?,
                        news: fields.rest()?,
                    })
                })
            }
        }
    )*};
}

numbered!(JobEvent QueueEvent);
