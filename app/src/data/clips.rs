//! The program that reads recordings, in its worker, as seen from the page: questions and answers.

use between::{message, words};
use js_sys::{Array, Function, Promise};
use std::{cell::RefCell, collections::HashMap, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

/// What is called with messages that answer no question.
type Listener = Rc<dyn Fn(JsValue)>;

/// The worker; it ends when this goes away.
pub(crate) struct Clips {
    worker: Worker,
    inner: Rc<RefCell<Inner>>,
    _listener: Closure<dyn Fn(MessageEvent)>,
}

#[derive(Default)]
struct Inner {
    next: u32,
    /// What is called with an answer, by the question's number.
    waiting: HashMap<u32, Function>,
    told: Option<Listener>,
    /// Why there is no program.
    failed: Option<String>,
}

impl Clips {
    /// Starts it; `told` hears what it says unasked.
    pub(crate) fn start(told: impl Fn(JsValue) + 'static) -> Rc<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let inner = Rc::new(RefCell::new(Inner {
            told: Some(Rc::new(told)),
            ..Inner::default()
        }));
        let own = Rc::clone(&inner);
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            hear(&own, event.data());
        });
        let worker = match Worker::new_with_options("./clips-start.js", &options) {
            Ok(worker) => worker,
            Err(error) => {
                inner.borrow_mut().failed = Some(words(&error));
                JsValue::UNDEFINED.unchecked_into()
            }
        };
        if inner.borrow().failed.is_none() {
            worker.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        }
        Rc::new(Self {
            worker,
            inner,
            _listener: listener,
        })
    }

    /// Asks something.
    ///
    /// # Errors
    /// What went wrong, in words.
    pub(crate) async fn ask(
        &self,
        kind: &str,
        parts: &[(&str, JsValue)],
    ) -> Result<JsValue, String> {
        let question = message::object(kind, parts);
        let promise = Promise::new(&mut |done: Function, _| {
            let mut inner = self.inner.borrow_mut();
            if inner.failed.is_some() {
                return;
            }
            let id = inner.next;
            inner.next = id.wrapping_add(1);
            inner.waiting.insert(id, done);
            drop(inner);
            let _ = js_sys::Reflect::set(&question, &"id".into(), &id.into());
            if let Err(error) = self.worker.post_message(&question) {
                fail(&self.inner, words(&error));
            }
        });
        let failed = self.inner.borrow().failed.clone();
        if let Some(error) = failed {
            return Err(error);
        }
        let answer = JsFuture::from(promise)
            .await
            .map_err(|error| words(&error))?;
        match message::get(&answer, "error").as_string() {
            Some(error) => Err(error),
            None => Ok(answer),
        }
    }
}

impl Drop for Clips {
    fn drop(&mut self) {
        if self.worker.is_object() {
            self.worker.terminate();
        }
        // Whoever waits must not wait for ever.
        fail(&self.inner, "closed".to_owned());
    }
}

fn hear(inner: &Rc<RefCell<Inner>>, data: JsValue) {
    match message::text(&data, "kind").as_str() {
        "answer" => {
            let id = message::number(&data, "id") as u32;
            let done = inner.borrow_mut().waiting.remove(&id);
            if let Some(done) = done {
                let _ = done.call1(&JsValue::NULL, &data);
            }
        }
        "failed" => fail(inner, message::text(&data, "error")),
        _ => {
            let told = inner.borrow().told.clone();
            if let Some(told) = told {
                told(data);
            }
        }
    }
}

fn fail(inner: &Rc<RefCell<Inner>>, error: String) {
    let waiting: Vec<Function> = {
        let mut inner = inner.borrow_mut();
        inner.failed = Some(error.clone());
        inner.waiting.drain().map(|(_, done)| done).collect()
    };
    let answer = message::object("answer", &[("error", error.into())]);
    for done in waiting {
        let _ = done.call1(&JsValue::NULL, &answer);
    }
}

/// Files with their paths, as a part of a question.
pub(crate) fn pairs<'f>(files: impl Iterator<Item = (&'f str, &'f web_sys::File)>) -> JsValue {
    let pairs = Array::new();
    for (path, file) in files {
        pairs.push(&Array::of2(&path.into(), file));
    }
    pairs.into()
}
