//! A process by its number, and what tells it from a later one with the same number.

use serde::{Deserialize, Serialize};
use std::fs;

/// A process (`process.json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Process {
    /// The start that it belongs to.
    pub(crate) attempt: u32,
    /// Its number.
    pub(crate) pid: u32,
    /// When it was started, in the system's ticks since the machine was; empty where not known.
    pub(crate) started: String,
    /// Which start of the machine it was; empty where not known.
    pub(crate) boot: String,
}

/// Why a process cannot be told to end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignalError {
    /// It has ended already.
    #[error("the process is gone")]
    Gone,
    /// The system does not let us.
    #[error("the process cannot be told to end: {0}")]
    System(std::io::Error),
}

impl Process {
    /// This process.
    pub(crate) fn this(attempt: u32) -> Self {
        let pid = std::process::id();
        Self {
            attempt,
            pid,
            started: started(pid).unwrap_or_default(),
            boot: boot(),
        }
    }

    /// Whether it is still there, as far as the system's list of processes tells.
    pub(crate) fn is_there(&self) -> bool {
        self.boot == boot() && started(self.pid).is_some_and(|started| started == self.started)
    }

    /// Asks it to end, as Ctrl-C does.
    pub(crate) fn interrupt(&self) -> Result<(), SignalError> {
        self.signal(false)
    }

    /// Ends it and all of its group at once.
    pub(crate) fn kill(&self) -> Result<(), SignalError> {
        self.signal(true)
    }

    #[cfg(unix)]
    fn signal(&self, kill: bool) -> Result<(), SignalError> {
        use rustix::process::{Pid, Signal, kill_process, kill_process_group};
        // Its number may be that of a stranger by now.
        if cfg!(target_os = "linux") && !self.is_there() {
            return Err(SignalError::Gone);
        }
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or(SignalError::Gone)?;
        let sent = if kill {
            kill_process_group(pid, Signal::KILL).or_else(|_| kill_process(pid, Signal::KILL))
        } else {
            kill_process(pid, Signal::INT)
        };
        sent.map_err(|error| match error {
            rustix::io::Errno::SRCH => SignalError::Gone,
            error => SignalError::System(error.into()),
        })
    }

    #[cfg(not(unix))]
    fn signal(&self, _: bool) -> Result<(), SignalError> {
        Err(SignalError::System(std::io::ErrorKind::Unsupported.into()))
    }
}

/// Bytes of memory that a process has.
pub(crate) fn memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// When a process was started; `None` if there is none, or if it is only waited for.
fn started(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may have anything in it.
    let rest = &stat[stat.rfind(')')? + 1..];
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    // The 22nd field of proc(5), of which two stand before and one is taken.
    let started = fields.nth(18)?;
    (!matches!(state, "Z" | "X")).then(|| started.to_owned())
}

fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|text| text.trim().to_owned())
        .unwrap_or_default()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_there_and_a_later_one_of_its_number_is_another() {
        let this = Process::this(1);
        assert!(this.is_there());
        assert!(memory(this.pid).is_some_and(|bytes| bytes > 100_000));
        let earlier = Process {
            started: "1".to_owned(),
            ..this.clone()
        };
        assert!(!earlier.is_there());
        assert!(matches!(earlier.kill(), Err(SignalError::Gone)));
        let other_boot = Process {
            boot: "another".to_owned(),
            ..this
        };
        assert!(!other_boot.is_there());
    }
}
