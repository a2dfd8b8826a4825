//! The experiment that comes of a text.

use super::{BASE, Checked, Mode, audformat, checked, with};
use crate::config::{
    Balancing, Crop, DatabaseKind, DeviceChoice, Experiment, HeadActivation, LossKind, Mapping,
    Measure, Origin, SplitStrategy, TableLists, Task, apply_overrides, data_hash, hash,
};
use serde_json::json;

fn experiment(lines: &[&str]) -> Experiment {
    of(&with(lines))
}

fn of(text: &str) -> Experiment {
    let Checked {
        experiment,
        diagnostics,
        ..
    } = checked(text, Mode::Run);
    experiment.unwrap_or_else(|| panic!("{diagnostics:#?}"))
}

#[test]
fn defaults_are_those_of_the_table() {
    insta::assert_json_snapshot!(experiment(&[]));
}

#[test]
fn the_older_layout_has_its_own_dropout() {
    assert_eq!(experiment(&[]).tuning.head.drop, 0.0);
    assert_eq!(of(&BASE.replace("[FINETUNE]\n", "")).tuning.head.drop, 0.1);
    assert_eq!(
        of(&with(&["FINETUNE drop = 0.3"]).replace("[FINETUNE]\n", ""))
            .tuning
            .head
            .drop,
        0.3
    );
}

#[test]
fn every_key_of_fine_tuning_acts() {
    let found = experiment(&[
        "FINETUNE device = cuda:1",
        "FINETUNE batch_size = 2",
        "FINETUNE gradient_accumulation = 1",
        "FINETUNE head_learning_rate = 1e-3",
        "MODEL lr_scheduler = Cosine",
        "FINETUNE crop = random",
        "FINETUNE head_layers = [32, 16]",
        "FINETUNE head_activation = relu",
        "FINETUNE label_smoothing = True",
        "MODEL patience = 4",
        "FINETUNE freeze_cnn = no",
        "FINETUNE balancing = ros",
        "FINETUNE seed = 7",
        "FINETUNE from_scratch = True",
        "FINETUNE duration = 3",
        "FINETUNE measure = f1",
    ]);
    let tuning = &found.tuning;
    assert_eq!(tuning.device, DeviceChoice::Cuda(1));
    assert_eq!((tuning.batch_size, tuning.gradient_accumulation), (2, 1));
    assert_eq!(tuning.head_learning_rate, Some(0.001));
    assert_eq!(tuning.lr_scheduler.word(), "cosine");
    assert_eq!(tuning.crop, Crop::Random);
    assert_eq!(tuning.head.layers, Some(vec![32, 16]));
    assert_eq!(tuning.head.activation, Some(HeadActivation::Relu));
    assert_eq!(tuning.label_smoothing, 0.1);
    assert_eq!((tuning.patience, tuning.seed), (Some(4), 7));
    assert!(!tuning.freeze_cnn && tuning.balancing == Balancing::Ros && tuning.from_scratch);
    assert_eq!(tuning.max_duration, 3.0);
    assert_eq!(tuning.measure, Measure::F1);
}

#[test]
fn a_blank_value_is_the_default() {
    let found = experiment(&[
        "FINETUNE num_layers = ",
        "FINETUNE head_layers = ",
        "FINETUNE drop = ",
        "EXP epochs =",
    ]);
    assert_eq!(
        (
            found.tuning.num_layers,
            found.tuning.head.layers,
            found.epochs
        ),
        (None, None, 1)
    );
}

#[test]
fn devices_are_named_in_several_ways() {
    for (text, expected) in [
        ("auto", DeviceChoice::Auto),
        ("CPU", DeviceChoice::Cpu),
        ("cuda", DeviceChoice::Cuda(0)),
        ("2", DeviceChoice::Cuda(2)),
        ("1,0", DeviceChoice::Cuda(1)),
        ("vulkan:3", DeviceChoice::Vulkan(3)),
    ] {
        assert_eq!(
            experiment(&[&format!("FINETUNE device = {text}")])
                .tuning
                .device,
            expected,
            "{text}"
        );
    }
}

#[test]
fn a_regression_has_its_own_loss_and_measure() {
    let found = experiment(&["EXP type = regression"]);
    assert_eq!(found.task, Task::Regression);
    assert_eq!(
        (found.tuning.loss, found.tuning.measure),
        (LossKind::OneMinusCcc, Measure::Ccc)
    );
}

