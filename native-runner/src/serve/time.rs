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

/// How long ago the moment `text` of [`now`] was; nothing if it is none, or is still to come.
pub(crate) fn since(text: &str) -> Duration {
    let moment = humantime::parse_rfc3339(text).ok();
    moment
        .and_then(|moment| moment.elapsed().ok())
        .unwrap_or_default()
}

/// Now, in seconds since 1970.
pub(crate) fn seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or(Duration::ZERO).as_secs()).unwrap_or(i64::MAX)
}
