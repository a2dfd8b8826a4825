//! One job after the other, by the engine.

mod ends;
mod files;

use super::{
    book::{Book, now},
    device::Graphics,
    engine::{Engine, Kind},
    library::Library,
    no_files, refused,
    results::Files,
    unknown,
};
use crate::backend::{Stream, Trouble};
use js_sys::{Array, Function, Promise};
use keep::{Folder, Lock};
use leptos::{
    prelude::{ArcReadSignal, ArcRwSignal, Set},
    task::spawn_local,
};
use shared::protocol::{
    Change, Devices, Event, FailureKind, Job, JobState, ProblemKind,
    tab::{FromEngine, KEPT, TabJob, ToEngine},
};
use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::HashMap,
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// The lock of a job, which is held as long as it waits or is at work.
fn lock_of(id: &str) -> String {
    format!("job.{id}")
}

/// The job at work.
struct AtWork {
    id: String,
    /// Whether its first run has begun; before that there is nothing to lose.
    has_begun: bool,
}

/// What all requests share.
pub(super) struct Work {
    open: OnceCell<Open>,
    opening: RefCell<Option<Promise>>,
    engine: RefCell<Option<Engine>>,
    /// The engine from before, of another kind, while it still has questions to answer.
    former: RefCell<Option<Engine>>,
    at_work: RefCell<Option<AtWork>>,
    /// Whether a job is being looked for.
    starting: Cell<bool>,
    /// Whether the job at work stands still.
    paused: ArcRwSignal<bool>,
    /// Locks of all jobs that wait here or are at work.
    locks: RefCell<HashMap<String, Lock>>,
    questions: RefCell<HashMap<u32, Function>>,
    answers: RefCell<HashMap<u32, FromEngine>>,
    question: Cell<u32>,
    /// What jobs left in memory, where the browser keeps nothing: arrays of `[path, blob]`.
    left: RefCell<HashMap<String, Array>>,
    /// Files of jobs that somebody looked at.
    files: RefCell<HashMap<String, Rc<Files>>>,
    sounds: RefCell<HashMap<String, String>>,
    own: std::rc::Weak<Work>,
}

struct Open {
    book: Book,
    library: Library,
}

impl Work {
    pub(super) fn new() -> Rc<Self> {
        Rc::new_cyclic(|own| Self {
            open: OnceCell::new(),
            opening: RefCell::default(),
            engine: RefCell::default(),
            former: RefCell::default(),
            at_work: RefCell::default(),
            starting: Cell::new(false),
            paused: ArcRwSignal::new(false),
            locks: RefCell::default(),
            questions: RefCell::default(),
            answers: RefCell::default(),
            question: Cell::new(0),
            left: RefCell::default(),
            files: RefCell::default(),
            sounds: RefCell::default(),
            own: own.clone(),
        })
    }

    /// Opens what the browser keeps, once.
    pub(super) async fn open(&self) {
        if self.open.get().is_some() {
            return;
        }
        let opening = self.opening.borrow().clone();
        let opening = opening.unwrap_or_else(|| {
            let own = self.own.clone();
            let opening = future_to_promise(async move {
                let root = Folder::own().await;
                let held = keep::held().await;
                let open = Open {
                    book: Book::open(root.as_ref(), |id| held.contains(&lock_of(id))).await,
                    library: Library::open(root.as_ref()).await,
                };
                for id in open.book.unfinished() {
                    let own = own.clone();
                    spawn_local(async move {
                        let lock = Lock::wait(&lock_of(&id)).await;
                        if let Some(work) = own.upgrade() {
                            work.open().await;
                            work.book().let_go(&id).await;
                        }
                        drop(lock);
                    });
                }
                if let Some(own) = own.upgrade() {
                    let _ = own.open.set(open);
                }
                if let Some(root) = root {
                    spawn_local(async move { keep::tidy(&root).await });
                }
                Ok(JsValue::UNDEFINED)
            });
            self.opening.replace(Some(opening.clone()));
            opening
        });
        let _ = JsFuture::from(opening).await;
    }

    fn opened(&self) -> &Open {
        // Whoever gets here has waited for it.
        self.open
            .get_or_init(|| unreachable!("the tab's work is not open"))
    }

