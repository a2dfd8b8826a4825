//! How a recording looks and sounds.

use super::{params::*, *};

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
    problems: &[
        ProblemKind::NotFound,
        ProblemKind::Unprocessable,
        ProblemKind::TooMany,
    ],
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
    problems: &[
        ProblemKind::NotFound,
        ProblemKind::Unprocessable,
        ProblemKind::TooMany,
    ],
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
    params: &[Q_ROOT, Q_PATH, START, END, WIDTH, HEIGHT, TOP],
    request: Body::None,
    answers: &[answer(200, "The picture.", Body::Bytes("image/png"))],
    problems: &[
        ProblemKind::NotFound,
        ProblemKind::Unprocessable,
        ProblemKind::TooMany,
    ],
    body_limit: 0,
};

/// A stretch of a recording as 16-bit WAV at its own rate; more than two channels are mixed to one.
pub const SOUND: Operation = Operation {
    id: "sound",
    topic: "Preview",
    method: Method::Get,
    path: "/api/preview/audio",
    summary: "A stretch of a recording as 16-bit WAV at its own rate; more than two channels are mixed to one.",
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
        ProblemKind::TooMany,
    ],
    body_limit: 0,
};
