//! Waveform and spectrogram, to be listened to, zoomed, measured.

use super::{
    crop, draw,
    viewer::{Look, Viewer},
};
use crate::{
    browser,
    experiment::Document,
    ui::{Icon, Shape},
};
use leptos::{ev, html, prelude::*};
use wasm_bindgen::{JsCast, prelude::Closure};

/// Shortest stretch that counts as selected, in seconds.
const LEAST: f64 = 0.002;

/// The two pictures with what lies over them, and their commands.
#[component]
pub(super) fn Canvases(viewer: Viewer, document: Document) -> impl IntoView {
    let wave = NodeRef::<html::Canvas>::new();
    let spectrum = NodeRef::<html::Canvas>::new();
    // Where a selection began, and where the pointer is: second and Hz.
    let drag = RwSignal::new(None::<f64>);
    let pointed = RwSignal::new(None::<(f64, Option<f64>)>);
    Effect::new(move || {
        let Some(canvas) = wave.get() else { return };
        let fit = move || {
            let Some(canvas) = wave.get_untracked() else {
                return;
            };
            let columns = f64::from(canvas.client_width()) * window().device_pixel_ratio();
            viewer.resize(columns.clamp(50.0, 1600.0) as u32);
        };
        browser::on_resize(&canvas, fit);
    });
    Effect::new(move || {
        viewer.drawn.track();
        let range = viewer.look.with(|look| look.range);
        let (Some(wave), Some(spectrum)) = (wave.get(), spectrum.get()) else {
            return;
        };
        viewer.picture.with_value(|picture| {
            let _ = draw::waveform(&wave, picture);
            let _ = draw::spectrogram(&spectrum, picture, range);
        });
    });
    // Drawn anew where day becomes night.
    if let Ok(Some(night)) = window().match_media("(prefers-color-scheme: dark)") {
        let redraw = Closure::<dyn Fn()>::new(move || {
            viewer.drawn.update(|drawn| *drawn = drawn.wrapping_add(1))
        });
        night.set_onchange(Some(redraw.as_ref().unchecked_ref()));
        let kept = StoredValue::new_local((night, redraw));
        on_cleanup(move || kept.with_value(|(night, _)| night.set_onchange(None)));
    }
    let at = move |client_x: i32| {
        let place = wave.get_untracked()?.get_bounding_client_rect();
        let share = ((f64::from(client_x) - place.left()) / place.width()).clamp(0.0, 1.0);
        let (from, to) = viewer.seen.get_untracked();
        Some(from + share * (to - from))
    };
    let hertz = move |client_y: i32| {
        let place = spectrum.get_untracked()?.get_bounding_client_rect();
        let share = (place.bottom() - f64::from(client_y)) / place.height();
        (0.0..=1.0)
            .contains(&share)
            .then(|| share * viewer.look.get_untracked().highest)
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
            viewer.selected.set(None);
            let held = event
                .current_target()
                .and_then(|it| it.dyn_into::<web_sys::Element>().ok());
            if let Some(held) = held {
                let _ = held.set_pointer_capture(event.pointer_id());
            }
        }
    };
    let moved = move |event: ev::PointerEvent| {
        let here = at(event.client_x());
        pointed.set(here.map(|here| (here, hertz(event.client_y()))));
        if let (Some(start), Some(here)) = (drag.get_untracked(), here)
            && (start - here).abs() > LEAST
        {
            viewer
                .selected
                .set(Some((start.min(here), start.max(here))));
        }
    };
    let share = move |seconds: f64| {
        let (from, to) = viewer.seen.get();
        ((seconds - from) / (to - from) * 100.0).clamp(0.0, 100.0)
    };
    let over = move |class: &'static str, from: f64, to: f64| {
        let (left, right) = (share(from), share(to));
        (right > left).then(|| view! { <div class=class style:left=format!("{left}%") style:width=format!("{}%", right - left)></div> })
    };
    let selection = move || {
        viewer
            .selected
            .get()
            .map(|(from, to)| over("selection", from, to))
    };
    let length = move || {
        viewer
            .found
            .with(|found| found.as_ref().map_or(0.0, |found| found.seconds))
    };
    let model = Memo::new(move |_| crop::seen(document, viewer.stretch.get(), length()));
    let unseen = move || {
        let model = model.get();
        model
            .unseen
            .into_iter()
            .map(|(from, to)| over("beyond", from, to))
            .collect_view()
    };
    let cursor = move || {
        let at = viewer.heard.get()?;
        let (from, to) = viewer.seen.get();
        (from <= at && at <= to)
            .then(|| view! { <div class="cursor" style:left=format!("{}%", share(at))></div> })
    };
    let ticks = move || {
        let (from, to) = viewer.seen.get();
        ticks(from, to)
            .into_iter()
            .map(|(at, text)| view! { <span style:left=format!("{}%", share(at))>{text}</span> })
            .collect_view()
    };
    let readout = move || {
        if let Some((a, b)) = viewer.selected.get() {
            return format!("{a:.3}–{b:.3} s: {:.0} ms", (b - a) * 1000.0);
        }
        match pointed.get() {
            Some((at, Some(hertz))) => format!("{at:.3} s, {hertz:.0} Hz"),
            Some((at, None)) => format!("{at:.3} s"),
            None => {
                let (from, to) = viewer.seen.get();
                format!("{from:.2}–{to:.2} s")
            }
        }
    };
    // Until there is another picture, the old one is moved and stretched to where it belongs.
    let stretched = move || {
        viewer.drawn.track();
        let (from, to) = viewer.seen.get();
        let (first, last) = viewer.picture.with_value(|picture| picture.seen);
        let span = to - from;
        format!(
            "translateX({}%) scaleX({})",
            (first - from) / span * 100.0,
            (last - first) / span
        )
    };
    let far = move || {
        viewer.drawn.track();
        let empty = viewer
            .picture
            .with_value(|picture| picture.levels.is_empty() && !picture.min.is_empty());
        empty.then(|| view! { <p class="far soft">"Zoom in to less than two minutes to see the spectrogram."</p> })
    };
    let partly = move || {
        let share = viewer.share.get();
        (share < 1.0)
            .then(|| view! { <progress max="1" value=share aria-label="Decoded"></progress> })
    };
    view! {
        {partly}
        <div
            class="sound"
            tabindex="0"
            role="group"
            aria-label="Waveform and spectrogram. Space plays, plus and minus zoom, arrows move, Shift and arrows select, Enter shows the selection, 0 shows all, l loops, Escape selects nothing."
            on:wheel=wheel
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=move |_| drag.set(None)
            on:pointercancel=move |_| drag.set(None)
            on:pointerleave=move |_| pointed.set(None)
            on:dblclick=move |_| { if let Some((from, to)) = viewer.selected.get_untracked() { viewer.show(from, to) } }
            on:keydown=move |event| keys(viewer, &event)
        >
            <canvas class="wave" node_ref=wave style:transform=stretched></canvas>
            <canvas class="spectrum" node_ref=spectrum style:transform=stretched></canvas>
            <span class="hertz upper">{move || format!("{} Hz", viewer.look.get().highest)}</span>
            <span class="hertz lower">"0 Hz"</span>
            {far}
            {unseen}
            {selection}
            {cursor}
        </div>
        <div class="ticks" aria-hidden="true">{ticks}</div>
        <div class="bar plain">
            <button type="button" class="small" on:click=move |_| viewer.toggle()>
                {move || if viewer.playing.get() { view! { <Icon shape=Shape::Stop />"Stop" } } else { view! { <Icon shape=Shape::Play />"Play" } }}
            </button>
            <button type="button" class="small" aria-pressed=move || viewer.again.get().to_string() on:click=move |_| viewer.again.update(|again| *again = !*again)>"Loop"</button>
            <button type="button" class="small" aria-label="Zoom in" on:click=move |_| zoom(viewer, 0.6)><Icon shape=Shape::Add /></button>
            <button type="button" class="small" aria-label="Zoom out" on:click=move |_| zoom(viewer, 1.6)><Icon shape=Shape::Less /></button>
            <button type="button" class="small" on:click=move |_| viewer.show_all()>"All"</button>
            <span class="soft grow readout" role="status">{readout}</span>
        </div>
        <Settings viewer />
        {move || model.with(|model| model.words.clone()).map(|words| view! { <p class="hint tight">{words}</p> })}
    }
}

