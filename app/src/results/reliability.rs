//! Whether a model's probabilities are what they say: the share that came true against what was said.

use super::Look;
use crate::charts::{Exports, label, ticks};
use leptos::{html, prelude::*};
use shared::report::metrics::{Calibration, CalibrationBin};
use std::fmt::Write as _;

const SIZE: f64 = 420.0;
const EDGE: f64 = 44.0;
/// Least radius of a point, and what is added for all clips.
const RADIUS: (f64, f64) = (3.0, 14.0);

/// The chart, with its numbers beside it.
#[component]
pub(super) fn Reliability(look: Look) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    let found = move || look.summary().and_then(|summary| summary.calibration);
    let csv = Callback::new(move |()| {
        let mut text = "from,to,clips,right,confidence,accuracy\n".to_owned();
        for bin in found().into_iter().flat_map(|found| found.bins) {
            let CalibrationBin {
                from,
                to,
                n,
                right,
                confidence,
                accuracy,
            } = bin;
            let _ = writeln!(text, "{from},{to},{n},{right},{confidence},{accuracy}");
        }
        text
    });
    let row = |bin: &CalibrationBin| {
        view! {
            <tr>
                <th scope="row">{format!("{:.0} to {:.0} %", bin.from * 100.0, bin.to * 100.0)}</th>
                <td class="number">{bin.n}</td>
                <td class="number">{format!("{:.0} %", bin.confidence * 100.0)}</td>
                <td class="number">{format!("{:.0} %", bin.accuracy * 100.0)}</td>
            </tr>
        }
    };
    move || {
        let Some(found) = found() else {
            return view! { <p class="hint">"This part has no probabilities to look at."</p> }
                .into_any();
        };
        let rows = found.bins.iter().map(row).collect_view();
        let words = format!(
            "Of the clips of which the model was so sure, so many were right: on the line it says what is so, below it it is \
             too sure of itself. Expected calibration error {:.3}, Brier score {:.3}.",
            found.ece, found.brier
        );
        view! {
            <div class="split">
                <div class="scroll">
                    <div class="bar plain">
                        <p class="soft grow">"Larger points stand for more clips."</p>
                        <Exports host name=Signal::derive(|| "reliability".to_owned()) csv />
                    </div>
                    <div node_ref=host class="scatter">
                        <svg class="chart" viewBox=format!("0 0 {SIZE} {SIZE}") role="img" aria-label="Share of right clips against the probability that was said">
                            {drawn(&found)}
                        </svg>
                    </div>
                </div>
                <section class="clips" aria-labelledby="bins-title">
                    <div class="bar"><h3 id="bins-title" class="grow">"By probability"</h3></div>
                    <div class="scroll" tabindex="0" role="region" aria-labelledby="bins-title">
                        <table class="dense">
                            <thead>
                                <tr>
                                    <th scope="col">"Probability"</th>
                                    <th scope="col" class="number">"Clips"</th>
                                    <th scope="col" class="number">"Said"</th>
                                    <th scope="col" class="number">"Right"</th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                        <p class="hint">{words}</p>
                    </div>
                </section>
            </div>
        }
        .into_any()
    }
}

fn drawn(found: &Calibration) -> impl IntoView + use<> {
    let across = |value: f64| EDGE + value * (SIZE - EDGE - 8.0);
    let down = |value: f64| SIZE - EDGE - value * (SIZE - EDGE - 8.0);
    let grid = ticks(0.0, 1.0, 5).into_iter().map(|tick| {
        let text = label(tick, 1.0);
        view! {
            <line class="grid" x1=across(tick) x2=across(tick) y1=8.0 y2=SIZE - EDGE />
            <line class="grid" x1=EDGE x2=SIZE - 8.0 y1=down(tick) y2=down(tick) />
            <text class="tick" x=across(tick) y=SIZE - EDGE + 16.0 text-anchor="middle">{text.clone()}</text>
            <text class="tick" x=EDGE - 6.0 y=down(tick) + 4.0 text-anchor="end">{text}</text>
        }
    });
    let all: u64 = found.bins.iter().map(|bin| bin.n).sum();
    let dots = found.bins.iter().map(|bin| {
        let share = bin.n as f64 / all.max(1) as f64;
        let title = format!(
            "said {:.0} %, right {:.0} % of {} clips",
            bin.confidence * 100.0,
            bin.accuracy * 100.0,
            bin.n
        );
        // The area is the number of clips.
        let radius = RADIUS.0 + RADIUS.1 * share.sqrt();
        view! { <circle cx=across(bin.confidence) cy=down(bin.accuracy) r=radius><title>{title}</title></circle> }
    });
    let mut line = String::new();
    for (at, bin) in found.bins.iter().enumerate() {
        let pen = if at == 0 { 'M' } else { 'L' };
        let _ = write!(
            line,
            "{pen}{:.1} {:.1}",
            across(bin.confidence),
            down(bin.accuracy)
        );
    }
    view! {
        {grid.collect_view()}
        <line class="diagonal" x1=across(0.0) y1=down(0.0) x2=across(1.0) y2=down(1.0) />
        <g class="series s1 dots"><path d=line />{dots.collect_view()}</g>
        <text x=SIZE / 2.0 y=SIZE - 6.0 text-anchor="middle">"probability that was said"</text>
        <text x="12" y=SIZE / 2.0 text-anchor="middle" transform=format!("rotate(-90 12 {})", SIZE / 2.0)>"share that was right"</text>
    }
}
