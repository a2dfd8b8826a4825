//! Databases that Python's audformat wrote, against what it reads of them.

use super::{Source, database::Database, database_table, frame::Key, get::value_of, read};
use crate::{
    config::{DatabaseConfig, DatabaseKind, Experiment, SplitStrategy, Task},
    data::{
        DataError, Dataset, DropReason, Label, Part,
        drops::Drops,
        load,
        row::Row,
        table::Table,
        tests::{database, experiment, wav},
    },
    files::{Files, Memory},
};
use serde_json::Value;
use std::fs;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/audformat");
const STORAGES: [&str; 2] = ["csv", "parquet"];

/// The databases, each in its folder.
fn fixture() -> Memory {
    let mut files = Memory::default();
    for folder in fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        if !folder.is_dir() {
            continue;
        }
        for file in fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            let name =
                |path: &std::path::Path| path.file_name().unwrap().to_str().unwrap().to_owned();
            files.insert(
                format!("{}/{}", name(&folder), name(&file)),
                fs::read(&file).unwrap(),
            );
        }
    }
    files
}

/// What audformat says of a kind: `get`, `tables` or `maps`.
fn expected(kind: &str) -> Vec<Value> {
    let text = fs::read_to_string(format!("{FOLDER}/expected.jsonl")).unwrap();
    let all = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let found: Vec<Value> = all
        .filter_map(|mut line| Some(line.get_mut(kind)?.take()))
        .collect();
    assert!(!found.is_empty());
    found
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

/// Equal texts, or equal numbers: pandas makes floats of whole numbers where some are missing.
fn same(found: Option<&str>, expected: &Value) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    match (found, expected.as_str()) {
        (None, None) => true,
        (Some(found), Some(expected)) => {
            found == expected || number(found).is_some_and(|found| number(expected) == Some(found))
        }
        _ => false,
    }
}

fn key(row: &Value) -> Key {
    let bits = |value: &Value| value.as_f64().map(f64::to_bits);
    (text(&row[0]), bits(&row[1]).unwrap(), bits(&row[2]))
}

/// A database of the fixture.
fn config(name: &str, storage: &str) -> DatabaseConfig {
    DatabaseConfig {
        kind: DatabaseKind::Audformat,
        ..database(name, &format!("{name}-{storage}"))
    }
}

fn learning(target: &str, config: DatabaseConfig) -> Experiment {
    let mut experiment = experiment(vec![config]);
    experiment.data.target = Some(target.to_owned());
    experiment
}

fn rows(files: &dyn Files, experiment: &Experiment) -> Result<(Table, Drops), DataError> {
    let config = &experiment.data.databases[0];
    let mut drops = Drops::new(vec![config.name.clone()]);
    let table = read(files, &Source::new(0, config, experiment), &mut drops)?;
    Ok((table, drops))
}

#[test]
fn tables_are_read_as_audformat_reads_them() {
    let files = fixture();
    for case in expected("tables") {
        for storage in STORAGES {
            let name = text(&case["database"]);
            let folder = format!("{name}-{storage}");
            let mut database = Database::open(&files, &name, &folder).unwrap();
            let frame = database.frame(case["table"].as_str().unwrap()).unwrap();
            let rows = case["rows"].as_array().unwrap();
            assert_eq!(frame.entries.len(), rows.len());
            for (index, row) in rows.iter().enumerate() {
                assert_eq!(frame.entries[index].key(), key(row), "{case}");
                for (column, value) in row[3].as_object().unwrap() {
                    let found = frame.columns[column][index].as_deref();
                    assert!(
                        same(found, value),
                        "{folder}: {column}: {found:?} is not {value}"
                    );
                }
            }
            assert_eq!(database.warnings, Vec::<String>::new());
        }
    }
}

