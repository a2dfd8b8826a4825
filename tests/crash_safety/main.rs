//! A run that is broken off at any call to the disk, and gone on with, equals one that was not.

mod experiment;
mod medium;
mod runs;

use experiment::Experimental;
use medium::{Fault, Medium};
use serde_json::Value;
use shared::{
    files::Files,
    protocol::{Event, Status},
    report::tensorboard::records,
};

/// What must be equal: the model to the bit, predictions, figures and course of the training.
fn essence(medium: &Medium) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = medium
        .paths()
        .into_iter()
        .filter(|path| path.ends_with(".csv") || path.starts_with("models/run_"))
        // The card tells of interruptions.
        .filter(|path| !path.ends_with("README.md"))
        .map(|path| (path.clone(), medium.read(&path).expect("a file")))
        .collect();
    let manifest = medium.read("results/run_0/run.json").expect("a record");
    let mut manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
    let run = manifest.as_object_mut().expect("an object");
    run.remove("resumptions");
    // The only thing that may differ is how long it took, and what was at hand already.
    let training = run["training"].as_object_mut().expect("an object");
    training.remove("seconds");
    training.remove("audio_seconds_per_second");
    training.remove("frozen");
    found.push(("run.json".to_owned(), manifest.to_string().into_bytes()));
    let names: Vec<&String> = found.iter().map(|(name, _)| name).collect();
    let adapters = names
        .iter()
        .filter(|name| name.contains("/adapter/"))
        .count();
    assert_eq!(
        names.len() - adapters,
        11,
        "two predictions, two groups, three parts, model, record: {names:?}"
    );
    found
}

fn assert_same(what: &str, found: &Medium, expected: &Medium) {
    for (found, expected) in essence(found).into_iter().zip(essence(expected)) {
        assert_eq!(found.0, expected.0, "{what}");
        assert!(
            found.1 == expected.1,
            "{what}: {} differs: {} and {}",
            found.0,
            String::from_utf8_lossy(&found.1),
            String::from_utf8_lossy(&expected.1)
        );
    }
}

/// The curves of run 0, one event file, record by record.
fn curves(medium: &Medium) -> Option<Vec<u8>> {
    let folder = "log/run_0";
    let names = medium.list(folder).unwrap_or_default();
    let events: Vec<&String> = names
        .iter()
        .filter(|name| name.starts_with("events.out.tfevents."))
        .collect();
    assert!(events.len() <= 1, "{events:?}");
    let path = format!("{folder}/{}", events.first()?);
    Some(medium.read(&path).expect("the curves"))
}

/// Every point stands there once: what a record holds besides its time and value.
fn assert_curves(what: &str, medium: &Medium) {
    let file = curves(medium).expect("an event file");
    let records = records(&file).unwrap_or_else(|| panic!("{what}: the curves are torn"));
    let mut points: Vec<&[u8]> = records
        .iter()
        .map(|record| &record[9..record.len() - 4])
        .collect();
    let count = points.len();
    points.sort_unstable();
    points.dedup();
    assert_eq!(points.len(), count, "{what}: a point stands there twice");
    let steps = points
        .iter()
        .filter(|point| point.windows(10).any(|part| part == b"train/loss"))
        .count();
    assert_eq!(steps, 9, "{what}: one point a step");
}

#[test]
fn a_crash_at_any_call_to_the_disk_changes_nothing() {
    let experimental = Experimental::new("save_total_limit = 1\n");
    let undisturbed = Medium::default();
    experimental.run(&undisturbed).unwrap();
    let calls = undisturbed.calls();
    assert!(calls > 80, "only {calls} calls");
    let (mut resumed, mut tried) = (0, 0);
    let mut live = 0;
    // About thirty of them, each from another place of what repeats.
    for call in (1..calls).step_by((calls / 30) | 1) {
        let medium = Medium::failing(call, Fault::Crash);
        assert!(experimental.run(&medium).is_err(), "call {call}");
        medium.mend();
        live += usize::from(curves(&medium).is_some_and(|file| file.len() > 1000));
        let (finished, events) = experimental.run(&medium).unwrap();
        assert_eq!(finished.status, Status::Finished);
        assert_same(&format!("a crash at call {call}"), &medium, &undisturbed);
        assert_curves(&format!("a crash at call {call}"), &medium);
        let went_on = events
            .iter()
            .filter(|event| matches!(event, Event::Resumed { .. }))
            .count();
        resumed += went_on;
        tried += 1;
        assert!(
            !events
                .iter()
                .any(|event| matches!(event, Event::Warning { message } if message.contains("cannot be used"))),
            "a crash at call {call} tore a checkpoint: {events:?}"
        );
    }
    assert!(3 * resumed > tried, "{resumed} of {tried} went on");
    assert!(
        2 * live > tried,
        "{live} of {tried} had curves before their end"
    );
}

