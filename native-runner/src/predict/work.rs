//! The work itself: a chunk is decoded while the one before is with the model.

use super::Failed;
use crate::{
    progress::{clock, counter},
    world,
};
use burn::tensor::Device;
use shared::{
    audio::window_count,
    data::TargetTransform,
    files::Files,
    model::SpeechModel,
    predict::{Rows, chunks, decode, logits},
    report::{Prediction, PredictionSet, table_units},
    train::{Clip, Evaluator, prediction_set},
};
use std::{
    ops::Range,
    sync::{Arc, mpsc::sync_channel},
    thread,
    time::{Duration, Instant},
};

/// Where there is no bar, a line each so often.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// A model, ready to predict.
pub(crate) struct Engine {
    pub(crate) model: SpeechModel,
    /// Where the recordings are read from.
    pub(crate) files: Arc<dyn Files>,
    pub(crate) evaluator: Evaluator,
    pub(crate) device: Device,
    /// Class names; none for a regression.
    pub(crate) labels: Vec<String>,
    /// Names of the values of a regression of several.
    pub(crate) values: Vec<String>,
    /// How a predicted value is turned back to the table's unit.
    pub(crate) transform: TargetTransform,
}

/// How the work ended.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) predicted: usize,
    pub(crate) failed: Vec<Failed>,
    /// Somebody pressed Ctrl-C.
    pub(crate) stopped: bool,
}

/// Predicts `rows`, and gives each chunk of predictions to `sink` as soon as it is done.
pub(crate) fn work(
    engine: &Engine,
    rows: &Rows,
    sink: &mut dyn FnMut(&[Prediction]) -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    let Evaluator {
        batch_size,
        max_duration,
        windows,
        ..
    } = engine.evaluator;
    let model = engine.model.evaluation();
    let mut teller = Teller::new(rows, max_duration, windows);
    let mut outcome = Outcome::default();
    thread::scope(|scope| {
        // One chunk waits while another is with the model.
        let (sender, receiver) = sync_channel(0);
        scope.spawn(move || {
            for chunk in chunks(&rows.seconds, batch_size, max_duration, windows) {
                let clips = decode(&*engine.files, rows, chunk.clone(), &engine.evaluator);
                if sender.send((chunk, clips)).is_err() {
                    return;
                }
            }
        });
        for (chunk, clips) in receiver {
            let mut good: Vec<usize> = Vec::new();
            let mut waves: Vec<Vec<Clip>> = Vec::new();
            for (row, clips) in chunk.clone().zip(clips) {
                match clips {
                    Ok(clips) => {
                        good.push(row);
                        waves.push(clips);
                    }
                    Err(error) => outcome.failed.push(failed(rows, row, &error.to_string())),
                }
            }
            let found = pollster::block_on(logits(
                &model,
                &engine.evaluator,
                &waves,
                &engine.device,
                &mut |clips| {
                    teller.tell(clips);
                    !world::is_stopping()
                },
            ))?;
            let Some(found) = found else {
                outcome.stopped = true;
                return Ok(outcome);
            };
            let predictions = predictions(engine, rows, &good, found, &mut outcome.failed);
            outcome.predicted += predictions.len();
            sink(&predictions)?;
            teller.chunk(&chunk);
        }
        Ok(outcome)
    })
}

/// Logits to predictions in the unit of the table; those that are no numbers fail.
fn predictions(
    engine: &Engine,
    rows: &Rows,
    good: &[usize],
    logits: Vec<Vec<f32>>,
    failed_rows: &mut Vec<Failed>,
) -> Vec<Prediction> {
    let mut finite = Vec::new();
    let mut scores = Vec::new();
    for (row, logits) in good.iter().zip(logits) {
        if logits.iter().all(|score| score.is_finite()) {
            finite.push(*row);
            scores.push(logits);
        } else {
            let reason = "the model computes infinities for it";
            failed_rows.push(failed(rows, *row, reason));
        }
    }
    let utterances: Vec<_> = finite
        .iter()
        .map(|row| rows.utterances[*row].clone())
        .collect();
    let seconds: Vec<f64> = finite.iter().map(|row| rows.seconds[*row]).collect();
    let mut set: PredictionSet = prediction_set(&utterances, &seconds, scores, &engine.labels);
    // Truths are in the unit of the table already, and in the model's order of classes.
    for prediction in &mut set.predictions {
        prediction.truth = None;
    }
    if engine.values.is_empty() {
        table_units(&mut set, &utterances, &engine.transform);
    }
    for (prediction, row) in set.predictions.iter_mut().zip(&finite) {
        prediction.truth = rows.truths[*row];
    }
    set.predictions
}

/// A row that has no prediction.
fn failed(rows: &Rows, row: usize, reason: &str) -> Failed {
    let utterance = &rows.utterances[row];
    let (start, end) = rows.times(row);
    let what = if utterance.start == 0.0 && utterance.end.is_none() {
        utterance.name.clone()
    } else {
        format!("{} from {start} s to {end} s", utterance.name)
    };
    Failed {
        what,
        reason: reason.to_owned(),
    }
}

/// Says how far the work is.
struct Teller {
    bar: indicatif::ProgressBar,
    started: Instant,
    told: Instant,
    clips: usize,
    done: usize,
    rows: usize,
}

impl Teller {
    fn new(rows: &Rows, max_duration: f64, windows: usize) -> Self {
        let counts = rows.seconds.iter();
        let clips = counts
            .map(|seconds| window_count(*seconds, max_duration, windows))
            .sum();
        let now = Instant::now();
        let bar = counter(clips as u64, "clips");
        bar.set_message("predicting");
        Self {
            bar,
            started: now,
            told: now,
            clips,
            done: 0,
            rows: rows.len(),
        }
    }

    fn tell(&mut self, clips: usize) {
        self.done += clips;
        self.bar.set_position(self.done as u64);
        let spent = self.started.elapsed().as_secs_f64();
        let left = spent / self.done.max(1) as f64 * self.clips.saturating_sub(self.done) as f64;
        self.bar
            .set_message(format!("predicting, {} left", clock(left)));
    }

    /// A line a minute where nobody sees a bar.
    fn chunk(&mut self, chunk: &Range<usize>) {
        if self.bar.is_hidden() && self.told.elapsed() >= TELL_EVERY {
            self.told = Instant::now();
            errln!("{} of {} predicted", chunk.end, self.rows);
        }
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
