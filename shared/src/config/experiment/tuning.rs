//! How the model is fine-tuned.

use super::{
    Balancing, Cache, Crop, DeviceChoice, HeadKeys, LoraTarget, LossKind, LrScheduler, Measure,
    Precision, SelectOn,
};
use crate::audio::Augmentation;
use serde::{Deserialize, Serialize};

/// Fine-tuning keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// `pretrained_model`: a hub id or a folder.
    pub pretrained_model: String,
    /// `from_scratch`: randomly drawn weights where the folder has only `config.json`.
    pub from_scratch: bool,
    /// `device`.
    pub device: DeviceChoice,
    /// `batch_size`, clips in a micro-batch.
    pub batch_size: usize,
    /// `gradient_accumulation`, micro-batches in an optimiser step.
    pub gradient_accumulation: usize,
    /// `learning_rate`, the peak.
    pub learning_rate: f64,
    /// `head_learning_rate`; `None` is the same.
    pub head_learning_rate: Option<f64>,
    /// `lr_scheduler`.
    pub lr_scheduler: LrScheduler,
    /// `warmup_ratio`, 0 to 1.
    pub warmup_ratio: f64,
    /// `weight_decay`.
    pub weight_decay: f64,
    /// `max_grad_norm`; 0 is no clipping.
    pub max_grad_norm: f64,
    /// `max_duration` in seconds.
    pub max_duration: f64,
    /// `crop`.
    pub crop: Crop,
    /// `eval_windows`: windows of `max_duration` averaged in evaluation; 1 is the head of the clip.
    pub eval_windows: usize,
    /// `augment_noise`, `augment_gain`, `augment_speed`, `augment_time_mask`, `augment_probability`.
    pub augmentation: Augmentation,
    /// `freeze_layers`: the first N transformer layers are not trained.
    pub freeze_layers: usize,
    /// `freeze_cnn`: the convolutional encoder is not trained.
    pub freeze_cnn: bool,
    /// `freeze_below`: nothing below the first trained layer is trained, or random.
    pub freeze_below: bool,
    /// `cache`: how what is computed once is kept.
    pub cache: Cache,
    /// `num_layers`: only the first N transformer layers are used.
    pub num_layers: Option<usize>,
    /// The head's keys.
    pub head: HeadKeys,
    /// `loss`.
    pub loss: LossKind,
    /// `class_weight`.
    pub class_weight: bool,
    /// `label_smoothing`, 0 to 1.
    pub label_smoothing: f64,
    /// `measure`: what the best checkpoint is chosen by.
    pub measure: Measure,
    /// `patience`: epochs without improvement before a run ends early.
    pub patience: Option<u32>,
    /// `dev_from_train`: percent of the train speakers that become dev where there is none.
    pub dev_from_train: f64,
    /// `select_on`.
    pub select_on: SelectOn,
    /// `evals_per_epoch`.
    pub evals_per_epoch: u32,
    /// `save_total_limit`: checkpoints kept besides the best.
    pub save_total_limit: u32,
    /// `save_minutes`: a checkpoint is saved when so many have passed since the last one, besides
    /// those at evaluations; 0 is at evaluations only.
    pub save_minutes: f64,
    /// `keep_checkpoints`: training checkpoints stay after a run has finished.
    pub keep_checkpoints: bool,
    /// `shuffle`: false keeps the file's order and makes batches of neighbours.
    pub shuffle: bool,
    /// `seed`.
    pub seed: u64,
    /// `precision`.
    pub precision: Precision,
    /// `recompute`: transformer layers are computed twice instead of kept.
    pub recompute: bool,
    /// `lora_rank` and the keys that go with it; `None` trains the weights themselves.
    pub lora: Option<Lora>,
    /// `push_to_hub`.
    pub push_to_hub: bool,
    /// `hub_model_id`: `owner/name`; `None` is `EXP.name` in the account of the token's owner.
    pub hub_model_id: Option<String>,
    /// `hub_private_repo`.
    pub hub_private_repo: bool,
    /// `balancing`.
    pub balancing: Balancing,
}

/// Low-rank additions to the weights of the transformer's linear layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lora {
    /// `lora_rank`, 1 or more.
    pub rank: usize,
    /// `lora_alpha`; additions are scaled by alpha / rank.
    pub alpha: f64,
    /// `lora_targets`, each once, in the order of the variants.
    pub targets: Vec<LoraTarget>,
    /// `lora_dropout`, 0 to below 1.
    pub dropout: f64,
}

impl LoraTarget {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Query,
        Self::Key,
        Self::Value,
        Self::Output,
        Self::Intermediate,
        Self::FeedForward,
    ];
}

impl Lora {
    /// What the additions are multiplied with.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.alpha / self.rank as f64
    }
}

impl Tuning {
    /// Of `depth` transformer layers fewer than this can be frozen.
    #[must_use]
    pub fn frozen_limit(&self, depth: usize) -> usize {
        // The head alone can be trained where all below is meant to stay as it is.
        depth + usize::from(self.freeze_below && self.lora.is_none())
    }
}