#[test]
fn splits_have_what_they_need() {
    let split = |lines: &[&str]| experiment(lines).data.databases[0].split.clone();
    assert_eq!(
        split(&["DATA d.test_size = 30"]),
        SplitStrategy::SpeakerSplit {
            test_percent: 30.0,
            dev_percent: 20.0
        }
    );
    assert_eq!(
        split(&["DATA d.split_strategy = 'train'"]),
        SplitStrategy::Train
    );
    let test = Some(vec!["03".to_owned(), "8".to_owned()]);
    assert_eq!(
        split(&["DATA d.split_strategy = ['03', 8]"]),
        SplitStrategy::Speakers {
            train: None,
            dev: None,
            test: test.clone()
        }
    );
    assert_eq!(
        split(&[
            "DATA d.split_strategy = speakers_stated",
            "DATA d.test = ('03', 8)",
            "DATA d.dev = [9]"
        ]),
        SplitStrategy::Speakers {
            train: None,
            dev: Some(vec!["9".to_owned()]),
            test
        }
    );
}

#[test]
fn splits_by_tables_and_by_a_column() {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let found = experiment(&[
        "DATA d.split_strategy = column",
        "DATA d.split_column = fold",
        "DATA d.train_vals = [1, 2]",
        "DATA d.dev_values = [3]",
        "DATA d.test_values = ['x']",
    ]);
    let database = &found.data.databases[0];
    assert_eq!(
        database.split,
        SplitStrategy::Column {
            column: "fold".to_owned(),
            train: Some(list(&["1", "2"])),
            dev: Some(list(&["3"])),
            test: Some(list(&["x"])),
        }
    );
    let text = audformat(&[
        "DATA d.split_strategy = specified",
        "DATA d.train_tables = ['a', 'b']",
        "DATA d.dev_tables = ['c']",
        "DATA d.test_tables = ['d']",
        "DATA d.target_tables = ['e']",
        "DATA d.target_tables_append = True",
        "DATA d.files_tables = ['files']",
        "DATA d.columns = ['language']",
    ]);
    let found = of(&text);
    let database = &found.data.databases[0];
    assert_eq!(database.kind, DatabaseKind::Audformat);
    assert_eq!(database.split, SplitStrategy::Specified);
    assert_eq!(
        database.tables,
        TableLists {
            target: list(&["e"]),
            append: true,
            files: list(&["files"]),
            train: list(&["a", "b"]),
            dev: list(&["c"]),
            test: list(&["d"]),
        }
    );
    assert_eq!(database.columns, ["language"]);
    let text = audformat(&["DATA d.split_strategy = database"]);
    assert_eq!(of(&text).data.databases[0].split, SplitStrategy::Database);
}

#[test]
fn databases_may_be_called_as_parts_are() {
    let text = with(&[
        "DATA databases = ['train', 'Test']",
        "DATA train = d.csv",
        "DATA train.type = csv",
        "DATA train.split_strategy = train",
        "DATA test = d.csv",
        "DATA test.type = csv",
        "DATA TEST.split_strategy = test",
    ]);
    let found = of(&text);
    let names: Vec<_> = found
        .data
        .databases
        .iter()
        .map(|database| (database.name.as_str(), &database.split))
        .collect();
    assert_eq!(
        names,
        [
            ("train", &SplitStrategy::Train),
            ("Test", &SplitStrategy::Test)
        ]
    );
}

#[test]
fn dicts_have_several_forms() {
    let database = |line: &str| experiment(&[line]).data.databases[0].clone();
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        database("DATA d.mapping = {'anger, disgust': 'neg', 'joy': 'pos', 1: 2}").mapping,
        Some(Mapping::Target(vec![
            pair("anger", "neg"),
            pair("disgust", "neg"),
            pair("joy", "pos"),
            pair("1", "2")
        ]))
    );
    assert_eq!(
        database("DATA d.mapping = {'sex': {'f': 'female'}}").mapping,
        Some(Mapping::Columns(vec![(
            "sex".to_owned(),
            vec![pair("f", "female")]
        )]))
    );
    for text in [
        "{('a', 'b'): 'c'}",
        "{'sex': {('a', 'b'): 'c'}}",
        "{None: 'c'}",
    ] {
        assert!(
            crate::config::check::mapping::mapping(text).is_err(),
            "{text}"
        );
    }
    let filtered = vec![("style".to_owned(), vec!["read".to_owned()])];
    for text in [
        "{'style': 'read'}",
        "{'style': ['read']}",
        "[['style', 'read']]",
        "['style', ['read']]",
    ] {
        assert_eq!(
            database(&format!("DATA d.filter = {text}")).filters.columns,
            filtered,
            "{text}"
        );
    }
    assert_eq!(
        database("DATA d.colnames = {'sex': 'gender'}").colnames,
        [pair("sex", "gender")]
    );
}

#[test]
fn a_second_ini_has_databases() {
    let text = with(&[
        "DATA root_folders = roots.ini",
        "DATA databases = ['d', 'e']",
    ]);
    let found = of(&text);
    assert_eq!(found.data.databases[1].path, "d.csv");
    let settings = checked(&text, Mode::Run).settings;
    let path = settings.iter().find(|setting| setting.key == "e").unwrap();
    assert_eq!(path.origin, Origin::Roots);
}

