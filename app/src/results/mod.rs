//! The fourth place: what a run is worth, and which clips it got wrong.

mod compare;
mod confusion;
mod files;
mod groups;
mod predictions;
mod publish;
mod reliability;
mod scatter;

use crate::{
    backend::{Link, Trouble},
    runs::{Badge, Queue, Unknown},
    shell::Route,
    store,
    ui::{Empty, Shape, Sound, Tab, Tabs, Words, figure, interval, measure},
};
use compare::Compare;
use confusion::Matrix;
use files::Files;
use groups::Groups;
use leptos::{prelude::*, task::spawn_local};
use predictions::Clip;
use publish::Publish;
use reliability::Reliability;
use scatter::Scatter;
use shared::{
    config::{Mode, check},
    data::Part,
    files::Memory,
    protocol::{Artefact, JobState, Root},
    report::{Layout, Manifest, Summary},
};
use std::sync::Arc;

/// The place: of one run, of several side by side, or the choice of one.
#[component]
pub(crate) fn Results(ids: Vec<String>) -> impl IntoView {
    match ids.len() {
        0 => view! { <Choice /> }.into_any(),
        1 => {
            let id = ids.into_iter().next().unwrap_or_default();
            view! { <One id /> }.into_any()
        }
        _ => view! { <Compare ids /> }.into_any(),
    }
}

#[component]
fn Choice() -> impl IntoView {
    let queue = Queue::here();
    let content = move || {
        let Some(jobs) = queue.jobs.get() else {
            return view! { <Unknown /> }.into_any();
        };
        let done: Vec<_> = jobs
            .into_iter()
            .filter(|job| job.state == JobState::Finished || !job.metrics.is_empty())
            .collect();
        if done.is_empty() {
            return view! {
                <Empty shape=Shape::Results title="No results yet">
                    <p>"As soon as a run has been evaluated, its figures are here, with every clip that it got wrong."</p>
                    <div class="actions">
                        <a class="button primary" href=Route::Experiment.href()>"To the experiment"</a>
                        <a class="button" href=Route::Runs.href()>"To the runs"</a>
                    </div>
                </Empty>
            }
            .into_any();
        }
        let card = |job: shared::protocol::Job| {
            let href = Route::Results(vec![job.id.clone()]).href();
            let main = job
                .metrics
                .first()
                .map(|(name, value)| format!("{} {}", measure(name), figure(*value)));
            let state = job.state;
            view! {
                <li>
                    <a class="button card" href=href>
                        <strong>{job.name}</strong>
                        <span>{main}</span>
                        <Badge state=Signal::derive(move || state) />
                    </a>
                </li>
            }
        };
        view! { <ul class="cards choice-cards">{done.into_iter().map(card).collect_view()}</ul> }
            .into_any()
    };
    view! {
        <div class="place rows">
            <section class="panel grow" aria-labelledby="results-title">
                <div class="bar"><h2 id="results-title" class="grow">"Results"</h2></div>
                {content}
            </section>
        </div>
    }
}

/// All that is needed to show a job's results.
#[derive(Debug, Clone)]
struct Found {
    records: Vec<Manifest>,
    files: Vec<Artefact>,
    roots: Vec<Root>,
    /// What stands before the names of recordings in its tables.
    folders: Vec<String>,
}

impl Found {
    /// Where a clip can be heard.
    fn sound(&self, clip: &Clip) -> Option<Sound> {
        clip.sound(&Link::here().backend(), &self.roots, &self.folders)
    }
}

/// What is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    id: StoredValue<String>,
    run: RwSignal<usize>,
    part: RwSignal<Part>,
    found: StoredValue<Arc<Found>>,
    /// The clips of this run and part, as soon as they are here.
    clips: RwSignal<Option<Result<Arc<Vec<Clip>>, String>>>,
}

impl Look {
    fn record(self) -> Option<Manifest> {
        self.found
            .with_value(|found| found.records.get(self.run.get()).cloned())
    }

    fn summary(self) -> Option<Summary> {
        self.record()?.results.get(&self.part.get()).cloned()
    }

