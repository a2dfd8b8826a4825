//! Opening a model for a command that trains nothing.

use crate::{
    hub::{Need, locate},
    progress::Progress,
};
use anyhow::Context;
use shared::{audio::FeatureExtractor, checkpoint::Checkpoint, files::Disk};
use std::path::Path;

/// Opens `model`, a folder or a name on the hub.
pub(crate) fn open(model: &Path) -> anyhow::Result<Checkpoint<'static>> {
    let model = model
        .to_str()
        .with_context(|| format!("{}: the path is not UTF-8", model.display()))?;
    let progress = Progress::new();
    let located = locate(model, Need::Weights, &|event| progress.take(event, false))?;
    let checkpoint = Checkpoint::open(&Disk, &located.folder)?;
    if let Some(unused) = checkpoint.unused() {
        eprintln!("warning: {unused}");
    }
    Ok(checkpoint)
}

/// The checkpoint's preprocessing; without a file the library's defaults.
pub(crate) fn extractor(checkpoint: &Checkpoint<'_>) -> anyhow::Result<FeatureExtractor> {
    match &checkpoint.preprocessor {
        Some(text) => FeatureExtractor::from_json(text)
            .with_context(|| format!("{}/preprocessor_config.json", checkpoint.folder())),
        None => {
            eprintln!(
                "warning: {} has no preprocessor_config.json; clips are normalised to mean 0 and variance 1",
                checkpoint.folder()
            );
            Ok(FeatureExtractor::default())
        }
    }
}
