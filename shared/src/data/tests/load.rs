//! Experiments from tables to data sets.

use super::{database, experiment, memory, speaker_split, wav};
use crate::{
    config::{DatabaseConfig, DatabaseKind, Experiment, Mapping, SelectOn, SplitStrategy, Task},
    data::{DataError, Dataset, DropReason, Label, Part, load, load_surveyed},
    files::Memory,
};

fn run(experiment: &Experiment, files: &Memory) -> Result<Dataset, DataError> {
    load(experiment, files, &mut |_, _| {})
}

/// Ten speakers, each sex five times, with three emotions of two clips each.
fn corpus() -> Memory {
    let mut files = Memory::default();
    let mut table = String::from("file,speaker,sex,emotion,arousal\n");
    for speaker in 0..10 {
        for (index, emotion) in ["anger", "joy", "sadness"].into_iter().enumerate() {
            for take in 0..2 {
                let name = format!("wav/{speaker}_{emotion}_{take}.wav");
                let sex = if speaker % 2 == 0 { "f" } else { "m" };
                table += &format!("{name},s{speaker},{sex},{emotion},{}\n", index * 10 + take);
                files.insert(
                    format!("data/{name}"),
                    wav(0.05 + 0.01 * f64::from(take as u32), 16_000, 0.5),
                );
            }
        }
    }
    files.insert("data/table.csv", table.into_bytes());
    files
}

fn emotions() -> Experiment {
    let mut config = database("demo", "data/table.csv");
    config.absolute_path = false;
    config.split = speaker_split(20.0, 20.0);
    experiment(vec![config])
}

fn drops(dataset: &Dataset) -> Vec<(DropReason, usize)> {
    dataset
        .report
        .dropped
        .iter()
        .map(|entry| (entry.reason, entry.count))
        .collect()
}

#[test]
fn a_plain_experiment() {
    let mut calls = Vec::new();
    let dataset = load(&emotions(), &corpus(), &mut |done, total| {
        calls.push((done, total))
    })
    .unwrap();
    assert_eq!(
        [dataset.train.len(), dataset.dev.len(), dataset.test.len()],
        [42, 6, 12]
    );
    assert_eq!(dataset.labels, ["anger", "joy", "sadness"]);
    assert_eq!(calls.first(), Some(&(0, 60)));
    assert_eq!(calls.last(), Some(&(60, 60)));
    for part in Part::ALL {
        for (utterance, seconds) in dataset.part(part).iter().zip(dataset.seconds.get(part)) {
            let class = dataset
                .labels
                .iter()
                .position(|label| *label == utterance.columns["emotion"]);
            assert_eq!(utterance.label, class.map(Label::Class));
            assert_eq!(utterance.file, format!("data/{}", utterance.name));
            assert!((0.05..0.061).contains(seconds));
            assert!(["male", "female"].contains(&utterance.gender.as_deref().unwrap()));
        }
    }
    assert_eq!(
        dataset.report.warnings.len(),
        1,
        "{:?}",
        dataset.report.warnings
    );
    assert!(
        dataset.report.warnings[0].contains("1 of 8 train speakers"),
        "{:?}",
        dataset.report.warnings
    );
    assert_eq!(
        dataset.split_hash,
        run(&emotions(), &corpus()).unwrap().split_hash
    );
    let mut other = emotions();
    other.tuning.seed = 43;
    assert_ne!(
        dataset.split_hash,
        run(&other, &corpus()).unwrap().split_hash
    );
}

#[test]
fn the_report_is_read_by_people() {
    let mut experiment = emotions();
    experiment.data.labels = Some(vec!["anger".into(), "joy".into(), "fear".into()]);
    experiment.data.databases[0].filters.max_duration = Some(0.055);
    experiment.data.databases[0]
        .filters
        .limit_samples_per_speaker = Some(5);
    let dataset = load_surveyed(&experiment, &corpus(), &mut |_, _| {}).unwrap();
    insta::assert_snapshot!(dataset.report.to_string());
}

