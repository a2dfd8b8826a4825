//! The jobs of this tab: what the browser keeps of them, and what happens to them.

use crate::backend::{Listener, Told};
use js_sys::Date;
use keep::Folder;
use shared::protocol::{
    Change, Failure, Job, JobEvent, JobState, News, Progress, QueueEvent, QueueNews,
    tab::{EVENTS, TimedEvent},
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};
use wasm_bindgen::JsValue;

/// The record of a job in its folder.
const RECORD: &str = "job.json";

/// Why a job failed whose page is gone.
const CUT_OFF: &str = "the page was closed or loaded anew before it was done";

/// A job with what it said.
struct Entry {
    job: Job,
    /// What it said so far; `None` until somebody asks.
    said: Option<Vec<JobEvent>>,
}

/// Who listens to a job, or to the queue.
struct Ear<T> {
    number: u32,
    job: String,
    listener: Listener<T>,
}

/// The jobs.
#[derive(Default)]
pub(super) struct Book {
    /// The folder of all jobs; `None` where the browser keeps nothing.
    folder: Option<Folder>,
    jobs: RefCell<BTreeMap<String, Entry>>,
    ears: RefCell<Vec<Ear<JobEvent>>>,
    queue_ears: RefCell<Vec<Ear<QueueEvent>>>,
    /// Number of the last listener, and of the last event.
    ear: Cell<u32>,
    event: Cell<u64>,
}

impl Book {
    /// Reads all jobs. `is_held` says which are at work in other tabs: those that should be at work and
    /// aren't were cut off.
    pub(super) async fn open(root: Option<&Folder>, is_held: impl Fn(&str) -> bool) -> Self {
        let folder = match root {
            Some(root) => root.folder("jobs").await.ok(),
            None => None,
        };
        let book = Self {
            folder,
            ..Self::default()
        };
        let Some(folder) = &book.folder else {
            return book;
        };
        for id in folder.names().await.unwrap_or_default() {
            let Ok(own) = folder.folder(&id).await else {
                continue;
            };
            let text = own.text(RECORD).await.unwrap_or_default();
            let Ok(job) = shared::json::read::<Job>(&text) else {
                continue;
            };
            book.jobs
                .borrow_mut()
                .insert(id.clone(), Entry { job, said: None });
        }
        for id in book.unfinished() {
            if !is_held(&id) {
                book.cut(&id).await;
            }
        }
        book
    }

    /// The jobs that are to go on, or to begin.
    pub(super) fn unfinished(&self) -> Vec<String> {
        let jobs = self.jobs.borrow();
        let unfinished = jobs.values().filter(|entry| !entry.job.state.is_final());
        unfinished.map(|entry| entry.job.id.clone()).collect()
    }

    /// A job was cut off: its page is gone.
    async fn cut(&self, id: &str) {
        self.read_said(id).await;
        let said = {
            let jobs = self.jobs.borrow();
            jobs.get(id).and_then(|entry| entry.said.clone())
        };
        self.change(id, |job| {
            for event in said.into_iter().flatten() {
                if let News::Run { run } = &event.news {
                    Progress::note(&mut job.progress, &mut job.metrics, run);
                }
            }
            job.failure = Some(Failure {
                kind: shared::protocol::FailureKind::Crash,
                message: CUT_OFF.to_owned(),
                advice: Some("resume it: it goes on from its last checkpoint".to_owned()),
            });
            Some(Change::Fail)
        })
        .await;
    }

    /// The jobs that were cut off, and that nobody has gone on with.
    pub(super) fn cut_off(&self) -> Vec<Job> {
        let is_cut_off =
            |job: &Job| matches!(&job.failure, Some(failure) if failure.message == CUT_OFF);
        let failed = |job: &Job| job.state == JobState::Failed;
        let all = self.all().into_iter();
        all.filter(|job| failed(job) && is_cut_off(job)).collect()
    }

    /// The tab that had a job lets it go: it has ended there, or was cut off.
    pub(super) async fn let_go(&self, id: &str) {
        let text = match self.folder(id).await {
            Some(folder) => folder.text(RECORD).await.unwrap_or_default(),
            None => return,
        };
        match shared::json::read::<Job>(&text) {
            Ok(job) if job.state.is_final() => {
                let entry = Entry { job, said: None };
                self.jobs.borrow_mut().insert(id.to_owned(), entry);
                self.tell_state(id);
            }
            // Deleted there.
            Err(_) => {
                self.jobs.borrow_mut().remove(id);
                self.tell_queue(QueueNews::Deleted { job: id.to_owned() });
            }
            Ok(_) => self.cut(id).await,
        }
    }

    /// Whether jobs outlive the page.
    pub(super) fn is_kept(&self) -> bool {
        self.folder.is_some()
    }

    /// The folder of a job.
    pub(super) async fn folder(&self, id: &str) -> Option<Folder> {
        self.folder.as_ref()?.folder(id).await.ok()
    }

