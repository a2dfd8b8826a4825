//! The recording that is looked at: what of it is seen, selected, played.

use super::{clips::Clips, rows::Rows, sound};
use crate::browser;
use between::message;
use js_sys::{Array, Int16Array, Uint8Array};
use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};
use shared::audio::Inspection;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::File;

/// Shortest stretch that is shown, in seconds.
const SHORTEST: f64 = 0.01;
/// What is seen around a row's stretch, as a share of it.
const AROUND: f64 = 0.15;

/// How the spectrogram is computed and shown: Praat's settings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Look {
    /// Effective length of the window in seconds.
    pub(super) window: f64,
    /// Highest frequency in Hz.
    pub(super) highest: f64,
    /// Decibels between white and black.
    pub(super) range: f64,
}

impl Default for Look {
    /// Praat's: 5 ms, 0 to 5 kHz, 50 dB.
    fn default() -> Self {
        Self {
            window: 0.005,
            highest: 5_000.0,
            range: 50.0,
        }
    }
}

/// What is seen of a clip.
#[derive(Debug, Clone, Default)]
pub(super) struct Picture {
    /// The stretch, in seconds.
    pub(super) seen: (f64, f64),
    /// Least sample of each column, in 16 bits.
    pub(super) min: Vec<i16>,
    /// Greatest sample of each column.
    pub(super) max: Vec<i16>,
    /// Power, column by column, lowest frequency first; none of a stretch that is too long.
    pub(super) levels: Vec<u8>,
    /// Values of a column.
    pub(super) rows: usize,
}

/// The clip that is looked at.
#[derive(Clone, Copy)]
pub(super) struct Viewer {
    pub(super) found: RwSignal<Option<Inspection>>,
    /// What of it is decoded, 0 to 1.
    pub(super) share: RwSignal<f64>,
    pub(super) wrong: RwSignal<Option<String>>,
    /// The stretch that the row is about.
    pub(super) stretch: RwSignal<(f64, f64)>,
    /// What is seen, in seconds.
    pub(super) seen: RwSignal<(f64, f64)>,
    pub(super) selected: RwSignal<Option<(f64, f64)>>,
    pub(super) look: RwSignal<Look>,
    pub(super) picture: StoredValue<Picture, LocalStorage>,
    /// Rises when there is another picture.
    pub(super) drawn: RwSignal<u32>,
    pub(super) playing: RwSignal<bool>,
    /// The second that is heard.
    pub(super) heard: RwSignal<Option<f64>>,
    pub(super) again: RwSignal<bool>,
    clips: StoredValue<Option<Rc<Clips>>, LocalStorage>,
    /// Which recording it is, of all that were opened.
    number: StoredValue<u32>,
    /// Columns that are drawn, and whether a picture is being made, and another is wanted.
    columns: StoredValue<u32>,
    busy: StoredValue<(bool, bool)>,
}

impl Viewer {
    pub(super) fn new() -> Self {
        let viewer = Self {
            found: RwSignal::new(None),
            share: RwSignal::new(0.0),
            wrong: RwSignal::new(None),
            stretch: RwSignal::new((0.0, 0.0)),
            seen: RwSignal::new((0.0, 1.0)),
            selected: RwSignal::new(None),
            look: crate::store::kept("spectrogram", Look::default()),
            picture: StoredValue::new_local(Picture::default()),
            drawn: RwSignal::new(0),
            playing: RwSignal::new(false),
            heard: RwSignal::new(None),
            again: RwSignal::new(false),
            clips: StoredValue::new_local(None),
            number: StoredValue::new(0),
            columns: StoredValue::new(0),
            busy: StoredValue::new((false, false)),
        };
        let told = move |data| viewer.told(&data);
        viewer.clips.set_value(Some(Clips::start(told)));
        on_cleanup(move || {
            sound::stop();
            viewer.clips.set_value(None);
        });
        viewer
    }

    fn length(self) -> f64 {
        self.found
            .with_untracked(|found| found.as_ref().map_or(0.0, |found| found.seconds))
    }

    /// Opens the recording of a row.
    pub(super) fn open(self, rows: Rows, row: usize, path: String, file: File) {
        self.close();
        let number = self.number.get_value();
        let (start, end) = untrack(|| rows.stretch(row));
        spawn_local(async move {
            let Some(clips) = self.clips.get_value() else {
                return;
            };
            let question = [
                ("name", path.into()),
                ("file", file.into()),
                ("number", number.into()),
            ];
            let answer = clips.ask("open", &question).await;
            if self.number.try_get_value() != Some(number) {
                return;
            }
            match answer {
                Ok(answer) => {
                    self.know(&answer);
                    let length = self.length();
                    let stretch = (start.min(length), end.unwrap_or(length).min(length));
                    let around = (stretch.1 - stretch.0) * AROUND;
                    self.stretch.set(stretch);
                    self.seen.set((
                        (stretch.0 - around).max(0.0),
                        (stretch.1 + around).min(length),
                    ));
                    self.draw();
                }
                Err(error) => self.wrong.set(Some(error)),
            }
        });
    }

    fn know(self, data: &wasm_bindgen::JsValue) {
        let found = shared::json::read::<Inspection>(&message::text(data, "found"));
        self.share.set(message::number(data, "share"));
        self.found.set(found.ok());
    }

