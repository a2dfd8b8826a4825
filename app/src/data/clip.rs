//! One recording: waveform, spectrogram, playing, labels.

use super::{
    draw::{self, Look},
    sound::{self, Sound},
    table::Rows,
    worker::{Computer, Picture},
};
use crate::{
    experiment::Document,
    ui::{Icon, Shape, Words},
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use std::rc::Rc;

/// Shortest stretch that is shown, in seconds.
const SHORTEST: f64 = 0.02;

/// The clip that is looked at.
#[derive(Clone, Copy)]
struct Viewer {
    sound: StoredValue<Option<Sound>, LocalStorage>,
    /// Seconds of the whole, 0 without one.
    length: RwSignal<f64>,
    /// What is seen, in seconds.
    seen: RwSignal<(f64, f64)>,
    chosen: RwSignal<Option<(f64, f64)>>,
    picture: StoredValue<Picture, LocalStorage>,
    drawn: RwSignal<u32>,
    playing: RwSignal<bool>,
    again: RwSignal<bool>,
    computer: StoredValue<Option<Rc<Computer>>, LocalStorage>,
}

impl Viewer {
    fn new() -> Self {
        let viewer = Self {
            sound: StoredValue::new_local(None),
            length: RwSignal::new(0.0),
            seen: RwSignal::new((0.0, 1.0)),
            chosen: RwSignal::new(None),
            picture: StoredValue::new_local(Picture::default()),
            drawn: RwSignal::new(0),
            playing: RwSignal::new(false),
            again: RwSignal::new(false),
            computer: StoredValue::new_local(None),
        };
        let show = move |picture| {
            if viewer.picture.try_set_value(picture).is_none() {
                viewer.drawn.update(|drawn| *drawn = drawn.wrapping_add(1));
            }
        };
        viewer
            .computer
            .set_value(Computer::start(show).ok().map(Rc::new));
        on_cleanup(move || {
            sound::stop();
            viewer.computer.set_value(None);
        });
        viewer
    }

    fn open(self, sound: Sound) {
        let length = sound.buffer.duration();
        if let Some(computer) = self.computer.get_value() {
            computer.load(&sound.samples);
        }
        self.sound.set_value(Some(sound));
        self.chosen.set(None);
        self.length.set(length);
        self.seen.set((0.0, length));
    }

    fn close(self) {
        sound::stop();
        self.playing.set(false);
        self.sound.set_value(None);
        self.length.set(0.0);
    }

    /// Shows `span` seconds with second `at` staying where it is.
    fn zoom(self, factor: f64, at: f64) {
        let length = self.length.get_untracked();
        let (from, to) = self.seen.get_untracked();
        let span = ((to - from) * factor).clamp(SHORTEST.min(length), length);
        let share = ((at - from) / (to - from)).clamp(0.0, 1.0);
        let from = (at - span * share).clamp(0.0, length - span);
        self.seen.set((from, from + span));
    }

    fn shift(self, by: f64) {
        let length = self.length.get_untracked();
        let (from, to) = self.seen.get_untracked();
        let span = to - from;
        let from = (from + span * by).clamp(0.0, (length - span).max(0.0));
        self.seen.set((from, from + span));
    }

    fn toggle(self) {
        if self.playing.get_untracked() {
            sound::stop();
            self.playing.set(false);
            return;
        }
        let (from, to) = self
            .chosen
            .get_untracked()
            .unwrap_or_else(|| self.seen.get_untracked());
        let ended = move || {
            let _ = self.playing.try_set(false);
        };
        let started = self.sound.with_value(|sound| {
            sound
                .as_ref()
                .map(|own| sound::play(own, from, to, self.again.get_untracked(), ended))
        });
        self.playing.set(matches!(started, Some(Ok(()))));
    }
}

/// The panel.
#[component]
pub(super) fn ClipView(rows: Rows, document: Document) -> impl IntoView {
    let viewer = Viewer::new();
    let wrong = RwSignal::new(None::<String>);
    let facts = RwSignal::new(String::new());
    Effect::new(move || {
        viewer.close();
        wrong.set(None);
        facts.set(String::new());
        let Some(at) = rows.chosen.get() else { return };
        let Some(file) = rows.file(at) else {
            wrong.set(Some("The recording is not here. Drop it, or the folder that it lies in, and it can be seen and heard.".to_owned()));
            return;
        };
        spawn_local(async move {
            let decoded = sound::decode(&file).await;
            if rows.chosen.try_get_untracked() != Some(Some(at)) {
                return;
            }
            match decoded {
                Ok(sound) => {
                    facts.set(described(&sound));
                    viewer.open(sound);
                }
                Err(_) => wrong.set(Some(format!("`{}` is no recording that this browser can decode. The runner reads more formats.", file.name()))),
            }
        });
    });
    let title = move || {
        rows.chosen.get().map_or_else(
            || "No recording chosen".to_owned(),
            |at| rows.row(at).first().cloned().unwrap_or_default(),
        )
    };
    let fields = move || {
        let at = rows.chosen.get()?;
        let field = |(column, name): (usize, String)| {
            let id = format!("cell-{column}");
            view! {
                <div class="field">
                    <label for=id.clone()>{name}</label>
                    <input
                        id=id
                        type="text"
                        list=format!("values-{column}")
                        autocomplete="off"
                        prop:value=move || rows.row(at).get(column).cloned().unwrap_or_default()
                        on:change=move |event| rows.set(at, column, event_target_value(&event))
                    />
                </div>
            }
        };
        Some(
            rows.columns()
                .into_iter()
                .enumerate()
                .skip(1)
                .map(field)
                .collect_view(),
        )
    };
    view! {
        <section class="panel clip-view" aria-labelledby="clip-title">
            <div class="bar"><h2 id="clip-title" class="grow">{title}</h2><span class="soft">{move || facts.get()}</span></div>
            {move || wrong.get().map(|text| view! { <p class="hint"><Words text /></p> })}
            <Show when=move || viewer.length.get().gt(&0.0)><Canvases viewer document /></Show>
            <Show when=move || rows.chosen.get().is_none()><p class="hint">"Choose a row: click, or arrow keys in the table."</p></Show>
            <div class="cells">{fields}</div>
        </section>
    }
}

fn described(sound: &Sound) -> String {
    let buffer = &sound.buffer;
    let mut words = vec![format!("{:.2} s", buffer.duration())];
    if buffer.number_of_channels() > 1 {
        words.push(format!(
            "{} channels, mixed to one",
            buffer.number_of_channels()
        ));
    }
    if sound.peak == 0.0 {
        words.push("▲ silent".to_owned());
    } else if sound.peak >= 0.999 {
        words.push("▲ full scale reached".to_owned());
    }
    words.join(", ")
}

#[component]
fn Canvases(viewer: Viewer, document: Document) -> impl IntoView {
    let wave = NodeRef::<html::Canvas>::new();
    let spectrum = NodeRef::<html::Canvas>::new();
    let range = RwSignal::new(50.0);
    let highest = RwSignal::new(5000.0);
    let drag = RwSignal::new(None::<f64>);
    Effect::new(move || {
        let (from, to) = viewer.seen.get();
        let Some(canvas) = wave.get() else { return };
        let columns =
            (f64::from(canvas.client_width()) * window().device_pixel_ratio()).clamp(50.0, 2000.0);
        if let Some(computer) = viewer.computer.get_value() {
            computer.ask(from, to, columns as u32);
        }
    });
    Effect::new(move || {
        viewer.drawn.track();
        let look = Look {
            range: range.get(),
            highest: highest.get(),
        };
        let (Some(wave), Some(spectrum)) = (wave.get(), spectrum.get()) else {
            return;
        };
        viewer.picture.with_value(|picture| {
            let _ = draw::waveform(&wave, picture);
            let _ = draw::spectrogram(&spectrum, picture, look);
        });
    });
    let at = move |client_x: i32| {
        let canvas = wave.get_untracked()?;
        let place = canvas.get_bounding_client_rect();
        let share = ((f64::from(client_x) - place.left()) / place.width()).clamp(0.0, 1.0);
        let (from, to) = viewer.seen.get_untracked();
        Some(from + share * (to - from))
    };
    let wheel = move |event: ev::WheelEvent| {
        event.prevent_default();
        if event.shift_key() || event.delta_x().abs() > event.delta_y().abs() {
            viewer.shift((event.delta_x() + event.delta_y()).signum() * 0.1);
        } else if let Some(at) = at(event.client_x()) {
            viewer.zoom(if event.delta_y() < 0.0 { 0.8 } else { 1.25 }, at);
        }
    };
    let down = move |event: ev::PointerEvent| {
        if event.button() == 0 {
            drag.set(at(event.client_x()));
            viewer.chosen.set(None);
        }
    };
    let moved = move |event: ev::PointerEvent| {
        if let (Some(start), Some(here)) = (drag.get_untracked(), at(event.client_x()))
            && (start - here).abs() > 0.002
        {
            viewer.chosen.set(Some((start.min(here), start.max(here))));
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        let (from, to) = viewer.seen.get_untracked();
        let middle = viewer
            .chosen
            .get_untracked()
            .map_or((from + to) / 2.0, |(from, to)| (from + to) / 2.0);
        match event.key().as_str() {
            " " => viewer.toggle(),
            "+" | "=" => viewer.zoom(0.7, middle),
            "-" => viewer.zoom(1.4, middle),
            "0" => viewer.seen.set((0.0, viewer.length.get_untracked())),
            "ArrowLeft" => viewer.shift(-0.2),
            "ArrowRight" => viewer.shift(0.2),
            "Enter" => {
                if let Some(chosen) = viewer.chosen.get_untracked() {
                    viewer.seen.set(chosen);
                }
            }
            "l" => viewer.again.update(|again| *again = !*again),
            "Escape" => viewer.chosen.set(None),
            _ => return,
        }
        event.prevent_default();
    };
    let share = move |seconds: f64| {
        let (from, to) = viewer.seen.get();
        ((seconds - from) / (to - from) * 100.0).clamp(0.0, 100.0)
    };
    let selection = move || {
        viewer.chosen.get().map(|(from, to)| {
            let (left, right) = (share(from), share(to));
            view! { <div class="selection" style:left=format!("{left}%") style:width=format!("{}%", right - left)></div> }
        })
    };
    // What a model does not see: the rest behind `max_duration`, as `crop = head` has it.
    let beyond = move || {
        let most = document
            .setting("FINETUNE", "max_duration")?
            .value
            .parse::<f64>()
            .ok()?;
        let head = document
            .setting("FINETUNE", "crop")
            .is_none_or(|crop| crop.value == "head");
        (head && most < viewer.length.get()).then(|| {
            let left = share(most);
            view! { <div class="beyond" style:left=format!("{left}%") style:width=format!("{}%", 100.0 - left) title="Beyond max_duration: the model does not see this"></div> }
        })
    };
    let readout = move || {
        let (from, to) = viewer.seen.get();
        match viewer.chosen.get() {
            Some((a, b)) => format!("Selection {a:.3}–{b:.3} s, {:.0} ms", (b - a) * 1000.0),
            None => format!("{from:.2}–{to:.2} s"),
        }
    };
    let numbers = |signal: RwSignal<f64>| {
        move |event: ev::Event| signal.set(event_target_value(&event).parse().unwrap_or(50.0))
    };
    view! {
        <div
            class="sound"
            tabindex="0"
            role="group"
            aria-label="Waveform and spectrogram. Space plays, plus and minus zoom, arrows move, 0 shows all, l loops."
            on:wheel=wheel
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=move |_| drag.set(None)
            on:pointerleave=move |_| drag.set(None)
            on:keydown=keys
        >
            <canvas class="wave" node_ref=wave></canvas>
            <canvas class="spectrum" node_ref=spectrum></canvas>
            {beyond}
            {selection}
        </div>
        <div class="bar plain">
            <button type="button" class="small" on:click=move |_| viewer.toggle()>
                {move || if viewer.playing.get() { view! { <Icon shape=Shape::Stop />"Stop" } } else { view! { <Icon shape=Shape::Play />"Play" } }}
            </button>
            <button type="button" class="small" aria-pressed=move || viewer.again.get().to_string() on:click=move |_| viewer.again.update(|again| *again = !*again)>"Loop"</button>
            <span class="soft grow" role="status">{readout}</span>
            <label class="choice">
                "up to"
                <select on:change=numbers(highest)><option value="5000" selected>"5 kHz"</option><option value="3500">"3.5 kHz"</option><option value="2000">"2 kHz"</option></select>
            </label>
            <label class="choice">
                "range"
                <select on:change=numbers(range)><option value="50" selected>"50 dB"</option><option value="40">"40 dB"</option><option value="60">"60 dB"</option><option value="70">"70 dB"</option></select>
            </label>
        </div>
    }
}