    /// Where the table of predictions of what is looked at is.
    fn table(self) -> Option<String> {
        let record = self.record()?;
        let experiment = check(&record.config.text, &Memory::default(), Mode::Text).experiment?;
        let path = Layout::new(&experiment).predictions(record.run, self.part.get());
        self.found.with_value(|found| {
            let is =
                |file: &&Artefact| file.path == path || file.path.ends_with(&format!("/{path}"));
            found.files.iter().find(is).map(|file| file.path.clone())
        })
    }
}

#[component]
fn One(id: String) -> impl IntoView {
    let link = Link::here();
    let found = RwSignal::new(None::<Result<Arc<Found>, Trouble>>);
    let open = Memo::new(move |_| link.is_open());
    let own = id.clone();
    Effect::new(move || {
        if !open.get() || found.with_untracked(Option::is_some) {
            return;
        }
        let (backend, id) = (link.backend(), own.clone());
        spawn_local(async move {
            let all = async {
                let records = backend.records(&id).await?.records;
                let files = backend.files(&id).await?.files;
                // Without them nothing can be heard, and all else can be seen.
                let roots = backend
                    .roots()
                    .await
                    .map(|roots| roots.roots)
                    .unwrap_or_default();
                let text = records
                    .first()
                    .map(|record| record.config.text.as_str())
                    .unwrap_or_default();
                let experiment = check(text, &Memory::default(), Mode::Text).experiment;
                let folders = experiment
                    .as_ref()
                    .map(predictions::folders)
                    .unwrap_or_default();
                Ok(Arc::new(Found {
                    records,
                    files,
                    roots,
                    folders,
                }))
            };
            let _ = found.try_set(Some(all.await));
        });
    });
    let run = StoredValue::new(Route::Run(id.clone()).href());
    move || {
        match found.get() {
        None => view! { <div class="place rows"><section class="panel grow"><Unknown /></section></div> }.into_any(),
        Some(Err(trouble)) => view! {
            <div class="place rows">
                <section class="panel grow">
                    <Empty shape=Shape::Results title="The results cannot be shown">
                        <p><Words text=trouble.to_string() /></p>
                        <div class="actions"><a class="button" href=Route::Results(Vec::new()).href()>"All results"</a></div>
                    </Empty>
                </section>
            </div>
        }
        .into_any(),
        Some(Ok(all)) if all.records.iter().all(|record| record.results.is_empty()) => view! {
            <div class="place rows">
                <section class="panel grow">
                    <Empty shape=Shape::Results title="This run has no results">
                        <p>"It ended before it was evaluated, or is still at work."</p>
                        <div class="actions"><a class="button primary" href=run.get_value()>"To the run"</a></div>
                    </Empty>
                </section>
            </div>
        }
        .into_any(),
        Some(Ok(all)) => view! { <Page id=id.clone() all /> }.into_any(),
    }
    }
}

