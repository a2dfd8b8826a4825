//! What a run needs of the worker besides files.

use crate::{browser, message::post, shelf::Shelf};
use js_sys::{Function, Promise};
use shared::{
    protocol::{
        Event,
        tab::{FromEngine, TimedEvent},
    },
    run::Host,
    train::Breath,
};
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

thread_local! {
    /// Whether the run is to end with what it has.
    static STOPPING: Cell<bool> = const { Cell::new(false) };
    static PAUSED: Cell<bool> = const { Cell::new(false) };
    /// Whether the browser gives no files.
    static IS_SHORT: Cell<bool> = const { Cell::new(false) };
    /// Lets a paused run go on.
    static GO_ON: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Lets runs begin.
pub(crate) fn reset() {
    STOPPING.set(false);
    PAUSED.set(false);
    IS_SHORT.set(false);
    GO_ON.take();
}

/// Ends the run with what it has.
pub(crate) fn stop() {
    STOPPING.set(true);
    go_on();
}

/// Whether the run is to end.
pub(crate) fn is_stopping() -> bool {
    STOPPING.get()
}

/// Lets the run stand still.
pub(crate) fn pause() {
    PAUSED.set(true);
}

/// Lets the run go on.
pub(crate) fn go_on() {
    PAUSED.set(false);
    if let Some(go_on) = GO_ON.take() {
        let _ = go_on.call0(&JsValue::NULL);
    }
}

/// The worker's clock and messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tab {
    /// Where events are kept.
    pub(crate) shelf: Shelf,
}

impl Tab {
    fn tell(self, event: Event) {
        let event = TimedEvent {
            time: browser::time(),
            event,
        };
        let mut line = serde_json::to_vec(&event).unwrap_or_default();
        line.push(b'\n');
        // Where there is no room for events, there is none for results either, and that is told.
        let _ = self.shelf.tell(&line);
        post(&FromEngine::Event(event));
    }
}

impl Host for Tab {
    fn now(&self) -> f64 {
        browser::seconds()
    }

    fn date(&self) -> Option<String> {
        Some(browser::time())
    }

    fn stopping(&self) -> bool {
        is_stopping()
    }

    fn emit(&self, event: &Event) {
        self.tell(event.clone());
    }

    fn breathe(&self) -> Breath<'_> {
        Box::pin(async {
            browser::turn().await;
            self.shelf.hand_over();
            match self.shelf.refill().await {
                Ok(()) => IS_SHORT.set(false),
                // Once, and not behind each step.
                Err(error) if !IS_SHORT.replace(true) => self.tell(Event::Warning {
                    message: format!("files are kept in memory for now: {error}"),
                }),
                Err(_) => {}
            }
            let stands = PAUSED.get() && !is_stopping();
            if stands {
                post(&FromEngine::Paused { paused: true });
            }
            while PAUSED.get() && !is_stopping() {
                let waiting = Promise::new(&mut |done, _| {
                    GO_ON.set(Some(done));
                });
                let _ = JsFuture::from(waiting).await;
            }
            if stands {
                post(&FromEngine::Paused { paused: false });
            }
        })
    }
}
