//! The one table of all that the runner can be asked.

use super::{
    Access, Answer, Body, In, Method, Operation, PIECE_TYPE, Param, ProblemKind, Schema,
    artefacts::*, check::*, datasets::*, devices::*, health::*, jobs::*, news::*, predict::*,
    preview::*, results::*, roots::*, session::*, state::JobState,
};
use crate::{data::DataReport, report::compare::Comparison};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// The media type of a recording that is sent to be labelled.
pub const AUDIO_TYPE: &str = "application/octet-stream";

/// Largest body of a small request, in bytes.
const SMALL: u64 = 64 << 10;
/// Largest body with an INI.
const TEXT: u64 = 4 << 20;
/// Largest body with a list of files.
const LIST: u64 = 64 << 20;
/// Largest piece of an upload.
const PIECE: u64 = 64 << 20;
/// Largest recording that is sent to be labelled.
const AUDIO: u64 = 256 << 20;

/// The body of a request that needs none: an empty object, so that no form of a foreign page can send it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A number of things, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Count(#[schemars(range(min = 1))] pub u32);

const fn json<T: JsonSchema>() -> Body {
    Body::Json(schema::<T>)
}

const fn events<T: JsonSchema>() -> Body {
    Body::Events(schema::<T>)
}

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> schemars::Schema {
    generator.subschema_for::<T>()
}

/// Any object.
fn anything(_: &mut SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "object" })
}

const fn param(
    name: &'static str,
    place: In,
    required: bool,
    text: &'static str,
    schema: Schema,
) -> Param {
    Param {
        name,
        place,
        required,
        text,
        schema,
    }
}

const fn answer(status: u16, text: &'static str, body: Body) -> Answer {
    Answer { status, text, body }
}

const TOKEN: Param = param(
    "token",
    In::Query,
    true,
    "The one-time token.",
    schema::<String>,
);
const LIMIT: Param = param(
    "limit",
    In::Query,
    false,
    "How many at most; 100 without it.",
    schema::<Count>,
);
const BEFORE: Param = param(
    "before",
    In::Query,
    false,
    "Only entries with a smaller number.",
    schema::<u64>,
);
const ROOT: Param = param("root", In::Path, true, "The root's id.", schema::<String>);
const FOLDER: Param = param(
    "path",
    In::Query,
    false,
    "The folder below the root, with `/`; without it the root itself.",
    schema::<String>,
);
const UPLOAD_ID: Param = param(
    "upload",
    In::Path,
    true,
    "The upload's id.",
    schema::<String>,
);
const OFFSET: Param = param(
    "offset",
    In::Query,
    true,
    "Where the piece begins: as many bytes as are there.",
    schema::<u64>,
);
const DATASET_ID: Param = param(
    "dataset",
    In::Path,
    true,
    "The dataset's id.",
    schema::<String>,
);
const Q_ROOT: Param = param("root", In::Query, true, "The root's id.", schema::<String>);
const Q_PATH: Param = param(
    "path",
    In::Query,
    true,
    "The recording below the root, with `/`.",
    schema::<String>,
);
const START: Param = param(
    "start",
    In::Query,
    false,
    "Start in seconds; 0 without it.",
    schema::<f64>,
);
const END: Param = param(
    "end",
    In::Query,
    false,
    "End in seconds; without it the end of the recording.",
    schema::<f64>,
);
const BUCKETS: Param = param(
    "buckets",
    In::Query,
    false,
    "Into how many buckets the stretch is cut; 1000 without it.",
    schema::<Count>,
);
const WIDTH: Param = param(
    "width",
    In::Query,
    false,
    "Width in pixels; 800 without it.",
    schema::<Count>,
);
const HEIGHT: Param = param(
    "height",
    In::Query,
    false,
    "Height in pixels; 200 without it.",
    schema::<Count>,
);
const RANGE: Param = param(
    "Range",
    In::Header,
    false,
    "A stretch of the bytes.",
    schema::<String>,
);
const STATE: Param = param(
    "state",
    In::Query,
    false,
    "Only jobs in this state.",
    schema::<JobState>,
);
const BEFORE_JOB: Param = param(
    "before",
    In::Query,
    false,
    "Of jobs that have ended only those older than this one.",
    schema::<String>,
);
const IDEMPOTENCY: Param = param(
    "Idempotency-Key",
    In::Header,
    false,
    "Chosen by the client, at most 128 visible characters: the same request with the same key is carried out once.",
    schema::<String>,
);
const JOB_ID: Param = param("job", In::Path, true, "The job's id.", schema::<String>);
const LAST_EVENT: Param = param(
    "Last-Event-ID",
    In::Header,
    false,
    "Begin behind this event; browsers send it by themselves.",
    schema::<u64>,
);
const AFTER: Param = param(
    "after",
    In::Query,
    false,
    "The same for a first connection.",
    schema::<u64>,
);
const FILE_PATH: Param = param(
    "path",
    In::Path,
    true,
    "The file below the run's folder, with `/`.",
    schema::<String>,
);
const CHECKPOINTS: Param = param(
    "checkpoints",
    In::Query,
    false,
    "Put checkpoints to resume from into it.",
    schema::<bool>,
);
const RUN: Param = param(
    "run",
    In::Query,
    false,
    "Number of the run; without it the best one.",
    schema::<u32>,
);

