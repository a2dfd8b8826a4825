//! Events for people: a bar while training, a line an evaluation.

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use shared::{
    data::Part,
    protocol::{Event, Status},
};
use std::{
    cell::{Cell, RefCell},
    io::{self, IsTerminal, Write},
    sync::Once,
    time::{Duration, Instant},
};

/// Shows events on standard error.
pub(crate) struct Progress {
    bar: RefCell<ProgressBar>,
    /// The file that the bar is about, while one is on its way.
    file: RefCell<Option<String>>,
    /// When the last step was told of where there is no bar; `None` before the first.
    told: Cell<Option<Instant>>,
    /// Whether the run that events are of was kept from before.
    kept: Cell<bool>,
}

/// Where there is no bar, a line at the first step and then each so often.
const TELL_EVERY: Duration = Duration::from_secs(30);

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            bar: RefCell::new(ProgressBar::hidden()),
            file: RefCell::new(None),
            told: Cell::new(None),
            kept: Cell::new(false),
        }
    }

    /// Takes an event: a line of JSON on standard output where `json` is wanted, else for people.
    pub(crate) fn take(&self, event: &Event, json: bool) {
        if json {
            print_event(event);
        } else {
            self.show(event);
        }
    }

    fn show(&self, event: &Event) {
        match event {
            Event::Warning { message } => self.line(&format!("warning: {message}")),
            Event::Download {
                model,
                file,
                bytes,
                total,
            } => self.transfer("downloading", model, file, *bytes, *total),
            Event::Upload {
                model,
                file,
                bytes,
                total,
            } => self.transfer("uploading", model, file, *bytes, *total),
            Event::Published {
                address, private, ..
            } => {
                let who = if *private {
                    "only you see it"
                } else {
                    "everybody sees it"
                };
                self.line(&format!("the model is on {address} ({who})"));
            }
            Event::Data {
                rows,
                used,
                dropped,
            } => {
                self.line(&format!(
                    "{rows} rows: {used} used, {} dropped",
                    rows.saturating_sub(*used)
                ));
                for one in dropped {
                    let part = one
                        .part
                        .map_or(String::new(), |part| format!(" ({})", part_name(part)));
                    let example = one
                        .examples
                        .first()
                        .map_or(String::new(), |example| format!(", for instance {example}"));
                    self.line(&format!(
                        "  dropped from {}{part}: {} x {}{example}",
                        one.database,
                        one.count,
                        one.reason.text()
                    ));
                }
            }
            // The table at the end has them.
            Event::Results { .. } => {}
            Event::Fold {
                fold,
                folds,
                run,
                runs,
                trained_on,
                tested_on,
            } => {
                let of_run = match runs {
                    1 => String::new(),
                    _ => format!(" of run {} of {runs}", run + 1),
                };
                let who = match tested_on.len() {
                    0 => String::new(),
                    1..=8 => format!(", tested on {}", tested_on.join(", ")),
                    count => format!(", tested on {count} speakers"),
                };
                let (what, on) = match trained_on {
                    Some(database) => ("training", format!(", on {database}")),
                    None => ("fold", String::new()),
                };
                self.line(&format!("{what} {} of {folds}{of_run}{on}{who}", fold + 1));
            }
            Event::Pooled { run, runs, folds } => {
                let of_run = match runs {
                    1 => String::new(),
                    _ => format!(" of run {} of {runs}", run + 1),
                };
                self.line(&format!("all {folds} trainings{of_run} are done"));
            }
            Event::Started {
                run,
                runs,
                seed,
                device,
                epochs,
                steps,
                effective_batch,
                clips,
                parameters,
                trained,
            } => {
                let clips: Vec<String> = clips
                    .iter()
                    .map(|(part, n)| format!("{n} {}", part_name(*part)))
                    .collect();
                self.line(&format!(
                    "run {} of {runs} on {device}: {epochs} epochs, {steps} steps of {effective_batch} clips ({}), \
                     {:.2} M parameters of which {:.2} M are trained, seed {seed}",
                    run + 1,
                    clips.join(", "),
                    *parameters as f64 / 1e6,
                    *trained as f64 / 1e6,
                ));
                self.kept.set(false);
                self.bar.replace(bar(*steps as u64));
            }
            Event::Resumed {
                step,
                steps,
                epoch,
                best_step,
                seconds,
                ..
            } => {
                let best = best_step.map_or(String::new(), |step| format!(", best at step {step}"));
                self.line(&format!(
                    "resumed at step {step} of {steps}, epoch {epoch:.2}{best}, after {} of training",
                    clock(*seconds)
                ));
                self.bar.borrow().set_position(*step as u64);
                self.bar.borrow().reset_eta();
            }
            Event::Frozen {
                part,
                hits,
                misses,
                seconds_saved,
                memory,
                file,
                ..
            } => {
                let share = 100.0 * *hits as f64 / (hits + misses).max(1) as f64;
                let saved = match hits {
                    0 => String::new(),
                    _ => format!(", which saved {}", clock(*seconds_saved)),
                };
                let file = match file {
                    0 => String::new(),
                    file => format!(" and {} in a file", HumanBytes(*file)),
                };
                self.line(&format!(
                    "{part} are computed once: {share:.0} % of {} clips were there{saved}; {}{file} are kept",
                    hits + misses,
                    HumanBytes(*memory),
                ));
            }
            Event::Kept { run, runs } => {
                self.kept.set(true);
                self.line(&format!(
                    "run {} of {runs} has finished before, and is kept (--force starts over)",
                    run + 1
                ));
            }
            Event::Step {
                step,
                steps,
                loss,
                learning_rate,
                audio_seconds_per_second,
                seconds_left,
                ..
            } => {
                let message = format!(
                    "loss {loss:.4}  lr {learning_rate:.1e}  {audio_seconds_per_second:.1} s audio/s  {} left",
                    clock(*seconds_left)
                );
                let bar = self.bar.borrow();
                bar.set_position(*step as u64);
                if !bar.is_hidden() {
                    bar.set_message(message);
                } else if self
                    .told
                    .get()
                    .is_none_or(|told| told.elapsed() >= TELL_EVERY)
                {
                    self.told.set(Some(Instant::now()));
                    errln!("step {step} of {steps}  {message}");
                }
            }
            Event::Evaluation {
                epoch,
                part,
                loss,
                metrics,
                best,
                optimistic,
                ..
            } => {
                let metrics: Vec<String> = metrics
                    .iter()
                    .map(|(name, value)| match value {
                        Some(value) => format!("{} {value:.3}", name.to_uppercase()),
                        None => format!("{} undefined", name.to_uppercase()),
                    })
                    .collect();
                self.line(&format!(
                    "epoch {epoch:5.2}  {} loss {loss:.4}  {}{}{}",
                    part_name(*part),
                    metrics.join("  "),
                    if *best { "  best" } else { "" },
                    if *optimistic {
                        "  (optimistic: chosen on this test part)"
                    } else {
                        ""
                    }
                ));
            }
            // It ended long ago.
            Event::Ended { .. } if self.kept.replace(false) => {}
            Event::Ended {
                status,
                seconds,
                stopped_early,
                ..
            } => {
                self.bar.borrow().finish_and_clear();
                let word = match status {
                    Status::Finished => "finished",
                    Status::Interrupted => "interrupted",
                    Status::Failed => "failed",
                };
                let why = if *stopped_early {
                    ", early: no evaluation has been better for as long as `patience` allows"
                } else {
                    ""
                };
                self.told.set(None);
                self.line(&format!("{word} after {}{why}", clock(*seconds)));
            }
        }
    }

    /// Bytes of a file on their way: a bar, and one line where there is no terminal.
    fn transfer(&self, verb: &str, model: &str, file: &str, bytes: u64, total: u64) {
        let name = format!("{verb} {model}: {file}");
        if self.file.borrow().as_ref() != Some(&name) {
            let bar = byte_bar(total, &name);
            if bar.is_hidden() {
                self.line(&format!("{name}, {}", HumanBytes(total)));
            }
            self.bar.replace(bar);
            self.file.replace(Some(name));
        }
        self.bar.borrow().set_position(bytes);
        if bytes >= total {
            self.bar.replace(ProgressBar::hidden()).finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        let bar = self.bar.borrow();
        if bar.is_hidden() {
            errln!("{text}");
        } else {
            bar.println(text);
        }
    }
}

