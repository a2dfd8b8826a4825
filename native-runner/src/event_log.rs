//! The log of a call: every event with its time, one a line of JSON.

use serde::Serialize;
use shared::protocol::Event;
use std::{
    cell::RefCell,
    fs::{self, File},
    io::{self, Write},
    path::PathBuf,
    time::SystemTime,
};

/// `log/{name}_{YYYYmmdd_HHMMSS}.log`, the time being UTC. It begins with the first event: what the
/// folder held before may be moved aside until then.
pub(crate) struct EventLog {
    path: PathBuf,
    file: RefCell<State>,
}

enum State {
    Waiting,
    Open(File),
    /// It could not be written; results matter more.
    Broken,
}

/// An event with its time.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    time: String,
    #[serde(flatten)]
    event: &'a Event,
}

impl<'a> Line<'a> {
    /// A line of JSON with its line feed; the time of day to the millisecond.
    pub(crate) fn now_millis(event: &'a Event) -> io::Result<Vec<u8>> {
        let time = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
        Self { time, event }.bytes()
    }

    fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        Ok(line)
    }
}

impl EventLog {
    /// A log below the experiment's folder `root`.
    pub(crate) fn new(root: &str, name: &str) -> Self {
        let name = name.replace(['/', '\\'], "_");
        let time = compact(&now());
        Self {
            path: PathBuf::from(root).join(format!("log/{name}_{time}.log")),
            file: RefCell::new(State::Waiting),
        }
    }

    /// Writes a line. What cannot be written is told of once.
    pub(crate) fn take(&self, event: &Event) {
        let mut state = self.file.borrow_mut();
        if let Err(error) = self.write(&mut state, event) {
            errln!("warning: cannot write {}: {error}", self.path.display());
            *state = State::Broken;
        }
    }

    fn write(&self, state: &mut State, event: &Event) -> io::Result<()> {
        if matches!(state, State::Waiting) {
            if let Some(folder) = self.path.parent() {
                fs::create_dir_all(folder)?;
            }
            let file = File::options().create(true).append(true).open(&self.path)?;
            *state = State::Open(file);
        }
        if let State::Open(file) = state {
            let time = now();
            file.write_all(&Line { time, event }.bytes()?)?;
        }
        Ok(())
    }
}

fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// `2026-01-02T03:04:05Z` as `20260102_030405`.
fn compact(time: &str) -> String {
    time.replace(['-', ':', 'Z'], "").replace('T', "_")
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn names_have_the_time_as_nkululeko_writes_it() {
        assert_eq!(compact("2026-01-02T03:04:05Z"), "20260102_030405");
    }
}
