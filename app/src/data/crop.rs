//! Which part of a clip the model sees, by the experiment's settings.

use crate::experiment::Document;

/// What is seen of a clip, and what is not.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Crop {
    /// Stretches that are never seen, in seconds.
    pub(super) unseen: Vec<(f64, f64)>,
    /// In words, where it is not simply all.
    pub(super) words: Option<String>,
}

/// What the model sees of a stretch of a recording of so many seconds.
pub(super) fn seen(document: Document, stretch: (f64, f64), length: f64) -> Crop {
    let (start, end) = stretch;
    let mut crop = Crop::default();
    if start > 0.0 {
        crop.unseen.push((0.0, start));
    }
    let setting = |key: &str| {
        document
            .setting("FINETUNE", key)
            .map(|setting| setting.value)
    };
    let most = setting("max_duration").and_then(|value| value.parse::<f64>().ok());
    let windows = setting("eval_windows")
        .and_then(|value| value.parse::<usize>().ok())
        .unwrap_or(1);
    let mut until = end;
    if let Some(most) = most.filter(|most| *most < end - start) {
        let random = setting("crop").is_some_and(|crop| crop == "random");
        let trained = if random {
            format!("Training takes a random {most} s of it")
        } else {
            format!("Training takes the first {most} s of it (`max_duration`)")
        };
        let tested = match (windows, random) {
            (1, false) => String::new(),
            (1, true) => format!(", evaluation the first {most} s"),
            (n, _) => format!(", evaluation {n} stretches of {most} s spread over all of it"),
        };
        // What one of them sees is not shaded.
        if !random && windows == 1 {
            until = start + most;
        }
        crop.words = Some(format!("{trained}{tested}.").replace('`', ""));
    }
    if until < length {
        crop.unseen.push((until, length));
    }
    crop
}