#[test]
fn names_of_files_have_what_nkululeko_puts_there() {
    let lines = &[
        "MODEL learning_rate = 0.0001",
        "MODEL drop = .1",
        "MODEL loss = cross",
        "MODEL class_weight = True",
    ];
    let suffix = experiment(lines).name_suffix;
    assert_eq!(
        suffix,
        "_drop-1_class_weight-True_loss-cross_learning_rate-0-0001"
    );
    assert_eq!(
        experiment(&["FINETUNE learning_rate = 0.0001"]).name_suffix,
        ""
    );
    assert_eq!(
        experiment(&["FEATS set = ../../x"]).name_suffix,
        "_set-_--_x"
    );
}

#[test]
fn settings_say_where_they_come_from() {
    let settings = checked(
        &with(&["MODEL batch_size = 4", "FINETUNE duration = 3"]),
        Mode::Run,
    )
    .settings;
    let of = |key: &str| {
        let found = settings.iter().find(|setting| setting.key == key).unwrap();
        (found.section.as_str(), found.value.as_str(), found.origin)
    };
    assert_eq!(of("batch_size"), ("MODEL", "4", Origin::File));
    assert_eq!(of("max_duration"), ("FINETUNE", "3", Origin::Alias));
    assert_eq!(of("seed"), ("FINETUNE", "42", Origin::Default));
    assert_eq!(of("d.type"), ("DATA", "csv", Origin::File));
}

#[test]
fn an_override_always_acts() {
    let set = |text: &str, given: &[&str]| {
        let given: Vec<String> = given.iter().map(|&text| text.to_owned()).collect();
        apply_overrides(text, &given)
    };
    let text = with(&["FINETUNE batch_size = 8", "FINETUNE duration = 3"]);
    let changed = set(
        &text,
        &[
            "MODEL.batch_size=4",
            "FINETUNE.max_duration = 2",
            "DATA.d.test_size=30",
        ],
    )
    .unwrap();
    let found = of(&changed);
    assert_eq!(
        (found.tuning.batch_size, found.tuning.max_duration),
        (4, 2.0)
    );
    assert_eq!(
        found.data.databases[0].split,
        SplitStrategy::SpeakerSplit {
            test_percent: 30.0,
            dev_percent: 20.0
        }
    );
    // The older layout stays one, with its default of `drop`.
    let old = set(
        &BASE.replace("[FINETUNE]\n", ""),
        &["FINETUNE.batch_size=2"],
    )
    .unwrap();
    assert_eq!(
        (of(&old).tuning.batch_size, of(&old).tuning.head.drop),
        (2, 0.1)
    );
    let errors: Vec<String> = ["epochs=3", "EXP.epochs", "EXP.[x=3", "EXP.name=a\n# b"]
        .iter()
        .map(|given| set(BASE, &[given]).unwrap_err().to_string())
        .collect();
    insta::assert_debug_snapshot!(errors);
}

#[test]
fn hashes_follow_what_they_are_of() {
    let base = experiment(&[]);
    assert_eq!(hash(&base), hash(&of(&format!("# a comment\n{BASE}"))));
    let rate = experiment(&["FINETUNE learning_rate = 0.001"]);
    assert_ne!(hash(&base), hash(&rate));
    assert_eq!(data_hash(&base), data_hash(&rate));
    assert_eq!(
        data_hash(&base),
        data_hash(&experiment(&["DATA no_reuse = True"]))
    );
    for line in [
        "DATA d.test_size = 30",
        "FINETUNE seed = 1",
        "DATA labels = ['a', 'b']",
        "EXP traindevtest = True",
    ] {
        assert_ne!(data_hash(&base), data_hash(&experiment(&[line])), "{line}");
    }
    assert_eq!(hash(&base).len(), 64);
}

#[test]
fn json_has_texts_literals_and_findings() {
    let text = "[DEFAULT]\nspace = /data\n[EXP]\nname = %(space)s/x\nRuns = 2\n[DATA]\n\tlabels =  oops, x\n";
    let json = checked(text, Mode::Text).to_json();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["sections"],
        json!({"EXP": {"name": "/data/x", "runs": "2", "space": "/data"}, "DATA": {"labels": "oops, x", "space": "/data"}})
    );
    assert_eq!(json["values"], json!({"EXP": {"runs": 2}}));
    let findings = json["diagnostics"].as_array().unwrap();
    let finding = findings
        .iter()
        .find(|finding| finding["code"] == "wrong-type")
        .unwrap();
    assert_eq!(
        *finding,
        json!({"line": 7, "column": 12, "end_line": 7, "end_column": 19, "severity": "error", "code": "wrong-type",
            "message": "`labels`: it must be a list of texts in quotes", "fix": "write `['oops', 'x']`"})
    );
}
