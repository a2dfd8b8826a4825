//! One number for a split.

use super::{Parts, row::Row};
use sha2::{Digest, Sha256};

/// SHA-256 of the sorted (part, file, start, end, label) of all rows, in hexadecimal. The file is
/// as the table names it, so that the same split has the same hash on every machine.
pub(super) fn split_hash(parts: &Parts<Vec<Row>>) -> String {
    let mut lines = Vec::new();
    for (part, rows) in parts.iter() {
        for row in rows {
            let end = row.end.map_or(String::new(), |end| end.to_string());
            let label = match (&row.label, row.value) {
                (Some(label), _) => label.clone(),
                (None, Some(value)) => value.to_string(),
                (None, None) => String::new(),
            };
            lines.push(format!(
                "{}\0{}\0{}\0{end}\0{label}\n",
                part.word(),
                row.name,
                row.start
            ));
        }
    }
    lines.sort_unstable();
    let mut hash = Sha256::new();
    lines.iter().for_each(|line| hash.update(line));
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
