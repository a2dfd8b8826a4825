//! The chapters of a card.

use super::public_config;
use crate::{
    config::{Experiment, Task},
    data::{DataReport, Part},
    report::{
        Manifest, Summary,
        files::epoch_text,
        summary::{number, span},
    },
};
use std::fmt::Write;

/// Utterances or speakers of the test part below which figures say little.
const FEW_UTTERANCES: usize = 100;
const FEW_SPEAKERS: usize = 10;

pub(super) fn purpose(experiment: &Experiment, manifest: &Manifest) -> String {
    let target = manifest.target.as_deref().unwrap_or("target");
    let what = match manifest.task {
        Task::Classification => {
            let classes: Vec<String> = manifest
                .label_map
                .keys()
                .map(|label| format!("`{label}`"))
                .collect();
            format!(
                "tells {} classes of `{target}` apart in speech: {}",
                classes.len(),
                classes.join(", ")
            )
        }
        Task::Regression => format!("predicts `{target}` of speech as a number"),
    };
    format!(
        "# {}\n\nThis model {what}. It was fine-tuned from `{}` with Voxtune {}.\n",
        escaped(&experiment.name),
        manifest.model.pretrained,
        manifest.versions.get("voxtune").map_or("", String::as_str)
    )
}

pub(super) fn usage(experiment: &Experiment) -> String {
    format!(
        "## Use\n\n    voxtune predict --model FOLDER --out labelled.csv recordings/\n\nRecordings of any sampling rate \
         are resampled to 16 kHz mono. The model sees at most {} s of a recording at once, as in training.\n",
        experiment.tuning.max_duration
    )
}

pub(super) fn data(manifest: &Manifest) -> String {
    let mut text = "## Data\n\n".to_owned();
    let Ok(report) = serde_json::from_value::<DataReport>(manifest.data.clone()) else {
        return text + "What the model was trained on was not recorded.\n";
    };
    text += "| part | utterances | speakers | minutes | labels |\n|---|---|---|---|---|\n";
    for (part, content) in report.parts.iter().filter(|(_, content)| content.rows > 0) {
        let labels: Vec<String> = content
            .classes
            .iter()
            .map(|(class, count)| format!("{} {count}", escaped(class)))
            .collect();
        let labels = match (&content.values, labels.is_empty()) {
            (Some(values), true) => format!(
                "{:.3} to {:.3}, mean {:.3}",
                values.min, values.max, values.mean
            ),
            _ => labels.join(", "),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.1} | {labels} |",
            part.word(),
            content.rows,
            content.speakers.len(),
            content.seconds / 60.0
        );
    }
    let databases: Vec<String> = report
        .databases
        .iter()
        .map(|one| format!("`{}`", one.name))
        .collect();
    let _ = write!(text, "\nDatabases: {}.", databases.join(", "));
    let dropped: usize = report.dropped.iter().map(|one| one.count).sum();
    if dropped > 0 {
        let _ = write!(text, " {dropped} rows were left out.");
    }
    if let Some(hash) = &manifest.split_hash {
        let _ = write!(text, " SHA-256 of the split: `{hash}`.");
    }
    text + "\n"
}

pub(super) fn results(manifest: &Manifest) -> String {
    let mut text = "## Results\n\n".to_owned();
    if manifest.results.is_empty() {
        return text + "The model was not evaluated.\n";
    }
    text += "Intervals hold 95 % of 1000 bootstrap draws: of utterances, and of whole speakers, which is the honest \
             one for new speakers.\n";
    for (part, summary) in &manifest.results {
        let _ = writeln!(
            text,
            "\n### {} part: {} utterances{}\n",
            part.word(),
            summary.n,
            match summary.speakers {
                0 => String::new(),
                1 => ", 1 speaker".to_owned(),
                count => format!(", {count} speakers"),
            }
        );
        text += &figures(summary);
        text += &matrix(summary);
        text += &sexes(summary);
        if let Some(note) = &summary.note {
            let _ = writeln!(text, "\nNote: {note}.");
        }
    }
    text
}

fn figures(summary: &Summary) -> String {
    let mut text = "| figure | value | by utterance | by speaker |\n|---|---|---|---|\n".to_owned();
    for (name, measured) in &summary.metrics {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            name.to_uppercase(),
            number(measured.value),
            span(measured.interval()),
            span(measured.by_speaker)
        );
    }
    text
}

