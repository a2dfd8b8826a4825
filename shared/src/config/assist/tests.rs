use super::{complete, help};
use crate::config::{Mode, check, diagnostics::Severity, span::Span};
use crate::files::Memory;

/// `|` in `text` is the caret.
fn at(text: &str) -> (String, usize) {
    let at = text.find('|').expect("a caret");
    (text.replacen('|', "", 1), at)
}

fn labels(text: &str) -> Vec<String> {
    let (text, at) = at(text);
    complete(&text, at).map_or(Vec::new(), |found| {
        found.offers.into_iter().map(|offer| offer.label).collect()
    })
}

/// The text after the first offer that is called `label` was taken.
fn taken(text: &str, label: &str) -> String {
    let (mut text, at) = at(text);
    let found = complete(&text, at).expect("offers");
    let offer = found
        .offers
        .into_iter()
        .find(|offer| offer.label == label)
        .expect("the offer");
    text.replace_range(found.span.start..found.span.end, &offer.insert);
    text
}

#[test]
fn sections_are_offered_once() {
    let there = labels("[EXP]\nname = a\n[|");
    assert!(
        there.contains(&"DATA".to_owned()) && !there.contains(&"EXP".to_owned()),
        "{there:?}"
    );
    assert_eq!(taken("[EXP]\n[DA|", "DATA"), "[EXP]\n[DATA]");
    assert_eq!(taken("[EXP]\n[DA|]", "DATA"), "[EXP]\n[DATA]");
}

#[test]
fn keys_are_those_of_the_section_that_are_not_there() {
    let there = labels("[FINETUNE]\nbatch_size = 4\nlear|\n[MODEL]\ntype = finetune\n");
    assert!(there.contains(&"learning_rate".to_owned()));
    assert!(!there.contains(&"batch_size".to_owned()) && !there.contains(&"epochs".to_owned()));
    assert_eq!(
        taken("[FINETUNE]\nlear|\n", "learning_rate"),
        "[FINETUNE]\nlearning_rate = \n"
    );
    assert_eq!(
        taken("[FINETUNE]\nlea|rn = 1\n", "learning_rate"),
        "[FINETUNE]\nlearning_rate = 1\n"
    );
    assert!(
        labels("[MODEL]\n|").contains(&"learning_rate".to_owned()),
        "keys of FINETUNE are read from MODEL"
    );
}

#[test]
fn keys_of_databases_have_their_names() {
    let there = labels("[DATA]\ndatabases = ['emodb', 'ravdess']\nemodb = ./e\n|");
    assert!(
        there.contains(&"emodb.split_strategy".to_owned()) && there.contains(&"ravdess".to_owned())
    );
    assert!(!there.contains(&"emodb".to_owned()) && !there.iter().any(|name| name.contains('<')));
}

#[test]
fn values_are_words_or_what_is_usual() {
    assert_eq!(labels("[FINETUNE]\nfreeze_cnn = |"), ["True", "False"]);
    assert!(labels("[FINETUNE]\npooling =|").contains(&"mean".to_owned()));
    assert_eq!(
        taken("[FINETUNE]\npooling = at|t\n", "mean"),
        "[FINETUNE]\npooling = mean\n"
    );
    assert_eq!(
        taken("[FINETUNE]\nbatch_size = |\n", "8"),
        "[FINETUNE]\nbatch_size = 8\n"
    );
    let strategies = labels("[DATA]\ndatabases = ['a']\na.split_strategy = sp|");
    assert!(strategies.contains(&"speaker_split".to_owned()));
    assert_eq!(labels("# a com|ment\n[EXP]\n"), Vec::<String>::new());
    assert_eq!(
        labels("[DATA]\nlabels = ['a',\n    '|b']\n"),
        Vec::<String>::new(),
        "a value goes on in the next line"
    );
}

#[test]
fn help_is_about_the_key_under_the_pointer() {
    let text = "[FINETUNE]\nlearning_rate = 0.1\n[DATA]\ndatabases = ['a']\na.type = csv\n";
    let found = help(text, text.find("0.1").expect("a value")).expect("help");
    assert_eq!(found.title, "[FINETUNE] learning_rate");
    assert!(
        found.facts.contains("above 0") && found.facts.contains("0.0001"),
        "{}",
        found.facts
    );
    let start = text.find("a.type").expect("a key");
    let found = help(text, start + 3).expect("help");
    assert_eq!(
        (found.title.as_str(), found.span),
        ("[DATA] <db>.type", Span::new(start, start + 6))
    );
    assert!(help(text, 2).is_some_and(|found| found.title == "[FINETUNE]"));
    assert_eq!(help("[EXP]\nwhat = 1\n", 8), None);
}

#[test]
fn no_place_is_out_of_bounds() {
    let text = "# ü\n[EXP]\nname = 🎤 x\n[DATA]\ndatabases = ['ä']\nä.ty = csv\nlabels = ['a',\n  # c\n  'ü']\n\n[";
    for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
        let _ = help(text, at);
        for offer in complete(text, at).into_iter().flat_map(|found| {
            assert!(text.get(found.span.start..found.span.end).is_some(), "{at}");
            found.offers
        }) {
            assert!(!offer.insert.is_empty());
        }
    }
}

#[test]
fn what_is_offered_is_no_error() {
    let text = "[EXP]\nroot = r\nname = n\n[DATA]\ndatabases = ['a']\na = ./a\n[MODEL]\ntype = finetune\n[FINETUNE]\n|";
    let (plain, at) = at(text);
    for key in complete(&plain, at).expect("offers").offers {
        let written = format!("{plain}{}", key.insert);
        for value in complete(&written, written.len()).map_or(Vec::new(), |found| found.offers) {
            let whole = format!("{written}{}\n", value.insert);
            let checked = check(&whole, &Memory::default(), Mode::Text);
            let line = whole.lines().count();
            let wrong = checked.diagnostics.iter().find(|it| {
                it.severity == Severity::Error
                    && it.start.line == line
                    && it.code.word().contains("value")
            });
            assert_eq!(wrong.map(|it| &it.message), None, "{whole}");
        }
    }
}
