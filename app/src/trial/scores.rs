//! What a model says of one stretch.

use super::reading::Reading;
use crate::ui::figure;
use leptos::prelude::*;

/// The classes with their probabilities as bars, in the model's order; of a regression its value.
#[component]
pub(super) fn Scores(
    /// What was said last.
    #[prop(into)]
    reading: Signal<Option<Reading>>,
    /// What stands here before anything was said.
    empty: &'static str,
) -> impl IntoView {
    let names = Memo::new(move |_| {
        reading.with(|reading| {
            let names = |reading: &Reading| {
                let scores = reading.scores.iter();
                scores.map(|(name, _)| name.clone()).collect::<Vec<_>>()
            };
            reading.as_ref().map(names).unwrap_or_default()
        })
    });
    let value = move |name: &str| {
        reading.with(|reading| reading.as_ref().and_then(|reading| reading.score(name)))
    };
    let bar = move |name: String| {
        let (own, label, said) = (name.clone(), name.clone(), name.clone());
        let best = move || {
            reading.with(|reading| {
                reading
                    .as_ref()
                    .is_some_and(|reading| reading.predicted == said)
            })
        };
        let share = name.clone();
        view! {
            <li class:best=best>
                <span class="name">{name}</span>
                <progress max="1" value=move || value(&own).unwrap_or(0.0) aria-label=label></progress>
                <span class="number">{move || value(&share).map(|share| format!("{:.0} %", share * 100.0))}</span>
            </li>
        }
    };
    let is_classes = move || {
        reading.with(|reading| {
            reading
                .as_ref()
                .is_some_and(|reading| reading.score(&reading.predicted).is_some())
        })
    };
    move || {
        let names = names.get();
        match names.as_slice() {
            [] => view! { <p class="hint">{empty}</p> }.into_any(),
            // A regression has a value, or several by name, and no classes.
            [only] if only == "value" => {
                view! { <p class="reading">{move || figure(value("value"))}</p> }.into_any()
            }
            several if !is_classes() => {
                let row = |name: &String| {
                    let own = name.clone();
                    view! { <dt>{name.clone()}</dt><dd>{move || figure(value(&own))}</dd> }
                };
                view! { <dl class="facts reading-facts">{several.iter().map(row).collect_view()}</dl> }
                    .into_any()
            }
            _ => view! { <ul class="scores">{names.into_iter().map(bar).collect_view()}</ul> }
                .into_any(),
        }
    }
}
