//! What fits a device, and what to change so that it does.

use super::{Estimate, Load};
use crate::{checkpoint::ModelConfig, config::Experiment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rank that is proposed for low-rank additions.
const RANK: usize = 8;
/// Shorter stretches than these seconds say little.
const SHORT: f64 = 2.0;

/// What a device has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that a run can have; `None` where nobody knows.
    pub memory: Option<u64>,
    /// Bytes of the largest buffer that a kernel can be given.
    pub buffer: Option<u64>,
}

/// A key that is set to another value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The key, in `[FINETUNE]`.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// Whether a run fits a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fit {
    /// Whether it does.
    pub fits: bool,
    /// What is too large, for people; empty if it fits.
    pub reason: String,
    /// The first changes that make it fit, in the order in which they cost least; empty if it fits, or if
    /// nothing helps.
    pub changes: Vec<Change>,
    /// Bytes that it needs with these changes.
    pub then: u64,
}

impl Limits {
    fn trouble(&self, estimate: &Estimate) -> Option<String> {
        let gigabytes = |bytes: u64| format!("{:.1} GB", bytes as f64 / 1e9);
        let megabytes = |bytes: u64| format!("{:.0} MB", bytes as f64 / 1e6);
        if let Some(memory) = self.memory.filter(|memory| estimate.memory() > *memory) {
            return Some(format!(
                "training needs about {}, and there are {}",
                gigabytes(estimate.memory()),
                gigabytes(memory)
            ));
        }
        let buffer = self.buffer.filter(|buffer| estimate.largest > *buffer)?;
        Some(format!(
            "a tensor of {} is made, and the device takes {} at once",
            megabytes(estimate.largest),
            megabytes(buffer)
        ))
    }
}

impl Fit {
    /// Whether training `model` as `experiment` says fits `limits`, and what would.
    ///
    /// Tried one after the other, each beside those before: smaller batches, which with more of them in a step
    /// train the same; layers that are computed twice, which costs time alone; low-rank additions; fewer
    /// layers; shorter stretches.
    #[must_use]
    pub fn of(model: &ModelConfig, experiment: &Experiment, limits: &Limits) -> Self {
        let first = Load::of(experiment);
        let estimate = Estimate::of(model, &first);
        let Some(reason) = limits.trouble(&estimate) else {
            return Self {
                fits: true,
                reason: String::new(),
                changes: Vec::new(),
                then: estimate.memory(),
            };
        };
        let tuning = &experiment.tuning;
        let depth = first
            .num_layers
            .unwrap_or(usize::MAX)
            .min(model.num_hidden_layers);
        let mut tried = vec![first];
        let mut last = first;
        while last.batch_size > 1 {
            last.batch_size = last.batch_size.div_ceil(2);
            tried.push(last);
        }
        if !last.recompute {
            last.recompute = true;
            tried.push(last);
        }
        if last.lora_rank.is_none() && !tuning.from_scratch && last.freeze_layers < depth {
            last.lora_rank = Some(RANK);
            last.lora_targets = [2, 0];
            last.freeze_cnn = true;
            tried.push(last);
        }
        // Additions need a layer.
        while last.lora_rank.is_some() && last.freeze_layers + 1 < depth {
            last.freeze_layers += 1;
            last.freeze_below = true;
            tried.push(last);
        }
        for seconds in [6.0, 4.0, 3.0, SHORT] {
            if seconds < last.seconds {
                last.seconds = seconds;
                tried.push(last);
            }
        }
        let found = tried.into_iter().find_map(|load| {
            let estimate = Estimate::of(model, &load);
            limits
                .trouble(&estimate)
                .is_none()
                .then_some((load, estimate))
        });
        let (changes, then) = match found {
            Some((load, estimate)) => {
                let steps = tuning.gradient_accumulation;
                (changes(&first, &load, steps), estimate.memory())
            }
            None => (Vec::new(), 0),
        };
        Self {
            fits: false,
            reason,
            changes,
            then,
        }
    }

    /// What is wrong and what to do, in a sentence; empty if it fits.
    #[must_use]
    pub fn advice(&self) -> String {
        if self.fits {
            return String::new();
        }
        if self.changes.is_empty() {
            return format!(
                "{}: no setting of this model fits; take a smaller one, or another device",
                self.reason
            );
        }
        let changes: Vec<String> = self
            .changes
            .iter()
            .map(|change| format!("{} = {}", change.key, change.value))
            .collect();
        format!(
            "{}; with {} it needs about {:.1} GB",
            self.reason,
            changes.join(", "),
            self.then as f64 / 1e9
        )
    }
}

