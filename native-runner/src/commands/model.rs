//! Opening a model folder for a command that trains nothing.

use anyhow::Context;
use shared::{audio::FeatureExtractor, checkpoint::Checkpoint, files::Disk};
use std::path::Path;

/// Opens `folder` and says what of it is not used.
pub(crate) fn open(folder: &Path) -> anyhow::Result<Checkpoint<'static>> {
    let path = folder
        .to_str()
        .with_context(|| format!("{}: the path is not UTF-8", folder.display()))?;
    let checkpoint = Checkpoint::open(&Disk, path)?;
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