#[test]
fn three_parts_need_no_carving() {
    let mut experiment = emotions();
    experiment.traindevtest = true;
    let dataset = run(&experiment, &corpus()).unwrap();
    assert_eq!(
        [dataset.train.len(), dataset.dev.len(), dataset.test.len()],
        [36, 12, 12]
    );
    assert_eq!(dataset.report.warnings, Vec::<String>::new());
}

#[test]
fn choosing_on_test_needs_no_dev() {
    let mut experiment = emotions();
    experiment.tuning.select_on = SelectOn::Test;
    assert!(run(&experiment, &corpus()).unwrap().dev.is_empty());
    experiment.tuning.select_on = SelectOn::Dev;
    experiment.tuning.dev_from_train = 0.0;
    let error = run(&experiment, &corpus()).unwrap_err().to_string();
    assert!(
        error.starts_with("nothing is left for the dev part"),
        "{error}"
    );
}

#[test]
fn a_regression_with_scaling_comes_back() {
    let mut experiment = emotions();
    experiment.task = Task::Regression;
    experiment.data.target = Some("arousal".into());
    experiment.data.databases[0].scale = true;
    experiment.data.databases[0].reverse = true;
    let dataset = run(&experiment, &corpus()).unwrap();
    assert_eq!(dataset.labels, Vec::<String>::new());
    let mut sum = 0.0;
    for utterance in &dataset.train {
        let Some(Label::Value(value)) = utterance.label else {
            panic!("no value")
        };
        sum += value;
        let raw: f64 = utterance.columns["arousal"].parse().unwrap();
        assert!((dataset.transform.invert("demo", value) - raw).abs() < 1e-12);
    }
    assert!(sum.abs() < 1e-9, "the mean of the train part is not 0");
    assert_eq!(dataset.report.parts.train.values.unwrap().max, 21.0);
}

#[test]
fn a_target_that_never_changes_is_warned_of() {
    let mut table = "file,arousal\n".to_owned();
    let names: Vec<String> = (0..6).map(|i| format!("{i}.wav")).collect();
    let mut texts = Vec::new();
    for last in ["0.5", "0.75"] {
        table.truncate("file,arousal\n".len());
        for (i, name) in names.iter().enumerate() {
            let value = if i == 5 { last } else { "0.5" };
            table += &format!("{name},{value}\n");
        }
        let recordings: Vec<&str> = names.iter().map(String::as_str).collect();
        let files = memory(&table, &recordings);
        let mut experiment = experiment(vec![database("d", "table.csv")]);
        experiment.task = Task::Regression;
        experiment.data.target = Some("arousal".into());
        experiment.data.databases[0].split = SplitStrategy::Train;
        let mut rest = database("rest", "table.csv");
        rest.split = SplitStrategy::Test;
        experiment.data.databases.push(rest);
        let mut dev = database("dev", "table.csv");
        dev.split = SplitStrategy::Dev;
        experiment.data.databases.push(dev);
        texts.push(run(&experiment, &files).unwrap().report.warnings.join("\n"));
    }
    let words = "arousal is 0.5 in every training row";
    assert!(texts[0].contains(words), "{}", texts[0]);
    assert!(!texts[1].contains(words), "{}", texts[1]);
}

