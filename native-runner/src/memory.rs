//! Whether an experiment fits this machine, before it is run.

use crate::machine::memory;
use shared::{
    checkpoint::{Description, ModelConfig},
    config::{DeviceChoice, Experiment},
    estimate::{Estimate, Fit, Limits, Load},
    files::{Disk, Files},
};

fn limits() -> Option<Limits> {
    let memory = memory()?;
    Some(Limits {
        memory: Some(memory.total),
        buffer: None,
    })
}

/// Whether training `model` on the processor fits; `None` where the machine's memory is not known.
pub(crate) fn fit(model: &ModelConfig, experiment: &Experiment) -> Option<Fit> {
    Some(Fit::of(model, experiment, &limits()?))
}

/// Whether more is needed than an estimate can be wrong by.
pub(crate) fn is_hopeless(needed: &Estimate) -> bool {
    memory().is_some_and(|memory| needed.memory() > 2 * memory.total)
}

/// What an experiment needs, where its model is on this machine.
pub(crate) fn words(experiment: &Experiment) -> Option<String> {
    let name = &experiment.tuning.pretrained_model;
    let folder = if Disk.is_folder(name) {
        name.clone()
    } else {
        crate::hub::cached(name)?
    };
    let model = Description::read(&Disk, &folder).ok()?.config;
    let estimate = Estimate::of(&model, &Load::of(experiment));
    let mut text = format!(
        "training needs about {:.1} GB of memory: {:.1} for weights, {:.1} for moments and the best state, {:.1} for a batch and its gradients",
        estimate.memory() as f64 / 1e9,
        estimate.weights as f64 / 1e9,
        estimate.training as f64 / 1e9,
        estimate.activations as f64 / 1e9,
    );
    let on_cpu = experiment.tuning.device == DeviceChoice::Cpu;
    if let Some(fit) = fit(&model, experiment).filter(|fit| on_cpu && !fit.fits) {
        text += "\n";
        text += &fit.advice();
    }
    Some(text)
}
