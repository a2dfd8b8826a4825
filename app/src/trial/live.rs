//! The microphone, heard by the model while somebody speaks.

use super::{
    reading::{Reading, lines},
    scores::Scores,
};
use crate::{
    backend::{Link, Trouble},
    charts::LineChart,
    microphone,
    ui::{Icon, Shape, Words},
};
use leptos::{prelude::*, task::spawn_local};
use shared::protocol::{Live, StartLive};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::JsValue;
use web_sys::Blob;

/// Seconds of the time line.
const SHOWN: f64 = 60.0;
/// Seconds of sound that wait for an answer at most; older ones are let go.
const WAITING: f64 = 10.0;
/// Samples of the level that is shown.
const LEVEL: f32 = 0.8;

/// How far it is.
#[derive(Debug, Clone, PartialEq)]
enum Phase {
    Off,
    /// The user is asked for the microphone.
    Asking,
    /// The model is loaded.
    Loading,
    On(Live),
}

/// What hears.
#[derive(Clone, Copy)]
struct Ear {
    phase: RwSignal<Phase>,
    trouble: RwSignal<Option<String>>,
    readings: RwSignal<Vec<Reading>>,
    level: RwSignal<f32>,
    /// Seconds from the last sound that was sent to its answer.
    delay: RwSignal<Option<f64>>,
    inner: StoredValue<Option<Rc<Inner>>, LocalStorage>,
    link: Link,
}

struct Inner {
    microphone: RefCell<Option<microphone::Microphone>>,
    session: RefCell<Option<Live>>,
    /// Sound that was not sent yet, as 16-bit samples.
    waiting: RefCell<Vec<i16>>,
    sent: Cell<u64>,
    busy: Cell<bool>,
}

impl Ear {
    fn new() -> Self {
        let ear = Self {
            phase: RwSignal::new(Phase::Off),
            trouble: RwSignal::new(None),
            readings: RwSignal::new(Vec::new()),
            level: RwSignal::new(0.0),
            delay: RwSignal::new(None),
            inner: StoredValue::new_local(None),
            link: Link::here(),
        };
        on_cleanup(move || ear.end());
        ear
    }

    /// Whether `inner` is what hears now; another start, or an end, takes its place.
    fn is_current(self, inner: &Rc<Inner>) -> bool {
        let same = |own: &Option<Rc<Inner>>| own.as_ref().is_some_and(|own| Rc::ptr_eq(own, inner));
        self.inner.try_with_value(same).unwrap_or(false)
    }

    fn start(self, job: String) {
        self.end();
        let inner = Rc::new(Inner {
            microphone: RefCell::default(),
            session: RefCell::default(),
            waiting: RefCell::default(),
            sent: Cell::new(0),
            busy: Cell::new(false),
        });
        self.inner.set_value(Some(Rc::clone(&inner)));
        self.trouble.set(None);
        self.readings.set(Vec::new());
        self.phase.set(Phase::Asking);
        spawn_local(async move {
            let own = Rc::downgrade(&inner);
            let heard = move |samples: Vec<f32>| {
                if let Some(inner) = own.upgrade() {
                    self.take(&inner, &samples);
                }
            };
            let microphone = match microphone::Microphone::start(heard).await {
                Ok(microphone) => microphone,
                Err(error) => return self.fail(&inner, error),
            };
            if !self.is_current(&inner) {
                return;
            }
            let rate = microphone.rate();
            *inner.microphone.borrow_mut() = Some(microphone);
            self.phase.set(Phase::Loading);
            let order = StartLive {
                rate: Some(rate),
                ..StartLive::default()
            };
            match self.link.backend().listen(&job, order).await {
                Ok(live) if self.is_current(&inner) => {
                    // What was said while the model was loaded is late by now.
                    inner.waiting.borrow_mut().clear();
                    *inner.session.borrow_mut() = Some(live.clone());
                    self.phase.set(Phase::On(live));
                }
                Ok(live) => {
                    let _ = self.link.backend().hush(&live.id).await;
                }
                Err(trouble) => self.fail(&inner, trouble.to_string()),
            }
        });
    }

    /// The microphone heard something.
    fn take(self, inner: &Rc<Inner>, samples: &[f32]) {
        let peak = samples
            .iter()
            .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        let _ = self
            .level
            .try_update(|level| *level = peak.max(*level * LEVEL));
        let Some(live) = inner.session.borrow().clone() else {
            return;
        };
        let rate = f64::from(live.rate);
        {
            let mut waiting = inner.waiting.borrow_mut();
            waiting.extend(
                samples
                    .iter()
                    .map(|sample| (sample.clamp(-1.0, 1.0) * 32767.0) as i16),
            );
            let over = waiting.len().saturating_sub((WAITING * rate) as usize);
            waiting.drain(..over);
            if inner.busy.get() || (waiting.len() as f64) < live.hop.min(0.5) * rate {
                return;
            }
        }
        inner.busy.set(true);
        let inner = Rc::clone(inner);
        spawn_local(async move {
            let outcome = self.send(&inner, &live).await;
            inner.busy.set(false);
            if let Err(trouble) = outcome
                && self.is_current(&inner)
            {
                let text = match trouble {
                    Trouble::Gone => {
                        "The runner does not answer any more. Start it again, then listen again."
                            .to_owned()
                    }
                    trouble => trouble.to_string(),
                };
                self.fail(&inner, text);
            }
        });
    }

