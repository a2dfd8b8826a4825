//! What a run says while it works: one event a line of JSON, the same in the tab and on the runner.

mod event;

pub use event::{Event, Status};