    pub(super) fn book(&self) -> &Book {
        &self.opened().book
    }

    pub(super) fn library(&self) -> &Library {
        &self.opened().library
    }

    /// What this browser computes on.
    pub(super) async fn devices(&self) -> Devices {
        let jobs = self.book().all();
        let mut devices = Graphics::ask().await.devices();
        for device in &mut devices {
            let is_there = |job: &&Job| job.state.is_active() && job.device == device.id;
            device.jobs = jobs.iter().filter(is_there).count();
        }
        Devices {
            devices,
            queued: jobs
                .iter()
                .filter(|job| job.state == JobState::Queued)
                .count(),
        }
    }

    /// Listens to something, until what comes back is dropped.
    pub(super) fn listen(&self, begin: impl AsyncFnOnce(Rc<Work>, u32) + 'static) -> Stream {
        let guard = Rc::new(Cell::new(None));
        let (own, ear) = (self.own.clone(), Rc::downgrade(&guard));
        spawn_local(async move {
            let Some(work) = own.upgrade() else { return };
            work.open().await;
            let number = work.book().new_ear();
            // Nobody listens any more.
            let Some(ear) = ear.upgrade() else { return };
            ear.set(Some(number));
            drop(ear);
            begin(work, number).await;
        });
        Stream::of(Listening {
            number: guard,
            work: self.own.clone(),
        })
    }

    /// Starts the next job, if none is at work.
    pub(super) fn next(&self) {
        let own = self.own.clone();
        spawn_local(async move {
            if let Some(work) = own.upgrade() {
                work.start_next().await;
            }
        });
    }

    async fn start_next(&self) {
        if self.at_work.borrow().is_some() || self.starting.replace(true) {
            return;
        }
        while self.at_work.borrow().is_none() {
            let waiting = self.book().all();
            let Some(job) = waiting
                .into_iter()
                .find(|job| job.state == JobState::Queued)
            else {
                break;
            };
            if let Err(trouble) = self.start(&job.id).await {
                self.end(&job.id, Change::Fail, FailureKind::Run, trouble.to_string())
                    .await;
            }
        }
        self.starting.set(false);
    }

    async fn start(&self, id: &str) -> Result<(), Trouble> {
        let job = self.book().get(id).ok_or_else(|| unknown(id))?;
        let text = job.text.clone().unwrap_or_default();
        let files = self.library().files_for(&text).await?;
        let memory_only = !self.book().is_kept();
        if let Some(before) = self.left.borrow().get(id) {
            for pair in before.iter() {
                let pair: Array = pair.unchecked_into();
                let path = format!("{KEPT}/{}", pair.get(0).as_string().unwrap_or_default());
                files.push(&Array::of2(&path.into(), &pair.get(1)));
            }
        }
        self.book().prepare(id).await;
        let begin = |job: &mut Job| {
            job.attempts += 1;
            job.started = Some(now());
            Some(Change::Start)
        };
        let begun = self.book().change(id, begin).await;
        if begun.is_none_or(|job| job.state != JobState::Running) {
            // Cancelled meanwhile.
            return Ok(());
        }
        self.forget_files(id);
        self.at_work.replace(Some(AtWork {
            id: id.to_owned(),
            has_begun: false,
        }));
        self.paused.set(false);
        self.take_up(Kind::of(&job.device))?;
        let order = ToEngine::Start(TabJob {
            id: id.to_owned(),
            text,
            device: job.device,
            memory_only,
        });
        self.say(&order, &files)
    }

    /// Has an engine of this kind from now on; one of another kind answers what it was asked, and ends.
    fn take_up(&self, kind: Kind) -> Result<(), Trouble> {
        let is_there = |engine: &Engine| engine.kind == kind;
        if self.engine.borrow().as_ref().is_some_and(is_there) {
            return Ok(());
        }
        let own = self.own.clone();
        let engine = Engine::start(kind, move |message, files| {
            if let Some(work) = own.upgrade() {
                work.hear(message, files);
            }
        });
        let engine = engine.map_err(|error| {
            let detail = format!("the engine does not start: {}", between::words(&error));
            refused(ProblemKind::Unavailable, detail)
        })?;
        let former = self.engine.replace(Some(engine));
        let is_asked = !self.questions.borrow().is_empty();
        self.former.replace(former.filter(|_| is_asked));
        Ok(())
    }

