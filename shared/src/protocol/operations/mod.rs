//! The one table of all that the runner can be asked.

mod access;
mod data;
mod jobs;
mod live;
mod params;
mod preview;
mod results;

pub use self::{access::*, data::*, jobs::*, live::*, preview::*, results::*};
use super::{
    Access, Answer, Body, In, Method, Operation, PIECE_TYPE, Param, ProblemKind, Schema,
    artefacts::*, check::*, datasets::*, devices::*, health::*, jobs::*, live::*, news::*,
    predict::*, preview::*, results::*, roots::*, session::*, state::JobState,
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
/// Largest piece of sound of a session.
const SOUND_PIECE: u64 = 4 << 20;

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
    DATASET_FILES,
    DATASET_FILE,
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
    LIVE_START,
    LIVES,
    LIVE_SOUND,
    LIVE_END,
    PUBLISH,
];
