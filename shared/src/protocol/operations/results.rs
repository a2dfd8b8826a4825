//! What jobs leave behind.

use super::{params::*, *};

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
    params: &[JOB_ID, RUN, LONGEST, WINDOW, HOP, DEVICE],
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
