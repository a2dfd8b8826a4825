//! The recording that is looked at: decoded once as a model gets it, drawn from that in any stretch,
//! and played as the file has it.

use crate::answer::{Parts, post};
use between::{
    Blobs,
    message::{get, number, object, text},
};
use js_sys::{Array, Float32Array, Int16Array, Uint8Array};
use shared::audio::{
    Clip, Extremes, Inspection, Levels, Limits, Peaks, RATE, Recording, Spectrogram, Stretch,
    Window, probe, read_clip,
};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::Blob;

/// Longest recording whose samples are kept, in seconds: 115 MB.
const KEPT: f64 = 1_800.0;
/// Longest piece that is decoded at once, in seconds; between two of them questions are answered.
const PIECE: f64 = 120.0;
/// Longest stretch of a recording that is not kept of which a spectrogram is computed, in seconds.
const DRAWN: f64 = 120.0;
/// Longest stretch that is handed out to be played, in seconds.
const PLAYED: f64 = 600.0;

thread_local! {
    static OPEN: RefCell<Option<Open>> = const { RefCell::new(None) };
    /// Window and highest frequency that the tables were made for.
    static SPECTROGRAM: RefCell<((f64, f64), Spectrogram)> =
        RefCell::new(((0.005, 5_000.0), Spectrogram::default()));
}

struct Open {
    /// Which one it is, of all that were opened.
    number: f64,
    files: Blobs,
    name: String,
    seconds: f64,
    /// Samples at 16 kHz from the beginning on, as far as they are decoded; none of a long one.
    samples: Vec<f32>,
    peaks: Peaks,
    levels: Levels,
    inspection: Inspection,
    /// Pieces that are decoded.
    pieces: usize,
}

impl Open {
    fn is_kept(&self) -> bool {
        self.seconds <= KEPT
    }

    fn stretch(&self, start: f64, end: Option<f64>) -> Result<Clip, String> {
        let stretch = Stretch {
            file: &self.name,
            start,
            end,
        };
        read_clip(&self.files, stretch, None, Window::Head, &Limits::default())
            .map_err(|error| error.to_string())
    }

    /// Decodes the next piece; whether it was the last.
    fn go_on(&mut self) -> Result<bool, String> {
        let all = (self.seconds / PIECE).ceil().max(1.0) as usize;
        let start = self.pieces as f64 * PIECE;
        let is_last = self.pieces + 1 >= all;
        // A rest of less than a sample is none.
        if self.pieces == 0 || (self.seconds - start) * f64::from(RATE) >= 1.0 {
            let clip = self.stretch(start, (!is_last).then_some(start + PIECE))?;
            self.peaks.add(&clip.samples);
            self.levels.peak = self.levels.peak.max(clip.levels.peak);
            self.levels.clipped += clip.levels.clipped;
            self.levels.samples += clip.levels.samples;
            if self.is_kept() {
                self.samples.extend_from_slice(&clip.samples);
            }
        }
        self.pieces += 1;
        if is_last {
            self.peaks.finish();
            self.inspection.levels = Some(self.levels.into());
        }
        Ok(is_last)
    }

    fn told(&self) -> Result<Parts, String> {
        let json = serde_json::to_string(&self.inspection).map_err(|error| error.to_string())?;
        let share = (self.pieces as f64 * PIECE / self.seconds).min(1.0);
        Ok(vec![
            ("number", self.number.into()),
            ("found", json.into()),
            ("share", share.into()),
        ])
    }
}

/// Opens a recording. What is longer than a piece is decoded on afterwards, with a message `opened`
/// after each piece.
pub(crate) fn open(message: &JsValue) -> Result<Parts, String> {
    OPEN.set(None);
    let name = text(message, "name");
    let mut files = Blobs::default();
    let blob = get(message, "file").dyn_into::<Blob>();
    files.insert(&name, blob.map_err(|_| format!("{name} is no file"))?);
    let probed = probe(&files, &name, &Limits::default()).map_err(|error| error.to_string())?;
    let mut open = Open {
        number: number(message, "number"),
        files,
        name,
        seconds: probed.seconds,
        samples: Vec::new(),
        peaks: Peaks::default(),
        levels: Levels::default(),
        inspection: Inspection {
            rate: probed.rate,
            channels: probed.channels,
            seconds: probed.seconds,
            format: probed.format.to_owned(),
            levels: None,
        },
        pieces: 0,
    };
    let is_done = open.go_on()?;
    let told = open.told();
    let number = open.number;
    OPEN.set(Some(open));
    if !is_done {
        later(number);
    }
    told
}

