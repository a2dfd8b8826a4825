//! The confusion matrix, whose cells list their clips and play them.

use super::{Look, predictions::Clip};
use crate::{
    charts::{Exports, quoted},
    ui::{PlayButton, Player, Sound, Words, isolated},
};
use leptos::{html, prelude::*};
use std::fmt::Write as _;

/// Clips that are listed at once.
const LISTED: usize = 200;

/// A cell: true and predicted class.
type Cell = (String, String);

/// The matrix beside the clips of the chosen cell.
#[component]
pub(super) fn Matrix(look: Look) -> impl IntoView {
    let share = RwSignal::new(false);
    // The largest mistake, since mistakes are what one comes for.
    let cell = RwSignal::new(None::<Cell>);
    Effect::new(move || {
        cell.set(look.summary().and_then(|summary| {
            let counts = summary.confusion?;
            let mut worst = (0, None);
            for (truth, row) in counts.iter().enumerate() {
                for (said, n) in row.iter().enumerate() {
                    if truth != said && *n > worst.0 {
                        worst = (
                            *n,
                            Some((summary.labels[truth].clone(), summary.labels[said].clone())),
                        );
                    }
                }
            }
            worst.1
        }));
    });
    let table = move || {
        let summary = look.summary()?;
        let counts = summary.confusion?;
        let labels = summary.labels;
        let head = labels
            .iter()
            .map(|label| view! { <th scope="col">{label.clone()}</th> })
            .collect_view();
        let rows = labels.iter().zip(counts).map(|(truth, row)| {
            let all: u64 = row.iter().sum();
            let cells = labels.iter().zip(row).map(|(said, n)| {
                let own = (truth.clone(), said.clone());
                let here = own.clone();
                let right = truth == said;
                let part = n as f64 / all.max(1) as f64;
                let (is, taken) = (isolated(truth), isolated(said));
                let label = format!("{is} taken for {taken}: {n} clips, {:.0} % of {is}", part * 100.0);
                // Steps of a class, since the content security policy allows no styles in elements.
                let shade = format!("shade{}", (part * 10.0).round() as u32);
                view! {
                    <td>
                        <button
                            type="button"
                            class=format!("cell {shade}")
                            class:right=right
                            aria-label=label
                            aria-pressed=move || (cell.get().as_ref() == Some(&here)).to_string()
                            on:click=move |_| cell.set(Some(own.clone()))
                        >
                            {move || if share.get() { format!("{:.0} %", part * 100.0) } else { n.to_string() }}
                        </button>
                    </td>
                }
            });
            view! { <tr><th scope="row">{truth.clone()}</th>{cells.collect_view()}</tr> }
        });
        let rows = rows.collect_view();
        let span = labels.len();
        Some(view! {
            <table class="matrix">
                <thead>
                    <tr><td></td><th scope="colgroup" colspan=span class="axis">"predicted"</th></tr>
                    <tr><th scope="col" class="axis">"true"</th>{head}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        })
    };
    let host = NodeRef::<html::Div>::new();
    let csv = Callback::new(move |()| {
        let Some(summary) = look.summary() else {
            return String::new();
        };
        let labels: Vec<String> = summary.labels.iter().map(|label| quoted(label)).collect();
        let mut text = format!("truth,{}\n", labels.join(","));
        for (label, row) in labels.iter().zip(summary.confusion.unwrap_or_default()) {
            let row: Vec<String> = row.iter().map(ToString::to_string).collect();
            let _ = writeln!(text, "{label},{}", row.join(","));
        }
        text
    });
    view! {
        <div class="split">
            <div class="scroll">
                <div class="bar plain">
                    <p class="soft grow">"A cell lists its clips."</p>
                    <label class="choice"><input type="checkbox" bind:checked=share />"percent of each true class"</label>
                    <Exports host name=Signal::derive(|| "confusion".to_owned()) csv />
                </div>
                <div node_ref=host>{table}</div>
            </div>
            <Clips look cell />
        </div>
    }
}

#[component]
fn Clips(look: Look, cell: RwSignal<Option<Cell>>) -> impl IntoView {
    let player = Player::here();
    let chosen = Memo::new(move |_| {
        let cell = cell.get();
        let clips = look.clips.get();
        let Some(Ok(clips)) = clips else {
            return Vec::new();
        };
        let mut found: Vec<Clip> = match &cell {
            Some((truth, said)) => clips
                .iter()
                .filter(|clip| clip.truth == *truth && clip.predicted == *said)
                .cloned()
                .collect(),
            None => Vec::new(),
        };
        // The surest mistakes first: they are the ones to hear.
        shared::sorting::by(&mut found, |a, b| {
            b.probability
                .unwrap_or(0.0)
                .total_cmp(&a.probability.unwrap_or(0.0))
        });
        found
    });
    let title = move || match cell.get() {
        Some((truth, said)) if truth == said => {
            let truth = isolated(&truth);
            format!("{truth}, recognised: {} clips", chosen.with(Vec::len))
        }
        Some((truth, said)) => {
            let (truth, said) = (isolated(&truth), isolated(&said));
            format!("{truth} taken for {said}: {} clips", chosen.with(Vec::len))
        }
        None => "No mistakes".to_owned(),
    };
    let sounds = move || -> Vec<Sound> {
        look.found.with_value(|found| {
            chosen.with(|clips| clips.iter().filter_map(|clip| found.sound(clip)).collect())
        })
    };
    let sounds = Callback::new(move |()| sounds());
    let play_all = move |_| player.play(sounds.run(()));
    let items = move || {
        let found = look.found.get_value();
        chosen.with(|clips| {
            let item = |clip: &Clip| {
                let play = found.sound(clip).map(|sound| view! { <PlayButton sound /> });
                let sure = clip.probability.map(|probability| format!("{:.0} % sure", probability * 100.0));
                view! { <li>{play}<span class="grow name" title=clip.file.clone()>{clip.name()}</span><span class="soft">{sure}</span></li> }
            };
            let more = clips.len().saturating_sub(LISTED);
            let more = (more > 0).then(|| view! { <li class="soft">{format!("and {more} more: see the table of predictions under Files")}</li> });
            view! { {clips.iter().take(LISTED).map(item).collect_view()} {more} }
        })
    };
    let state = move || {
        match look.clips.get() {
        None => Some(view! { <p class="hint" role="status">"Asking for the predictions…"</p> }.into_any()),
        Some(Err(error)) => Some(view! { <p class="hint error-text"><Words text=error /></p> }.into_any()),
        Some(Ok(_)) if look.found.with_value(|found| found.roots.is_empty()) => {
            Some(view! { <p class="hint">"The runner shows no folder with recordings, so that they cannot be heard here."</p> }.into_any())
        }
        Some(Ok(_)) => None,
    }
    };
    view! {
        <section class="clips" aria-labelledby="clips-title">
            <div class="bar">
                <h3 id="clips-title" class="grow">{title}</h3>
                <Show when=move || player.playing.with(Option::is_some)>
                    <button type="button" class="small" on:click=move |_| player.stop()>"Stop"</button>
                </Show>
                <Show when=move || chosen.with(|clips| clips.len().ge(&2))>
                    <button type="button" class="small" on:click=play_all>"Play all"</button>
                </Show>
            </div>
            {state}
            <ol class="scroll cliplist">{items}</ol>
        </section>
    }
}