    async fn send(self, inner: &Rc<Inner>, live: &Live) -> Result<(), Trouble> {
        let piece = inner.waiting.take();
        let bytes: Vec<u8> = piece
            .iter()
            .flat_map(|sample| sample.to_le_bytes())
            .collect();
        let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes.as_slice()));
        let blob = Blob::new_with_u8_array_sequence(&parts)
            .map_err(|error: JsValue| Trouble::Unreadable(format!("{error:?}")))?;
        let begun = crate::browser::now();
        let reply = self
            .link
            .backend()
            .hear(&live.id, inner.sent.get(), blob)
            .await?;
        if !self.is_current(inner) {
            return Ok(());
        }
        inner.sent.set(reply.samples);
        self.delay
            .set(Some((crate::browser::now() - begun) / 1000.0));
        self.readings.update(|readings| {
            readings.extend(reply.predictions.into_iter().map(Reading::from));
            let now = reply.samples as f64 / f64::from(live.rate);
            readings.retain(|reading| reading.end.unwrap_or(now) > now - SHOWN);
        });
        Ok(())
    }

    fn fail(self, inner: &Rc<Inner>, text: String) {
        if self.is_current(inner) {
            self.end();
            self.trouble.set(Some(text));
        }
    }

    /// The microphone is off, and the model is let go.
    fn end(self) {
        let inner = self.inner.try_update_value(Option::take).flatten();
        let Some(inner) = inner else { return };
        inner.microphone.take();
        if let Some(live) = inner.session.take() {
            let backend = self.link.backend();
            spawn_local(async move {
                // It ends by itself, too, when nothing comes any more.
                let _ = backend.hush(&live.id).await;
            });
        }
        let _ = self.phase.try_set(Phase::Off);
        let _ = self.level.try_set(0.0);
    }
}

/// The panel.
#[component]
pub(super) fn Microphone(job: StoredValue<String>) -> impl IntoView {
    let ear = Ear::new();
    let on = Memo::new(move |_| ear.phase.with(|phase| *phase != Phase::Off));
    let click = move |_| {
        if on.get_untracked() {
            ear.end();
        } else {
            ear.start(job.get_value());
        }
    };
    let state = move || match ear.phase.get() {
        Phase::Off => String::new(),
        Phase::Asking => "The browser asks you for the microphone.".to_owned(),
        Phase::Loading => "The model is being loaded…".to_owned(),
        Phase::On(live) => {
            let delay = ear.delay.get();
            let delay = delay.map_or_else(String::new, |delay| {
                format!(", answers after {:.0} ms", delay * 1000.0)
            });
            format!(
                "Hears the last {:.1} s, on {}{delay}.",
                live.window, live.device
            )
        }
    };
    let last = Signal::derive(move || ear.readings.with(|readings| readings.last().cloned()));
    let series = Signal::derive(move || ear.readings.with(|readings| lines(readings)));
    view! {
        <section class="panel microphone" aria-labelledby="microphone-title">
            <div class="bar">
                <h3 id="microphone-title" class="grow">"The microphone"</h3>
                <Show when=move || on.get()>
                    <label class="choice level">
                        "Level"
                        <meter max="1" low="0.01" high="0.95" optimum="0.5" value=move || f64::from(ear.level.get())></meter>
                    </label>
                </Show>
                <button type="button" id="listen" class="primary" on:click=click>
                    {move || view! { <Icon shape=if on.get() { Shape::Stop } else { Shape::Try } /> }}
                    {move || if on.get() { "Stop" } else { "Listen" }}
                </button>
            </div>
            <div class="scroll" tabindex="0" role="region" aria-label="What the model says of the microphone">
                <p class="hint" role="status" hidden=move || !on.get()>{state}</p>
                {move || ear.trouble.get().map(|text| view! { <p class="hint error-text" role="alert"><Words text /></p> })}
                <Scores reading=last empty="Press Listen and speak: the model says what it hears, several times a second. Sound goes to the runner only, and is not kept." />
                <Show when=move || ear.readings.with(|readings| readings.len() > 1)>
                    <LineChart title="The last minute" across="s" series name=Signal::derive(|| "microphone".to_owned()) />
                </Show>
            </div>
        </section>
    }
}
