//! Scaling, bins and classes against scikit-learn and numpy.

use super::{Bins, TargetTransform, classes, drop_unseen, oversample, prepare, quantile};
use crate::{
    config::{DataConfig, DatabaseConfig, Mapping},
    data::{
        DropReason, Part, Parts,
        draw::Draw,
        drops::Drops,
        row::Row,
        tests::{database, experiment, row},
    },
};

const VALUES: [f64; 7] = [0.5, 1.25, 3.0, 3.0, -2.0, 7.5, 0.125];

fn values(values: &[f64], database: usize) -> Vec<Row> {
    let one = |value: &f64| Row {
        database,
        label: None,
        ..row("a.wav", None, &value.to_string())
    };
    values.iter().map(one).collect()
}

fn close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-14 * expected.abs().max(1.0),
        "{found} is not {expected}"
    );
}

/// `numpy.quantile` (2.4.6).
#[test]
fn quantiles() {
    let mut sorted = VALUES;
    sorted.sort_by(f64::total_cmp);
    for (q, expected) in [
        (0.33, 0.4925),
        (0.66, 2.93),
        (0.0, -2.0),
        (1.0, 7.5),
        (0.25, 0.3125),
        (0.5, 1.25),
    ] {
        close(quantile(&sorted, q).unwrap(), expected);
    }
    assert_eq!(quantile(&[], 0.5), None);
}

/// `sklearn.preprocessing.StandardScaler` (1.9.1).
#[test]
fn z_scores_are_fitted_on_the_train_part_and_come_back() {
    let mut config = database("db", "table.csv");
    config.scale = true;
    let data = experiment(vec![config]).data;
    let parts = Parts {
        train: values(&VALUES, 0),
        dev: Vec::new(),
        test: values(&[1e6], 0),
    };
    let transform = TargetTransform::fit(&data, &parts, &mut Vec::new());
    let scale = transform.databases["db"].scale.unwrap();
    close(scale.mean, 1.910_714_285_714_285_8);
    close(scale.std, 2.790_860_630_920_951_4);
    close(transform.apply("db", 2.0), 0.031_992_179_507_814_03);
    close(transform.invert("db", transform.apply("db", 123.0)), 123.0);
    let constant = Parts {
        train: values(&[0.1; 4], 0),
        ..Parts::default()
    };
    assert_eq!(
        TargetTransform::fit(&data, &constant, &mut Vec::new()).databases["db"]
            .scale
            .unwrap()
            .std,
        1.0
    );
}

#[test]
fn reverse_and_division_come_back() {
    let mut config = database("db", "table.csv");
    config.reverse = true;
    config.scale = true;
    let mut data = experiment(vec![config]).data;
    data.target_divide_by = Some(10.0);
    let parts = Parts {
        train: values(&VALUES, 0),
        dev: Vec::new(),
        test: values(&[9.0], 0),
    };
    let transform = TargetTransform::fit(&data, &parts, &mut Vec::new());
    assert_eq!(transform.databases["db"].reverse_max, Some(9.0));
    // The mean of |9 - x| is 9 - mean(x).
    close(
        transform.apply("db", 9.0),
        (0.0 - (9.0 - 1.910_714_285_714_285_8)) / 2.790_860_630_920_951_4 / 10.0,
    );
    for value in VALUES {
        close(transform.invert("db", transform.apply("db", value)), value);
    }
    assert!(!transform.is_identity());
    assert!(TargetTransform::default().is_identity());

    data.databases[0].reverse_max = Some(5.0);
    let mut warnings = Vec::new();
    TargetTransform::fit(&data, &parts, &mut warnings);
    assert!(warnings[0].contains("reverse.max is 5"), "{warnings:?}");
}

#[test]
fn a_database_outside_of_train_is_scaled_as_the_whole_train_part() {
    let (first, mut second) = (database("a", "a.csv"), database("b", "b.csv"));
    second.scale = true;
    let data = experiment(vec![first, second]).data;
    let parts = Parts {
        train: values(&VALUES, 0),
        dev: Vec::new(),
        test: values(&[1.0], 1),
    };
    let mut warnings = Vec::new();
    let transform = TargetTransform::fit(&data, &parts, &mut warnings);
    assert_eq!(transform.databases["a"].scale, None);
    close(
        transform.databases["b"].scale.unwrap().mean,
        1.910_714_285_714_285_8,
    );
    assert_eq!(warnings.len(), 1);
}

