//! The report as people read it.

use super::{DataReport, LevelReport, PartReport};
use crate::data::Part;
use indexmap::IndexMap;
use std::fmt::{Display, Formatter, Result};

/// Speakers that are named; more are only counted.
const NAMED: usize = 12;

impl Display for DataReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let dropped = self.rows - self.used();
        writeln!(
            f,
            "{} rows: {} used, {dropped} dropped",
            self.rows,
            self.used()
        )?;
        for database in &self.databases {
            write!(
                f,
                "  {} ({}): {} rows",
                database.name, database.path, database.rows
            )?;
            for (part, count) in database.used.iter().filter(|(_, count)| **count > 0) {
                write!(f, ", {count} {}", part.word())?;
            }
            match database.dropped {
                0 => writeln!(f)?,
                count => writeln!(f, ", {count} dropped")?,
            }
        }
        if !self.dropped.is_empty() {
            writeln!(f, "\nDropped rows")?;
        }
        for entry in &self.dropped {
            let part = entry
                .part
                .map_or(String::new(), |part| format!(" ({})", part.word()));
            writeln!(
                f,
                "  {}{part}: {} x {}",
                entry.database,
                entry.count,
                entry.reason.text()
            )?;
            for example in &entry.examples {
                writeln!(f, "      {example}")?;
            }
            if entry.count > entry.examples.len() {
                writeln!(f, "      ...")?;
            }
        }
        for part in Part::ALL {
            self.parts.get(part).write(f, part)?;
        }
        let audio = &self.audio;
        writeln!(
            f,
            "\nAudio: {} files, {} in all",
            audio.files,
            duration(audio.seconds)
        )?;
        let rates = audio
            .rates
            .iter()
            .map(|(rate, count)| format!("{rate} Hz: {count}"));
        writeln!(f, "  rates     {}", rates.collect::<Vec<_>>().join(", "))?;
        let channels = audio
            .channels
            .iter()
            .map(|(channels, count)| format!("{channels}: {count}"));
        writeln!(f, "  channels  {}", channels.collect::<Vec<_>>().join(", "))?;
        if let Some(levels) = &audio.levels {
            levels.write(f)?;
        }
        if !self.warnings.is_empty() {
            writeln!(f, "\nTo be noted")?;
        }
        self.warnings
            .iter()
            .try_for_each(|warning| writeln!(f, "  - {warning}"))
    }
}

impl PartReport {
    fn write(&self, f: &mut Formatter<'_>, part: Part) -> Result {
        if self.rows == 0 {
            return writeln!(f, "\n{}: empty", part.word());
        }
        writeln!(
            f,
            "\n{}: {} utterances, {}",
            part.word(),
            self.rows,
            duration(self.seconds)
        )?;
        if let [min, low, median, high, max] = self.durations[..] {
            writeln!(
                f,
                "  lengths   {min:.2} s to {max:.2} s, median {median:.2} s, half of them {low:.2} to {high:.2} s"
            )?;
        }
        match self.speakers.len() {
            0 => {}
            count if count <= NAMED => writeln!(f, "  speakers  {}", counts(&self.speakers))?,
            count => writeln!(f, "  speakers  {count}")?,
        }
        if !self.genders.is_empty() {
            writeln!(f, "  sexes     {}", counts(&self.genders))?;
        }
        if !self.classes.is_empty() {
            writeln!(f, "  classes   {}", counts(&self.classes))?;
        }
        match self.values {
            Some(range) => {
                writeln!(
                    f,
                    "  target    {:.4} to {:.4}, mean {:.4}",
                    range.min, range.max, range.mean
                )
            }
            None => Ok(()),
        }
    }
}

impl LevelReport {
    fn write(&self, f: &mut Formatter<'_>) -> Result {
        let kinds = [("clipped", &self.clipped), ("silent", &self.silent)];
        write!(f, "  levels    {} decoded", self.checked)?;
        for (kind, names) in kinds {
            write!(f, ", {} {kind}", names.len())?;
        }
        writeln!(f)?;
        for (kind, names) in kinds {
            for name in names.iter().take(NAMED) {
                writeln!(f, "      {kind}: {name}")?;
            }
            if names.len() > NAMED {
                writeln!(f, "      {kind}: ... and {} more", names.len() - NAMED)?;
            }
        }
        Ok(())
    }
}

pub(super) fn counts(counts: &IndexMap<String, usize>) -> String {
    counts
        .iter()
        .map(|(name, count)| format!("{name}: {count}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// `12.3 s`, `4 min 12 s`, `2 h 05 min`.
fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{seconds:.1} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}