/// Say whether the runner is well.
pub const HEALTH: Operation = Operation {
    id: "health",
    topic: "Runner",
    method: Method::Get,
    path: "/healthz",
    summary: "Say whether the runner is well.",
    access: Access::Open,
    params: &[],
    request: Body::None,
    answers: &[
        answer(200, "It is.", json::<Health>()),
        answer(503, "It is not.", json::<Health>()),
    ],
    problems: &[],
    body_limit: 0,
};

/// Figures for Prometheus.
pub const METRICS: Operation = Operation {
    id: "metrics",
    topic: "Runner",
    method: Method::Get,
    path: "/metrics",
    summary: "Figures for Prometheus.",
    access: Access::User,
    params: &[],
    request: Body::None,
    answers: &[answer(
        200,
        "The figures.",
        Body::Bytes("text/plain; version=0.0.4"),
    )],
    problems: &[],
    body_limit: 0,
};

/// This description.
pub const OPENAPI: Operation = Operation {
    id: "openapi",
    topic: "Runner",
    method: Method::Get,
    path: "/api/openapi.json",
    summary: "This description.",
    access: Access::Open,
    params: &[],
    request: Body::None,
    answers: &[answer(200, "OpenAPI 3.1.", Body::Json(anything))],
    problems: &[],
    body_limit: 0,
};

/// Swap the one-time token of the printed address for a cookie, and go on to the page.
pub const ENTER: Operation = Operation {
    id: "enter",
    topic: "Session",
    method: Method::Get,
    path: "/login",
    summary: "Swap the one-time token of the printed address for a cookie, and go on to the page.",
    access: Access::Open,
    params: &[TOKEN],
    request: Body::None,
    answers: &[answer(303, "Go to the page.", Body::None)],
    problems: &[ProblemKind::TooMany],
    body_limit: 0,
};

/// Swap a token for a cookie.
pub const LOGIN: Operation = Operation {
    id: "login",
    topic: "Session",
    method: Method::Post,
    path: "/api/login",
    summary: "Swap a token for a cookie.",
    access: Access::Open,
    params: &[],
    request: json::<Login>(),
    answers: &[answer(200, "Who you are.", json::<Session>())],
    problems: &[ProblemKind::TooMany],
    body_limit: SMALL,
};

/// Forget the cookie.
pub const LOGOUT: Operation = Operation {
    id: "logout",
    topic: "Session",
    method: Method::Post,
    path: "/api/logout",
    summary: "Forget the cookie.",
    access: Access::User,
    params: &[],
    request: json::<Nothing>(),
    answers: &[answer(204, "Forgotten.", Body::None)],
    problems: &[],
    body_limit: SMALL,
};

