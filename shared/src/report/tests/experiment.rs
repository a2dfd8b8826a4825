//! An experiment to name files by.

use crate::config::{
    Crop, DataConfig, DatabaseConfig, DatabaseKind, DeviceChoice, Experiment, Folders, HeadKeys,
    LossKind, LrScheduler, Measure, PlotConfig, Precision, SampleFilters, SelectOn, SplitStrategy,
    TableLists, Task, Tuning,
};

/// A classification of `emotion` in the given databases, 5 epochs, 2 runs.
pub(in crate::report) fn experiment(databases: &[&str]) -> Experiment {
    Experiment {
        root: "./examples/results/".to_owned(),
        name: "wavlm_finetuned".to_owned(),
        task: Task::Classification,
        runs: 2,
        epochs: 5,
        traindevtest: false,
        res_name: None,
        license: None,
        folders: Folders {
            store: "store/".to_owned(),
            images: "./images/".to_owned(),
            results: "results".to_owned(),
            models: "models//".to_owned(),
        },
        data: DataConfig {
            databases: databases.iter().map(|name| database(name)).collect(),
            tests: Vec::new(),
            target: Some("emotion".to_owned()),
            labels: None,
            bins: None,
            continuous: false,
            target_divide_by: None,
            no_reuse: false,
            filters: SampleFilters::default(),
            check_size: None,
        },
        tuning: tuning(),
        plot: PlotConfig {
            name: None,
            titles: true,
            combine: None,
            combine_column: "speaker".to_owned(),
            uncertainty_threshold: None,
        },
        name_suffix: String::new(),
    }
}

fn database(name: &str) -> DatabaseConfig {
    DatabaseConfig {
        name: name.to_owned(),
        path: format!("data/{name}.csv"),
        kind: DatabaseKind::Csv,
        absolute_path: false,
        audio_path: String::new(),
        split: SplitStrategy::Random {
            test_percent: 20.0,
            dev_percent: 20.0,
        },
        tables: TableLists::default(),
        columns: Vec::new(),
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

fn tuning() -> Tuning {
    Tuning {
        pretrained_model: "microsoft/wavlm-base".to_owned(),
        from_scratch: false,
        device: DeviceChoice::Cpu,
        batch_size: 4,
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
        head: HeadKeys {
            style: None,
            layers: None,
            activation: None,
            pooling: None,
            layer_pooling: None,
            drop: 0.0,
        },
        loss: LossKind::Cross,
        class_weight: false,
        label_smoothing: 0.0,
        measure: Measure::Uar,
        patience: None,
        dev_from_train: 20.0,
        select_on: SelectOn::Dev,
        evals_per_epoch: 5,
        save_total_limit: 0,
        save_minutes: 10.0,
        keep_checkpoints: false,
        shuffle: true,
        seed: 7,
        precision: Precision::F32,
        recompute: false,
        lora: None,
        push_to_hub: false,
        hub_model_id: None,
        hub_private_repo: true,
        oversample: false,
    }
}
