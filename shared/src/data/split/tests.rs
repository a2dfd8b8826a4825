//! Splits: sizes, disjointness, and that they are the same everywhere.

use super::{carve_dev, folds, share, split};
use crate::{
    config::{DatabaseConfig, Folds, SplitStrategy},
    data::{
        DataError, DropReason, Part, Parts,
        draw::Draw,
        drops::Drops,
        row::Row,
        tests::{database, row, speaker_split},
    },
};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// `files` rows of each of `speakers` speakers, two classes by turns.
fn corpus(speakers: usize, files: usize) -> Vec<Row> {
    let one = |speaker: usize, file: usize| {
        let name = format!("s{speaker:02}");
        let label = if file.is_multiple_of(2) {
            "anger"
        } else {
            "joy"
        };
        Row {
            line: file as u64,
            ..row(&format!("{name}/{file}.wav"), Some(&name), label)
        }
    };
    (0..speakers)
        .flat_map(|speaker| (0..files).map(move |file| one(speaker, file)))
        .collect()
}

fn config(strategy: SplitStrategy) -> DatabaseConfig {
    DatabaseConfig {
        split: strategy,
        ..database("db", "table.csv")
    }
}

fn run(
    rows: Vec<Row>,
    config: &DatabaseConfig,
    three_way: bool,
    seed: u64,
) -> Result<Parts<Vec<Row>>, DataError> {
    let mut drops = Drops::new(vec!["db".into()]);
    split(
        rows,
        config,
        three_way,
        Draw::database(seed, 0),
        &mut drops,
        &mut Vec::new(),
    )
}

fn speakers(rows: &[Row]) -> BTreeSet<&str> {
    rows.iter()
        .filter_map(|row| row.speaker.as_deref())
        .collect()
}

