//! Times of tables: seconds, or what pandas makes and reads as a `Timedelta`.

/// Nanoseconds in a second.
const SECOND: i128 = 1_000_000_000;

/// Reads a time: a plain number is seconds (as in audformat); everything else is as
/// `pandas.to_timedelta` has it, for instance `0 days 00:00:01.5`, `1:02:03`, `1.5s`, `500 ms`,
/// `1 day, 00:00:01`, `PT1.5S`. Finer than a nanosecond is cut off. `None` is not a time.
#[must_use]
pub fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return number.is_finite().then_some(number);
    }
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let nanoseconds = match rest.strip_prefix('P') {
        Some(iso) => iso_duration(iso)?,
        None => words(rest, negative)?,
    };
    let signed = if negative { -nanoseconds } else { nanoseconds };
    Some(signed as f64 / SECOND as f64)
}

/// `1 days 02:03:04.5`, `1 min 30 s`. After `-1 days`, `+` begins a part that is not negated.
fn words(text: &str, negative: bool) -> Option<i128> {
    let mut rest = text.trim_start();
    let mut total = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let mut sign = 1;
        if let Some(after) = rest.strip_prefix('+') {
            sign = if negative { -1 } else { 1 };
            rest = after.trim_start();
        }
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        if number.contains(':') {
            total += sign * clock(number)?;
            rest = after.trim_start();
            continue;
        }
        let after = after.trim_start();
        let end = after
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(after.len());
        total += sign * scaled(number, unit(&after[..end])?)?;
        rest = after[end..].trim_start_matches([',', ' ']);
    }
    Some(total)
}

/// `hh:mm:ss` with a fraction of the last; hours may have any number of digits.
fn clock(text: &str) -> Option<i128> {
    let mut fields = text.split(':');
    let (hours, minutes, seconds) = (fields.next()?, fields.next()?, fields.next()?);
    if fields.next().is_some() {
        return None;
    }
    let whole = |field: &str| field.parse::<u32>().ok().map(i128::from);
    Some((whole(hours)? * 3600 + whole(minutes)? * 60) * SECOND + scaled(seconds, SECOND)?)
}

/// ISO 8601 after the `P`: weeks, days, and after `T` hours, minutes and seconds.
fn iso_duration(text: &str) -> Option<i128> {
    let mut total = 0;
    let mut time = false;
    let mut rest = text;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        if let (false, Some(after)) = (time, rest.strip_prefix('T')) {
            time = true;
            rest = after;
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let scale = match (time, rest.as_bytes()[end]) {
            (false, b'W') => 604_800,
            (false, b'D') => 86_400,
            (true, b'H') => 3600,
            (true, b'M') => 60,
            (true, b'S') => 1,
            _ => return None,
        };
        total += scaled(&rest[..end], scale * SECOND)?;
        rest = &rest[end + 1..];
    }
    Some(total)
}

/// Nanoseconds of `number` units of `scale` nanoseconds.
fn scaled(number: &str, scale: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || whole.len() > 12 {
        return None;
    }
    let whole: i128 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let digits = &fraction[..fraction.len().min(15)];
    let part: i128 = if digits.is_empty() {
        0
    } else {
        digits.parse().ok()?
    };
    Some(whole * scale + part * scale / 10_i128.pow(u32::try_from(digits.len()).ok()?))
}

/// Nanoseconds of a unit by its pandas name. Months and years have no fixed length.
fn unit(name: &str) -> Option<i128> {
    Some(match name {
        "W" | "w" => 604_800 * SECOND,
        "D" | "d" | "day" | "days" => 86_400 * SECOND,
        "H" | "h" | "hr" | "hour" | "hours" => 3600 * SECOND,
        "T" | "m" | "min" | "minute" | "minutes" => 60 * SECOND,
        "S" | "s" | "sec" | "second" | "seconds" => SECOND,
        "L" | "ms" | "milli" | "millis" | "millisecond" | "milliseconds" => 1_000_000,
        "U" | "us" | "µs" | "micro" | "micros" | "microsecond" | "microseconds" => 1000,
        "N" | "ns" | "nano" | "nanos" | "nanosecond" | "nanoseconds" => 1,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::seconds;

    /// Values of `pandas.to_timedelta(text).value` (3.1.1) in nanoseconds.
    #[test]
    fn reads_what_pandas_reads() {
        for (text, nanoseconds) in [
            ("0 days 00:00:01.5", 1_500_000_000_i64),
            ("0 days 00:00:01.500000", 1_500_000_000),
            ("0 days", 0),
            ("1 days 02:03:04.000000005", 93_784_000_000_005),
            ("00:00:01", 1_000_000_000),
            ("-1 days +23:59:59", -1_000_000_000),
            ("1.5s", 1_500_000_000),
            ("500ms", 500_000_000),
            ("1 min 30 s", 90_000_000_000),
            ("PT1.5S", 1_500_000_000),
            ("P0DT0H0M1.5S", 1_500_000_000),
            ("P1DT2H", 93_600_000_000_000),
            ("1h2m3s", 3_723_000_000_000),
            ("2 W", 1_209_600_000_000_000),
            ("-00:00:01", -1_000_000_000),
            ("0 days 00:00:01.123456789", 1_123_456_789),
            ("0 days 00:00:01.1234567899", 1_123_456_789),
            ("1 day, 00:00:01", 86_401_000_000_000),
            ("3m", 180_000_000_000),
            ("1 days 1.5s", 86_401_500_000_000),
            ("1.5 sec", 1_500_000_000),
            ("10 us", 10_000),
            ("10 µs", 10_000),
            ("+1s", 1_000_000_000),
            (" 1 s ", 1_000_000_000),
            ("1:2:3", 3_723_000_000_000),
            ("100:00:00", 360_000_000_000_000),
            ("0:0:1.5", 1_500_000_000),
        ] {
            assert_eq!(seconds(text), Some(nanoseconds as f64 / 1e9), "{text}");
        }
    }

    #[test]
    fn numbers_are_seconds() {
        assert_eq!(seconds("1.25"), Some(1.25));
        assert_eq!(seconds(" 3 "), Some(3.0));
        assert_eq!(seconds("1e-3"), Some(0.001));
    }

    #[test]
    fn refuses_what_is_not_a_time() {
        for text in [
            "",
            "  ",
            "-",
            "00:01",
            "1 s 1",
            "3M",
            "1e3x",
            "abc",
            "1:2:3:4",
            "inf",
            "nan",
            "P",
            "1 day x",
            "::",
            "9999999999999999 s",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[-+PTDHMS0-9.: a-zµ,]{0,24}") {
            let _ = seconds(&text);
        }

        #[test]
        fn clock_times_come_back(nanoseconds in 0_u64..200_000_000_000_000) {
            let (rest, fraction) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
            let (days, rest) = (rest / 86_400, rest % 86_400);
            let text = format!("{days} days {:02}:{:02}:{:02}.{fraction:09}", rest / 3600, rest / 60 % 60, rest % 60);
            proptest::prop_assert_eq!(seconds(&text), Some(nanoseconds as f64 / 1e9));
        }
    }
}
