//! What a dataset seems to be, and the lines of an INI that use it.

use crate::protocol::DatasetKind;

/// Folders in folders that are looked into for a header or table.
const DEPTH: usize = 3;
/// Tables that are looked into.
const TABLES: usize = 100;
/// Columns that say something of a recording, and are not learnt.
const OTHERS: &[&str] = &[
    "file", "start", "end", "speaker", "gender", "sex", "age", "duration", "split", "", "index",
    "id",
];
/// Columns that are learnt where they are there.
const TARGETS: &[&str] = &[
    "emotion", "label", "class", "target", "arousal", "valence", "digit",
];

/// What a dataset seems to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// Its kind.
    pub kind: DatasetKind,
    /// Lines for `[DATA]`.
    pub ini: Option<String>,
}

/// Looks for `db.yaml`, then for a table with a column `file`, from the outermost folder on.
///
/// `files` are the places of all files of the dataset, which people call `name`; `path` says how an INI
/// reaches one; `head` gives the beginning of a table, with at least its first line.
#[must_use]
pub fn guess(
    name: &str,
    files: &[&str],
    path: &dyn Fn(&str) -> String,
    head: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
) -> Guess {
    let database = database_name(name);
    if let Some(header) = places(files, |name| name == "db.yaml").first() {
        let folder = header.rsplit_once('/').map_or("", |(folder, _)| folder);
        let ini = format!(
            "databases = ['{database}']\n{database} = {}\n{database}.split_strategy = speaker_split\n",
            path(folder)
        );
        return Guess {
            kind: DatasetKind::Audformat,
            ini: Some(ini),
        };
    }
    let tables = places(files, |name| name.to_ascii_lowercase().ends_with(".csv"));
    let found = tables.iter().take(TABLES).find_map(|table| {
        let columns = columns(&head(table)?)?;
        columns
            .iter()
            .any(|column| column == "file")
            .then_some((table, columns))
    });
    let Some((table, columns)) = found else {
        let (kind, ini) = (DatasetKind::Audio, None);
        return Guess { kind, ini };
    };
    let has = |wanted: &str| columns.iter().any(|column| column == wanted);
    let split = if has("speaker") {
        "speaker_split"
    } else {
        "random"
    };
    let mut ini = format!(
        "databases = ['{database}']\n{database} = {}\n{database}.type = csv\n{database}.absolute_path = False\n\
         {database}.split_strategy = {split}\n",
        path(table)
    );
    let known = TARGETS.iter().copied().find(|target| has(target));
    let other = || {
        columns
            .iter()
            .map(String::as_str)
            .find(|column| !OTHERS.contains(column))
    };
    if let Some(target) = known.or_else(other).filter(|target| is_plain(target)) {
        ini += &format!("target = {target}\n");
    }
    Guess {
        kind: DatasetKind::Csv,
        ini: Some(ini),
    }
}

/// Places of files whose name is wanted, the outermost first.
fn places<'a>(files: &[&'a str], wanted: impl Fn(&str) -> bool) -> Vec<&'a str> {
    let name = |place: &str| place.rsplit('/').next().unwrap_or(place).to_owned();
    let depth = |place: &str| place.matches('/').count();
    let mut places: Vec<&str> = files
        .iter()
        .copied()
        // What stands in an INI must be one line that no interpolation changes.
        .filter(|place| depth(place) < DEPTH && !place.contains('%') && wanted(&name(place)))
        .collect();
    crate::sorting::by(&mut places, |a, b| (depth(a), *a).cmp(&(depth(b), *b)));
    places
}

/// The names in a table's first line, in lower case.
fn columns(head: &[u8]) -> Option<Vec<String>> {
    let line = head.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let line = line.trim_start_matches('\u{feff}').trim_end();
    let comma = [',', ';', '\t']
        .into_iter()
        .max_by_key(|comma| line.matches(*comma).count())?;
    let names = line.split(comma);
    Some(
        names
            .map(|name| name.trim().trim_matches('"').to_lowercase())
            .collect(),
    )
}

/// A name for `[DATA]` of what people call it.
fn database_name(name: &str) -> String {
    let stem = name
        .rsplit_once('.')
        .map_or(name, |(stem, _)| stem)
        .to_lowercase();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let text: String = stem.chars().map(plain).take(40).collect();
    let text = text.trim_matches('_');
    let first = text.bytes().next().unwrap_or(b'0');
    if first.is_ascii_digit() {
        format!("data{text}")
    } else {
        text.to_owned()
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[&str], table: &str) -> Guess {
        guess(
            "My set.zip",
            files,
            &|place| format!("here/{place}"),
            &mut |_| Some(table.into()),
        )
    }

    #[test]
    fn a_table_or_a_header_says_what_it_is() {
        let csv = of(&["b/other.csv", "a.csv", "x.wav"], "file;speaker;Emotion\n");
        assert_eq!(csv.kind, DatasetKind::Csv);
        let ini = csv.ini.expect("lines");
        assert!(ini.contains("my_set = here/a.csv\n"), "{ini}");
        assert!(
            ini.contains("target = emotion\n") && ini.contains("speaker_split"),
            "{ini}"
        );
        let database = of(&["d/db.yaml", "d/db.emotion.csv"], "file,emotion\n");
        assert_eq!(database.kind, DatasetKind::Audformat);
        assert!(database.ini.expect("lines").contains("my_set = here/d\n"));
        let sound = of(&["x.wav", "list.csv"], "name,emotion\n");
        assert_eq!((sound.kind, sound.ini), (DatasetKind::Audio, None));
    }
}
