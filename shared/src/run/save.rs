//! The model's folder.

use super::{Output, RunError, tensors::of_model};
use crate::{
    audio::FeatureExtractor,
    checkpoint::{
        ADAPTER_PREFIX, Adapter, ModelConfig, ModelFile, TensorView, adapter_files, plan_model,
    },
    config::{Experiment, HeadConfig, HeadStyle, Lora},
    data::{Bins, Dataset, TargetTransform},
    model::{SpeechModel, Stored as StoredTensor},
};
use serde::{Deserialize, Serialize};
use std::io::Write;

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
    adapter: Option<AdapterSaver>,
}

/// What stands in an adapter's folder besides the weights.
struct AdapterSaver {
    lora: Lora,
    /// `pretrained_model`.
    base: String,
    /// `freeze_layers`.
    first: usize,
    head: HeadStyle,
}

/// The folders of a run's best state.
pub(super) struct Folders<'a> {
    /// The whole model.
    pub(super) model: &'a str,
    /// The low-rank additions, where there are any.
    pub(super) adapter: &'a str,
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
            adapter: experiment.tuning.lora.clone().map(|lora| AdapterSaver {
                lora,
                base: experiment.tuning.pretrained_model.clone(),
                first: experiment.tuning.freeze_layers,
                head: head.style,
            }),
        }
    }

    /// Writes `model`, with its low-rank additions merged into the weights, and these by themselves.
    pub(super) async fn save(
        &self,
        model: &SpeechModel,
        folders: &Folders<'_>,
        output: &dyn Output,
    ) -> Result<(), RunError> {
        let tensors = of_model(&model.merged(), |_| true);
        let shapes: Vec<(&str, &[usize])> = tensors
            .iter()
            .map(|one| (one.name.as_str(), one.shape.as_slice()))
            .collect();
        let plan = plan_model(&self.config, &self.extractor.to_json(), &shapes)?;
        for (name, text) in &plan.texts {
            let path = format!("{}/{name}", folders.model);
            let written = output.write(&path, text.as_bytes());
            written.map_err(|source| RunError::Write { path, source })?;
        }
        let path = format!("{}/{}", folders.model, plan.weights);
        let failed = |source| RunError::write(&path, source);
        let mut file = output.create(&path).map_err(failed)?;
        file.write_all(&plan.start).map_err(failed)?;
        for &index in &plan.order {
            tensors[index].write_to(&mut file, &path).await?;
        }
        file.finish().map_err(failed)?;
        if let Some(adapter) = &self.adapter {
            self.save_adapter(adapter, model, folders.adapter, output)
                .await?;
        }
        Ok(())
    }

    async fn save_adapter(
        &self,
        saver: &AdapterSaver,
        model: &SpeechModel,
        folder: &str,
        output: &dyn Output,
    ) -> Result<(), RunError> {
        // A head that Python has a class for goes along; else it is an adapter of the bare encoder.
        let whole = saver.head == HeadStyle::SequenceClassification;
        let family = self.config.family;
        let mut tensors = model.additions().await?;
        if whole {
            tensors.extend(model.head_tensors().await?);
        }
        for tensor in &mut tensors {
            let name = match tensor.name.strip_prefix("wav2vec2.") {
                Some(name) if whole => format!("{}.{name}", family.model_type()),
                Some(name) => name.to_owned(),
                None => tensor.name.clone(),
            };
            tensor.name = format!("{ADAPTER_PREFIX}{name}");
        }
        let adapter = Adapter {
            lora: &saver.lora,
            base: &saver.base,
            layers: saver.first..self.config.num_hidden_layers,
            class: if whole {
                family.sequence_class()
            } else {
                family.encoder_class().to_owned()
            },
            modules: if whole {
                &["projector", "classifier"]
            } else {
                &[]
            },
        };
        let views = views(&tensors);
        let files = adapter_files(&self.config, &adapter, &views);
        write_files(&files, folder, output)
    }
}

fn views(tensors: &[StoredTensor]) -> Vec<TensorView<'_>> {
    tensors
        .iter()
        .map(|tensor| TensorView {
            name: &tensor.name,
            shape: &tensor.shape,
            values: &tensor.values,
        })
        .collect()
}

fn write_files(files: &[ModelFile<'_>], folder: &str, output: &dyn Output) -> Result<(), RunError> {
    for file in files {
        let path = format!("{folder}/{}", file.name);
        output
            .write_with(&path, &mut |out| file.write_to(out))
            .map_err(|source| RunError::Write { path, source })?;
    }
    Ok(())
}
