//! What the events of a job add up to.

use crate::charts::Series;
use indexmap::IndexMap;
use shared::{
    data::Part,
    protocol::{Event, Progress, Status},
    report::Measured,
};
use std::{collections::BTreeMap, sync::Arc};

/// More points of a line than this are thinned, so that a run of days needs no more memory than one of hours.
const MOST: usize = 40_000;

/// A line that grows.
#[derive(Debug, Clone, Default)]
struct Trace {
    points: Arc<Vec<(f64, f64)>>,
    /// Every so many-th point is kept.
    stride: usize,
    skipped: usize,
}

impl Trace {
    fn push(&mut self, x: f64, y: f64) {
        self.skipped += 1;
        if self.skipped < self.stride {
            return;
        }
        self.skipped = 0;
        let points = Arc::make_mut(&mut self.points);
        points.push((x, y));
        if points.len() > MOST {
            let mut keep = false;
            points.retain(|_| {
                keep = !keep;
                keep
            });
            self.stride = self.stride.max(1) * 2;
        }
    }
}

/// Figures of a part at the end of a run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Final {
    pub(super) run: u32,
    pub(super) part: Part,
    pub(super) utterances: usize,
    pub(super) metrics: IndexMap<String, Measured>,
    pub(super) note: Option<String>,
}

/// Lines of one run (repetition).
#[derive(Debug, Clone, Default)]
struct Run {
    loss: Trace,
    rate: Trace,
    speed: Trace,
    memory: Trace,
    losses: BTreeMap<Part, Trace>,
    metrics: IndexMap<String, BTreeMap<Part, Trace>>,
}

impl Run {
    /// Leaves what came up to so many epochs.
    fn cut(&mut self, epoch: f64) {
        let of_parts = self.losses.values_mut();
        let of_parts = of_parts.chain(self.metrics.values_mut().flat_map(BTreeMap::values_mut));
        let own = [
            &mut self.loss,
            &mut self.rate,
            &mut self.speed,
            &mut self.memory,
        ];
        for trace in own.into_iter().chain(of_parts) {
            Arc::make_mut(&mut trace.points).retain(|(x, _)| *x <= epoch + 1e-9);
        }
    }
}

/// All that a job has said so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Live {
    runs: BTreeMap<u32, Run>,
    /// The lines of a run that has begun again, in case that it goes on from a checkpoint.
    before: Option<(u32, Run)>,
    /// Sentences worth reading, oldest first: time and text, and whether it is a warning.
    pub(super) notes: Vec<(String, String, bool)>,
    pub(super) finals: Vec<Final>,
    /// How each run ended.
    pub(super) ends: BTreeMap<u32, Status>,
    /// How far it is.
    pub(super) progress: Option<Progress>,
    pub(super) device: String,
    pub(super) parameters: Option<(usize, usize)>,
    pub(super) clips: IndexMap<Part, usize>,
}

