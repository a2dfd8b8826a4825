//! `<db>.split_strategy` with the keys that it needs.

use super::{
    Checker,
    slot::Slot,
    tables::COLUMN,
    value::{Wrong, texts},
};
use crate::config::{SplitStrategy, diagnostics::Code, ini::fold, keys};
use std::collections::BTreeSet;

/// Keys that belong to some strategies only.
const SIZES: &[&str] = &["test_size", "dev_size"];
const SPEAKERS: &[&str] = &["train", "dev", "test"];

impl Checker<'_> {
    pub(super) fn split(&mut self, db: &str, traindevtest: bool) -> SplitStrategy {
        let slot = self.database_slot(db, "split_strategy");
        let read = |text: &str| -> Result<Strategy, Wrong> {
            if text.starts_with(['[', '(', '{']) {
                return Ok(Strategy::List(texts(text)?));
            }
            if text.eq_ignore_ascii_case("reuse") {
                return Err(Wrong {
                    code: Code::UnknownValue,
                    message: "`reuse` is no split: a split is kept, and used again by itself as long as nothing that \
                              it was made from has changed; write the strategy that makes it"
                        .to_owned(),
                    better: None,
                });
            }
            let choices =
                keys::row("DATA", "<db>.split_strategy").map_or(&[][..], |row| row.choices);
            let known = choices.iter().find(|word| word.eq_ignore_ascii_case(text));
            known
                .map(|word| Strategy::Word(word))
                .ok_or_else(|| Wrong::choice(text, choices))
        };
        let strategy = self
            .parsed(&slot, read)
            .unwrap_or(Strategy::Word("speaker_split"));
        let word = match strategy {
            Strategy::List(speakers) => {
                self.idle(
                    db,
                    &[SIZES, SPEAKERS, COLUMN].concat(),
                    "a list of speakers",
                );
                return SplitStrategy::Speakers {
                    train: None,
                    dev: None,
                    test: Some(speakers),
                };
            }
            Strategy::Word(word) => word,
        };
        if word != "column" {
            self.idle(db, COLUMN, word);
        }
        match word {
            "speaker_split" | "random" => {
                self.idle(db, SPEAKERS, word);
                let (test_percent, dev_percent) = self.sizes(db, traindevtest);
                if word == "random" {
                    SplitStrategy::Random {
                        test_percent,
                        dev_percent,
                    }
                } else {
                    SplitStrategy::SpeakerSplit {
                        test_percent,
                        dev_percent,
                    }
                }
            }
            "balanced" => {
                self.idle(db, SPEAKERS, word);
                let sizes = self.sizes(db, traindevtest);
                self.balanced(db, sizes)
            }
            "train" => self.whole(db, word, SplitStrategy::Train),
            "dev" => self.whole(db, word, SplitStrategy::Dev),
            "test" => self.whole(db, word, SplitStrategy::Test),
            "speakers_stated" => {
                self.idle(db, SIZES, word);
                self.speakers(db)
            }
            "database" => self.whole(db, word, SplitStrategy::Database),
            "column" => {
                self.idle(db, &[SIZES, SPEAKERS].concat(), word);
                self.column_split(db)
            }
            // The checked words are those of `STRATEGIES`.
            _ => self.whole(db, word, SplitStrategy::Specified),
        }
    }

    fn whole(&mut self, db: &str, word: &str, strategy: SplitStrategy) -> SplitStrategy {
        self.idle(db, &[SIZES, SPEAKERS].concat(), word);
        strategy
    }

    /// Percentages of test and dev.
    fn sizes(&mut self, db: &str, traindevtest: bool) -> (f64, f64) {
        let (test, dev) = (
            self.database_slot(db, "test_size"),
            self.database_slot(db, "dev_size"),
        );
        let (test_percent, dev_percent) = (
            self.number(&test).unwrap_or_default(),
            self.number(&dev).unwrap_or_default(),
        );
        self.percent(&test.name, test.span(), test_percent);
        self.percent(&dev.name, dev.span(), dev_percent);
        let place = dev.span().or(test.span());
        if let Some(span) = place.filter(|_| traindevtest && test_percent + dev_percent >= 100.0) {
            let message = format!(
                "{test_percent} % for test and {dev_percent} % for dev leave nothing for train"
            );
            self.error(Code::SplitParts, span, message);
        }
        if let Some(span) = dev.span().filter(|_| !traindevtest && self.finetune) {
            let message = format!("`{db}.dev_size` counts only with `traindevtest = True`");
            let edit = self.document.setting("EXP", "traindevtest", "True");
            self.warn(Code::NoEffect, span, message)
                .fix("set it in [EXP]", vec![edit]);
        }
        (test_percent, dev_percent)
    }

    /// Lists of speakers; none may stand in two.
    fn speakers(&mut self, db: &str) -> SplitStrategy {
        let slots = SPEAKERS
            .iter()
            .map(|part| self.part_slot(db, part))
            .collect::<Vec<_>>();
        let lists: Vec<Option<Vec<String>>> = slots.iter().map(|slot| self.texts(slot)).collect();
        self.disjoint(db, "speaker", &slots, &lists);
        if lists.iter().all(Option::is_none) {
            let span = self
                .database_slot(db, "split_strategy")
                .span()
                .unwrap_or_default();
            let message = format!(
                "`speakers_stated` wants `{db}.test`, `{db}.dev` or `{db}.train`, a list of speakers"
            );
            let edit = self
                .document
                .setting("DATA", &format!("{db}.test"), "['speaker']");
            self.error(Code::MissingKey, span, message)
                .fix(format!("add `{db}.test`"), vec![edit]);
        }
        let mut lists = lists.into_iter();
        let mut next = || lists.next().flatten();
        SplitStrategy::Speakers {
            train: next(),
            dev: next(),
            test: next(),
        }
    }

    /// `key` of the database `db`, unless that is the path of a database of this name.
    fn part_slot(&self, db: &str, key: &str) -> Slot {
        let mut slot = self.database_slot(db, key);
        let names = self.peek_list("DATA", "databases");
        if names.iter().any(|name| fold(name) == fold(&slot.name)) {
            slot.found = None;
        }
        slot
    }

    /// Reports what stands in the lists of two parts; `what` is what the lists are of.
    pub(super) fn disjoint(
        &mut self,
        db: &str,
        what: &str,
        slots: &[Slot],
        lists: &[Option<Vec<String>>],
    ) {
        let mut seen = BTreeSet::new();
        for (slot, list) in slots.iter().zip(lists) {
            let Some((list, span)) = list.as_ref().zip(slot.span()) else {
                continue;
            };
            let own: BTreeSet<&String> = list.iter().collect();
            if let Some(twice) = own.iter().find(|entry| seen.contains(**entry)) {
                let message = format!("the {what} `{twice}` of `{db}` stands in two parts");
                self.error(Code::SplitParts, span, message);
            }
            seen.extend(own);
        }
    }

    /// Keys of other strategies do nothing.
    fn idle(&mut self, db: &str, keys: &[&str], strategy: &str) {
        for key in keys {
            let slot = self.part_slot(db, key);
            if let Some(found) = slot.found.filter(|_| self.finetune) {
                let message = format!("`{db}.{key}` has no effect with the split `{strategy}`");
                self.warn(Code::NoEffect, found.key_span, message);
            }
        }
    }
}

/// What a split is written as.
enum Strategy {
    Word(&'static str),
    /// Speakers of the test part.
    List(Vec<String>),
}
