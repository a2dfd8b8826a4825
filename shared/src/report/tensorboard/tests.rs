//! Against what the package `tensorboard` writes (`tests/oracles/tensorboard_events.py`).

use super::{
    events::{Ending, EventFile, Value},
    masked_crc32c, png_size, push_record, records,
    time::unix_seconds,
};
use crate::{
    data::Part,
    report::{Evaluated, Progress, RunOutcome, StepRecord},
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Oracle {
    checksums: Vec<Checksum>,
    time: f64,
    lengths: Vec<usize>,
    file: String,
}

#[derive(Deserialize)]
struct Checksum {
    data: String,
    masked: u32,
}

fn oracle() -> Oracle {
    let text = include_str!("../../../../tests/fixtures/tensorboard.json");
    serde_json::from_str(text).unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

#[test]
fn checksums_are_those_of_the_package() {
    for Checksum { data, masked } in oracle().checksums {
        assert_eq!(masked_crc32c(&bytes(&data)), masked, "{data}");
    }
    // RFC 3720, appendix B.4.
    assert_eq!(super::crc32c(&[0; 32]), 0x8a91_36aa);
}

#[test]
fn a_file_is_the_packages_byte_by_byte() {
    let Oracle {
        time,
        lengths,
        file,
        ..
    } = oracle();
    let theirs = bytes(&file);
    let found: Vec<usize> = records(&theirs)
        .unwrap()
        .iter()
        .map(|record| record.len())
        .collect();
    assert_eq!(found, lengths);

    let mut ours = EventFile::new(time);
    ours.text("config", time, "a *text*");
    let settings = [
        ("batch_size".to_owned(), Value::Number(8.0)),
        ("class_weight".to_owned(), Value::Truth(false)),
        ("loss".to_owned(), Value::Text("cross".to_owned())),
    ];
    ours.hyper_parameters(time, "demo, run 0", &settings, &["eval/UAR".to_owned()]);
    ours.scalar("train/loss", time, 300, 0.625);
    ours.image(
        "eval/confusion_matrix",
        time,
        300,
        [100, 200],
        b"\x89PNG...",
    );
    ours.end(time, Ending::Success);
    let ours = ours.finish();
    let (ours_records, their_records) = (records(&ours).unwrap(), records(&theirs).unwrap());
    for (index, (a, b)) in ours_records.iter().zip(&their_records).enumerate() {
        assert_eq!(a, b, "record {index}");
    }
    assert_eq!(ours, theirs);
}

#[test]
fn damage_is_seen() {
    let mut file = Vec::new();
    push_record(&mut file, b"abc");
    push_record(&mut file, b"");
    assert_eq!(records(&file), Some(vec![&b"abc"[..], b""]));
    assert_eq!(records(&file[..file.len() - 1]), None, "cut off");
    for at in 0..file.len() {
        let mut damaged = file.clone();
        damaged[at] ^= 1;
        assert_eq!(records(&damaged), None, "byte {at}");
    }
}

#[test]
fn times_of_day_are_unix_seconds() {
    // datetime.datetime.fromisoformat(text).timestamp() of Python.
    for (text, seconds) in [
        ("1970-01-01T00:00:00Z", 0.0),
        ("2026-11-25T22:03:26Z", 1_795_644_206.0),
        ("2024-02-29T12:00:00.25+01:30", 1_709_202_600.25),
        ("2000-03-01T00:00:00-05:00", 951_886_800.0),
    ] {
        assert_eq!(unix_seconds(text), Some(seconds), "{text}");
    }
    for text in [
        "",
        "2026-11-25",
        "2026-13-25T22:03:26Z",
        "2026-11-25T22:03:26",
    ] {
        assert_eq!(unix_seconds(text), None, "{text}");
    }
}

#[test]
fn the_size_of_an_image_is_read() {
    let png = crate::report::plot::png(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"96\" height=\"48\"/>",
    );
    assert_eq!(png_size(&png.unwrap()), Some([300, 150]));
    assert_eq!(png_size(b"\x89PNG"), None);
    assert_eq!(png_size(b"GIF89a"), None);
}

#[test]
fn a_live_file_only_grows() {
    let experiment = crate::report::tests::experiment(&["emodb"]);
    let mut outcome = crate::report::tests::outcome(0);
    let step = |step: usize| StepRecord {
        step,
        seconds: step as f64,
        learning_rate: 1e-4,
        grad_norm: Some(1.0),
    };
    let evaluation = |part: Part, step: usize, seconds: f64| Evaluated {
        step,
        seconds,
        epoch: step as f64 / 2.0,
        part,
        loss: Some(0.5),
        metrics: [("uar".to_owned(), Some(0.25))].into_iter().collect(),
        best: step == 2 && part == Part::Dev,
    };
    outcome.progress = Progress::default();
    let mut before = Vec::new();
    let mut grow = |outcome: &RunOutcome| {
        let now = super::live_events(&experiment, &outcome.manifest, &outcome.progress);
        assert!(now.starts_with(&before) && now.len() > before.len());
        before = now;
    };
    for number in 1..=4 {
        outcome.progress.steps.push(step(number));
        outcome.progress.train_loss.push((number as f64 / 2.0, 1.0));
        grow(&outcome);
        if number % 2 == 0 {
            let dev = evaluation(Part::Dev, number, number as f64 + 0.1);
            outcome.progress.evaluations.push(dev);
            grow(&outcome);
        }
    }
    // At the end the best state, of step 2, is put to the test part.
    outcome
        .progress
        .evaluations
        .push(evaluation(Part::Test, 2, 4.5));
    grow(&outcome);
    let end = super::event_file(&experiment, &outcome, &[]);
    assert!(end.starts_with(&before) && end.len() > before.len());
    let hyper_parameters = records(&end).unwrap();
    let sessions = hyper_parameters.iter().filter(|record| {
        let tag = b"_hparams_/experiment";
        record.windows(tag.len()).any(|part| part == tag)
    });
    assert_eq!(sessions.count(), 1);
}
