//! Labelling recordings with a finished model, by a process of its own.

use super::{finished, model};
use crate::{
    predict::read,
    serve::{
        Problem, SightSpec,
        extract::{Body, Params, Path},
        jobs,
        state::AppState,
        users::{Secret, User},
    },
};
use axum::{
    Json,
    body::{Body as Raw, Bytes},
    extract::{FromRequest, Request, State},
};
use serde::Deserialize;
use shared::protocol::{PredictReply, PredictRequest, ProblemKind};
use std::{
    ffi::OsStr,
    path::{Path as FilePath, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{fs, process::Command, time::timeout};

/// Files that one request labels at most.
const MOST: usize = 1000;
/// How long labelling may take.
const PATIENCE: Duration = Duration::from_secs(600);
/// Processes that label at once; more would take the machine from the jobs.
const AT_ONCE: i64 = 2;

/// Labels recordings on the runner.
pub(super) async fn predict(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
    Body(request): Body<PredictRequest>,
) -> Result<Json<PredictReply>, Problem> {
    if request.files.is_empty() || request.files.len() > MOST {
        let detail = format!("1 to {MOST} files are labelled at once");
        return Err(Problem::new(ProblemKind::Unprocessable, detail).about("files"));
    }
    let way = Way {
        max_duration: request.max_duration,
        window: request.window,
        hop: request.hop,
        device: request.device,
    };
    way.check()?;
    let mut inputs = Vec::new();
    for file in &request.files {
        inputs.push(state.library.path_in(&file.root, &file.path)?);
    }
    let sight = state.library.spec(&user.name)?;
    let (_, run) = finished(&state, &user, &id).await?;
    let (folder, _) = model(&run, request.run)?;
    Ok(Json(
        label(&state, &folder, &inputs, Some(&sight), &way).await?,
    ))
}

#[derive(Deserialize)]
pub(super) struct Which {
    run: Option<u32>,
    // Not nested: a query has no types, so that a flattened one would be read as text.
    max_duration: Option<f64>,
    window: Option<f64>,
    hop: Option<f64>,
    device: Option<String>,
}

/// How recordings are put to a model.
struct Way {
    max_duration: Option<f64>,
    window: Option<f64>,
    hop: Option<f64>,
    device: Option<String>,
}

impl Way {
    fn check(&self) -> Result<(), Problem> {
        let refused = |key: &str, detail: &str| {
            Err(Problem::new(ProblemKind::Unprocessable, detail).about(key))
        };
        for (key, seconds) in [
            ("max_duration", self.max_duration),
            ("window", self.window),
            ("hop", self.hop),
        ] {
            if seconds.is_some_and(|seconds| !(0.025..=3600.0).contains(&seconds)) {
                return refused(key, "it has 0.025 to 3600 seconds");
            }
        }
        if self.window.is_some() && self.max_duration.is_some() {
            return refused(
                "window",
                "the model sees a window whole: leave max_duration out",
            );
        }
        if self.hop.is_some() && self.window.is_none() {
            return refused("hop", "a hop leads from window to window: say `window` too");
        }
        Ok(())
    }
}

/// Labels a recording that is sent with the request.
pub(super) async fn predict_audio(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
    Params(which): Params<Which>,
    request: Request<Raw>,
) -> Result<Json<PredictReply>, Problem> {
    let way = Way {
        max_duration: which.max_duration,
        window: which.window,
        hop: which.hop,
        device: which.device,
    };
    way.check()?;
    // Before the bytes are taken.
    let (_, run) = finished(&state, &user, &id).await?;
    let (folder, _) = model(&run, which.run)?;
    let bytes = Bytes::from_request(request, &state).await?;
    let scratch = Scratch::new(&state).await?;
    // What it is shows in its bytes; the name only has to be one.
    let input = scratch.0.join("recording");
    fs::write(&input, &bytes).await?;
    let mut reply = label(&state, &folder, &[input], None, &way).await?;
    for predicted in &mut reply.predictions {
        predicted.file = "recording".to_owned();
    }
    Ok(Json(reply))
}

/// Labels files with the model in `model`.
async fn label(
    state: &AppState,
    model: &FilePath,
    inputs: &[impl AsRef<OsStr>],
    sight: Option<&SightSpec>,
    way: &Way,
) -> Result<PredictReply, Problem> {
    let _place = Place::take(state)?;
    let loan = jobs::lend(state, way.device.as_deref()).await?;
    let scratch = Scratch::new(state).await?;
    let table = scratch.0.join("predictions.csv");
    let mut command = Command::new(&state.program);
    command
        .args(["predict", "--device", &loan.device, "--model"])
        .arg(model)
        .arg("--out")
        .arg(&table);
    for (flag, seconds) in [
        ("--max-duration", way.max_duration),
        ("--window", way.window),
        ("--hop", way.hop),
    ] {
        if let Some(seconds) = seconds {
            command.args([flag, &seconds.to_string()]);
        }
    }
    if let Some(sight) = sight {
        let place = scratch.0.join("sight.json");
        fs::write(&place, serde_json::to_vec(sight)?).await?;
        command.arg("--sight").arg(place);
    }
    command
        .arg("--")
        .args(inputs)
        .current_dir(&scratch.0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true);
    let output = match timeout(PATIENCE, command.output()).await {
        Ok(output) => output?,
        Err(_) => {
            let detail = format!(
                "labelling took more than {} seconds: send fewer files",
                PATIENCE.as_secs()
            );
            return Err(Problem::new(ProblemKind::Unprocessable, detail));
        }
    };
    // Where the runner puts what it was sent is nobody's business.
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let said = own_folders(&scratch.0, inputs)
        .iter()
        .fold(said, |said, own| said.replace(own, ""));
    let warnings: Vec<String> = said
        .lines()
        .filter_map(|line| line.strip_prefix("warning: "))
        .map(str::to_owned)
        .collect();
    // It writes the table also where a file was left out.
    let Ok(table) = fs::read(&table).await else {
        let error = said
            .lines()
            .find_map(|line| line.strip_prefix("error: "))
            .unwrap_or("the process that labels did not end well");
        return Err(Problem::new(ProblemKind::Unprocessable, error));
    };
    Ok(PredictReply {
        predictions: read(&table).map_err(Problem::internal)?,
        warnings,
        device: loan.device.clone(),
    })
}

/// The beginnings of paths that lie where the runner puts things for a moment: of `scratch` itself, and of inputs
/// in a folder beside it.
fn own_folders(scratch: &FilePath, inputs: &[impl AsRef<OsStr>]) -> Vec<String> {
    let all = scratch.parent();
    let of_inputs = inputs
        .iter()
        .filter_map(|input| FilePath::new(input.as_ref()).parent())
        .filter(|folder| folder.parent() == all && all.is_some());
    std::iter::once(scratch)
        .chain(of_inputs)
        .map(|folder| format!("{}/", folder.display()))
        .collect()
}

/// A place among the processes that label.
struct Place(AppState);

impl Place {
    fn take(state: &AppState) -> Result<Self, Problem> {
        if state.counters.labelling.get() >= AT_ONCE {
            let detail = format!("{AT_ONCE} requests label already: try again in a moment");
            return Err(Problem::new(ProblemKind::TooMany, detail).retry_after(5));
        }
        state.counters.labelling.add(1);
        Ok(Self(state.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.counters.labelling.add(-1);
    }
}

/// A folder that is gone when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    async fn new(state: &AppState) -> Result<Self, Problem> {
        let name: String = Secret::new()
            .map_err(Problem::internal)?
            .reveal()
            .chars()
            .take(20)
            .collect();
        let path = state.settings.folder.join("scratch").join(name);
        fs::create_dir_all(&path).await?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
