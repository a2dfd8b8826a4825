//! The typed experiment: it only exists valid.

use super::{CrossDatabases, Folds};
use crate::audio::Augmentation;
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

/// `[DATA]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataConfig {
    /// One entry a name in `databases`, in that order.
    pub databases: Vec<DatabaseConfig>,
    /// `tests`: further databases for `voxtune test`.
    pub tests: Vec<DatabaseConfig>,
    /// `label_data` and `label_result`: a database that `voxtune test` labels, and the CSV file for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labelling: Option<Labelling>,
    /// `target`: the label column; `None` is unlabelled.
    pub target: Option<String>,
    /// `labels`: the classes to keep; `None` keeps all.
    pub labels: Option<Vec<String>>,
    /// `bins`: edges that make classes of a continuous target.
    pub bins: Option<Vec<f64>>,
    /// `type = continuous`: the target is continuous (and is binned for a classification).
    pub continuous: bool,
    /// `target_divide_by`.
    pub target_divide_by: Option<f64>,
    /// `no_reuse`: a cached split is made anew.
    pub no_reuse: bool,
    /// Filters on each part after the split.
    pub filters: SampleFilters,
    /// `filter.sample_selection`: which parts these filters work on.
    pub filtered: FilteredParts,
    /// `check_size` in bytes: smaller files are dropped.
    pub check_size: Option<u64>,
    /// `check_vad`: stretches without voice are dropped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub check_vad: bool,
}

/// A database to be labelled by the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Labelling {
    /// `label_data`.
    pub database: DatabaseConfig,
    /// `label_result`: the CSV file to write.
    pub result: String,
}

/// A database: a table of recordings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatabaseConfig {
    /// Name in `databases`.
    pub name: String,
    /// The CSV file or the audformat folder.
    pub path: String,
    /// `type`.
    pub kind: DatabaseKind,
    /// `absolute_path`; false: audio lies beside the CSV.
    pub absolute_path: bool,
    /// `audio_path`: folder before each file name.
    pub audio_path: String,
    /// `split_strategy` with the keys it needs.
    pub split: SplitStrategy,
    /// The tables of an audformat database that are used.
    pub tables: TableLists,
    /// `columns`: further columns that are looked for in every table of an audformat database.
    pub columns: Vec<String>,
    /// `as_test`: only the test part is kept.
    pub as_test: bool,
    /// `as_train`: only the train part is kept.
    pub as_train: bool,
    /// `mapping`, in the order of the text.
    pub mapping: Option<Mapping>,
    /// `label`: the column that holds the target in this database.
    pub label: Option<String>,
    /// `colnames`: (name in the table, name to use).
    pub colnames: Vec<(String, String)>,
    /// `required`: rows without a value in this column are dropped.
    pub required: Option<String>,
    /// `rename_speakers`: speakers get the database's name as a prefix.
    pub rename_speakers: bool,
    /// `scale`: z-scores of the target (fitted on the train part).
    pub scale: bool,
    /// `reverse`: |x - max| of the target.
    pub reverse: bool,
    /// `reverse.max`: that maximum, else the largest value of the data.
    pub reverse_max: Option<f64>,
    /// Filters before the split.
    pub filters: SampleFilters,
    /// `check_size` in bytes.
    pub check_size: Option<u64>,
    /// `check_vad`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub check_vad: bool,
}

/// The tables of an audformat database that are used; without any, all with the target are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableLists {
    /// `target_tables`.
    pub target: Vec<String>,
    /// `target_tables_append`: they follow each other instead of standing side by side.
    pub append: bool,
    /// `files_tables`.
    pub files: Vec<String>,
    /// `train_tables`.
    pub train: Vec<String>,
    /// `dev_tables`.
    pub dev: Vec<String>,
    /// `test_tables`.
    pub test: Vec<String>,
}

/// `type` of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseKind {
    /// A folder with `db.yaml`.
    Audformat,
    /// A CSV file.
    Csv,
}

