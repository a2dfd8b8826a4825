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
    voxtune_with(folder, &[], arguments)
}

/// Calls `voxtune` in `folder`, with `environment` as all that it learns of the hub.
pub(crate) fn voxtune_with<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(
    folder: &Path,
    environment: &[(&str, &str)],
    arguments: I,
) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voxtune"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_lowercase();
        // The machine's own token must not reach a test, nor a test the machine's proxy.
        if text.starts_with("hf_") || text.starts_with("hugging") || text.ends_with("_proxy") {
            command.env_remove(name);
        }
    }
    let output = command
        .args(arguments)
        .current_dir(folder)
        .env_remove("COLUMNS")
        .envs(environment.iter().copied())
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
