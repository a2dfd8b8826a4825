//! The header `Range`.

/// What a `Range` asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All: it is not understood, which RFC 9110 lets us pass over, or asks for several stretches.
    All,
    /// From a byte up to, and without, another.
    Stretch(u64, u64),
    /// Nothing of the file.
    Outside,
}

/// Reads a `Range` of a file of `length` bytes.
pub(crate) fn wanted(range: &str, length: u64) -> Wanted {
    let Some(range) = range.trim().strip_prefix("bytes=") else {
        return Wanted::All;
    };
    let Some((first, last)) = range
        .split_once('-')
        .filter(|(_, last)| !last.contains(','))
    else {
        return Wanted::All;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (first.trim().is_empty(), last.trim().is_empty()) {
        (true, true) => Wanted::All,
        (true, false) => match number(last) {
            None => Wanted::All,
            Some(count) if count == 0 || length == 0 => Wanted::Outside,
            Some(count) => Wanted::Stretch(length.saturating_sub(count), length),
        },
        (false, open) => {
            let last = if open { Some(u64::MAX) } else { number(last) };
            match (number(first), last) {
                (Some(first), Some(last)) if first <= last && first < length => {
                    Wanted::Stretch(first, last.saturating_add(1).min(length))
                }
                (Some(first), Some(last)) if first <= last => Wanted::Outside,
                _ => Wanted::All,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Wanted::*, wanted};

    #[test]
    fn ranges_are_read_as_the_standard_has_them() {
        for (range, expected) in [
            ("bytes=0-0", Stretch(0, 1)),
            ("bytes=2-", Stretch(2, 10)),
            ("bytes=2-99", Stretch(2, 10)),
            ("bytes=-3", Stretch(7, 10)),
            ("bytes=-99", Stretch(0, 10)),
            ("bytes=10-", Outside),
            ("bytes=-0", Outside),
            ("bytes=5-2", All),
            ("bytes=0-1,3-4", All),
            ("bytes=a-b", All),
            ("bytes=-", All),
            ("lines=1-2", All),
            ("bytes=0-18446744073709551615", Stretch(0, 10)),
        ] {
            assert_eq!(wanted(range, 10), expected, "{range}");
        }
        assert_eq!(wanted("bytes=-1", 0), Outside);
    }
}