/// `mapping`: old labels to new ones. Keys that list several labels are already taken apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Mapping {
    /// `{old: new}`: labels that are not named are dropped.
    Target(Vec<(String, String)>),
    /// `{column: {old: new}}`: values that are not named become missing, rows are kept.
    Columns(Vec<(String, Vec<(String, String)>)>),
}

/// Which rows are kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SampleFilters {
    /// `filter`: (column, values that are kept).
    pub columns: Vec<(String, Vec<String>)>,
    /// `limit_samples`: at most so many rows, drawn by the seed.
    pub limit_samples: Option<usize>,
    /// `limit_samples_per_speaker`.
    pub limit_samples_per_speaker: Option<usize>,
    /// `min_duration_of_sample` in seconds.
    pub min_duration: Option<f64>,
    /// `max_duration_of_sample` in seconds.
    pub max_duration: Option<f64>,
}

/// `split_strategy` with the keys that it needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitStrategy {
    /// Random speakers, percentages of the speakers.
    SpeakerSplit {
        /// `test_size`.
        test_percent: f64,
        /// `dev_size`.
        dev_percent: f64,
    },
    /// Random rows, percentages of the rows.
    Random {
        /// `test_size`.
        test_percent: f64,
        /// `dev_size`.
        dev_percent: f64,
    },
    /// `balanced`: speakers, so that the parts are like the whole.
    Balanced(Balanced),
    /// Everything is training data.
    Train,
    /// Everything is development data.
    Dev,
    /// Everything is test data.
    Test,
    /// `speakers_stated`, or a list as the strategy itself (then only `test` is set).
    Speakers {
        /// `train`; `None` is the remainder.
        train: Option<Vec<String>>,
        /// `dev`.
        dev: Option<Vec<String>>,
        /// `test`.
        test: Option<Vec<String>>,
    },
    /// The tables `<target>.train`, `.dev` and `.test` of an audformat database.
    Database,
    /// The tables of [`TableLists`] for each part.
    Specified,
    /// `column`: by the values of a column; rows with another value are dropped.
    Column {
        /// `split_column`.
        column: String,
        /// `train_vals`.
        train: Option<Vec<String>>,
        /// `dev_vals`.
        dev: Option<Vec<String>>,
        /// `test_vals`.
        test: Option<Vec<String>>,
    },
}

/// What the split `balanced` goes by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Balanced {
    /// `test_size`: percent of the speakers, and of the rows.
    pub test_percent: f64,
    /// `dev_size`.
    pub dev_percent: f64,
    /// `balance`.
    pub columns: Vec<BalanceColumn>,
    /// `size_diff_weight`: how much it matters that the parts have their share of the rows.
    pub size_weight: f64,
}

/// A column whose distribution is to be the same in all parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BalanceColumn {
    /// The column.
    pub name: String,
    /// How much it matters.
    pub weight: f64,
    /// `<column>_bins`: quantile bins of its numbers.
    pub bins: Option<usize>,
}

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

/// The head's keys as they are set. What is not is the checkpoint's own where it has a head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadKeys {
    /// `head`.
    pub style: Option<HeadStyle>,
    /// `head_layers`.
    pub layers: Option<Vec<usize>>,
    /// `head_activation`.
    pub activation: Option<HeadActivation>,
    /// `pooling`.
    pub pooling: Option<Pooling>,
    /// `layer_pooling`.
    pub layer_pooling: Option<LayerPooling>,
    /// `drop`, 0 to below 1; it acts in training alone and is no part of a checkpoint's head.
    pub drop: f64,
}

/// Width of the projection of Hugging Face's classes (`classifier_proj_size`).
const PROJECTION: usize = 256;

