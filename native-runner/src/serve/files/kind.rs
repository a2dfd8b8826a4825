//! What a dataset seems to be, and the lines of an INI that use it.

use super::{dataset::Shelf, sight::DATASET};
use shared::data::{self, Guess};
use std::io::Read;

/// Longest first line of a table.
const HEADER: u64 = 64 << 10;

/// What the dataset `id`, which people call `name`, seems to be.
pub(super) fn guess(id: &str, name: &str, shelf: &Shelf) -> Guess {
    let files: Vec<&str> = shelf.list().files.keys().map(String::as_str).collect();
    data::guess(name, &files, &|place| path(id, place), &mut |table| {
        let mut head = Vec::new();
        let file = shelf.open_file(table).ok()?;
        file.take(HEADER).read_to_end(&mut head).ok()?;
        Some(head)
    })
}

/// How an INI reaches a place of the dataset.
pub(super) fn path(id: &str, place: &str) -> String {
    if place.is_empty() {
        format!("{DATASET}{id}")
    } else {
        format!("{DATASET}{id}/{place}")
    }
}
