//! Completion of sections, keys and values.

use super::place::{Place, databases, place, row};
use crate::config::{
    ini::Document,
    keys::{self, Key, Kind, Status},
    span::Span,
};
use serde::Serialize;

/// Something that could stand there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// What it is called.
    pub label: String,
    /// A few words beside it, for instance the default.
    pub detail: String,
    /// What it does, in a sentence.
    pub info: String,
    /// `section`, `key` or `value`.
    pub kind: &'static str,
    /// What is written.
    pub insert: String,
    /// How far up it belongs: the usual ones have more.
    pub boost: i32,
}

/// What can stand at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The stretch that an offer replaces.
    pub span: Span,
    /// What there is to choose, in the table's order.
    pub offers: Vec<Offer>,
}

/// Models that are often fine-tuned, for `pretrained_model`.
const MODELS: &[(&str, &str)] = &[
    (
        "facebook/wav2vec2-base",
        "wav2vec 2.0, 95 million parameters",
    ),
    (
        "facebook/wav2vec2-base-960h",
        "wav2vec 2.0, tuned to recognise read English",
    ),
    (
        "facebook/wav2vec2-large-robust",
        "wav2vec 2.0, 316 million parameters, many kinds of recordings",
    ),
    (
        "facebook/wav2vec2-large-robust-ft-swbd-300h",
        "the default: also tuned to telephone speech",
    ),
    (
        "facebook/wav2vec2-large-xlsr-53",
        "wav2vec 2.0, 53 languages",
    ),
    (
        "facebook/hubert-base-ls960",
        "HuBERT, 95 million parameters",
    ),
    (
        "facebook/hubert-large-ll60k",
        "HuBERT, 316 million parameters",
    ),
    ("microsoft/wavlm-base", "WavLM, 95 million parameters"),
    (
        "microsoft/wavlm-base-plus",
        "WavLM, the same size, more data",
    ),
    ("microsoft/wavlm-large", "WavLM, 316 million parameters"),
];

/// Models that are often fine-tuned, each with a few words.
#[must_use]
pub fn models() -> &'static [(&'static str, &'static str)] {
    MODELS
}

/// What can stand at byte `at` of `text`; `None` where nothing is known.
#[must_use]
pub fn complete(text: &str, at: usize) -> Option<Completion> {
    let (span, offers) = match place(text, at) {
        Place::Header(span) => (span, sections(text, span)),
        Place::Key { section, span } => {
            let document = Document::parse(text);
            (span, keys_of(&document, section, span))
        }
        Place::Value { section, key, span } => {
            let document = Document::parse(text);
            let key = row(section, key, &databases(&document))?;
            (word(text, span, at), values(key))
        }
        Place::Nothing => return None,
    };
    (!offers.is_empty()).then_some(Completion { span, offers })
}

fn sections(text: &str, span: Span) -> Vec<Offer> {
    let document = Document::parse(text);
    let close = if text[span.end..].starts_with(']') {
        ""
    } else {
        "]"
    };
    let free = |name: &&str| {
        let there = document.section(name);
        there.is_none_or(|section| section.name_span.start == span.start)
    };
    let usual = keys::sections().into_iter().filter(|name| {
        let acts = keys::all().any(|key| key.section == *name && key.status == Status::Acts);
        acts || *name == "FEATS"
    });
    let offer = |name: &str| Offer {
        label: name.to_owned(),
        detail: String::new(),
        info: super::help::section(name).to_owned(),
        kind: "section",
        insert: format!("{name}{close}"),
        boost: 0,
    };
    usual.filter(free).map(offer).collect()
}

fn keys_of(document: &Document, section: &str, span: Span) -> Vec<Offer> {
    let databases = databases(document);
    let signed = document.text()[span.end..]
        .trim_start_matches([' ', '\t'])
        .starts_with(['=', ':']);
    let mut offers = Vec::new();
    for key in keys::all() {
        let here = key.section == section || (section == "MODEL" && key.section == "FINETUNE");
        if !here || key.status == Status::OriginalOnly {
            continue;
        }
        let names = if key.name.starts_with("<db>") {
            let name = |database: &String| key.name.replacen("<db>", database, 1);
            databases.iter().map(name).collect()
        } else if key.is_pattern() {
            continue;
        } else {
            vec![key.name.to_owned()]
        };
        for name in names {
            let there = document.section(section).and_then(|own| own.entry(&name));
            if there.is_some_and(|entry| entry.key_span.start != span.start) {
                continue;
            }
            offers.push(Offer {
                detail: if key.default.is_empty() {
                    key.kind.word().to_owned()
                } else {
                    key.default.to_owned()
                },
                info: info(key),
                kind: "key",
                insert: if signed {
                    name.clone()
                } else {
                    format!("{name} = ")
                },
                boost: if key.status == Status::Acts { 1 } else { -1 },
                label: name,
            });
        }
    }
    offers
}

fn info(key: &Key) -> String {
    match key.status {
        Status::Acts => key.doc.to_owned(),
        status => format!("{} ({}.)", key.doc, status.words()),
    }
}

fn values(key: &Key) -> Vec<Offer> {
    let offer = |value: &str, detail: &str| Offer {
        label: value.to_owned(),
        detail: if value == key.default {
            "default".to_owned()
        } else {
            detail.to_owned()
        },
        info: String::new(),
        kind: "value",
        insert: value.to_owned(),
        boost: 0,
    };
    if key.name == "pretrained_model" {
        return MODELS
            .iter()
            .map(|(name, detail)| offer(name, detail))
            .collect();
    }
    if key.name == "device" {
        return ["auto", "cpu", "vulkan", "cuda"]
            .map(|name| offer(name, ""))
            .into();
    }
    if key.kind == Kind::Boolean {
        return ["True", "False"].map(|name| offer(name, "")).into();
    }
    if !key.choices.is_empty() {
        return key.choices.iter().map(|name| offer(name, "")).collect();
    }
    if key.default.is_empty() {
        return Vec::new();
    }
    vec![offer(key.default, "default")]
}

/// The word of a value that ends at `at`; a value of one word is replaced as a whole.
fn word(text: &str, value: Span, at: usize) -> Span {
    if at < value.start {
        return Span::new(at, value.end);
    }
    let before = value.start..at.min(value.end);
    let start = text[before.clone()].rfind(|c: char| c.is_whitespace() || "[]{}(),'\"".contains(c));
    let last = |at: usize| at + text[at..].chars().next().map_or(0, char::len_utf8);
    let start = start.map_or(value.start, |found| last(before.start + found));
    let rest = &text[at.min(value.end)..value.end];
    let end = rest.find(|c: char| c.is_whitespace() || "[]{}(),'\"".contains(c));
    Span::new(start, at.min(value.end) + end.unwrap_or(rest.len()))
}
