//! An experiment with all that it takes to carry it out, whichever way it is tested.

use super::{CrossValidation, Finished, Job, Output, RunError, Start};
use crate::{
    config::{Experiment, Setting},
    data::Dataset,
    protocol::Status,
    report::Layout,
    train::{Store, Surroundings},
};
use burn::tensor::Device;

/// An experiment that is about to be carried out: a job, or the folds of a cross validation.
pub struct Undertaking<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// The INI's text as it is run.
    pub text: &'a str,
    /// The effective keys.
    pub settings: &'a [Setting],
    /// What is learnt from, as [`crate::data::load_all`] gives it.
    pub datasets: &'a [Dataset],
    /// What training begins from.
    pub start: &'a Start<'a>,
    /// Where tensors live.
    pub device: &'a Device,
    /// Its name.
    pub device_name: &'a str,
    /// Clips of a dataset, clock, events.
    pub world: &'a dyn Fn(&'a Dataset) -> Box<dyn Surroundings + 'a>,
    /// Where files go.
    pub output: &'a dyn Output,
    /// Where is kept what is computed once a clip; its file goes once all is finished.
    pub store: &'a Store<'a>,
    /// Whether to begin anew where there are results already; they are moved aside.
    pub force: bool,
}

impl Undertaking<'_> {
    /// Carries it out, or goes on with it.
    ///
    /// # Errors
    /// As for [`Job::run`].
    pub async fn run(&self) -> Result<Finished, RunError> {
        let finished = self.run_all().await?;
        if finished.status == Status::Finished {
            let path = Layout::new(self.experiment).frozen();
            let removed = self.store.remove_file();
            removed.map_err(|source| RunError::write(&path, source))?;
        }
        Ok(finished)
    }

    async fn run_all(&self) -> Result<Finished, RunError> {
        match (self.experiment.folds, self.datasets) {
            (None, [dataset]) => {
                let world = (self.world)(dataset);
                let job = Job {
                    experiment: self.experiment,
                    text: self.text,
                    dataset,
                    start: self.start,
                    device: self.device,
                    device_name: self.device_name,
                    world: world.as_ref(),
                    output: self.output,
                    settings: self.settings,
                    store: Some(self.store),
                    force: self.force,
                    only: None,
                    fold: None,
                };
                job.run().await
            }
            (_, folds) => {
                let cross = CrossValidation {
                    experiment: self.experiment,
                    text: self.text,
                    folds,
                    start: self.start,
                    device: self.device,
                    device_name: self.device_name,
                    world: self.world,
                    output: self.output,
                    settings: self.settings,
                    store: Some(self.store),
                    force: self.force,
                };
                cross.run().await
            }
        }
    }
}
