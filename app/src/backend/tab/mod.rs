//! Training in this tab. Jobs, recordings and results are kept by the browser; the engine, a program of its
//! own in a worker, is loaded when there is something to train.

mod begun;
mod book;
mod datasets;
mod device;
mod engine;
mod library;
mod results;
mod work;

use super::{Backend, Begun, Listener, Parcel, Reply, Stored, Stream, Trouble, Went};
use device::Graphics;
pub(crate) use device::cores;
use js_sys::{Array, Math};
use keep::Remote;
use leptos::prelude::ArcReadSignal;
use shared::{
    config::{self, Mode},
    data::DataReport,
    files::Memory,
    protocol::{
        Artefacts, Change, CheckReply, CheckRequest, CompareRequest, CreateDataset, CreateJob,
        CreateUpload, DataRequest, Dataset, Devices, Job, JobEvent, JobList, JobState, Limits,
        Login, Problem, ProblemKind, QueueEvent, Records, Root, Roots, Session, Upload,
        tab::{EVENTS, FromEngine, ToEngine},
    },
    report::compare::{Comparison, Runs},
};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::Blob;
use work::Work;

/// This tab.
pub(super) struct ThisTab(Rc<Work>);

impl ThisTab {
    pub(super) fn new() -> Self {
        Self(Work::new())
    }

    /// Answers with what `answer` makes of the work, once it is open.
    fn ask<T: 'static, F>(&self, answer: impl FnOnce(Rc<Work>) -> F + 'static) -> Reply<T>
    where
        F: Future<Output = Result<T, Trouble>> + 'static,
    {
        let work = Rc::clone(&self.0);
        Box::pin(async move {
            work.open().await;
            answer(work).await
        })
    }
}

/// A refusal.
fn refused(kind: ProblemKind, detail: impl Into<String>) -> Trouble {
    Trouble::Refused(Box::new(Problem::new(kind, detail)))
}

fn unknown(id: &str) -> Trouble {
    refused(
        ProblemKind::NotFound,
        format!("there is no run `{id}` in this browser"),
    )
}

/// The change that a job's state does not allow.
fn conflict(job: &Job, what: &str) -> Trouble {
    let detail = format!("the run is {}: it cannot be {what}", job.state);
    refused(ProblemKind::Conflict, detail)
}

/// A job's text with what it sets, checked as far as the text tells.
fn checked(request: &CreateJob) -> Result<(String, config::Experiment), Trouble> {
    let text = config::apply_overrides(&request.text, &request.set)
        .map_err(|error| refused(ProblemKind::Unprocessable, error.to_string()))?;
    let checked = config::check_in(&text, "", &Memory::default(), Mode::Text);
    match checked.experiment {
        Some(experiment) => Ok((text, experiment)),
        None => {
            let mut problem = Problem::new(
                ProblemKind::InvalidConfig,
                "the experiment has errors: mend them first",
            );
            problem.diagnostics = checked.diagnostics;
            Err(Trouble::Refused(Box::new(problem)))
        }
    }
}

impl Backend for ThisTab {
    fn session(&self) -> Reply<Session> {
        self.ask(async |_| {
            Ok(Session {
                user: "you".to_owned(),
                admin: false,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                host: "This tab".to_owned(),
                can_publish: false,
            })
        })
    }

    fn log_in(&self, _: Login) -> Reply<Session> {
        self.session()
    }

    fn devices(&self) -> Reply<Devices> {
        self.ask(async |work| Ok(work.devices().await))
    }

    fn lack(&self) -> Reply<Option<String>> {
        self.ask(async |_| Ok(Graphics::ask().await.lack().map(str::to_owned)))
    }

    fn check(&self, request: CheckRequest) -> Reply<CheckReply> {
        self.ask(async move |work| {
            let files = work.library().files_for(&request.text).await?;
            let ask = |question| ToEngine::Check { question, request };
            match work.question(ask, files).await? {
                FromEngine::Check { answer, .. } => {
                    let mut reply = answer.map_err(Trouble::Refused)?;
                    reply.devices = work.devices().await;
                    Ok(reply)
                }
                other => Err(Trouble::Unreadable(format!("{other:?}"))),
            }
        })
    }

    fn data(&self, request: DataRequest) -> Reply<DataReport> {
        self.ask(async move |work| {
            let files = work.library().files_for(&request.text).await?;
            let ask = |question| ToEngine::Data { question, request };
            match work.question(ask, files).await? {
                FromEngine::Data { answer, .. } => answer.map_err(Trouble::Refused),
                other => Err(Trouble::Unreadable(format!("{other:?}"))),
            }
        })
    }