/// One line of JSON. Training goes on where nobody can read it any more (a full disk, a reader
/// that has ended).
pub(crate) fn print_event(event: &Event) {
    static COMPLAINED: Once = Once::new();
    let line = serde_json::to_string(event).map_err(io::Error::from);
    if let Err(error) = line.and_then(|line| writeln!(io::stdout().lock(), "{line}")) {
        COMPLAINED.call_once(|| errln!("warning: events cannot be written: {error}"));
    }
}

/// A bar for `total` steps of training; hidden where standard error is no terminal.
fn bar(total: u64) -> ProgressBar {
    let bar = counter(total, "steps");
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

/// A bar for the `total` bytes of a file; hidden where standard error is no terminal.
fn byte_bar(total: u64, name: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(
        "{msg}  {bar:24} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left",
    )
    .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr())
        .with_style(style)
        .with_message(name.to_owned())
}

/// A bar that counts up to `total` of `unit`.
pub(crate) fn counter(total: u64, unit: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template(&format!("{{bar:32}} {{pos}}/{{len}} {unit}  {{msg}}"))
            .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr()).with_style(style)
}

fn part_name(part: Part) -> &'static str {
    match part {
        Part::Train => "train",
        Part::Dev => "dev",
        Part::Test => "test",
    }
}

/// Seconds as a person reads them.
pub(crate) fn clock(seconds: f64) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s:02} s"),
        (h, m, _) => format!("{h} h {m:02} min"),
    }
}
