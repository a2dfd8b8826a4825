//! Figures of each class, speaker, sex.

use super::Look;
use crate::ui::{figure, interval as interval_words, measure};
use leptos::prelude::*;
use shared::report::GroupRow;

/// The tables.
#[component]
pub(super) fn Groups(look: Look) -> impl IntoView {
    let classes = move || {
        let summary = look.summary()?;
        let row = |class: &shared::report::ClassRow| {
            let scores = class.scores;
            view! {
                <tr>
                    <th scope="row">{class.label.clone()}</th>
                    <td><Meter value=scores.recall /></td>
                    <td class="number">{figure(scores.precision)}</td>
                    <td class="number">{figure(scores.f1)}</td>
                    <td class="number">{scores.support}</td>
                </tr>
            }
        };
        (!summary.classes.is_empty()).then(|| {
            view! {
                <h3>"Classes"</h3>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Class"</th>
                            <th scope="col">"Recall"</th>
                            <th scope="col" class="number">"Precision"</th>
                            <th scope="col" class="number">"F1"</th>
                            <th scope="col" class="number">"Clips"</th>
                        </tr>
                    </thead>
                    <tbody>{summary.classes.iter().map(row).collect_view()}</tbody>
                </table>
            }
        })
    };
    let groups = move || {
        let summary = look.summary()?;
        let table = |(by, rows): (&String, &Vec<GroupRow>)| {
            let measure = rows
                .first()
                .and_then(|row| row.main().map(|(name, _)| measure(name)))
                .unwrap_or_default();
            let mut rows = rows.clone();
            // The worst first: whom the model serves badly.
            shared::sorting::by(&mut rows, |a, b| value(a).total_cmp(&value(b)));
            let row = |row: &GroupRow| {
                let interval = row.by_speaker.or(row.interval);
                let interval = interval.map(|both| interval_words(both.low, both.high));
                view! {
                    <tr>
                        <th scope="row">{row.name.clone()}</th>
                        <td><Meter value=row.main().and_then(|(_, value)| value) /></td>
                        <td class="soft number">{interval}</td>
                        <td class="number">{row.n}</td>
                    </tr>
                }
            };
            view! {
                <h3>{format!("By {by}")}</h3>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{by.clone()}</th>
                            <th scope="col">{measure}</th>
                            <th scope="col" class="number">"95 % interval"</th>
                            <th scope="col" class="number">"Clips"</th>
                        </tr>
                    </thead>
                    <tbody>{rows.iter().map(row).collect_view()}</tbody>
                </table>
            }
        };
        Some(summary.groups.iter().map(table).collect_view())
    };
    view! { <div class="scroll grouptables" tabindex="0" role="region" aria-label="Figures by group">{classes} {groups}</div> }
}

fn value(row: &GroupRow) -> f64 {
    row.main()
        .and_then(|(_, value)| value)
        .unwrap_or(f64::INFINITY)
}

/// A figure from 0 to 1 with a bar.
#[component]
fn Meter(value: Option<f64>) -> impl IntoView {
    view! {
        <span class="meter">
            <svg width="80" height="8" aria-hidden="true">
                <rect class="back" width="80" height="8" />
                <rect class="fill" width=value.unwrap_or(0.0).clamp(0.0, 1.0) * 80.0 height="8" />
            </svg>
            <span class="number">{figure(value)}</span>
        </span>
    }
}
