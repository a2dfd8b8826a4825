//! What a run is expected to need.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a run is expected to need, before anything was run. Bytes are of the device's memory, which
/// is the machine's for the CPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// All parameters.
    pub parameters: u64,
    /// Trained parameters.
    pub trained: u64,
    /// Bytes of the weights.
    pub weights: u64,
    /// Bytes of gradients and of the optimiser's moments.
    pub training: u64,
    /// Bytes of what a batch leaves behind for the way back.
    pub activations: u64,
}

impl Estimate {
    /// Bytes in all.
    #[must_use]
    pub fn memory(&self) -> u64 {
        self.weights + self.training + self.activations
    }
}
