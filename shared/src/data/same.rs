//! When a value of a table is the one that the configuration means.

/// Whether a table's value is the one that the configuration names: the same text, or the same number
/// where the configuration has a number as Python prints it.
///
/// pandas reads a column of numbers as numbers, so that `[3]` finds `3.0` and `03` there; the text
/// `'03'` is only itself.
pub(super) fn same(named: &str, found: &str) -> bool {
    if named == found {
        return true;
    }
    let number = |text: &str| text.parse::<f64>().ok().filter(|value| value.is_finite());
    match (number(named), number(found)) {
        (Some(a), Some(b)) => a == b && is_printed(named),
        _ => false,
    }
}

/// The one of `named` that a table's value is.
pub(super) fn find<'a>(named: &'a [String], found: &str) -> Option<&'a String> {
    let exact = named.iter().find(|name| *name == found);
    exact.or_else(|| named.iter().find(|name| same(name, found)))
}

/// Whether a number has no leading zeros and no sign that Python would leave out.
fn is_printed(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number).as_bytes();
    match digits {
        [b'0'] => true,
        [b'0', next, ..] => !next.is_ascii_digit(),
        [first, ..] => first.is_ascii_digit(),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{find, same};

    #[test]
    fn numbers_are_compared_as_numbers() {
        for (named, found) in [
            ("3", "03"),
            ("3", "3.0"),
            ("3.0", "3"),
            ("0", "0.0"),
            ("-1", "-1.0"),
            ("a", "a"),
        ] {
            assert!(same(named, found), "{named} {found}");
        }
        for (named, found) in [
            ("03", "3"),
            ("3", "3a"),
            ("3", "4"),
            ("nan", "NaN"),
            ("a", "A"),
            ("", "0"),
        ] {
            assert!(!same(named, found), "{named} {found}");
        }
        let names = ["3".to_owned(), "3.0".to_owned()];
        assert_eq!(find(&names, "3.0"), Some(&names[1]));
        assert_eq!(find(&names, "03"), Some(&names[0]));
    }
}
