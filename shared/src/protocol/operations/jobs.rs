//! The queue, and following it.

use super::{params::*, *};

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
    problems: &[ProblemKind::NotFound],
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
    request: json::<ResumeJob>(),
    answers: &[answer(200, "The job.", json::<Job>())],
    problems: &[
        ProblemKind::NotFound,
        ProblemKind::Unprocessable,
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