fn names(names: &[&str]) -> Option<Vec<String>> {
    Some(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn shares_are_rounded_down_and_never_nothing() {
    assert_eq!(
        [
            share(10, 20.0),
            share(9, 20.0),
            share(4, 20.0),
            share(100, 29.0),
            share(100, 57.0),
            share(100, 0.0)
        ],
        [2, 1, 1, 29, 57, 0]
    );
}

#[test]
fn the_draw_is_the_same_on_every_machine() {
    let parts = run(corpus(10, 4), &config(speaker_split(20.0, 20.0)), true, 42).unwrap();
    let found =
        [&parts.test, &parts.dev].map(|rows| speakers(rows).into_iter().collect::<Vec<_>>());
    assert_eq!(found, GOLDEN_SPEAKERS);
    let random = SplitStrategy::Random {
        test_percent: 20.0,
        dev_percent: 20.0,
    };
    let parts = run(corpus(2, 5), &config(random), true, 42).unwrap();
    let found = [&parts.test, &parts.dev]
        .map(|rows| rows.iter().map(|row| row.file.as_str()).collect::<Vec<_>>());
    assert_eq!(found, GOLDEN_FILES);
}

const GOLDEN_SPEAKERS: [&[&str]; 2] = [&["s07", "s09"], &["s02", "s04"]];
const GOLDEN_FILES: [&[&str]; 2] = [&["s01/2.wav", "s01/4.wav"], &["s00/2.wav", "s00/4.wav"]];

#[test]
fn too_few_speakers_are_an_error_that_helps() {
    let error = |rows, three_way| {
        run(rows, &config(speaker_split(20.0, 20.0)), three_way, 1)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error(corpus(1, 4), false),
        "db has 1 speakers, but 2 parts need at least one each; use split_strategy = random, or name the part with \
         split_strategy = train or test"
    );
    assert!(error(corpus(2, 4), true).starts_with("db has 2 speakers, but 3 parts"));
    let mut rows = corpus(3, 2);
    rows.iter_mut().for_each(|row| row.speaker = None);
    assert!(error(rows, false).contains("cannot be split by speaker"));
    let all = run(corpus(3, 2), &config(speaker_split(90.0, 90.0)), true, 1)
        .unwrap_err()
        .to_string();
    assert!(
        all.contains("test_size and dev_size leave nothing"),
        "{all}"
    );
}

#[test]
fn rows_without_a_speaker_are_dropped_from_a_speaker_split() {
    let mut rows = corpus(3, 2);
    rows[0].speaker = None;
    let mut drops = Drops::new(vec!["db".into()]);
    let config = config(speaker_split(20.0, 20.0));
    let parts = split(
        rows,
        &config,
        false,
        Draw::database(1, 0),
        &mut drops,
        &mut Vec::new(),
    )
    .unwrap();
    assert_eq!(parts.train.len() + parts.test.len(), 5);
    assert_eq!(drops.into_dropped()[0].reason, DropReason::NoSpeaker);
}

#[test]
fn lists_of_speakers() {
    let lists = |train, dev, test| config(SplitStrategy::Speakers { train, dev, test });
    let parts = run(
        corpus(5, 2),
        &lists(None, None, names(&["s01", "s03"])),
        false,
        1,
    )
    .unwrap();
    assert_eq!(speakers(&parts.test), BTreeSet::from(["s01", "s03"]));
    assert_eq!(
        speakers(&parts.train),
        BTreeSet::from(["s00", "s02", "s04"])
    );

    let mut drops = Drops::new(vec!["db".into()]);
    let mut warnings = Vec::new();
    let config = lists(names(&["s00"]), names(&["s01"]), names(&["s02", "nobody"]));
    let parts = split(
        corpus(5, 2),
        &config,
        true,
        Draw::database(1, 0),
        &mut drops,
        &mut warnings,
    )
    .unwrap();
    assert_eq!(
        [parts.train.len(), parts.dev.len(), parts.test.len()],
        [2, 2, 2]
    );
    let dropped = drops.into_dropped();
    assert_eq!(
        (dropped[0].reason, dropped[0].count),
        (DropReason::NotInSpeakerLists, 4)
    );
    assert!(warnings[0].contains("do not occur: nobody"), "{warnings:?}");

    let error = run(
        corpus(3, 2),
        &lists(names(&["s00"]), None, names(&["s00"])),
        false,
        1,
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "db: speaker s00 stands in the lists of both train and test; take one out"
    );
}

#[test]
fn lists_may_name_renamed_speakers_either_way() {
    for listed in ["s1", "dbs1"] {
        let strategy = SplitStrategy::Speakers {
            train: None,
            dev: None,
            test: names(&[listed]),
        };
        let config = DatabaseConfig {
            rename_speakers: true,
            ..config(strategy)
        };
        let rows = vec![
            row("a.wav", Some("dbs1"), "x"),
            row("b.wav", Some("dbs2"), "x"),
        ];
        let parts = run(rows, &config, false, 1).unwrap();
        assert_eq!(speakers(&parts.test), BTreeSet::from(["dbs1"]));
    }
}

#[test]
fn as_test_keeps_only_the_test_part() {
    let config = DatabaseConfig {
        as_test: true,
        ..config(speaker_split(40.0, 20.0))
    };
    let mut drops = Drops::new(vec!["db".into()]);
    let parts = split(
        corpus(5, 2),
        &config,
        false,
        Draw::database(1, 0),
        &mut drops,
        &mut Vec::new(),
    )
    .unwrap();
    assert_eq!(
        (parts.train.len(), parts.test.len(), drops.count(0)),
        (0, 4, 6)
    );
}

#[test]
fn named_parts_and_strategies_to_come() {
    for (strategy, part) in [
        (SplitStrategy::Train, Part::Train),
        (SplitStrategy::Dev, Part::Dev),
        (SplitStrategy::Test, Part::Test),
    ] {
        assert_eq!(
            run(corpus(2, 2), &config(strategy), false, 1)
                .unwrap()
                .get(part)
                .len(),
            4
        );
    }
}

#[test]
fn a_carved_dev_part_has_every_class_and_leaves_every_class() {
    // Only two speakers are ever sad: one of them must go, one must stay.
    let mut rows = corpus(10, 6);
    for row in rows
        .iter_mut()
        .filter(|row| ["s02", "s07"].contains(&row.speaker.as_deref().unwrap_or_default()))
    {
        row.label = Some("sadness".into());
    }
    for seed in 0..20 {
        let mut parts = Parts {
            train: rows.clone(),
            ..Parts::default()
        };
        let mut warnings = Vec::new();
        carve_dev(&mut parts, 20.0, seed, &mut warnings).unwrap();
        let classes = |rows: &[Row]| {
            rows.iter()
                .filter_map(|row| row.label.clone())
                .collect::<BTreeSet<_>>()
        };
        assert_eq!(classes(&parts.train).len(), 3);
        assert_eq!(classes(&parts.dev).len(), 3);
        assert_eq!(speakers(&parts.dev).len(), 2);
        assert!(
            warnings[0].starts_with(
                "there is no dev part, so dev was taken from train: 2 of 10 train speakers (s"
            ),
            "{warnings:?}"
        );
    }
}

#[test]
fn without_speakers_files_are_carved_class_by_class() {
    for speaker in [None, Some("only")] {
        let mut rows = corpus(1, 20);
        rows.iter_mut()
            .for_each(|row| row.speaker = speaker.map(str::to_owned));
        // Two stretches of each file.
        let second: Vec<Row> = rows
            .iter()
            .map(|row| Row {
                start: 1.0,
                ..row.clone()
            })
            .collect();
        let mut parts = Parts {
            train: [rows, second].concat(),
            ..Parts::default()
        };
        carve_dev(&mut parts, 20.0, 3, &mut Vec::new()).unwrap();
        let files = |rows: &[Row]| {
            rows.iter()
                .map(|row| row.file.clone())
                .collect::<BTreeSet<_>>()
        };
        assert_eq!(parts.dev.len(), 8);
        assert!(files(&parts.train).is_disjoint(&files(&parts.dev)));
        assert_eq!(
            parts
                .dev
                .iter()
                .filter(|row| row.label.as_deref() == Some("joy"))
                .count(),
            4
        );
    }
    let mut one = Parts {
        train: corpus(1, 1),
        ..Parts::default()
    };
    assert!(carve_dev(&mut one, 20.0, 3, &mut Vec::new()).is_err());
}

proptest! {
    #[test]
    fn parts_are_disjoint_and_complete(
        speaker_count in 3_usize..30,
        files in 1_usize..4,
        seed: u64,
        test_percent in 1.0..60.0,
        dev_percent in 1.0..30.0,
        three_way: bool,
        by_speaker: bool,
    ) {
        let rows = corpus(speaker_count, files);
        let total = rows.len();
        let strategy = if by_speaker {
            speaker_split(test_percent, dev_percent)
        } else {
            SplitStrategy::Random { test_percent, dev_percent }
        };
        let config = config(strategy);
        let parts = run(rows.clone(), &config, three_way, seed);
        if let Ok(parts) = parts {
            prop_assert_eq!(parts.train.len() + parts.dev.len() + parts.test.len(), total);
            prop_assert!(!parts.train.is_empty() && !parts.test.is_empty());
            prop_assert_eq!(parts.dev.is_empty(), !three_way);
            if by_speaker {
                prop_assert!(speakers(&parts.train).is_disjoint(&speakers(&parts.test)));
                prop_assert!(speakers(&parts.train).is_disjoint(&speakers(&parts.dev)));
                prop_assert!(speakers(&parts.dev).is_disjoint(&speakers(&parts.test)));
                prop_assert_eq!(speakers(&parts.test).len(), share(speaker_count, test_percent));
            }
            // The order of the table does not matter to a speaker split, and the seed settles it.
            let mut reversed = rows;
            if by_speaker {
                reversed.reverse();
            }
            let again = run(reversed, &config, three_way, seed).unwrap();
            prop_assert_eq!(speakers(&parts.test), speakers(&again.test));
        }
    }

    #[test]
    fn carving_leaves_something_on_both_sides(speaker_count in 0_usize..9, files in 1_usize..5, percent in 0.1..99.0, seed: u64) {
        let mut rows = corpus(speaker_count.max(1), files);
        if speaker_count == 0 {
            rows.iter_mut().for_each(|row| row.speaker = None);
        }
        let total = rows.len();
        let mut parts = Parts { train: rows, ..Parts::default() };
        if carve_dev(&mut parts, percent, seed, &mut Vec::new()).is_ok() {
            prop_assert!(!parts.train.is_empty() && !parts.dev.is_empty());
            prop_assert_eq!(parts.train.len() + parts.dev.len(), total);
            if speaker_count > 1 {
                prop_assert!(speakers(&parts.train).is_disjoint(&speakers(&parts.dev)));
            }
        }
    }
}

#[test]
fn a_part_of_no_percent_takes_nobody() {
    for strategy in [
        speaker_split(0.0, 0.0),
        SplitStrategy::Random {
            test_percent: 0.0,
            dev_percent: 0.0,
        },
    ] {
        let parts = run(corpus(4, 2), &config(strategy), true, 42).unwrap();
        assert_eq!(
            (parts.train.len(), parts.dev.len(), parts.test.len()),
            (8, 0, 0)
        );
    }
}

#[test]
fn listed_numbers_find_speakers_in_any_form() {
    let rows = ["01", "02", "03", "4.0"]
        .map(|name| row(&format!("{name}.wav"), Some(name), "x"))
        .to_vec();
    let strategy = SplitStrategy::Speakers {
        train: None,
        dev: names(&["2"]),
        test: names(&["3", "4"]),
    };
    let parts = run(rows.clone(), &config(strategy), true, 42).unwrap();
    assert_eq!(speakers(&parts.test), BTreeSet::from(["03", "4.0"]));
    assert_eq!(speakers(&parts.dev), BTreeSet::from(["02"]));
    // A text is only itself.
    let strategy = SplitStrategy::Speakers {
        train: None,
        dev: None,
        test: names(&["04"]),
    };
    assert!(
        run(rows, &config(strategy), true, 42)
            .unwrap()
            .test
            .is_empty()
    );
}

fn fold(mut rows: Vec<Row>, by: Folds, seed: u64) -> Result<(Vec<Row>, Vec<usize>), DataError> {
    let mut drops = Drops::new(vec!["db".into()]);
    let found = folds(&mut rows, by, seed, &mut drops, &mut Vec::new())?;
    Ok((rows, found))
}

/// Rows of each class in each fold.
fn classes(rows: &[Row], found: &[usize], folds: usize) -> Vec<[usize; 2]> {
    let mut counts = vec![[0; 2]; folds];
    for (row, fold) in rows.iter().zip(found) {
        counts[*fold][usize::from(row.label.as_deref() == Some("joy"))] += 1;
    }
    counts
}

#[test]
fn folds_of_speakers_are_alike_and_never_divide_one() {
    // Speakers of unlike size and mix of classes.
    let mut rows = Vec::new();
    for speaker in 0..13_usize {
        let name = format!("s{speaker:02}");
        for file in 0..10 + speaker {
            let label = if file % 5 < speaker % 4 {
                "joy"
            } else {
                "anger"
            };
            rows.push(row(&format!("{name}/{file}.wav"), Some(&name), label));
        }
    }
    for by in [Folds::Logo(4), Folds::KFold(4)] {
        let (kept, found) = fold(rows.clone(), by, 7).unwrap();
        assert_eq!(kept.len(), rows.len());
        for row in &kept {
            let own: BTreeSet<usize> = kept
                .iter()
                .zip(&found)
                .filter(|(other, _)| other.speaker == row.speaker)
                .map(|(_, fold)| *fold)
                .collect();
            assert_eq!(own.len(), 1, "{:?}", row.speaker);
        }
        let counts = classes(&kept, &found, 4);
        let totals: [usize; 2] =
            [0, 1].map(|class| counts.iter().map(|counts| counts[class]).sum());
        for counts in &counts {
            for class in [0, 1] {
                let wanted = totals[class] as f64 / 4.0;
                let off = (counts[class] as f64 - wanted).abs() / wanted;
                assert!(off < 0.25, "{counts:?} of {totals:?}");
            }
        }
        assert_eq!(
            fold(rows.clone(), by, 7).unwrap().1,
            found,
            "the seed decides"
        );
    }
}

#[test]
fn as_many_folds_as_speakers_leave_one_out() {
    for by in [Folds::Loso, Folds::Logo(6), Folds::KFold(6)] {
        let (rows, found) = fold(corpus(6, 3), by, 1).unwrap();
        for (row, fold) in rows.iter().zip(found) {
            assert_eq!(row.speaker.as_deref(), Some(format!("s{fold:02}").as_str()));
        }
    }
}

#[test]
fn too_few_speakers_for_folds_are_refused() {
    let error = fold(corpus(3, 4), Folds::Logo(5), 1)
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "logo: there are 3 speakers for 5 folds, and each needs one or more; make fewer folds, or add data"
    );
    let error = fold(corpus(1, 4), Folds::Loso, 1).unwrap_err().to_string();
    assert!(
        error.starts_with("loso: there are 1 speakers for 2 folds"),
        "{error}"
    );
    let mut nameless = corpus(3, 4);
    nameless.iter_mut().for_each(|row| row.speaker = None);
    let error = fold(nameless.clone(), Folds::Logo(2), 1)
        .unwrap_err()
        .to_string();
    assert!(error.contains("no row has a speaker"), "{error}");
    // Files are folds of their own, each class in equal shares.
    let (rows, found) = fold(nameless, Folds::KFold(3), 1).unwrap();
    assert_eq!(classes(&rows, &found, 3), [[2, 2]; 3]);
}

#[test]
fn rows_without_a_speaker_have_no_fold_where_folds_are_of_speakers() {
    let mut rows = corpus(4, 3);
    rows[5].speaker = None;
    assert_eq!(fold(rows.clone(), Folds::Logo(2), 1).unwrap().0.len(), 11);
    assert_eq!(fold(rows, Folds::KFold(2), 1).unwrap().0.len(), 12);
}

#[test]
fn each_database_is_a_fold() {
    let mut rows = corpus(4, 2);
    let error = fold(rows.clone(), Folds::Lodo, 1).unwrap_err().to_string();
    assert!(
        error.starts_with("lodo: only one database has rows"),
        "{error}"
    );
    rows[0].database = 2;
    rows[5].database = 2;
    let found = fold(rows, Folds::Lodo, 1).unwrap().1;
    assert_eq!(found, [1, 0, 0, 0, 0, 1, 0, 0]);
}

#[test]
fn a_column_names_the_folds_of_logo() {
    let mut rows = corpus(4, 2);
    let values = ["10", "9", "9", "2"];
    for (row, value) in rows
        .iter_mut()
        .zip(values.iter().flat_map(|value| [value; 2]))
    {
        row.columns.insert("fold".to_owned(), (*value).to_owned());
    }
    let found = fold(rows.clone(), Folds::Logo(3), 1).unwrap().1;
    assert_eq!(
        found,
        [2, 2, 1, 1, 1, 1, 0, 0],
        "numbers are sorted as numbers"
    );
    let error = fold(rows.clone(), Folds::Logo(2), 1)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("has 3 values (2, 9, 10)") && error.contains("set logo = 3"),
        "{error}"
    );
    rows[0].columns.insert("fold".to_owned(), "2".to_owned());
    let error = fold(rows, Folds::Logo(3), 1).unwrap_err().to_string();
    assert!(
        error.contains("puts the speaker s00 into the folds"),
        "{error}"
    );
}

proptest! {
    #[test]
    fn every_fold_has_someone(speakers in 2_usize..20, files in 1_usize..5, folds in 2_usize..8, seed in 0_u64..100) {
        prop_assume!(folds <= speakers);
        let (rows, found) = fold(corpus(speakers, files), Folds::Logo(folds), seed).unwrap();
        prop_assert_eq!(rows.len(), found.len());
        let used: BTreeSet<usize> = found.into_iter().collect();
        prop_assert_eq!(used, (0..folds).collect::<BTreeSet<_>>());
    }
}
