//! What a regression said against what is true; each point plays its clip.

use super::Look;
use crate::{
    charts::{Exports, label, quoted, ticks},
    ui::{Player, Words},
};
use leptos::{html, prelude::*};
use std::fmt::Write as _;

const SIZE: f64 = 420.0;
const EDGE: f64 = 44.0;

/// The chart.
#[component]
pub(super) fn Scatter(look: Look) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    let player = Player::here();
    let heard = RwSignal::new(String::new());
    let drawn = move || {
        let Some(Ok(clips)) = look.clips.get() else {
            return ().into_any();
        };
        let points: Vec<(f64, f64, usize)> = clips
            .iter()
            .enumerate()
            .filter_map(|(at, clip)| {
                Some((clip.truth.parse().ok()?, clip.predicted.parse().ok()?, at))
            })
            .collect();
        let all = || points.iter().flat_map(|(truth, said, _)| [*truth, *said]);
        let (low, high) = (
            all().fold(f64::INFINITY, f64::min),
            all().fold(f64::NEG_INFINITY, f64::max),
        );
        if !low.is_finite() {
            return view! { <text x=EDGE y=SIZE / 2.0>"no labelled clips"</text> }.into_any();
        }
        let room = ((high - low) * 0.05).max(1e-6);
        let (low, high) = (low - room, high + room);
        let across = move |value: f64| EDGE + (value - low) / (high - low) * (SIZE - EDGE - 8.0);
        let down =
            move |value: f64| SIZE - EDGE - (value - low) / (high - low) * (SIZE - EDGE - 8.0);
        let grid = ticks(low, high, 5).into_iter().map(|tick| {
            let text = label(tick, high - low);
            view! {
                <line class="grid" x1=across(tick) x2=across(tick) y1=8.0 y2=SIZE - EDGE />
                <line class="grid" x1=EDGE x2=SIZE - 8.0 y1=down(tick) y2=down(tick) />
                <text class="tick" x=across(tick) y=SIZE - EDGE + 16.0 text-anchor="middle">{text.clone()}</text>
                <text class="tick" x=EDGE - 6.0 y=down(tick) + 4.0 text-anchor="end">{text}</text>
            }
        });
        let dots = points.iter().map(|&(truth, said, at)| {
            let own = clips[at].clone();
            let name = format!("{}: true {truth:.3}, predicted {said:.3}", own.name());
            let title = name.clone();
            let play = move |_| {
                heard.set(name.clone());
                let sound = look.found.with_value(|found| found.sound(&own));
                if let Some(sound) = sound {
                    player.play([sound]);
                }
            };
            view! { <circle class="dot-clip" cx=across(truth) cy=down(said) r="4" on:click=play><title>{title}</title></circle> }
        });
        view! {
            {grid.collect_view()}
            <line class="diagonal" x1=across(low) y1=down(low) x2=across(high) y2=down(high) />
            <g class="s1 dots">{dots.collect_view()}</g>
            <text x=SIZE / 2.0 y=SIZE - 6.0 text-anchor="middle">"true"</text>
            <text x="12" y=SIZE / 2.0 text-anchor="middle" transform=format!("rotate(-90 12 {})", SIZE / 2.0)>"predicted"</text>
        }
        .into_any()
    };
    let csv = Callback::new(move |()| {
        let mut text = "file,truth,predicted\n".to_owned();
        if let Some(Ok(clips)) = look.clips.get_untracked() {
            for clip in clips.iter() {
                let file = quoted(&clip.file);
                let _ = writeln!(text, "{file},{},{}", clip.truth, clip.predicted);
            }
        }
        text
    });
    let state = move || match look.clips.get() {
        None => Some(
            view! { <p class="hint" role="status">"Asking for the predictions…"</p> }.into_any(),
        ),
        Some(Err(error)) => {
            Some(view! { <p class="hint error-text"><Words text=error /></p> }.into_any())
        }
        Some(Ok(_)) => None,
    };
    // The furthest off first, for those who use no pointer and for those who look for the worst.
    let worst = move || {
        let Some(Ok(clips)) = look.clips.get() else {
            return Vec::new();
        };
        let off = |clip: &super::Clip| {
            Some((clip.truth.parse::<f64>().ok()? - clip.predicted.parse::<f64>().ok()?).abs())
        };
        let mut all: Vec<(f64, super::Clip)> = clips
            .iter()
            .filter_map(|clip| Some((off(clip)?, clip.clone())))
            .collect();
        shared::sorting::by(&mut all, |a, b| b.0.total_cmp(&a.0));
        all.truncate(100);
        let item = |(off, clip): (f64, super::Clip)| {
            let sound = look.found.with_value(|found| found.sound(&clip));
            let play = sound.map(|sound| view! { <crate::ui::PlayButton sound /> });
            view! { <li>{play}<span class="grow name">{clip.name()}</span><span class="soft">{format!("off by {off:.3}")}</span></li> }
        };
        all.into_iter().map(item).collect::<Vec<_>>()
    };
    view! {
        <div class="split">
            <div class="scroll">
                <div class="bar plain">
                    <p class="soft grow" role="status">{move || if heard.with(String::is_empty) { "A point plays its clip.".to_owned() } else { heard.get() }}</p>
                    <Exports host name=Signal::derive(|| "scatter".to_owned()) csv />
                </div>
                {state}
                <div node_ref=host class="scatter"><svg class="chart" viewBox=format!("0 0 {SIZE} {SIZE}") role="img" aria-label="True against predicted values">{drawn}</svg></div>
            </div>
            <section class="clips" aria-labelledby="clips-title">
                <div class="bar"><h3 id="clips-title" class="grow">"Furthest off"</h3></div>
                <ol class="scroll cliplist">{worst}</ol>
            </section>
        </div>
    }
}
