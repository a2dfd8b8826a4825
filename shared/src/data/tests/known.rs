//! Data for a model that has been trained.

use super::{database, experiment, memory};
use crate::{
    config::{DatabaseConfig, FilteredParts, Mapping, SplitStrategy, Task},
    data::{
        Bins, DatabaseTransform, DropReason, KnownTarget, Label, TargetTransform, ZScore, load,
        load_test, load_unlabelled,
    },
};
use indexmap::IndexMap;

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A database all of which is test.
fn test_part() -> DatabaseConfig {
    DatabaseConfig {
        split: SplitStrategy::Test,
        ..database("other", "table.csv")
    }
}

#[test]
fn classes_are_those_of_the_model() {
    let files = memory(
        "file,speaker,emotion\na.wav,x,Freude\nb.wav,x,Angst\nc.wav,y,Ekel\nd.wav,y,\n",
        &["a.wav", "b.wav", "c.wav", "d.wav"],
    );
    let mut other = test_part();
    let pairs = [("Freude", "joy"), ("Angst", "fear"), ("Ekel", "disgust")];
    let pairs = pairs.map(|(old, new)| (old.to_owned(), new.to_owned()));
    other.mapping = Some(Mapping::Target(pairs.to_vec()));
    let transform = TargetTransform::default();
    let labels = strings(&["anger", "fear", "joy"]);
    let known = KnownTarget {
        labels: &labels,
        transform: &transform,
        bins: None,
    };
    let experiment = experiment(vec![database("db", "not-there.csv")]);
    let found = load_test(&experiment, &other, known, &files, &mut |_, _| {}).unwrap();
    assert_eq!(found.labels, labels);
    let classes: Vec<_> = found.test.iter().map(|one| one.label).collect();
    assert_eq!(classes, [Some(Label::Class(2)), Some(Label::Class(1))]);
    assert!(found.train.is_empty() && found.dev.is_empty());
    let reasons: Vec<DropReason> = found.report.dropped.iter().map(|one| one.reason).collect();
    assert!(reasons.contains(&DropReason::UnseenLabel), "{reasons:?}");
    assert!(reasons.contains(&DropReason::MissingLabel), "{reasons:?}");
    assert_eq!(found.report.used(), 2);

    let bare = load_unlabelled(&experiment, &other, known, &files, &mut |_, _| {}).unwrap();
    assert_eq!(bare.test.len(), 4, "labels play no part");
    assert!(bare.test.iter().all(|one| one.label.is_none()));
}

#[test]
fn bins_and_scales_are_those_of_the_model() {
    let files = memory(
        "file,speaker,emotion\na.wav,x,1\nb.wav,x,5\nc.wav,y,9\n",
        &["a.wav", "b.wav", "c.wav"],
    );
    let mut binned = experiment(vec![database("db", "not-there.csv")]);
    binned.data.continuous = true;
    let bins = Bins {
        edges: vec![None, Some(4.0), None],
        names: strings(&["low", "high"]),
    };
    let labels = strings(&["high", "low"]);
    let transform = TargetTransform::default();
    let known = KnownTarget {
        labels: &labels,
        transform: &transform,
        bins: Some(&bins),
    };
    let found = load_test(&binned, &test_part(), known, &files, &mut |_, _| {}).unwrap();
    let classes: Vec<_> = found.test.iter().map(|one| one.label).collect();
    assert_eq!(classes, [1, 0, 0].map(|class| Some(Label::Class(class))));

    let mut regression = experiment(vec![database("db", "not-there.csv")]);
    regression.task = Task::Regression;
    let scale = Some(ZScore {
        mean: 3.0,
        std: 2.0,
    });
    let own = DatabaseTransform {
        reverse_max: Some(7.0),
        scale,
    };
    let transform = TargetTransform {
        databases: IndexMap::from([("db".to_owned(), own)]),
        divide_by: Some(10.0),
    };
    let known = KnownTarget {
        labels: &[],
        transform: &transform,
        bins: None,
    };
    let found = load_test(&regression, &test_part(), known, &files, &mut |_, _| {}).unwrap();
    // Scaled as the model was trained, but not reversed: that is a matter of the table.
    let values: Vec<_> = found.test.iter().map(|one| one.label).collect();
    assert_eq!(
        values,
        [-0.1, 0.1, 0.3].map(|value| Some(Label::Value(value)))
    );
    assert_eq!(found.transform.invert("other", 0.3), 9.0);
    let mut reversed = test_part();
    reversed.reverse = true;
    let found = load_test(&regression, &reversed, known, &files, &mut |_, _| {}).unwrap();
    assert_eq!(
        found.transform.invert("other", 0.3),
        0.0,
        "9 is the largest"
    );
}

#[test]
fn filters_after_the_split_can_be_of_one_part() {
    let files = memory(
        "file,speaker,emotion\na.wav,x,joy\nb.wav,x,fear\nc.wav,y,joy\nd.wav,y,fear\ne.wav,z,joy\nf.wav,z,fear\n",
        &["a.wav", "b.wav", "c.wav", "d.wav", "e.wav", "f.wav"],
    );
    let mut one = database("db", "table.csv");
    one.split = SplitStrategy::Speakers {
        train: None,
        dev: Some(strings(&["y"])),
        test: Some(strings(&["z"])),
    };
    let mut experiment = experiment(vec![one]);
    experiment.data.filters.max_duration = Some(0.01);
    for (filtered, empty) in [
        (FilteredParts::Train, "train"),
        (FilteredParts::Test, "test"),
    ] {
        experiment.data.filtered = filtered;
        let error = load(&experiment, &files, &mut |_, _| {})
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&format!("nothing is left for the {empty} part")),
            "{error}"
        );
    }
}