/// Say who asks, and what runner this is.
pub const SESSION: Operation = Operation {
    id: "session",
    topic: "Session",
    method: Method::Get,
    path: "/api/session",
    summary: "Say who asks, and what runner this is.",
    access: Access::User,
    params: &[],
    request: Body::None,
    answers: &[answer(200, "Who you are.", json::<Session>())],
    problems: &[],
    body_limit: 0,
};

/// List users.
pub const USERS: Operation = Operation {
    id: "users",
    topic: "Users",
    method: Method::Get,
    path: "/api/users",
    summary: "List users.",
    access: Access::Admin,
    params: &[],
    request: Body::None,
    answers: &[answer(200, "The users.", json::<Users>())],
    problems: &[],
    body_limit: 0,
};

/// List what was done, newest first.
pub const AUDIT: Operation = Operation {
    id: "audit",
    topic: "Users",
    method: Method::Get,
    path: "/api/audit",
    summary: "List what was done, newest first.",
    access: Access::Admin,
    params: &[LIMIT, BEFORE],
    request: Body::None,
    answers: &[answer(200, "The entries.", json::<AuditLog>())],
    problems: &[],
    body_limit: 0,
};

/// List devices with memory and load.
pub const DEVICES: Operation = Operation {
    id: "devices",
    topic: "Runner",
    method: Method::Get,
    path: "/api/devices",
    summary: "List devices with memory and load.",
    access: Access::User,
    params: &[],
    request: Body::None,
    answers: &[answer(200, "The devices.", json::<Devices>())],
    problems: &[],
    body_limit: 0,
};

/// Check an experiment without running it.
pub const CHECK: Operation = Operation {
    id: "check",
    topic: "Experiments",
    method: Method::Post,
    path: "/api/check",
    summary: "Check an experiment without running it.",
    access: Access::User,
    params: &[],
    request: json::<CheckRequest>(),
    answers: &[answer(200, "What was found.", json::<CheckReply>())],
    problems: &[ProblemKind::Unprocessable],
    body_limit: TEXT,
};

/// Say what an experiment would learn from: rows, parts, what is left out and why.
pub const DATA: Operation = Operation {
    id: "data",
    topic: "Experiments",
    method: Method::Post,
    path: "/api/data",
    summary: "Say what an experiment would learn from: rows, parts, what is left out and why.",
    access: Access::User,
    params: &[],
    request: json::<DataRequest>(),
    answers: &[answer(200, "The data report.", json::<DataReport>())],
    problems: &[
        ProblemKind::InvalidConfig,
        ProblemKind::Unprocessable,
        ProblemKind::Unavailable,
    ],
    body_limit: TEXT,
};

/// List the folders that jobs may read.
pub const ROOTS: Operation = Operation {
    id: "roots",
    topic: "Data",
    method: Method::Get,
    path: "/api/roots",
    summary: "List the folders that jobs may read.",
    access: Access::User,
    params: &[],
    request: Body::None,
    answers: &[answer(200, "The folders.", json::<Roots>())],
    problems: &[],
    body_limit: 0,
};

/// List a folder below a root.
pub const BROWSE: Operation = Operation {
    id: "browse",
    topic: "Data",
    method: Method::Get,
    path: "/api/roots/{root}",
    summary: "List a folder below a root.",
    access: Access::User,
    params: &[ROOT, FOLDER],
    request: Body::None,
    answers: &[answer(200, "What lies in it.", json::<Listing>())],
    problems: &[ProblemKind::NotFound],
    body_limit: 0,
};

/// List uploads that are under way or wait to be used.
pub const UPLOADS: Operation = Operation {
    id: "uploads",
    topic: "Data",
    method: Method::Get,
    path: "/api/uploads",
    summary: "List uploads that are under way or wait to be used.",
    access: Access::User,
    params: &[],
    request: Body::None,
    answers: &[answer(200, "The uploads.", json::<Uploads>())],
    problems: &[],
    body_limit: 0,
};

