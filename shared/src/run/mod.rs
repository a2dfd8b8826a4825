//! An experiment from its data to its files: each run is trained, evaluated and written.
//!
//! [`Start`] is what training begins from, [`Job`] carries an experiment out. Files go out through
//! [`Output`], so that a disk and a browser get the same.

mod error;
mod job;
mod outcome;
mod recorder;
mod save;
mod start;
mod units;

pub use error::RunError;
pub use job::{Finished, Job};
pub use save::{Stored, stored};
pub use start::Start;
pub use units::table_units;

use std::io::{self, Write};

/// Where files go.
pub trait Output {
    /// Writes a file, whole or not at all, with what `content` writes. `path` is below the
    /// experiment's folder, with `/` between names.
    ///
    /// # Errors
    /// The system's error.
    fn write_with(
        &self,
        path: &str,
        content: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()>;

    /// Writes `bytes` as [`Self::write_with`].
    ///
    /// # Errors
    /// The system's error.
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.write_with(path, &mut |out| out.write_all(bytes))
    }
}
