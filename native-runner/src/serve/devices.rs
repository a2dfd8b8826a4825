//! The machine: its devices, their memory and load.

use super::{Problem, route::Routes, state::AppState};
use crate::machine;
use anyhow::Context;
use axum::{Json, extract::State};
use rusqlite::Connection;
use shared::{
    protocol::{Device, DeviceMemory, Devices, operations},
    train::DeviceInfo,
};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
};
use tokio::task::spawn_blocking;

/// The machine that the runner is on.
#[derive(Debug)]
pub(crate) struct Machine {
    /// Its name.
    pub(crate) host: String,
    /// Whether there is a token for the hub.
    pub(crate) can_publish: bool,
    /// Its devices, best first.
    pub(crate) devices: Vec<DeviceInfo>,
    /// Processor time at the last look: busy and in all, in ticks.
    last: Mutex<(u64, u64)>,
}

/// What is answered here.
pub(crate) fn routes() -> Routes {
    Routes::new().on(&operations::DEVICES, list)
}

impl Machine {
    /// Looks at the machine. Devices are asked for by a process of its own, since a driver can take
    /// a process with it.
    pub(crate) fn look(program: &Path) -> anyhow::Result<Self> {
        let output = Command::new(program)
            .args(["devices", "--json"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let devices = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
            errln!(
                "warning: looking for devices failed ({}); only the CPU is used",
                output.status
            );
            vec![DeviceInfo {
                id: "cpu".to_owned(),
                name: "CPU".to_owned(),
                explicit_only: false,
            }]
        });
        let settings = crate::hub::Settings::from_env();
        Ok(Self {
            host: host(),
            can_publish: settings
                .is_ok_and(|settings| settings.token.is_some() && !settings.offline),
            devices,
            last: Mutex::new(ticks().unwrap_or_default()),
        })
    }

    /// Whether there is a device of this id; `auto` is one.
    pub(crate) fn has(&self, id: &str) -> bool {
        id == "auto" || self.devices.iter().any(|device| device.id == id)
    }

    /// Devices that a job for `asked` may have, best first: `auto` takes any that computes as the
    /// best one does, and the CPU only where there is nothing else.
    pub(crate) fn fit<'m>(&'m self, asked: &'m str) -> Vec<&'m str> {
        if asked != "auto" {
            return vec![asked];
        }
        let usual: Vec<&str> = self
            .devices
            .iter()
            .filter(|device| !device.explicit_only)
            .map(|device| device.id.as_str())
            .collect();
        let faster: Vec<&str> = usual.iter().copied().filter(|id| *id != "cpu").collect();
        if faster.is_empty() { usual } else { faster }
    }

    /// Memory and load of each device, by id.
    fn figures(&self) -> Vec<(String, Option<DeviceMemory>, Option<f64>)> {
        let cards = nvidia();
        self.devices
            .iter()
            .map(|device| {
                if device.id == "cpu" {
                    return (device.id.clone(), machine::memory(), self.load());
                }
                let number = device.id.strip_prefix("cuda:").and_then(|n| n.parse().ok());
                let card = match number {
                    Some(number) => cards.get::<usize>(number),
                    // Vulkan has an order of its own: only where there is one card, it is that one.
                    None if cards.len() == 1 && !device.explicit_only => cards.first(),
                    None => None,
                };
                match card {
                    Some((memory, load)) => (device.id.clone(), Some(*memory), *load),
                    None => (device.id.clone(), None, None),
                }
            })
            .collect()
    }

    /// Load of the processors since the last call.
    fn load(&self) -> Option<f64> {
        let now = ticks()?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (busy, all) = (now.0.saturating_sub(last.0), now.1.saturating_sub(last.1));
        *last = now;
        (all > 0).then(|| (busy as f64 / all as f64).min(1.0))
    }
}

/// Ticks in which the processors were busy, and all ticks.
fn ticks() -> Option<(u64, u64)> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let line = text.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = line
        .split_ascii_whitespace()
        .filter_map(|field| field.parse().ok())
        .take(8)
        .collect();
    let all: u64 = ticks.iter().sum();
    let idle: u64 = ticks.iter().skip(3).take(2).sum();
    Some((all.saturating_sub(idle), all))
}