/// What is other in `to`.
fn changes(from: &Load, to: &Load, accumulation: usize) -> Vec<Change> {
    let mut found = Vec::new();
    let mut set = |key: &str, value: String| {
        found.push(Change {
            key: key.to_owned(),
            value,
        });
    };
    if to.batch_size != from.batch_size {
        set("batch_size", to.batch_size.to_string());
        let clips = from.batch_size * accumulation;
        set(
            "gradient_accumulation",
            clips.div_ceil(to.batch_size).to_string(),
        );
    }
    if to.recompute != from.recompute {
        set("recompute", "True".to_owned());
    }
    if let (None, Some(rank)) = (from.lora_rank, to.lora_rank) {
        set("lora_rank", rank.to_string());
    }
    if to.freeze_layers != from.freeze_layers {
        set("freeze_layers", to.freeze_layers.to_string());
    }
    if to.freeze_below != from.freeze_below {
        set("freeze_below", "True".to_owned());
    }
    if to.seconds < from.seconds {
        set("max_duration", format!("{}", to.seconds));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{self, Mode},
        files::Memory,
    };

    fn experiment(keys: &str) -> Experiment {
        let text = format!(
            "[EXP]\nroot = .\nname = fit\n[DATA]\ndatabases = ['d']\nd = d.csv\nd.type = csv\ntarget = emotion\n\
             [FEATS]\ntype = []\n[MODEL]\ntype = finetune\n[FINETUNE]\n{keys}"
        );
        let checked = config::check(&text, &Memory::default(), Mode::Text);
        checked.experiment.expect("a valid experiment")
    }

    fn model(text: &str) -> ModelConfig {
        ModelConfig::from_json(text, "config.json").expect("a model")
    }

    fn base() -> ModelConfig {
        model("{\"model_type\": \"wav2vec2\"}")
    }

    fn keys(fit: &Fit) -> Vec<&str> {
        fit.changes.iter().map(|one| one.key.as_str()).collect()
    }

    #[test]
    fn what_fits_is_left_alone() {
        let fit = Fit::of(&base(), &experiment(""), &Limits::default());
        assert!(fit.fits && fit.changes.is_empty() && fit.advice().is_empty());
    }

    #[test]
    fn what_costs_least_is_proposed_first() {
        let limits = |gigabytes: f64| Limits {
            memory: Some((gigabytes * 1e9) as u64),
            buffer: None,
        };
        let asked = experiment("batch_size = 8\ngradient_accumulation = 4\n");
        let mut before = u64::MAX;
        for (room, expected) in [
            (4.0, vec!["batch_size", "gradient_accumulation"]),
            (
                1.1,
                vec![
                    "batch_size",
                    "gradient_accumulation",
                    "recompute",
                    "lora_rank",
                ],
            ),
        ] {
            let fit = Fit::of(&base(), &asked, &limits(room));
            assert!(!fit.fits && fit.then as f64 <= room * 1e9, "{fit:?}");
            assert_eq!(keys(&fit), expected, "{room} GB");
            assert!(fit.then < before);
            before = fit.then;
            // What is proposed is what the checker takes, and it fits.
            let changed: String = fit
                .changes
                .iter()
                .map(|one| format!("{} = {}\n", one.key, one.value))
                .collect();
            let again = Fit::of(&base(), &experiment(&changed), &limits(room));
            assert!(again.fits, "{again:?}");
            assert!(again.then == fit.then);
        }
        // A step sees as many clips as before.
        let fit = Fit::of(&base(), &asked, &limits(4.0));
        let product: usize = fit.changes[..2]
            .iter()
            .map(|one| one.value.parse::<usize>().expect("a number"))
            .product();
        assert_eq!(product, 32);

        let fit = Fit::of(&base(), &asked, &limits(0.5));
        assert!(!fit.fits && fit.changes.is_empty());
        assert!(fit.advice().contains("no setting"), "{}", fit.advice());
    }

    #[test]
    fn a_small_binding_limits_the_batch() {
        let limits = Limits {
            memory: None,
            buffer: Some(128 << 20),
        };
        let asked = experiment("batch_size = 32\nmax_duration = 10\n");
        let fit = Fit::of(&base(), &asked, &limits);
        assert_eq!(keys(&fit), ["batch_size", "gradient_accumulation"]);
        assert!(fit.reason.contains("134 MB"), "{}", fit.reason);
    }
}
