//! Class names to indices.

use crate::data::{
    DataError, Part,
    drops::{DropReason, Drops},
    parts::Parts,
    row::Row,
};
use std::collections::BTreeSet;

/// The class names of the train part, sorted by code point as scikit-learn's `LabelEncoder` sorts
/// texts; the position is the class's index.
///
/// # Errors
/// There is only one; `dropped` says what became of other rows.
pub(in crate::data) fn classes(train: &[Row], dropped: &str) -> Result<Vec<String>, DataError> {
    let names: BTreeSet<&String> = train.iter().filter_map(|row| row.label.as_ref()).collect();
    let names: Vec<String> = names.into_iter().cloned().collect();
    match names.as_slice() {
        [class] => Err(DataError::OneClass {
            class: class.clone(),
            dropped: if dropped.is_empty() {
                String::new()
            } else {
                format!("; these rows were dropped: {dropped}")
            },
        }),
        _ => Ok(names),
    }
}

/// Drops rows of dev and test whose class the model cannot know, and says which classes a part lacks.
pub(in crate::data) fn drop_unseen(
    parts: &mut Parts<Vec<Row>>,
    classes: &[String],
    drops: &mut Drops,
    warnings: &mut Vec<String>,
) {
    for part in [Part::Dev, Part::Test] {
        let rows = parts.get_mut(part);
        drops.sift(rows, Some(part), |row| {
            let label = row.label.as_deref().unwrap_or_default();
            let known = classes.iter().any(|class| class == label);
            if known {
                Ok(())
            } else {
                Err((DropReason::UnseenLabel, format!("`{label}`")))
            }
        });
        let seen: BTreeSet<&str> = rows.iter().filter_map(|row| row.label.as_deref()).collect();
        let absent: Vec<&str> = classes
            .iter()
            .map(String::as_str)
            .filter(|class| !seen.contains(class))
            .collect();
        if !rows.is_empty() && !absent.is_empty() {
            warnings.push(format!(
                "the {} part has no rows of: {}",
                part.word(),
                absent.join(", ")
            ));
        }
    }
}
