//! Every kind of finding as a terminal shows it.

use super::{BASE, Mode, audformat, checked, shown, with};
use crate::config::diagnostics::{Code, Severity};
use std::collections::BTreeSet;

/// A text for each kind of finding, and sometimes several.
fn cases() -> Vec<(&'static str, String, Mode)> {
    let text = |text: &str| text.to_owned();
    let base = |extra: &str| format!("{BASE}{extra}");
    let (check, run) = (Mode::Check, Mode::Run);
    vec![
        (
            "missing_section_header",
            format!("epochs = 3\n{BASE}"),
            check,
        ),
        ("not_an_option", base("this is nothing\n"), check),
        ("no_key", base("= 3\n"), check),
        (
            "duplicate_section",
            base("[DATA]\nlimit_samples = 3\n"),
            check,
        ),
        ("duplicate_key", base("Pretrained_Model = other\n"), check),
        ("byte_order_mark", format!("\u{feff}{BASE}"), check),
        (
            "interpolation",
            with(&["EXP res_name = 100%", "PLOT name = %(no)s"]),
            check,
        ),
        (
            "inline_comment",
            with(&["EXP epochs = 3 # passes", "DATA labels = ['a', 'b # c']"]),
            check,
        ),
        (
            "quotes",
            with(&[
                "EXP name = 'demo'",
                "FINETUNE pooling = \"mean\"",
                "DATA d.type = 'csv'",
            ]),
            check,
        ),
        (
            "unknown_section",
            base("[Model]\nx = 1\n[PLOTS]\n[else]\n"),
            check,
        ),
        (
            "unknown_key",
            with(&[
                "EXP epoch = 3",
                "DATA d.tests_size = 30",
                "FINETUNE warmup_ration = 0.1",
                "PLOT xyz = 1",
            ]),
            check,
        ),
        (
            "unknown_key_of_database",
            with(&["DATA split_strategy = random", "DATA dd = other.csv"]),
            check,
        ),
        (
            "wrong_section",
            with(&["MODEL epochs = 3", "EXP batch_size = 4"]),
            check,
        ),
        (
            "other_section",
            with(&["MODEL batch_size = 4", "FINETUNE patience = 3"]),
            check,
        ),
        ("old_layout", BASE.replace("[FINETUNE]\n", ""), check),
        (
            "conflicting_keys",
            with(&["FINETUNE batch_size = 8", "MODEL batch_size = 4"]),
            check,
        ),
        (
            "conflicting_durations",
            with(&[
                "DATA min_duration_of_sample = 3",
                "DATA max_duration_of_sample = 2",
            ]),
            check,
        ),
        (
            "conflicting_parts",
            with(&["DATA d.as_test = True", "DATA d.as_train = True"]),
            check,
        ),
        (
            "conflicting_names",
            with(&["DATA databases = ['d', 'D']"]),
            check,
        ),
        ("alias", with(&["FINETUNE duration = 10.5"]), check),
        (
            "alias_and_key",
            with(&["FINETUNE duration = 10.5", "FINETUNE max_duration = 4"]),
            check,
        ),
        (
            "no_effect",
            with(&[
                "MODEL optimizer = sgd",
                "EXP save = False",
                "RESAMPLE replace = True",
                "FINETUNE lora_alpha = 4",
            ]),
            check,
        ),
        (
            "low_rank",
            with(&[
                "FINETUNE lora_rank = 8",
                "FINETUNE lora_targets = ['q_proj', 'v_porj']",
                "FINETUNE lora_dropout = 1",
                "FINETUNE freeze_cnn = False",
            ]),
            check,
        ),
        (
            "low_rank_of_nothing",
            with(&["FINETUNE lora_targets = []", "FINETUNE lora_dropout = 0.1"]),
            check,
        ),
        (
            "no_effect_in_a_split",
            with(&[
                "DATA d.split_strategy = train",
                "DATA d.test_size = 30",
                "DATA d.dev = ['x']",
            ]),
            check,
        ),
        (
            "no_effect_of_dev_size",
            with(&["DATA d.dev_size = 30", "FINETUNE device = 0,1"]),
            check,
        ),
        (
            "tests_of_a_finished_run",
            with(&[
                "EXP lodo = True",
                "DATA tests = ['e']",
                "DATA e = d.csv",
                "DATA e.type = csv",
            ]),
            check,
        ),
        (
            "folds_without_a_word",
            with(&["EXP lodo = True", "DATA d.check_vad = True"]),
            run,
        ),
        (
            "split_that_is_reused",
            with(&["DATA d.split_strategy = reuse"]),
            run,
        ),
        ("csv_as_audformat", BASE.replace("d.type = csv\n", ""), run),
        (
            "audformat_without_header",
            BASE.replace(
                "d = d.csv\nd.type = csv\n",
                "d = beside\nd.audio_path = wav\n",
            ),
            run,
        ),
        (
            "split_by_tables_of_a_csv",
            with(&[
                "DATA d.split_strategy = database",
                "DATA d.target_tables = ['t']",
            ]),
            check,
        ),
        (
            "tables_of_a_csv",
            with(&["DATA d.target_tables = ['t']", "DATA d.columns = ['age']"]),
            check,
        ),
        (
            "split_without_tables",
            audformat(&["DATA d.split_strategy = specified"]),
            check,
        ),
        (
            "table_in_two_parts",
            audformat(&[
                "DATA d.split_strategy = specified",
                "DATA d.train_tables = ['a', 'b']",
                "DATA d.test_tables = ['b']",
            ]),
            check,
        ),
        (
            "tables_of_parts_without_their_split",
            audformat(&["DATA d.train_tables = ['a']"]),
            check,
        ),
        (
            "split_without_column",
            with(&["DATA d.split_strategy = column"]),
            check,
        ),
        (
            "value_in_two_parts",
            with(&[
                "DATA d.split_strategy = column",
                "DATA d.split_column = fold",
                "DATA d.train_vals = [1, 2]",
                "DATA d.test_values = [2]",
            ]),
            check,
        ),
        (
            "values_without_their_split",
            with(&["DATA d.split_column = fold", "DATA d.test_vals = [2]"]),
            check,
        ),
        (
            "missing_key",
            text(
                "[EXP]\n[DATA]\ndatabases = ['d']\nd.type = csv\n[MODEL]\n[FINETUNE]\npretrained_model = model\n",
            ),
            check,
        ),
        (
            "missing_target",
            with(&[
                "DATA target = none",
                "DATA d.split_strategy = speakers_stated",
            ]),
            run,
        ),
        (
            "wrong_type",
            with(&[
                "EXP epochs = 3.0",
                "FINETUNE learning_rate = 0,001",
                "EXP traindevtest = perhaps",
                "FINETUNE head_layers = [0]",
            ]),
            check,
        ),
        (
            "wrong_type_of_lists",
            with(&[
                "DATA labels = anger, joy",
                "DATA databases = d",
                "DATA bins = ['a']",
                "DATA filter = 3",
            ]),
            check,
        ),
        (
            "wrong_type_of_dicts",
            with(&[
                "DATA d.mapping = {'a': {'b': 'c'}, 'd': 'e'}",
                "DATA d.colnames = ['a']",
                "DATA labels = ['a', b]",
            ]),
            check,
        ),
        (
            "out_of_range",
            with(&[
                "EXP epochs = 0",
                "FINETUNE drop = 1",
                "FINETUNE learning_rate = nan",
                "DATA d.test_size = 100",
                "FINETUNE label_smoothing = 2",
            ]),
            check,
        ),
        (
            "out_of_range_in_data",
            with(&[
                "DATA target_divide_by = 0",
                "DATA bins = [3, 2, 1]",
                "FINETUNE seed = -1",
            ]),
            check,
        ),
        (
            "unknown_value",
            with(&[
                "EXP type = clasification",
                "FINETUNE pooling = average",
                "DATA d.split_strategy = speaker_spilt",
                "FINETUNE device = gpu",
                "FINETUNE balancing = smote",
            ]),
            check,
        ),
        (
            "not_finetuning",
            with(&[
                "MODEL type = svm",
                "MODEL C_val = 1",
                "RESAMPLE replace = True",
            ]),
            check,
        ),
        ("feats_type", with(&["FEATS type = ['os']"]), check),
        ("feats_type_missing", BASE.replace("type = []\n", ""), check),
        ("loss_for_task", with(&["FINETUNE loss = mse"]), check),
        (
            "measure_for_task",
            with(&[
                "EXP type = regression",
                "FINETUNE measure = uar",
                "FINETUNE loss = mae",
            ]),
            check,
        ),
        (
            "task_only",
            with(&[
                "EXP type = regression",
                "FINETUNE class_weight = True",
                "DATA labels = ['a', 'b']",
            ]),
            check,
        ),
        ("task_only_classes", with(&["DATA d.scale = True"]), check),
        (
            "small_batch",
            with(&["EXP type = regression", "FINETUNE batch_size = 1"]),
            check,
        ),
        (
            "layer_range",
            with(&["FINETUNE num_layers = 4", "FINETUNE freeze_layers = 4"]),
            check,
        ),
        (
            "layer_range_of_the_checkpoint",
            with(&["FINETUNE num_layers = 13"]),
            check,
        ),
        (
            "learning_rate",
            with(&["FINETUNE learning_rate = 0.01"]),
            check,
        ),
        (
            "warm_up",
            with(&["FINETUNE pretrained_model = microsoft/wavlm-large"]),
            check,
        ),
        (
            "dev_exists",
            with(&["EXP traindevtest = True", "FINETUNE dev_from_train = 10"]),
            check,
        ),
        ("no_dev", with(&["FINETUNE dev_from_train = 0"]), check),
        (
            "no_dev_although_asked_for",
            with(&["EXP traindevtest = True", "DATA d.split_strategy = train"]),
            check,
        ),
        (
            "select_on_test",
            with(&["FINETUNE select_on = test"]),
            check,
        ),
        (
            "split_parts",
            with(&[
                "EXP traindevtest = True",
                "DATA d.test_size = 60",
                "DATA d.dev_size = 40",
            ]),
            check,
        ),
        (
            "split_parts_overlap",
            with(&[
                "DATA d.split_strategy = speakers_stated",
                "DATA d.test = [3, 8]",
                "DATA d.train = ['8']",
            ]),
            check,
        ),
        ("no_part", with(&["DATA d.split_strategy = test"]), check),
        (
            "unused_database",
            with(&["DATA e = other.csv", "DATA e.type = csv"]),
            check,
        ),
        (
            "labels_lost",
            with(&[
                "DATA labels = ['angry', 'neutral']",
                "DATA d.mapping = {'anger': 'angry'}",
            ]),
            check,
        ),
        (
            "few_labels",
            with(&["DATA labels = ['a', 'a']", "DATA bins = [0, 1, 2, 3]"]),
            check,
        ),
        ("few_labels_one", with(&["DATA labels = ['a']"]), check),
        (
            "missing_path",
            with(&["DATA d = gone.csv", "FINETUNE pretrained_model = ./gone"]),
            run,
        ),
        ("missing_path_beside", with(&["DATA d = e.csv"]), check),
        (
            "missing_path_of_audio",
            with(&["DATA d.absolute_path = False", "DATA d.audio_path = wav"]),
            check,
        ),
        (
            "hub_model",
            with(&["FINETUNE pretrained_model = emotion2vec-base"]),
            check,
        ),
        (
            "hub_model_in_a_run",
            with(&["FINETUNE pretrained_model = wavlm-base"]),
            run,
        ),
        (
            "hub_model_revision",
            with(&[
                "FINETUNE pretrained_model = microsoft/wavlm-base@../x",
                "FINETUNE hub_model_id = mine",
            ]),
            run,
        ),
        (
            "secret",
            with(&["MODEL hf_token = hf_abc", "FINETUNE push_to_hub = True"]),
            check,
        ),
        (
            "endpoint",
            with(&["FINETUNE hf_endpoint = http://169.254.169.254"]),
            check,
        ),
        (
            "unknown_database",
            with(&[
                "DATA databases = ['emodb']",
                "DATA emodb = d.csv",
                "DATA emodb.type = csv",
                "DATA emdob.split_strategy = random",
                "DATA xyz.type = csv",
            ]),
            check,
        ),
        (
            "database_named_like_a_pattern",
            BASE.replace("'d'", "'x_bins', 'x_bins.test'")
                .replace("d = ", "x_bins = ")
                .replace("d.type", "x_bins.type")
                + "[PLOT]\nname = x\n",
            check,
        ),
        (
            "default_section",
            format!(
                "[DEFAULT]\nlodo = True\nepoch = 3\nhome = x\nbatch_size = 4\nmomentum = 2\n{BASE}[PLOT]\nname = %(home)s\n"
            ),
            run,
        ),
        (
            "default_interpolation",
            format!("[DEFAULT]\nruns = 5%\nkept = %(name)s\n{BASE}"),
            check,
        ),
        (
            "default_and_own",
            format!("[DEFAULT]\nbatch_size = 4\n{BASE}batch_size = 8\n"),
            check,
        ),
        (
            "root_folders_keys",
            with(&["DATA root_folders = keys.ini", "DATA databases = ['e']"]),
            run,
        ),
        (
            "model_type_by_reference",
            BASE.replace("type = finetune", "kind = finetune\ntype = %(kind)s"),
            check,
        ),
        (
            "switched_off",
            with(&[
                "DATA d.check_vad = no",
                "DATA check_vad = 0",
                "DATA size_diff_weight = 1.0",
                "DATA tests = []",
                "FINETUNE push_to_hub = off",
                "EXP lodo = no",
                "MODEL k_fold_cross = False",
                "FEATS needs_feature_extraction = 0",
            ]),
            run,
        ),
        (
            "folds_and_what_they_pass_over",
            with(&[
                "MODEL logo = 5",
                "FINETUNE k_fold_cross = 3",
                "FINETUNE push_to_hub = True",
                "EXP traindevtest = True",
                "DATA d.as_test = True",
            ]),
            check,
        ),
        (
            "folds_out_of_range",
            with(&["FINETUNE logo = 1", "MODEL k_fold_cross = many"]),
            check,
        ),
        (
            "folds_of_databases",
            with(&["EXP lodo_runs = 3", "EXP databases = ['x']"]),
            run,
        ),
        (
            "each_database_against_each",
            with(&[
                "EXP databases = ['d']",
                "EXP use_splits = True",
                "EXP reuse_train = True",
                "CROSSDB train_extra = ['d']",
            ])
            .replace("databases = ['d']\nd =", "d ="),
            run,
        ),
        (
            "keys_of_databases_against_each_other",
            with(&[
                "EXP use_splits = True",
                "EXP reuse_train = True",
                "EXP lodo_dev = d",
                "CROSSDB train_extra = ['d']",
            ]),
            check,
        ),
        (
            "wrong_head",
            with(&[
                "FINETUNE head = big",
                "FINETUNE head_activation = gelu",
                "FINETUNE head_layers = [0]",
            ]),
            check,
        ),
        (
            "head_that_has_no_such_layers",
            with(&[
                "FINETUNE head = audeering",
                "FINETUNE head_layers = [64]",
                "FINETUNE pooling = meanvar",
            ]),
            check,
        ),
        (
            "wrong_augmentation",
            with(&[
                "FINETUNE augment_noise = loud",
                "FINETUNE augment_gain = -3",
                "FINETUNE augment_speed = 0",
                "FINETUNE augment_time_mask = 2",
                "FINETUNE augment_probability = 1.5",
            ]),
            check,
        ),
        (
            "augmentation_that_is_never_drawn",
            with(&[
                "FINETUNE augment_noise = 10",
                "FINETUNE augment_probability = 0",
            ]),
            check,
        ),
        (
            "balanced_weights",
            with(&[
                "DATA d.split_strategy = balanced",
                "DATA balance = {'emotion': -1}",
                "DATA size_diff_weight = -2",
            ]),
            check,
        ),
        (
            "balanced_columns",
            with(&[
                "DATA d.split_strategy = balanced",
                "DATA balance = {'emotion': 2}",
                "DATA age_bins = 3",
            ]),
            check,
        ),
        (
            "balanced_without_its_split",
            with(&["DATA balance = {'emotion': 1}", "DATA age_bins = 3"]),
            check,
        ),
        (
            "weighted_draws",
            with(&[
                "FINETUNE balancing = weighted",
                "FINETUNE shuffle = False",
                "FINETUNE class_weight = True",
            ]),
            check,
        ),
        (
            "labelling_without_a_file",
            with(&["DATA label_data = e", "DATA e = e.csv", "DATA e.type = csv"]),
            check,
        ),
        (
            "switched_off_classes",
            with(&["EXP type = regression", "FINETUNE class_weight = no"]),
            check,
        ),
        (
            "wrong_section_acts",
            with(&[
                "FINETUNE random_seed = 1",
                "DATA random_seed = 1",
                "FINETUNE type = finetune",
                "MODEL databases = ['x']",
                "FINETUNE n_jobs = 2",
            ]),
            check,
        ),
        (
            "wrong_section_overrides",
            with(&["MODEL epochs = 3", "EXP epochs = 10"]),
            check,
        ),
        (
            "alias_twice",
            with(&["FINETUNE duration = 4", "MODEL duration = 3"]),
            check,
        ),
        (
            "comments_of_literals",
            with(&[
                "DATA labels = ['a', # first\n'b']",
                "DATA d.mapping = {'a': 'b'} # c",
                "EXP res_name = don't stop # x",
            ]),
            check,
        ),
        (
            "other_commands",
            with(&[
                "FLAGS models = ['svm']",
                "FLAGS features = ['os']",
                "AUGMENT augment = ['traditional']",
            ]),
            check,
        ),
        (
            "split_named_like_a_database",
            with(&[
                "DATA databases = ['d', 'd.test']",
                "DATA d.test = d.csv",
                "DATA d.test.type = csv",
                "DATA d.train = ['s']",
                "DATA d.split_strategy = speakers_stated",
            ]),
            check,
        ),
        (
            "too_many_digits",
            with(&["EXP epochs = 99999999999999999999", "EXP runs = 1e30"]),
            check,
        ),
        (
            "model_folder_of_a_folder",
            with(&["FINETUNE pretrained_model = beside/best"]),
            check,
        ),
        (
            "nothing_kept",
            with(&[
                "DATA databases = ['d', 'e']",
                "DATA e = d.csv",
                "DATA e.type = csv",
                "DATA e.split_strategy = train",
                "DATA e.as_test = True",
            ]),
            check,
        ),
        (
            "units",
            with(&[
                "FINETUNE max_duration = 0.001",
                "FINETUNE dev_from_train = 0.2",
                "DATA d.test_size = 0.3",
            ]),
            check,
        ),
        (
            "from_scratch_and_frozen",
            with(&["FINETUNE from_scratch = True"]),
            check,
        ),
        (
            "blank_databases",
            BASE.replace("databases = ['d']\n", "")
                .replace("name = demo", "name = demo\ndatabases ="),
            check,
        ),
        (
            "data_without_a_model",
            with(&[
                "FINETUNE pretrained_model = emotion2vec-base",
                "EXP lodo = True",
                "DATA d.check_vad = True",
            ]),
            Mode::Data,
        ),
        (
            "data_without_a_model_folder",
            with(&["FINETUNE pretrained_model = ./gone"]),
            Mode::Data,
        ),
        (
            "secret_of_default",
            format!("[DEFAULT]\nhf_token = hf_abc\n{BASE}"),
            check,
        ),
        (
            "root_folders_unread",
            with(&["DATA root_folders = roots.ini", "DATA databases = ['e']"]),
            Mode::Text,
        ),
        (
            "root_folders_broken",
            with(&["DATA root_folders = broken.ini"]),
            check,
        ),
        (
            "root_folders_not_utf8",
            with(&["DATA root_folders = latin.ini"]),
            check,
        ),
    ]
}

