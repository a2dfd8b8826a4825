//! Checking an INI for a request.

mod sight;

use super::{
    Problem, Sight, devices, extract::Body, problem::Place, route::Routes, state::AppState,
    users::User,
};
use axum::{Json, extract::State};
use shared::{
    checkpoint::{Description, ModelConfig},
    config::{
        self, Checked, DeviceChoice, Experiment, Mode,
        diagnostics::{Diagnostic, Severity},
    },
    estimate::{Estimate, Fit, Limits, Load},
    files::{Disk, Files},
    protocol::{CheckReply, CheckRequest, ProblemKind, operations},
};
use tokio::task::spawn_blocking;

/// Bytes of the longest experiment: far more than people write.
const LONGEST: usize = 256 << 10;
/// Keys that are set beside a text.
const MOST_SET: usize = 1_000;
/// Errors, and other findings, that are told of one text.
const MOST_TOLD: usize = 500;

pub(crate) use sight::explain;

/// What is answered here.
pub(crate) fn routes() -> Routes {
    Routes::new().on(&operations::CHECK, answer)
}

/// Checks an experiment without running it.
async fn answer(
    State(state): State<AppState>,
    user: User,
    Body(request): Body<CheckRequest>,
) -> Result<Json<CheckReply>, Problem> {
    let shared = state.clone();
    let work = spawn_blocking(move || {
        let files = shared.library.sight(&user.name)?;
        let (_, checked) = checked(&files, &request.text, &request.set, Mode::Run)?;
        let model = checked
            .experiment
            .as_ref()
            .and_then(|experiment| model(&experiment.tuning.pretrained_model, &files));
        Ok::<_, Problem>((checked, model))
    });
    let (checked, model) = work.await.map_err(Problem::internal)??;
    let devices = devices::now(&state).await?;
    let found = checked.experiment.as_ref().zip(model.as_ref());
    let fit = found.map(|(experiment, model)| {
        let wanted = device(experiment.tuning.device);
        let mut able = devices.devices.iter().filter(|one| !one.explicit_only);
        let taken = match experiment.tuning.device {
            DeviceChoice::Auto => able.next(),
            _ => devices.devices.iter().find(|one| one.id == wanted),
        };
        let memory = taken.and_then(|one| one.memory).map(|memory| memory.total);
        let limits = Limits {
            memory,
            buffer: None,
        };
        Fit::of(model, experiment, &limits)
    });
    Ok(Json(CheckReply {
        valid: checked.experiment.is_some(),
        diagnostics: checked.diagnostics,
        settings: checked.settings,
        estimate: found.map(|(experiment, model)| Estimate::of(model, &Load::of(experiment))),
        fit,
        devices,
    }))
}

/// The text with what `set` changes, and what its check found of what is in sight.
pub(crate) fn checked(
    files: &Sight,
    text: &str,
    set: &[String],
    mode: Mode,
) -> Result<(String, Checked), Problem> {
    let refused = |key: &str, detail: String| {
        Err(Problem::new(ProblemKind::Unprocessable, detail).about(key))
    };
    if text.len() > LONGEST {
        return refused("text", format!("an experiment has at most {LONGEST} bytes"));
    }
    if set.len() > MOST_SET {
        return refused("set", format!("at most {MOST_SET} keys are set at once"));
    }
    let text = config::apply_overrides(text, set).map_err(|error| {
        Problem::new(ProblemKind::Unprocessable, error.to_string()).about("set")
    })?;
    let mut checked = config::check_in(&text, "", files, mode);
    shorten(&mut checked.diagnostics);
    explain(&mut checked, files);
    Ok((text, checked))
}

/// Keeps the first findings of each kind where there are more than anybody reads.
fn shorten(diagnostics: &mut Vec<Diagnostic>) {
    let mut left = [MOST_TOLD; 2];
    diagnostics.retain(|finding| {
        let left = &mut left[usize::from(finding.severity == Severity::Error)];
        let keep = *left > 0;
        *left = left.saturating_sub(1);
        keep
    });
}

/// The answer to an INI with errors: the first one's place, and all findings.
pub(crate) fn invalid(checked: &Checked) -> Problem {
    let first = checked
        .diagnostics
        .iter()
        .find(|finding| finding.severity == Severity::Error);
    let place = first.map_or_else(Place::default, |finding| place(checked, finding.span.start));
    Problem::invalid_config(place, checked.diagnostics.clone())
}

/// The section and key in which byte `at` of the text stands.
fn place(checked: &Checked, at: usize) -> Place {
    let sections = checked.document.sections();
    let section = sections
        .iter()
        .rev()
        .find(|section| section.header.start <= at);
    let key = section.and_then(|section| {
        let inside =
            |span: &config::span::Span| span.start <= at && at < span.end.max(span.start + 1);
        section.entries.iter().find(|entry| inside(&entry.lines))
    });
    Place {
        section: section.map(|section| section.name.clone()),
        key: key.map(|entry| entry.key.clone()),
    }
}

/// What a device is called in an INI.
pub(crate) fn device(choice: DeviceChoice) -> String {
    match choice {
        DeviceChoice::Auto => "auto".to_owned(),
        DeviceChoice::Cpu => "cpu".to_owned(),
        DeviceChoice::Vulkan(number) => format!("vulkan:{number}"),
        DeviceChoice::Cuda(number) => format!("cuda:{number}"),
    }
}

/// What an experiment is expected to need; `None` where its model is not on this machine yet.
pub(crate) fn estimate(experiment: &Experiment, files: &dyn Files) -> Option<Estimate> {
    let model = model(&experiment.tuning.pretrained_model, files)?;
    Some(Estimate::of(&model, &Load::of(experiment)))
}

/// The shape of a model that is on this machine.
fn model(name: &str, files: &dyn Files) -> Option<ModelConfig> {
    if files.is_folder(name) {
        return Description::read(files, name)
            .ok()
            .map(|found| found.config);
    }
    let folder = crate::hub::cached(name)?;
    Description::read(&Disk, &folder)
        .ok()
        .map(|found| found.config)
}
