//! Where training runs. All that the page asks of it goes through [`Backend`], whose requests,
//! answers and events are the runner's protocol, so that no place knows which one it talks to.

mod come_over;
mod error;
mod hand_over;
mod link;
mod runner;
mod stream;
mod tab;

pub(crate) use come_over::{Carrying, ModelFolder, come_over, model_folders, take_model};
pub(crate) use error::Trouble;
pub(crate) use hand_over::{Carried, Parcel, bring, send};
pub(crate) use link::{Link, Place, State};
pub(crate) use stream::Stream;
pub(crate) use tab::cores as cores_of_tab;

use keep::Remote;
use leptos::prelude::ArcReadSignal;
use runner::Runner;
use shared::{
    data::DataReport,
    protocol::{
        Artefacts, CheckReply, CheckRequest, CompareRequest, CreateDataset, CreateJob,
        CreateUpload, DataRequest, Dataset, DatasetFiles, Devices, Job, JobEvent, JobList, Live,
        LiveReply, Login, MoveJob, PredictReply, Publication, PublishRequest, QueueEvent, Records,
        Roots, Session, StartLive, Upload, tab::TimedEvent,
    },
    report::compare::Comparison,
};
use std::{future::Future, pin::Pin, rc::Rc};
use tab::ThisTab;

/// What hears how many bytes more of something are there.
pub(crate) type Went = Rc<dyn Fn(f64)>;

/// What a question is answered with, some time later.
pub(crate) type Reply<T> = Pin<Box<dyn Future<Output = Result<T, Trouble>>>>;

/// What is called with each event of a stream, and with each change of its connection.
pub(crate) type Listener<T> = Rc<dyn Fn(Told<T>)>;

/// What a stream says.
#[derive(Debug, Clone)]
pub(crate) enum Told<T> {
    /// Something happened.
    Event(T),
    /// It is connected.
    Open,
    /// It is not, and tries again by itself, from where it was.
    Lost,
}

/// Windows of a time line, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Windows {
    /// How long each is.
    pub(crate) window: f64,
    /// From the start of one to that of the next.
    pub(crate) hop: f64,
}

/// Why a model cannot be tried.
const NO_TRIAL: &str =
    "Models are tried on a runner: `voxtune serve` starts one, and it is picked at the top.";

/// Why a runner does not fetch what another place has.
const ONLY_HERE: &str = "Only this tab takes files in from elsewhere.";

/// A model, or recordings, that a place keeps.
#[derive(Clone)]
pub(crate) struct Stored {
    /// What an INI calls it.
    pub(crate) path: String,
    /// Its name for people.
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) is_model: bool,
    /// The names of runs that read it and are not finished.
    pub(crate) readers: Vec<String>,
}

/// A run that was begun elsewhere, to go on here.
pub(crate) struct Begun {
    /// Its name for people.
    pub(crate) name: String,
    /// Its INI.
    pub(crate) text: String,
    /// The device that is asked for.
    pub(crate) device: Option<String>,
    /// Its files by path, checkpoints among them.
    pub(crate) files: Vec<(String, Remote)>,
    /// What it said so far.
    pub(crate) said: Vec<TimedEvent>,
}

/// The answer of a place that has no such thing.
fn absent<T: 'static>(why: &'static str) -> Reply<T> {
    Box::pin(std::future::ready(Err(Trouble::Absent(why))))
}

