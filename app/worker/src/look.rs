//! What an experiment would do, before it is run.

use crate::room;
use between::Blobs;
use shared::{
    checkpoint::Description,
    config::{self, Checked, Mode},
    data::{self, DataReport},
    estimate::{Estimate, Fit, Load},
    protocol::{CheckReply, CheckRequest, DataRequest, Devices, Problem, ProblemKind},
};

type Answer<T> = Result<T, Box<Problem>>;

fn unfit(error: impl std::fmt::Display) -> Box<Problem> {
    Box::new(Problem::new(ProblemKind::Unprocessable, error.to_string()))
}

fn checked(text: &str, set: &[String], files: &Blobs, mode: Mode) -> Answer<Checked> {
    let text = config::apply_overrides(text, set).map_err(unfit)?;
    Ok(config::check_in(&text, "", files, mode))
}

/// What is worth saying about an experiment, and what it would need.
pub(crate) fn check(request: &CheckRequest, files: &Blobs) -> Answer<CheckReply> {
    let checked = checked(&request.text, &request.set, files, Mode::Check)?;
    let needs = checked.experiment.as_ref().and_then(|experiment| {
        let model = Description::read(files, &experiment.tuning.pretrained_model).ok()?;
        let limits = room::limits(experiment.tuning.device);
        Some((
            Estimate::of(&model.config, &Load::of(experiment)),
            Fit::of(&model.config, experiment, &limits),
        ))
    });
    let (estimate, fit) = needs.unzip();
    Ok(CheckReply {
        valid: checked.experiment.is_some(),
        diagnostics: checked.diagnostics,
        settings: checked.settings,
        estimate,
        fit,
        devices: Devices::default(),
    })
}

/// The data report of an experiment.
pub(crate) fn look(request: &DataRequest, files: &Blobs) -> Answer<DataReport> {
    let checked = checked(&request.text, &request.set, files, Mode::Data)?;
    let Some(experiment) = &checked.experiment else {
        let mut problem = unfit("the experiment has errors: mend them first");
        problem.kind = ProblemKind::InvalidConfig;
        problem.diagnostics = checked.diagnostics;
        return Err(problem);
    };
    let progress = &mut |_: usize, _: usize| {};
    let dataset = if request.survey {
        data::load_surveyed(experiment, files, progress)
    } else {
        data::load(experiment, files, progress)
    };
    dataset.map(|dataset| dataset.report).map_err(unfit)
}
