//! Records of runs, and jobs side by side.

use super::records as records_of;
use crate::serve::{
    Problem,
    extract::{Body, Path},
    jobs,
    state::AppState,
    users::User,
};
use axum::{Json, extract::State};
use shared::{
    protocol::{CompareRequest, ProblemKind, Records},
    report::compare::{Comparison, Runs},
};
use std::collections::HashSet;
use tokio::task::spawn_blocking;

/// Jobs that are compared at most.
const MOST: usize = 100;

/// The records of a job's runs.
pub(super) async fn records(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
) -> Result<Json<Records>, Problem> {
    let job = jobs::get(&state, &user, &id).await?;
    let run = jobs::folder(&state.settings, &job.id).run();
    let found = spawn_blocking(move || records_of(&run)).await;
    let records = found.map_err(Problem::internal)?;
    Ok(Json(Records {
        records: records.into_iter().map(|(_, manifest)| manifest).collect(),
    }))
}

/// Whether jobs differ by more than their runs do.
pub(super) async fn compare(
    State(state): State<AppState>,
    user: User,
    Body(request): Body<CompareRequest>,
) -> Result<Json<Comparison>, Problem> {
    let unfit = |detail: String| Problem::new(ProblemKind::Unprocessable, detail);
    let unique: HashSet<&String> = request.jobs.iter().collect();
    if unique.len() != request.jobs.len() || !(2..=MOST).contains(&unique.len()) {
        let detail = format!("comparing takes 2 to {MOST} jobs, each once");
        return Err(unfit(detail).about("jobs"));
    }
    let mut jobs = Vec::new();
    for id in &request.jobs {
        jobs.push(jobs::get(&state, &user, id).await?);
    }
    let settings = state.settings.clone();
    let work = spawn_blocking(move || {
        let runs: Vec<Runs> = jobs
            .iter()
            .map(|job| Runs {
                // Jobs of one name are told apart by their ids.
                name: match jobs.iter().filter(|other| other.name == job.name).count() {
                    1 => job.name.clone(),
                    _ => format!("{} ({})", job.name, job.id),
                },
                manifests: records_of(&jobs::folder(&settings, &job.id).run())
                    .into_iter()
                    .map(|(_, manifest)| manifest)
                    .collect(),
            })
            .collect();
        if let Some(empty) = runs.iter().find(|runs| runs.manifests.is_empty()) {
            return Err(format!("the job `{}` has no results yet", empty.name));
        }
        Comparison::of(&runs, request.measure.as_deref()).map_err(|error| error.to_string())
    });
    work.await
        .map_err(Problem::internal)?
        .map(Json)
        .map_err(unfit)
}