    fn train(&self, request: CreateJob) -> Reply<Job> {
        self.ask(async move |work| {
            let (text, experiment) = checked(&request)?;
            let picked = request.device.as_deref();
            let device = Graphics::ask()
                .await
                .pick(picked, experiment.tuning.device)
                .map_err(|problem| Trouble::Refused(Box::new(problem)))?;
            // What it reads must be here before it is queued, so that training asks the network for nothing.
            work.library().files_for(&text).await?;
            let mut job = new_job(request.name.unwrap_or(experiment.name), text, device);
            job.priority = request.priority;
            let id = job.id.clone();
            work.hold(&id).await?;
            if let Err(error) = work.book().add(job).await {
                let _ = work.book().remove(&id).await;
                let error = between::problem(&error);
                return Err(refused(ProblemKind::OutOfSpace, error.to_string()));
            }
            work.next();
            work.book().get(&id).ok_or_else(|| unknown(&id))
        })
    }

    fn jobs(&self) -> Reply<JobList> {
        self.ask(async |work| {
            Ok(JobList {
                jobs: work.book().all(),
                more: false,
                last_event: work.book().last_event(),
            })
        })
    }

    fn job(&self, id: &str) -> Reply<Job> {
        let id = id.to_owned();
        self.ask(async move |work| work.book().get(&id).ok_or_else(|| unknown(&id)))
    }

    fn cancel(&self, id: &str) -> Reply<Job> {
        let id = id.to_owned();
        self.ask(async move |work| {
            let job = work.book().get(&id).ok_or_else(|| unknown(&id))?;
            if job.state.after(Change::Cancel).is_none() {
                return Err(conflict(&job, "cancelled"));
            }
            let job = work.book().change(&id, |_| Some(Change::Cancel)).await;
            work.cancel(&id).await;
            job.ok_or_else(|| unknown(&id))
        })
    }

    fn resume(&self, id: &str) -> Reply<Job> {
        let id = id.to_owned();
        self.ask(async move |work| {
            let job = work.book().get(&id).ok_or_else(|| unknown(&id))?;
            if job.state.after(Change::Resume).is_none() {
                return Err(conflict(&job, "resumed"));
            }
            work.library()
                .files_for(job.text.as_deref().unwrap_or_default())
                .await?;
            work.hold(&id).await?;
            let again = |job: &mut Job| {
                (job.failure, job.ended) = (None, None);
                Some(Change::Resume)
            };
            let job = work.book().change(&id, again).await;
            work.next();
            job.ok_or_else(|| unknown(&id))
        })
    }

    fn pause(&self, pause: bool) {
        self.0.pause(pause);
    }

    fn paused(&self) -> Option<ArcReadSignal<bool>> {
        Some(self.0.paused())
    }

    fn is_lasting(&self) -> Reply<bool> {
        self.ask(async |work| Ok(work.book().is_kept()))
    }

    fn cut_off(&self) -> Reply<Vec<Job>> {
        self.ask(async |work| Ok(work.book().cut_off()))
    }

    fn parcel(&self, id: &str) -> Reply<Parcel> {
        let id = id.to_owned();
        self.ask(async move |work| {
            let job = work.book().get(&id).ok_or_else(|| unknown(&id))?;
            if job.state.after(Change::Resume).is_none() {
                return Err(conflict(&job, "handed over"));
            }
            let text = job.text.unwrap_or_default();
            let mut files = work.files(&id).await?.all();
            let events = Array::of1(&work.book().events(&id).await.into());
            if let Ok(events) = Blob::new_with_str_sequence(&events) {
                files.push((EVENTS.to_owned(), events));
            }
            Ok(Parcel {
                name: job.name,
                datasets: work.library().carried(&text).await?,
                text,
                files,
            })
        })
    }

    fn lacking(&self, text: &str, device: Option<String>) -> Reply<Vec<String>> {
        let text = text.to_owned();
        self.ask(async move |work| begun::lacking(&work, &text, device.as_deref()).await)
    }

    fn take(&self, file: Remote, sha256: Option<String>, went: Went) -> Reply<String> {
        self.ask(async move |work| {
            let library = work.library();
            library.take(&file, sha256.as_deref(), &*went).await
        })
    }

    fn go_on(&self, run: Begun, went: Went) -> Reply<Job> {
        self.ask(async move |work| begun::go_on(&work, run, &*went).await)
    }

    fn stored(&self) -> Reply<Vec<Stored>> {
        self.ask(async |work| Ok(work.library().stored(&unfinished(&work)).await))
    }

    fn remove_stored(&self, path: &str) -> Reply<()> {
        let path = path.to_owned();
        self.ask(async move |work| work.library().remove(&path).await)
    }

    fn delete(&self, id: &str) -> Reply<()> {
        let id = id.to_owned();
        self.ask(async move |work| {
            let job = work.book().get(&id).ok_or_else(|| unknown(&id))?;
            if job.state.is_active() {
                return Err(conflict(&job, "deleted"));
            }
            work.forget_files(&id);
            work.drop_left(&id);
            let removed = work.book().remove(&id).await;
            removed.map_err(|error| {
                let error = between::problem(&error).to_string();
                refused(ProblemKind::Internal, error)
            })
        })
    }

