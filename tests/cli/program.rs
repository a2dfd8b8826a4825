//! Runs the program.

use serde_json::Value;
use std::{ffi::OsStr, path::Path, process::Command};

/// What a call of the program left behind.
pub(crate) struct Outcome {
    /// Exit status; -1 if a signal ended it.
    pub(crate) status: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

/// Calls `voxtune` in `folder`.
pub(crate) fn voxtune<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(
    folder: &Path,
    arguments: I,
) -> Outcome {
    let output = Command::new(env!("CARGO_BIN_EXE_voxtune"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("COLUMNS")
        .output()
        .expect("the program starts");
    Outcome {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

impl Outcome {
    /// The same, if it ended with `status`.
    pub(crate) fn with_status(self, status: i32) -> Self {
        assert_eq!(
            self.status, status,
            "standard error:\n{}\nstandard output:\n{}",
            self.stderr, self.stdout
        );
        self
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}:\n{}", self.stdout))
    }
}
