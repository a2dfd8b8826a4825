//! Loading the data of an experiment, with a bar.

use crate::progress;
use shared::{
    config::Experiment,
    data::{self, Dataset},
    files::Files,
};

/// Loads the data of `experiment`; with `survey` every recording is decoded once to look for
/// clipped and silent ones, and to leave out damaged ones.
pub(crate) fn load(
    experiment: &Experiment,
    files: &dyn Files,
    survey: bool,
) -> anyhow::Result<Dataset> {
    let bar = progress::counter(0, "files");
    bar.set_message("looking into recordings");
    let mut tick = |done: usize, all: usize| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    };
    let dataset = if survey {
        data::load_surveyed(experiment, files, &mut tick)?
    } else {
        data::load(experiment, files, &mut tick)?
    };
    bar.finish_and_clear();
    Ok(dataset)
}