    /// More of a long recording is decoded.
    fn told(self, data: &wasm_bindgen::JsValue) {
        let number = message::number(data, "number");
        if self.number.try_get_value().map(f64::from) != Some(number) {
            return;
        }
        match message::get(data, "error").as_string() {
            Some(error) => self.wrong.set(Some(error)),
            None => {
                self.know(data);
                self.draw();
            }
        }
    }

    pub(super) fn close(self) {
        self.stop();
        self.number
            .update_value(|number| *number = number.wrapping_add(1));
        self.found.set(None);
        self.wrong.set(None);
        self.selected.set(None);
    }

    /// Says how many columns can be drawn.
    pub(super) fn resize(self, columns: u32) {
        if self.columns.get_value() != columns {
            self.columns.set_value(columns);
            self.draw();
        }
    }

    /// Asks for a picture of what is seen; of those that are wanted while one is made only the last is made.
    pub(super) fn draw(self) {
        let columns = self.columns.get_value();
        if self.length() <= 0.0 || columns == 0 {
            return;
        }
        let (busy, _) = self.busy.get_value();
        self.busy.set_value((true, busy));
        if busy {
            return;
        }
        spawn_local(async move {
            loop {
                let Some(clips) = self.clips.try_get_value().flatten() else {
                    return;
                };
                let (from, to) = self.seen.get_untracked();
                let look = self.look.get_untracked();
                let question = [
                    ("from", from.into()),
                    ("to", to.into()),
                    ("columns", self.columns.get_value().into()),
                    ("window", look.window.into()),
                    ("highest", look.highest.into()),
                ];
                let answer = clips.ask("view", &question).await;
                if self.drawn.is_disposed() {
                    return;
                }
                if let Ok(answer) = answer {
                    let part = |name: &str| message::get(&answer, name);
                    self.picture.set_value(Picture {
                        seen: (from, to),
                        min: part("min").unchecked_into::<Int16Array>().to_vec(),
                        max: part("max").unchecked_into::<Int16Array>().to_vec(),
                        levels: part("levels").unchecked_into::<Uint8Array>().to_vec(),
                        rows: message::number(&answer, "rows") as usize,
                    });
                    self.drawn.update(|drawn| *drawn = drawn.wrapping_add(1));
                }
                let (_, again) = self.busy.get_value();
                self.busy.set_value((again, false));
                if !again {
                    return;
                }
            }
        });
    }

    /// Shows a stretch.
    pub(super) fn show(self, from: f64, to: f64) {
        let length = self.length();
        let span = (to - from).clamp(SHORTEST.min(length), length.max(SHORTEST.min(length)));
        let from = from.clamp(0.0, (length - span).max(0.0));
        self.seen.set((from, from + span));
        self.draw();
    }

    /// Shows `factor` of what is seen, with second `at` staying where it is.
    pub(super) fn zoom(self, factor: f64, at: f64) {
        let (from, to) = self.seen.get_untracked();
        let span = ((to - from) * factor).clamp(SHORTEST, self.length().max(SHORTEST));
        let share = ((at - from) / (to - from)).clamp(0.0, 1.0);
        self.show(at - span * share, at + span * (1.0 - share));
    }

    /// Moves what is seen by a share of it.
    pub(super) fn shift(self, by: f64) {
        let (from, to) = self.seen.get_untracked();
        let step = (to - from) * by;
        self.show(from + step, to + step);
    }

    pub(super) fn show_all(self) {
        self.show(0.0, self.length());
    }

    fn stop(self) {
        sound::stop();
        self.playing.set(false);
        self.heard.set(None);
    }

    /// Plays the selection, or else what is seen; or ends what is heard.
    pub(super) fn toggle(self) {
        if self.playing.get_untracked() {
            self.stop();
            return;
        }
        if self.length() <= 0.0 {
            return;
        }
        let (from, to) = self
            .selected
            .get_untracked()
            .unwrap_or_else(|| self.seen.get_untracked());
        let number = self.number.get_value();
        self.playing.set(true);
        spawn_local(async move {
            let Some(clips) = self.clips.get_value() else {
                return;
            };
            let question = [("from", from.into()), ("to", to.into())];
            let answer = clips.ask("sound", &question).await;
            let is_wanted = self.playing.try_get_untracked() == Some(true);
            if !is_wanted || self.number.try_get_value() != Some(number) {
                return;
            }
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) => {
                    self.playing.set(false);
                    self.wrong.set(Some(error));
                    return;
                }
            };
            let planes: Array = message::get(&answer, "planes").unchecked_into();
            let rate = message::number(&answer, "rate");
            let ended = move || {
                let _ = self.playing.try_set(false);
                let _ = self.heard.try_set(None);
            };
            let again = self.again.get_untracked();
            let samples = planes
                .get(0)
                .unchecked_into::<js_sys::Float32Array>()
                .length();
            let length = (f64::from(samples) / rate).max(1e-3);
            match sound::play(&planes, rate as f32, again, ended) {
                Ok(begun) => sound::each_frame(move || {
                    let goes_on = self.playing.try_get_untracked() == Some(true)
                        && self.number.try_get_value() == Some(number);
                    if goes_on {
                        let passed = (browser::now() - begun) / 1000.0;
                        let passed = if again {
                            passed % length
                        } else {
                            passed.min(length)
                        };
                        self.heard.set(Some(from + passed));
                    }
                    goes_on
                }),
                Err(error) => {
                    self.playing.set(false);
                    self.wrong.set(Some(format!(
                        "The browser plays nothing: {}",
                        between::words(&error)
                    )));
                }
            }
        });
    }
}
