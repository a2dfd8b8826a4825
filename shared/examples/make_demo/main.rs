//! Makes the synthetic corpora of `static/demo` with the programs `espeak-ng` and `flac`.
//!
//! ```text
//! cargo run --release -p shared --example make_demo -- demo static/demo
//! cargo run --release -p shared --example make_demo -- recipe static/demo/recipe/corpus 2400
//! ```
//!
//! `demo` makes the corpus that is bundled, `recipe` the larger one that the demo checkpoint is
//! trained on: other sentences, other voices. The same arguments give the same files.

#![allow(clippy::print_stdout)] // What it made is the result.

mod plan;
mod prosody;
mod voice;

use plan::Utterance;
use std::{
    error::Error,
    fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Programs that run at a time.
const WORKERS: usize = 2;
const USAGE: &str = "usage: make_demo demo FOLDER | make_demo recipe FOLDER CLIPS";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (folder, table, utterances) = match arguments.as_slice() {
        ["demo", folder] => (Path::new(folder), "demo.csv", plan::demo()),
        ["recipe", folder, clips] => (
            Path::new(folder),
            "corpus.csv",
            plan::recipe(clips.parse()?),
        ),
        _ => return Err(USAGE.into()),
    };
    fs::create_dir_all(folder.join("audio"))?;
    let seconds = speak_all(&utterances, folder)?;
    write_table(&utterances, &folder.join(table))?;
    println!(
        "{}: {} clips, {:.1} minutes, {:.2} to {:.2} s",
        folder.join(table).display(),
        seconds.len(),
        seconds.iter().sum::<f64>() / 60.0,
        seconds.iter().copied().fold(f64::INFINITY, f64::min),
        seconds.iter().copied().fold(0.0, f64::max),
    );
    Ok(())
}

/// Speaks every utterance; returns the clips' lengths in seconds.
fn speak_all(utterances: &[Utterance], folder: &Path) -> Result<Vec<f64>, String> {
    let next = AtomicUsize::new(0);
    let seconds = Mutex::new(Vec::with_capacity(utterances.len()));
    thread::scope(|scope| {
        let worker = || -> Result<(), String> {
            while let Some(utterance) = utterances.get(next.fetch_add(1, Ordering::Relaxed)) {
                let length = voice::speak(utterance, folder)
                    .map_err(|error| format!("{}: {error}", utterance.file))?;
                seconds.lock().map_err(|_| "a worker failed")?.push(length);
            }
            Ok(())
        };
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| "a worker failed")?)
    })?;
    seconds
        .into_inner()
        .map_err(|_| "a worker failed".to_owned())
}

fn write_table(utterances: &[Utterance], path: &Path) -> Result<(), Box<dyn Error>> {
    let mut table = csv::Writer::from_path(path)?;
    // The recipe's corpus has two further columns: what its model is trained to tell.
    let with_class = utterances.iter().any(|utterance| utterance.class.is_some());
    let columns = [
        "file", "speaker", "gender", "emotion", "arousal", "sentence", "class",
    ];
    table.write_record(&columns[..columns.len() - if with_class { 0 } else { 2 }])?;
    for utterance in utterances {
        let arousal = format!("{:.3}", utterance.arousal);
        let mut row = vec![
            utterance.file.as_str(),
            utterance.speaker.name.as_str(),
            utterance.speaker.gender,
            utterance.emotion.word(),
            &arousal,
        ];
        if let Some(class) = &utterance.class {
            row.push(class.split('_').next().unwrap_or(class));
            row.push(class);
        }
        table.write_record(row)?;
    }
    table.flush()?;
    Ok(())
}
