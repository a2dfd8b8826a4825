//! Experiments and what they are about.

use super::{params::*, *};

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
        ProblemKind::TooMany,
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
    problems: &[ProblemKind::NotFound, ProblemKind::TooMany],
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
        ProblemKind::TooMany,
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
    problems: &[ProblemKind::NotFound, ProblemKind::Conflict],
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
        ProblemKind::TooMany,
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

/// List the files of a dataset.
pub const DATASET_FILES: Operation = Operation {
    id: "dataset_files",
    topic: "Data",
    method: Method::Get,
    path: "/api/datasets/{dataset}/files",
    summary: "List the files of a dataset.",
    access: Access::User,
    params: &[DATASET_ID],
    request: Body::None,
    answers: &[answer(200, "The files.", json::<DatasetFiles>())],
    problems: &[ProblemKind::NotFound],
    body_limit: 0,
};

/// One file of a dataset, as it was sent.
pub const DATASET_FILE: Operation = Operation {
    id: "dataset_file",
    topic: "Data",
    method: Method::Get,
    path: "/api/datasets/{dataset}/files/{*path}",
    summary: "One file of a dataset, as it was sent.",
    access: Access::User,
    params: &[DATASET_ID, DATASET_PATH, RANGE],
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
