//! What the runner can compute on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// All devices, best first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Devices {
    /// The devices.
    pub devices: Vec<Device>,
    /// Jobs that wait.
    pub queued: usize,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Device {
    /// What `device =` in an INI calls it: `cpu`, `vulkan:0`, `cuda:1`.
    pub id: String,
    /// What it is.
    pub name: String,
    /// Whether it is picked only when it is named, such as a software renderer.
    pub explicit_only: bool,
    /// Its memory; for the CPU that of the machine. `None` where it cannot be known.
    pub memory: Option<DeviceMemory>,
    /// How busy it is, from 0 to 1; `None` where it cannot be known.
    pub load: Option<f64>,
    /// The jobs that run on it; of other users only how many.
    pub jobs: usize,
}

/// Memory in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceMemory {
    /// All of it.
    pub total: u64,
    /// What is taken.
    pub used: u64,
}
