//! What loading has asked of files and folders, and what they answered.

use crate::files::{Files, ReadSeek};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    io,
    sync::{Mutex, PoisonError},
};

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Question {
    /// The state of a file.
    File(String),
    /// All that stands in a file.
    Content(String),
    /// Whether it is a folder.
    Folder(String),
    /// What stands in a folder.
    Names(String),
}

impl Question {
    /// Kind and path.
    pub(super) fn words(&self) -> (&'static str, &str) {
        match self {
            Self::File(path) => ("file", path),
            Self::Content(path) => ("content", path),
            Self::Folder(path) => ("folder", path),
            Self::Names(path) => ("names", path),
        }
    }

    /// The answer that `files` give now. What cannot be read has an answer, too, so that a file that
    /// comes back is noticed.
    pub(super) fn ask(&self, files: &dyn Files) -> String {
        match self {
            Self::File(path) => said(files.mark(path)),
            Self::Content(path) => content(&files.read(path)),
            Self::Folder(path) => files.is_folder(path).to_string(),
            Self::Names(path) => names(&files.list(path)),
        }
    }
}

fn said(answer: io::Result<String>) -> String {
    answer.unwrap_or_else(|error| format!("{:?}", error.kind()))
}

fn content(answer: &io::Result<Vec<u8>>) -> String {
    match answer {
        Ok(bytes) => super::hex(Sha256::digest(bytes)),
        Err(error) => format!("{:?}", error.kind()),
    }
}

fn names(answer: &io::Result<Vec<String>>) -> String {
    match answer {
        // No name has such a character.
        Ok(names) => names.join("\0"),
        Err(error) => format!("{:?}", error.kind()),
    }
}

/// Files that remember what they were asked.
pub(super) struct Watched<'a> {
    files: &'a dyn Files,
    answers: Mutex<BTreeMap<Question, String>>,
}

impl<'a> Watched<'a> {
    pub(super) fn new(files: &'a dyn Files) -> Self {
        Self {
            files,
            answers: Mutex::default(),
        }
    }

    /// Everything that was asked, with the first answer.
    pub(super) fn into_answers(self) -> BTreeMap<Question, String> {
        self.answers
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, question: Question, answer: impl FnOnce(&Question) -> String) {
        let answers = || self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers().contains_key(&question) {
            return;
        }
        let answer = answer(&question);
        answers().entry(question).or_insert(answer);
    }

    /// Before the file is looked at: one that changes meanwhile is another one the next time.
    fn note_file(&self, path: &str) {
        self.note(Question::File(path.to_owned()), |one| one.ask(self.files));
    }
}

impl Files for Watched<'_> {
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        self.note_file(path);
        self.files.open(path)
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        self.note_file(path);
        self.files.size(path)
    }

    fn is_folder(&self, path: &str) -> bool {
        let answer = self.files.is_folder(path);
        self.note(Question::Folder(path.to_owned()), |_| answer.to_string());
        answer
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let answer = self.files.list(path);
        self.note(Question::Names(path.to_owned()), |_| names(&answer));
        answer
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let answer = self.files.read(path);
        self.note(Question::Content(path.to_owned()), |_| content(&answer));
        answer
    }

    fn mark(&self, path: &str) -> io::Result<String> {
        self.note_file(path);
        self.files.mark(path)
    }
}