/// `numpy.digitize(x, bins) - 1`, but that the last edge belongs to the last bin.
#[test]
fn bins_with_edges() {
    let mut data = experiment(Vec::new()).data;
    data.bins = Some(vec![0.0, 1.0, 2.0, 3.0]);
    data.labels = Some(["low", "mid", "high"].map(str::to_owned).to_vec());
    let bins = Bins::fit(&data, &[]).unwrap();
    let found = [0.0, 1.0, 1.5, 2.0, 2.9, 3.0, -1.0, 3.5].map(|value| bins.name(value));
    let (low, mid, high) = (Some("low"), Some("mid"), Some("high"));
    assert_eq!(found, [low, mid, mid, high, high, high, None, None]);

    data.labels = Some(vec!["low".into()]);
    let error = Bins::fit(&data, &[]).unwrap_err().to_string();
    assert_eq!(error, "[DATA] bins: there are 3 bins but 1 names in labels");
    data.labels = None;
    assert_eq!(Bins::fit(&data, &[]).unwrap().names, ["0", "1", "2"]);
    data.bins = Some(vec![0.0, 2.0, 1.0]);
    assert!(Bins::fit(&data, &[]).is_err());
}

/// `numpy.digitize` with the 0.33 and 0.66 quantiles between far edges.
#[test]
fn bins_without_edges() {
    let data = experiment(Vec::new()).data;
    let bins = Bins::fit(&data, &values(&VALUES, 0)).unwrap();
    let found: Vec<_> = VALUES
        .iter()
        .map(|value| bins.name(*value).unwrap())
        .collect();
    assert_eq!(
        found,
        [
            "1_middle", "1_middle", "2_high", "2_high", "0_low", "2_high", "0_low"
        ]
    );
    assert_eq!(bins.name(f64::NAN), None);
}

/// `sklearn.preprocessing.LabelEncoder` on texts.
#[test]
fn classes_are_sorted_by_code_point() {
    let names = ["b", "a", "Z", "10", "9", "ä", "é", "zz", "A", "a"];
    let rows: Vec<Row> = names.iter().map(|name| row("a.wav", None, name)).collect();
    assert_eq!(
        classes(&rows, "").unwrap(),
        ["10", "9", "A", "Z", "a", "b", "zz", "ä", "é"]
    );
    let error = classes(&rows[..1], "2 x no label").unwrap_err().to_string();
    assert_eq!(
        error,
        "all training rows have the label `b`; a classification needs at least two classes; these rows were dropped: \
         2 x no label"
    );
}

#[test]
fn classes_that_train_has_not_are_dropped_and_missing_ones_named() {
    let rows = |names: &[&str]| {
        names
            .iter()
            .map(|name| row("a.wav", None, name))
            .collect::<Vec<_>>()
    };
    let mut parts = Parts {
        train: rows(&["a", "b"]),
        dev: Vec::new(),
        test: rows(&["a", "c", "c"]),
    };
    let mut drops = Drops::new(vec!["db".into()]);
    let mut warnings = Vec::new();
    drop_unseen(
        &mut parts,
        &["a".into(), "b".into()],
        &mut drops,
        &mut warnings,
    );
    assert_eq!(parts.test.len(), 1);
    assert_eq!(warnings, ["the test part has no rows of: b"]);
    let dropped = drops.into_dropped();
    assert_eq!(
        (dropped[0].reason, dropped[0].count),
        (DropReason::UnseenLabel, 2)
    );
}

#[test]
fn mappings_in_both_forms() {
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(old, new)| ((*old).to_owned(), (*new).to_owned()))
            .collect()
    };
    let mut config = database("db", "table.csv");
    config.mapping = Some(Mapping::Target(pairs(&[
        ("joy", "happy"),
        ("fun", "happy"),
        ("sad", "sad"),
    ])));
    let mut data = experiment(Vec::new()).data;
    data.labels = Some(vec!["happy".into()]);
    let table = || {
        ["joy", "fun", "sad", "fear"]
            .map(|label| row("a.wav", None, label))
            .to_vec()
    };
    let mut rows = table();
    let mut drops = Drops::new(vec!["db".into()]);
    prepare(
        &mut rows,
        super::Kind::Texts,
        &data,
        &config,
        &mut drops,
        &mut Vec::new(),
    );
    assert_eq!(
        rows.iter()
            .map(|row| row.column("emotion"))
            .collect::<Vec<_>>(),
        [Some("happy"); 2]
    );
    let dropped: Vec<_> = drops
        .into_dropped()
        .into_iter()
        .map(|entry| (entry.reason, entry.examples))
        .collect();
    assert_eq!(
        dropped,
        [
            (
                DropReason::Unmapped,
                vec!["line 2, a.wav: `fear`".to_owned()]
            ),
            (
                DropReason::NotInLabels,
                vec!["line 2, a.wav: `sad`".to_owned()]
            ),
        ]
    );

    config.mapping = Some(Mapping::Columns(vec![
        ("gender".into(), pairs(&[("weiblich", "female")])),
        ("emotoin".into(), pairs(&[("joy", "happy")])),
    ]));
    data.labels = None;
    let mut rows = table();
    rows[0].columns.insert("gender".into(), "weiblich".into());
    rows[1].columns.insert("gender".into(), "divers".into());
    let mut warnings = Vec::new();
    let mut drops = Drops::new(vec!["db".into()]);
    prepare(
        &mut rows,
        super::Kind::Texts,
        &data,
        &config,
        &mut drops,
        &mut warnings,
    );
    assert_eq!((rows.len(), drops.count(0)), (4, 0));
    assert_eq!(
        warnings,
        [
            "db: mapping does not name all values of `gender`: it is missing now in 1 of 2 rows (for instance `divers`)",
            "db: mapping has no effect on `emotoin`: no row has a value in a column of this name",
        ]
    );
    assert_eq!(
        (rows[0].gender.as_deref(), rows[0].column("gender")),
        (Some("female"), Some("female"))
    );
    assert_eq!(
        (rows[1].gender.as_deref(), rows[1].column("gender")),
        (None, None)
    );
}