fn matrix(summary: &Summary) -> String {
    let Some(rows) = &summary.confusion else {
        return String::new();
    };
    let labels: Vec<String> = summary.labels.iter().map(|label| escaped(label)).collect();
    let mut text = format!(
        "\n| true \\ predicted | {} | recall |\n|---{}\n",
        labels.join(" | "),
        "|---".repeat(labels.len() + 1)
    );
    // The line of dashes ends as the others do.
    text.insert(text.len() - 1, '|');
    for ((label, row), class) in labels.iter().zip(rows).zip(&summary.classes) {
        let counts: Vec<String> = row.iter().map(u64::to_string).collect();
        let _ = writeln!(
            text,
            "| {label} | {} | {} |",
            counts.join(" | "),
            number(class.scores.recall)
        );
    }
    text
}

fn sexes(summary: &Summary) -> String {
    let Some(rows) = summary.groups.get("sex") else {
        return String::new();
    };
    let mut text = String::new();
    for row in rows {
        if let Some((name, value)) = row.main() {
            let _ = write!(
                text,
                "{}{}: {} {} {} ({} utterances)",
                if text.is_empty() { "\nBy sex: " } else { "; " },
                row.name,
                name.to_uppercase(),
                number(value),
                span(row.interval),
                row.n
            );
        }
    }
    text + ".\n"
}

pub(super) fn training(experiment: &Experiment, manifest: &Manifest) -> String {
    let training = &manifest.training;
    let chosen = match manifest.selection.selected_on {
        Some(part) => format!(
            "The state of epoch {} was chosen by its {} on the {} part.",
            epoch_text(training.best_epoch),
            manifest.selection.measure.word().to_uppercase(),
            part.word()
        ),
        None => "The last state was kept.".to_owned(),
    };
    format!(
        "## Training\n\n{} epochs, {} steps of {} clips, on {}, {} numbers, seed {}; {:.2} M of {:.2} M parameters were \
         trained. {chosen}\n\nThe experiment, for `voxtune run`:\n\n```ini\n{}\n```\n",
        training.epochs,
        training.steps,
        training.effective_batch,
        if manifest.device.is_empty() {
            "an unknown device"
        } else {
            &manifest.device
        },
        experiment.tuning.precision.word(),
        manifest.seed,
        manifest.model.trained as f64 / 1e6,
        manifest.model.parameters as f64 / 1e6,
        public_config(&manifest.config.text).trim_end()
    )
}

pub(super) fn limits(manifest: &Manifest) -> String {
    let mut limits = vec![
        "The figures hold for recordings and speakers like those above; other languages, rooms, microphones and ages \
         were not tested."
            .to_owned(),
    ];
    if manifest.task == Task::Classification {
        limits.push(
            "The model answers with one of its classes whatever it hears, also to silence, music, or what none of them \
             describes."
                .to_owned(),
        );
    }
    if let Some(ece) = tested(manifest).and_then(|summary| summary.value("ece")) {
        limits.push(format!(
            "Its probabilities are off by {ece:.3} on average (expected calibration error, ten bins), so that they are \
             no measure of how often it is right."
        ));
    }
    match tested(manifest) {
        None => limits.push("It was not tested.".to_owned()),
        Some(summary) => {
            if summary.n < FEW_UTTERANCES {
                limits.push(format!("It was tested on only {} utterances.", summary.n));
            }
            if summary.speakers > 0 && summary.speakers < FEW_SPEAKERS {
                limits.push(format!(
                    "It was tested on only {} speakers.",
                    summary.speakers
                ));
            }
            if summary.speakers == 0 {
                limits.push(
                    "Speakers are not known, so they may stand in both the train and the test part, which flatters it."
                        .to_owned(),
                );
            }
        }
    }
    if manifest.selection.optimistic {
        limits.push("It was chosen on the test part: its figures are optimistic.".to_owned());
    }
    limits.push(
        "It says what speech sounds like, not what a person feels or is; don't use it to decide about people.".to_owned(),
    );
    let items: Vec<String> = limits
        .into_iter()
        .map(|limit| format!("- {limit}\n"))
        .collect();
    format!("## Limits\n\n{}", items.concat())
}

/// The figures of the test part.
fn tested(manifest: &Manifest) -> Option<&Summary> {
    manifest.results.get(&Part::Test)
}

pub(super) fn license(experiment: &Experiment, manifest: &Manifest) -> String {
    let own = match &experiment.license {
        Some(license) => format!("This model: `{license}`."),
        None => "No licence has been chosen for this model: set `license` under `[EXP]`, or edit this card, before it is \
                 published."
            .to_owned(),
    };
    let base = match &manifest.model.license {
        Some(license) => format!("The model that it was fine-tuned from: `{license}`."),
        None => {
            "The licence of the model that it was fine-tuned from is not known here.".to_owned()
        }
    };
    format!(
        "## Licence\n\n{own} {base} Both, and the terms of the recordings, bind whoever uses it.\n"
    )
}

/// Text whose signs mean nothing in a table of Markdown.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