/// Begin an upload, or learn that the bytes are there already.
pub const UPLOAD_CREATE: Operation = Operation {
    id: "upload_create",
    topic: "Data",
    method: Method::Post,
    path: "/api/uploads",
    summary: "Begin an upload, or learn that the bytes are there already.",
    access: Access::User,
    params: &[],
    request: json::<CreateUpload>(),
    answers: &[
        answer(
            200,
            "All of it, or a part, was there already.",
            json::<Upload>(),
        ),
        answer(201, "It begins.", json::<Upload>()),
    ],
    problems: &[
        ProblemKind::Unprocessable,
        ProblemKind::OutOfSpace,
        ProblemKind::TooMany,
    ],
    body_limit: SMALL,
};

/// Say how far an upload is.
pub const UPLOAD: Operation = Operation {
    id: "upload",
    topic: "Data",
    method: Method::Get,
    path: "/api/uploads/{upload}",
    summary: "Say how far an upload is.",
    access: Access::User,
    params: &[UPLOAD_ID],
    request: Body::None,
    answers: &[answer(200, "How far it is.", json::<Upload>())],
    problems: &[ProblemKind::NotFound],
    body_limit: 0,
};

/// Send the next piece of an upload.
pub const UPLOAD_PIECE: Operation = Operation {
    id: "upload_piece",
    topic: "Data",
    method: Method::Put,
    path: "/api/uploads/{upload}",
    summary: "Send the next piece of an upload.",
    access: Access::User,
    params: &[UPLOAD_ID, OFFSET],
    request: Body::Bytes(PIECE_TYPE),
    answers: &[answer(200, "How far it is.", json::<Upload>())],
    problems: &[
        ProblemKind::NotFound,
        ProblemKind::Conflict,
        ProblemKind::Unprocessable,
        ProblemKind::OutOfSpace,
    ],
    body_limit: PIECE,
};

/// Throw an upload away.
pub const UPLOAD_DELETE: Operation = Operation {
    id: "upload_delete",
    topic: "Data",
    method: Method::Delete,
    path: "/api/uploads/{upload}",
    summary: "Throw an upload away.",
    access: Access::User,
    params: &[UPLOAD_ID],
    request: Body::None,
    answers: &[answer(204, "It is gone.", Body::None)],
    problems: &[ProblemKind::NotFound],
    body_limit: 0,
};

/// List datasets.
pub const DATASETS: Operation = Operation {
    id: "datasets",
    topic: "Data",
    method: Method::Get,
    path: "/api/datasets",
    summary: "List datasets.",
    access: Access::User,
    params: &[],
    request: Body::None,
    answers: &[answer(200, "The datasets.", json::<Datasets>())],
    problems: &[],
    body_limit: 0,
};

/// Make a dataset of uploads.
pub const DATASET_CREATE: Operation = Operation {
    id: "dataset_create",
    topic: "Data",
    method: Method::Post,
    path: "/api/datasets",
    summary: "Make a dataset of uploads.",
    access: Access::User,
    params: &[],
    request: json::<CreateDataset>(),
    answers: &[answer(201, "The dataset.", json::<Dataset>())],
    problems: &[
        ProblemKind::NotFound,
        ProblemKind::Conflict,
        ProblemKind::Unprocessable,
        ProblemKind::OutOfSpace,
    ],
    body_limit: LIST,
};

/// Show a dataset.
pub const DATASET: Operation = Operation {
    id: "dataset",
    topic: "Data",
    method: Method::Get,
    path: "/api/datasets/{dataset}",
    summary: "Show a dataset.",
    access: Access::User,
    params: &[DATASET_ID],
    request: Body::None,
    answers: &[answer(200, "The dataset.", json::<Dataset>())],
    problems: &[ProblemKind::NotFound],
    body_limit: 0,
};