#[test]
fn labels_are_mapped_as_audformat_maps_them() {
    let files = fixture();
    for case in expected("maps") {
        for storage in STORAGES {
            let name = text(&case["database"]);
            let folder = format!("{name}-{storage}");
            let mut database = Database::open(&files, &name, &folder).unwrap();
            let series = database
                .get(case["map"].as_str().unwrap(), &[text(&case["table"])])
                .unwrap();
            assert_eq!(series.len(), 1, "{case}");
            for row in case["rows"].as_array().unwrap() {
                let (found, other) = value_of(&series, &key(row));
                let value = row[3].as_object().unwrap().values().next().unwrap();
                assert!(same(found, value), "{folder}: {row}: {found:?}");
                assert_eq!(other, None);
            }
        }
    }
}

#[test]
fn rows_are_those_of_database_get() {
    let files = fixture();
    for case in expected("get") {
        for storage in STORAGES {
            let target = text(&case["scheme"]);
            let mut config = config(&text(&case["database"]), storage);
            config.tables.target = texts(&case["tables"]);
            config.columns = texts(&case["additional"]);
            let found = rows(&files, &learning(&target, config));
            if let Some(error) = case["error"].as_str() {
                assert!(error.starts_with("Found overlapping data"));
                assert!(matches!(found, Err(DataError::Disagree { .. })), "{case}");
                continue;
            }
            let (table, drops) = found.unwrap();
            let all = case["rows"].as_array().unwrap();
            let labelled: Vec<&Value> = all
                .iter()
                .filter(|row| !row[3][&target].is_null())
                .collect();
            assert_eq!(table.count, all.len());
            assert_eq!(drops.count(0), all.len() - labelled.len());
            assert_eq!(table.rows.len(), labelled.len());
            for (row, expected) in table.rows.iter().zip(labelled) {
                assert_eq!(
                    (
                        row.name.clone(),
                        row.start.to_bits(),
                        row.end.map(f64::to_bits)
                    ),
                    key(expected)
                );
                assert!(
                    row.file
                        .starts_with(&format!("{}-{storage}/", text(&case["database"])))
                );
                for (column, value) in expected[3].as_object().unwrap() {
                    let found = row.column(column);
                    assert!(
                        same(found, value),
                        "{storage}: {expected}: {column} is {found:?}"
                    );
                }
                assert_eq!(row.label.as_deref(), row.column(&target));
            }
        }
    }
}

/// All recordings that the fixture's tables name, each of 4 s.
fn with_audio() -> Memory {
    let mut files = fixture();
    for storage in STORAGES {
        let emodb = (0..8).map(|index| format!("emodb-{storage}/wav/{index:02}.wav"));
        let segments = ["a/1", "a/2", "b/1", "c/1", "c/2", "d/1"];
        let segments = segments
            .iter()
            .map(|name| format!("segments-{storage}/{name}.wav"));
        let named = (0..4).map(|index| format!("named-{storage}/f{index}.wav"));
        for name in emodb.chain(segments).chain(named) {
            files.insert(name, wav(4.0, 8000, 0.5));
        }
    }
    files
}

fn run(files: &Memory, experiment: &Experiment) -> Result<Dataset, DataError> {
    load(experiment, files, &mut |_, _| {})
}

fn names(dataset: &Dataset, part: Part) -> Vec<&str> {
    dataset
        .part(part)
        .iter()
        .map(|utterance| utterance.name.as_str())
        .collect()
}

