//! `--set SECTION.KEY=VALUE`

use super::{
    ini::{Document, EditError, fold},
    keys,
};

/// Why an override cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverrideError {
    /// Not of the right form.
    #[error("`--set {0}`: write it as SECTION.KEY=VALUE, for instance --set FINETUNE.batch_size=4")]
    Form(String),
    /// It cannot be written into an INI.
    #[error("`--set {text}`: {source}")]
    Edit {
        /// The override.
        text: String,
        /// What is wrong with it.
        source: EditError,
    },
}

/// `text` with each `SECTION.KEY=VALUE` set; the value is written as it would stand in the file.
///
/// The first dot ends the section, so a key may hold further dots. A key of fine-tuning is taken
/// out of the other one of `[FINETUNE]` and `[MODEL]`, so that an override always acts.
///
/// # Errors
/// See [`OverrideError`].
pub fn apply_overrides(text: &str, overrides: &[String]) -> Result<String, OverrideError> {
    let mut document = Document::parse(text);
    for given in overrides {
        let form = || OverrideError::Form(given.clone());
        let (name, value) = given.split_once('=').ok_or_else(form)?;
        let (section, key) = name.split_once('.').ok_or_else(form)?;
        let (mut section, key) = (section.trim(), key.trim());
        let tuning = ["FINETUNE", "MODEL"].contains(&section) && is_tuning(key);
        // A new [FINETUNE] would change the layout, and with it the default of `drop`.
        if tuning && document.section("FINETUNE").is_none() && document.section("MODEL").is_some() {
            section = "MODEL";
        }
        let edit = |source| OverrideError::Edit {
            text: given.clone(),
            source,
        };
        for (section, key) in if tuning {
            shadowing(section, key)
        } else {
            Vec::new()
        } {
            if document
                .section(section)
                .and_then(|own| own.entry(key))
                .is_some()
            {
                document.remove(section, key).map_err(edit)?;
            }
        }
        document.set(section, key, value).map_err(edit)?;
    }
    Ok(document.text().to_owned())
}

/// Whether `key` is read from `[FINETUNE]` and `[MODEL]`.
fn is_tuning(key: &str) -> bool {
    keys::row("FINETUNE", &fold(key)).is_some()
}

/// The other places that the same key of fine-tuning is read from.
fn shadowing<'k>(section: &str, key: &'k str) -> Vec<(&'static str, &'k str)> {
    let names: &[&'k str] = match fold(key).as_str() {
        "duration" | "max_duration" => &["duration", "max_duration"],
        _ => &[key],
    };
    let places = ["FINETUNE", "MODEL"]
        .into_iter()
        .flat_map(|other| names.iter().map(move |&name| (other, name)));
    places
        .filter(|&(other, name)| other != section || fold(name) != fold(key))
        .collect()
}