impl HeadKeys {
    /// The head that they ask for over a checkpoint whose head is `own`, `None` being Nkululeko's
    /// first: one hidden layer of the transformer's width, tanh, the mean over time of the last
    /// layer.
    #[must_use]
    pub fn over(&self, own: Option<&HeadConfig>) -> HeadConfig {
        let own = own.filter(|own| self.style.is_none_or(|style| style == own.style));
        let own = own.filter(|own| self.misfit(own.style).is_none());
        let style = self
            .style
            .or(own.map(|own| own.style))
            .unwrap_or(HeadStyle::Nkululeko);
        let usual = (style == HeadStyle::SequenceClassification).then(|| vec![PROJECTION]);
        HeadConfig {
            style,
            layers: self
                .layers
                .clone()
                .or_else(|| own.and_then(|own| own.layers.clone()))
                .or(usual),
            activation: self
                .activation
                .or(own.map(|own| own.activation))
                .unwrap_or(HeadActivation::Tanh),
            pooling: self
                .pooling
                .or(own.map(|own| own.pooling))
                .unwrap_or(Pooling::Mean),
            layer_pooling: self
                .layer_pooling
                .or(own.map(|own| own.layer_pooling))
                .unwrap_or(LayerPooling::Last),
            drop: self.drop,
        }
    }

    /// The key whose value a head of this style cannot have, and what it can be.
    #[must_use]
    pub fn misfit(&self, style: HeadStyle) -> Option<(&'static str, &'static str)> {
        if style == HeadStyle::Nkululeko {
            return None;
        }
        let projects = style == HeadStyle::SequenceClassification;
        match self {
            Self {
                pooling: Some(Pooling::MeanVar),
                ..
            } => Some(("pooling", "the mean")),
            Self {
                layers: Some(layers),
                ..
            } if projects && layers.len() != 1 => Some(("head_layers", "one width")),
            Self {
                layers: Some(_), ..
            } if !projects => Some(("head_layers", "one layer of the transformer's width")),
            Self {
                activation: Some(_),
                ..
            } if projects => Some(("head_activation", "none")),
            Self {
                activation: Some(activation),
                ..
            } if *activation != HeadActivation::Tanh && !projects => {
                Some(("head_activation", "tanh"))
            }
            Self {
                layer_pooling: Some(LayerPooling::Weighted),
                ..
            } if !projects => Some(("layer_pooling", "the last layer")),
            _ => None,
        }
    }
}

/// The head over the transformer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadConfig {
    /// `head`.
    pub style: HeadStyle,
    /// `head_layers`; `None` is one layer of the transformer's width.
    pub layers: Option<Vec<usize>>,
    /// `head_activation`.
    pub activation: HeadActivation,
    /// `pooling`.
    pub pooling: Pooling,
    /// `layer_pooling`.
    pub layer_pooling: LayerPooling,
    /// `drop`, 0 to below 1.
    pub drop: f64,
}

/// Declares an enum of keywords: the variants, their INI words, and the lookups.
macro_rules! keywords {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+ }
        impl $name {
            /// The words that an INI may use, in the order of the variants.
            pub const WORDS: &[&str] = &[$($word),+];
            /// The word that an INI uses.
            #[must_use]
            pub fn word(self) -> &'static str { match self { $(Self::$variant => $word),+ } }
            /// The variant of an INI's word (case is ignored).
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                $(if word.eq_ignore_ascii_case($word) { return Some(Self::$variant); })+
                None
            }
        }
    };
}

