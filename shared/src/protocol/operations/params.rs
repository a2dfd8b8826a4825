//! Parameters that several operations share, or one has.

use super::*;

pub(super) const TOKEN: Param = param(
    "token",
    In::Query,
    true,
    "The one-time token.",
    schema::<String>,
);
pub(super) const LIMIT: Param = param(
    "limit",
    In::Query,
    false,
    "How many at most; 100 without it.",
    schema::<Count>,
);
pub(super) const BEFORE: Param = param(
    "before",
    In::Query,
    false,
    "Only entries with a smaller number.",
    schema::<u64>,
);
pub(super) const ROOT: Param = param("root", In::Path, true, "The root's id.", schema::<String>);
pub(super) const FOLDER: Param = param(
    "path",
    In::Query,
    false,
    "The folder below the root, with `/`; without it the root itself.",
    schema::<String>,
);
pub(super) const UPLOAD_ID: Param = param(
    "upload",
    In::Path,
    true,
    "The upload's id.",
    schema::<String>,
);
pub(super) const OFFSET: Param = param(
    "offset",
    In::Query,
    true,
    "Where the piece begins: as many bytes as are there.",
    schema::<u64>,
);
pub(super) const DATASET_ID: Param = param(
    "dataset",
    In::Path,
    true,
    "The dataset's id.",
    schema::<String>,
);
pub(super) const DATASET_PATH: Param = param(
    "path",
    In::Path,
    true,
    "The file's place in the dataset, with `/`.",
    schema::<String>,
);
pub(super) const Q_ROOT: Param = param("root", In::Query, true, "The root's id.", schema::<String>);
pub(super) const Q_PATH: Param = param(
    "path",
    In::Query,
    true,
    "The recording below the root, with `/`.",
    schema::<String>,
);
pub(super) const START: Param = param(
    "start",
    In::Query,
    false,
    "Start in seconds; 0 without it.",
    schema::<f64>,
);
pub(super) const END: Param = param(
    "end",
    In::Query,
    false,
    "End in seconds; without it the end of the recording.",
    schema::<f64>,
);
pub(super) const BUCKETS: Param = param(
    "buckets",
    In::Query,
    false,
    "Into how many buckets the stretch is cut; 1000 without it.",
    schema::<Count>,
);
pub(super) const WIDTH: Param = param(
    "width",
    In::Query,
    false,
    "Width in pixels; 800 without it.",
    schema::<Count>,
);
pub(super) const HEIGHT: Param = param(
    "height",
    In::Query,
    false,
    "Height in pixels; 200 without it.",
    schema::<Count>,
);
pub(super) const TOP: Param = param(
    "top",
    In::Query,
    false,
    "The level in dB that is drawn black, as the header Voxtune-Top tells it; without it the loudest of the stretch.",
    schema::<f64>,
);
pub(super) const RANGE: Param = param(
    "Range",
    In::Header,
    false,
    "A stretch of the bytes.",
    schema::<String>,
);
pub(super) const STATE: Param = param(
    "state",
    In::Query,
    false,
    "Only jobs in this state.",
    schema::<JobState>,
);
pub(super) const BEFORE_JOB: Param = param(
    "before",
    In::Query,
    false,
    "Of jobs that have ended only those older than this one.",
    schema::<String>,
);
pub(super) const IDEMPOTENCY: Param = param(
    "Idempotency-Key",
    In::Header,
    false,
    "Chosen by the client, at most 128 visible characters: the same request with the same key is carried out once.",
    schema::<String>,
);
pub(super) const JOB_ID: Param = param("job", In::Path, true, "The job's id.", schema::<String>);
pub(super) const LAST_EVENT: Param = param(
    "Last-Event-ID",
    In::Header,
    false,
    "Begin behind this event; browsers send it by themselves.",
    schema::<u64>,
);
pub(super) const AFTER: Param = param(
    "after",
    In::Query,
    false,
    "The same for a first connection.",
    schema::<u64>,
);
pub(super) const FILE_PATH: Param = param(
    "path",
    In::Path,
    true,
    "The file below the run's folder, with `/`.",
    schema::<String>,
);
pub(super) const CHECKPOINTS: Param = param(
    "checkpoints",
    In::Query,
    false,
    "Put checkpoints to resume from into it.",
    schema::<bool>,
);
pub(super) const RUN: Param = param(
    "run",
    In::Query,
    false,
    "Number of the run; without it the best one.",
    schema::<u32>,
);
pub(super) const LONGEST: Param = param(
    "max_duration",
    In::Query,
    false,
    "Longest stretch in seconds that the model sees at once; without it as it was evaluated.",
    schema::<f64>,
);
pub(super) const WINDOW: Param = param(
    "window",
    In::Query,
    false,
    "Make a time line: a prediction for each window of so many seconds, instead of one for the clip.",
    schema::<f64>,
);
pub(super) const HOP: Param = param(
    "hop",
    In::Query,
    false,
    "Seconds from one window of the time line to the next; without it as long as a window.",
    schema::<f64>,
);
pub(super) const DEVICE: Param = param(
    "device",
    In::Query,
    false,
    "The device, by its id; without it, or with `auto`, a graphics card that is free, else the CPU.",
    schema::<String>,
);
pub(super) const LIVE_ID: Param = param(
    "live",
    In::Path,
    true,
    "The session's id.",
    schema::<String>,
);
pub(super) const SAMPLES: Param = param(
    "offset",
    In::Query,
    false,
    "How many samples came before this piece; with it a piece that is sent again counts once.",
    schema::<u64>,
);