    /// A job.
    pub(super) fn get(&self, id: &str) -> Option<Job> {
        self.jobs.borrow().get(id).map(|entry| entry.job.clone())
    }

    /// All jobs: at work, then waiting, then the others, newest first; without their texts.
    pub(super) fn all(&self) -> Vec<Job> {
        let jobs = self.jobs.borrow();
        let mut all: Vec<Job> = jobs
            .values()
            .map(|entry| Job {
                text: None,
                ..entry.job.clone()
            })
            .collect();
        let rank = |job: &Job| match job.state {
            state if state.is_active() => 0,
            state if state.is_final() => 2,
            _ => 1,
        };
        shared::sorting::by(&mut all, |a, b| {
            rank(a).cmp(&rank(b)).then_with(|| match rank(a) {
                1 => a.created.cmp(&b.created),
                _ => b.created.cmp(&a.created),
            })
        });
        for (place, job) in all.iter_mut().filter(|job| rank(job) == 1).enumerate() {
            job.position = Some(place + 1);
        }
        all
    }

    /// The number of the last event.
    pub(super) fn last_event(&self) -> u64 {
        self.event.get()
    }

    /// A new job that was begun elsewhere and has said something there. Its files are in its folder.
    ///
    /// # Errors
    /// The browser does not keep it.
    pub(super) async fn add_begun(
        &self,
        mut job: Job,
        said: Vec<TimedEvent>,
    ) -> Result<(), JsValue> {
        if let Some(folder) = self.folder(&job.id).await {
            folder.write_text(EVENTS, &lines(&said)).await?;
        }
        let told = said.into_iter().map(|timed| {
            Progress::note(&mut job.progress, &mut job.metrics, &timed.event);
            self.told(timed)
        });
        let told = told.collect();
        // Last: without its record it is none.
        self.enter(job, told).await
    }

    /// A new job.
    ///
    /// # Errors
    /// The browser does not keep it.
    pub(super) async fn add(&self, job: Job) -> Result<(), JsValue> {
        self.enter(job, Vec::new()).await
    }

    async fn enter(&self, job: Job, said: Vec<JobEvent>) -> Result<(), JsValue> {
        let id = job.id.clone();
        let said = Some(said);
        self.jobs
            .borrow_mut()
            .insert(id.clone(), Entry { job, said });
        self.write(&id).await?;
        self.tell_state(&id);
        Ok(())
    }

    /// Changes a job, and its state by the change that is given back, and keeps and tells that. Without a
    /// change, or where it is not legal, nothing is told. Gives the job as it is then.
    pub(super) async fn change(
        &self,
        id: &str,
        change: impl FnOnce(&mut Job) -> Option<Change>,
    ) -> Option<Job> {
        let changed = {
            let mut jobs = self.jobs.borrow_mut();
            let entry = jobs.get_mut(id)?;
            let before = entry.job.clone();
            let after = change(&mut entry.job).and_then(|change| before.state.after(change));
            match after {
                Some(state) => {
                    entry.job.state = state;
                    if state.is_final() {
                        entry.job.ended = Some(now());
                    }
                    true
                }
                None => {
                    entry.job = before;
                    false
                }
            }
        };
        if changed {
            self.keep(id).await;
            self.tell_state(id);
        }
        self.get(id)
    }

    /// Writes the record of a job.
    async fn write(&self, id: &str) -> Result<(), JsValue> {
        let (Some(job), Some(folder)) = (self.get(id), &self.folder) else {
            return Ok(());
        };
        let text = serde_json::to_string(&job).unwrap_or_default();
        folder.folder(id).await?.write_text(RECORD, &text).await
    }

    /// Writes it. That there is no room for it is no reason to stop.
    async fn keep(&self, id: &str) {
        if let Err(error) = self.write(id).await {
            leptos::logging::error!("the record of the run {id} is not kept: {error:?}");
        }
    }

    /// Forgets a job, and removes its files.
    pub(super) async fn remove(&self, id: &str) -> Result<(), JsValue> {
        if let Some(folder) = &self.folder {
            folder.remove(id).await?;
        }
        self.jobs.borrow_mut().remove(id);
        let news = QueueNews::Deleted { job: id.to_owned() };
        self.tell_queue(news);
        Ok(())
    }

    /// A run of the job said something.
    pub(super) fn say(&self, id: &str, timed: TimedEvent) {
        let event = {
            let mut jobs = self.jobs.borrow_mut();
            let Some(entry) = jobs.get_mut(id) else {
                return;
            };
            let job = &mut entry.job;
            Progress::note(&mut job.progress, &mut job.metrics, &timed.event);
            let event = JobEvent {
                id: self.next_event(),
                time: timed.time,
                news: News::Run {
                    run: Box::new(timed.event),
                },
            };
            job.last_event = event.id;
            if let Some(said) = &mut entry.said {
                said.push(event.clone());
            }
            event
        };
        self.tell(id, &event);
    }

