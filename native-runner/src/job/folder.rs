//! What lies in the folder of a job.

use super::process::Process;
use crate::serve::SightSpec;
use anyhow::Context;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use shared::protocol::{FailureKind, Limits, Status};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The folder of a job.
#[derive(Debug, Clone)]
pub(crate) struct JobFolder {
    path: PathBuf,
}

/// What a process is to do (`job.json`); the server writes it before each start.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    /// Number of the start, from 1. A process that was started for another one does nothing.
    pub(crate) attempt: u32,
    /// The device.
    pub(crate) device: String,
    /// What may be used up.
    pub(crate) limits: Limits,
    /// Seconds at work in earlier attempts.
    pub(crate) seconds: f64,
    /// What may be read.
    pub(crate) sight: SightSpec,
}

/// How a process ended (`exit.json`); it writes this last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Exit {
    /// As in the order.
    pub(crate) attempt: u32,
    /// How.
    pub(crate) status: Status,
    /// What kind of failure it was, where that is known: a limit, or a broken INI.
    pub(crate) failure: Option<FailureKind>,
    /// Why.
    pub(crate) message: Option<String>,
    /// Seconds at work in this attempt.
    pub(crate) seconds: f64,
}

impl JobFolder {
    /// The folder at `path`.
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The folder itself, in which the process holds its lock.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The experiment.
    pub(crate) fn ini(&self) -> PathBuf {
        self.path.join("experiment.ini")
    }

    /// Where the run writes; `[EXP] root` is set to it.
    pub(crate) fn run(&self) -> PathBuf {
        self.path.join("run")
    }

    /// What the process says: an event a line.
    pub(crate) fn events(&self) -> PathBuf {
        self.path.join("events.jsonl")
    }

    /// What the process prints.
    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("log.txt")
    }

    /// What is to be done.
    pub(crate) fn order(&self) -> anyhow::Result<Order> {
        let path = self.path.join("job.json");
        read(&path)?.with_context(|| format!("{} is not there", path.display()))
    }

    /// Says what is to be done.
    pub(crate) fn write_order(&self, order: &Order) -> io::Result<()> {
        write(&self.path, "job.json", order)
    }

    /// The process that was started for `attempt`; `None` before it has said so.
    pub(crate) fn process(&self, attempt: u32) -> Option<Process> {
        let process: Process = read(&self.path.join("process.json")).ok().flatten()?;
        (process.attempt == attempt).then_some(process)
    }

    /// Says which process is at work.
    pub(crate) fn write_process(&self, process: &Process) -> io::Result<()> {
        write(&self.path, "process.json", process)
    }

    /// How `attempt` ended; `None` if its process did not say.
    pub(crate) fn exit(&self, attempt: u32) -> Option<Exit> {
        let exit: Exit = read(&self.path.join("exit.json")).ok().flatten()?;
        (exit.attempt == attempt).then_some(exit)
    }

    /// Says how it ended.
    pub(crate) fn write_exit(&self, exit: &Exit) -> io::Result<()> {
        write(&self.path, "exit.json", exit)
    }

    /// The last lines that the process printed, at most so many bytes.
    pub(crate) fn log_end(&self, most: u64) -> String {
        use std::io::{Read, Seek, SeekFrom};
        let end = || -> io::Result<String> {
            let mut file = File::open(self.log())?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(most)))?;
            let mut bytes = Vec::new();
            file.take(most).read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
        };
        end().unwrap_or_default()
    }
}

/// A file of JSON; `None` if there is none.
fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Option<T>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is not as expected", path.display()))
        .map(Some)
}

/// Writes a file of JSON that is there whole or not at all, and outlives a failure of the power.
fn write<T: Serialize>(folder: &Path, name: &str, value: &T) -> io::Result<()> {
    let part = folder.join(format!("{name}.part"));
    let mut file = File::create(&part)?;
    file.write_all(&serde_json::to_vec_pretty(value)?)?;
    file.sync_all()?;
    fs::rename(&part, folder.join(name))?;
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