/// Delete a dataset that no queued or running job reads.
pub const DATASET_DELETE: Operation = Operation {
    id: "dataset_delete",
    topic: "Data",
    method: Method::Delete,
    path: "/api/datasets/{dataset}",
    summary: "Delete a dataset that no queued or running job reads.",
    access: Access::User,
    params: &[DATASET_ID],
    request: Body::None,
    answers: &[answer(204, "It is gone.", Body::None)],
    problems: &[ProblemKind::NotFound, ProblemKind::Conflict],
    body_limit: 0,
};

/// Say what a recording is.
pub const CLIP: Operation = Operation {
    id: "clip",
    topic: "Preview",
    method: Method::Get,
    path: "/api/preview/info",
    summary: "Say what a recording is.",
    access: Access::User,
    params: &[Q_ROOT, Q_PATH],
    request: Body::None,
    answers: &[answer(200, "What it is.", json::<ClipInfo>())],
    problems: &[ProblemKind::NotFound, ProblemKind::Unprocessable],
    body_limit: 0,
};

/// Outline of a stretch of a recording.
pub const PEAKS: Operation = Operation {
    id: "peaks",
    topic: "Preview",
    method: Method::Get,
    path: "/api/preview/peaks",
    summary: "Outline of a stretch of a recording.",
    access: Access::User,
    params: &[Q_ROOT, Q_PATH, START, END, BUCKETS],
    request: Body::None,
    answers: &[answer(200, "The outline.", json::<Peaks>())],
    problems: &[ProblemKind::NotFound, ProblemKind::Unprocessable],
    body_limit: 0,
};

/// Picture of a stretch's spectrogram, by Praat's settings.
pub const SPECTROGRAM: Operation = Operation {
    id: "spectrogram",
    topic: "Preview",
    method: Method::Get,
    path: "/api/preview/spectrogram",
    summary: "Picture of a stretch's spectrogram, by Praat's settings.",
    access: Access::User,
    params: &[Q_ROOT, Q_PATH, START, END, WIDTH, HEIGHT],
    request: Body::None,
    answers: &[answer(200, "The picture.", Body::Bytes("image/png"))],
    problems: &[ProblemKind::NotFound, ProblemKind::Unprocessable],
    body_limit: 0,
};

/// A stretch of a recording as WAV, 16 kHz mono.
pub const SOUND: Operation = Operation {
    id: "sound",
    topic: "Preview",
    method: Method::Get,
    path: "/api/preview/audio",
    summary: "A stretch of a recording as WAV, 16 kHz mono.",
    access: Access::User,
    params: &[Q_ROOT, Q_PATH, START, END, RANGE],
    request: Body::None,
    answers: &[
        answer(200, "The stretch.", Body::Bytes("audio/wav")),
        answer(206, "A part of it.", Body::Bytes("audio/wav")),
    ],
    problems: &[
        ProblemKind::NotFound,
        ProblemKind::Unprocessable,
        ProblemKind::RangeNotSatisfiable,
    ],
    body_limit: 0,
};

/// List jobs: at work, waiting, then ended ones, newest first.
pub const JOBS: Operation = Operation {
    id: "jobs",
    topic: "Jobs",
    method: Method::Get,
    path: "/api/jobs",
    summary: "List jobs: at work, waiting, then ended ones, newest first.",
    access: Access::User,
    params: &[STATE, LIMIT, BEFORE_JOB],
    request: Body::None,
    answers: &[answer(200, "The jobs.", json::<JobList>())],
    problems: &[],
    body_limit: 0,
};

/// Queue a job.
pub const JOB_CREATE: Operation = Operation {
    id: "job_create",
    topic: "Jobs",
    method: Method::Post,
    path: "/api/jobs",
    summary: "Queue a job.",
    access: Access::User,
    params: &[IDEMPOTENCY],
    request: json::<CreateJob>(),
    answers: &[
        answer(
            200,
            "The job that an earlier request with this key made.",
            json::<Job>(),
        ),
        answer(201, "The job.", json::<Job>()),
    ],
    problems: &[
        ProblemKind::InvalidConfig,
        ProblemKind::Unprocessable,
        ProblemKind::Conflict,
        ProblemKind::TooMany,
        ProblemKind::OutOfSpace,
    ],
    body_limit: TEXT,
};

