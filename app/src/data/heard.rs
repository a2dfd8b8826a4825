//! What the table says of the sound of a row.

use super::{rows::Rows, trouble::Trouble};
use crate::ui::duration;

/// What is known of the sound of a row, in words.
pub(super) struct Heard {
    pub(super) here: bool,
    pub(super) wrong: bool,
    pub(super) length: String,
    pub(super) sound: String,
}

impl Heard {
    pub(super) fn of(rows: Rows, at: usize) -> Self {
        let known = rows.known(at);
        let found = known
            .as_ref()
            .and_then(|known| known.found.as_ref()?.as_ref().ok());
        let (start, end) = rows.stretch(at);
        let length = end
            .or(found.map(|found| found.seconds))
            .map(|end| end - start);
        let troubles = rows.troubles(at);
        let word = |trouble: &Trouble| match trouble {
            Trouble::Resampled => found.map_or(String::new(), |found| {
                format!("{} kHz", f64::from(found.rate) / 1000.0)
            }),
            Trouble::Mixed => "→ mono".to_owned(),
            trouble if trouble.is_wrong() => format!("▲ {}", trouble.word()),
            trouble => trouble.word().to_owned(),
        };
        Self {
            here: known.is_some(),
            wrong: troubles.iter().any(|trouble| trouble.is_wrong()),
            length: match length {
                Some(seconds) if seconds < 60.0 => format!("{seconds:.2} s"),
                Some(seconds) => duration(seconds),
                None => String::new(),
            },
            sound: troubles.iter().map(word).collect::<Vec<_>>().join(" · "),
        }
    }
}
