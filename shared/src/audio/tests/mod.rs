//! Tests of the room.

mod errors;
mod extractor;
mod formats;
mod levels;
mod properties;
mod resample;
mod signal;
mod stretches;
mod view;
mod wav;
mod writers;
