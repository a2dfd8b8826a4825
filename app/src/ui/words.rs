//! Texts and numbers for people.

use leptos::prelude::*;

/// A text; what stands in backquotes is set as code.
#[component]
pub(crate) fn Words(#[prop(into)] text: String) -> impl IntoView {
    let part = |(i, part): (usize, &str)| {
        let part = part.to_owned();
        if i % 2 == 1 {
            view! { <code>{part}</code> }.into_any()
        } else {
            part.into_any()
        }
    };
    text.split('`').enumerate().map(part).collect_view()
}

/// A measure as people write it: abbreviations in capitals, words as words.
pub(crate) fn measure(name: &str) -> String {
    match name {
        "uar" | "f1" | "ece" | "eer" | "ccc" | "pcc" | "mse" | "mae" => name.to_uppercase(),
        "acc" => "Accuracy".to_owned(),
        "brier" => "Brier score".to_owned(),
        "r2" => "R²".to_owned(),
        _ => capital(name),
    }
}

/// A name within a sentence of another direction: it keeps its own, and changes nothing around it.
pub(crate) fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}

/// A text with its first letter in upper case.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A duration in seconds as `3 min 20 s`.
pub(crate) fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "unknown".to_owned();
    }
    let whole = seconds.round() as u64;
    match whole {
        0 if seconds > 0.0 => format!("{seconds:.1} s"),
        0..=59 => format!("{whole} s"),
        60..=3599 => format!("{} min {} s", whole / 60, whole % 60),
        3600..=86_399 => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
        _ => format!("{} d {} h", whole / 86_400, whole % 86_400 / 3600),
    }
}

/// Bytes as `3.2 GB`.
pub(crate) fn bytes(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    let mut size = bytes as f64;
    if size < 1000.0 {
        return format!("{bytes} B");
    }
    let mut unit = "B";
    for next in units {
        if size < 1000.0 {
            break;
        }
        size /= 1000.0;
        unit = next;
    }
    format!("{size:.1} {unit}")
}

/// A number with a thin space between thousands.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A figure with three digits behind the point, `–` where it is not defined.
pub(crate) fn figure(value: Option<f64>) -> String {
    value.map_or_else(
        || "–".to_owned(),
        |value| format!("{value:.3}").replace('-', "−"),
    )
}

/// An interval of figures.
pub(crate) fn interval(low: f64, high: f64) -> String {
    format!("{} to {}", figure(Some(low)), figure(Some(high)))
}

/// A time of RFC 3339 in the user's own zone and words.
pub(crate) fn clock(time: &str) -> String {
    let date = js_sys::Date::new(&time.into());
    if date.get_time().is_nan() {
        return time.to_owned();
    }
    let two = |part: u32| format!("{part:02}");
    format!(
        "{}-{}-{} {}:{}",
        date.get_full_year(),
        two(date.get_month() + 1),
        two(date.get_date()),
        two(date.get_hours()),
        two(date.get_minutes()),
    )
}

/// So many things of a kind, of which the word for more than one ends in `s`.
pub(crate) fn many(number: usize, thing: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{} {thing}{end}", count(number as u64))
}