    /// Says something to the engine, which is started where it is not there.
    fn say(&self, message: &ToEngine, files: &JsValue) -> Result<(), Trouble> {
        if self.engine.borrow().is_none() {
            self.take_up(Kind::Usual)?;
        }
        if let Some(engine) = &*self.engine.borrow() {
            engine.say(message, files);
        }
        Ok(())
    }

    /// The engine says something.
    fn hear(&self, message: FromEngine, files: JsValue) {
        match message {
            FromEngine::Ready | FromEngine::Looking { .. } => {}
            FromEngine::Event(timed) => {
                let id = self.at_work.borrow_mut().as_mut().map(|at_work| {
                    at_work.has_begun |= matches!(timed.event, Event::Started { .. });
                    at_work.id.clone()
                });
                if let Some(id) = id {
                    self.book().say(&id, timed);
                }
            }
            FromEngine::Check { question, .. } | FromEngine::Data { question, .. } => {
                self.answers.borrow_mut().insert(question, message);
                if let Some(done) = self.questions.borrow_mut().remove(&question) {
                    let _ = done.call0(&JsValue::NULL);
                }
                if self.questions.borrow().is_empty() {
                    self.former.take();
                }
            }
            FromEngine::Ended {
                status,
                failure,
                message,
                heap,
            } => {
                leptos::logging::log!("the engine's memory: {} MB", heap / 1_000_000);
                self.ended(status, failure, message, files);
            }
            FromEngine::Paused { paused } => self.paused.set(paused),
            FromEngine::Checkpoint => {
                let id = self
                    .at_work
                    .borrow()
                    .as_ref()
                    .map(|at_work| at_work.id.clone());
                if let Some(id) = id {
                    self.take_files(id, files);
                }
            }
            FromEngine::Broken { message, failure } => self.broken(message, failure),
        }
    }

    /// Takes a job that waits here from now on.
    ///
    /// # Errors
    /// Another tab has it.
    pub(super) async fn hold(&self, id: &str) -> Result<(), Trouble> {
        let lock = Lock::take(&lock_of(id)).await.ok_or_else(|| {
            let detail = "another tab of this page works on it";
            refused(ProblemKind::Conflict, detail)
        })?;
        self.locks.borrow_mut().insert(id.to_owned(), lock);
        Ok(())
    }

    /// Lets a job go that has ended.
    pub(super) fn let_go(&self, id: &str) {
        self.locks.borrow_mut().remove(id);
    }

    /// Whether the job at work stands still.
    pub(super) fn paused(&self) -> ArcReadSignal<bool> {
        self.paused.read_only()
    }

    /// Lets the job at work stand still, or go on.
    pub(super) fn pause(&self, pause: bool) {
        if self.at_work.borrow().is_some() {
            let message = if pause {
                ToEngine::Pause
            } else {
                ToEngine::Continue
            };
            let _ = self.say(&message, &no_files());
        }
    }

    /// Asks the engine something.
    pub(super) async fn question(
        &self,
        ask: impl FnOnce(u32) -> ToEngine,
        files: Array,
    ) -> Result<FromEngine, Trouble> {
        let number = self.question.get().wrapping_add(1);
        self.question.set(number);
        let answered = Promise::new(&mut |done, _| {
            self.questions.borrow_mut().insert(number, done);
        });
        self.say(&ask(number), &files)?;
        let _ = JsFuture::from(answered).await;
        let answer = self.answers.borrow_mut().remove(&number);
        answer.ok_or_else(|| {
            let detail = "the engine broke down over it; try again";
            refused(ProblemKind::Internal, detail)
        })
    }
}

/// A listener that is forgotten when this is dropped.
struct Listening {
    number: Rc<Cell<Option<u32>>>,
    work: std::rc::Weak<Work>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let (Some(number), Some(work)) = (self.number.get(), self.work.upgrade()) {
            work.book().forget(number);
        }
    }
}
