//! Models for this tab that lie elsewhere: those of the runner's runs.

use super::Outside;
use crate::{
    backend::{Carrying, Link, ModelFolder, model_folders, take_model},
    experiment::Document,
    ui::{Toaster, Words, bytes, clock},
};
use leptos::{prelude::*, task::spawn_local};
use shared::protocol::{Job, JobState};
use std::rc::Rc;

/// Lets the experiment begin with the model at `path`.
pub(super) fn begin_with(document: Document, toaster: Toaster, path: &str) {
    match document.set_written("FINETUNE", "pretrained_model", path) {
        Ok(()) => toaster.say("The experiment begins with this model now. Undo takes it back."),
        Err(error) => toaster.fail(error),
    }
}

/// The models of the runner's runs, which are asked for when somebody wants them.
#[component]
pub(super) fn RunnersModels() -> impl IntoView {
    let (link, toaster) = (Link::here(), Toaster::here());
    let document = expect_context::<Document>();
    let coming = Outside::here().coming;
    let jobs = RwSignal::new(None::<Vec<Job>>);
    let chosen = RwSignal::new(String::new());
    let folders = RwSignal::new(Vec::<ModelFolder>::new());
    let folder = RwSignal::new(0_usize);
    let wrong = RwSignal::new(None::<String>);
    let choose = move |id: String| {
        chosen.set(id.clone());
        folders.set(Vec::new());
        folder.set(0);
        spawn_local(async move {
            match model_folders(&*link.runner(), &id).await {
                Ok(found) if chosen.try_get_untracked() == Some(id) => {
                    wrong.set(
                        found
                            .is_empty()
                            .then(|| "This run has no model.".to_owned()),
                    );
                    folders.set(found);
                }
                Ok(_) => {}
                Err(trouble) => {
                    let _ = wrong.try_set(Some(trouble.to_string()));
                }
            }
        });
    };
    let look = move |_| {
        wrong.set(None);
        spawn_local(async move {
            match link.runner().jobs().await {
                Ok(found) => {
                    let finished = found.jobs.into_iter();
                    let finished: Vec<Job> = finished
                        .filter(|job| job.state == JobState::Finished)
                        .collect();
                    let first = finished.first().map(|job| job.id.clone());
                    if jobs.try_set(Some(finished)).is_none()
                        && let Some(first) = first
                    {
                        choose(first);
                    }
                }
                Err(trouble) => {
                    let _ = wrong.try_set(Some(trouble.to_string()));
                }
            }
        });
    };
    let take = move |_| {
        let job = jobs.with_untracked(|jobs| {
            let mut jobs = jobs.iter().flatten();
            jobs.find(|job| job.id == chosen.get_untracked()).cloned()
        });
        let from = folders.with_untracked(|all| all.get(folder.get_untracked()).cloned());
        let Some((job, from)) = job.zip(from) else {
            return;
        };
        wrong.set(None);
        let told: Carrying = Rc::new(move |done, all| coming.set(Some((done, all))));
        spawn_local(async move {
            let taken = take_model(&*link.runner(), &*link.tab(), &job, &from, told).await;
            coming.set(None);
            match taken {
                Ok(dataset) => begin_with(document, toaster, &dataset.path),
                Err(trouble) => toaster.fail(trouble.to_string()),
            }
        });
    };
    let size = move || folders.with(|all| all.get(folder.get()).map(ModelFolder::bytes));
    let several = move || folders.with(|all| all.len() > 1);
    let listed = move || {
        let all = jobs.get()?;
        if all.is_empty() {
            return Some(
                view! { <p class="hint">"No run of the runner has finished."</p> }.into_any(),
            );
        }
        let option = |job: Job| {
            let text = format!(
                "{}, {}",
                job.name,
                clock(job.ended.as_deref().unwrap_or(&job.created))
            );
            view! { <option value=job.id>{text}</option> }
        };
        let names = move || {
            let option = |(at, folder): (usize, &ModelFolder)| {
                view! { <option value=at.to_string()>{folder.path.clone()}</option> }
            };
            folders.with(|all| all.iter().enumerate().map(option).collect_view())
        };
        Some(view! {
            <select id="runner-model" aria-label="Runs with a model" on:change=move |event| choose(event_target_value(&event))>
                {all.into_iter().map(option).collect_view()}
            </select>
            <Show when=several>
                <select aria-label="Which of its models" on:change=move |event| folder.set(event_target_value(&event).parse().unwrap_or(0))>{names}</select>
            </Show>
            <button type="button" id="take-model" disabled=move || size().is_none() || coming.with(Option::is_some) on:click=take>
                {move || match size() { Some(size) => format!("Take this model, {}", bytes(size)), None => "Take this model".to_owned() }}
            </button>
        }
        .into_any())
    };
    view! {
        <div class="actions">
            <button type="button" class="small" id="runner-models" on:click=look>"Models of the runner\u{2026}"</button>
            {listed}
            {move || coming.get().map(|(done, all)| view! {
                <progress max="1" value=done / all.max(1.0) aria-label="Fetched"></progress>
                <p class="soft" role="status">{format!("{} of {}", bytes(done as u64), bytes(all as u64))}</p>
            })}
            {move || wrong.get().map(|text| view! { <p class="hint error-text" role="alert"><Words text /></p> })}
        </div>
    }
}
