//! Events for people: a bar while training, a line an evaluation.

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use shared::{
    data::Part,
    protocol::{Event, Status},
};
use std::{cell::RefCell, io::IsTerminal, time::Duration};

/// Shows events on standard error.
pub(crate) struct Progress {
    bar: RefCell<ProgressBar>,
    /// The file that the bar is about, while one is on its way.
    file: RefCell<Option<String>>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            bar: RefCell::new(ProgressBar::hidden()),
            file: RefCell::new(None),
        }
    }

    /// Takes an event: a line of JSON on standard output where `json` is wanted, else for people.
    pub(crate) fn take(&self, event: &Event, json: bool) {
        if json {
            match serde_json::to_string(event) {
                Ok(line) => println!("{line}"),
                Err(error) => eprintln!("an event cannot be written as JSON: {error}"),
            }
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
                self.bar.replace(bar(*steps as u64));
            }
            Event::Step {
                step,
                loss,
                learning_rate,
                audio_seconds_per_second,
                seconds_left,
                ..
            } => {
                let bar = self.bar.borrow();
                bar.set_position(*step as u64);
                bar.set_message(format!(
                    "loss {loss:.4}  lr {learning_rate:.1e}  {audio_seconds_per_second:.1} s audio/s  {} left",
                    clock(*seconds_left)
                ));
            }
            Event::Evaluation {
                epoch,
                part,
                loss,
                metrics,
                best,
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
                    "epoch {epoch:5.2}  {} loss {loss:.4}  {}{}",
                    part_name(*part),
                    metrics.join("  "),
                    if *best { "  best" } else { "" }
                ));
            }
            Event::Ended {
                status, seconds, ..
            } => {
                self.bar.borrow().finish_and_clear();
                let word = match status {
                    Status::Finished => "finished",
                    Status::Interrupted => "interrupted",
                    Status::Failed => "failed",
                };
                self.line(&format!("{word} after {}", clock(*seconds)));
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
            eprintln!("{text}");
        } else {
            bar.println(text);
        }
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
