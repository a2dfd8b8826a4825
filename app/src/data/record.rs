//! Recording with a label.

use super::rows::Rows;
use crate::{
    experiment::Document,
    microphone::Microphone,
    ui::{Icon, Shape, Words},
};
use js_sys::{Array, Date, Uint8Array};
use leptos::{prelude::*, task::spawn_local};
use shared::audio::{wav_header, wav_samples};
use std::{cell::RefCell, rc::Rc};
use web_sys::{File, FilePropertyBag};

/// Longest recording in seconds: what a tab holds easily.
const LONGEST: f64 = 600.0;

/// What is recorded at the moment.
#[derive(Default)]
struct Tape {
    samples: Vec<f32>,
    microphone: Option<Microphone>,
}

/// The panel.
#[component]
pub(super) fn Record(rows: Rows, document: Document) -> impl IntoView {
    let tape = StoredValue::new_local(Rc::new(RefCell::new(Tape::default())));
    let (label, speaker) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let wrong = RwSignal::new(None::<String>);
    // Whether it is heard, for how long already, and how loud.
    let on = RwSignal::new(false);
    let waiting = RwSignal::new(false);
    let seconds = RwSignal::new(0.0f64);
    let level = RwSignal::new(0.0f64);
    let target = Memo::new(move |_| target(rows, document));
    let finish = move || {
        if !on.get_untracked() {
            return;
        }
        on.set(false);
        level.set(0.0);
        let tape = tape.get_value();
        let known = [
            (target.get_untracked(), label.get_untracked()),
            ("speaker".to_owned(), speaker.get_untracked()),
        ];
        // The place may be gone before it is done.
        spawn_local(async move {
            let Some(microphone) = tape.borrow_mut().microphone.take() else {
                return;
            };
            let rate = microphone.rate();
            drop(microphone);
            let samples = std::mem::take(&mut tape.borrow_mut().samples);
            match wav(&samples, rate) {
                Ok((name, file)) => rows.take(format!("recorded/{name}"), file, &known).await,
                Err(error) => {
                    let _ = wrong.try_set(Some(error));
                }
            }
        });
    };
    let begin = move || {
        wrong.set(None);
        waiting.set(true);
        let tape = tape.get_value();
        spawn_local(async move {
            let own = Rc::clone(&tape);
            tape.borrow_mut().samples.clear();
            let opened = Microphone::start(move |block| {
                let loudest = block
                    .iter()
                    .fold(0.0f32, |most, sample| most.max(sample.abs()));
                own.borrow_mut().samples.extend_from_slice(&block);
                let rate = own
                    .borrow()
                    .microphone
                    .as_ref()
                    .map_or(48_000, Microphone::rate);
                let passed = own.borrow().samples.len() as f64 / f64::from(rate);
                let _ = seconds.try_set((passed * 10.0).floor() / 10.0);
                let _ = level.try_update(|level| *level = f64::from(loudest).max(*level * 0.85));
                if passed > LONGEST {
                    finish();
                }
            })
            .await;
            if waiting.try_set(false).is_some() {
                // The place was left meanwhile.
                return;
            }
            match opened {
                Ok(microphone) => {
                    tape.borrow_mut().microphone = Some(microphone);
                    on.set(true);
                }
                Err(error) => wrong.set(Some(error)),
            }
        });
    };
    on_cleanup(move || {
        // Leaving the place ends it; what was said is kept as if it had been stopped.
        finish();
    });
    let toggle = move |_| {
        if on.get_untracked() {
            finish();
        } else {
            begin();
        }
    };
    let offered = move || {
        let columns = rows.columns();
        let at = columns.iter().position(|own| *own == target.get())?;
        let values = rows.values(at, 40).unwrap_or_default();
        let option = |value: String| view! { <option value=value></option> };
        Some(
            values
                .into_iter()
                .filter(|value| !value.is_empty())
                .map(option)
                .collect_view(),
        )
    };
    let meter = move || {
        // In dB from -60 to 0, as people hear.
        let decibels = 20.0 * level.get().max(1e-3).log10();
        (decibels / 60.0 + 1.0).clamp(0.0, 1.0)
    };
    view! {
        <section class="panel" aria-labelledby="record-title">
            <div class="bar">
                <h2 id="record-title" class="grow">"Record"</h2>
                <span class="soft" role="timer">{move || on.get().then(|| format!("{:.1} s", seconds.get()))}</span>
                <button type="button" class="record" class:danger=move || on.get() disabled=move || waiting.get() on:click=toggle>
                    {move || if on.get() { view! { <Icon shape=Shape::Stop />"Stop and keep" } } else { view! { <Icon shape=Shape::Record />"Record" } }}
                </button>
            </div>
            <div class="cells">
                <div class="field">
                    <label for="record-label">{move || target.get()}</label>
                    <input id="record-label" type="text" list="record-labels" autocomplete="off" bind:value=label />
                    <datalist id="record-labels">{offered}</datalist>
                </div>
                <div class="field">
                    <label for="record-speaker">"speaker"</label>
                    <input id="record-speaker" type="text" autocomplete="off" bind:value=speaker />
                </div>
            </div>
            {move || on.get().then(|| view! { <div class="bringing"><progress max="1" value=meter aria-label="Loudness"></progress>{move || (level.get() > 0.99).then(|| view! { <p class="error-text">"▲ Too loud: it clips. Go a little away from the microphone."</p> })}</div> })}
            {move || wrong.get().map(|text| view! { <p class="hint error-text" role="alert"><Words text /></p> })}
        </section>
    }
}

/// The column that labels go into: the experiment's target, if the table has it.
fn target(rows: Rows, document: Document) -> String {
    let columns = rows.columns();
    let wanted = document
        .setting("DATA", "target")
        .map(|setting| setting.value);
    let has = |name: &String| columns.is_empty() || columns.contains(name);
    wanted
        .filter(|name| !name.is_empty() && has(name))
        .unwrap_or_else(|| {
            let usual = ["label", "emotion"]
                .into_iter()
                .find(|name| columns.iter().any(|own| own == name));
            usual.unwrap_or("label").to_owned()
        })
}

/// The recording as a WAV file, named by the time.
fn wav(samples: &[f32], rate: u32) -> Result<(String, File), String> {
    if samples.is_empty() {
        return Err("Nothing was heard from the microphone.".to_owned());
    }
    let header = wav_header(rate, 1, samples.len() as u64).ok_or("That was too long.")?;
    let mut bytes = header.to_vec();
    wav_samples(&[samples], &mut bytes);
    let date = String::from(Date::new_0().to_iso_string());
    let name = format!(
        "{}.wav",
        date.trim_end_matches('Z').replace([':', '.'], "-")
    );
    let options = FilePropertyBag::new();
    options.set_type("audio/wav");
    let parts = Array::of1(&Uint8Array::from(&bytes[..]));
    let file = File::new_with_u8_array_sequence_and_options(&parts, &name, &options);
    file.map(|file| (name, file))
        .map_err(|error| between::words(&error))
}
