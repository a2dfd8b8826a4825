//! One run: its state, its curves while it works, its log.

use super::{
    Action, Badge, Queue, act,
    come_over::ComeOver,
    list::{NoAnswer, Unknown, progress},
    live::Live,
};
use crate::{
    backend::{Link, Place, Stream, Told, Trouble, bring},
    charts::{LineChart, Series},
    experiment::Document,
    shell::{PickedDevice, Route, go},
    store,
    ui::{Empty, Shape, Tab, Tabs, Toaster, Words, bytes, clock, count, figure},
};
use gloo::timers::callback::Timeout;
use leptos::{prelude::*, task::spawn_local};
use shared::protocol::{CreateJob, Job, JobEvent, JobState, News};
use std::rc::Rc;

/// Shortest time between two drawings of the curves, in milliseconds.
const PICTURE: u32 = 100;

/// What is known of the job that is looked at.
#[derive(Clone, Copy)]
struct Watched {
    id: StoredValue<String>,
    job: RwSignal<Option<Job>>,
    trouble: RwSignal<Option<Trouble>>,
    live: StoredValue<Live>,
    /// Rises when `live` has something new to draw.
    version: RwSignal<u32>,
    connected: RwSignal<bool>,
    timer: StoredValue<Option<Timeout>, LocalStorage>,
    stream: StoredValue<Option<Stream>, LocalStorage>,
}

impl Watched {
    fn new(id: String) -> Self {
        let watched = Self {
            id: StoredValue::new(id),
            job: RwSignal::new(None),
            trouble: RwSignal::new(None),
            live: StoredValue::new(Live::default()),
            version: RwSignal::new(0),
            connected: RwSignal::new(true),
            timer: StoredValue::new_local(None),
            stream: StoredValue::new_local(None),
        };
        let link = Link::here();
        let open = Memo::new(move |_| link.is_open());
        Effect::new(move || {
            if open.get() && watched.stream.with_value(Option::is_none) {
                watched.load(link);
            }
        });
        on_cleanup(move || {
            watched.stream.set_value(None);
            watched.timer.set_value(None);
        });
        watched
    }

    fn load(self, link: Link) {
        let id = self.id.get_value();
        let listener = Rc::new(move |told| {
            if matches!(told, Told::Lost) {
                // What is lost here is lost everywhere on the page.
                link.ask();
            }
            self.hear(told);
        });
        self.stream
            .set_value(Some(link.backend().follow(&id, listener)));
        spawn_local(async move {
            match link.backend().job(&id).await {
                Ok(job) => self.job.set(Some(job)),
                Err(trouble) => self.trouble.set(Some(trouble)),
            }
        });
    }

    fn hear(self, told: Told<JobEvent>) {
        match told {
            Told::Open => self.connected.set(true),
            Told::Lost => self.connected.set(false),
            Told::Event(event) => match event.news {
                News::Run { run } => {
                    self.live.update_value(|live| live.hear(&event.time, *run));
                    self.draw_soon();
                }
                News::State { job } => self.put(*job),
            },
        }
    }

    /// Another state of the job; its text is told only once.
    fn put(self, mut job: Job) {
        self.job.update(|own| {
            if job.text.is_none() {
                job.text = own.as_mut().and_then(|own| own.text.take());
            }
            *own = Some(job);
        });
    }

    fn draw_soon(self) {
        if self.timer.with_value(Option::is_none) {
            let timer = Timeout::new(PICTURE, move || {
                let _ = self.timer.try_set_value(None);
                let _ = self
                    .version
                    .try_update(|version| *version = version.wrapping_add(1));
            });
            self.timer.set_value(Some(timer));
        }
    }

    fn lines(self, read: fn(&Live) -> Vec<Series>) -> Signal<Vec<Series>> {
        Signal::derive(move || {
            self.version.track();
            self.live.with_value(read)
        })
    }
}

