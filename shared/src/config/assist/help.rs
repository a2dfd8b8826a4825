//! Help on what stands at a place.

use super::place::{Place, databases, place, row};
use crate::config::{ini::Document, keys::Status, span::Span};
use serde::Serialize;

/// What a section or a key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Help {
    /// The stretch that it is about.
    #[serde(skip)]
    pub span: Span,
    /// `[SECTION] key`.
    pub title: String,
    /// What it does.
    pub doc: String,
    /// Which values it takes, and which without being set.
    pub facts: String,
}

/// Help on what stands at byte `at`.
#[must_use]
pub fn help(text: &str, at: usize) -> Option<Help> {
    let (section, key, span) = match place(text, at) {
        Place::Header(span) => {
            let name = span.of(text);
            let doc = section(name);
            return (!doc.is_empty()).then(|| Help {
                span,
                title: format!("[{name}]"),
                doc: doc.to_owned(),
                facts: String::new(),
            });
        }
        Place::Key { section, span } => (section, span.of(text), span),
        Place::Value { section, key, span } => (section, key, span),
        Place::Nothing => return None,
    };
    let key = row(section, key, &databases(&Document::parse(text)))?;
    let mut facts = key.values();
    if !key.default.is_empty() {
        facts += &format!("; default {}", key.default);
    }
    if key.status != Status::Acts {
        facts += &format!("; {}", key.status.words());
    }
    Some(Help {
        span,
        title: format!("[{}] {}", key.section, key.name),
        doc: key.doc.to_owned(),
        facts,
    })
}

/// What a section is for; empty for one that is not known.
pub(super) fn section(name: &str) -> &'static str {
    match name {
        "EXP" => {
            "The experiment: where its results go, how long it trains, how often it is repeated."
        }
        "DATA" => {
            "The recordings: tables, labels, and how they are split into train, dev and test."
        }
        "FEATS" => "Features, which fine-tuning makes itself: `type = []`.",
        "MODEL" => "`type = finetune`, and what [FINETUNE] has, for files of Nkululeko.",
        "FINETUNE" => "The checkpoint to start from, and how it is trained.",
        "PLOT" => "What is drawn of the results.",
        "DEFAULT" => "Keys that hold in every section.",
        _ => "",
    }
}
