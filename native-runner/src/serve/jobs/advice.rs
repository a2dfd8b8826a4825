//! What a failure is, and what to change so that it does not happen again.

use super::Row;
use crate::{job::Exit, machine};
use shared::{
    config::{Mode, Setting, check_in},
    protocol::{Failure, FailureKind, Limits},
};

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

/// A job whose process has ended.
pub(super) struct Case<'a> {
    pub(super) row: &'a Row,
    /// Its INI.
    pub(super) text: &'a str,
    /// What the runner's settings allow every job.
    pub(super) allowed: Limits,
    /// Seconds at work, all attempts together.
    pub(super) seconds: f64,
}

/// The failure that a process told of.
pub(super) fn told(case: &Case<'_>, exit: &Exit) -> Failure {
    let message = exit
        .message
        .clone()
        .unwrap_or_else(|| "the run failed and did not say why; its log may".to_owned());
    failure(
        case,
        exit.failure.unwrap_or_else(|| kind(&message)),
        message,
    )
}

/// The failure of a process that ended without a word.
pub(super) fn silent(
    case: &Case<'_>,
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
    failure(case, kind, message)
}

/// A failure with what to do about it.
pub(super) fn failure(case: &Case<'_>, kind: FailureKind, message: String) -> Failure {
    let advice = match kind {
        FailureKind::Memory => Some(memory(case)),
        FailureKind::Time => Some(time(case)),
        FailureKind::Disk => Some(disk(case)),
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

/// How a limit becomes larger: by whoever set it.
fn larger(asked: Option<u64>, allowed: Option<u64>, field: &str, key: &str) -> String {
    let by_settings = allowed.is_some_and(|allowed| asked.is_none_or(|asked| asked >= allowed));
    if by_settings {
        format!(
            "make `{key}` in the runner's settings file larger, start the runner anew, and resume it"
        )
    } else {
        format!("resume it with a larger limit (`{{\"limits\": {{\"{field}\": ...}}}}`)")
    }
}

/// What to change where the time is over, with what all of it was on the way to take.
fn time(case: &Case<'_>) -> String {
    let (asked, allowed) = (case.row.limits.seconds, case.allowed.seconds);
    let mut advice = larger(asked, allowed, "seconds", "job-hours");
    advice += ": it goes on from its last checkpoint";
    if let Some(progress) = &case.row.progress
        && progress.steps > 0
        && progress.runs > 0
    {
        let done = f64::from(progress.run) + progress.step as f64 / progress.steps as f64;
        let done = done / f64::from(progress.runs);
        if done > 0.0 {
            advice += &format!(
                ". It was at step {} of {} of run {} of {} after {}: all of it would take about {}",
                progress.step,
                progress.steps,
                progress.run + 1,
                progress.runs,
                hours(case.seconds),
                hours(case.seconds / done)
            );
        }
    }
    advice
}

/// What to change where the disk or its share of it is full, with what a checkpoint was expected to take.
fn disk(case: &Case<'_>) -> String {
    const ROOM: &str = "delete jobs and datasets that are no longer needed";
    const ON: &str = "it goes on from its last checkpoint";
    let (asked, allowed) = (case.row.limits.disk, case.allowed.disk);
    let mut advice = if asked.is_some() || allowed.is_some() {
        let larger = larger(asked, allowed, "disk", "job-disk-gb");
        format!("{larger}: {ON}; where the disk itself is full, {ROOM}")
    } else {
        format!("{ROOM}, then resume it: {ON}")
    };
    let settings = Settings::of(case.text);
    let kept = settings.value("save_total_limit");
    if let Some(kept) = kept.filter(|kept| !matches!(*kept, "0" | "1")) {
        advice += &format!(
            "; or make a copy with FINETUNE.save_total_limit = 1 (now {kept}), which keeps fewer checkpoints"
        );
    }
    if let Some(estimate) = case.row.estimate {
        // Of what is trained the weights, and both moments of Adam, which are two thirds of `training`.
        let checkpoint = estimate.weights + estimate.training / 3 * 2;
        advice += &format!(
            ". A checkpoint was expected to take up to {}, and the model {}",
            size(checkpoint),
            size(estimate.weights)
        );
    }
    advice
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

/// What an INI sets for training.
struct Settings(Vec<Setting>);

impl Settings {
    fn of(text: &str) -> Self {
        let files = shared::files::Memory::default();
        Self(check_in(text, "", &files, Mode::Text).settings)
    }

    fn value(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().find(|setting| {
            setting.key == key && ["FINETUNE", "MODEL"].contains(&setting.section.as_str())
        });
        found
            .map(|setting| setting.value.as_str())
            .filter(|value| !value.is_empty())
    }
}

/// What to change where memory runs out, with what the run was expected to need.
fn memory(case: &Case<'_>) -> String {
    let row = case.row;
    let settings = Settings::of(case.text);
    let value = |key: &str| settings.value(key);
    let now = |key: &str| value(key).map_or_else(String::new, |value| format!(" (now {value})"));
    // What a batch keeps, cut to half: by half the batch, or at least so by clips half as long.
    let half = |words: &str| {
        row.estimate.map_or_else(String::new, |estimate| {
            let less = estimate.memory() - estimate.activations / 2;
            format!(" ({words} {})", size(less))
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
            size(estimate.memory()),
            size(estimate.weights),
            size(estimate.training),
            size(estimate.activations)
        );
    }
    let (asked, allowed) = (row.limits.memory, case.allowed.memory);
    if let Some(limit) = asked.into_iter().chain(allowed).min() {
        advice += &format!(
            "; its limit is {}: {}",
            size(limit),
            larger(asked, allowed, "memory", "job-memory-gb")
        );
    } else if let Some(memory) = machine::memory() {
        advice += &format!("; the machine has {}", size(memory.total));
    }
    advice
}

fn hours(seconds: f64) -> String {
    if seconds < 90.0 {
        format!("{seconds:.0} s")
    } else if seconds < 5400.0 {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{:.1} h", seconds / 3600.0)
    }
}

/// Bytes as people read them.
fn size(bytes: u64) -> String {
    match bytes as f64 {
        bytes if bytes < 1e8 => format!("{:.1} MB", bytes / 1e6),
        bytes => format!("{:.2} GB", bytes / 1e9),
    }
}

/// How often the system has ended a process for want of memory since it was started.
pub(super) fn kills() -> u64 {
    let text = std::fs::read_to_string("/proc/vmstat").unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("oom_kill "))
        .and_then(|number| number.trim().parse().ok())
        .unwrap_or(0)
}
