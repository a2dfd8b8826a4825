//! Nothing is silent: whatever the table, each row is used or counted.

use super::{database, experiment, memory, speaker_split};
use crate::{
    config::{Experiment, Mapping, SampleFilters, SplitStrategy, Task},
    data::{Part, load},
};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// A row of a table that may be anything.
fn line() -> impl Strategy<Value = String> {
    let file = select(vec![
        "a.wav", "b.wav", "c.wav", "d.wav", "none.wav", "bad.wav", "",
    ]);
    let start = select(vec!["", "0", "0.02", "0.05s", "7", "x"]);
    let end = select(vec!["", "0.08", "0 days 00:00:00.090000", "0.01", "99"]);
    let speaker = select(vec!["s1", "s2", "s3", "s4", "s5", ""]);
    let emotion = select(vec!["1", "2", "3", "x", ""]);
    (file, start, end, speaker, emotion).prop_map(|(file, start, end, speaker, emotion)| {
        format!("{file},{start},{end},{speaker},{emotion},m")
    })
}

fn filters() -> impl Strategy<Value = SampleFilters> {
    let columns = select(vec![
        vec![],
        vec![(
            "speaker".to_owned(),
            vec!["s1".into(), "s2".into(), "s3".into()],
        )],
    ]);
    (
        columns,
        option::of(5_usize..30),
        option::of(2_usize..9),
        option::of(0.0..0.05),
        option::of(0.03..0.2),
    )
        .prop_map(
            |(columns, limit_samples, limit_samples_per_speaker, min_duration, max_duration)| {
                SampleFilters {
                    columns,
                    limit_samples,
                    limit_samples_per_speaker,
                    min_duration,
                    max_duration,
                }
            },
        )
}

prop_compose! {
    fn any_experiment()(
        splits in vec(select(vec![
            speaker_split(20.0, 20.0),
            SplitStrategy::Random { test_percent: 30.0, dev_percent: 20.0 },
            SplitStrategy::Train,
            SplitStrategy::Test,
            SplitStrategy::Speakers { train: None, dev: None, test: Some(vec!["s1".into()]) },
            SplitStrategy::Speakers { train: Some(vec!["s2".into()]), dev: Some(vec!["s3".into()]), test: Some(vec!["s1".into()]) },
        ]), 1..3),
        before in filters(),
        after in filters(),
        mapped: bool,
        labelled: bool,
        three_way: bool,
        required: bool,
        regression: bool,
        continuous: bool,
        as_test: bool,
        seed: u64,
    ) -> Experiment {
        let databases = splits.into_iter().enumerate().map(|(index, split)| {
            let mut config = database(&format!("db{index}"), "table.csv");
            config.split = split;
            config.filters = before.clone();
            config.as_test = as_test && index == 1;
            config.required = required.then(|| "speaker".to_owned());
            config.scale = regression;
            config.mapping = mapped.then(|| Mapping::Target(vec![("1".into(), "one".into()), ("2".into(), "2".into())]));
            config
        });
        let mut experiment = experiment(databases.collect());
        experiment.traindevtest = three_way;
        experiment.data.filters = after;
        experiment.data.labels = (labelled && !continuous).then(|| vec!["one".into(), "2".into(), "3".into()]);
        experiment.data.continuous = continuous;
        experiment.task = if regression { Task::Regression } else { Task::Classification };
        experiment.tuning.seed = seed;
        experiment
    }
}

proptest! {
    #[test]
    fn every_row_is_used_or_counted(lines in vec(line(), 1..80), experiment in any_experiment()) {
        let table = format!("file,start,end,speaker,emotion,sex\n{}\n", lines.join("\n"));
        let mut files = memory(&table, &["a.wav", "b.wav", "c.wav", "d.wav"]);
        files.insert("bad.wav", b"bad".to_vec());
        let Ok(dataset) = load(&experiment, &files, &mut |_, _| {}) else { return Ok(()) };
        let report = &dataset.report;
        let used: usize = Part::ALL.iter().map(|part| dataset.part(*part).len()).sum();
        let dropped: usize = report.dropped.iter().map(|entry| entry.count).sum();
        prop_assert_eq!(report.rows, lines.len() * experiment.data.databases.len());
        prop_assert_eq!(report.rows, used + dropped);
        prop_assert_eq!(report.used(), used);
        for database in &report.databases {
            prop_assert_eq!(database.rows, database.used() + database.dropped);
        }
        for part in Part::ALL {
            prop_assert_eq!(dataset.part(part).len(), dataset.seconds.get(part).len());
            prop_assert_eq!(dataset.part(part).len(), report.parts.get(part).rows);
            prop_assert!(!dataset.part(part).is_empty());
            prop_assert!(dataset.part(part).iter().all(|utterance| utterance.label.is_some()));
        }
        prop_assert!(dataset.seconds.train.iter().all(|seconds| *seconds > 0.0 && *seconds <= 0.1));
        let again = load(&experiment, &files, &mut |_, _| {}).unwrap();
        prop_assert_eq!(&dataset, &again);
        let _ = report.to_string();
        let text = serde_json::to_string(report).unwrap();
        prop_assert_eq!(&serde_json::from_str::<crate::data::DataReport>(&text).unwrap().dropped, &report.dropped);
    }
}
