//! Against `splitutils`, by which Nkululeko makes its balanced splits (`tests/oracles/balanced.py`).

use super::{
    binned, parts,
    score::{Column, Table},
};
use crate::{
    config::{BalanceColumn, Balanced},
    data::{
        Part,
        draw::Draw,
        drops::Drops,
        row::Row,
        tests::{database, row},
    },
};
use indexmap::IndexMap;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Speaker, emotion, gender, age.
type Fields = (String, String, String, f64);

#[derive(Deserialize)]
struct Case {
    name: String,
    rows: Vec<Fields>,
    weights: IndexMap<String, f64>,
    size_diff: f64,
    age_bins: usize,
    test: f64,
    dev: f64,
    test_speakers: Vec<String>,
    dev_speakers: Vec<String>,
    score: f64,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../../../../../tests/fixtures/balanced.json")).unwrap()
}

impl Case {
    fn rows(&self) -> Vec<Row> {
        let one = |(index, (speaker, emotion, gender, age)): (usize, &Fields)| {
            let mut row = row(&format!("{index}.wav"), Some(speaker), emotion);
            row.gender = Some(gender.clone());
            row.columns.insert("age".to_owned(), age.to_string());
            row
        };
        self.rows.iter().enumerate().map(one).collect()
    }

    fn config(&self) -> Balanced {
        let column = |(name, weight): (&String, &f64)| BalanceColumn {
            name: name.clone(),
            weight: *weight,
            bins: (name == "age").then_some(self.age_bins),
        };
        Balanced {
            test_percent: self.test * 100.0,
            dev_percent: self.dev * 100.0,
            columns: self.weights.iter().map(column).collect(),
            size_weight: self.size_diff,
        }
    }

    /// Speakers in the order of their names, and how parts of them are scored.
    fn table(&self) -> (Vec<String>, Table) {
        let rows = self.rows();
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, row) in rows.iter().enumerate() {
            groups
                .entry(row.speaker.clone().unwrap())
                .or_default()
                .push(index);
        }
        let members: Vec<Vec<usize>> = groups.values().cloned().collect();
        let columns = self.config().columns;
        let columns = columns.iter().map(|column| {
            let values = super::values(&rows, &column.name);
            let values = binned(values, column.bins, "db", &column.name, &mut Vec::new());
            Column::new(column.weight, &values, &members)
        });
        let table = Table {
            columns: columns.collect(),
            sizes: members.iter().map(|group| group.len() as f64).collect(),
            size_weight: self.size_diff,
            shares: [self.test, self.dev],
        };
        (groups.into_keys().collect(), table)
    }

    fn split(&self, seed: u64) -> (Vec<Row>, Vec<Part>) {
        let mut rows = self.rows();
        let found = parts(
            &mut rows,
            &database("db", "table.csv"),
            &self.config(),
            self.dev > 0.0,
            Draw::database(seed, 0),
            &mut Drops::new(vec!["db".into()]),
            &mut Vec::new(),
        );
        (rows, found.unwrap())
    }
}

#[test]
fn the_score_is_that_of_splitutils() {
    for case in cases() {
        let (speakers, table) = case.table();
        let parts: Vec<Part> = speakers
            .iter()
            .map(|speaker| {
                if case.test_speakers.contains(speaker) {
                    Part::Test
                } else if case.dev_speakers.contains(speaker) {
                    Part::Dev
                } else {
                    Part::Train
                }
            })
            .collect();
        let score = table.score(&table.state(&parts));
        assert_eq!(score.missing, 0, "{}", case.name);
        let off = (score.value - case.score).abs();
        assert!(
            off < 1e-9,
            "{}: {} is not {}",
            case.name,
            score.value,
            case.score
        );
    }
}

#[test]
fn splits_are_better_than_the_best_of_splitutils_whatever_the_seed() {
    for case in cases() {
        let (speakers, table) = case.table();
        for seed in [1, 2] {
            let (rows, found) = case.split(seed);
            let mut of: BTreeMap<&str, BTreeSet<Part>> = BTreeMap::new();
            for (row, part) in rows.iter().zip(&found) {
                let speaker = row.speaker.as_deref().unwrap();
                of.entry(speaker).or_default().insert(*part);
            }
            assert!(
                of.values().all(|parts| parts.len() == 1),
                "speakers stay together"
            );
            let parts: Vec<Part> = speakers
                .iter()
                .map(|speaker| *of[speaker.as_str()].first().unwrap())
                .collect();
            let score = table.score(&table.state(&parts));
            assert_eq!(score.missing, 0, "{}", case.name);
            assert!(
                score.value <= case.score + 1e-9,
                "{} with seed {seed}: {} is worse than {}",
                case.name,
                score.value,
                case.score
            );
            let has = |part: Part| parts.contains(&part);
            assert!(has(Part::Train) && has(Part::Test));
            assert_eq!(has(Part::Dev), case.dev > 0.0);
            assert_eq!(case.split(seed).1, found, "the seed decides");
        }
    }
}

#[test]
fn columns_are_binned_where_they_must_be() {
    let text = |values: &[&str]| -> Vec<Option<String>> {
        values
            .iter()
            .map(|value| (!value.is_empty()).then(|| (*value).to_owned()))
            .collect()
    };
    let mut warnings = Vec::new();
    // The median of 1, 2, 3, 10 is 2.5.
    let found = binned(
        text(&["1", "2", "3", "10", ""]),
        Some(2),
        "db",
        "age",
        &mut warnings,
    );
    assert_eq!(found, ["0", "0", "1", "1", "(missing)"]);
    let found = binned(text(&["1", "2.0", "2"]), None, "db", "age", &mut warnings);
    assert_eq!(found, ["1", "2", "2"]);
    assert!(warnings.is_empty());
    let many: Vec<Option<String>> = (0..100).map(|age| Some(age.to_string())).collect();
    let found = binned(many, None, "db", "age", &mut warnings);
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 4);
    assert!(warnings[0].contains("age_bins"), "{warnings:?}");
    binned(text(&["a", "b"]), Some(2), "db", "sex", &mut warnings);
    assert!(warnings[1].contains("no effect"), "{warnings:?}");
}

#[test]
fn a_column_without_values_is_refused() {
    let mut config = cases()[0].config();
    config.columns[0].name = "emotoin".to_owned();
    let error = parts(
        &mut cases()[0].rows(),
        &database("db", "table.csv"),
        &config,
        false,
        Draw::database(1, 0),
        &mut Drops::new(vec!["db".into()]),
        &mut Vec::new(),
    );
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("`emotoin`") && error.contains("age, emotion"),
        "{error}"
    );
}

#[test]
fn hundreds_of_speakers_take_no_time() {
    let rows: Vec<Row> = (0..10_000)
        .map(|index| {
            let speaker = format!("s{}", index % 400);
            let label = ["a", "b", "c", "d"][index * 7 % 13 % 4];
            row(&format!("{index}.wav"), Some(&speaker), label)
        })
        .collect();
    let config = Balanced {
        test_percent: 20.0,
        dev_percent: 20.0,
        columns: vec![BalanceColumn {
            name: "emotion".to_owned(),
            weight: 1.0,
            bins: None,
        }],
        size_weight: 1.0,
    };
    let begun = std::time::Instant::now();
    let mut warnings = Vec::new();
    let found = parts(
        &mut rows.clone(),
        &database("db", "table.csv"),
        &config,
        true,
        Draw::database(1, 0),
        &mut Drops::new(vec!["db".into()]),
        &mut warnings,
    );
    assert_eq!(found.unwrap().len(), rows.len());
    // In a build without optimisation on a busy machine; else it is below a second.
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
