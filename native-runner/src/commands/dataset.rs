//! Loading the data of an experiment, with a bar.

use crate::progress;
use shared::{
    config::Experiment,
    data::{self, Dataset, Reused},
    files::Files,
};

/// Loads the data of `experiment`, one set or, of a cross validation, one a fold; every recording is
/// decoded once to look for clipped and silent ones, and to leave out damaged ones.
pub(crate) fn load(experiment: &Experiment, files: &dyn Files) -> anyhow::Result<Vec<Dataset>> {
    Ok(load_or_reuse(experiment, files, None)?.datasets)
}

/// As [`load`], or what `stored` holds of the same data.
pub(crate) fn load_or_reuse(
    experiment: &Experiment,
    files: &dyn Files,
    stored: Option<&[u8]>,
) -> anyhow::Result<Reused> {
    let bar = progress::counter(0, "files");
    bar.set_message("looking into recordings");
    let mut tick = |done: usize, all: usize| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    };
    let loaded = data::load_or_reuse(experiment, files, stored, &mut tick)?;
    bar.finish_and_clear();
    Ok(loaded)
}

/// Loads the data of `experiment` as one set, without decoding it.
pub(crate) fn load_unsurveyed(
    experiment: &Experiment,
    files: &dyn Files,
) -> anyhow::Result<Dataset> {
    let bar = progress::counter(0, "files");
    bar.set_message("looking into recordings");
    let dataset = data::load(experiment, files, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    Ok(dataset)
}
