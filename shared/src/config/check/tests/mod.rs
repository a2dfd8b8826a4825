//! What is said about texts, and what becomes of them.

mod corpus;
mod experiment;
mod findings;
mod fixes;
mod properties;

use super::{Checked, Mode, check_in};
use crate::{config::diagnostics::render, files::Memory};

/// An experiment about which there is nothing to say but where its dev part comes from.
const BASE: &str = "\
[EXP]
root = ./results/
name = demo
[DATA]
databases = ['d']
d = d.csv
d.type = csv
target = emotion
[FEATS]
type = []
[MODEL]
type = finetune
[FINETUNE]
pretrained_model = model
";

/// The files of [`BASE`].
fn files() -> Memory {
    let mut files = Memory::default();
    files.insert("d.csv", *b"file,emotion\n");
    files.insert("model/config.json", *br#"{"num_hidden_layers": 12}"#);
    files.insert("beside/e.csv", *b"file,emotion\n");
    files.insert("corpus/db.yaml", *b"name: corpus\ntables: {}\n");
    files.insert("roots.ini", *b"[DATA]\ne = d.csv\ne.type = csv\n");
    let keys =
        b"[DEFAULT]\ne.limit = 3\n[DATA]\ne = d.csv\ne.type = csv\ne.tset_size = 3\ne.label = 5%\n\
        other.limit = 3\n";
    files.insert("keys.ini", *keys);
    files.insert("broken.ini", *b"[DATA]\nbad\n");
    files.insert("latin.ini", *b"[DATA]\n# \xe4\n");
    files
}

/// Checks `text` with the INI in the folder `beside`.
fn checked(text: &str, mode: Mode) -> Checked {
    check_in(text, "beside", &files(), mode)
}

/// [`BASE`] with lines added to sections: `SECTION key = value`. A key that is there is replaced.
fn with(lines: &[&str]) -> String {
    let mut document = super::Document::parse(BASE);
    for line in lines {
        let (section, entry) = line.split_once(' ').unwrap();
        let (key, value) = entry.split_once('=').unwrap();
        document.set(section, key.trim(), value).unwrap();
    }
    document.text().to_owned()
}

/// As [`with`], with an audformat folder for the database.
fn audformat(lines: &[&str]) -> String {
    with(lines).replace("d = d.csv\nd.type = csv\n", "d = corpus\n")
}

/// What a terminal shows.
fn shown(text: &str, mode: Mode) -> String {
    render(text, "exp.ini", &checked(text, mode).diagnostics)
}
