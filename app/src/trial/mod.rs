//! The fifth place: a trained model hears a recording, or the microphone.

mod live;
mod reading;
mod recording;
mod scores;

use crate::{
    runs::{Queue, Unknown},
    shell::{Route, go},
    ui::{Empty, Shape, figure, measure},
};
use leptos::prelude::*;
use live::Microphone;
use recording::Recording;
use shared::protocol::{Job, JobState};

/// The place; `id` is the job whose model hears.
#[component]
pub(crate) fn Trial(id: Option<String>) -> impl IntoView {
    let queue = Queue::here();
    let models = Memo::new(move |_| {
        queue.jobs.with(|jobs| {
            let done = |job: &&Job| job.state == JobState::Finished;
            let model = |job: &Job| (job.id.clone(), title(job));
            jobs.as_ref()
                .map(|jobs| jobs.iter().filter(done).map(model).collect::<Vec<_>>())
        })
    });
    // Without a run in the address it is the newest of now: one that finishes later takes nothing away.
    let chosen = StoredValue::new(id);
    let state = Memo::new(move |_| {
        models.with(|models| match models {
            None => State::Unknown,
            Some(models) => {
                let Some((newest, _)) = models.first() else {
                    return State::None;
                };
                let id = chosen
                    .try_update_value(|id| id.get_or_insert_with(|| newest.clone()).clone())
                    .unwrap_or_default();
                if models.iter().any(|(own, _)| *own == id) {
                    State::Ready(id)
                } else {
                    State::Missing
                }
            }
        })
    });
    move || {
        match state.get() {
            State::Unknown => view! { <Frame><Unknown /></Frame> }.into_any(),
            State::None => view! {
                <Frame>
                    <Empty shape=Shape::Try title="No trained model yet">
                        <p>"As soon as a run has finished, its model can be tried here, with a recording or the microphone."</p>
                        <div class="actions">
                            <a class="button primary" href=Route::Experiment.href()>"To the experiment"</a>
                            <a class="button" href=Route::Runs.href()>"To the runs"</a>
                        </div>
                    </Empty>
                </Frame>
            }
            .into_any(),
            State::Missing => view! {
                <Frame>
                    <Empty shape=Shape::Try title="This run has no model to try">
                        <p>"It has not finished, or it was deleted."</p>
                        <div class="actions"><a class="button primary" href=Route::Try(None).href()>"The newest model"</a></div>
                    </Empty>
                </Frame>
            }
            .into_any(),
            State::Ready(chosen) => view! { <Bench models chosen /> }.into_any(),
        }
    }
}

/// What there is to try.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// It is not known yet, or there is no runner.
    Unknown,
    /// No run has finished.
    None,
    /// The run that is asked for has no model.
    Missing,
    /// The model of this run.
    Ready(String),
}

/// The panel of a place with nothing to try.
#[component]
fn Frame(children: Children) -> impl IntoView {
    view! {
        <div class="place rows">
            <section class="panel grow" aria-labelledby="try-title">
                <div class="bar"><h2 id="try-title" class="grow">"Try"</h2></div>
                {children()}
            </section>
        </div>
    }
}

#[component]
fn Bench(models: Memo<Option<Vec<(String, String)>>>, chosen: String) -> impl IntoView {
    let id = StoredValue::new(chosen);
    let option = move |(own, title): (String, String)| {
        let here = id.with_value(|id| *id == own);
        view! { <option value=own selected=here>{title}</option> }
    };
    let options = move || {
        let models = models.get().unwrap_or_default();
        models.into_iter().map(option).collect_view()
    };
    let pick = move |event| go(&Route::Try(Some(event_target_value(&event))));
    view! {
        <div class="place trial">
            <section class="panel head" aria-labelledby="try-title">
                <div class="bar">
                    <h2 id="try-title">"Try"</h2>
                    <label class="soft" for="try-model">"Model of"</label>
                    <select id="try-model" class="grow" on:change=pick>{options}</select>
                    <a class="button small" href=move || Route::Results(vec![id.get_value()]).href()>"Results"</a>
                </div>
            </section>
            <Microphone job=id />
            <Recording job=id />
        </div>
    }
}

/// A job as a choice: its name and what it reached.
fn title(job: &Job) -> String {
    let reached = job
        .metrics
        .first()
        .map_or_else(String::new, |(name, value)| {
            format!(", {} {}", measure(name), figure(*value))
        });
    format!("{}{reached}", job.name)
}