#[component]
fn Page(id: String, all: Arc<Found>) -> impl IntoView {
    let link = Link::here();
    let first = all
        .records
        .iter()
        .position(|record| !record.results.is_empty())
        .unwrap_or(0);
    let parts: Vec<Part> = all.records[first].results.keys().copied().collect();
    let part = if parts.contains(&Part::Test) {
        Part::Test
    } else {
        parts.first().copied().unwrap_or(Part::Test)
    };
    let many = all.records.len();
    let name = all.records[first].name.clone();
    let look = Look {
        id: StoredValue::new(id),
        run: RwSignal::new(first),
        part: RwSignal::new(part),
        found: StoredValue::new(all),
        clips: RwSignal::new(None),
    };
    Effect::new(move || {
        let table = look.table();
        look.clips.set(None);
        let Some(path) = table else {
            look.clips.set(Some(Err(
                "The run has no table of predictions for this part.".to_owned(),
            )));
            return;
        };
        let (run, part, id) = (look.run.get(), look.part.get(), look.id.get_value());
        spawn_local(async move {
            let text = link.backend().file(&id, &path).await;
            let clips = text
                .map_err(|trouble| trouble.to_string())
                .and_then(|text| predictions::read(&text));
            // Another part may have been chosen in the meantime.
            if look.run.try_get_untracked() == Some(run)
                && look.part.try_get_untracked() == Some(part)
            {
                look.clips.set(Some(clips.map(Arc::new)));
            }
        });
    });
    let chosen = store::kept("results-tab", "Mistakes".to_owned());
    let sure = look
        .summary()
        .is_some_and(|summary| summary.calibration.is_some());
    let mut tabs = vec![
        Tab::new("Mistakes", move || {
            let classes = look
                .summary()
                .is_some_and(|summary| summary.confusion.is_some());
            if classes {
                view! { <Matrix look /> }.into_any()
            } else {
                view! { <Scatter look /> }.into_any()
            }
        }),
        Tab::new("Groups", move || view! { <Groups look /> }),
    ];
    if sure {
        tabs.push(Tab::new(
            "Reliability",
            move || view! { <Reliability look /> },
        ));
    }
    tabs.push(Tab::new("Files", move || view! { <Files look /> }));
    let part_button = move |part: Part| {
        view! {
            <button type="button" class="small" aria-pressed=move || (look.part.get() == part).to_string() on:click=move |_| look.part.set(part)>
                {part.word()}
            </button>
        }
    };
    let run_option =
        |run: usize| view! { <option value=run.to_string()>{format!("run {}", run + 1)}</option> };
    let pick_run = (many > 1).then(|| {
        view! {
            <label class="choice">
                "Run"
                <select prop:value=move || look.run.get().to_string() on:change=move |event| look.run.set(event_target_value(&event).parse().unwrap_or(0))>
                    {(0..many).map(run_option).collect_view()}
                </select>
            </label>
        }
    });
    view! {
        <div class="place rows results">
            <section class="panel" aria-labelledby="results-title">
                <div class="bar">
                    <h2 id="results-title">{name}</h2>
                    <span role="group" aria-label="Part" class="parts">{parts.into_iter().map(part_button).collect_view()}</span>
                    {pick_run}
                    <span class="grow"></span>
                    <a class="button small" href=move || Route::Try(Some(look.id.get_value())).href()>"Try it"</a>
                    <Publish look />
                    <a class="button small" href=move || Route::Run(look.id.get_value()).href()>"Curves and log"</a>
                    <a class="button small" href=move || link.backend().archive_address(&look.id.get_value()) download="">"Download all"</a>
                </div>
                <Headline look />
            </section>
            <Tabs label="Results" tabs chosen />
        </div>
    }
}

/// The figures, the usual one large.
#[component]
fn Headline(look: Look) -> impl IntoView {
    move || {
        let summary = look.summary()?;
        let item = |(at, (name, measured)): (usize, (&String, &shared::report::Measured))| {
            let clips = measured.low.zip(measured.high);
            let clips = clips.map(|(low, high)| interval(low, high));
            let speakers = measured
                .by_speaker
                .filter(|_| at == 0)
                .map(|both| interval(both.low, both.high));
            let speakers = speakers.map(|interval| view! { <span class="soft">{format!("{interval} with whole speakers drawn")}</span> });
            view! {
                <div class="figure" class:main=at == 0>
                    <dt>{measure(name)}</dt>
                    <dd>
                        <strong>{figure(measured.value)}</strong>
                        <span class="soft">{clips}</span>{speakers}
                    </dd>
                </div>
            }
        };
        let note = summary
            .note
            .clone()
            .map(|note| view! { <p class="hint warning-text">"▲ "<Words text=note /></p> });
        let size = format!(
            "{} clips of {} speakers. Intervals: 95 %, by bootstrap.",
            summary.n, summary.speakers
        );
        let size = if summary.speakers == 0 {
            format!("{} clips. Intervals: 95 %, by bootstrap.", summary.n)
        } else {
            size
        };
        Some(view! {
            <dl class="figures">{summary.metrics.iter().enumerate().map(item).collect_view()}</dl>
            <p class="soft under">{size}</p>
            {note}
        })
    }
}