keywords! {
    /// `lr_scheduler`.
    LrScheduler {
        /// Linear decay to 0.
        Linear = "linear",
        /// Half a cosine to 0.
        Cosine = "cosine",
        /// No decay.
        Constant = "constant",
    }
}
keywords! {
    /// `crop`: which `max_duration` seconds of a longer clip are trained on.
    Crop {
        /// The first.
        Head = "head",
        /// A new random stretch each time.
        Random = "random",
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

keywords! {
    /// `cache`: how what no training changes is kept of each clip.
    Cache {
        /// As it was computed where all of it has room in memory, else rounded to half precision.
        Auto = "auto",
        /// As it was computed.
        F32 = "f32",
        /// Rounded to half precision.
        F16 = "f16",
        /// Not at all.
        Off = "off",
    }
}
keywords! {
    /// `head`: the head's layers and their names in files.
    HeadStyle {
        /// Nkululeko's: hidden layers with an activation over pooled states.
        Nkululeko = "nkululeko",
        /// Of transformers' `Wav2Vec2ForSequenceClassification` and its like: a projection, the mean
        /// over time, an output layer.
        SequenceClassification = "sequence_classification",
        /// audEERING's: the mean over time, a hidden layer of the transformer's width with tanh, an
        /// output layer.
        Audeering = "audeering",
    }
}
keywords! {
    /// `head_activation`.
    HeadActivation {
        /// max(0, x).
        Relu = "relu",
        /// tanh.
        Tanh = "tanh",
        /// Logistic.
        Sigmoid = "sigmoid",
        /// Slope 0.01 below 0.
        LeakyRelu = "leaky_relu",
    }
}
keywords! {
    /// `pooling` over time.
    Pooling {
        /// Masked mean.
        Mean = "mean",
        /// Masked mean and variance.
        MeanVar = "meanvar",
    }
}
keywords! {
    /// `layer_pooling` over the encoder's hidden states.
    LayerPooling {
        /// The last hidden state.
        Last = "last",
        /// A learnt softmax-weighted sum of all.
        Weighted = "weighted",
    }
}
keywords! {
    /// `loss`.
    LossKind {
        /// Cross entropy (classification).
        Cross = "cross",
        /// 1 - CCC (regression).
        OneMinusCcc = "1-ccc",
        /// 1 - PCC (regression).
        OneMinusPcc = "1-pcc",
        /// Mean squared error (regression).
        Mse = "mse",
        /// Mean absolute error (regression).
        Mae = "mae",
    }
}
keywords! {
    /// `measure`.
    Measure {
        /// Unweighted average recall.
        Uar = "uar",
        /// Accuracy.
        Acc = "acc",
        /// Macro F1.
        F1 = "f1",
        /// Concordance correlation coefficient.
        Ccc = "ccc",
        /// Pearson correlation coefficient.
        Pcc = "pcc",
        /// Mean squared error.
        Mse = "mse",
        /// Mean absolute error.
        Mae = "mae",
    }
}
keywords! {
    /// `combine_per_speaker`: how the predictions of a speaker become one.
    Combine {
        /// The class that was predicted most often.
        Mode = "mode",
        /// The mean of the probabilities, or of the values.
        Mean = "mean",
    }
}
keywords! {
    /// `filter.sample_selection`.
    FilteredParts {
        /// Each part.
        All = "all",
        /// Train alone.
        Train = "train",
        /// Test alone.
        Test = "test",
    }
}
keywords! {
    /// `balancing`: what is done about classes of unlike size.
    Balancing {
        /// Nothing.
        Off = "False",
        /// Rows of the smaller classes are repeated, the same ones in each epoch.
        Ros = "ros",
        /// Each epoch draws as many clips as there are, with replacement, each class equally often.
        Weighted = "weighted",
    }
}
keywords! {
    /// `lora_targets`: a linear layer of every transformer layer, by the reference's name.
    LoraTarget {
        /// Queries of the attention.
        Query = "q_proj",
        /// Keys of the attention.
        Key = "k_proj",
        /// Values of the attention.
        Value = "v_proj",
        /// The attention's output.
        Output = "out_proj",
        /// Into the feed-forward layers.
        Intermediate = "intermediate_dense",
        /// Out of the feed-forward layers.
        FeedForward = "output_dense",
    }
}
keywords! {
    /// `precision`.
    Precision {
        /// 32-bit floats.
        F32 = "f32",
        /// bfloat16 products, f32 weights.
        Bf16 = "bf16",
        /// half-precision products, f32 weights.
        F16 = "f16",
    }
}
keywords! {
    /// `select_on`: where the best checkpoint is chosen.
    SelectOn {
        /// On the dev part, or on one cut from the train speakers.
        Dev = "dev",
        /// On the test part: every result then says that it is optimistic.
        Test = "test",
    }
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

impl Measure {
    /// Whether a larger value is better.
    #[must_use]
    pub fn larger_is_better(self) -> bool {
        !matches!(self, Self::Mse | Self::Mae)
    }
}