#[test]
fn options_of_training_go_on_to_the_bit() {
    for keys in [
        "lora_rank = 2\nlora_targets = ['q_proj', 'output_dense']\nlora_dropout = 0.2\n",
        "precision = f16\nrecompute = True\n",
        "head = sequence_classification\nlayer_pooling = weighted\nprecision = bf16\n",
        "augment_noise = [0, 20]\naugment_speed = [0.8, 1.2]\naugment_gain = [-6, 6]\naugment_time_mask = 0.3\n",
    ] {
        let experimental = Experimental::new(keys);
        let undisturbed = Medium::default();
        let (finished, _) = experimental.run(&undisturbed).unwrap();
        assert_eq!(finished.status, Status::Finished, "{keys}");
        let adapter = undisturbed
            .paths()
            .iter()
            .any(|path| path.contains("/adapter/"));
        assert_eq!(adapter, keys.contains("lora"), "{keys}");
        let steps = 4;
        let medium = Medium::default();
        let (stopped, _) = experimental.stop_after(&medium, steps);
        assert_eq!(stopped.status, Status::Interrupted, "{keys}");
        let (_, events) = experimental.run(&medium).unwrap();
        let went_on = |event: &Event| matches!(event, Event::Resumed { .. });
        assert!(events.iter().any(went_on), "{keys}");
        assert_same(
            &format!("{keys} after {steps} steps"),
            &medium,
            &undisturbed,
        );
    }
    let plain = Medium::default();
    Experimental::new("").run(&plain).unwrap();
    let twice = Medium::default();
    Experimental::new("recompute = True\n").run(&twice).unwrap();
    let model = |medium: &Medium| medium.read("models/run_0/torch/model.safetensors").unwrap();
    assert!(model(&plain) == model(&twice), "layers computed twice");
}

#[test]
fn a_full_disk_leaves_the_last_checkpoint() {
    let experimental = Experimental::new("");
    let undisturbed = Medium::default();
    experimental.run(&undisturbed).unwrap();
    let calls = undisturbed.calls();
    for call in (calls / 4..calls).step_by((calls / 16) | 1) {
        let medium = Medium::failing(call, Fault::Full);
        let error = experimental.run(&medium).unwrap_err().to_string();
        assert!(
            error.contains("cannot write") && error.contains("make room"),
            "call {call}: {error}"
        );
        medium.mend();
        let (_, events) = experimental.run(&medium).unwrap();
        assert_same(&format!("full at call {call}"), &medium, &undisturbed);
        assert!(
            events
                .iter()
                .any(|event| matches!(event, Event::Resumed { .. } | Event::Kept { .. })),
            "call {call}: began anew"
        );
    }
}

#[test]
fn a_torn_checkpoint_is_passed_over_for_the_one_before() {
    let experimental = Experimental::new("");
    let undisturbed = Medium::default();
    experimental.run(&undisturbed).unwrap();
    // Broken off so late that there are several checkpoints.
    let broken_off = Medium::default();
    experimental.stop_after(&broken_off, 5);
    let latest = String::from_utf8(broken_off.read("models/run_0/checkpoints/latest").unwrap());
    let latest = latest.unwrap().trim().to_owned();
    let folder = format!("models/run_0/checkpoints/{latest}");
    let names = broken_off.list(&folder).unwrap();
    assert!(names.len() >= 5, "{names:?}");
    for name in &names {
        let path = format!("{folder}/{name}");
        let whole = broken_off.read(&path).unwrap();
        let mut flipped = whole.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 4;
        let half = whole[..middle].to_vec();
        for (what, torn) in [
            ("flipped", Some(flipped)),
            ("half", Some(half)),
            ("no", None),
        ] {
            let medium = broken_off.copy();
            medium.replace(&path, torn);
            let (_, events) = experimental.run(&medium).unwrap();
            let told = events.iter().any(|event| {
                matches!(event, Event::Warning { message } if message.contains("cannot be used"))
            });
            assert!(told, "{what} {name}: {events:?}");
            let from = events.iter().find_map(|event| match event {
                Event::Resumed { step, .. } => Some(*step),
                _ => None,
            });
            let from = from.unwrap_or_else(|| panic!("{what} {name}: began anew"));
            assert!(latest != format!("ckpt-{from}"), "{what} {name}");
            assert_same(&format!("{what} {name}"), &medium, &undisturbed);
        }
    }
}

