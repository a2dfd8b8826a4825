//! Several runs side by side, with a test of the difference.

use crate::{
    backend::{Link, Trouble},
    runs::{Queue, Unknown},
    shell::Route,
    ui::{Empty, Shape, Words, figure, measure},
};
use leptos::{prelude::*, task::spawn_local};
use shared::{
    protocol::CompareRequest,
    report::compare::{Comparison, Group, Pair},
};

/// The comparison of jobs.
#[component]
pub(super) fn Compare(ids: Vec<String>) -> impl IntoView {
    let link = Link::here();
    let found = RwSignal::new(None::<Result<Comparison, Trouble>>);
    let open = Memo::new(move |_| link.is_open());
    let jobs = ids.clone();
    Effect::new(move || {
        if !open.get() || found.with_untracked(Option::is_some) {
            return;
        }
        let request = CompareRequest {
            jobs: jobs.clone(),
            measure: None,
        };
        spawn_local(async move {
            let _ = found.try_set(Some(link.backend().compare(request).await));
        });
    });
    let queue = Queue::here();
    let links = ids.into_iter().map(|id| {
        let href = Route::Results(vec![id.clone()]).href();
        let name = move || {
            queue.jobs.with(|jobs| {
                jobs.iter()
                    .flatten()
                    .find(|job| job.id == id)
                    .map_or_else(|| id.clone(), |job| job.name.clone())
            })
        };
        view! { <a class="button small" href=href>{name}</a> }
    });
    let content = move || {
        match found.get() {
        None => view! { <Unknown /> }.into_any(),
        Some(Err(trouble)) => view! {
            <Empty shape=Shape::Results title="These runs cannot be compared">
                <p><Words text=trouble.to_string() /></p>
                <div class="actions"><a class="button" href=Route::Runs.href()>"Choose others"</a></div>
            </Empty>
        }
        .into_any(),
        Some(Ok(comparison)) => view! { <Table comparison /> }.into_any(),
    }
    };
    view! {
        <div class="place rows">
            <section class="panel grow" aria-labelledby="compare-title">
                <div class="bar"><h2 id="compare-title">"Comparison"</h2><span class="parts">{links.collect_view()}</span></div>
                <div class="scroll grouptables" tabindex="0" role="region" aria-label="Comparison">{content}</div>
            </section>
        </div>
    }
}

#[component]
fn Table(comparison: Comparison) -> impl IntoView {
    let best = comparison
        .groups
        .iter()
        .filter_map(|group| group.spread.mean)
        .fold(f64::NEG_INFINITY, f64::max);
    let larger = comparison.larger_is_better;
    let row = |group: &Group| {
        let values: Vec<String> = group
            .values
            .iter()
            .map(|value| format!("{value:.3}"))
            .collect();
        let leads = larger
            && group
                .spread
                .mean
                .is_some_and(|mean| (mean - best).abs() < 1e-12);
        view! {
            <tr>
                <th scope="row">{group.name.clone()}{leads.then_some(" ★")}</th>
                <td class="number">{figure(group.spread.mean)}</td>
                <td class="number">{figure(Some(group.median))}</td>
                <td class="soft">{values.join(", ")}</td>
                <td>{group.optimistic.then(|| view! { <span class="warning-text">"▲ chosen on test: flatters"</span> })}</td>
            </tr>
        }
    };
    let pair = |pair: &Pair| {
        let test = pair.outcome.map(|outcome| {
            let p = pair.p_corrected.unwrap_or(outcome.p);
            let words = if p < 0.05 {
                "differ"
            } else {
                "no difference shown"
            };
            format!("{}: p = {p:.4}, {words}", outcome.test.words())
        });
        let test = test.unwrap_or_else(|| {
            "too few repetitions for a test: set `runs` to 5 or more".to_owned()
        });
        view! {
            <tr>
                <th scope="row">{format!("{} – {}", pair.a, pair.b)}</th>
                <td class="number">{format!("{:+.3}", pair.difference).replace('-', "−")}</td>
                <td><Words text=test /></td>
            </tr>
        }
    };
    let overall = comparison.overall.map(|outcome| {
        view! { <p class="soft under">{format!("All together, {}: p = {:.4}", outcome.test.words(), outcome.p)}</p> }
    });
    let notes = comparison
        .notes
        .iter()
        .map(|note| view! { <li class="warning-text">"▲ "<Words text=note.clone() /></li> });
    view! {
        <h3>{format!("{} on {}", measure(&comparison.measure), comparison.part.word())}</h3>
        <table>
            <thead>
                <tr>
                    <th scope="col">"Experiment"</th>
                    <th scope="col" class="number">"Mean"</th>
                    <th scope="col" class="number">"Median"</th>
                    <th scope="col">"Each run"</th>
                    <th scope="col"><span class="unseen">"Remark"</span></th>
                </tr>
            </thead>
            <tbody>{comparison.groups.iter().map(row).collect_view()}</tbody>
        </table>
        <h3>"Differences"</h3>
        <table>
            <thead><tr><th scope="col">"Pair"</th><th scope="col" class="number">"Difference"</th><th scope="col">"Test"</th></tr></thead>
            <tbody>{comparison.pairs.iter().map(pair).collect_view()}</tbody>
        </table>
        {overall}
        <ul class="findings">{notes.collect_view()}</ul>
    }
}