/// Memory and load of NVIDIA's cards, by number; none where their tool is not there.
fn nvidia() -> Vec<(DeviceMemory, Option<f64>)> {
    let output = Command::new("nvidia-smi")
        .args([
            "--query-gpu=memory.total,memory.used,utilization.gpu",
            "--format=csv,noheader,nounits",
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    match output {
        Ok(output) if output.status.success() => cards(&String::from_utf8_lossy(&output.stdout)),
        _ => Vec::new(),
    }
}

/// Reads the table of `nvidia-smi`: MiB, MiB and percent.
fn cards(table: &str) -> Vec<(DeviceMemory, Option<f64>)> {
    table
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(',').map(str::trim);
            let mut mebibytes = || fields.next()?.parse::<u64>().ok().map(|n| n << 20);
            let memory = DeviceMemory {
                total: mebibytes()?,
                used: mebibytes()?,
            };
            let load = fields.next().and_then(|text| text.parse::<f64>().ok());
            Some((memory, load.map(|percent| percent / 100.0)))
        })
        .collect()
}

fn host() -> String {
    ["/proc/sys/kernel/hostname", "/etc/hostname"]
        .iter()
        .find_map(|path| fs::read_to_string(path).ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "localhost".to_owned())
}

/// The devices as they are now.
async fn list(State(state): State<AppState>) -> Result<Json<Devices>, Problem> {
    Ok(Json(now(&state).await?))
}

/// The devices as they are now.
pub(crate) async fn now(state: &AppState) -> Result<Devices, Problem> {
    let shared = state.clone();
    let figures = spawn_blocking(move || shared.machine.figures())
        .await
        .map_err(Problem::internal)?;
    let (queued, running) = state.store.read(counts).await?;
    let devices = state.machine.devices.iter().zip(figures);
    Ok(Devices {
        devices: devices
            .map(|(info, (_, memory, load))| Device {
                id: info.id.clone(),
                name: info.name.clone(),
                explicit_only: info.explicit_only,
                memory,
                load,
                jobs: running.iter().filter(|device| **device == info.id).count(),
            })
            .collect(),
        queued,
    })
}

/// Jobs that wait, and the devices of those at work.
pub(crate) fn counts(store: &Connection) -> Result<(usize, Vec<String>), Problem> {
    let queued: u32 = store.query_row(
        "SELECT count(*) FROM jobs WHERE state = 'queued'",
        [],
        |row| row.get(0),
    )?;
    let mut statement = store.prepare_cached(
        "SELECT running FROM jobs WHERE state IN ('running', 'cancelling') AND running IS NOT NULL",
    )?;
    let running = statement.query_map([], |row| row.get(0))?;
    Ok((queued as usize, running.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_cards_is_read_with_what_is_missing_in_it() {
        let found = cards("24576, 1024, 37\n8192, 0, [N/A]\nno devices\n");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].0.total, 24 << 30);
        assert_eq!(found[0].1, Some(0.37));
        assert_eq!(found[1].1, None);
    }

    #[test]
    fn auto_takes_the_cpu_only_where_there_is_nothing_else() {
        let info = |id: &str, explicit_only| DeviceInfo {
            id: id.to_owned(),
            name: String::new(),
            explicit_only,
        };
        let machine = |devices| Machine {
            host: String::new(),
            can_publish: false,
            devices,
            last: Mutex::default(),
        };
        let cpu = machine(vec![info("cpu", false), info("vulkan:0", true)]);
        assert_eq!(cpu.fit("auto"), ["cpu"]);
        assert_eq!(cpu.fit("vulkan:0"), ["vulkan:0"]);
        let two = machine(vec![
            info("cuda:0", false),
            info("cuda:1", false),
            info("cpu", false),
        ]);
        assert_eq!(two.fit("auto"), ["cuda:0", "cuda:1"]);
        assert!(two.has("auto") && two.has("cpu") && !two.has("cuda:2"));
    }
}