#[test]
fn a_continuous_target_is_binned_by_the_train_part() {
    let mut experiment = emotions();
    experiment.data.target = Some("arousal".into());
    experiment.data.continuous = true;
    let dataset = run(&experiment, &corpus()).unwrap();
    assert_eq!(dataset.labels, ["0_low", "1_middle", "2_high"]);
    // numpy.quantile(7 * [0, 1, 10, 11, 20, 21], [0.33, 0.66])
    let edges = dataset.bins.unwrap().edges;
    assert!(
        (edges[1].unwrap() - 5.77).abs() < 1e-9 && (edges[2].unwrap() - 11.54).abs() < 1e-9,
        "{edges:?}"
    );
    experiment.data.bins = Some(vec![0.0, 5.0, 15.0]);
    experiment.data.labels = Some(vec!["calm".into(), "awake".into()]);
    let dataset = run(&experiment, &corpus()).unwrap();
    assert_eq!(dataset.labels, ["awake", "calm"]);
    assert_eq!(
        drops(&dataset)
            .iter()
            .map(|(reason, _)| *reason)
            .collect::<Vec<_>>(),
        [DropReason::OutsideBins; 3]
    );
}

#[test]
fn what_cannot_be_used_is_dropped_and_named() {
    let text = "file,start,end,speaker,emotion\n\
                a.wav,,,s1,x\nb.wav,,,s2,y\nc.wav,,,s3,x\nd.wav,,,s4,y\n\
                missing.wav,,,s1,x\nbroken.wav,,,s1,x\nempty.wav,,,s1,x\na.wav,5,,s1,x\na.wav,0.05,0.3,s1,x\n";
    let mut files = memory(text, &["a.wav", "b.wav", "c.wav", "d.wav"]);
    files.insert(
        "broken.wav",
        b"RIFF nonsense that goes on for a while and is no sound at all".to_vec(),
    );
    files.insert("empty.wav", wav(0.0, 16_000, 0.5));
    let mut config = database("db", "table.csv");
    config.split = speaker_split(25.0, 25.0);
    let mut experiment = experiment(vec![config]);
    experiment.tuning.select_on = SelectOn::Test;
    let dataset = run(&experiment, &files).unwrap();
    let found = drops(&dataset);
    assert_eq!(
        found[..3],
        [
            (DropReason::MissingFile, 1),
            (DropReason::Unreadable, 2),
            (DropReason::EmptyStretch, 1)
        ]
    );
    assert!(dataset.report.dropped[1].examples[0].contains("broken.wav"));
    assert!(
        dataset.report.warnings[0].contains("1 stretches end after their file"),
        "{:?}",
        dataset.report.warnings
    );

    experiment.data.databases[0].check_size = Some(1 << 30);
    let error = run(&experiment, &files).unwrap_err().to_string();
    assert_eq!(
        error,
        "nothing is left for the train part: of 9 rows these were dropped: 8 x the file is smaller than check_size (for \
         instance line 2, a.wav: 3244 bytes); 1 x the file cannot be opened (for instance line 6, missing.wav: \
         missing.wav: no such file)"
    );
}

#[test]
fn several_databases() {
    let mut files = corpus();
    let other = "file,speaker,feeling\nx.wav,s0,wut\ny.wav,s1,freude\nz.wav,s2,scham\n";
    files.insert("other.csv", other.as_bytes().to_vec());
    for name in ["x.wav", "y.wav", "z.wav"] {
        files.insert(name, wav(0.08, 8000, 0.5));
    }
    let mut experiment = emotions();
    experiment.data.databases[0].split = SplitStrategy::Train;
    let mut second = database("other", "other.csv");
    second.split = SplitStrategy::Test;
    second.label = Some("feeling".into());
    second.mapping = Some(Mapping::Target(vec![
        ("wut".into(), "anger".into()),
        ("freude".into(), "joy".into()),
    ]));
    experiment.data.databases.push(second);
    let dataset = run(&experiment, &files).unwrap();
    assert_eq!(
        [dataset.train.len(), dataset.dev.len(), dataset.test.len()],
        [48, 12, 2]
    );
    assert_eq!(drops(&dataset), [(DropReason::Unmapped, 1)]);
    assert_eq!(
        dataset.report.audio.rates.into_iter().collect::<Vec<_>>(),
        [(8000, 2), (16_000, 60)]
    );
    let warnings = dataset.report.warnings.join("\n");
    for part in [
        "speakers stand in more than one part",
        "below 16 kHz",
        "the test part has no rows of: sadness",
    ] {
        assert!(warnings.contains(part), "{warnings}");
    }
    // With the database's name before theirs they are other speakers.
    experiment.data.databases[1].rename_speakers = true;
    let dataset = run(&experiment, &files).unwrap();
    assert!(
        !dataset
            .report
            .warnings
            .join("\n")
            .contains("more than one part")
    );
    assert_eq!(dataset.test[0].speaker.as_deref(), Some("others0"));
}

