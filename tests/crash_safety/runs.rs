//! Experiments of several runs, of which not all come to their end.

use crate::{experiment::Experimental, medium::Medium};
use serde_json::Value;
use shared::{
    data::Part,
    files::Files,
    protocol::{Event, Status},
};

fn json(medium: &Medium, path: &str) -> Value {
    serde_json::from_slice(&medium.read(path).expect(path)).expect("JSON")
}

/// The joint files, by the end of their names.
fn joint(medium: &Medium, end: &str) -> String {
    let paths = medium.paths();
    let path = paths.iter().find(|path| path.ends_with(end)).expect(end);
    String::from_utf8(medium.read(path).expect(end)).expect("UTF-8")
}

fn ends(events: &[Event]) -> Vec<(u32, Status, Option<&str>)> {
    let end = |event| match event {
        &Event::Ended {
            run,
            status,
            ref error,
            ..
        } => Some((run, status, error.as_deref())),
        _ => None,
    };
    events.iter().filter_map(end).collect()
}

#[test]
fn a_stop_between_runs_begins_no_other() {
    let experimental = Experimental::new("").with_runs(3);
    let medium = Medium::default();
    // After the last step of the first run: it comes to its end.
    let (finished, events) = experimental.stop_after(&medium, 9);
    assert_eq!(finished.status, Status::Interrupted);
    assert_eq!(finished.manifests.len(), 1);
    assert_eq!(finished.manifests[0].status, Status::Finished);
    let ends = ends(&events);
    assert_eq!(ends[0], (0, Status::Finished, None));
    assert_eq!(
        (ends.len(), ends[1].0, ends[1].1),
        (2, 1, Status::Interrupted)
    );
    assert!(
        medium.paths().iter().all(|path| !path.contains("run_1")),
        "{:?}",
        medium.paths()
    );
    assert!(joint(&medium, "_summary.json").contains("\"run\": 0"));
    // And the rest follows.
    let (finished, _) = experimental.run(&medium).unwrap();
    assert_eq!(finished.status, Status::Finished);
    assert_eq!(finished.manifests.len(), 3);
}

#[test]
fn without_a_step_there_is_no_result() {
    let experimental = Experimental::new("");
    let medium = Medium::default();
    let (finished, events) = experimental.stop_after(&medium, 0);
    assert_eq!(finished.status, Status::Interrupted);
    assert!(finished.manifests.is_empty());
    let ends = ends(&events);
    assert_eq!(ends.len(), 1);
    assert_eq!(ends[0].1, Status::Interrupted);
    assert!(ends[0].2.is_some_and(|why| why.contains("first step")));
    assert!(medium.read("models/run_0/torch/model.safetensors").is_err());
    let record = json(&medium, "results/run_0/run.json");
    assert_eq!(record["status"], "interrupted");
    assert_eq!(record["results"], serde_json::json!({}));
    let (finished, _) = experimental.run(&medium).unwrap();
    assert_eq!(finished.status, Status::Finished);
}

#[test]
fn an_error_in_a_later_run_leaves_the_earlier_ones() {
    // Without what the first run kept, each run reads the recordings.
    let experimental = Experimental::new("cache = off\n")
        .with_runs(3)
        .with_broken(1, Part::Train);
    let medium = Medium::default();
    let (finished, events) = experimental.run(&medium).unwrap();
    assert_eq!(finished.status, Status::Failed);
    let failure = finished.failure.expect("a failure").to_string();
    assert!(failure.contains("broken"), "{failure}");
    assert_eq!(finished.manifests.len(), 1);
    assert_eq!(
        ends(&events),
        [
            (0, Status::Finished, None),
            (1, Status::Failed, Some(failure.as_str()))
        ]
    );
    assert!(joint(&medium, "_summary.txt").contains("All runs"));
    assert!(joint(&medium, "_runs.txt").contains("mean: "));
    assert_eq!(json(&medium, "results/run_1/run.json")["error"], failure);
}

