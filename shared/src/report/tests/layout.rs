//! Names and folders against Nkululeko's (1.14.1 as it was run, and its documentation).

use super::experiment::experiment;
use crate::{data::Part, report::Layout};
use proptest::prelude::*;

#[test]
fn names_of_a_split_in_two() {
    let layout = Layout::new(&experiment(&["emodb"]));
    assert_eq!(layout.experiment(), "./examples/results/wavlm_finetuned");
    assert_eq!(layout.stem(), "emodb_emotion_finetune");
    let test = Part::Test;
    for (path, expected) in [
        (
            layout.confusion_plot(0, test),
            "images/run_0/emodb_emotion_finetune_last_0_005",
        ),
        (
            layout.scatter_plot(1, test),
            "images/run_1/emodb_emotion_finetune_last_1_005_scatter",
        ),
        (
            layout.progression_plot(0),
            "images/run_0/emodb_emotion_finetune_epoch_progression",
        ),
        (
            layout.predictions(0, test),
            "results/emodb_emotion_finetune_last_0_005.csv",
        ),
        (
            layout.report(0, test),
            "results/run_0/emodb_emotion_finetune_last_0_005.txt",
        ),
        (
            layout.confusion_text(0, test),
            "results/run_0/emodb_emotion_finetune_conf.txt",
        ),
        (layout.runs(), "results/emodb_emotion_finetune_runs.txt"),
        (layout.manifest(3), "results/run_3/run.json"),
        (layout.best_model(0), "models/run_0/torch"),
        (layout.checkpoints(0), "models/run_0/checkpoints"),
        (layout.split(test), "store/testdf.csv"),
        (layout.log("exp.ini"), "log/exp.ini"),
        // The part cut from the train speakers has no counterpart there.
        (
            layout.predictions(0, Part::Dev),
            "results/emodb_emotion_finetune_dev_0_005.csv",
        ),
        (
            layout.confusion_text(0, Part::Dev),
            "results/run_0/emodb_emotion_finetune_dev_conf.txt",
        ),
    ] {
        assert_eq!(path, expected);
    }
}

#[test]
fn names_of_a_split_in_three() {
    let mut experiment = experiment(&["emodb"]);
    experiment.traindevtest = true;
    let layout = Layout::new(&experiment);
    assert_eq!(
        layout.report_name(0, Part::Dev),
        "emodb_emotion_finetune_last_0_005"
    );
    assert_eq!(
        layout.report_name(0, Part::Test),
        "emodb_emotion_finetune_test_0_005"
    );
}

#[test]
fn the_stem_names_databases_target_and_what_the_model_section_sets() {
    let mut experiment = experiment(&["emodb", "ravdess"]);
    experiment.name_suffix = "_drop-0-1_learning_rate-0-0001".to_owned();
    let stem = "emodb-ravdess_emotion_finetune_drop-0-1_learning_rate-0-0001";
    assert_eq!(Layout::new(&experiment).stem(), stem);
    experiment.plot.name = Some("figure 1".to_owned());
    let layout = Layout::new(&experiment);
    assert_eq!(
        layout.progression_plot(0),
        "images/run_0/figure 1_epoch_progression"
    );
    assert_eq!(
        layout.predictions(0, Part::Test),
        "results/figure 1_last_0_005.csv"
    );
    assert_eq!(layout.stem(), stem);
    experiment.res_name = Some("mine".to_owned());
    assert_eq!(Layout::new(&experiment).runs(), "results/mine_runs.txt");
}

#[test]
fn nothing_leaves_the_folder() {
    let mut experiment = experiment(&["a/../../b"]);
    experiment.plot.name = Some("..".to_owned());
    experiment.folders.images = "/etc/../passwd\\..\\x".to_owned();
    experiment.folders.results = "../..".to_owned();
    let layout = Layout::new(&experiment);
    assert_eq!(layout.stem(), "a_.._.._b_emotion_finetune");
    assert_eq!(
        layout.progression_plot(0),
        "images/run_0/.._epoch_progression"
            .replace("images", "etc/passwd/x")
            .replace("..", ".._")
    );
    assert_eq!(layout.manifest(0), "results/run_0/run.json");
}

proptest! {
    #[test]
    fn any_name_is_a_file_name(name in ".{0,300}", folder in ".{0,20}") {
        let mut experiment = experiment(&["emodb"]);
        experiment.plot.name = Some(name.clone());
        experiment.res_name = Some(name);
        experiment.folders.results = folder;
        let layout = Layout::new(&experiment);
        let path = layout.predictions(9, Part::Test);
        for component in path.split('/') {
            prop_assert!(!component.is_empty() && component != "." && component != "..", "{path:?}");
            prop_assert!(component.len() < 250, "{path:?}");
            prop_assert!(!component.contains(['\0', '\\', ':', '\n']), "{path:?}");
        }
    }
}

#[test]
fn long_names_are_told_apart() {
    let stem = |last: &str| {
        let name = format!("{}{last}", "ä".repeat(400));
        Layout::new(&experiment(&[name.as_str()])).stem().to_owned()
    };
    assert_ne!(stem("1"), stem("2"));
    assert!(stem("1").len() <= 180);
}

#[test]
fn folds_and_tests_are_laid_out_as_experiments() {
    let mut experiment = experiment(&["emodb"]);
    assert!(
        !Layout::new(&experiment)
            .folders()
            .contains(&"folds".to_owned())
    );
    experiment.folds = Some(crate::config::Folds::Loso);
    let layout = Layout::new(&experiment);
    assert!(layout.folders().contains(&"folds".to_owned()));
    assert_eq!(layout.fold(3), "folds/fold_3");
    assert_eq!(layout.folds_table(), "store/folds.csv");
    assert_eq!(
        layout.folds("txt"),
        "results/emodb_emotion_finetune_folds.txt"
    );
    assert_eq!(layout.scores(1), "results/run_1/scores.json");
    assert_eq!(layout.tested("../a/b"), "tests/.._a_b");
    assert_eq!(
        layout.epoch_plot(0, 3),
        "images/run_0/emodb_emotion_finetune_0_003_cnf"
    );
}