#[test]
fn errors_say_what_to_do() {
    let mut experiment = emotions();
    experiment.data.databases[0].split = SplitStrategy::Train;
    let error = run(&experiment, &corpus()).unwrap_err().to_string();
    assert_eq!(
        error,
        "nothing is left for the test part: no database gives rows to it; see split_strategy, or name one with \
         split_strategy = test"
    );
    experiment.data.databases[0].absolute_path = true;
    let error = run(&experiment, &corpus()).unwrap_err().to_string();
    let advice = "; wav/0_anger_0.wav is not there, but data/wav/0_anger_0.wav is: set demo.absolute_path = False";
    assert!(error.ends_with(advice), "{error}");
    experiment.data.databases[0].kind = DatabaseKind::Audformat;
    assert!(
        run(&experiment, &corpus())
            .unwrap_err()
            .to_string()
            .ends_with("data/table.csv is a file; if it is a CSV table, write demo.type = csv")
    );
}

#[test]
fn all_of_the_sound_is_looked_at_on_demand() {
    let text =
        "file,speaker,emotion\na.wav,s1,x\nb.wav,s2,y\nc.wav,s3,x\nd.wav,s4,y\ne.flac,s5,x\n";
    let mut files = memory(text, &["a.wav", "b.wav"]);
    files.insert("c.wav", wav(0.2, 16_000, 3.0));
    files.insert("d.wav", wav(0.2, 16_000, 0.0));
    // A good header and end, and damage in between.
    let fixture = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/fixtures/audio/sweep.flac"
    );
    let mut damaged = std::fs::read(fixture).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 600].fill(0x55);
    files.insert("e.flac", damaged);
    let mut config = database("db", "table.csv");
    config.split = speaker_split(25.0, 25.0);
    let experiment = experiment(vec![config]);
    let dataset = run(&experiment, &files).unwrap();
    assert_eq!(dataset.report.audio.levels, None);
    assert_eq!(dataset.report.used(), 5);

    let mut calls = Vec::new();
    let mut note = |done, all| calls.push((done, all));
    let dataset = load_surveyed(&experiment, &files, &mut note).unwrap();
    assert_eq!(calls.last(), Some(&(5, 5)));
    assert_eq!(drops(&dataset), [(DropReason::Unreadable, 1)]);
    let example = &dataset.report.dropped[0].examples[0];
    assert!(example.contains("e.flac is damaged at 0."), "{example}");
    let files = Part::ALL.into_iter().flat_map(|part| dataset.part(part));
    assert!(files.map(|u| u.file.as_str()).all(|file| file != "e.flac"));
    let levels = dataset.report.audio.levels.unwrap();
    assert_eq!(
        (levels.checked, levels.clipped, levels.silent),
        (4, vec!["c.wav".into()], vec!["d.wav".into()])
    );
}

#[test]
fn an_unlabelled_data_set() {
    let mut experiment = emotions();
    experiment.data.target = None;
    let dataset = run(&experiment, &corpus()).unwrap();
    assert!(
        dataset
            .train
            .iter()
            .all(|utterance| utterance.label.is_none())
    );
    assert_eq!(dataset.labels, Vec::<String>::new());
}

