//! The model's folder.

use super::{Output, RunError};
use crate::{
    audio::FeatureExtractor,
    checkpoint::{ModelConfig, TensorView, model_files},
    config::{Experiment, HeadConfig},
    data::{Bins, Dataset, TargetTransform},
    model::SpeechModel,
};
use serde::{Deserialize, Serialize};

/// What a model folder's `config.json` says under `voxtune`, so that predictions are made as the
/// model was evaluated.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stored {
    /// Longest stretch in seconds that the model sees at once.
    pub max_duration: Option<f64>,
    /// Windows of a longer clip that are averaged.
    pub eval_windows: Option<usize>,
    /// How a predicted value is turned back to the table's unit.
    pub transform: TargetTransform,
    /// Where the classes of a continuous target begin and end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bins: Option<Bins>,
}

/// The key in `config.json`.
const KEY: &str = "voxtune";

/// What `config` says of its evaluation; nothing for a model that others made.
#[must_use]
pub fn stored(config: &ModelConfig) -> Stored {
    config
        .raw(KEY)
        .and_then(|value| serde_json::from_value(value.clone()).ok())
        .unwrap_or_default()
}

/// Everything that stands in a model's folder besides the weights.
pub(super) struct Saver {
    config: ModelConfig,
    extractor: FeatureExtractor,
}

impl Saver {
    pub(super) fn new(
        experiment: &Experiment,
        dataset: &Dataset,
        config: &ModelConfig,
        head: &HeadConfig,
        extractor: &FeatureExtractor,
    ) -> Self {
        let mut config = config.clone();
        let labels = (!dataset.labels.is_empty()).then_some(dataset.labels.as_slice());
        config.set_head(
            head,
            labels,
            experiment.data.target.as_deref().unwrap_or("label"),
        );
        let said = Stored {
            max_duration: Some(experiment.tuning.max_duration),
            eval_windows: Some(experiment.tuning.eval_windows),
            transform: dataset.transform.clone(),
            bins: dataset.bins.clone(),
        };
        if let Ok(value) = serde_json::to_value(said) {
            config.set_raw(KEY, value);
        }
        Self {
            config,
            extractor: extractor.clone(),
        }
    }

    /// Writes `model` below `folder`.
    pub(super) async fn save(
        &self,
        model: &SpeechModel,
        folder: &str,
        output: &dyn Output,
    ) -> Result<(), RunError> {
        let tensors = model.tensors().await?;
        let views: Vec<TensorView<'_>> = tensors
            .iter()
            .map(|tensor| TensorView {
                name: &tensor.name,
                shape: &tensor.shape,
                values: &tensor.values,
            })
            .collect();
        for file in model_files(&self.config, &self.extractor.to_json(), &views)? {
            let path = format!("{folder}/{}", file.name);
            output
                .write_with(&path, &mut |out| file.write_to(out))
                .map_err(|source| RunError::Write { path, source })?;
        }
        Ok(())
    }
}
