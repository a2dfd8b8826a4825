//! The table of all keys: the checker, the documentation and an editor's completion go by it.

mod data;
mod exp;
mod finetune;
mod key;
mod others;
mod render;
#[cfg(test)]
mod tests;

pub use key::{Key, Kind, Range, Status};
pub use render::{json, markdown, nearest, text};

/// All keys, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Key> {
    [
        exp::EXP,
        data::DATA,
        data::DATABASE,
        finetune::FINETUNE,
        finetune::MODEL,
        exp::PLOT,
        others::FEATS,
        others::OTHERS,
    ]
    .into_iter()
    .flatten()
}

/// The sections of the table, in its order.
#[must_use]
pub fn sections() -> Vec<&'static str> {
    let mut sections = vec!["EXP", "DATA", "FEATS", "MODEL", "FINETUNE", "PLOT"];
    for key in all() {
        if !sections.contains(&key.section) {
            sections.push(key.section);
        }
    }
    sections
}

/// The row of the table with exactly this section and name.
///
/// A test asserts that every name the checker asks for is in the table.
#[must_use]
pub fn row(section: &str, name: &str) -> Option<&'static Key> {
    all().find(|key| key.section == section && key.name == name)
}

/// The row that `name` (in lower case) of `section` is, with what stands for its pattern.
///
/// Plain names come before patterns. Keys of `FINETUNE` are found in `MODEL` too.
#[must_use]
pub fn find<'n>(section: &str, name: &'n str) -> Option<(&'static Key, &'n str)> {
    let here =
        |key: &&Key| key.section == section || (section == "MODEL" && key.section == "FINETUNE");
    let plain = all()
        .filter(here)
        .filter(|key| !key.is_pattern())
        .find(|key| key.matches(name));
    let mut patterns = all()
        .filter(here)
        .filter(|key| key.is_pattern() && key.name != "<db>");
    plain
        .map(|key| (key, ""))
        .or_else(|| patterns.find_map(|key| Some((key, key.capture(name)?))))
}
