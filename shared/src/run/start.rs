//! What training begins from.

use super::{RunError, stored};
use crate::{
    audio::FeatureExtractor,
    checkpoint::{Checkpoint, Description, ModelConfig, license},
    config::{Experiment, HeadConfig, Task},
    data::Dataset,
    files::Files,
    model::{HeadStart, ModelError, SpeechModel},
    ops::supports,
};
use burn::tensor::Device;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// A model folder, read as an experiment asks for it.
pub struct Start<'a> {
    /// The model's shape, with `num_layers` layers.
    pub config: ModelConfig,
    /// Normalisation.
    pub extractor: FeatureExtractor,
    /// The weights; `None` draws all.
    pub checkpoint: Option<Checkpoint<'a>>,
    /// The head that the experiment asks for: what it leaves open is as in the checkpoint's head.
    pub head: HeadConfig,
    /// The checkpoint's own head, if it has one.
    own_head: Option<HeadConfig>,
    /// What is not as it should be.
    pub warnings: Vec<String>,
    /// The commit that the folder holds, where it came from the hub.
    pub revision: Option<String>,
    /// Its licence, where its card states one.
    pub license: Option<String>,
    folder: String,
    files: &'a dyn Files,
}

impl<'a> Start<'a> {
    /// Reads the folder `pretrained_model` of `experiment`.
    ///
    /// # Errors
    /// As for [`Self::open_at`].
    pub fn open(experiment: &Experiment, files: &'a dyn Files) -> Result<Self, RunError> {
        Self::open_at(experiment, &experiment.tuning.pretrained_model, None, files)
    }

    /// Reads `folder` in the place of `pretrained_model`: where a model of the hub was put, which
    /// has the commit `revision`.
    ///
    /// # Errors
    /// The folder is incomplete or damaged, or has fewer layers than asked for.
    pub fn open_at(
        experiment: &Experiment,
        folder: &str,
        revision: Option<String>,
        files: &'a dyn Files,
    ) -> Result<Self, RunError> {
        let tuning = &experiment.tuning;
        let folder = folder.trim_end_matches('/').to_owned();
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
        warnings.extend(checkpoint.as_ref().and_then(Checkpoint::unused));
        let own_head = match &checkpoint {
            Some(checkpoint) => checkpoint.head()?,
            None => None,
        };
        Ok(Self {
            config,
            extractor,
            checkpoint,
            head: tuning.head.over(own_head.as_ref()),
            own_head,
            warnings,
            revision,
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
                let (order, wanted) = self.head_start(checkpoint, experiment, dataset, outputs);
                let (model, report) = SpeechModel::load(
                    checkpoint,
                    &self.config,
                    &self.head,
                    &order,
                    wanted,
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
                let new = match report.head {
                    HeadStart::Whole => None,
                    HeadStart::Hidden => Some(
                        "its head is for another target, so training begins with a new output layer",
                    ),
                    HeadStart::New => Some(
                        "its head is for another target or of another shape, so training begins with a new one",
                    ),
                };
                if let Some(new) = new.filter(|_| checkpoint.has_head()) {
                    warnings.push(format!("{}: {new}", self.folder));
                }
                model
            }
        };
        match &tuning.lora {
            Some(lora) => model.add_low_rank(lora, tuning.freeze_layers, seed)?,
            None if tuning.freeze_below => model.set_trained(true, 0)?,
            None => model.set_trained(tuning.freeze_cnn, tuning.freeze_layers)?,
        }
        if tuning.freeze_below {
            model.freeze_below(tuning.freeze_layers)?;
        }
        if supports(device, tuning.precision) {
            model.set_precision(tuning.precision);
        } else {
            warnings.push(format!(
                "precision = {}: this device does not compute with such numbers; products are f32",
                tuning.precision.word()
            ));
        }
        Ok((model, warnings))
    }

    /// Which of the checkpoint's outputs the model's `outputs` are, and how much of its head is kept.
    fn head_start(
        &self,
        checkpoint: &Checkpoint<'_>,
        experiment: &Experiment,
        dataset: &Dataset,
        outputs: usize,
    ) -> (Vec<usize>, HeadStart) {
        let any = || (0..outputs).collect();
        if !self.has_own_head() {
            return (any(), HeadStart::New);
        }
        match own_order(checkpoint, experiment, dataset) {
            Some(order) => (order, HeadStart::Whole),
            None => (any(), HeadStart::Hidden),
        }
    }

    /// Whether the head that is asked for is the checkpoint's.
    fn has_own_head(&self) -> bool {
        let width = self.config.hidden_size;
        let shape = |head: &HeadConfig| HeadConfig {
            layers: head.layers.clone().or(Some(vec![width])),
            drop: 0.0,
            ..head.clone()
        };
        self.own_head
            .as_ref()
            .is_some_and(|own| shape(own) == shape(&self.head))
    }

    /// [`weights_hash`] of the checkpoint; `None` without weights, or if they cannot be read.
    #[must_use]
    pub fn hash(&self) -> Option<String> {
        weights_hash(self.files, self.checkpoint.as_ref()?).ok()
    }
}

/// SHA-256 (hex) of the files that the weights are read from, one after the other by name. Whatever else
/// lies in the folder doesn't count.
///
/// # Errors
/// The system's error.
pub fn weights_hash(files: &dyn Files, checkpoint: &Checkpoint<'_>) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    for path in checkpoint.weight_files() {
        let mut file = files.open(path)?;
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
        }
    }
    let digest = hash.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Where the outputs that `dataset` needs stand in the checkpoint's head: one for each class, or the
/// value of a regression of the same column in the same units. `None` if it is for another target.
fn own_order(
    checkpoint: &Checkpoint<'_>,
    experiment: &Experiment,
    dataset: &Dataset,
) -> Option<Vec<usize>> {
    let config = &checkpoint.config;
    let target = experiment.data.target.as_deref();
    match config.labels() {
        Ok(Some(labels)) if labels.len() == dataset.labels.len() => {
            let unnamed = labels
                .iter()
                .enumerate()
                .all(|(id, label)| *label == format!("LABEL_{id}"));
            if unnamed {
                return Some((0..labels.len()).collect());
            }
            dataset
                .labels
                .iter()
                .map(|label| labels.iter().position(|own| own == label))
                .collect()
        }
        Ok(None) if dataset.labels.is_empty() => {
            let names = config.value_names().unwrap_or_default();
            // In whatever units, it is nearer to the target than what is drawn.
            if names.len() > 1 {
                let same =
                    |name: &String| target.is_some_and(|target| name.eq_ignore_ascii_case(target));
                return names.iter().position(same).map(|index| vec![index]);
            }
            if stored(config).transform != dataset.transform {
                return None;
            }
            let column = config.raw("finetuning_task").and_then(Value::as_str);
            column
                .is_none_or(|column| Some(column) == target)
                .then(|| vec![0])
        }
        _ => None,
    }
}
