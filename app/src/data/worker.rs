//! Outlines and spectrograms, computed in a worker so that the page never waits for them.
//!
//! The worker is the page's own program, started without a page (`static/clips.js`).

use js_sys::{Array, Float32Array, Int16Array, Object, Reflect, Uint8Array};
use shared::audio::{Extremes, Peaks, RATE, Spectrogram};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

/// What is seen of a clip.
#[derive(Debug, Clone, Default)]
pub(super) struct Picture {
    /// Least sample of each column, in 16 bits.
    pub(super) min: Vec<i16>,
    /// Greatest sample of each column.
    pub(super) max: Vec<i16>,
    /// Power, column by column, lowest frequency first.
    pub(super) levels: Vec<u8>,
}

/// The worker at its other end.
pub(super) struct Computer {
    worker: Worker,
    inner: Rc<RefCell<Inner>>,
    _listener: Closure<dyn Fn(MessageEvent)>,
}

#[derive(Default)]
struct Inner {
    ready: bool,
    /// Messages from before it was ready.
    waiting: Vec<Object>,
    /// Whether a picture is being made, and the one that is wanted next: those between are left out.
    busy: bool,
    next: Option<Object>,
}

impl Computer {
    /// Starts it; `show` is called with each picture.
    pub(super) fn start(show: impl Fn(Picture) + 'static) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options("./clips.js", &options)?;
        let inner = Rc::new(RefCell::new(Inner::default()));
        let (own, port) = (Rc::clone(&inner), worker.clone());
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            let mut inner = own.borrow_mut();
            if text(&data, "kind") == "ready" {
                inner.ready = true;
                for message in inner.waiting.drain(..) {
                    let _ = port.post_message(&message);
                }
                return;
            }
            inner.busy = false;
            if let Some(next) = inner.next.take() {
                inner.busy = true;
                let _ = port.post_message(&next);
            }
            drop(inner);
            let array = |name: &str| Reflect::get(&data, &name.into()).unwrap_or_default();
            show(Picture {
                min: array("min").unchecked_into::<Int16Array>().to_vec(),
                max: array("max").unchecked_into::<Int16Array>().to_vec(),
                levels: array("levels").unchecked_into::<Uint8Array>().to_vec(),
            });
        });
        worker.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        Ok(Self {
            worker,
            inner,
            _listener: listener,
        })
    }

    /// Gives it another clip: samples at 16 kHz, which go over to it.
    pub(super) fn load(&self, samples: &Float32Array) {
        let message = message("load", &[("samples", samples.into())]);
        let mut inner = self.inner.borrow_mut();
        inner.next = None;
        if inner.ready {
            let _ = self
                .worker
                .post_message_with_transfer(&message, &Array::of1(&samples.buffer()));
        } else {
            inner.waiting.clear();
            inner.busy = false;
            inner.waiting.push(message);
        }
    }

    /// Asks for a picture of `columns` columns from second `from` to `to`.
    pub(super) fn ask(&self, from: f64, to: f64, columns: u32) {
        let message = message(
            "view",
            &[
                ("from", from.into()),
                ("to", to.into()),
                ("columns", columns.into()),
            ],
        );
        let mut inner = self.inner.borrow_mut();
        if inner.busy {
            inner.next = Some(message);
        } else {
            inner.busy = true;
            if inner.ready {
                let _ = self.worker.post_message(&message);
            } else {
                inner.waiting.push(message);
            }
        }
    }
}

impl Drop for Computer {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

fn message(kind: &str, parts: &[(&str, JsValue)]) -> Object {
    let message = Object::new();
    let _ = Reflect::set(&message, &"kind".into(), &kind.into());
    for (name, value) in parts {
        let _ = Reflect::set(&message, &(*name).into(), value);
    }
    message
}

fn text(data: &JsValue, name: &str) -> String {
    Reflect::get(data, &name.into())
        .ok()
        .and_then(|value| value.as_string())
        .unwrap_or_default()
}

fn number(data: &JsValue, name: &str) -> f64 {
    Reflect::get(data, &name.into())
        .ok()
        .and_then(|value| value.as_f64())
        .unwrap_or_default()
}

/// The worker's own end: answers until it is ended.
pub(crate) fn serve() {
    let state = RefCell::new((Vec::<f32>::new(), Peaks::default(), Spectrogram::default()));
    let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let data = event.data();
        if text(&data, "kind") == "load" {
            let samples = Reflect::get(&data, &"samples".into())
                .unwrap_or_default()
                .unchecked_into::<Float32Array>()
                .to_vec();
            let mut peaks = Peaks::default();
            peaks.add(&samples);
            peaks.finish();
            let mut state = state.borrow_mut();
            (state.0, state.1) = (samples, peaks);
            return;
        }
        let (from, to, columns) = (
            number(&data, "from"),
            number(&data, "to"),
            number(&data, "columns") as usize,
        );
        let (samples, peaks, spectrogram) = &*state.borrow();
        let at = |seconds: f64| {
            ((seconds * f64::from(RATE)).round().max(0.0) as usize).min(samples.len())
        };
        let (first, last) = (at(from), at(to));
        let seen = if Peaks::suffices(first as u64, last as u64, columns) {
            peaks.view(first as u64, last as u64, columns)
        } else {
            Extremes::of(&samples[first..last], columns)
        };
        let tile = spectrogram.tile(
            samples,
            0,
            from,
            (to - from) / columns.max(1) as f64,
            columns,
        );
        let answer = message(
            "view",
            &[
                ("min", Int16Array::from(&seen.min[..]).into()),
                ("max", Int16Array::from(&seen.max[..]).into()),
                ("levels", Uint8Array::from(&tile.levels[..]).into()),
            ],
        );
        let global = js_sys::global();
        if let Ok(post) = Reflect::get(&global, &"postMessage".into()) {
            let _ = post
                .unchecked_into::<js_sys::Function>()
                .call1(&global, &answer);
        }
    });
    let _ = Reflect::set(
        &js_sys::global(),
        &"onmessage".into(),
        &listener.into_js_value(),
    );
}
