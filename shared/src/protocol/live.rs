//! Labelling sound while it is recorded: a session, pieces of sound, and what the model says of each
//! window of them.

use super::Predicted;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Sampling rates in Hz that sound may have.
pub const LIVE_RATES: std::ops::RangeInclusive<u32> = 8_000..=192_000;
/// Lengths of windows in seconds.
pub const LIVE_WINDOWS: std::ops::RangeInclusive<f64> = 0.1..=60.0;
/// Seconds from one window to the next.
pub const LIVE_HOPS: std::ops::RangeInclusive<f64> = 0.05..=60.0;
/// Windows that one piece of sound is answered with at most.
pub const LIVE_AT_ONCE: std::ops::RangeInclusive<u32> = 1..=16;

/// Asks for a model that stays loaded, and listens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartLive {
    /// Number of the run; without it the best one.
    #[serde(default)]
    pub run: Option<u32>,
    /// Samples a second of the sound to come; 16000 without it.
    #[serde(default)]
    #[schemars(range(min = 8_000, max = 192_000))]
    pub rate: Option<u32>,
    /// Seconds that the model hears at once; without it as it was evaluated, but at most 3.
    #[serde(default)]
    #[schemars(range(min = 0.1, max = 60.0))]
    pub window: Option<f64>,
    /// Seconds from one window to the next; 0.5 without it.
    #[serde(default)]
    #[schemars(range(min = 0.05, max = 60.0))]
    pub hop: Option<f64>,
    /// Windows that one piece of sound is answered with at most, the latest ones: what a slow
    /// machine has no time for is skipped. 4 without it.
    #[serde(default)]
    #[schemars(range(min = 1, max = 16))]
    pub at_once: Option<u32>,
    /// The device, by its id; without it, or with `auto`, a graphics card that is free, else the CPU.
    #[serde(default)]
    pub device: Option<String>,
}

/// A session in which a model listens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Live {
    /// Its id.
    pub id: String,
    /// The job whose model it is.
    pub job: String,
    /// Number of the run.
    pub run: u32,
    /// The device that computes.
    pub device: String,
    /// Classes in the order of `scores`; none of a regression.
    pub labels: Vec<String>,
    /// Samples a second of the sound.
    pub rate: u32,
    /// Seconds of a window; the first ones, that begin with the sound, are shorter.
    pub window: f64,
    /// Seconds from one window's end to the next one's; the first ends after as many.
    pub hop: f64,
    /// Windows that one piece of sound is answered with at most.
    pub at_once: u32,
    /// Samples that have come.
    pub samples: u64,
    /// Seconds without sound after which it ends by itself.
    pub idle: u64,
    /// When it ends in any case, in RFC 3339.
    pub until: String,
}

/// One's own sessions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveList {
    /// The oldest first.
    pub sessions: Vec<Live>,
}

/// What the model says of the windows that a piece of sound completes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveReply {
    /// Samples that have come, this piece included: the offset of the next one.
    pub samples: u64,
    /// One a window; times are seconds since the sound began.
    pub predictions: Vec<Predicted>,
    /// Windows that were left out, since newer ones were complete.
    pub skipped: u64,
    /// What could not be labelled, and why.
    pub warnings: Vec<String>,
    /// Seconds that it took.
    pub seconds: f64,
}