/// Show a job with its INI.
pub const JOB: Operation = Operation {
    id: "job",
    topic: "Jobs",
    method: Method::Get,
    path: "/api/jobs/{job}",
    summary: "Show a job with its INI.",
    access: Access::User,
    params: &[JOB_ID],
    request: Body::None,
    answers: &[answer(200, "The job.", json::<Job>())],
    problems: &[ProblemKind::NotFound],
    body_limit: 0,
};

/// Delete a job that is not at work, with all of its files.
pub const JOB_DELETE: Operation = Operation {
    id: "job_delete",
    topic: "Jobs",
    method: Method::Delete,
    path: "/api/jobs/{job}",
    summary: "Delete a job that is not at work, with all of its files.",
    access: Access::User,
    params: &[JOB_ID],
    request: Body::None,
    answers: &[answer(204, "It is gone.", Body::None)],
    problems: &[ProblemKind::NotFound, ProblemKind::Conflict],
    body_limit: 0,
};

/// End a job with what it has.
pub const JOB_CANCEL: Operation = Operation {
    id: "job_cancel",
    topic: "Jobs",
    method: Method::Post,
    path: "/api/jobs/{job}/cancel",
    summary: "End a job with what it has.",
    access: Access::User,
    params: &[JOB_ID],
    request: json::<Nothing>(),
    answers: &[answer(200, "The job.", json::<Job>())],
    problems: &[ProblemKind::NotFound, ProblemKind::Conflict],
    body_limit: SMALL,
};

/// Queue a job again that was cancelled or failed; it goes on from its last checkpoint.
pub const JOB_RESUME: Operation = Operation {
    id: "job_resume",
    topic: "Jobs",
    method: Method::Post,
    path: "/api/jobs/{job}/resume",
    summary: "Queue a job again that was cancelled or failed; it goes on from its last checkpoint.",
    access: Access::User,
    params: &[JOB_ID],
    request: json::<Nothing>(),
    answers: &[answer(200, "The job.", json::<Job>())],
    problems: &[
        ProblemKind::NotFound,
        ProblemKind::Conflict,
        ProblemKind::TooMany,
    ],
    body_limit: SMALL,
};

/// Queue a copy of a job, with changes.
pub const JOB_DUPLICATE: Operation = Operation {
    id: "job_duplicate",
    topic: "Jobs",
    method: Method::Post,
    path: "/api/jobs/{job}/duplicate",
    summary: "Queue a copy of a job, with changes.",
    access: Access::User,
    params: &[JOB_ID, IDEMPOTENCY],
    request: json::<DuplicateJob>(),
    answers: &[
        answer(
            200,
            "The job that an earlier request with this key made.",
            json::<Job>(),
        ),
        answer(201, "The new job.", json::<Job>()),
    ],
    problems: &[
        ProblemKind::NotFound,
        ProblemKind::InvalidConfig,
        ProblemKind::Unprocessable,
        ProblemKind::Conflict,
        ProblemKind::TooMany,
        ProblemKind::OutOfSpace,
    ],
    body_limit: TEXT,
};

/// Move a queued job to another place.
pub const JOB_MOVE: Operation = Operation {
    id: "job_move",
    topic: "Jobs",
    method: Method::Post,
    path: "/api/jobs/{job}/move",
    summary: "Move a queued job to another place.",
    access: Access::User,
    params: &[JOB_ID],
    request: json::<MoveJob>(),
    answers: &[answer(200, "The job.", json::<Job>())],
    problems: &[ProblemKind::NotFound, ProblemKind::Conflict],
    body_limit: SMALL,
};

