//! What is read is what serde_json reads, by other code.

use super::{of, read};
use crate::{
    protocol::{Event, Job, JobEvent, Status, tab::TimedEvent},
    report::Measured,
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt::Debug;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Shape {
    Nothing,
    One(u8),
    Pair(u8, String),
    Named { wide: f64, flag: bool },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Inner(i64);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct All {
    whole: u64,
    below: i32,
    float: f64,
    letter: char,
    text: String,
    inner: Inner,
    unit: (),
    absent: Option<u8>,
    deep: Option<Option<u8>>,
    #[serde(default)]
    usual: Vec<u16>,
    pair: (u8, String),
    by_name: IndexMap<String, Vec<Shape>>,
    outcome: Result<u8, String>,
    free: Value,
}

fn document() -> Value {
    json!({
        "whole": u64::MAX, "below": -7, "float": 3, "letter": "ä", "text": "a\"\u{1f600}", "inner": -5, "unit": null,
        "deep": 4, "pair": [1, "x"], "outcome": {"Err": "no"}, "free": {"z": [1, 2.5, null, {"a": true}], "a": -1},
        "by_name": {
            "b": ["Nothing", {"One": 1}, {"Pair": [2, "y"]}, {"Named": {"wide": 1e300, "flag": true}}],
            "a": [],
        },
    })
}

/// Both readers say the same, or both refuse.
fn agree<T: for<'de> Deserialize<'de> + PartialEq + Debug>(document: &Value) -> bool {
    let text = document.to_string();
    match (read::<T>(&text), serde_json::from_str::<T>(&text)) {
        (Ok(own), Ok(theirs)) => assert_eq!(own, theirs, "{text}"),
        (Err(_), Err(_)) => return false,
        (own, theirs) => panic!("{text}: {own:?} and {theirs:?}"),
    }
    true
}

#[test]
fn every_kind_of_type_is_read() {
    let document = document();
    assert!(agree::<All>(&document));
    let own: All = of(document).expect("it is read");
    assert_eq!(own.by_name.keys().collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(own.float, 3.0);
}

#[test]
fn keys_can_be_numbers_and_words() {
    use std::collections::BTreeMap;
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    enum Word {
        One,
    }
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    struct Named(u16);
    for keys in [json!({"8000": 1, "16000": 2}), json!({"-3": 1}), json!({})] {
        assert!(agree::<BTreeMap<i64, u8>>(&keys));
    }
    assert!(agree::<BTreeMap<u32, u8>>(&json!({"44100": 7})));
    assert!(agree::<BTreeMap<Named, u8>>(&json!({"2": 7})));
    assert!(agree::<BTreeMap<Word, u8>>(&json!({"One": 7})));
    for wrong in [
        json!({"x": 1}),
        json!({"-1": 1}),
        json!({"1.5": 1}),
        json!({"70000": 1}),
        json!({"": 1}),
    ] {
        assert!(!agree::<BTreeMap<u16, u8>>(&wrong), "{wrong}");
        assert!(!agree::<BTreeMap<Word, u8>>(&wrong), "{wrong}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(300),
        json!(1.5),
        json!("word"),
        json!("One"),
        json!([1]),
        json!([1, "x", 2]),
        json!({}),
        json!({"One": 1}),
        json!({"Nothing": null}),
        json!({"Nothing": 1}),
        json!({"One": 1, "Pair": 2}),
        json!({"Other": 1}),
    ];
    let whole = document();
    let fields: Vec<String> = whole.as_object().expect("fields").keys().cloned().collect();
    let mut read = 0;
    for field in fields {
        for value in &values {
            let mut changed = whole.clone();
            changed[&field] = value.clone();
            read += usize::from(agree::<All>(&changed));
            read += usize::from(agree::<Shape>(value));
        }
        let mut less = whole.clone();
        less.as_object_mut().expect("fields").remove(&field);
        agree::<All>(&less);
    }
    assert!(read > 20, "{read}");
    let mut more = whole.clone();
    more["more"] = json!(1);
    assert!(!agree::<All>(&more));
    for text in ["", "{", "[1,]", "nul", "{\"a\":1} x"] {
        assert!(super::read::<Value>(text).is_err(), "{text}");
    }
    let error = of::<All>(json!({"whole": "x"})).expect_err("a text is no number");
    assert_eq!(
        error.to_string(),
        "invalid type: string \"x\", expected u64"
    );
}

#[test]
fn an_event_is_read_by_its_tag() {
    let step = json!({
        "kind": "run", "id": 3, "time": "2026-01-01T00:00:00Z", "run": {
            "event": "step", "run": 0, "step": 1, "steps": 2, "epoch": 0.5, "loss": 1, "learning_rate": 1e-5,
            "grad_norm": 2.5, "audio_seconds_per_second": 9.5, "seconds_left": 7.25, "of_later": [1],
        },
    });
    let read: JobEvent = of(step.clone()).expect("it is read");
    let again = serde_json::to_value(&read).expect("it is written");
    // What is not known is left out, and what has a default is added.
    let mut expected = step.clone();
    let run = expected["run"].as_object_mut().expect("fields");
    run.remove("of_later");
    run.insert("audio_seconds".into(), json!(0.0));
    run.insert("loss".into(), json!(1.0));
    assert_eq!(again, expected);
    assert!(agree::<JobEvent>(&step));

    let refused = [
        ("/run/event", json!("unheard"), "unknown variant `unheard`"),
        (
            "/run/event",
            json!(1),
            "invalid type: integer `1`, expected a string",
        ),
        (
            "/run/steps",
            json!(-1),
            "invalid value: integer `-1`, expected usize",
        ),
        (
            "/kind",
            json!("other"),
            "unknown variant `other`, expected `run` or `state`",
        ),
        ("/run", json!([]), "invalid type: sequence, expected a map"),
    ];
    for (place, value, words) in refused {
        let mut changed = step.clone();
        *changed.pointer_mut(place).expect("a field") = value;
        let error = of::<JobEvent>(changed).expect_err(place).to_string();
        assert!(error.starts_with(words), "{error}");
    }
    for (inside, field) in [
        ("", "id"),
        ("", "kind"),
        ("/run", "event"),
        ("/run", "epoch"),
    ] {
        let mut less = step.clone();
        let own = less.pointer_mut(inside).and_then(Value::as_object_mut);
        own.expect("fields").remove(field);
        let error = of::<JobEvent>(less).expect_err(field).to_string();
        assert_eq!(error, format!("missing field `{field}`"));
    }
}

#[test]
fn what_is_written_is_read_again() {
    let metrics = [
        (
            "uar".to_owned(),
            Measured {
                value: Some(0.5),
                low: Some(0.25),
                high: Some(0.75),
                by_speaker: None,
            },
        ),
        ("auc".to_owned(), Measured::default()),
    ];
    let events = [
        Event::Results {
            run: 1,
            part: crate::data::Part::Test,
            utterances: 9,
            metrics: metrics.into(),
            note: None,
        },
        Event::Fold {
            fold: 0,
            folds: 2,
            run: 0,
            runs: 1,
            trained_on: None,
            tested_on: vec!["\u{644}".into()],
        },
        Event::Ended {
            run: 0,
            status: Status::Failed,
            error: Some("why".into()),
            stopped_early: true,
            optimistic: false,
            best_step: Some(2),
            best_epoch: Some(0.5),
            seconds: 1.5,
            folder: None,
        },
    ];
    for event in events {
        let timed = TimedEvent {
            time: "now".into(),
            event,
        };
        let text = serde_json::to_string(&timed).expect("it is written");
        assert_eq!(read::<TimedEvent>(&text).expect("it is read"), timed);
        assert_eq!(
            serde_json::from_str::<TimedEvent>(&text).expect("it is read"),
            timed
        );
    }
    assert!(read::<Job>("{}").is_err());
}

/// Whatever name a variant has when it is written, by the description of the type, is known when it is read.
fn knows_all<T: schemars::JsonSchema + for<'de> Deserialize<'de> + Debug>(tag: &str) {
    let schema = schemars::schema_for!(T).to_value();
    let variants = schema["oneOf"].as_array().expect("variants");
    assert!(variants.len() > 1);
    for variant in variants {
        let name = &variant["properties"][tag]["const"];
        assert!(name.is_string(), "{variant}");
        let error = of::<T>(json!({ tag: name }))
            .expect_err("a field is missing")
            .to_string();
        assert!(error.starts_with("missing field"), "{name}: {error}");
    }
}

#[test]
fn each_variant_is_known_by_its_name() {
    knows_all::<Event>("event");
    knows_all::<crate::protocol::News>("kind");
    knows_all::<crate::protocol::QueueNews>("kind");
}
