//! What is collected of a run's events.

use crate::{
    data::Part,
    protocol::Event,
    report::{Progress, StepRecord},
};
use indexmap::IndexMap;

fn step(epoch: f64, loss: f64) -> Event {
    Event::Step {
        run: 0,
        step: 1,
        steps: 10,
        epoch,
        loss,
        learning_rate: 1e-4,
        grad_norm: 1.0,
        audio_seconds: 4.0,
        audio_seconds_per_second: 10.0,
        seconds_left: 5.0,
        memory: None,
    }
}

pub(super) fn evaluation(epoch: f64, loss: f64, uar: Option<f64>, best: bool) -> Event {
    Event::Evaluation {
        run: 0,
        step: (epoch * 10.0) as usize,
        epoch,
        part: Part::Dev,
        loss,
        metrics: IndexMap::from([("uar".to_owned(), uar)]),
        best,
        optimistic: false,
    }
}

/// The progress of these steps (epoch, loss) and evaluations (epoch, loss, UAR, best).
pub(super) fn progress(
    steps: &[(f64, f64)],
    evaluations: &[(f64, f64, Option<f64>, bool)],
) -> Progress {
    let mut progress = Progress::default();
    for &(epoch, loss) in steps {
        progress.take(&step(epoch, loss), 0.0);
    }
    for &(epoch, loss, uar, best) in evaluations {
        progress.take(&evaluation(epoch, loss, uar, best), 0.0);
    }
    progress
}

#[test]
fn losses_and_evaluations_are_collected() {
    let progress = progress(
        &[(0.1, 2.0), (0.2, f64::NAN)],
        &[(0.2, 1.5, Some(0.25), true), (0.4, f64::NAN, None, false)],
    );
    assert_eq!(progress.train_loss[0], (0.1, 2.0));
    assert!(progress.train_loss[1].1.is_nan());
    assert_eq!(progress.evaluations[1].loss, None);
    assert_eq!(progress.best().unwrap().epoch, 0.2);
}

#[test]
fn steps_have_their_time_rate_and_norm() {
    let mut progress = Progress::default();
    progress.take(&step(0.1, 2.0), 3.5);
    progress.take(&evaluation(0.1, 1.5, Some(0.25), true), 4.5);
    let expected = StepRecord {
        step: 1,
        seconds: 3.5,
        learning_rate: 1e-4,
        grad_norm: Some(1.0),
    };
    assert_eq!(progress.steps, [expected]);
    assert_eq!(progress.evaluations[0].seconds, 4.5);
}

#[test]
fn another_run_begins_anew() {
    let mut progress = progress(&[(0.1, 2.0)], &[(0.2, 1.5, None, true)]);
    let warning = Event::Warning {
        message: String::new(),
    };
    progress.take(&warning, 1.0);
    assert_eq!(progress.train_loss.len(), 1);
    let started = Event::Started {
        run: 1,
        runs: 2,
        seed: 1,
        device: String::new(),
        epochs: 1,
        steps: 1,
        effective_batch: 1,
        clips: IndexMap::new(),
        parameters: 1,
        trained: 1,
    };
    progress.take(&started, 2.0);
    assert_eq!(progress, Progress::default());
    assert!(progress.best().is_none());
}

#[test]
fn what_is_not_finite_is_null_in_json_and_can_be_read_again() {
    let mut progress = progress(&[(0.5, f64::NAN)], &[(1.0, f64::INFINITY, None, true)]);
    progress.steps[0].grad_norm = None;
    let json = serde_json::to_string(&progress).unwrap();
    assert!(json.starts_with(r#"{"train_loss":[[0.5,null]]"#), "{json}");
    let read: Progress = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), json);
}
