//! Parity with Hugging Face and PyTorch: every value that the reference wrote is compared with
//! ours, on whichever device.

mod forward;
mod heads;
mod lora;
mod precision;
mod reference;
mod training;

pub use forward::check_forward;
pub use heads::check_head;
pub use lora::check_lora;
pub use precision::check_precision;
pub use reference::{Case, Layout, Reference};
pub use training::{check_gradients, check_optimiser};

use serde::{Deserialize, Serialize};

/// How far a value may be from the reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// Hidden states, absolute.
    pub hidden: f64,
    /// Logits and losses, absolute.
    pub logits: f64,
    /// Norm of a gradient, relative; a full gradient relative to its norm.
    pub gradient: f64,
    /// Norm of a parameter's change, relative.
    pub change: f64,
}

impl Tolerance {
    /// For 32-bit floats on a CPU.
    pub const CPU: Self = Self {
        hidden: 2e-5,
        logits: 1e-5,
        gradient: 1e-4,
        change: 1e-3,
    };

    /// For 32-bit floats on a GPU: ten times the CPU's.
    pub const GPU: Self = Self {
        hidden: 2e-4,
        logits: 1e-4,
        gradient: 1e-3,
        change: 1e-2,
    };
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// What was compared.
    pub name: String,
    /// How far it was off.
    pub error: f64,
    /// How far it may be off.
    pub tolerance: f64,
}

impl Check {
    /// Whether it is near enough; NaN is not.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.error <= self.tolerance
    }
}

/// The comparisons of one case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Checks(pub Vec<Check>);

impl Checks {
    pub(crate) fn add(&mut self, name: impl Into<String>, error: f64, tolerance: f64) {
        self.0.push(Check {
            name: name.into(),
            error,
            tolerance,
        });
    }

    /// Largest absolute difference of two tensors of the same size.
    pub(crate) fn absolute(&mut self, name: &str, found: &[f32], expected: &[f32], tolerance: f64) {
        let error = if found.len() == expected.len() {
            found
                .iter()
                .zip(expected)
                .map(|(a, b)| f64::from(a - b).abs())
                .fold(0.0, nan_max)
        } else {
            f64::INFINITY
        };
        self.add(name, error, tolerance);
    }

    /// Difference of two numbers relative to the second.
    pub(crate) fn relative(&mut self, name: &str, found: f64, expected: f64, tolerance: f64) {
        self.add(
            name,
            (found - expected).abs() / expected.abs().max(1e-12),
            tolerance,
        );
    }

    /// The comparisons that fail, one a line; empty if all hold.
    #[must_use]
    pub fn failures(&self) -> String {
        let failed = self.0.iter().filter(|check| !check.holds());
        failed
            .map(|c| {
                format!(
                    "{}: off by {:.2e}, may be {:.2e}\n",
                    c.name, c.error, c.tolerance
                )
            })
            .collect()
    }

    /// The largest error in units of its tolerance, with its name.
    #[must_use]
    pub fn worst(&self) -> Option<(&str, f64)> {
        let share = |check: &Check| check.error / check.tolerance;
        let worst = self.0.iter().max_by(|a, b| share(a).total_cmp(&share(b)))?;
        Some((&worst.name, share(worst)))
    }
}

/// The larger one; NaN if one is.
fn nan_max(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.max(b)
    }
}

/// √Σx²
pub(crate) fn l2(values: &[f32]) -> f64 {
    values
        .iter()
        .map(|x| f64::from(*x).powi(2))
        .sum::<f64>()
        .sqrt()
}
