//! Who may ask, and what the runner is.

use super::{params::*, *};

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
