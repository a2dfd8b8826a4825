//! INI text as Python's `configparser.ConfigParser()` reads it, without losing a character.
//!
//! [`Document::parse`] keeps the text and notes where each section, key and value stands; an edit
//! replaces a stretch of the text, so that comments, order and blank lines stay. A byte order mark
//! before the first section is skipped, where Python stops.

mod document;
mod edit;
mod error;
mod interpolate;
mod parse;
mod space;
#[cfg(test)]
mod tests;

pub(crate) use document::fold;
pub use document::{DEFAULT, Document, Entry, Section};
pub use edit::Edit;
pub use error::{EditError, IniError, InterpolationError};
pub use interpolate::escaped;
pub(crate) use interpolate::references;
