//! Events that a runner sends as they happen.

use super::{Listener, Told};
use gloo::timers::callback::Timeout;
use serde::de::DeserializeOwned;
use std::{
    any::Any,
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::{EventSource, MessageEvent};

/// What takes a message; it lives as long as the stream.
type OnMessage = Closure<dyn Fn(MessageEvent)>;

/// A stream; it ends when this is dropped.
pub(crate) struct Stream {
    _guard: Box<dyn Any>,
}

/// A connection to a runner.
struct Connection(Rc<Inner>);

struct Inner {
    source: RefCell<Option<EventSource>>,
    closures: RefCell<Vec<OnMessage>>,
    again: RefCell<Option<Timeout>>,
    last: Cell<u64>,
    tries: Cell<u32>,
    closed: Cell<bool>,
}

/// Longest pause before the next try to connect, in milliseconds.
const LONGEST_PAUSE: u32 = 8000;

impl Stream {
    /// Listens to `address`, behind event `after`. A lost connection is taken up again behind the
    /// last event that came, so that none is missed and none comes twice.
    pub(super) fn open<T: DeserializeOwned + Numbered + 'static>(
        address: String,
        after: u64,
        listener: Listener<T>,
    ) -> Self {
        let inner = Rc::new(Inner {
            source: RefCell::default(),
            closures: RefCell::default(),
            again: RefCell::default(),
            last: Cell::new(after),
            tries: Cell::new(0),
            closed: Cell::new(false),
        });
        connect(&inner, &Rc::from(address.as_str()), &listener);
        Self::of(Connection(inner))
    }

    /// A stream that ends with `guard`.
    pub(super) fn of(guard: impl Any) -> Self {
        Self {
            _guard: Box::new(guard),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.closed.set(true);
        if let Some(source) = self.0.source.take() {
            source.close();
        }
        self.0.again.take();
    }
}

/// An event with a number that grows.
pub(super) trait Numbered {
    /// The number.
    fn number(&self) -> u64;
}

impl Numbered for shared::protocol::JobEvent {
    fn number(&self) -> u64 {
        self.id
    }
}

impl Numbered for shared::protocol::QueueEvent {
    fn number(&self) -> u64 {
        self.id
    }
}

fn connect<T: DeserializeOwned + Numbered + 'static>(
    inner: &Rc<Inner>,
    address: &Rc<str>,
    listener: &Listener<T>,
) {
    let Ok(source) = EventSource::new(&format!("{address}?after={}", inner.last.get())) else {
        return;
    };
    let (own, tell) = (Rc::downgrade(inner), Rc::clone(listener));
    let message = move |event: MessageEvent| {
        let (Some(inner), Some(text)) = (own.upgrade(), event.data().as_string()) else {
            return;
        };
        match shared::json::read::<T>(&text) {
            Ok(event) if event.number() > inner.last.get() => {
                inner.last.set(event.number());
                tell(Told::Event(event));
            }
            // Came before.
            Ok(_) => {}
            Err(error) => leptos::logging::error!("an event cannot be read: {error}: {text}"),
        }
    };
    let (own, tell) = (Rc::downgrade(inner), Rc::clone(listener));
    let open = move |_: MessageEvent| {
        if let Some(inner) = own.upgrade() {
            inner.tries.set(0);
            tell(Told::Open);
        }
    };
    let (own, tell, place) = (
        Rc::downgrade(inner),
        Rc::clone(listener),
        Rc::clone(address),
    );
    let failed = move |_: MessageEvent| {
        let Some(inner) = own.upgrade().filter(|inner| !inner.closed.get()) else {
            return;
        };
        // The browser's own way to connect again gives up for good on some errors; this one does not.
        if let Some(source) = inner.source.take() {
            source.close();
        }
        tell(Told::Lost);
        let tries = inner.tries.get();
        inner.tries.set(tries + 1);
        let pause = (250 << tries.min(8)).min(LONGEST_PAUSE);
        let (own, tell, place) = (Rc::downgrade(&inner), Rc::clone(&tell), Rc::clone(&place));
        *inner.again.borrow_mut() = Some(Timeout::new(pause, move || {
            if let Some(inner) = own.upgrade().filter(|inner| !inner.closed.get()) {
                connect(&inner, &place, &tell);
            }
        }));
    };
    let closures = [
        ("message", Closure::<dyn Fn(MessageEvent)>::new(message)),
        ("open", Closure::<dyn Fn(MessageEvent)>::new(open)),
        ("error", Closure::<dyn Fn(MessageEvent)>::new(failed)),
    ];
    for (name, closure) in &closures {
        let _ = source.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    }
    *inner.source.borrow_mut() = Some(source);
    // Those of the connection before are not called any more: their source is closed.
    *inner.closures.borrow_mut() = closures.into_iter().map(|(_, closure)| closure).collect();
}