/// Praat's settings of the spectrogram.
#[component]
fn Settings(viewer: Viewer) -> impl IntoView {
    let choice = move |label: &'static str,
                       values: &'static [(f64, &'static str)],
                       get: fn(&mut Look) -> &mut f64| {
        let option = move |&(value, text): &(f64, &'static str)| {
            let here = move || viewer.look.with(|look| *get(&mut look.clone()) == value);
            view! { <option value=value.to_string() selected=here>{text}</option> }
        };
        let pick = move |event| {
            if let Ok(value) = event_target_value(&event).parse() {
                viewer.look.update(|look| *get(look) = value);
                viewer.draw();
            }
        };
        view! {
            <label class="choice">{label}<select on:change=pick>{values.iter().map(option).collect_view()}</select></label>
        }
    };
    view! {
        <div class="bar plain tight" role="group" aria-label="Spectrogram settings">
            {choice("window", &[(0.003, "3 ms"), (0.005, "5 ms (broad band)"), (0.01, "10 ms"), (0.02, "20 ms"), (0.03, "30 ms (narrow band)")], |look| &mut look.window)}
            {choice("up to", &[(2_000.0, "2 kHz"), (3_500.0, "3.5 kHz"), (5_000.0, "5 kHz"), (8_000.0, "8 kHz")], |look| &mut look.highest)}
            {choice("dynamic range", &[(30.0, "30 dB"), (40.0, "40 dB"), (50.0, "50 dB"), (60.0, "60 dB"), (70.0, "70 dB")], |look| &mut look.range)}
        </div>
    }
}