#[test]
fn a_split_by_a_column_of_a_csv_table() {
    let split = |column: &str| SplitStrategy::Column {
        column: column.into(),
        train: Some(vec!["female".into()]),
        dev: None,
        test: Some(vec!["m".into()]),
    };
    let mut experiment = emotions();
    experiment.data.databases[0].split = split("sex");
    let dataset = run(&experiment, &corpus()).unwrap();
    // One of the five women became dev.
    assert_eq!(
        [dataset.train.len(), dataset.dev.len(), dataset.test.len()],
        [24, 6, 30]
    );
    assert!(
        dataset
            .test
            .iter()
            .all(|utterance| utterance.columns["sex"] == "m")
    );
    experiment.data.databases[0].split = split("fold");
    assert_eq!(
        run(&experiment, &corpus()).unwrap_err().to_string(),
        "demo: split_column = fold: no row has a value there (there are the columns: arousal, emotion, sex)"
    );
    experiment.data.databases[0].split = split("sex");
    experiment.data.databases[0].as_test = true;
    let mut second = experiment.data.databases[0].clone();
    (second.as_test, second.as_train) = (false, true);
    second.name = "second".into();
    experiment.data.databases.push(second);
    let dataset = run(&experiment, &corpus()).unwrap();
    assert!(
        dataset
            .test
            .iter()
            .all(|utterance| utterance.database == "demo")
    );
    assert!(
        dataset
            .train
            .iter()
            .all(|utterance| utterance.database == "second")
    );
    assert_eq!((dataset.train.len(), dataset.test.len()), (24, 30));
}

#[test]
fn binary_rounding_drops_nothing_and_what_has_no_sample_is_dropped() {
    let text = "file,start,end,emotion\na.wav,0.38,1.38,x\na.wav,0.1,1.1,y\na.wav,1.4999800,,x\na.wav,0.2,1.1,y\n";
    let mut files = memory(text, &[]);
    files.insert("a.wav", wav(1.5, 16_000, 0.5));
    let mut config = database("db", "table.csv");
    config.filters.min_duration = Some(1.0);
    let mut experiment = experiment(vec![config]);
    experiment.tuning.select_on = SelectOn::Test;
    experiment.data.databases.push(DatabaseConfig {
        split: SplitStrategy::Test,
        ..experiment.data.databases[0].clone()
    });
    let dataset = run(&experiment, &files).unwrap();
    assert_eq!(dataset.seconds.train, [1.0, 1.0]);
    assert_eq!(
        drops(&dataset)[..2],
        [(DropReason::EmptyStretch, 1), (DropReason::TooShort, 1)]
    );
}

#[test]
fn an_error_says_which_speakers_are_not_there() {
    let mut experiment = emotions();
    experiment.data.databases[0].split = SplitStrategy::Speakers {
        train: None,
        dev: None,
        test: Some(vec!["f99".into()]),
    };
    let message = run(&experiment, &corpus()).unwrap_err().to_string();
    assert!(
        message.starts_with("nothing is left for the test part"),
        "{message}"
    );
    assert!(
        message.contains("speakers listed for test that do not occur: f99 (the table has: s0, s1,"),
        "{message}"
    );
}

#[test]
fn a_filter_of_a_column_that_is_not_there_says_so() {
    let mut experiment = emotions();
    experiment.data.databases[0].filters.columns = vec![("gener".into(), vec!["female".into()])];
    let message = run(&experiment, &corpus()).unwrap_err().to_string();
    assert!(
        message.contains("gener is empty, or there is no such column"),
        "{message}"
    );
}

#[test]
fn stretches_below_a_frame_are_told_of() {
    let mut files = corpus();
    files.insert("data/wav/0_joy_0.wav", wav(0.02, 16_000, 0.5));
    let report = run(&emotions(), &files).unwrap().report;
    let warning = report.warnings.iter().find(|text| text.contains("25 ms"));
    assert!(
        warning.is_some_and(
            |text| text.starts_with("1 stretches") && text.ends_with(": wav/0_joy_0.wav")
        ),
        "{:?}",
        report.warnings
    );
}