    /// Listens to a job, from its beginning on. The number ends it.
    pub(super) async fn listen(&self, id: &str, ear: u32, listener: Listener<JobEvent>) {
        self.read_said(id).await;
        listener(Told::Open);
        let said = {
            let jobs = self.jobs.borrow();
            jobs.get(id).and_then(|entry| entry.said.clone())
        };
        for event in said.into_iter().flatten() {
            listener(Told::Event(event));
        }
        self.ears.borrow_mut().push(Ear {
            number: ear,
            job: id.to_owned(),
            listener,
        });
    }

    /// Listens to the queue, from now on.
    pub(super) fn listen_queue(&self, ear: u32, listener: Listener<QueueEvent>) {
        listener(Told::Open);
        self.queue_ears.borrow_mut().push(Ear {
            number: ear,
            job: String::new(),
            listener,
        });
    }

    /// A number for a listener.
    pub(super) fn new_ear(&self) -> u32 {
        self.ear.set(self.ear.get() + 1);
        self.ear.get()
    }

    /// Listens no more.
    pub(super) fn forget(&self, ear: u32) {
        self.ears.borrow_mut().retain(|one| one.number != ear);
        self.queue_ears.borrow_mut().retain(|one| one.number != ear);
    }

    /// All that the job's runs said, one event a line.
    pub(super) async fn log(&self, id: &str) -> String {
        self.read_said(id).await;
        let jobs = self.jobs.borrow();
        let said = jobs.get(id).and_then(|entry| entry.said.as_ref());
        let lines = said.into_iter().flatten().map(|event| {
            let text = serde_json::to_string(event).unwrap_or_default();
            text + "\n"
        });
        lines.collect()
    }

    /// What the job's runs said, as the file of events has it.
    pub(super) async fn events(&self, id: &str) -> String {
        self.read_said(id).await;
        let jobs = self.jobs.borrow();
        let said = jobs.get(id).and_then(|entry| entry.said.as_ref());
        lines(
            &said
                .into_iter()
                .flatten()
                .filter_map(TimedEvent::of)
                .collect::<Vec<_>>(),
        )
    }

    async fn read_said(&self, id: &str) {
        let is_known =
            |jobs: &BTreeMap<String, Entry>| jobs.get(id).is_none_or(|entry| entry.said.is_some());
        if is_known(&self.jobs.borrow()) {
            return;
        }
        let text = match self.folder(id).await {
            Some(folder) => folder.text(EVENTS).await.unwrap_or_default(),
            None => String::new(),
        };
        let mut jobs = self.jobs.borrow_mut();
        if is_known(&jobs) {
            return;
        }
        let said = text
            .lines()
            .filter_map(|line| shared::json::read::<TimedEvent>(line).ok())
            .map(|timed| self.told(timed))
            .collect();
        if let Some(entry) = jobs.get_mut(id) {
            entry.said = Some(said);
        }
    }

    /// Reads what a job said before, so that what it says next comes behind it.
    pub(super) async fn prepare(&self, id: &str) {
        self.read_said(id).await;
    }

    /// What a run said, with a number.
    fn told(&self, timed: TimedEvent) -> JobEvent {
        JobEvent {
            id: self.next_event(),
            time: timed.time,
            news: News::Run {
                run: Box::new(timed.event),
            },
        }
    }

    fn next_event(&self) -> u64 {
        self.event.set(self.event.get() + 1);
        self.event.get()
    }

    fn tell(&self, id: &str, event: &JobEvent) {
        let ears: Vec<Listener<JobEvent>> = self
            .ears
            .borrow()
            .iter()
            .filter(|ear| ear.job == id)
            .map(|ear| ear.listener.clone())
            .collect();
        for listener in ears {
            listener(Told::Event(event.clone()));
        }
    }

    fn tell_queue(&self, news: QueueNews) {
        let event = QueueEvent {
            id: self.next_event(),
            time: now(),
            news,
        };
        let ears: Vec<Listener<QueueEvent>> = self
            .queue_ears
            .borrow()
            .iter()
            .map(|ear| ear.listener.clone())
            .collect();
        for listener in ears {
            listener(Told::Event(event.clone()));
        }
    }

    fn tell_state(&self, id: &str) {
        let Some(job) = self.all().into_iter().find(|job| job.id == id) else {
            return;
        };
        let event = JobEvent {
            id: self.next_event(),
            time: now(),
            news: News::State {
                job: Box::new(job.clone()),
            },
        };
        self.tell(id, &event);
        self.tell_queue(QueueNews::State { job: Box::new(job) });
    }
}

/// Events as the file of events has them.
fn lines(said: &[TimedEvent]) -> String {
    let line = |timed| serde_json::to_string(timed).ok().map(|line| line + "\n");
    said.iter().filter_map(line).collect()
}

/// The time of day in RFC 3339.
pub(super) fn now() -> String {
    String::from(Date::new_0().to_iso_string())
}
