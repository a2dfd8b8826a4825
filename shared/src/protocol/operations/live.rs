//! Labelling sound while it is recorded.

use super::{params::*, *};

/// Load the model of a finished job, to label sound as it comes.
pub const LIVE_START: Operation = Operation {
    id: "live_start",
    topic: "Live",
    method: Method::Post,
    path: "/api/jobs/{job}/live",
    summary: "Load the model of a finished job, to label sound as it comes.",
    access: Access::User,
    params: &[JOB_ID],
    request: json::<StartLive>(),
    answers: &[answer(201, "It listens.", json::<Live>())],
    problems: &[
        ProblemKind::NotFound,
        ProblemKind::Conflict,
        ProblemKind::Unprocessable,
        ProblemKind::Unavailable,
        ProblemKind::TooMany,
    ],
    body_limit: SMALL,
};

/// List one's own sessions in which a model listens.
pub const LIVES: Operation = Operation {
    id: "lives",
    topic: "Live",
    method: Method::Get,
    path: "/api/live",
    summary: "List one's own sessions in which a model listens.",
    access: Access::User,
    params: &[],
    request: Body::None,
    answers: &[answer(200, "The sessions.", json::<LiveList>())],
    problems: &[],
    body_limit: 0,
};

/// Send the next piece of sound: 16-bit samples of one channel, the low byte first.
pub const LIVE_SOUND: Operation = Operation {
    id: "live_sound",
    topic: "Live",
    method: Method::Post,
    path: "/api/live/{live}",
    summary: "Send the next piece of sound: 16-bit samples of one channel, the low byte first.",
    access: Access::User,
    params: &[LIVE_ID, SAMPLES],
    request: Body::Bytes(AUDIO_TYPE),
    answers: &[answer(
        200,
        "What the model says of the windows that are complete with it.",
        json::<LiveReply>(),
    )],
    problems: &[
        ProblemKind::NotFound,
        ProblemKind::Conflict,
        ProblemKind::Unprocessable,
        ProblemKind::Unavailable,
    ],
    body_limit: SOUND_PIECE,
};

/// End a session, and give its device and memory back.
pub const LIVE_END: Operation = Operation {
    id: "live_end",
    topic: "Live",
    method: Method::Delete,
    path: "/api/live/{live}",
    summary: "End a session, and give its device and memory back.",
    access: Access::User,
    params: &[LIVE_ID],
    request: Body::None,
    answers: &[answer(204, "It has ended.", Body::None)],
    problems: &[ProblemKind::NotFound],
    body_limit: 0,
};
