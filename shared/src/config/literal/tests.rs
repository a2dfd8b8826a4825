//! The reader against Python's.

use super::{Literal, parse};
use proptest::prelude::*;
use serde_json::{Value, json};

const PYTHON: &str = include_str!("../../../../tests/fixtures/config/python.json");

#[test]
fn every_text_is_read_as_python_reads_it() {
    let python: Value = serde_json::from_str(PYTHON).unwrap();
    for case in python["literal"].as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        let read = parse(text);
        match case["repr"].as_str() {
            Some(expected) => assert_eq!(
                read.map(|value| value.to_string()).as_deref(),
                Ok(expected),
                "{text:?}"
            ),
            None => assert!(read.is_err(), "{text:?} is {read:?}"),
        }
    }
}

#[test]
fn literals_become_json() {
    let read = |text: &str| serde_json::from_str::<Value>(&parse(text).unwrap().to_json()).unwrap();
    assert_eq!(
        read("{'a': (1, 2.5), 3: None, (4,): {5}}"),
        json!({"a": [1, 2.5], "3": null, "(4,)": [5]})
    );
    for (literal, expected) in [
        ("18446744073709551615", "18446744073709551615"),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567890",
        ),
        (
            "-0xffffffffffffffffffffffffffffffffff",
            "-87112285931760246646623899502532662132735",
        ),
        (
            "-170141183460469231731687303715884105728",
            "-170141183460469231731687303715884105728",
        ),
        ("[1e999, -1e400, -0.0, True]", "[1e999, -1e999, -0.0, true]"),
        ("{1: 'a', '1': 'b'}", "{\"1\": \"b\"}"),
    ] {
        assert_eq!(parse(literal).unwrap().to_json(), expected);
    }
    let digits = "9".repeat(60);
    assert_eq!(parse(&digits).unwrap().to_json(), digits);
    assert!(parse("'a\0b'").is_err());
    assert!(parse(&"9".repeat(4301)).is_err());
}

#[test]
fn errors_say_where_and_what() {
    let texts = [
        "['anger', sad]",
        "['a' 'b",
        "[1, 2",
        "{'a' 1}",
        "{'a': 1, 'b'}",
        "b'x'",
        "f'{x}'",
        "1+2j",
        "07",
        "-'a'",
        "'\\x4'",
        "{[1]: 2}",
        "5 x",
        "",
        "[1 2]",
        "set(1)",
        "1__0",
        "'a\0'",
    ];
    let errors: Vec<String> = texts
        .iter()
        .map(|text| {
            let error = parse(text).unwrap_err();
            format!("{text} @{}: {error}", error.offset)
        })
        .collect();
    insta::assert_debug_snapshot!(errors);
}

/// Values of all kinds that print as Python prints them.
fn values() -> impl Strategy<Value = Literal> {
    let leaf = prop_oneof![
        Just(Literal::None),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(|value| Literal::Int(value.into())),
        any::<f64>()
            .prop_filter("finite", |value| value.is_finite())
            .prop_map(Literal::Float),
        any::<String>().prop_map(Literal::Str),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let items = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            items().prop_map(Literal::List),
            items().prop_map(Literal::Tuple),
            prop::collection::btree_map("[a-z]{0,3}", inner.clone(), 0..4).prop_map(|map| {
                Literal::Dict(
                    map.into_iter()
                        .map(|(key, value)| (Literal::Str(key), value))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(value in values()) {
        prop_assert_eq!(parse(&value.to_string()), Ok(value));
    }

    #[test]
    fn nothing_panics(text in "\\PC*|[\\[\\](){}'\",:.0-9a-fxeEjrRbuTN_+\\-# \\\\\n\r]{0,40}") {
        if let Err(error) = parse(&text) {
            prop_assert!(error.offset <= text.len());
        }
    }
}
