//! What is stored comes back as it was, or not at all.

use super::{Reused, exact, load_or_reuse};
use crate::{
    config::{Balancing, Experiment, Folds, SplitStrategy, Task},
    data::{
        Dataset,
        tests::{database, experiment, memory, wav},
    },
    files::Memory,
};
use proptest::prelude::*;

/// Twelve clips of six speakers, one of which has no file.
fn corpus() -> (Experiment, Memory) {
    let mut text = "file,start,end,speaker,gender,emotion,note,value\n".to_owned();
    for clip in 0..12 {
        let (speaker, class) = (clip / 2, if clip % 2 == 0 { "x" } else { "y" });
        text += &format!(
            "{clip}.wav,0,0.0{},s{speaker},m,{class},\"a, {clip}\",{}\n",
            3 + clip % 5,
            f64::from(clip) / 7.0
        );
    }
    let names: Vec<String> = (0..11).map(|clip| format!("{clip}.wav")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut db = database("db", "table.csv");
    db.split = SplitStrategy::SpeakerSplit {
        test_percent: 40.0,
        dev_percent: 20.0,
    };
    let mut experiment = experiment(vec![db]);
    experiment.tuning.dev_from_train = 40.0;
    (experiment, memory(&text, &names))
}

/// Loads the data, and says whether any recording was looked into.
fn load(experiment: &Experiment, files: &Memory, stored: Option<&[u8]>) -> (Reused, bool) {
    let mut looked = false;
    let loaded = load_or_reuse(experiment, files, stored, &mut |_, _| looked = true).unwrap();
    assert_eq!(loaded.store.is_some(), looked);
    (loaded, looked)
}

fn made(experiment: &Experiment, files: &Memory) -> (Vec<Dataset>, Vec<u8>) {
    let (loaded, looked) = load(experiment, files, None);
    assert!(looked && loaded.damage.is_none());
    (loaded.datasets, loaded.store.expect("something to store"))
}

#[test]
fn what_was_stored_comes_back_as_it_was() {
    let (plain, files) = corpus();
    let mut folded = plain.clone();
    folded.folds = Some(Folds::KFold(3));
    let mut repeated = plain.clone();
    repeated.tuning.balancing = Balancing::Ros;
    let mut scaled = plain.clone();
    scaled.task = Task::Regression;
    scaled.data.target = Some("value".into());
    scaled.data.target_divide_by = Some(0.3);
    scaled.data.databases[0].scale = true;
    let mut scaled_folds = scaled.clone();
    scaled_folds.folds = Some(Folds::Loso);
    let mut binned = scaled.clone();
    binned.task = Task::Classification;
    binned.data.continuous = true;
    for experiment in [plain, folded, repeated, scaled, scaled_folds, binned] {
        let (datasets, stored) = made(&experiment, &files);
        let (again, looked) = load(&experiment, &files, Some(&stored));
        assert!(!looked && again.damage.is_none());
        assert_eq!(again.datasets, datasets);
    }
}

#[test]
fn what_it_depends_on_makes_it_anew() {
    let (before, files) = corpus();
    let (datasets, stored) = made(&before, &files);
    type Change = fn(&mut Experiment, &mut Memory);
    let changes: [(&str, Change); 9] = [
        ("the seed", |experiment, _| experiment.tuning.seed += 1),
        ("labels", |experiment, _| {
            experiment.data.labels = Some(vec!["x".into(), "y".into()])
        }),
        ("the strategy", |experiment, _| {
            experiment.data.databases[0].split = SplitStrategy::Random {
                test_percent: 40.0,
                dev_percent: 20.0,
            };
        }),
        ("dev_from_train", |experiment, _| {
            experiment.tuning.dev_from_train = 50.0
        }),
        ("balancing", |experiment, _| {
            experiment.tuning.balancing = Balancing::Ros
        }),
        ("folds", |experiment, _| {
            experiment.folds = Some(Folds::KFold(2))
        }),
        ("the table", |_, files| {
            let table = crate::files::Files::read(files, "table.csv").unwrap();
            let table = String::from_utf8(table)
                .unwrap()
                .replacen("s0,m", "s0,f", 1);
            files.insert("table.csv", table.into_bytes());
        }),
        ("a recording", |_, files| {
            files.insert("3.wav", wav(0.1, 16_000, 0.25))
        }),
        ("a recording that was not there", |_, files| {
            files.insert("11.wav", wav(0.1, 16_000, 0.5));
        }),
    ];
    for (what, change) in changes {
        let (mut experiment, mut files) = (before.clone(), files.clone());
        change(&mut experiment, &mut files);
        let (loaded, looked) = load(&experiment, &files, Some(&stored));
        assert!(looked && loaded.damage.is_none(), "{what}");
        let (fresh, _) = made(&experiment, &files);
        assert_eq!(loaded.datasets, fresh, "{what}");
    }
    let mut longer = before.clone();
    (longer.epochs, longer.runs, longer.name) = (longer.epochs + 3, 5, "other".into());
    longer.tuning.learning_rate *= 2.0;
    let mut more = files.clone();
    more.insert("unasked.wav", wav(0.1, 16_000, 0.5));
    let (loaded, looked) = load(&longer, &more, Some(&stored));
    assert!(!looked, "nothing of that acts on the split");
    assert_eq!(loaded.datasets, datasets);
}

#[test]
fn what_is_damaged_is_made_anew() {
    let (experiment, files) = corpus();
    let (datasets, stored) = made(&experiment, &files);
    let mut damaged: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"\n".to_vec(),
        b"file,start,end\n".to_vec(),
        vec![0xff; 64],
        stored[..stored.len() / 2].to_vec(),
    ];
    for place in [0, 20, 40, stored.len() / 3, stored.len() - 2] {
        let mut bytes = stored.clone();
        bytes[place] ^= 1;
        damaged.push(bytes);
    }
    for bytes in damaged {
        let (loaded, looked) = load(&experiment, &files, Some(&bytes));
        assert!(looked);
        // The name of the format may have become another one's.
        assert!(loaded.damage.is_some() || bytes.len() == stored.len());
        assert_eq!(loaded.datasets, datasets);
    }
}

proptest! {
    #[test]
    fn numbers_come_back_to_the_bit(bits in proptest::collection::vec(any::<u64>(), 0..20)) {
        let values: Vec<f64> = bits.into_iter().map(f64::from_bits).filter(|one| one.is_finite()).collect();
        let text = serde_json::to_string(&exact::write(&values).unwrap()).unwrap();
        let back: Vec<f64> = exact::read(serde_json::from_str(&text).unwrap()).unwrap();
        let bits = |values: &[f64]| values.iter().map(|one| one.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&back), bits(&values));
    }
}
