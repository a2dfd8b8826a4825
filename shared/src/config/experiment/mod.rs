//! The typed experiment: it only exists valid.

mod data;
mod head;
mod split;
mod tuning;
mod words;

pub use data::{
    DataConfig, DatabaseConfig, DatabaseKind, Labelling, Mapping, SampleFilters, TableLists,
};
pub use head::{HeadConfig, HeadKeys};
pub use split::{BalanceColumn, Balanced, SplitStrategy};
pub use tuning::{Lora, Tuning};
pub use words::{
    Balancing, Cache, Combine, Crop, FilteredParts, HeadActivation, HeadStyle, LayerPooling,
    LoraTarget, LossKind, LrScheduler, Measure, Pooling, Precision, SelectOn,
};

use super::{CrossDatabases, Folds};
use serde::{Deserialize, Serialize};

/// What kind of target is learnt (`[EXP] type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// One of several classes.
    Classification,
    /// A continuous value.
    Regression,
}

/// A checked experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// `[EXP] root`: parent of the experiment's folder, relative to the current directory.
    pub root: String,
    /// `[EXP] name`: the experiment's folder.
    pub name: String,
    /// `[EXP] type`.
    pub task: Task,
    /// `[EXP] runs`, 1 or more: repetitions, run r with seed + r.
    pub runs: u32,
    /// `[EXP] epochs`, 1 or more.
    pub epochs: u32,
    /// `[EXP] traindevtest`: a split in three parts; false where there are folds.
    pub traindevtest: bool,
    /// Cross validation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folds: Option<Folds>,
    /// With [`Folds::Databases`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cross: Option<CrossDatabases>,
    /// `[EXP] res_name`: stem of result files instead of the generated one.
    pub res_name: Option<String>,
    /// `[EXP] license`: what the model card says; an identifier of the Hugging Face hub.
    pub license: Option<String>,
    /// Sub-folders of the experiment's folder.
    pub folders: Folders,
    /// `[DATA]`.
    pub data: DataConfig,
    /// `[FINETUNE]`, else `[MODEL]`.
    pub tuning: Tuning,
    /// `[PLOT]`.
    pub plot: PlotConfig,
    /// The parts of the generated stem that `[MODEL]` keys add when they are set, in Nkululeko's
    /// order, for instance `_learning_rate-0-0001` (dots are dashes).
    pub name_suffix: String,
}

/// Names of the sub-folders (`[EXP] store`, `fig_dir`, `res_dir`, `model_dir`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folders {
    /// Splits; `store/`.
    pub store: String,
    /// Plots; `images/`.
    pub images: String,
    /// Texts and tables; `results/`.
    pub results: String,
    /// Model folders; `models/`.
    pub models: String,
}

/// `device`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceChoice {
    /// The best that the machine has.
    Auto,
    /// The CPU.
    Cpu,
    /// A Vulkan device by index.
    Vulkan(usize),
    /// A CUDA device by index.
    Cuda(usize),
}

/// `[PLOT]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PlotConfig {
    /// `name`: stem of plots instead of the generated one.
    pub name: Option<String>,
    /// `titles`: false leaves titles out.
    pub titles: bool,
    /// `epochs`: a confusion matrix for each epoch.
    pub epochs: bool,
    /// `combine_per_speaker`: one prediction a speaker.
    pub combine: Option<Combine>,
    /// `combine_per_speaker.col`: the column that such predictions are combined by.
    pub combine_column: String,
    /// `uncertainty_threshold`, 0 to 1: a further confusion matrix without predictions that are
    /// less certain.
    pub uncertainty_threshold: Option<f64>,
}