impl Live {
    /// Something was said.
    pub(super) fn hear(&mut self, time: &str, event: Event) {
        let mut note =
            |text: String, warning: bool| self.notes.push((time.to_owned(), text, warning));
        match event {
            Event::Warning { message } => note(message, true),
            Event::Data {
                rows,
                used,
                dropped,
            } => {
                let left: usize = rows - used.min(rows);
                note(format!("{used} of {rows} recordings are used"), false);
                if left > 0 {
                    note(
                        format!(
                            "{left} recordings were left out, for {} reasons",
                            dropped.len()
                        ),
                        true,
                    );
                }
            }
            Event::Download {
                model,
                file,
                bytes,
                total,
            } if bytes == total => note(format!("{model}: {file} is here"), false),
            Event::Published { model, address, .. } => {
                note(format!("{model} is published: {address}"), false)
            }
            Event::Fold {
                fold,
                folds,
                run,
                trained_on,
                tested_on,
                ..
            } => {
                // The curves are those of the fold that is trained.
                self.runs.remove(&run);
                let on = match tested_on.is_empty() {
                    true => String::new(),
                    false => format!(", tested on {}", tested_on.join(", ")),
                };
                let what = match trained_on {
                    Some(database) => format!("Training on {database},"),
                    None => "Fold".to_owned(),
                };
                note(
                    format!("{what} {} of {folds} of run {run}{on}", fold + 1),
                    false,
                );
            }
            Event::Pooled { run, .. } => note(
                format!("Run {run}: what follows is of all folds together"),
                false,
            ),
            Event::Started {
                run,
                runs,
                seed,
                device,
                epochs,
                steps,
                parameters,
                trained,
                clips,
                ..
            } => {
                self.progress = Some(Progress {
                    run,
                    runs,
                    step: 0,
                    steps,
                    epoch: 0.0,
                    epochs,
                    loss: None,
                    seconds_left: None,
                });
                note(
                    format!(
                        "run {} of {runs} begins on {device}, with seed {seed}",
                        run + 1
                    ),
                    false,
                );
                let before = self.runs.insert(run, Run::default());
                self.before = before.map(|before| (run, before));
                (self.device, self.parameters, self.clips) =
                    (device, Some((parameters, trained)), clips);
            }
            Event::Resumed {
                run, step, epoch, ..
            } => {
                note(format!("run {} goes on from step {step}", run + 1), false);
                // What came behind the checkpoint comes again.
                if let Some((_, mut before)) = self.before.take().filter(|(own, _)| *own == run) {
                    before.cut(epoch);
                    self.runs.insert(run, before);
                }
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
                let share = 100.0 * hits as f64 / (hits + misses).max(1) as f64;
                note(
                    format!(
                        "{part} are computed once: {share:.0} % of {} clips were there, which saved {}; {} are kept",
                        hits + misses,
                        crate::ui::duration(seconds_saved),
                        crate::ui::bytes(memory + file)
                    ),
                    false,
                );
            }
            Event::Kept { run, .. } => note(format!("run {} had finished before", run + 1), false),
            Event::Step {
                run,
                step,
                epoch,
                loss,
                learning_rate,
                audio_seconds_per_second,
                seconds_left,
                memory,
                ..
            } => {
                if let Some(progress) = &mut self.progress {
                    (progress.step, progress.epoch, progress.seconds_left) =
                        (step, epoch, Some(seconds_left));
                }
                let own = self.runs.entry(run).or_default();
                own.loss.push(epoch, loss);
                own.rate.push(epoch, learning_rate);
                own.speed.push(epoch, audio_seconds_per_second);
                if let Some(memory) = memory {
                    own.memory.push(epoch, memory as f64 / 1e6);
                }
            }
            Event::Evaluation {
                run,
                epoch,
                part,
                loss,
                metrics,
                best,
                ..
            } => {
                let own = self.runs.entry(run).or_default();
                own.losses.entry(part).or_default().push(epoch, loss);
                if best {
                    let (name, value) = metrics
                        .first()
                        .map(|(name, value)| (crate::ui::measure(name), *value))
                        .unwrap_or_default();
                    let value = crate::ui::figure(value);
                    self.notes.push((
                        time.to_owned(),
                        format!(
                            "epoch {epoch:.1}: best so far, {name} {value} on {}",
                            part.word()
                        ),
                        false,
                    ));
                }
                for (name, value) in metrics {
                    let trace = own
                        .metrics
                        .entry(name)
                        .or_default()
                        .entry(part)
                        .or_default();
                    trace.push(epoch, value.unwrap_or(f64::NAN));
                }
            }
            Event::Results {
                run,
                part,
                utterances,
                metrics,
                note,
            } => {
                self.finals
                    .retain(|other| (other.run, other.part) != (run, part));
                self.finals.push(Final {
                    run,
                    part,
                    utterances,
                    metrics,
                    note,
                });
            }
            Event::Ended {
                run,
                status,
                error,
                stopped_early,
                seconds,
                ..
            } => {
                let how = match status {
                    Status::Finished if stopped_early => "stopped early, since nothing got better",
                    Status::Finished => "finished",
                    Status::Interrupted => "was stopped",
                    Status::Failed => "failed",
                };
                let why = error.map(|error| format!(": {error}")).unwrap_or_default();
                note(
                    format!(
                        "run {} {how} after {}{why}",
                        run + 1,
                        crate::ui::duration(seconds)
                    ),
                    status == Status::Failed,
                );
                self.ends.insert(run, status);
            }
            Event::Download { .. } | Event::Upload { .. } => {}
        }
    }

    fn lines(&self, pick: impl Fn(&Run) -> Vec<(String, &Trace, usize, bool)>) -> Vec<Series> {
        let many = self.runs.len() > 1;
        let mut lines = Vec::new();
        for (number, run) in &self.runs {
            for (name, trace, colour, dashed) in pick(run) {
                lines.push(Series {
                    name: if many {
                        format!("{name}, run {}", number + 1)
                    } else {
                        name
                    },
                    colour: if many {
                        1 + (colour - 1 + *number as usize * 2) % 6
                    } else {
                        colour
                    },
                    dashed,
                    dots: trace.points.len() < 100,
                    points: Arc::clone(&trace.points),
                });
            }
        }
        lines
    }

    /// How many steps were heard of, of all runs.
    pub(super) fn steps(&self) -> usize {
        self.runs.values().map(|run| run.loss.points.len()).sum()
    }

    /// Loss of the steps, and of each evaluated part.
    pub(super) fn loss(&self) -> Vec<Series> {
        self.lines(|run| {
            let mut lines = vec![("train".to_owned(), &run.loss, 1, false)];
            lines.extend(
                run.losses
                    .iter()
                    .map(|(part, trace)| (part.word().to_owned(), trace, 2, *part == Part::Test)),
            );
            lines
        })
    }

    /// The first figure, the one that is usually looked at, of each evaluated part.
    pub(super) fn measure(&self) -> (String, Vec<Series>) {
        let name = self
            .runs
            .values()
            .find_map(|run| run.metrics.keys().next().cloned())
            .unwrap_or_default();
        let lines = self.lines(|run| {
            let parts = run.metrics.get(&name);
            let line =
                |(part, trace): (&Part, _)| (part.word().to_owned(), trace, 2, *part == Part::Test);
            parts
                .into_iter()
                .flatten()
                .map(|(part, trace)| line((part, trace)))
                .collect()
        });
        (name, lines)
    }

    /// The learning rate.
    pub(super) fn rate(&self) -> Vec<Series> {
        self.lines(|run| vec![("learning rate".to_owned(), &run.rate, 3, false)])
    }

    /// Megabytes that the run's process holds; nothing where that is not known.
    pub(super) fn memory(&self) -> Vec<Series> {
        self.lines(|run| {
            let known = !run.memory.points.is_empty();
            let line = ("MB".to_owned(), &run.memory, 5, false);
            known.then_some(line).into_iter().collect()
        })
    }

    /// Seconds of audio trained on a second.
    pub(super) fn speed(&self) -> Vec<Series> {
        self.lines(|run| vec![("audio seconds a second".to_owned(), &run.speed, 4, false)])
    }
}
