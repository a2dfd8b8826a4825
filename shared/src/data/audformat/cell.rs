//! Values of tables as texts that are the same whether they come from CSV or parquet.

use crate::data::{store::timedelta, table::seconds};

/// `dtype` of a scheme or of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dtype {
    /// `bool`.
    Bool,
    /// `int`.
    Int,
    /// `float`.
    Float,
    /// `time`: a length of time.
    Time,
    /// `date`: a date with a time of day.
    Date,
    /// `str`, `object`, and what has no scheme.
    Text,
}

impl Dtype {
    /// By its name; what is not known is text.
    pub(super) fn of(name: &str) -> Self {
        match name {
            "bool" => Self::Bool,
            "int" => Self::Int,
            "float" => Self::Float,
            "time" => Self::Time,
            "date" => Self::Date,
            _ => Self::Text,
        }
    }

    /// A value as pandas prints it: `True`, `3`, `0.5`, `0 days 00:00:01.500000`,
    /// `2020-01-01 00:00:00`. What is not of the type stays as it is.
    pub(super) fn normal(self, text: String) -> String {
        match self {
            Self::Text => text,
            Self::Bool => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "1.0" => "True".into(),
                "false" | "0" | "0.0" => "False".into(),
                _ => text,
            },
            Self::Int => match text.parse::<f64>() {
                // Whole numbers that pandas made floats of for the sake of missing ones.
                Ok(value) if text.contains('.') && value.fract() == 0.0 => format!("{value:.0}"),
                _ => text,
            },
            Self::Float => match text.parse::<f64>() {
                Ok(value) => format!("{value:?}"),
                Err(_) => text,
            },
            Self::Time => match seconds(&text) {
                Some(seconds) if seconds >= 0.0 => timedelta(seconds),
                _ => text,
            },
            Self::Date if text.len() == 10 => text + " 00:00:00",
            Self::Date => text,
        }
    }
}

/// Nanoseconds since 1970 as pandas prints a date, without a zone.
pub(super) fn date(nanoseconds: i128) -> String {
    const SECOND: i128 = 1_000_000_000;
    let (seconds, fraction) = (
        nanoseconds.div_euclid(SECOND),
        nanoseconds.rem_euclid(SECOND),
    );
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let fraction = match fraction {
        0 => String::new(),
        _ if fraction % 1000 == 0 => format!(".{:06}", fraction / 1000),
        _ => format!(".{fraction:09}"),
    };
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!(
        "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{:02}{fraction}",
        second % 60
    )
}

/// Year, month and day of a number of days since 1970, in the Gregorian calendar: years that begin
/// in March make each month's first day a linear function (H. Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms").
fn civil(days: i128) -> (i128, i128, i128) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year + era * 400 + i128::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::{Dtype, date};

    #[test]
    fn values_are_as_pandas_prints_them() {
        for (dtype, text, expected) in [
            ("bool", "true", "True"),
            ("bool", "0", "False"),
            ("int", "3.0", "3"),
            ("int", "-3", "-3"),
            ("int", "3.5", "3.5"),
            ("float", "1", "1.0"),
            ("float", "0.125", "0.125"),
            ("float", "x", "x"),
            (
                "time",
                "0 days 00:00:01.500000000",
                "0 days 00:00:01.500000",
            ),
            ("time", "soon", "soon"),
            ("date", "2020-01-01", "2020-01-01 00:00:00"),
            ("date", "2020-01-01 12:00:01", "2020-01-01 12:00:01"),
            ("str", "03", "03"),
            ("object", "1.0", "1.0"),
        ] {
            assert_eq!(Dtype::of(dtype).normal(text.into()), expected, "{dtype}");
        }
    }

    #[test]
    fn dates() {
        let second = 1_000_000_000;
        assert_eq!(date(0), "1970-01-01 00:00:00");
        assert_eq!(date(-second), "1969-12-31 23:59:59");
        assert_eq!(date(951_782_400 * second), "2000-02-29 00:00:00");
        assert_eq!(
            date(1_709_210_096 * second + 7),
            "2024-02-29 12:34:56.000000007"
        );
        assert_eq!(
            date(4_107_542_400 * second + 1000),
            "2100-03-01 00:00:00.000001"
        );
        assert_eq!(date(-2_208_988_800 * second), "1900-01-01 00:00:00");
    }
}
