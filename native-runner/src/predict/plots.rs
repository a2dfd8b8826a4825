//! A plot over time of each recording.

use anyhow::Context;
use shared::{
    predict::Rows,
    report::{
        PredictionTable, path_component,
        plot::{TimelinePlot, TimelinePoint, png},
    },
};
use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
};

/// Draws every recording of `rows` from what stands in `table`, as SVG and PNG into `folder`; says how
/// many were drawn.
pub(crate) fn write_plots(
    folder: &Path,
    form: &PredictionTable,
    table: &[u8],
    rows: &Rows,
    target: &str,
) -> anyhow::Result<usize> {
    let target = form.labels().is_empty().then_some(target);
    let labels = match target {
        Some(_) => form.values(),
        None => form.labels(),
    };
    let values = values(table, labels.len().max(1))?;
    let mut files: Vec<(&str, Vec<TimelinePoint>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for row in 0..rows.len() {
        let (start, end) = rows.times(row);
        let name = rows.utterances[row].name.as_str();
        let Some(values) = values.get(&form.key(name, start, Some(end))) else {
            continue;
        };
        let place = *places.entry(name).or_insert_with(|| {
            files.push((name, Vec::new()));
            files.len() - 1
        });
        files[place].1.push(TimelinePoint {
            start,
            end,
            values: values.clone(),
        });
    }
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let mut taken = HashSet::new();
    for (name, points) in &mut files {
        points.sort_by(|a, b| a.start.total_cmp(&b.start));
        let svg = TimelinePlot {
            title: name,
            labels,
            target,
            points,
        }
        .svg();
        let stem = stem(name, &mut taken);
        for (ending, bytes) in [("png", png(&svg)?), ("svg", svg.into_bytes())] {
            let path = folder.join(format!("{stem}.{ending}"));
            fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(files.len())
}

/// Probabilities, or the value, of every row by its first three columns.
fn values(table: &[u8], count: usize) -> anyhow::Result<HashMap<[String; 3], Vec<f64>>> {
    let mut values = HashMap::new();
    for record in csv::Reader::from_reader(table).records() {
        let record = record?;
        let key = [0, 1, 2].map(|column| record.get(column).unwrap_or_default().to_owned());
        let numbers = record.iter().skip(3).take(count);
        let numbers = numbers.map(|text| text.parse().unwrap_or(f64::NAN));
        values.insert(key, numbers.collect());
    }
    Ok(values)
}

/// A file's name without its ending, with folders in it, that no other file has.
fn stem(name: &str, taken: &mut HashSet<String>) -> String {
    let whole = name.trim_start_matches("./");
    let cut = match whole.rsplit_once('.') {
        Some((before, ending)) if !before.is_empty() && !ending.contains('/') => before,
        _ => whole,
    };
    let stem = path_component(cut);
    let numbered = (2..).map(|number| format!("{stem}-{number}"));
    let free = std::iter::once(stem.clone())
        .chain(numbered)
        .find(|stem| !taken.contains(stem))
        .unwrap_or(stem);
    taken.insert(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::stem;
    use std::collections::HashSet;

    #[test]
    fn plots_of_different_files_have_different_names() {
        let mut taken = HashSet::new();
        let names = ["./a/b.wav", "a_b.wav", "a/b.flac", ".hidden", "x.y/z"];
        let stems = names.map(|name| stem(name, &mut taken));
        assert_eq!(stems, ["a_b", "a_b-2", "a_b-3", ".hidden", "x.y_z"]);
    }
}
