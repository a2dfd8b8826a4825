//! What goes over the wire: the events of a run, one a line of JSON, the same in the tab and on the
//! runner; and requests and answers of the runner's HTTP interface.
//!
//! [`operations`] is the one table of all that the runner can be asked: its router, its OpenAPI
//! description and the tests that try every route are made from it.

mod artefacts;
mod check;
mod datasets;
mod devices;
mod event;
mod health;
mod jobs;
mod live;
mod news;
mod operation;
pub mod operations;
mod predict;
mod preview;
mod problem;
mod results;
mod roots;
mod session;
mod state;
pub mod tab;

pub use artefacts::{Artefact, ArtefactKind, Artefacts, is_set_aside, media_type};
pub use check::{CheckReply, CheckRequest, DataRequest};
pub use datasets::{
    CreateDataset, CreateUpload, Dataset, DatasetContent, DatasetFile, DatasetFiles, DatasetKind,
    Datasets, PIECE_TYPE, Quota, Upload, UploadKind, Uploads,
};
pub use devices::{Device, DeviceMemory, Devices};
pub use event::{Event, Status};
pub use health::Health;
pub use jobs::{
    CreateJob, DuplicateJob, Failure, FailureKind, Job, JobList, Limits, MoveJob, Progress,
    ResumeJob,
};
pub use live::{
    LIVE_AT_ONCE, LIVE_HOPS, LIVE_RATES, LIVE_WINDOWS, Live, LiveList, LiveReply, StartLive,
};
pub use news::{JobEvent, News, QueueEvent, QueueNews};
pub use operation::{Access, Answer, Body, In, Method, Operation, Param, Schema};
pub use predict::{PredictReply, PredictRequest, Predicted};
pub use preview::{ClipInfo, FileRef, Peaks};
pub use problem::{PROBLEM_TYPE, Problem, ProblemKind};
pub use results::{CompareRequest, Publication, PublishRequest, Records};
pub use roots::{Entry, EntryKind, Listing, Root, Roots};
pub use session::{AuditEntry, AuditLog, Login, Session, User, Users};
pub use state::{Change, JobState, Transition, transitions};