/// Goes on after the messages that wait.
fn later(number: f64) {
    let next = Closure::once_into_js(move || {
        let outcome = OPEN.with_borrow_mut(|open| {
            let open = open.as_mut().filter(|open| open.number == number)?;
            Some(open.go_on().and_then(|done| Ok((done, open.told()?))))
        });
        match outcome {
            Some(Ok((done, parts))) => {
                post(&object("opened", &parts));
                if !done {
                    later(number);
                }
            }
            Some(Err(error)) => post(&object(
                "opened",
                &[("number", number.into()), ("error", error.into())],
            )),
            None => {}
        }
    });
    let scope = crate::answer::scope();
    // Without timers there is no worker.
    let _ = scope.set_timeout_with_callback_and_timeout_and_arguments_0(next.unchecked_ref(), 0);
}

/// Outline and spectrogram of a stretch. Of one that is too long for a spectrogram there are no
/// `levels`.
pub(crate) fn view(message: &JsValue) -> Result<Parts, String> {
    let (from, to) = (number(message, "from"), number(message, "to"));
    let columns = number(message, "columns") as usize;
    let settings = (number(message, "window"), number(message, "highest"));
    OPEN.with_borrow(|open| {
        let open = open.as_ref().ok_or("no recording is open")?;
        SPECTROGRAM.with_borrow_mut(|(made_for, spectrogram)| {
            if *made_for != settings {
                (*made_for, *spectrogram) = (settings, Spectrogram::new(settings.0, settings.1));
            }
            open.view(from, to, columns, spectrogram)
        })
    })
}

impl Open {
    fn view(
        &self,
        from: f64,
        to: f64,
        columns: usize,
        spectrogram: &Spectrogram,
    ) -> Result<Parts, String> {
        let at = |seconds: f64| (seconds * f64::from(RATE)).round().max(0.0) as u64;
        let (first, last) = (at(from), at(to).max(at(from) + 1));
        let step = (to - from) / columns.max(1) as f64;
        let is_drawn = self.is_kept() || to - from <= DRAWN;
        let cut;
        // The samples that are at hand, and the first one's number.
        let (samples, begin): (&[f32], u64) = if self.is_kept() {
            (&self.samples, 0)
        } else if is_drawn {
            let (needed, until) = spectrogram.needed(from, step, columns);
            let seconds = |sample: u64| sample as f64 / f64::from(RATE);
            let end = (seconds(until) < self.seconds).then(|| seconds(until));
            cut = self.stretch(seconds(needed), end)?.samples;
            (&cut, needed)
        } else {
            (&[], 0)
        };
        let seen = if Peaks::suffices(first, last, columns) {
            self.peaks.view(first, last, columns)
        } else {
            let place = |sample: u64| (sample.saturating_sub(begin) as usize).min(samples.len());
            Extremes::of(&samples[place(first)..place(last)], columns)
        };
        let levels = if is_drawn {
            spectrogram.tile(samples, begin, from, step, columns).levels
        } else {
            Vec::new()
        };
        Ok(vec![
            ("min", Int16Array::from(&seen.min[..]).into()),
            ("max", Int16Array::from(&seen.max[..]).into()),
            ("levels", Uint8Array::from(&levels[..]).into()),
            ("rows", (spectrogram.rows() as f64).into()),
        ])
    }
}

/// The sound of a stretch, as the file has it: one array of samples a channel, or their mean if they
/// are more than two.
pub(crate) fn sound(message: &JsValue) -> Result<Parts, String> {
    let (from, to) = (number(message, "from"), number(message, "to"));
    OPEN.with_borrow(|open| {
        let open = open.as_ref().ok_or("no recording is open")?;
        let words = |error: shared::audio::AudioError| error.to_string();
        let recording =
            Recording::open(&open.files, &open.name, &Limits::default()).map_err(words)?;
        let (rate, channels) = (recording.rate(), usize::from(recording.channels()));
        let at = |seconds: f64| (seconds.max(0.0) * f64::from(rate)).round() as u64;
        let last = at(to.min(from + PLAYED)).min(recording.frames());
        let first = at(from).min(last);
        let mut planes = vec![Vec::<f32>::new(); if channels > 2 { 1 } else { channels }];
        recording
            .read(first, last, |block| {
                if channels > 2 {
                    let mean = (0..block[0].len()).map(|frame| {
                        block.iter().map(|plane| plane[frame]).sum::<f32>() / channels as f32
                    });
                    planes[0].extend(mean);
                } else {
                    for (plane, samples) in planes.iter_mut().zip(block) {
                        plane.extend_from_slice(samples);
                    }
                }
                Ok(())
            })
            .map_err(words)?;
        let array = Array::new();
        for plane in &planes {
            array.push(&Float32Array::from(&plane[..]));
        }
        Ok(vec![("planes", array.into()), ("rate", rate.into())])
    })
}
