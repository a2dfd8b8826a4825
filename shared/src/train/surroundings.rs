//! What the training loop needs of the world around it.

use crate::{audio::Window, data::Part, protocol::Event};
use std::{future::Future, pin::Pin, sync::Arc};

/// Samples at 16 kHz.
pub type Clip = Arc<[f32]>;

/// Why a clip could not be had; names the file.
pub type ClipError = Box<dyn std::error::Error + Send + Sync>;

/// One clip of a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClipRequest {
    /// Index in the part.
    pub utterance: usize,
    /// Which stretch of it, if it is too long.
    pub window: Window,
    /// Seed of its random changes; `None` leaves it as it is.
    pub draw: Option<u64>,
}

/// Batches in the order in which they were asked for.
pub type Clips<'a> = Box<dyn Iterator<Item = Result<Vec<Clip>, ClipError>> + 'a>;

/// Other work that is let through.
pub type Breath<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// What the training loop needs of the world around it.
pub trait Surroundings {
    /// Starts to decode `batches` of `part`, ahead of their use.
    fn clips(&self, part: Part, batches: Vec<Vec<ClipRequest>>) -> Clips<'_>;

    /// A text that is other once the file of a clip is other, where one is known.
    fn mark(&self, part: Part, utterance: usize) -> Option<String> {
        let _ = (part, utterance);
        None
    }

    /// Seconds on a clock that never goes back.
    fn now(&self) -> f64;

    /// The time of day in RFC 3339, where one is known.
    fn date(&self) -> Option<String> {
        None
    }

    /// Bytes of memory that the run holds, where that is known.
    fn memory(&self) -> Option<u64> {
        None
    }

    /// Whether the run was asked to stop.
    fn stopping(&self) -> bool;

    /// Takes an event.
    fn emit(&self, event: Event);

    /// Waited for between steps and between batches of an evaluation: lets through what else there is to
    /// do on this thread, which in a browser's worker are messages, and may last as long as the run is
    /// paused.
    fn breathe(&self) -> Breath<'_> {
        Box::pin(std::future::ready(()))
    }
}
