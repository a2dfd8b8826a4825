//! Whole data sets from tables and generated recordings.

mod listing;
mod load;
mod properties;
mod store;

use crate::{
    config::{
        Crop, DataConfig, DatabaseConfig, DatabaseKind, DeviceChoice, Experiment, Folders,
        HeadActivation, HeadConfig, LayerPooling, LossKind, LrScheduler, Measure, PlotConfig,
        Pooling, Precision, SampleFilters, SelectOn, SplitStrategy, Task, Tuning,
    },
    data::row::Row,
    files::Memory,
};
use indexmap::IndexMap;

/// A mono wav file of 16-bit samples: a sine of 200 Hz at `peak` times full scale, cut there.
pub(super) fn wav(seconds: f64, rate: u32, peak: f64) -> Vec<u8> {
    let frames = (seconds * f64::from(rate)).round() as u32;
    let mut bytes = Vec::new();
    bytes.extend(b"RIFF");
    bytes.extend((36 + frames * 2).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * 2).to_le_bytes());
    bytes.extend([2, 0, 16, 0]);
    bytes.extend(b"data");
    bytes.extend((frames * 2).to_le_bytes());
    for frame in 0..frames {
        let phase = std::f64::consts::TAU * 200.0 * f64::from(frame) / f64::from(rate);
        let sample = (phase.sin() * peak * 32_768.0).clamp(-32_768.0, 32_767.0);
        bytes.extend((sample as i16).to_le_bytes());
    }
    bytes
}

/// Files with a table and recordings of 0.1 s by their names.
pub(super) fn memory(table: &str, recordings: &[&str]) -> Memory {
    let mut files = Memory::default();
    files.insert("table.csv", table.as_bytes().to_vec());
    for name in recordings {
        files.insert(*name, wav(0.1, 16_000, 0.5));
    }
    files
}

/// A CSV database that everything of which is training data.
pub(super) fn database(name: &str, path: &str) -> DatabaseConfig {
    DatabaseConfig {
        name: name.into(),
        path: path.into(),
        kind: DatabaseKind::Csv,
        absolute_path: true,
        audio_path: "./".into(),
        split: SplitStrategy::Train,
        as_test: false,
        as_train: false,
        mapping: None,
        label: None,
        colnames: Vec::new(),
        required: None,
        rename_speakers: false,
        scale: false,
        reverse: false,
        reverse_max: None,
        filters: SampleFilters::default(),
        check_size: None,
    }
}

/// A classification of `emotion`.
pub(super) fn experiment(databases: Vec<DatabaseConfig>) -> Experiment {
    Experiment {
        root: "results".into(),
        name: "test".into(),
        task: Task::Classification,
        runs: 1,
        epochs: 1,
        traindevtest: false,
        res_name: None,
        folders: Folders {
            store: "store".into(),
            images: "images".into(),
            results: "results".into(),
            models: "models".into(),
        },
        data: DataConfig {
            databases,
            tests: Vec::new(),
            target: Some("emotion".into()),
            labels: None,
            bins: None,
            continuous: false,
            target_divide_by: None,
            no_reuse: false,
            filters: SampleFilters::default(),
            check_size: None,
        },
        tuning: tuning(),
        plot: PlotConfig::default(),
        name_suffix: String::new(),
    }
}

fn tuning() -> Tuning {
    Tuning {
        pretrained_model: "model".into(),
        device: DeviceChoice::Cpu,
        batch_size: 8,
        gradient_accumulation: 4,
        learning_rate: 1e-4,
        head_learning_rate: None,
        lr_scheduler: LrScheduler::Linear,
        warmup_ratio: 0.0,
        weight_decay: 0.0,
        max_grad_norm: 1.0,
        max_duration: 8.0,
        crop: Crop::Head,
        eval_windows: 1,
        freeze_layers: 0,
        freeze_cnn: true,
        num_layers: None,
        head: HeadConfig {
            layers: None,
            activation: HeadActivation::Tanh,
            pooling: Pooling::Mean,
            layer_pooling: LayerPooling::Last,
            drop: 0.0,
        },
        loss: LossKind::Cross,
        class_weight: false,
        label_smoothing: 0.0,
        measure: Measure::Uar,
        patience: None,
        dev_from_train: 20.0,
        select_on: SelectOn::Dev,
        evals_per_epoch: 1,
        save_total_limit: 1,
        shuffle: true,
        seed: 42,
        precision: Precision::F32,
        lora_rank: None,
        lora_alpha: None,
        push_to_hub: false,
        oversample: false,
    }
}

/// A speaker split with percentages for test and dev.
pub(super) fn speaker_split(test_percent: f64, dev_percent: f64) -> SplitStrategy {
    SplitStrategy::SpeakerSplit {
        test_percent,
        dev_percent,
    }
}

/// A row of database 0.
pub(super) fn row(file: &str, speaker: Option<&str>, label: &str) -> Row {
    Row {
        database: 0,
        line: 2,
        file: file.into(),
        name: file.into(),
        start: 0.0,
        end: None,
        seconds: 1.0,
        speaker: speaker.map(str::to_owned),
        gender: None,
        label: Some(label.into()),
        value: label.parse().ok(),
        columns: IndexMap::from([("emotion".to_owned(), label.to_owned())]),
    }
}
