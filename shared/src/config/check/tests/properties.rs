//! Nothing that is typed makes the check panic.

use super::{BASE, Mode, checked, shown};
use crate::config::keys;
use proptest::prelude::*;

/// A value of any kind, right and wrong.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?[0-9]{1,3}(\\.[0-9]{1,3})?(e-?[0-9]{1,3})?",
        "True|False|none|csv|random|1-ccc|mse|train|speakers_stated|d\\.csv",
        "\\[('[a-d]',? ?){0,4}\\]",
        "\\{('[a-d]': ?('[a-d]'|\\{'x': 'y'\\}),? ?){0,3}\\}",
        "\\PC{0,12}",
    ]
}

/// A key of the table in its section, patterns filled in.
fn line() -> impl Strategy<Value = (String, String, String)> {
    (any::<prop::sample::Index>(), value()).prop_map(|(pick, value)| {
        let all: Vec<_> = keys::all().collect();
        let key = pick.get(&all);
        let name = key
            .name
            .replace("<db>", "d")
            .replace("<column>", "c")
            .replace("<extractor>", "e")
            .replace('*', "x");
        (key.section.to_owned(), name, value)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn an_experiment_with_any_keys(lines in prop::collection::vec(line(), 0..8), run in any::<bool>()) {
        let mut document = super::super::Document::parse(BASE);
        for (section, key, value) in &lines {
            // Some values cannot be written; the others are enough.
            let _ = document.set(section, key, value);
        }
        let mode = if run { Mode::Run } else { Mode::Data };
        let checked = checked(document.text(), mode);
        prop_assert_eq!(checked.experiment.is_none(), checked.has_errors());
        shown(document.text(), mode);
        for fix in checked.diagnostics.iter().filter_map(|finding| finding.fix.as_ref()) {
            let _ = checked.document.apply(&fix.edits);
        }
        // Not into values: JSON's numbers have no end, and those of this program have.
        let json = checked.to_json();
        prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(&json).is_ok());
    }

    #[test]
    fn any_text(text in "\\PC*|[\\[\\]A-Za-e=:%()s#;'\n\r \t]{0,80}") {
        let checked = checked(&text, Mode::Text);
        prop_assert!(checked.has_errors());
        shown(&text, Mode::Text);
    }
}
