//! Uploading a model to the hub, by a process of its own that tells of it in the job's events.

use super::{finished, model};
use crate::serve::{
    Problem,
    extract::{Body, Path},
    jobs::{self, Publishing, catch_up},
    state::AppState,
    time,
    users::User,
};
use axum::{Json, extract::State, http::StatusCode};
use shared::{
    config::HubModel,
    protocol::{Event, News, ProblemKind, Publication, PublishRequest},
};
use std::{fs::File, path::PathBuf, process::Stdio, time::Duration};
use tokio::{
    process::Command,
    task::spawn_blocking,
    time::{Instant, sleep, timeout},
};

/// How often its events are looked for.
const LOOK: Duration = Duration::from_millis(200);

/// How long the process of an upload may take to end once it has told of its success.
const ENDING: Duration = Duration::from_secs(2);

/// The right to publish a model of a job. Whoever has just read that one is published may ask for the next at once.
async fn alone(state: &AppState, job: &str) -> Option<Publishing> {
    let since = Instant::now();
    loop {
        let publishing = Publishing::begin(state, job);
        if publishing.is_some() || since.elapsed() > ENDING {
            return publishing;
        }
        sleep(LOOK).await;
    }
}

/// Begins to upload the model of a finished job.
pub(super) async fn publish(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
    Body(request): Body<PublishRequest>,
) -> Result<(StatusCode, Json<Publication>), Problem> {
    let unfit = |detail: String| Problem::new(ProblemKind::Unprocessable, detail).about("to");
    let to = HubModel::parse(&request.to).map_err(|error| unfit(error.to_string()))?;
    if to.revision.is_some() {
        return Err(unfit(format!(
            "uploads go to the main branch: write {}",
            to.id
        )));
    }
    if !state.machine.can_publish {
        let detail =
            "the runner has no token for the hub: start it with HF_TOKEN, or after `hf auth login`";
        return Err(Problem::new(ProblemKind::Unavailable, detail));
    }
    let (job, run) = finished(&state, &user, &id).await?;
    let (folder, number) = model(&run, request.run)?;
    let publishing = alone(&state, &job.id).await.ok_or_else(|| {
        let detail = format!("a model of `{}` is being published already", job.name);
        Problem::new(ProblemKind::Conflict, detail)
    })?;
    let place = jobs::folder(&state.settings, &job.id);
    let events = File::options()
        .create(true)
        .append(true)
        .open(place.events())?;
    let log = File::options()
        .create(true)
        .append(true)
        .open(place.log())?;
    let mut command = Command::new(&state.program);
    command
        .arg("push")
        .arg(&folder)
        .args(["--to", &to.id, "--json"]);
    if request.public {
        command.arg("--public");
    }
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::from(events))
        .stderr(Stdio::from(log))
        .spawn()?;
    tokio::spawn(async move {
        follow(state, job.id, folder, child).await;
        drop(publishing);
    });
    let publication = Publication {
        to: to.id,
        run: number,
    };
    Ok((StatusCode::ACCEPTED, Json(publication)))
}

/// Tells what the process says until it has ended, and whether it went well.
async fn follow(state: AppState, id: String, folder: PathBuf, mut child: tokio::process::Child) {
    loop {
        let ended = timeout(LOOK, child.wait()).await;
        let (shared, job) = (state.clone(), id.clone());
        let told = spawn_blocking(move || {
            let place = jobs::folder(&shared.settings, &job);
            while catch_up(&shared.store, &job, &place)? {}
            Ok::<_, Problem>(())
        });
        let _ = told.await;
        let Ok(ended) = ended else { continue };
        if !ended.is_ok_and(|status| status.success()) {
            tracing::warn!(job = id, model = %folder.display(), "it was not published");
            let shared = state.clone();
            let _ = spawn_blocking(move || failed(&shared, &id)).await;
        }
        return;
    }
}

fn failed(state: &AppState, id: &str) -> Result<(), Problem> {
    let log = jobs::folder(&state.settings, id).log_end(2048);
    let last = log
        .lines()
        .rev()
        .find(|line| line.starts_with("error: "))
        .unwrap_or("error: its log says why");
    let run = Box::new(Event::Warning {
        message: format!(
            "the model was not published: {}",
            last.trim_start_matches("error: ")
        ),
    });
    let data = serde_json::to_string(&News::Run { run })?;
    state.store.write_now(|write| {
        let user: String =
            write.query_row("SELECT user FROM jobs WHERE id = ?", [id], |row| row.get(0))?;
        let last = write.event(id, &user, &time::now(), false, &data)?;
        write.execute(
            "UPDATE jobs SET last = ? WHERE id = ?",
            rusqlite::params![crate::serve::store::signed(last), id],
        )?;
        Ok(())
    })
}