#[test]
fn without_any_whole_checkpoint_it_begins_anew() {
    let experimental = Experimental::new("");
    let undisturbed = Medium::default();
    experimental.run(&undisturbed).unwrap();
    let medium = Medium::default();
    experimental.stop_after(&medium, 5);
    for path in medium.paths() {
        if path.ends_with("/optimizer.safetensors") {
            medium.replace(&path, Some(b"torn".to_vec()));
        }
    }
    let (_, events) = experimental.run(&medium).unwrap();
    assert!(
        !events
            .iter()
            .any(|event| matches!(event, Event::Resumed { .. }))
    );
    assert_same("all torn", &medium, &undisturbed);
}

#[test]
fn no_more_checkpoints_stay_than_were_asked_for() {
    for limit in [0, 1, 2] {
        let experimental = Experimental::new(&format!("save_total_limit = {limit}\n"));
        let medium = Medium::default();
        experimental.stop_after(&medium, 6);
        let folder = "models/run_0/checkpoints";
        let names = medium.list(folder).unwrap_or_default();
        let count = names
            .iter()
            .filter(|name| name.starts_with("ckpt-"))
            .count();
        // The best is one of them or one more.
        assert!(count <= limit + 1, "{limit}: {names:?}");
        assert!(count > 0 && count >= limit, "{limit}: {names:?}");
        assert!(
            !names.iter().any(|name| name.ends_with(".tmp")),
            "{names:?}"
        );
    }
    let experimental = Experimental::new("keep_checkpoints = True\n");
    let medium = Medium::default();
    experimental.run(&medium).unwrap();
    let kept = medium.list("models/run_0/checkpoints").unwrap();
    assert!(kept.contains(&"ckpt-9".to_owned()), "{kept:?}");
}

#[test]
fn an_interrupted_run_has_results_and_goes_on() {
    let experimental = Experimental::new("");
    let undisturbed = Medium::default();
    experimental.run(&undisturbed).unwrap();
    let medium = Medium::default();
    for steps in [1, 3, 4] {
        let (finished, events) = experimental.stop_after(&medium, steps);
        assert_eq!(finished.status, Status::Interrupted);
        let manifest = medium.read("results/run_0/run.json").unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        assert_eq!(manifest["status"], "interrupted");
        assert!(manifest["results"]["test"].is_object());
        assert!(medium.read("models/run_0/torch/model.safetensors").is_ok());
        assert_eq!(
            events
                .iter()
                .any(|event| matches!(event, Event::Resumed { .. })),
            steps > 1
        );
    }
    let (finished, _) = experimental.run(&medium).unwrap();
    assert_eq!(finished.status, Status::Finished);
    let resumptions: Vec<usize> = finished.manifests[0]
        .resumptions
        .iter()
        .map(|one| one.step)
        .collect();
    assert_eq!(resumptions, [1, 4, 8]);
    assert_same("three interruptions", &medium, &undisturbed);
    assert_curves("three interruptions", &medium);
    let named = |end: &str| {
        let paths = medium.paths();
        paths.into_iter().find(|path| path.ends_with(end)).unwrap()
    };
    let table = medium.read(&named("_result.txt")).unwrap();
    let table = String::from_utf8(table).unwrap();
    assert!(table.contains("resumed after steps 1, 4, 8"), "{table}");
    // Curves and their plot go on without a gap.
    for ending in ["svg", "png"] {
        let plot = named(&format!("_epoch_progression.{ending}"));
        assert!(medium.read(&plot).unwrap() == undisturbed.read(&plot).unwrap());
    }
}

#[test]
fn patience_counts_over_a_resumption() {
    let experimental = Experimental::new("patience = 1\nlearning_rate = 1e-9\n");
    let undisturbed = Medium::default();
    let (finished, _) = experimental.run(&undisturbed).unwrap();
    let steps = finished.manifests[0].training.steps;
    assert!(steps < 9, "{steps}");
    for stop in 1..=steps {
        let medium = Medium::default();
        experimental.stop_after(&medium, stop);
        experimental.run(&medium).unwrap();
        assert_same(&format!("stopped after {stop}"), &medium, &undisturbed);
    }
}