#[test]
fn a_split_by_named_tables() {
    let files = with_audio();
    for storage in STORAGES {
        let mut config = config("emodb", storage);
        config.split = SplitStrategy::Specified;
        config.tables.train = vec!["emotion.categories.train.gold_standard".into()];
        config.tables.test = vec!["emotion.categories.test.gold_standard".into()];
        let mut experiment = learning("emotion", config);
        experiment.tuning.select_on = crate::config::SelectOn::Test;
        let dataset = run(&files, &experiment).unwrap();
        assert_eq!(
            names(&dataset, Part::Train),
            ["wav/00.wav", "wav/01.wav", "wav/03.wav", "wav/04.wav"]
        );
        // `on` does not occur in train.
        assert_eq!(names(&dataset, Part::Test), ["wav/06.wav", "wav/05.wav"]);
        assert_eq!(dataset.labels, ["None", "anger", "joy", "neutral"]);
        let first = &dataset.train[0];
        assert_eq!(first.file, format!("emodb-{storage}/wav/00.wav"));
        assert_eq!(
            (first.speaker.as_deref(), first.gender.as_deref()),
            (Some("3"), Some("male"))
        );
        assert_eq!(first.columns["age"], "31");
        let dropped: Vec<(DropReason, usize)> = dataset
            .report
            .dropped
            .iter()
            .map(|dropped| (dropped.reason, dropped.count))
            .collect();
        assert_eq!(
            dropped,
            [(DropReason::MissingLabel, 1), (DropReason::UnseenLabel, 1)]
        );
        assert_eq!(dataset.report.rows, 8);
    }
}

#[test]
fn a_split_of_the_database() {
    let files = with_audio();
    for storage in STORAGES {
        let mut config = config("segments", storage);
        config.split = SplitStrategy::Database;
        let mut experiment = learning("arousal", config);
        experiment.task = Task::Regression;
        let dataset = run(&files, &experiment).unwrap();
        assert_eq!(
            names(&dataset, Part::Train),
            ["a/1.wav", "a/1.wav", "a/2.wav", "b/1.wav"]
        );
        assert_eq!(names(&dataset, Part::Dev), ["d/1.wav"]);
        assert_eq!(names(&dataset, Part::Test), ["c/1.wav", "c/2.wav"]);
        assert_eq!(dataset.train[2].label, Some(Label::Value(1.0)));
        let spans: Vec<(f64, Option<f64>)> = dataset
            .train
            .iter()
            .map(|utterance| (utterance.start, utterance.end))
            .collect();
        assert_eq!(
            spans,
            [
                (0.0, Some(1.5)),
                (1.5, Some(3.0)),
                (0.123_456_789, Some(2.0)),
                (0.0, None)
            ]
        );
        assert_eq!(dataset.seconds.dev, [0.5]);
        // No speaker, and yet there.
        assert_eq!(dataset.test[1].speaker, None);
        assert_eq!(dataset.test[0].gender.as_deref(), Some("female"));
    }
    // Without tables of these names the splits of tables count.
    let mut config = config("emodb", "csv");
    config.split = SplitStrategy::Database;
    let mut experiment = learning("emotion", config);
    experiment.tuning.select_on = crate::config::SelectOn::Test;
    let dataset = run(&files, &experiment).unwrap();
    assert_eq!(names(&dataset, Part::Test), ["wav/06.wav", "wav/05.wav"]);
}

#[test]
fn a_split_by_a_column() {
    let files = with_audio();
    let mut config = config("emodb", "parquet");
    config.split = SplitStrategy::Column {
        column: "speaker".into(),
        train: Some(vec!["3".into(), "8".into()]),
        dev: None,
        test: Some(vec!["10".into()]),
    };
    config.filters.columns = vec![("gender".into(), vec!["male".into(), "female".into()])];
    let mut experiment = learning("emotion", config);
    experiment.data.labels = Some(vec![
        "anger".into(),
        "joy".into(),
        "None".into(),
        "on".into(),
    ]);
    experiment.tuning.select_on = crate::config::SelectOn::Test;
    let error = run(&files, &experiment).unwrap_err().to_string();
    // Speaker 10 only has `neutral`, which is filtered, and `on`, which train has not.
    assert!(
        error.contains("nothing is left for the test part"),
        "{error}"
    );
    experiment.data.labels = None;
    if let SplitStrategy::Column { test, .. } = &mut experiment.data.databases[0].split {
        *test = Some(vec!["9".into(), "8".into()]);
    }
    let error = run(&files, &experiment).unwrap_err().to_string();
    assert!(
        error.contains("the value `8` stands in the lists of both train and test"),
        "{error}"
    );
    experiment.data.databases[0].split = SplitStrategy::Column {
        column: "emotion.confidence".into(),
        train: Some(vec!["0.9".into(), "1".into()]),
        dev: None,
        test: Some(vec!["0.0".into(), "99".into()]),
    };
    let dataset = run(&files, &experiment).unwrap();
    assert_eq!(names(&dataset, Part::Train), ["wav/00.wav", "wav/01.wav"]);
    assert_eq!(names(&dataset, Part::Test), ["wav/05.wav"]);
    let dropped = dataset
        .report
        .dropped
        .iter()
        .find(|dropped| dropped.reason == DropReason::NotInSplitValues)
        .unwrap();
    assert_eq!(dropped.count, 3);
    assert_eq!(
        dropped.examples[0],
        "line 5, wav/03.wav: emotion.confidence is `0.85`"
    );
    assert!(
        dataset
            .report
            .warnings
            .iter()
            .any(|warning| warning.contains("the value `99`, listed for test"))
    );
}

