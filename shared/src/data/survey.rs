//! A look at all of the sound: clipped, silent and damaged recordings.

use super::{DataReport, Dataset, LevelReport, Part, Utterance, parallel::each};
use crate::{
    audio::{self, Levels, Limits, Stretch, Window},
    files::Files,
};

/// Longest stretch that is looked at, in seconds: a little below what may be decoded at once.
const LONGEST: f64 = 590.0;

/// Decodes every stretch of a data set once and notes in its report which recordings are clipped,
/// silent, or cannot be decoded to their end.
///
/// `progress` is called with the number of stretches that are done, and all.
pub fn survey(dataset: &mut Dataset, files: &dyn Files, progress: &mut dyn FnMut(usize, usize)) {
    let all: Vec<&Utterance> = Part::ALL
        .into_iter()
        .flat_map(|part| dataset.part(part))
        .collect();
    let measured = each(&all, |utterance| levels(files, utterance), progress);
    let mut report = LevelReport {
        checked: all.len(),
        ..LevelReport::default()
    };
    for (utterance, levels) in all.iter().zip(measured) {
        let list = match &levels {
            Ok(levels) if levels.clipped > 0 => &mut report.clipped,
            Ok(levels) if levels.peak == 0.0 => &mut report.silent,
            Ok(_) => continue,
            Err(_) => &mut report.unreadable,
        };
        list.push(levels.err().unwrap_or_else(|| utterance.name.clone()));
    }
    for list in [
        &mut report.clipped,
        &mut report.silent,
        &mut report.unreadable,
    ] {
        list.sort_unstable();
        list.dedup();
    }
    warn(&mut dataset.report, &report);
    dataset.report.audio.levels = Some(report);
}

fn levels(files: &dyn Files, utterance: &Utterance) -> Result<Levels, String> {
    let stretch = Stretch {
        file: &utterance.file,
        start: utterance.start,
        end: utterance.end,
    };
    audio::read_clip(
        files,
        stretch,
        Some(LONGEST),
        Window::Head,
        &Limits::default(),
    )
    .map(|clip| clip.levels)
    .map_err(|error| error.to_string())
}

fn warn(report: &mut DataReport, levels: &LevelReport) {
    if !levels.unreadable.is_empty() {
        report.warnings.push(format!(
            "{} recordings cannot be decoded; training would stop at the first of them: repair them or take them out of \
             the table",
            levels.unreadable.len()
        ));
    }
}
