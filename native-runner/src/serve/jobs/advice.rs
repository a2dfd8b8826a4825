//! What a failure is, and what to change so that it does not happen again.

use super::Row;
use crate::{job::Exit, serve::devices};
use shared::protocol::{Failure, FailureKind};

/// Words by which drivers, allocators and systems say that there is no memory.
const NO_MEMORY: &[&str] = &[
    "out of memory",
    "outofmemory",
    "out_of_memory",
    "out-of-memory",
    "not enough memory",
    "memory allocation of",
    "cannot allocate memory",
    "failed to allocate",
    "memory exhausted",
    "buffer size exceeds",
];
/// Words by which systems say that there is no room on a disk.
const NO_ROOM: &[&str] = &[
    "no space left",
    "disk quota exceeded",
    "disk is full",
    "storage full",
];

/// The failure that a process told of.
pub(super) fn told(row: &Row, text: &str, exit: &Exit) -> Failure {
    let message = exit
        .message
        .clone()
        .unwrap_or_else(|| "the run failed and did not say why; its log may".to_owned());
    failure(
        row,
        text,
        exit.failure.unwrap_or_else(|| kind(&message)),
        message,
    )
}

/// The failure of a process that ended without a word.
pub(super) fn silent(
    row: &Row,
    text: &str,
    killed_for_memory: bool,
    disk_full: bool,
    how: &str,
    log: &str,
) -> Failure {
    let last = log.lines().last().unwrap_or_default();
    let (kind, message) = if killed_for_memory {
        let message =
            "the system ended its process, since the machine had no memory left".to_owned();
        (FailureKind::Memory, message)
    } else if kind(log) == FailureKind::Memory {
        (FailureKind::Memory, format!("no memory was left: {last}"))
    } else if disk_full || kind(log) == FailureKind::Disk {
        let message = format!("the disk is full, so that it could not say more ({how})");
        (FailureKind::Disk, message)
    } else {
        let message = format!("its process ended without a word ({how}); it printed last: {last}");
        (FailureKind::Crash, message)
    };
    failure(row, text, kind, message)
}

/// A failure with what to do about it.
pub(super) fn failure(row: &Row, text: &str, kind: FailureKind, message: String) -> Failure {
    let advice = match kind {
        FailureKind::Memory => Some(memory(row, text)),
        FailureKind::Time => Some(
            "resume it with a longer limit of time: it goes on from its last checkpoint".to_owned(),
        ),
        FailureKind::Disk => Some(
            "delete jobs that are no longer needed, or set FINETUNE.save_total_limit = 1; \
             then resume it: it goes on from its last checkpoint"
                .to_owned(),
        ),
        FailureKind::Crash => {
            Some("read its log; resumed, it goes on from its last checkpoint".to_owned())
        }
        FailureKind::Config | FailureKind::Run | FailureKind::Killed => None,
    };
    Failure {
        kind,
        message,
        advice,
    }
}

/// What a message is about.
pub(super) fn kind(message: &str) -> FailureKind {
    let message = message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(NO_MEMORY) {
        FailureKind::Memory
    } else if says(NO_ROOM) {
        FailureKind::Disk
    } else {
        FailureKind::Run
    }
}

/// What to change where memory runs out, with what the run was expected to need.
fn memory(row: &Row, text: &str) -> String {
    let checked = shared::config::check_in(
        text,
        "",
        &shared::files::Memory::default(),
        shared::config::Mode::Text,
    );
    let value = |key: &str| {
        checked
            .settings
            .iter()
            .find(|setting| {
                setting.key == key && ["FINETUNE", "MODEL"].contains(&setting.section.as_str())
            })
            .map(|setting| setting.value.clone())
            .filter(|value| !value.is_empty())
    };
    let now = |key: &str| value(key).map_or_else(String::new, |value| format!(" (now {value})"));
    // What a batch keeps, cut to half: by half the batch, or at least so by clips half as long.
    let half = |words: &str| {
        row.estimate.map_or_else(String::new, |estimate| {
            let less = estimate.memory() - estimate.activations / 2;
            format!(" ({words} {})", gigabytes(less))
        })
    };
    let mut changes = Vec::new();
    // A batch of one cannot be smaller.
    if value("batch_size").is_none_or(|size| size.trim() != "1") {
        changes.push(format!(
            "make FINETUNE.batch_size{} smaller and gradient_accumulation{} larger by the same factor, which trains the same{}",
            now("batch_size"),
            now("gradient_accumulation"),
            half("half the batch would need"),
        ));
    }
    changes.push(format!(
        "make FINETUNE.max_duration{} shorter, which counts twice in attention{}",
        now("max_duration"),
        half("half of it would need less than"),
    ));
    if value("precision").is_none_or(|precision| precision.trim() == "f32") {
        changes.push(format!(
            "set FINETUNE.precision{} to bf16 or f16, where the device has it: what the encoder's products keep of a batch \
             takes half",
            now("precision"),
        ));
    }
    changes.push(format!(
        "set FINETUNE.freeze_layers{} higher: frozen layers keep nothing",
        now("freeze_layers")
    ));
    let mut advice = changes.join("; or ");
    if let Some(estimate) = row.estimate {
        advice += &format!(
            ". It was expected to need {}: {} for weights, {} for moments and the best state, {} for a batch and its gradients",
            gigabytes(estimate.memory()),
            gigabytes(estimate.weights),
            gigabytes(estimate.training),
            gigabytes(estimate.activations)
        );
    }
    if let Some(limit) = row.limits.memory {
        advice += &format!("; its limit is {}", gigabytes(limit));
    } else if let Some(memory) = devices::memory() {
        advice += &format!("; the machine has {}", gigabytes(memory.total));
    }
    advice
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.2} GB", bytes as f64 / 1e9)
}

/// How often the system has ended a process for want of memory since it was started.
pub(super) fn kills() -> u64 {
    let text = std::fs::read_to_string("/proc/vmstat").unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("oom_kill "))
        .and_then(|number| number.trim().parse().ok())
        .unwrap_or(0)
}
