//! The split as tables that Nkululeko and [`super::load`] can read.

use super::{Dataset, Utterance};
use std::collections::BTreeSet;

/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

/// The table of a part (`traindf.csv`, `devdf.csv`, `testdf.csv`): `file`, `start`, `end` as pandas
/// writes times, `speaker` and `gender` where there are any, every other column, and `duration` in
/// seconds. `seconds` are the lengths of the utterances, in their order.
///
/// # Errors
/// None that depends on the data: it is written to memory.
pub fn split_csv(utterances: &[Utterance], seconds: &[f64]) -> Result<String, csv::Error> {
    let speaker = utterances
        .iter()
        .any(|utterance| utterance.speaker.is_some());
    let gender = utterances
        .iter()
        .any(|utterance| utterance.gender.is_some());
    let mut seen = BTreeSet::from(["gender", "duration"]);
    let names = utterances
        .iter()
        .flat_map(|utterance| utterance.columns.keys().map(String::as_str));
    let others: Vec<&str> = names.filter(|name| seen.insert(name)).collect();
    let mut header = vec!["file", "start", "end"];
    header.extend(speaker.then_some("speaker"));
    header.extend(gender.then_some("gender"));
    header.extend(&others);
    header.push("duration");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header)?;
    for (utterance, seconds) in utterances.iter().zip(seconds) {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut fields = vec![
            utterance.file.clone(),
            timedelta(utterance.start),
            timedelta(utterance.end.unwrap_or(utterance.start + seconds)),
        ];
        fields.extend(speaker.then(|| text(&utterance.speaker)));
        fields.extend(gender.then(|| text(&utterance.gender)));
        fields.extend(
            others
                .iter()
                .map(|name| utterance.columns.get(*name).cloned().unwrap_or_default()),
        );
        fields.push(seconds.to_string());
        writer.write_record(&fields)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Seconds (0 or more) as pandas writes a `Timedelta`: `0 days 00:00:01.500000`, with nine decimals
/// where six are too few and none where there is no fraction.
#[must_use]
pub fn timedelta(seconds: f64) -> String {
    let nanoseconds = (seconds.max(0.0) * SECOND as f64).round() as u64;
    let (whole, fraction) = (nanoseconds / SECOND, nanoseconds % SECOND);
    let fraction = match fraction {
        0 => String::new(),
        _ if fraction % 1000 == 0 => format!(".{:06}", fraction / 1000),
        _ => format!(".{fraction:09}"),
    };
    let (days, hours) = (whole / 86_400, whole / 3600 % 24);
    format!(
        "{days} days {hours:02}:{:02}:{:02}{fraction}",
        whole / 60 % 60,
        whole % 60
    )
}

/// The table of a cross validation: the test parts of all folds as [`split_csv`] writes them, with the
/// number of the fold in the column `fold`.
///
/// # Errors
/// As for [`split_csv`].
pub fn folds_csv(folds: &[Dataset]) -> Result<String, csv::Error> {
    let mut utterances = Vec::new();
    let mut seconds = Vec::new();
    for (number, fold) in folds.iter().enumerate() {
        for utterance in &fold.test {
            let mut utterance = utterance.clone();
            utterance
                .columns
                .insert("fold".to_owned(), number.to_string());
            utterances.push(utterance);
        }
        seconds.extend(&fold.seconds.test);
    }
    split_csv(&utterances, &seconds)
}
