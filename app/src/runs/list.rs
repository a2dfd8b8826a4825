//! Queue and history.

use super::{Action, Badge, Queue, act, shift};
use crate::{
    backend::{Link, State},
    shell::Route,
    ui::{Empty, Shape, Words, clock, duration, figure, measure},
};
use gloo::timers::callback::Interval;
use leptos::prelude::*;
use shared::protocol::{Job, JobState};

/// How often the progress of runs is asked for, in milliseconds.
const REFRESH: u32 = 2000;

/// The place.
#[component]
pub(crate) fn RunList() -> impl IntoView {
    let queue = Queue::here();
    let link = Link::here();
    let chosen = RwSignal::new(Vec::<String>::new());
    // News of the queue are changes of states; how far a run is has to be asked for.
    let timer = StoredValue::new_local(Some(Interval::new(REFRESH, move || {
        let active = queue
            .jobs
            .with_untracked(|jobs| jobs.iter().flatten().any(|job| job.state.is_active()));
        if active && !document().hidden() {
            queue.refresh(link);
        }
    })));
    on_cleanup(move || timer.set_value(None));
    let content = move || {
        match queue.jobs.get() {
        Some(jobs) if jobs.is_empty() => view! {
            <Empty shape=Shape::Runs title="No runs yet">
                <p>"Check the experiment and press Train: it appears here and can be followed from anywhere."</p>
                <div class="actions"><a class="button primary" href=Route::Experiment.href()>"To the experiment"</a></div>
            </Empty>
        }
        .into_any(),
        Some(_) => view! { <Table chosen /> }.into_any(),
        None => view! { <Unknown /> }.into_any(),
    }
    };
    let compare = move || Route::Results(chosen.get()).href();
    let lost = move || link.state.get() == State::Lost && queue.jobs.with(Option::is_some);
    view! {
        <div class="place rows">
            <Show when=lost><NoAnswer /></Show>
            <section class="panel grow" aria-labelledby="runs-title">
                <div class="bar">
                    <h2 id="runs-title" class="grow">"Runs"</h2>
                    <Show when=move || chosen.with(|ids| ids.len().ge(&2))>
                        <a class="button" href=compare>{move || format!("Compare {} runs", chosen.with(Vec::len))}</a>
                    </Show>
                </div>
                {content}
            </section>
        </div>
    }
}

/// The connection was lost.
#[component]
pub(crate) fn NoAnswer() -> impl IntoView {
    view! {
        <div class="notice error" role="alert">
            <p>
                <strong>"The runner does not answer. "</strong>
                "Jobs that were at work go on without this page; it connects again by itself. If the runner was stopped, start it with "
                <code>"voxtune serve"</code>"."
            </p>
            <button type="button" on:click=move |_| Link::here().ask()>"Try now"</button>
        </div>
    }
}

/// Nothing is known of jobs: there is no runner, or it does not let one in.
#[component]
pub(crate) fn Unknown() -> impl IntoView {
    let link = Link::here();
    let queue = Queue::here();
    move || {
        match link.state.get() {
        State::Asking | State::Here(..) => match queue.trouble.get() {
            Some(trouble) => view! {
                <Empty shape=Shape::Runs title="The runs cannot be shown">
                    <p><Words text=trouble.to_string() /></p>
                    <div class="actions"><button type="button" on:click=move |_| queue.load(link)>"Try again"</button></div>
                </Empty>
            }
            .into_any(),
            None => view! { <p class="hint" role="status">"Asking the runner…"</p> }.into_any(),
        },
        State::Locked => view! {
            <Empty shape=Shape::Runs title="The runner wants a token">
                <p>"Open the address that "<code>"voxtune serve"</code>" printed when it started, or enter its token: the button at the top right opens a field for it."</p>
            </Empty>
        }
        .into_any(),
        State::Lost | State::None => view! {
            <Empty shape=Shape::Runs title="No runner here">
                <p>
                    "This page was opened without a runner. Start one on the machine that trains, with "
                    <code>"voxtune serve"</code>
                    ", and open the address that it prints. What is in the editor stays here."
                </p>
                <div class="actions"><button type="button" on:click=move |_| link.ask()>"Try again"</button></div>
            </Empty>
        }
        .into_any(),
    }
    }
}