/// Somewhere that experiments can be trained. Jobs, files and models are those of this one.
pub(crate) trait Backend {
    /// Who asks, and what this is.
    fn session(&self) -> Reply<Session>;
    /// Shows a token, which is remembered by the browser from then on.
    fn log_in(&self, login: Login) -> Reply<Session>;
    /// What there is to compute on.
    fn devices(&self) -> Reply<Devices>;
    /// What keeps it from computing on the graphics card, where that is known.
    fn lack(&self) -> Reply<Option<String>> {
        Box::pin(std::future::ready(Ok(None)))
    }
    /// Checks an experiment where its files are.
    fn check(&self, request: CheckRequest) -> Reply<CheckReply>;
    /// Looks at the data of an experiment: its parts, and what is left out.
    fn data(&self, request: DataRequest) -> Reply<DataReport>;
    /// Queues a job.
    fn train(&self, job: CreateJob) -> Reply<Job>;
    /// Queue and history.
    fn jobs(&self) -> Reply<JobList>;
    /// One job, with its text.
    fn job(&self, id: &str) -> Reply<Job>;
    /// Ends a job with what it has.
    fn cancel(&self, id: &str) -> Reply<Job>;
    /// Lets a job go on from its last checkpoint.
    fn resume(&self, id: &str) -> Reply<Job>;
    /// Lets the job at work stand still, or go on. A runner knows no such thing.
    fn pause(&self, _pause: bool) {}
    /// Whether the job at work stands still; `None` where none can.
    fn paused(&self) -> Option<ArcReadSignal<bool>> {
        None
    }
    /// Whether what it keeps outlives the page.
    fn is_lasting(&self) -> Reply<bool> {
        Box::pin(std::future::ready(Ok(true)))
    }
    /// The jobs that were cut off with an earlier page, and that nobody has gone on with since.
    fn cut_off(&self) -> Reply<Vec<Job>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
    /// Gives a job that waits another place in the queue.
    fn move_job(&self, _id: &str, _place: MoveJob) -> Reply<Job> {
        absent("Runs in this tab are trained in the order in which they were begun.")
    }
    /// Brings the model of a finished job to the hub; the job's events tell how it goes on.
    fn publish(&self, _id: &str, _request: PublishRequest) -> Reply<Publication> {
        absent("Models are published by a runner: `voxtune serve`, with a token of the hub.")
    }
    /// A job that has ended early, with all that it takes to go on elsewhere.
    fn parcel(&self, _id: &str) -> Reply<Parcel> {
        absent("Only runs of this tab are handed over.")
    }
    /// What of the files that an experiment reads is not here (ids of datasets), if it could go on here on the device.
    fn lacking(&self, _text: &str, _device: Option<String>) -> Reply<Vec<String>> {
        absent(ONLY_HERE)
    }
    /// Takes a file in from elsewhere, unless the one of this SHA-256 is here; gives its SHA-256.
    fn take(&self, _file: Remote, _sha256: Option<String>, _went: Went) -> Reply<String> {
        absent(ONLY_HERE)
    }
    /// Queues a job that goes on with what was begun elsewhere.
    fn go_on(&self, _run: Begun, _went: Went) -> Reply<Job> {
        absent(ONLY_HERE)
    }
    /// All that is kept here for experiments to read.
    fn stored(&self) -> Reply<Vec<Stored>> {
        absent(ONLY_HERE)
    }
    /// Deletes one of these, by its path.
    fn remove_stored(&self, _path: &str) -> Reply<()> {
        absent(ONLY_HERE)
    }
    /// Deletes a job with its files.
    fn delete(&self, id: &str) -> Reply<()>;
    /// All that a job says, from its beginning on.
    fn follow(&self, id: &str, listener: Listener<JobEvent>) -> Stream;
    /// All that happens to the queue, behind event `after`.
    fn follow_queue(&self, after: u64, listener: Listener<QueueEvent>) -> Stream;
    /// What a job's process wrote.
    fn log(&self, id: &str) -> Reply<String>;
    /// The records of a job's runs.
    fn records(&self, id: &str) -> Reply<Records>;
    /// The files of a job.
    fn files(&self, id: &str) -> Reply<Artefacts>;
    /// The text of one of them.
    fn file(&self, id: &str, path: &str) -> Reply<String>;
    /// Where the browser finds one of them, to show or to save it.
    fn file_address(&self, id: &str, path: &str) -> String;
    /// Where the browser finds all of them as a zip.
    fn archive_address(&self, id: &str) -> String;
    /// Compares jobs.
    fn compare(&self, request: CompareRequest) -> Reply<Comparison>;
    /// Says what a job's model makes of a recording: as a whole, or of each window of it.
    fn label(
        &self,
        _id: &str,
        _recording: web_sys::Blob,
        _windows: Option<Windows>,
    ) -> Reply<PredictReply> {
        absent(NO_TRIAL)
    }
    /// Loads a job's model, which then hears what [`Backend::hear`] brings.
    fn listen(&self, _id: &str, _order: StartLive) -> Reply<Live> {
        absent(NO_TRIAL)
    }
    /// Brings the next sound, 16-bit samples of one channel, behind `offset` samples that came before.
    fn hear(&self, _live: &str, _offset: u64, _sound: web_sys::Blob) -> Reply<LiveReply> {
        absent(NO_TRIAL)
    }
    /// Lets the model go.
    fn hush(&self, _live: &str) -> Reply<()> {
        absent(NO_TRIAL)
    }
    /// The folders that experiments may read.
    fn roots(&self) -> Reply<Roots>;
    /// Where the browser finds a stretch of a recording as sound, in seconds.
    fn sound_address(&self, root: &str, path: &str, stretch: Option<(f64, f64)>) -> String;
    /// Begins to bring a file, or finds out how far it is.
    fn begin_upload(&self, upload: CreateUpload) -> Reply<Upload>;
    /// Brings the next piece of a file.
    fn send_piece(&self, upload: &str, offset: u64, piece: web_sys::Blob) -> Reply<Upload>;
    /// The files of a dataset.
    fn dataset_files(&self, _id: &str) -> Reply<DatasetFiles> {
        absent("Datasets of this tab are handed over with their runs.")
    }
    /// Where the browser finds one of them.
    fn dataset_address(&self, _id: &str, _path: &str) -> String {
        String::new()
    }
    /// Makes recordings that experiments can use of files that were brought.
    fn make_dataset(&self, dataset: CreateDataset) -> Reply<Dataset>;
}

/// The runner that this page came from.
fn own_runner() -> Rc<dyn Backend> {
    Rc::new(Runner::here())
}

/// This tab.
fn this_tab() -> Rc<dyn Backend> {
    Rc::new(ThisTab::new())
}