#[test]
fn attributes_of_a_misc_table_of_another_name() {
    let files = with_audio();
    for storage in STORAGES {
        let mut config = config("named", storage);
        config.tables.target = vec!["one".into(), "two".into()];
        config.colnames = vec![("who".into(), "speaker".into())];
        config.label = Some("mood".into());
        let experiment = learning("emotion", config);
        let (table, _) = rows(&files, &experiment).unwrap();
        let found: Vec<_> = table
            .rows
            .iter()
            .map(|row: &Row| {
                (
                    row.name.as_str(),
                    row.label.as_deref().unwrap(),
                    row.speaker.as_deref().unwrap(),
                    row.gender.as_deref().unwrap(),
                    row.columns["age"].as_str(),
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("f0.wav", "happy", "1", "female", "41"),
                ("f1.wav", "sad", "2", "male", "52"),
                ("f2.wav", "sad", "30", "female", "63"),
                ("f3.wav", "happy", "1", "female", "41"),
            ]
        );
        assert_eq!(table.rows[0].columns["emotion"], "happy");
        assert_eq!(table.warnings, Vec::<String>::new());
    }
}

#[test]
fn tables_that_follow_each_other() {
    let mut config = config("named", "csv");
    config.tables.target = vec!["third".into(), "one".into(), "two".into()];
    config.tables.append = true;
    let experiment = learning("mood", config);
    let (table, drops) = rows(&fixture(), &experiment).unwrap();
    assert_eq!(table.count, 6);
    let labels: Vec<_> = table
        .rows
        .iter()
        .map(|row| row.label.as_deref().unwrap())
        .collect();
    assert_eq!(labels, ["sad", "sad", "sad", "happy"]);
    let dropped = drops.into_dropped();
    assert_eq!(
        (dropped[0].reason, dropped[0].count),
        (DropReason::Duplicate, 2)
    );
    assert!(
        dropped[0].examples[0].contains("with another label"),
        "{dropped:?}"
    );
}

/// A database of one table and one scheme.
fn small(scheme: &str, table: &str) -> Memory {
    let mut files = Memory::default();
    let header = format!(
        "name: db\nsource: none\nusage: other\nschemes:\n  emotion: {scheme}\ntables:\n  t:\n    type: segmented\n    \
         columns:\n      emotion: {{scheme_id: emotion}}\n"
    );
    files.insert("db/db.yaml", header.into_bytes());
    files.insert("db/db.t.csv", table.as_bytes().to_vec());
    files
}

fn small_config() -> DatabaseConfig {
    DatabaseConfig {
        kind: DatabaseKind::Audformat,
        ..database("db", "db")
    }
}

#[test]
fn values_that_their_scheme_does_not_know() {
    let table =
        "file,start,end,emotion\na.wav,0 days,,joy\nb.wav,0 days,NaT,rage\nc.wav,,1 days,fury\n";
    let files = small("{dtype: str, labels: [joy]}", table);
    let (table, drops) = rows(&files, &learning("emotion", small_config())).unwrap();
    assert_eq!((table.count, table.rows.len(), drops.count(0)), (3, 1, 2));
    assert_eq!(
        table.warnings,
        [
            "db: the column `emotion` of the table `t` has 2 values (`rage` is the first) that are none of the labels of its \
         scheme `emotion`: they count as missing"
        ]
    );
    let table = "file,start,end,emotion\na.wav,0 days,,1\nb.wav,0 days,NaT,7\n";
    let files = small("{dtype: int, minimum: 0, maximum: 5}", table);
    let (table, _) = rows(&files, &learning("emotion", small_config())).unwrap();
    assert_eq!(table.rows.len(), 2);
    assert!(
        table.warnings[0].contains("one value (`7`) that is outside of the range"),
        "{:?}",
        table.warnings
    );
}

#[test]
fn rows_that_cannot_be_used_are_counted() {
    let table = "file,start,end,emotion\n,0 days,,x\na.wav,soon,,x\na.wav,0 days 00:00:02,0 days 00:00:01,x\n\
                 a.wav,0 days,0 days 00:00:01,x\na.wav,0 days,0 days 00:00:01,y\n";
    let files = small("{dtype: str}", table);
    let (table, drops) = rows(&files, &learning("emotion", small_config())).unwrap();
    assert_eq!((table.count, table.rows.len()), (5, 1));
    let dropped: Vec<_> = drops
        .into_dropped()
        .into_iter()
        .map(|dropped| (dropped.reason, dropped.count))
        .collect();
    assert_eq!(
        dropped,
        [
            (DropReason::NoFileName, 1),
            (DropReason::BadTime, 2),
            (DropReason::Duplicate, 1)
        ]
    );
}

#[test]
fn what_cannot_be_used_is_explained() {
    let message = |files: &Memory, experiment: &Experiment| {
        rows(files, experiment)
            .map(|(table, _)| table)
            .unwrap_err()
            .to_string()
    };
    let fixture = fixture();
    let emodb = || config("emodb", "csv");

    let mut missing = learning("emotion", emodb());
    missing.data.databases[0].path = "nowhere".into();
    let error = message(&fixture, &missing);
    assert!(
        error.starts_with("nowhere/db.yaml: it cannot be read")
            && error.contains("emodb.type = csv"),
        "{error}"
    );

    let mut unknown = learning("emotion", emodb());
    unknown.data.databases[0].tables.target = vec!["emotions".into()];
    assert_eq!(
        message(&fixture, &unknown),
        "emodb has no table `emotions` (it has: emotion, emotion.categories.test.gold_standard, \
         emotion.categories.train.gold_standard, files)"
    );

    let error = message(&fixture, &learning("mood", emodb()));
    assert!(
        error.contains("emodb has no `mood`") && error.contains("age, duration, emotion"),
        "{error}"
    );

    let mut twice = learning("emotion", emodb());
    twice.data.databases[0].split = SplitStrategy::Specified;
    twice.data.databases[0].tables.train = vec!["emotion".into()];
    twice.data.databases[0].tables.test = vec!["emotion.categories.test.gold_standard".into()];
    let error = message(&fixture, &twice);
    assert!(
        error.starts_with(
            "emodb: 3 rows belong to two parts of the split (wav/07.wav stands in `emotion` and in"
        ),
        "{error}"
    );

    let mut none = learning("duration", emodb());
    none.data.databases[0].split = SplitStrategy::Database;
    assert!(message(&fixture, &none).contains("neither `duration.train`"));

    let mut pickled = Memory::default();
    let header = small("{dtype: str}", "").read("db/db.yaml").unwrap();
    pickled.insert("db/db.yaml", header);
    let small = learning("emotion", small_config());
    assert!(message(&pickled, &small).contains("neither this file nor one that ends in .parquet"));
    pickled.insert("db/db.t.pkl", b"\x80\x04K\x01.".to_vec());
    let error = message(&pickled, &small);
    assert!(
        error.starts_with("db/db.t.pkl: ") && error.contains("storage_format='csv'"),
        "{error}"
    );
    pickled.insert("db/db.t.parquet", b"PAR1 and not much more PAR1".to_vec());
    assert!(message(&pickled, &small).starts_with("db/db.t.parquet: it is no parquet table"));
    pickled.insert(
        "db/db.t.parquet",
        fixture.read("emodb-parquet/db.emotion.parquet").unwrap(),
    );
    let error = message(&pickled, &small);
    assert!(
        error.contains("it has no column `start`, which db.yaml says"),
        "{error}"
    );

    for (header, complaint) in [
        ("a: [", "this is no YAML"),
        ("a: 1", "neither `tables` nor `schemes`"),
        ("tables: 3", "`tables` must be a map"),
        ("tables:\n  ../t: {type: filewise}", "names have no slashes"),
        (
            "tables:\n  t: {type: other}",
            "tables: t: its type is `other`",
        ),
        (
            "tables:\n  t: {type: filewise, columns: {c: {scheme_id: s}}}",
            "has the scheme `s`",
        ),
        ("schemes:\n  s: {dtype: str, labels: m}", "no misc table"),
        ("misc_tables:\n  m: {}\ntables: {}", "`levels` must name"),
    ] {
        pickled.insert("db/db.yaml", header.as_bytes().to_vec());
        let error = message(&pickled, &small);
        assert!(
            error.starts_with("db/db.yaml: ") && error.contains(complaint),
            "{header}: {error}"
        );
    }
}

#[test]
fn damaged_parquet_never_panics() {
    let bytes = fs::read(format!(
        "{FOLDER}/segments-parquet/db.arousal.train.parquet"
    ))
    .unwrap();
    let mut files = fixture();
    let mut config = config("segments", "parquet");
    config.tables.target = vec!["arousal.train".into()];
    let experiment = learning("arousal", config);
    for place in (0..bytes.len()).step_by(3) {
        for change in [0xff_u8, 0x01] {
            let mut damaged = bytes.clone();
            damaged[place] ^= change;
            files.insert("segments-parquet/db.arousal.train.parquet", damaged);
            let _ = rows(&files, &experiment);
        }
    }
    for length in (0..bytes.len()).step_by(7) {
        files.insert(
            "segments-parquet/db.arousal.train.parquet",
            bytes[..length].to_vec(),
        );
        assert!(rows(&files, &experiment).is_err());
    }
}

#[test]
fn a_whole_database_is_one_table() {
    let files = fixture();
    let mut tables = Vec::new();
    for storage in STORAGES {
        let table = database_table(&files, &format!("segments-{storage}")).unwrap();
        assert_eq!(table.columns[..3], ["file", "start", "end"]);
        assert!(
            table
                .rows
                .iter()
                .all(|row| row.len() == table.columns.len())
        );
        let column = |name: &str| table.columns.iter().position(|own| own == name);
        let split = column("split").expect("the tables are named by parts");
        let parts: std::collections::BTreeSet<&str> =
            table.rows.iter().map(|row| row[split].as_str()).collect();
        assert!(
            parts.contains("train") && parts.contains("test"),
            "{parts:?}"
        );
        // A file with stretches is no row of its own, and what is known of it stands at each.
        let cut = table.rows.iter().filter(|row| !row[2].is_empty());
        let cut: std::collections::HashSet<&String> = cut.map(|row| &row[0]).collect();
        let whole = |row: &&Vec<String>| row[1] == "0" && row[2].is_empty();
        assert!(
            table
                .rows
                .iter()
                .filter(whole)
                .all(|row| !cut.contains(&row[0]))
        );
        tables.push(table);
    }
    assert_eq!(tables[0], tables[1]);
    assert!(database_table(&files, "nowhere").is_err());
}
