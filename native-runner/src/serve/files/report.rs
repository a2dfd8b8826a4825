//! What an experiment would learn from.

use super::sight::Sight;
use crate::serve::{Problem, check, extract::Body, state::AppState, users::User};
use axum::{Json, extract::State};
use shared::{
    config::Mode,
    data::{self, DataReport},
    files::{Files, ReadSeek},
    protocol::{DataRequest, ProblemKind},
};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// The data report of an experiment.
pub(super) async fn data(
    State(state): State<AppState>,
    user: User,
    Body(request): Body<DataRequest>,
) -> Result<Json<DataReport>, Problem> {
    let library = state.library.clone();
    let wanted = Arc::new(AtomicBool::new(true));
    // When the client goes away, this future is dropped, and the work need not be done.
    let _guard = Gone(wanted.clone());
    let report = state.library.work.run(move || {
        let sight = library.sight(&user.name)?;
        report(&request, sight, wanted)
    });
    Ok(Json(report.await??))
}

fn report(
    request: &DataRequest,
    sight: Sight,
    wanted: Arc<AtomicBool>,
) -> Result<DataReport, Problem> {
    let (_, checked) = check::checked(&sight, &request.text, &request.set, Mode::Data)?;
    let Some(experiment) = checked.experiment.as_ref() else {
        return Err(check::invalid(&checked));
    };
    let files = Wanted { sight, wanted };
    let progress = &mut |_: usize, _: usize| {};
    let dataset = if request.survey {
        data::load_surveyed(experiment, &files, progress)
    } else {
        data::load(experiment, &files, progress)
    };
    dataset
        .map(|dataset| dataset.report)
        .map_err(|error| Problem::new(ProblemKind::Unprocessable, error.to_string()))
}

/// Says that nobody waits any more when it is dropped.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Files that can be opened as long as somebody waits for what becomes of it.
struct Wanted {
    sight: Sight,
    wanted: Arc<AtomicBool>,
}

impl Files for Wanted {
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        if !self.wanted.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.sight.open(path)
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        self.sight.size(path)
    }

    fn is_folder(&self, path: &str) -> bool {
        self.sight.is_folder(path)
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        self.sight.list(path)
    }
}
