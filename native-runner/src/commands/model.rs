//! Opening a model for a command that trains nothing.

use crate::{
    hub::{Need, locate},
    local::Local,
    progress::Progress,
};
use anyhow::{Context, bail};
use burn::tensor::Device;
use shared::{
    audio::FeatureExtractor,
    checkpoint::Checkpoint,
    model::{HeadStart, SpeechModel},
};
use std::path::Path;

/// Opens `model`, a folder or a name on the hub.
pub(crate) fn open(model: &Path) -> anyhow::Result<Checkpoint<'static>> {
    let model = model
        .to_str()
        .with_context(|| format!("{}: the path is not UTF-8", model.display()))?;
    let progress = Progress::new();
    let located = locate(model, Need::Weights, &Local, &|event| {
        progress.take(event, false)
    })?;
    let checkpoint = Checkpoint::open(&Local, &located.folder)?;
    if let Some(unused) = checkpoint.unused() {
        errln!("warning: {unused}");
    }
    Ok(checkpoint)
}

/// The model with its head, ready to predict on `device`.
pub(crate) fn load(checkpoint: &Checkpoint<'_>, device: &Device) -> anyhow::Result<SpeechModel> {
    let folder = checkpoint.folder();
    if !checkpoint.has_head() {
        bail!(
            "{folder} has no head to predict with: give a fine-tuned folder, for instance results/exp/models/run_0/torch"
        );
    }
    let config = &checkpoint.config;
    let outputs = config.num_labels()?;
    let misfit = || {
        format!("{folder}: the shapes of its head's tensors are not those that config.json tells")
    };
    let head = checkpoint
        .head()?
        .filter(|_| checkpoint.outputs() == Some(outputs))
        .with_context(misfit)?;
    let order: Vec<usize> = (0..outputs).collect();
    let (model, report) = SpeechModel::load(
        checkpoint,
        config,
        &head,
        &order,
        HeadStart::Whole,
        0,
        device,
    )?;
    if report.head != HeadStart::Whole {
        bail!(misfit());
    }
    Ok(model)
}

/// The checkpoint's preprocessing; without a file the library's defaults.
pub(crate) fn extractor(checkpoint: &Checkpoint<'_>) -> anyhow::Result<FeatureExtractor> {
    match &checkpoint.preprocessor {
        Some(text) => FeatureExtractor::from_json(text)
            .with_context(|| format!("{}/preprocessor_config.json", checkpoint.folder())),
        None => {
            errln!(
                "warning: {} has no preprocessor_config.json; clips are normalised to mean 0 and variance 1",
                checkpoint.folder()
            );
            Ok(FeatureExtractor::default())
        }
    }
}