#[test]
fn numbers_are_numbers() {
    let mut rows = ["1.5", "x", "inf", "-2e1"]
        .map(|label| row("a.wav", None, label))
        .to_vec();
    let mut drops = Drops::new(vec!["db".into()]);
    let data = experiment(Vec::new()).data;
    prepare(
        &mut rows,
        super::Kind::Numbers,
        &data,
        &database("db", "t"),
        &mut drops,
        &mut Vec::new(),
    );
    assert_eq!(
        rows.iter().filter_map(|row| row.value).collect::<Vec<_>>(),
        [1.5, -20.0]
    );
    assert_eq!(drops.count(0), 2);
}

#[test]
fn ros_repeats_rows_of_smaller_classes_evenly() {
    let names = ["a", "a", "a", "a", "a", "b", "b", "c"];
    let mut rows: Vec<Row> = names
        .iter()
        .enumerate()
        .map(|(index, name)| row(&format!("{index}.wav"), None, name))
        .collect();
    let before = rows.clone();
    let labels = ["a", "b", "c"].map(str::to_owned);
    let mut warnings = Vec::new();
    let draw = Draw::part(3, Part::Train);
    oversample(&mut rows, &labels, draw, &mut warnings);

    assert_eq!(
        rows[..before.len()],
        before,
        "what was there stays in place"
    );
    let count = |file: &str| rows.iter().filter(|row| row.file.ends_with(file)).count();
    for (file, least, most) in [
        ("0.wav", 1, 1),
        ("4.wav", 1, 1),
        ("5.wav", 2, 3),
        ("7.wav", 5, 5),
    ] {
        assert!(
            (least..=most).contains(&count(file)),
            "{file} {}",
            count(file)
        );
    }
    assert_eq!(count("5.wav") + count("6.wav"), 5);
    assert_eq!(rows.len(), 15);
    assert!(warnings[0].contains("7 rows"), "{warnings:?}");

    let mut again = before.clone();
    oversample(&mut again, &labels, draw, &mut Vec::new());
    assert_eq!(again, rows, "the seed decides");
}

#[test]
fn numbers_of_labels_and_mapping_are_found_in_any_form() {
    let numbers = || {
        ["0.0", "1.0", "02", "x"]
            .map(|label| row("a.wav", None, label))
            .to_vec()
    };
    let labels = |config: &DatabaseConfig, data: &DataConfig| {
        let (mut rows, mut drops) = (numbers(), Drops::new(vec!["db".into()]));
        let mut warnings = Vec::new();
        prepare(
            &mut rows,
            super::Kind::Texts,
            data,
            config,
            &mut drops,
            &mut warnings,
        );
        assert_eq!(drops.count(0), 1);
        rows.into_iter()
            .filter_map(|row| row.label)
            .collect::<Vec<_>>()
    };
    let mut config = database("db", "table.csv");
    let mut data = experiment(Vec::new()).data;
    data.labels = Some(["0", "1", "2"].map(str::to_owned).to_vec());
    assert_eq!(labels(&config, &data), ["0", "1", "2"]);
    data.labels = None;
    let pairs = [("0", "a"), ("1", "b"), ("2", "c")];
    config.mapping = Some(Mapping::Target(
        pairs
            .map(|(old, new)| (old.to_owned(), new.to_owned()))
            .to_vec(),
    ));
    assert_eq!(labels(&config, &data), ["a", "b", "c"]);
}
