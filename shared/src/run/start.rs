//! What training begins from.

use super::{RunError, stored};
use crate::{
    audio::FeatureExtractor,
    checkpoint::{Checkpoint, Description, ModelConfig, license},
    config::{Experiment, HeadConfig, Task},
    data::Dataset,
    files::Files,
    model::{ModelError, SpeechModel},
};
use burn::tensor::Device;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::io::Read;

/// A model folder, read as an experiment asks for it.
pub struct Start<'a> {
    /// The model's shape, with `num_layers` layers.
    pub config: ModelConfig,
    /// Normalisation.
    pub extractor: FeatureExtractor,
    /// The weights; `None` draws all.
    pub checkpoint: Option<Checkpoint<'a>>,
    /// The head that the experiment asks for.
    pub head: HeadConfig,
    /// What is not as it should be.
    pub warnings: Vec<String>,
    /// Its licence, where its card states one.
    pub license: Option<String>,
    folder: String,
    files: &'a dyn Files,
}

impl<'a> Start<'a> {
    /// Reads the folder `pretrained_model` of `experiment`.
    ///
    /// # Errors
    /// The folder is incomplete or damaged, or has fewer layers than asked for.
    pub fn open(experiment: &Experiment, files: &'a dyn Files) -> Result<Self, RunError> {
        let tuning = &experiment.tuning;
        let folder = tuning.pretrained_model.trim_end_matches('/').to_owned();
        let mut warnings = Vec::new();
        let (checkpoint, mut config, preprocessor) = if tuning.from_scratch {
            let Description {
                config,
                preprocessor,
            } = Description::read(files, &folder)?;
            (None, config, preprocessor)
        } else {
            let checkpoint = Checkpoint::open(files, &folder)?;
            let (config, preprocessor) =
                (checkpoint.config.clone(), checkpoint.preprocessor.clone());
            (Some(checkpoint), config, preprocessor)
        };
        let extractor = match preprocessor {
            Some(text) => {
                FeatureExtractor::from_json(&text).map_err(|source| RunError::Preprocessor {
                    path: format!("{folder}/preprocessor_config.json"),
                    source,
                })?
            }
            None => {
                warnings.push(format!(
                    "{folder} has no preprocessor_config.json; clips are normalised to mean 0 and variance 1"
                ));
                FeatureExtractor::default()
            }
        };
        if let Some(asked) = tuning.num_layers {
            let depth = config.num_hidden_layers;
            if asked == 0 || asked > depth {
                return Err(ModelError::Depth { asked, depth }.into());
            }
            config.num_hidden_layers = asked;
        }
        if let Some(ignored) = checkpoint
            .as_ref()
            .map(|c| &c.ignored)
            .filter(|ignored| !ignored.is_empty())
        {
            let names: Vec<&str> = ignored
                .iter()
                .take(4)
                .map(|ignored| ignored.name.as_str())
                .collect();
            let more = if ignored.len() > names.len() {
                ", ..."
            } else {
                ""
            };
            warnings.push(format!(
                "{folder}: {} tensors are not used: {}{more}",
                ignored.len(),
                names.join(", ")
            ));
        }
        Ok(Self {
            config,
            extractor,
            checkpoint,
            head: tuning.head.clone(),
            warnings,
            license: license(files, &folder),
            folder,
            files,
        })
    }

    /// The model with a head for `dataset`, what is missing being drawn from `seed`; and what a
    /// user should know of it.
    ///
    /// # Errors
    /// Tensors cannot be read, or there are fewer than two classes.
    pub fn model(
        &self,
        experiment: &Experiment,
        dataset: &Dataset,
        seed: u64,
        device: &Device,
    ) -> Result<(SpeechModel, Vec<String>), RunError> {
        let outputs = match experiment.task {
            Task::Classification if dataset.labels.len() < 2 => {
                return Err(RunError::Classes(
                    dataset.labels.len(),
                    dataset.labels.join(", "),
                ));
            }
            Task::Classification => dataset.labels.len(),
            Task::Regression => 1,
        };
        let mut warnings = Vec::new();
        let tuning = &experiment.tuning;
        let mut model = match &self.checkpoint {
            None => SpeechModel::random(&self.config, &self.head, outputs, seed, device),
            Some(checkpoint) => {
                let same = self.has_same_target(checkpoint, experiment, dataset);
                let (model, report) = SpeechModel::load(
                    checkpoint,
                    &self.config,
                    &self.head,
                    outputs,
                    same,
                    seed,
                    device,
                )?;
                if !report.drawn.is_empty() {
                    warnings.push(format!(
                        "{}: not in the checkpoint, so drawn: {}",
                        self.folder,
                        report.drawn.join(", ")
                    ));
                }
                if checkpoint.has_head() && !report.head_loaded {
                    warnings.push(format!(
                        "{}: its head is for another target or of another shape, so training begins with a new one",
                        self.folder
                    ));
                }
                model
            }
        };
        model.set_trained(tuning.freeze_cnn, tuning.freeze_layers)?;
        Ok((model, warnings))
    }

    /// Whether the checkpoint's head tells the same classes apart, in the same order, or predicts
    /// the same column in the same units.
    fn has_same_target(
        &self,
        checkpoint: &Checkpoint<'_>,
        experiment: &Experiment,
        dataset: &Dataset,
    ) -> bool {
        let config = &checkpoint.config;
        match config.labels() {
            Ok(Some(labels)) => labels == dataset.labels,
            Ok(None) => {
                let column = config.raw("finetuning_task").and_then(Value::as_str);
                dataset.labels.is_empty()
                    && column.is_none_or(|column| Some(column) == experiment.data.target.as_deref())
                    && stored(config).transform == dataset.transform
            }
            Err(_) => false,
        }
    }

    /// SHA-256 (hex) of the files that the weights are read from, one after the other by name; `None`
    /// without weights. Whatever else lies in the folder doesn't count.
    #[must_use]
    pub fn hash(&self) -> Option<String> {
        let checkpoint = self.checkpoint.as_ref()?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        for path in checkpoint.weight_files() {
            let mut file = self.files.open(path).ok()?;
            loop {
                let read = file.read(&mut buffer).ok()?;
                if read == 0 {
                    break;
                }
                hash.update(&buffer[..read]);
            }
        }
        Some(
            hash.finalize()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }
}
