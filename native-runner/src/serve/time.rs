//! The time of day.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Now, in RFC 3339 with milliseconds.
pub(crate) fn now() -> String {
    text(SystemTime::now())
}

/// `time` in RFC 3339 with milliseconds.
pub(crate) fn text(time: SystemTime) -> String {
    humantime::format_rfc3339_millis(time).to_string()
}

/// Now, in seconds since 1970.
pub(crate) fn seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or(Duration::ZERO).as_secs()).unwrap_or(i64::MAX)
}