/// The middle of the selection, or else of what is seen.
fn middle(viewer: Viewer) -> f64 {
    let (from, to) = viewer
        .selected
        .get_untracked()
        .unwrap_or_else(|| viewer.seen.get_untracked());
    (from + to) / 2.0
}

fn zoom(viewer: Viewer, factor: f64) {
    viewer.zoom(factor, middle(viewer));
}

fn keys(viewer: Viewer, event: &ev::KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let select = |by: f64| {
        let (from, to) = viewer.seen.get_untracked();
        let step = (to - from) * by;
        let (a, b) = viewer
            .selected
            .get_untracked()
            .unwrap_or((middle(viewer), middle(viewer)));
        let b = (b + step).clamp(from, to);
        viewer.selected.set((b - a > LEAST).then_some((a, b)));
    };
    match event.key().as_str() {
        " " => viewer.toggle(),
        "+" | "=" => zoom(viewer, 0.7),
        "-" => zoom(viewer, 1.4),
        "0" => viewer.show_all(),
        "ArrowLeft" if event.shift_key() => select(-0.02),
        "ArrowRight" if event.shift_key() => select(0.02),
        "ArrowLeft" => viewer.shift(-0.2),
        "ArrowRight" => viewer.shift(0.2),
        "Home" => viewer.shift(-1e6),
        "End" => viewer.shift(1e6),
        "Enter" => {
            if let Some((from, to)) = viewer.selected.get_untracked() {
                viewer.show(from, to);
            }
        }
        "l" => viewer.again.update(|again| *again = !*again),
        "Escape" => viewer.selected.set(None),
        _ => return,
    }
    event.prevent_default();
}

/// Times at which the axis has a mark, about six of them, with their texts.
fn ticks(from: f64, to: f64) -> Vec<(f64, String)> {
    let rough = ((to - from) / 6.0).max(1e-4);
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|times| times * power)
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    let digits = (-step.log10().floor()).max(0.0) as usize;
    let first = (from / step).ceil() as i64;
    let last = (to / step).floor() as i64;
    (first..=last)
        .map(|n| (n as f64 * step, format!("{:.digits$}", n as f64 * step)))
        .collect()
}
