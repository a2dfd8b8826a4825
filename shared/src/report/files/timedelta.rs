//! Times as pandas writes a column of them into CSV.

use serde::{Deserialize, Serialize};

const NANOSECONDS: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * NANOSECONDS;

/// How times of a column are written: all alike, with as many digits as any of them needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Times {
    /// `1 days`.
    Days,
    /// `0 days 00:00:01.500000`, with so many decimals.
    Decimals(usize),
}

impl Times {
    /// The way in which pandas 3 writes a column of these seconds: `0 days` where all are whole days,
    /// else `0 days 00:00:01.500000` with 0, 6 or 9 decimals, as many as any of the column needs.
    pub(super) fn of(seconds: &[Option<f64>]) -> Self {
        let times: Vec<i128> = seconds
            .iter()
            .filter_map(|time| nanoseconds(*time))
            .collect();
        let all = |unit: i128| times.iter().all(|time| time % unit == 0);
        if all(DAY) {
            Self::Days
        } else if all(NANOSECONDS) {
            Self::Decimals(0)
        } else if all(1000) {
            Self::Decimals(6)
        } else {
            Self::Decimals(9)
        }
    }

    /// One time; what is `None` or not finite is empty.
    pub(super) fn text(self, seconds: Option<f64>) -> String {
        match (nanoseconds(seconds), self) {
            (None, _) => String::new(),
            (Some(time), Self::Days) if time % DAY == 0 => format!("{} days", time / DAY),
            (Some(time), Self::Days) => one(time, 9),
            (Some(time), Self::Decimals(decimals)) => one(time, decimals),
        }
    }
}

/// Whole nanoseconds of a finite time.
fn nanoseconds(seconds: Option<f64>) -> Option<i128> {
    let nanoseconds = seconds? * NANOSECONDS as f64;
    nanoseconds.is_finite().then(|| nanoseconds.round() as i128)
}

fn one(time: i128, decimals: usize) -> String {
    let (days, rest) = (time.div_euclid(DAY), time.rem_euclid(DAY));
    let (seconds, fraction) = (rest / NANOSECONDS, rest % NANOSECONDS);
    let sign = if days < 0 { "+" } else { "" };
    let mut text = format!(
        "{days} days {sign}{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    if decimals > 0 {
        let digits = format!("{fraction:09}");
        text += ".";
        text += &digits[..decimals];
    }
    text
}
