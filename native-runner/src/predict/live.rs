//! Sound that is labelled while it comes.

use super::{Engine, read, work};
use shared::{
    audio::wav_header,
    data::Utterance,
    files::Memory,
    predict::Rows,
    protocol::{LiveReply, Predicted},
    report::{Prediction, PredictionTable},
};
use std::{sync::Arc, time::Instant};

/// Bytes of a sample.
const SAMPLE: usize = 2;
/// What the sound is called among the engine's files.
const SOUND: &str = "live";

/// A model that is told sound piece by piece. A window ends after each hop; the first ones, which
/// would begin before the sound, begin with it.
pub(crate) struct Listener {
    engine: Engine,
    /// Samples a second.
    rate: u32,
    /// Samples of a window.
    window: u64,
    /// Samples from one window's end to the next one's.
    hop: u64,
    /// Windows that are answered at once.
    at_once: u64,
    /// The latest sound, as bytes: as much as windows to come reach back.
    kept: Vec<u8>,
    /// Samples that have come.
    samples: u64,
}

impl Listener {
    /// A listener that has heard nothing. `window` and `hop` are seconds.
    pub(crate) fn new(engine: Engine, rate: u32, window: f64, hop: f64, at_once: u32) -> Self {
        let samples = |seconds: f64| ((seconds * f64::from(rate)).round() as u64).max(1);
        Self {
            engine,
            rate,
            window: samples(window),
            hop: samples(hop),
            at_once: u64::from(at_once.max(1)),
            kept: Vec::new(),
            samples: 0,
        }
    }

    /// Labels a window of silence, after which drivers have done what they do once.
    pub(crate) fn warm_up(&mut self) -> anyhow::Result<()> {
        let silence = vec![0; self.window as usize * SAMPLE];
        let (_, warnings) = self.label(&silence, &[(0, self.window)])?;
        match warnings.into_iter().next() {
            Some(warning) => anyhow::bail!("the model cannot label silence: {warning}"),
            None => Ok(()),
        }
    }

    /// Takes the next sound, 16-bit samples, and labels the windows that it completes, of too many
    /// the latest.
    pub(crate) fn take(&mut self, sound: &[u8]) -> anyhow::Result<LiveReply> {
        let begun = Instant::now();
        let before = self.samples;
        let mut all = std::mem::take(&mut self.kept);
        all.extend_from_slice(sound);
        self.samples += (sound.len() / SAMPLE) as u64;
        let first = self.samples - (all.len() / SAMPLE) as u64;
        let done = before / self.hop;
        let complete = self.samples / self.hop;
        let skipped = (complete - done).saturating_sub(self.at_once);
        let windows: Vec<(u64, u64)> = (done + skipped + 1..=complete)
            .map(|number| {
                let end = number * self.hop;
                (end.saturating_sub(self.window) - first, end - first)
            })
            .collect();
        let (mut predictions, mut warnings) = (Vec::new(), Vec::new());
        if !windows.is_empty() {
            (predictions, warnings) = self.label(&all, &windows)?;
        }
        let from = first as f64 / f64::from(self.rate);
        for predicted in &mut predictions {
            predicted.start = microseconds(from + predicted.start);
            predicted.end = predicted.end.map(|end| microseconds(from + end));
        }
        let unneeded = (all.len() / SAMPLE).saturating_sub(self.window as usize) * SAMPLE;
        all.drain(..unneeded);
        self.kept = all;
        Ok(LiveReply {
            samples: self.samples,
            predictions,
            skipped,
            warnings,
            seconds: begun.elapsed().as_secs_f64(),
        })
    }

    /// What the model says of `windows` of `sound`, each from a sample to another.
    fn label(
        &mut self,
        sound: &[u8],
        windows: &[(u64, u64)],
    ) -> anyhow::Result<(Vec<Predicted>, Vec<String>)> {
        let frames = (sound.len() / SAMPLE) as u64;
        let header = wav_header(self.rate, 1, frames);
        let header = header.ok_or_else(|| anyhow::anyhow!("a piece of sound is too long"))?;
        let mut files = Memory::default();
        files.insert(SOUND, [&header[..], sound].concat());
        self.engine.files = Arc::new(files);
        let seconds = |sample: u64| sample as f64 / f64::from(self.rate);
        let utterances = windows.iter().map(|(start, end)| Utterance {
            file: SOUND.to_owned(),
            name: SOUND.to_owned(),
            start: seconds(*start),
            end: Some(seconds(*end)),
            database: String::new(),
            speaker: None,
            gender: None,
            label: None,
            columns: Default::default(),
        });
        let lengths = windows.iter().map(|(start, end)| seconds(end - start));
        let rows = Rows::new(utterances.collect(), lengths.collect());
        let times = |at: fn((f64, f64)) -> f64| -> Vec<Option<f64>> {
            (0..rows.len())
                .map(|row| Some(at(rows.times(row))))
                .collect()
        };
        let form = PredictionTable::new(&self.engine.labels, &times(|t| t.0), &times(|t| t.1))
            .with_values(&self.engine.values);
        let mut table = form.header()?;
        let outcome = work(&self.engine, &rows, &mut |predictions: &[Prediction]| {
            table.extend(form.rows(predictions)?);
            Ok(())
        })?;
        let warnings = outcome
            .failed
            .iter()
            .map(|failed| format!("{}: {}", failed.what, failed.reason))
            .collect();
        Ok((read(&table)?, warnings))
    }
}

/// A time without what arithmetic leaves in the last digits.
fn microseconds(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}