#[component]
fn Table(chosen: RwSignal<Vec<String>>) -> impl IntoView {
    let queue = Queue::here();
    let ids = Memo::new(move |_| {
        queue.jobs.with(|jobs| {
            jobs.iter()
                .flatten()
                .map(|job| job.id.clone())
                .collect::<Vec<_>>()
        })
    });
    let row = move |id: String| {
        let job = Memo::new(move |_| {
            queue
                .jobs
                .with(|jobs| jobs.iter().flatten().find(|job| job.id == id).cloned())
        });
        move || {
            job.with(Option::is_some)
                .then(|| view! { <Row job chosen /> })
        }
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Runs">
            <table class="runs">
                <thead>
                    <tr>
                        <th scope="col"><span class="unseen">"Compare"</span></th>
                        <th scope="col">"Name"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Progress"</th>
                        <th scope="col" class="number">"Figure"</th>
                        <th scope="col">"Begun"</th>
                        <th scope="col"><span class="unseen">"Commands"</span></th>
                    </tr>
                </thead>
                <tbody><For each=move || ids.get() key=Clone::clone children=row /></tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(job: Memo<Option<Job>>, chosen: RwSignal<Vec<String>>) -> impl IntoView {
    let get =
        move |read: fn(&Job) -> String| job.with(|job| job.as_ref().map(read).unwrap_or_default());
    let id = StoredValue::new(
        job.with_untracked(|job| job.as_ref().map(|job| job.id.clone()).unwrap_or_default()),
    );
    let state = Signal::derive(move || {
        job.with(|job| job.as_ref().map_or(JobState::Queued, |job| job.state))
    });
    let picked = move || chosen.with(|chosen| chosen.contains(&id.get_value()));
    let pick = move |_| {
        let id = id.get_value();
        chosen.update(|chosen| {
            if chosen.contains(&id) {
                chosen.retain(|other| *other != id);
            } else {
                chosen.push(id);
            }
        });
    };
    let commands = move || {
        let command = |name: &'static str, action: Action| {
            let label = format!("{name} {}", get(|job| job.name.clone()));
            view! { <button type="button" class="small" aria-label=label on:click=move |_| act(action, id.get_value(), || ())>{name}</button> }
        };
        let step = |sign: &'static str, up: bool| {
            let way = if up { "up" } else { "down" };
            let label = format!("Move {} {way}", get(|job| job.name.clone()));
            view! { <button type="button" class="small" aria-label=label title=format!("One place {way} in the queue") on:click=move |_| shift(id.get_value(), up)>{sign}</button> }
        };
        match state.get() {
            JobState::Queued => {
                view! { {step("↑", true)} {step("↓", false)} {command("Cancel", Action::Cancel)} }.into_any()
            }
            JobState::Running => command("Cancel", Action::Cancel).into_any(),
            JobState::Cancelled | JobState::Failed => command("Resume", Action::Resume).into_any(),
            JobState::Finished => {
                view! { <a class="button small" href=move || Route::Results(vec![id.get_value()]).href()>"Results"</a> }.into_any()
            }
            JobState::Cancelling => ().into_any(),
        }
    };
    view! {
        <tr>
            <td>
                <input type="checkbox" prop:checked=picked on:change=pick aria-label=move || format!("Compare {}", get(|job| job.name.clone())) />
            </td>
            <td class="name"><a href=move || Route::Run(id.get_value()).href()>{move || get(|job| job.name.clone())}</a></td>
            <td><Badge state /></td>
            <td class="progress">{move || job.with(|job| job.as_ref().map(progress))}</td>
            <td class="number">{move || get(main_figure)}</td>
            <td class="soft">{move || get(|job| clock(job.started.as_deref().unwrap_or(&job.created)))}</td>
            <td class="commands">{commands}</td>
        </tr>
    }
}

/// The first of a job's figures with its name.
fn main_figure(job: &Job) -> String {
    job.metrics
        .first()
        .map_or_else(String::new, |(name, value)| {
            format!("{} {}", measure(name), figure(*value))
        })
}

/// How far a job is: a bar with words.
pub(crate) fn progress(job: &Job) -> AnyView {
    if let Some(failure) = &job.failure {
        return view! { <span class="error-text clip">{failure.message.clone()}</span> }.into_any();
    }
    if let Some(position) = job.position {
        let text = match position {
            1 => "next".to_owned(),
            _ => format!("place {position} in the queue"),
        };
        return view! { <span class="soft">{text}</span> }.into_any();
    }
    let Some(progress) = &job.progress else {
        return ().into_any();
    };
    if job.state.is_final() {
        return view! { <span class="soft">{format!("{:.0} of {} epochs", progress.epoch, progress.epochs)}</span> }.into_any();
    }
    let per_run = progress.step as f64 / progress.steps.max(1) as f64;
    let done = (f64::from(progress.run) + per_run) / f64::from(progress.runs.max(1));
    let left = progress
        .seconds_left
        .map(|seconds| format!(", {} left", duration(seconds)))
        .unwrap_or_default();
    let text = format!("epoch {:.1} of {}{left}", progress.epoch, progress.epochs);
    view! {
        <progress max="1" value=done aria-label="Progress"></progress>
        <span class="soft">{text}</span>
    }
    .into_any()
}
