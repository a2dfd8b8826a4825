//! Times as pandas writes a column of them into CSV.

const NANOSECONDS: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * NANOSECONDS;

/// A column of times in seconds as pandas 3 writes it: `0 days` where all are whole days, else
/// `0 days 00:00:01.500000` with 0, 6 or 9 decimals, as many as any of the column needs. What is
/// `None` or not finite is empty.
pub(super) fn column(seconds: &[Option<f64>]) -> Vec<String> {
    let times: Vec<Option<i128>> = seconds
        .iter()
        .map(|&seconds| {
            let nanoseconds = seconds? * NANOSECONDS as f64;
            nanoseconds.is_finite().then(|| nanoseconds.round() as i128)
        })
        .collect();
    let all = |unit: i128| times.iter().flatten().all(|time| time % unit == 0);
    let decimals = if all(NANOSECONDS) {
        0
    } else if all(1000) {
        6
    } else {
        9
    };
    let whole_days = all(DAY);
    times
        .iter()
        .map(|time| match time {
            None => String::new(),
            Some(time) if whole_days => format!("{} days", time / DAY),
            Some(time) => one(*time, decimals),
        })
        .collect()
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
