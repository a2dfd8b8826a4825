//! `voxtune compare`

use crate::failure::ExitCode;
use crate::{cli::Compare, folder::Folder};
use anyhow::{Context, bail};
use shared::{
    report::{
        Manifest, SCHEMA,
        compare::{Comparison, Runs, comparison_text},
    },
    run::Output,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Folders are searched so many levels deep: root, experiment, results, run.
const DEPTH: usize = 4;
/// The record of a run.
const RECORD: &str = "run.json";
/// Folders whose records are no experiments of their own: what the folds of a cross validation say
/// together stands beside them, and so does what a run says besides its tests on other databases.
const INNER: [&str; 2] = ["folds", "tests"];

pub(crate) fn compare(args: &Compare) -> anyhow::Result<ExitCode> {
    let mut records = BTreeSet::new();
    for path in &args.runs {
        let before = records.len();
        collect(path, DEPTH, &mut records)?;
        if records.len() == before && path.is_dir() {
            bail!(
                "{}: no {RECORD} below it: give the folder of an experiment that `voxtune run` wrote, or such a file",
                path.display()
            );
        }
    }
    let experiments = experiments(&records)?;
    let comparison = Comparison::of(&experiments, args.measure.as_deref())?;
    if args.json {
        outln!("{}", serde_json::to_string_pretty(&comparison)?);
    } else {
        out!("{}", comparison_text(&comparison));
    }
    let folder = Folder::create(&args.out.to_string_lossy())?;
    for (name, bytes) in comparison.files()? {
        folder
            .write(&name, &bytes)
            .with_context(|| format!("cannot write {}", args.out.join(&name).display()))?;
    }
    errln!("table, box plot and JSON are in {}", args.out.display());
    Ok(ExitCode::SUCCESS)
}

/// Adds every record at or below `path`.
fn collect(path: &Path, depth: usize, records: &mut BTreeSet<PathBuf>) -> anyhow::Result<()> {
    if path.is_dir() {
        let failed = || format!("cannot read the folder {}", path.display());
        for entry in fs::read_dir(path).with_context(failed)? {
            let below = entry.with_context(failed)?.path();
            let is_called = |wanted: &str| below.file_name().is_some_and(|name| name == wanted);
            let is_inner = depth > 0 && below.is_dir() && !INNER.iter().any(|name| is_called(name));
            if is_called(RECORD) || is_inner {
                collect(&below, depth.saturating_sub(1), records)?;
            }
        }
        return Ok(());
    }
    let place = path
        .canonicalize()
        .with_context(|| format!("cannot find {}", path.display()))?;
    records.insert(place);
    Ok(())
}

/// The runs of each experiment: records whose folders stand side by side.
fn experiments(records: &BTreeSet<PathBuf>) -> anyhow::Result<Vec<Runs>> {
    let mut found: BTreeMap<PathBuf, Vec<Manifest>> = BTreeMap::new();
    for path in records {
        // results/run_0/run.json
        let results = path.ancestors().nth(2).unwrap_or(path).to_owned();
        found.entry(results).or_default().push(read(path)?);
    }
    let mut experiments = Vec::new();
    for (results, mut manifests) in found {
        manifests.sort_by_key(|manifest| manifest.run);
        let name = manifests[0].name.clone();
        experiments.push((results, Runs { name, manifests }));
    }
    // Experiments of one name are told apart by their folders.
    let names: Vec<String> = experiments
        .iter()
        .map(|(_, runs)| runs.name.clone())
        .collect();
    for (results, runs) in &mut experiments {
        if names.iter().filter(|name| **name == runs.name).count() > 1 {
            let folder = results.parent().unwrap_or(results);
            runs.name = folder.display().to_string();
        }
    }
    Ok(experiments.into_iter().map(|(_, runs)| runs).collect())
}

fn read(path: &Path) -> anyhow::Result<Manifest> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is not the record of a run", path.display()))?;
    if manifest.schema > SCHEMA {
        bail!(
            "{} was written by a newer voxtune (form {}, known is {SCHEMA}): update this one",
            path.display(),
            manifest.schema
        );
    }
    Ok(manifest)
}