    fn follow(&self, id: &str, listener: Listener<JobEvent>) -> Stream {
        let id = id.to_owned();
        self.0.listen(async move |work: Rc<Work>, ear| {
            work.book().listen(&id, ear, listener).await;
        })
    }

    fn follow_queue(&self, _: u64, listener: Listener<QueueEvent>) -> Stream {
        self.0.listen(async move |work: Rc<Work>, ear| {
            work.book().listen_queue(ear, listener);
        })
    }

    fn log(&self, id: &str) -> Reply<String> {
        let id = id.to_owned();
        self.ask(async move |work| Ok(work.book().log(&id).await))
    }

    fn records(&self, id: &str) -> Reply<Records> {
        let id = id.to_owned();
        self.ask(async move |work| Ok(work.files(&id).await?.records().await))
    }

    fn files(&self, id: &str) -> Reply<Artefacts> {
        let id = id.to_owned();
        self.ask(async move |work| Ok(work.files(&id).await?.list()))
    }

    fn file(&self, id: &str, path: &str) -> Reply<String> {
        let (id, path) = (id.to_owned(), path.to_owned());
        self.ask(async move |work| work.files(&id).await?.text(&path).await)
    }

    fn file_address(&self, id: &str, path: &str) -> String {
        let files = self.0.known_files(id);
        files.map_or_else(String::new, |files| files.address(path))
    }

    fn archive_address(&self, id: &str) -> String {
        let files = self.0.known_files(id);
        files.map_or_else(String::new, |files| files.archive())
    }

    fn compare(&self, request: CompareRequest) -> Reply<Comparison> {
        self.ask(async move |work| {
            let mut runs = Vec::new();
            for id in &request.jobs {
                let job = work.book().get(id).ok_or_else(|| unknown(id))?;
                let manifests = work.files(id).await?.records().await.records;
                if manifests.is_empty() {
                    let detail = format!("the run `{}` has no results yet", job.name);
                    return Err(refused(ProblemKind::Unprocessable, detail));
                }
                runs.push((job, manifests));
            }
            let named = runs.iter().map(|(job, manifests)| {
                // Jobs of one name are told apart by their ids.
                let same = runs.iter().filter(|(other, _)| other.name == job.name);
                Runs {
                    name: match same.count() {
                        1 => job.name.clone(),
                        _ => format!("{} ({})", job.name, job.id),
                    },
                    manifests: manifests.clone(),
                }
            });
            let named: Vec<Runs> = named.collect();
            Comparison::of(&named, request.measure.as_deref())
                .map_err(|error| refused(ProblemKind::Unprocessable, error.to_string()))
        })
    }

    fn roots(&self) -> Reply<Roots> {
        self.ask(async |work| {
            // The recordings that jobs here have read, so that they can be heard.
            for job in work.book().all() {
                let text = work.book().get(&job.id).and_then(|job| job.text);
                let _ = work.library().files_for(&text.unwrap_or_default()).await;
            }
            Ok(Roots {
                roots: vec![Root {
                    id: "tab".to_owned(),
                    name: "This tab".to_owned(),
                    path: String::new(),
                }],
            })
        })
    }

    fn sound_address(&self, _: &str, path: &str, stretch: Option<(f64, f64)>) -> String {
        let address = self.0.sound(path);
        match stretch {
            // Browsers take a stretch behind the address of anything that plays.
            Some((start, end)) if !address.is_empty() => format!("{address}#t={start},{end}"),
            _ => address,
        }
    }

    fn begin_upload(&self, upload: CreateUpload) -> Reply<Upload> {
        self.ask(async move |work| work.library().begin(upload).await)
    }

    fn send_piece(&self, upload: &str, offset: u64, piece: Blob) -> Reply<Upload> {
        let upload = upload.to_owned();
        self.ask(async move |work| work.library().piece(&upload, offset, piece).await)
    }

    fn make_dataset(&self, dataset: CreateDataset) -> Reply<Dataset> {
        self.ask(async move |work| work.library().make(dataset).await)
    }
}

/// Texts and names of the jobs that are at work, wait, or can be gone on with.
fn unfinished(work: &Work) -> Vec<(String, String)> {
    let jobs = work.book().all().into_iter();
    jobs.filter(|job| !job.state.is_final() || job.state.after(Change::Resume).is_some())
        .filter_map(|job| Some((work.book().get(&job.id)?.text?, job.name)))
        .collect()
}

/// A job that is to be queued.
fn new_job(name: String, text: String, device: &str) -> Job {
    Job {
        id: format!("{:013x}", (Math::random() * 2f64.powi(52)) as u64),
        name,
        user: "you".to_owned(),
        state: JobState::Queued,
        priority: 0,
        position: None,
        device: device.to_owned(),
        created: book::now(),
        started: None,
        ended: None,
        attempts: 0,
        max_attempts: 1,
        limits: Limits::default(),
        failure: None,
        progress: None,
        metrics: Default::default(),
        estimate: None,
        last_event: 0,
        text: Some(text),
    }
}

/// No files beside a message.
fn no_files() -> JsValue {
    Array::new().into()
}
