//! The manifest: its form, what is null in it, that it can be read again.

use super::{
    experiment::experiment,
    files::{emotions, summary},
};
use crate::{
    config::Measure,
    data::Part,
    protocol::Status,
    report::{ConfigRecord, Manifest, Measured, SCHEMA, Selection, TrainingRecord},
};
use serde_json::json;

fn manifest() -> Manifest {
    let experiment = experiment(&["emodb"]);
    let config = ConfigRecord::new("abc");
    let labels = emotions().labels;
    let mut manifest = Manifest::new(&experiment, 1, config, &labels);
    manifest.status = Status::Interrupted;
    manifest.data = json!({"rows": 12, "dropped": {"missing label": 2, "file not found": 1}});
    manifest.training.best_step = Some(40);
    manifest.training.best_epoch = Some(3.6);
    manifest.training = manifest.training.timed(20.0, 50.0);
    manifest.selection = Selection::new(Some(Part::Test), Measure::Uar);
    manifest.device = "AMD Ryzen".to_owned();
    let results = summary(&emotions(), Part::Test, Some(Part::Test));
    manifest.results.insert(Part::Test, results);
    manifest
}

#[test]
fn form_of_the_manifest() {
    let text = manifest().to_json().unwrap();
    // The version rises by itself.
    insta::assert_snapshot!(text.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn it_can_be_read_again() {
    let mut manifest = manifest();
    assert_eq!(manifest.schema, SCHEMA);
    // Fractions that are exact in binary: others may differ in the last bit after reading.
    for measured in manifest.results[&Part::Test].metrics.values_mut() {
        *measured = Measured {
            value: Some(0.75),
            low: Some(0.25),
            high: Some(f64::from(u8::MAX)),
            by_speaker: Some([0.5, 1.0].into()),
        };
    }
    let results = &mut manifest.results[&Part::Test];
    results.calibration = None;
    results.groups.clear();
    for class in &mut manifest.results[&Part::Test].classes {
        class.scores.precision = Some(0.5);
        class.scores.recall = None;
        class.scores.f1 = Some(0.0);
    }
    let text = manifest.to_json().unwrap();
    let read: Manifest = serde_json::from_str(&text).unwrap();
    assert_eq!(read, manifest);
    assert_eq!(read.to_json().unwrap(), text);
}

#[test]
fn intervals_are_low_and_high_in_a_list() {
    let json: serde_json::Value = serde_json::from_str(&manifest().to_json().unwrap()).unwrap();
    let uar = &json["results"]["test"]["metrics"]["uar"];
    let interval = uar["interval"].as_array().unwrap();
    assert_eq!(interval.len(), 2, "{uar}");
    assert!(interval[0].as_f64() < interval[1].as_f64(), "{uar}");
}

#[test]
fn the_hash_is_sha_256() {
    // FIPS 180-2, appendix B.1.
    assert_eq!(
        ConfigRecord::new("abc").hash,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[test]
fn speed_is_null_where_no_time_passed() {
    assert_eq!(
        TrainingRecord::default()
            .timed(0.0, 0.0)
            .audio_seconds_per_second,
        None
    );
    assert_eq!(
        TrainingRecord::default()
            .timed(4.0, 10.0)
            .audio_seconds_per_second,
        Some(2.5)
    );
}

#[test]
fn figures_of_the_part_that_was_chosen_on_are_called_optimistic() {
    let on_test = Selection::new(Some(Part::Test), Measure::Ccc);
    assert!(on_test.optimistic);
    assert!(on_test.note(Part::Test).unwrap().contains("CCC"));
    assert_eq!(on_test.note(Part::Dev), None);
    let on_dev = Selection::new(Some(Part::Dev), Measure::Uar);
    assert!(!on_dev.optimistic);
    assert_eq!(on_dev.note(Part::Test), None);
    assert!(on_dev.note(Part::Dev).is_some() && on_dev.note(Part::Train).is_some());
}