/// Follow what happens to a job, from the beginning or behind an event.
pub const JOB_EVENTS: Operation = Operation {
    id: "job_events",
    topic: "Events",
    method: Method::Get,
    path: "/api/jobs/{job}/events",
    summary: "Follow what happens to a job, from the beginning or behind an event.",
    access: Access::User,
    params: &[JOB_ID, LAST_EVENT, AFTER],
    request: Body::None,
    answers: &[answer(200, "Events without end.", events::<JobEvent>())],
    problems: &[ProblemKind::NotFound, ProblemKind::TooMany],
    body_limit: 0,
};

/// Follow what happens to the queue; without an event to begin behind, from now on.
pub const EVENTS: Operation = Operation {
    id: "events",
    topic: "Events",
    method: Method::Get,
    path: "/api/events",
    summary: "Follow what happens to the queue; without an event to begin behind, from now on.",
    access: Access::User,
    params: &[LAST_EVENT, AFTER],
    request: Body::None,
    answers: &[answer(200, "Events without end.", events::<QueueEvent>())],
    problems: &[ProblemKind::TooMany],
    body_limit: 0,
};

/// What the job's process printed.
pub const JOB_LOG: Operation = Operation {
    id: "job_log",
    topic: "Results",
    method: Method::Get,
    path: "/api/jobs/{job}/log",
    summary: "What the job's process printed.",
    access: Access::User,
    params: &[JOB_ID, RANGE],
    request: Body::None,
    answers: &[
        answer(200, "The log.", Body::Bytes("text/plain; charset=utf-8")),
        answer(
            206,
            "A part of it.",
            Body::Bytes("text/plain; charset=utf-8"),
        ),
    ],
    problems: &[ProblemKind::NotFound, ProblemKind::RangeNotSatisfiable],
    body_limit: 0,
};

/// List the files of a job's run.
pub const JOB_FILES: Operation = Operation {
    id: "job_files",
    topic: "Results",
    method: Method::Get,
    path: "/api/jobs/{job}/files",
    summary: "List the files of a job's run.",
    access: Access::User,
    params: &[JOB_ID],
    request: Body::None,
    answers: &[answer(200, "The files.", json::<Artefacts>())],
    problems: &[ProblemKind::NotFound],
    body_limit: 0,
};

/// One file of a job's run.
pub const JOB_FILE: Operation = Operation {
    id: "job_file",
    topic: "Results",
    method: Method::Get,
    path: "/api/jobs/{job}/files/{*path}",
    summary: "One file of a job's run.",
    access: Access::User,
    params: &[JOB_ID, FILE_PATH, RANGE],
    request: Body::None,
    answers: &[
        answer(200, "The file.", Body::Bytes("application/octet-stream")),
        answer(
            206,
            "A part of it.",
            Body::Bytes("application/octet-stream"),
        ),
    ],
    problems: &[ProblemKind::NotFound, ProblemKind::RangeNotSatisfiable],
    body_limit: 0,
};

/// All files of a job's run as a zip; checkpoints to resume from are left out unless asked for.
pub const JOB_ARCHIVE: Operation = Operation {
    id: "job_archive",
    topic: "Results",
    method: Method::Get,
    path: "/api/jobs/{job}/archive",
    summary: "All files of a job's run as a zip; checkpoints to resume from are left out unless asked for.",
    access: Access::User,
    params: &[JOB_ID, CHECKPOINTS],
    request: Body::None,
    answers: &[answer(200, "The zip.", Body::Bytes("application/zip"))],
    problems: &[ProblemKind::NotFound],
    body_limit: 0,
};

/// The records of a job's runs.
pub const JOB_RECORDS: Operation = Operation {
    id: "job_records",
    topic: "Results",
    method: Method::Get,
    path: "/api/jobs/{job}/records",
    summary: "The records of a job's runs.",
    access: Access::User,
    params: &[JOB_ID],
    request: Body::None,
    answers: &[answer(200, "The records.", json::<Records>())],
    problems: &[ProblemKind::NotFound],
    body_limit: 0,
};