#[test]
fn an_error_of_the_first_run_is_told_of_and_says_what_was_done() {
    let experimental = Experimental::new("").with_broken(0, Part::Dev);
    let medium = Medium::default();
    let error = experimental.run(&medium).unwrap_err().to_string();
    assert!(error.contains("broken"), "{error}");
    let record = json(&medium, "results/run_0/run.json");
    assert_eq!(record["status"], "failed");
    assert_eq!(record["error"], error);
    // The first evaluation comes after an epoch of three steps.
    assert_eq!(record["training"]["steps"], 3);
    assert!(record["training"]["seconds"].as_f64() > Some(0.0));
    assert!(record["training"]["audio_seconds"].as_f64() > Some(0.0));
    let plot = "_epoch_progression.svg";
    assert!(medium.paths().iter().any(|path| path.ends_with(plot)));
}

#[test]
fn a_test_part_that_cannot_be_read_leaves_the_figures_of_dev() {
    let experimental = Experimental::new("").with_broken(0, Part::Test);
    let medium = Medium::default();
    let (finished, events) = experimental.run(&medium).unwrap();
    assert_eq!(finished.status, Status::Failed);
    assert!(finished.failure.is_some());
    let record = json(&medium, "results/run_0/run.json");
    assert_eq!(record["status"], "failed");
    assert!(record["results"]["dev"].is_object());
    assert!(record["results"]["test"].is_null());
    assert!(medium.read("models/run_0/torch/model.safetensors").is_ok());
    assert!(ends(&events)[0].2.is_some_and(|why| why.contains("broken")));
}

#[test]
fn the_end_and_the_record_tell_that_patience_ran_out() {
    let impatient = Experimental::new("patience = 1\nlearning_rate = 1e-9\n");
    for (experimental, expected) in [(impatient, true), (Experimental::new(""), false)] {
        let medium = Medium::default();
        let (_, events) = experimental.run(&medium).unwrap();
        let told = events.iter().find_map(|event| match event {
            Event::Ended { stopped_early, .. } => Some(*stopped_early),
            _ => None,
        });
        assert_eq!(told, Some(expected));
        let record = json(&medium, "results/run_0/run.json");
        assert_eq!(record["training"]["stopped_early"], expected);
    }
}

#[test]
fn choosing_on_test_is_said_in_events_and_files() {
    let experimental = Experimental::new("select_on = test\n");
    let medium = Medium::default();
    let (_, events) = experimental.run(&medium).unwrap();
    let evaluations = events.iter().filter_map(|event| match event {
        Event::Evaluation {
            part, optimistic, ..
        } => Some((*part, *optimistic)),
        _ => None,
    });
    for (part, optimistic) in evaluations {
        assert_eq!(optimistic, part == Part::Test);
    }
    assert!(events.iter().any(|event| matches!(
        event,
        Event::Ended {
            optimistic: true,
            ..
        }
    )));
    for end in ["_runs.txt", "_summary.txt", "_epoch_progression.svg"] {
        let text = joint(&medium, end);
        assert!(text.contains("optimistic"), "{end}: {text}");
    }
    let (_, events) = Experimental::new("").run(&Medium::default()).unwrap();
    assert!(!format!("{events:?}").contains("optimistic: true"));
}

#[test]
fn versions_and_machine_are_in_the_record() {
    let medium = Medium::default();
    Experimental::new("").run(&medium).unwrap();
    let versions = &json(&medium, "results/run_0/run.json")["versions"];
    for name in ["voxtune", "burn", "target"] {
        assert!(
            versions[name].as_str().is_some_and(|text| !text.is_empty()),
            "{versions}"
        );
    }
}

#[test]
fn a_step_has_not_more_clips_than_there_are() {
    let experimental = Experimental::new("").with_batch(65_536, 65_536);
    let medium = Medium::default();
    let (_, events) = experimental.run(&medium).unwrap();
    let told = events.iter().find_map(|event| match event {
        Event::Started {
            effective_batch, ..
        } => Some(*effective_batch),
        _ => None,
    });
    assert_eq!(told, Some(11));
    let record = json(&medium, "results/run_0/run.json");
    assert_eq!(record["training"]["effective_batch"], 11);
}

#[test]
fn the_hash_of_the_model_is_that_of_the_files_it_is_read_from() {
    let hash = |experimental: Experimental| {
        let medium = Medium::default();
        experimental.run(&medium).unwrap();
        json(&medium, "results/run_0/run.json")["model"]["hash"].clone()
    };
    let plain = hash(Experimental::new(""));
    assert!(plain.is_string());
    let more = Experimental::new("").with_model_file("training_args.bin", b"of no interest");
    assert_eq!(hash(more), plain);
}