#[test]
fn every_finding_is_shown_as_it_was() {
    for (name, text, mode) in cases() {
        insta::assert_snapshot!(name, shown(&text, mode));
    }
}

#[test]
fn there_is_a_text_for_every_code() {
    let found: BTreeSet<Code> = cases()
        .iter()
        .flat_map(|(_, text, mode)| checked(text, *mode).diagnostics)
        .map(|finding| finding.code)
        .collect();
    let missing: Vec<Code> = Code::ALL
        .iter()
        .copied()
        .filter(|code| !found.contains(code))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn there_is_an_experiment_unless_there_are_errors() {
    for (name, text, mode) in cases() {
        let checked = checked(&text, mode);
        assert_eq!(checked.experiment.is_none(), checked.has_errors(), "{name}");
    }
}

#[test]
fn the_base_has_no_problem_in_any_mode() {
    for mode in [Mode::Text, Mode::Check, Mode::Run, Mode::Data] {
        let checked = checked(BASE, mode);
        assert!(
            checked
                .diagnostics
                .iter()
                .all(|finding| finding.severity == Severity::Info),
            "{}",
            shown(BASE, mode)
        );
    }
}

#[test]
fn a_page_asks_for_no_file() {
    let text = with(&["DATA d = gone.csv", "FINETUNE pretrained_model = ./gone"]);
    assert!(!shown(&text, Mode::Text).contains("missing-path"));
}
