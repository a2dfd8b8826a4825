//! The engine: a program of its own in a worker, loaded when it is needed.

use super::device::cores;
use js_sys::{Object, Reflect};
use shared::protocol::tab::{FromEngine, ToEngine};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

/// Which of the engine's builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The graphics card, and one core of the processor.
    Usual,
    /// So many cores of the processor.
    Threads(u32),
}

impl Kind {
    /// The one that computes on a device.
    pub(super) fn of(device: &str) -> Self {
        match cores() {
            cores if device == "cpu" && cores > 1 => Self::Threads(cores),
            _ => Self::Usual,
        }
    }

    /// Where its start script is.
    fn script(self) -> String {
        match self {
            Self::Usual => "./engine/start.js".to_owned(),
            Self::Threads(count) => format!("./engine/threads/start.js?threads={count}"),
        }
    }
}

/// The worker at its other end; it ends when this is dropped.
pub(super) struct Engine {
    pub(super) kind: Kind,
    worker: Worker,
    /// Messages from before it was ready; `None` afterwards.
    waiting: Rc<RefCell<Option<Vec<JsValue>>>>,
    _heard: Closure<dyn Fn(MessageEvent)>,
    _failed: Closure<dyn Fn(ErrorEvent)>,
}

impl Engine {
    /// Starts it; `hear` is called with each of its messages, and the files beside it.
    pub(super) fn start(
        kind: Kind,
        hear: impl Fn(FromEngine, JsValue) + 'static,
    ) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&kind.script(), &options)?;
        let hear = Rc::new(hear);
        let waiting = Rc::new(RefCell::new(Some(Vec::new())));
        let (own, port, tell) = (Rc::clone(&waiting), worker.clone(), Rc::clone(&hear));
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let (text, files) = parts(&event.data());
            match shared::json::read(&text) {
                Ok(FromEngine::Ready) => {
                    for message in own.take().into_iter().flatten() {
                        let _ = port.post_message(&message);
                    }
                }
                Ok(message) => tell(message, files),
                Err(error) => {
                    leptos::logging::error!("the engine's message is none: {error}: {text}")
                }
            }
        });
        worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        let failed = Closure::<dyn Fn(ErrorEvent)>::new(move |event: ErrorEvent| {
            // Of a script that is not there the browser sends an event without a message.
            let message = Reflect::get(&event, &"message".into()).ok();
            let message = message.and_then(|text| text.as_string()).filter(|text| !text.is_empty()).unwrap_or_else(|| {
                "it could not be loaded; a page that was built without it (see `make site`) trains on runners only".to_owned()
            });
            let failure = None;
            hear(FromEngine::Broken { message, failure }, JsValue::UNDEFINED);
        });
        worker.set_onerror(Some(failed.as_ref().unchecked_ref()));
        Ok(Self {
            kind,
            worker,
            waiting,
            _heard: heard,
            _failed: failed,
        })
    }

    /// Says something, with files beside it: an array of `[path, blob]`.
    pub(super) fn say(&self, message: &ToEngine, files: &JsValue) {
        let Ok(text) = serde_json::to_string(message) else {
            return;
        };
        let whole = Object::new();
        let _ = Reflect::set(&whole, &"text".into(), &text.into());
        let _ = Reflect::set(&whole, &"files".into(), files);
        match &mut *self.waiting.borrow_mut() {
            Some(waiting) => waiting.push(whole.into()),
            None => {
                let _ = self.worker.post_message(&whole);
            }
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// A message's text, and the files beside it.
fn parts(message: &JsValue) -> (String, JsValue) {
    if let Some(text) = message.as_string() {
        return (text, JsValue::UNDEFINED);
    }
    let field = |name: &str| Reflect::get(message, &name.into()).unwrap_or_default();
    (
        field("text").as_string().unwrap_or_default(),
        field("files"),
    )
}
