//! Labelling recordings with a finished model, by a process of its own.

use super::{finished, model};
use crate::serve::{
    Problem, SightSpec,
    extract::{Body, Params, Path},
    state::AppState,
    users::{Secret, User},
};
use axum::{
    Json,
    body::{Body as Raw, Bytes},
    extract::{FromRequest, Request, State},
};
use indexmap::IndexMap;
use serde::Deserialize;
use shared::protocol::{PredictReply, PredictRequest, Predicted, ProblemKind};
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
    if request
        .max_duration
        .is_some_and(|seconds| !(0.025..=3600.0).contains(&seconds))
    {
        let detail = "a stretch has 0.025 to 3600 seconds";
        return Err(Problem::new(ProblemKind::Unprocessable, detail).about("max_duration"));
    }
    let mut inputs = Vec::new();
    for file in &request.files {
        inputs.push(state.library.path_in(&file.root, &file.path)?);
    }
    let sight = state.library.spec(&user.name)?;
    let (_, run) = finished(&state, &user, &id).await?;
    let (folder, _) = model(&run, request.run)?;
    Ok(Json(
        label(&state, &folder, &inputs, Some(&sight), request.max_duration).await?,
    ))
}

#[derive(Deserialize)]
pub(super) struct Which {
    run: Option<u32>,
}

/// Labels a recording that is sent with the request.
pub(super) async fn predict_audio(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
    Params(which): Params<Which>,
    request: Request<Raw>,
) -> Result<Json<PredictReply>, Problem> {
    // Before the bytes are taken.
    let (_, run) = finished(&state, &user, &id).await?;
    let (folder, _) = model(&run, which.run)?;
    let bytes = Bytes::from_request(request, &state).await?;
    let scratch = Scratch::new(&state).await?;
    // What it is shows in its bytes; the name only has to be one.
    let input = scratch.0.join("recording");
    fs::write(&input, &bytes).await?;
    let mut reply = label(&state, &folder, &[input], None, None).await?;
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
    max_duration: Option<f64>,
) -> Result<PredictReply, Problem> {
    let _place = Place::take(state)?;
    let scratch = Scratch::new(state).await?;
    let table = scratch.0.join("predictions.csv");
    let mut command = Command::new(&state.program);
    command
        .args(["predict", "--device", "cpu", "--model"])
        .arg(model)
        .arg("--out")
        .arg(&table);
    if let Some(seconds) = max_duration {
        command.args(["--max-duration", &seconds.to_string()]);
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
    let said = String::from_utf8_lossy(&output.stderr);
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
    })
}

/// Reads the table of `voxtune predict`: file, start, end, then for classes their probabilities,
/// what is predicted, and three more columns; for a value what is predicted, and one more.
fn read(table: &[u8]) -> Result<Vec<Predicted>, csv::Error> {
    let mut reader = csv::Reader::from_reader(table);
    let header = reader.headers()?.clone();
    // By place, since a class may be called as any column is.
    let said = match header.iter().next_back() {
        Some("correct") => header.len().saturating_sub(4),
        _ => header.len().saturating_sub(2),
    };
    let mut found = Vec::new();
    for record in reader.records() {
        let record = record?;
        let text = |column: usize| record.get(column).unwrap_or_default();
        let mut scores: IndexMap<String, Option<f64>> = (3..said)
            .map(|column| (header[column].to_owned(), text(column).parse().ok()))
            .collect();
        if scores.is_empty() {
            scores.insert("value".to_owned(), text(said).parse().ok());
        }
        found.push(Predicted {
            file: text(0).to_owned(),
            start: text(1).parse().unwrap_or(0.0),
            end: text(2).parse().ok(),
            predicted: text(said).to_owned(),
            scores,
        });
    }
    Ok(found)
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

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn classes_are_told_from_columns_by_their_place() {
        let table = "file,start,end,high,truth,predicted,truth,uncertainty,correct\n\
                     a.wav,0.0,1.5,0.25,0.75,truth,,0.8,\n";
        let found = read(table.as_bytes()).expect("a table");
        assert_eq!((found[0].file.as_str(), found[0].end), ("a.wav", Some(1.5)));
        assert_eq!(found[0].predicted, "truth");
        assert_eq!(found[0].scores["truth"], Some(0.75));
        assert_eq!(found[0].scores.len(), 2);
    }

    #[test]
    fn a_regression_has_one_value() {
        let table = "file,start,end,predicted,truth\na.wav,0.5,,3.25,3.0\n";
        let found = read(table.as_bytes()).expect("a table");
        assert_eq!((found[0].start, found[0].end), (0.5, None));
        assert_eq!(found[0].scores["value"], Some(3.25));
    }
}