/// Say whether jobs differ by more than their runs do.
pub const COMPARE: Operation = Operation {
    id: "compare",
    topic: "Results",
    method: Method::Post,
    path: "/api/compare",
    summary: "Say whether jobs differ by more than their runs do.",
    access: Access::User,
    params: &[],
    request: json::<CompareRequest>(),
    answers: &[answer(200, "The comparison.", json::<Comparison>())],
    problems: &[ProblemKind::NotFound, ProblemKind::Unprocessable],
    body_limit: SMALL,
};

/// Label recordings on the runner with the model of a finished job.
pub const PREDICT: Operation = Operation {
    id: "predict",
    topic: "Results",
    method: Method::Post,
    path: "/api/jobs/{job}/predict",
    summary: "Label recordings on the runner with the model of a finished job.",
    access: Access::User,
    params: &[JOB_ID],
    request: json::<PredictRequest>(),
    answers: &[answer(200, "What the model says.", json::<PredictReply>())],
    problems: &[
        ProblemKind::NotFound,
        ProblemKind::Conflict,
        ProblemKind::Unprocessable,
        ProblemKind::Unavailable,
        ProblemKind::TooMany,
    ],
    body_limit: LIST,
};

/// Label a recording that is sent with the request.
pub const PREDICT_AUDIO: Operation = Operation {
    id: "predict_audio",
    topic: "Results",
    method: Method::Post,
    path: "/api/jobs/{job}/predict/audio",
    summary: "Label a recording that is sent with the request.",
    access: Access::User,
    params: &[JOB_ID, RUN],
    request: Body::Bytes(AUDIO_TYPE),
    answers: &[answer(200, "What the model says.", json::<PredictReply>())],
    problems: &[
        ProblemKind::NotFound,
        ProblemKind::Conflict,
        ProblemKind::Unprocessable,
        ProblemKind::Unavailable,
        ProblemKind::TooMany,
    ],
    body_limit: AUDIO,
};

/// Upload the model of a finished job to the hub of the runner's settings.
pub const PUBLISH: Operation = Operation {
    id: "publish",
    topic: "Results",
    method: Method::Post,
    path: "/api/jobs/{job}/publish",
    summary: "Upload the model of a finished job to the hub of the runner's settings.",
    access: Access::User,
    params: &[JOB_ID],
    request: json::<PublishRequest>(),
    answers: &[answer(202, "It begins.", json::<Publication>())],
    problems: &[
        ProblemKind::NotFound,
        ProblemKind::Conflict,
        ProblemKind::Unprocessable,
        ProblemKind::Unavailable,
    ],
    body_limit: SMALL,
};

/// All operations, by topic.
pub const ALL: &[Operation] = &[
    HEALTH,
    METRICS,
    OPENAPI,
    ENTER,
    LOGIN,
    LOGOUT,
    SESSION,
    USERS,
    AUDIT,
    DEVICES,
    CHECK,
    DATA,
    ROOTS,
    BROWSE,
    UPLOADS,
    UPLOAD_CREATE,
    UPLOAD,
    UPLOAD_PIECE,
    UPLOAD_DELETE,
    DATASETS,
    DATASET_CREATE,
    DATASET,
    DATASET_DELETE,
    CLIP,
    PEAKS,
    SPECTROGRAM,
    SOUND,
    JOBS,
    JOB_CREATE,
    JOB,
    JOB_DELETE,
    JOB_CANCEL,
    JOB_RESUME,
    JOB_DUPLICATE,
    JOB_MOVE,
    JOB_EVENTS,
    EVENTS,
    JOB_LOG,
    JOB_FILES,
    JOB_FILE,
    JOB_ARCHIVE,
    JOB_RECORDS,
    COMPARE,
    PREDICT,
    PREDICT_AUDIO,
    PUBLISH,
];