/// The page of a run.
#[component]
pub(crate) fn RunPage(id: String) -> impl IntoView {
    let watched = Watched::new(id.clone());
    let queue = Queue::here();
    // Progress comes with the queue's news, more often than changes of state.
    let own = id.clone();
    Effect::new(move || {
        let news = queue
            .jobs
            .with(|jobs| jobs.iter().flatten().find(|job| job.id == own).cloned());
        if let Some(job) = news {
            watched.put(job);
        }
    });
    let known = Memo::new(move |_| watched.job.with(Option::is_some));
    move || {
        if known.get() {
            return view! { <Page watched /> }.into_any();
        }
        let trouble = watched.trouble.get();
        view! {
            <div class="place rows">
                <section class="panel grow">
                    {match trouble {
                        Some(trouble) => view! {
                            <Empty shape=Shape::Runs title="This run cannot be shown">
                                <p><Words text=trouble.to_string() /></p>
                                <div class="actions"><a class="button" href=Route::Runs.href()>"All runs"</a></div>
                            </Empty>
                        }
                        .into_any(),
                        None => view! { <Unknown /> }.into_any(),
                    }}
                </section>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Page(watched: Watched) -> impl IntoView {
    let job = watched.job;
    let get =
        move |read: fn(&Job) -> String| job.with(|job| job.as_ref().map(read).unwrap_or_default());
    let state = Signal::derive(move || {
        job.with(|job| job.as_ref().map_or(JobState::Queued, |job| job.state))
    });
    let failure = move || {
        let failure = job.with(|job| job.as_ref().and_then(|job| job.failure.clone()))?;
        Some(view! {
            <div class="notice error" role="alert">
                <p>
                    <strong><Words text=failure.message /></strong>
                    {failure.advice.map(|advice| view! { " " <Words text=advice /> })}
                </p>
            </div>
        })
    };
    // The events know it better than the job, whose news are changes of its state.
    let reached = move || {
        watched.version.track();
        let told = watched.live.with_value(|live| live.progress.clone());
        let mut job = job.get().filter(|job| job.failure.is_none())?;
        job.progress = told.or(job.progress);
        Some(progress(&job))
    };
    let name = Signal::derive(move || get(|job| job.name.clone()));
    let measure = Memo::new(move |_| {
        watched.version.track();
        watched.live.with_value(|live| live.measure().0)
    });
    let measured = move || {
        let title = measure.get();
        let title = if title.is_empty() {
            "Measure".to_owned()
        } else {
            crate::ui::measure(&title)
        };
        let file = Signal::derive(move || format!("{}-measure", name.get()));
        view! { <LineChart title across="epoch" series=watched.lines(|live| live.measure().1) name=file /> }
    };
    let file = move |what: &'static str| Signal::derive(move || format!("{}-{what}", name.get()));
    let chosen = store::kept("run-tab", "Course".to_owned());
    let tabs = vec![
        Tab::new("Course", move || view! { <Notes watched /> }),
        Tab::new("Log", move || view! { <Log watched /> }),
        Tab::new("Experiment", move || {
            view! {
                <div class="scroll" tabindex="0" role="region" aria-label="Text of the experiment">
                    <pre class="source">{move || get(|job| job.text.clone().unwrap_or_default())}</pre>
                </div>
            }
        }),
    ];
    view! {
        <div class="place run" data-steps=move || { watched.version.track(); watched.live.with_value(Live::steps) }>
            <div class="head">
                <section class="panel" aria-labelledby="run-title">
                    <div class="bar">
                        <h2 id="run-title">{move || get(|job| job.name.clone())}</h2>
                        <Badge state />
                        <span class="soft grow">{move || get(|job| format!("begun {}", clock(job.started.as_deref().unwrap_or(&job.created))))}</span>
                        <Commands watched state />
                    </div>
                    <div class="runprogress">{reached}</div>
                    <Facts watched />
                </section>
                {failure}
                <Show when=move || !watched.connected.get()><NoAnswer /></Show>
            </div>
            <section class="panel curves" aria-label="Curves">
                <LineChart title="Loss" across="epoch" series=watched.lines(Live::loss) name=file("loss") />
                {measured}
                <LineChart title="Learning rate" across="epoch" series=watched.lines(Live::rate) name=file("learning-rate") />
                <LineChart title="Speed" across="epoch" series=watched.lines(Live::speed) name=file("speed") />
                <LineChart title="Memory" across="epoch" series=watched.lines(Live::memory) name=file("memory") />
            </section>
            <Tabs label="About the run" tabs chosen />
        </div>
    }
}

#[component]
fn Commands(watched: Watched, state: Signal<JobState>) -> impl IntoView {
    let id = move || watched.id.get_value();
    let document = expect_context::<Document>();
    let (toaster, link, queue) = (Toaster::here(), Link::here(), Queue::here());
    let device = PickedDevice::here();
    let paused = link.backend().paused().map(Signal::from);
    let pause = paused.map(|paused: Signal<bool>| {
        let toggle = move |_| link.backend().pause(!paused.get_untracked());
        view! {
            <Show when=move || state.get() == JobState::Running>
                <Show when=move || paused.get()><span class="soft" role="status">"Paused"</span></Show>
                <button type="button" id="pause" on:click=toggle>{move || if paused.get() { "Go on" } else { "Pause" }}</button>
            </Show>
        }
    });
    let carried = RwSignal::new(None::<(f64, f64)>);
    let hand_over = move |_| {
        carried.set(Some((0.0, 0.0)));
        spawn_local(async move {
            let handed = async {
                let runner = link.runner();
                // Before anything is packed.
                runner.session().await?;
                let parcel = link.tab().parcel(&watched.id.get_value()).await?;
                let told = move |done, all| {
                    let _ = carried.try_set(Some((done, all)));
                };
                bring(&*runner, parcel, &told).await
            };
            match handed.await {
                Ok(job) => {
                    toaster.say("The runner goes on with it. What is here stays.");
                    link.pick(Place::Runner);
                    go(&Route::Run(job.id));
                }
                Err(trouble) => toaster.fail(trouble.to_string()),
            }
            let _ = carried.try_set(None);
        });
    };
    let in_tab = move || link.place.get() == Place::Tab;
    let edit = move |_| {
        let found = watched.job.with_untracked(|job| {
            job.as_ref()
                .and_then(|job| Some((job.name.clone(), job.text.clone()?)))
        });
        if let Some((name, text)) = found {
            document.open(&format!("{name}.ini"), &text);
            toaster.say(format!(
                "The experiment of `{name}` is in the editor. Undo brings back what was there."
            ));
            go(&Route::Experiment);
        }
    };
    let again = move |_| {
        let text = watched
            .job
            .with_untracked(|job| job.as_ref().and_then(|job| job.text.clone()));
        let Some(text) = text else { return };
        spawn_local(async move {
            match link
                .backend()
                .train(CreateJob {
                    text,
                    device: device.now(link),
                    ..CreateJob::default()
                })
                .await
            {
                Ok(job) => {
                    let id = job.id.clone();
                    queue.put(job);
                    go(&Route::Run(id));
                }
                Err(trouble) => toaster.fail(trouble.to_string()),
            }
        });
    };
    let sure = RwSignal::new(false);
    let delete = move |_| {
        if sure.get_untracked() {
            act(Action::Delete, id(), || go(&Route::Runs));
        } else {
            sure.set(true);
        }
    };
    view! {
        {pause}
        <Show when=move || matches!(state.get(), JobState::Queued | JobState::Running)>
            <button type="button" on:click=move |_| act(Action::Cancel, id(), || ())>"Cancel"</button>
        </Show>
        <Show when=move || matches!(state.get(), JobState::Cancelled | JobState::Failed)>
            <button type="button" class="primary" on:click=move |_| act(Action::Resume, id(), || ())>"Resume"</button>
        </Show>
        <Show when=move || in_tab() && matches!(state.get(), JobState::Cancelled | JobState::Failed)>
            <button type="button" id="hand-over" title="Recordings, model and checkpoints are sent to the runner of this page" disabled=move || carried.with(Option::is_some) on:click=hand_over>
                {move || match carried.get() {
                    Some((done, all)) => format!("{} of {}", bytes(done as u64), bytes(all as u64)),
                    None => "Continue on the runner".to_owned(),
                }}
            </button>
        </Show>
        <ComeOver id=watched.id state />
        <Show when=move || state.get() == JobState::Finished>
            <a class="button primary" href=move || Route::Results(vec![id()]).href()>"Results"</a>
        </Show>
        <button type="button" on:click=again>"Run again"</button>
        <button type="button" on:click=edit>"Edit a copy"</button>
        <Show when=move || state.get().is_final()>
            <button type="button" class="danger" on:click=delete>{move || if sure.get() { "Delete for good" } else { "Delete" }}</button>
        </Show>
    }
}

#[component]
fn Facts(watched: Watched) -> impl IntoView {
    move || {
        watched.version.track();
        let (device, parameters, clips, finals) = watched.live.with_value(|live| {
            (
                live.device.clone(),
                live.parameters,
                live.clips.clone(),
                live.finals.clone(),
            )
        });
        let parameters = parameters.map(|(all, trained)| {
            view! { <dt>"Parameters"</dt><dd>{format!("{}, {} of them trained", count(all as u64), count(trained as u64))}</dd> }
        });
        let clips = (!clips.is_empty()).then(|| {
            let parts: Vec<String> = clips
                .iter()
                .map(|(part, clips)| format!("{} {clips}", part.word()))
                .collect();
            view! { <dt>"Clips"</dt><dd>{parts.join(", ")}</dd> }
        });
        let device = (!device.is_empty()).then(|| view! { <dt>"Device"</dt><dd>{device}</dd> });
        let finals = finals.into_iter().map(|last| {
            let (name, measured) = last.metrics.first().map(|(name, measured)| (crate::ui::measure(name), *measured)).unwrap_or_default();
            let interval = measured.low.zip(measured.high).map(|(low, high)| format!(" ({})", crate::ui::interval(low, high))).unwrap_or_default();
            let note = last.note.map(|note| view! { <span class="warning-text">{format!(" {note}")}</span> });
            view! {
                <dt>{format!("{name}, {}, run {}", last.part.word(), last.run + 1)}</dt>
                <dd><strong>{figure(measured.value)}</strong>{format!("{interval}, {} clips", last.utterances)}{note}</dd>
            }
        });
        view! { <dl class="facts runfacts">{device}{parameters}{clips}{finals.collect_view()}</dl> }
    }
}

#[component]
fn Notes(watched: Watched) -> impl IntoView {
    let items = move || {
        watched.version.track();
        let notes = watched.live.with_value(|live| live.notes.clone());
        let item = |(time, text, warning): (String, String, bool)| {
            view! {
                <li class:warning=warning>
                    <time class="soft">{clock(&time)}</time>
                    <span>{warning.then_some("▲ ")}<Words text /></span>
                </li>
            }
        };
        notes.into_iter().rev().map(item).collect_view()
    };
    view! { <ol class="scroll notes" tabindex="0" aria-label="What happened, newest first">{items}</ol> }
}

#[component]
fn Log(watched: Watched) -> impl IntoView {
    let text = RwSignal::new(None::<Result<String, String>>);
    let link = Link::here();
    let load = move || {
        let id = watched.id.get_value();
        spawn_local(async move {
            let log = link
                .backend()
                .log(&id)
                .await
                .map_err(|trouble| trouble.to_string());
            let _ = text.try_set(Some(log));
        });
    };
    load();
    let content = move || match text.get() {
        None => view! { <p class="hint">"Asking for the log…"</p> }.into_any(),
        Some(Ok(log)) if log.is_empty() => {
            view! { <p class="hint">"Its process has written nothing."</p> }.into_any()
        }
        Some(Ok(log)) => view! { <pre class="source">{log}</pre> }.into_any(),
        Some(Err(error)) => {
            view! { <p class="hint error-text"><Words text=error /></p> }.into_any()
        }
    };
    view! {
        <div>
            <div class="bar"><p class="soft grow">"What its process wrote."</p><button type="button" class="small" on:click=move |_| load()>"Read again"</button></div>
            <div class="scroll" tabindex="0" role="region" aria-label="Log">{content}</div>
        </div>
    }
}
