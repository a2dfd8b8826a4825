//! Experiments to begin with.

use super::document::Document;
use crate::ui::{Dialog, Toaster};
use leptos::prelude::*;
use shared::config::{assist, ini};
use std::borrow::Cow;

/// An experiment to begin with.
struct Template {
    name: &'static str,
    what: &'static str,
    file: &'static str,
    text: &'static str,
}

impl Template {
    /// The text as it runs from the page: the demo is a dataset there, and no folder beside the INI.
    fn text(&self) -> Cow<'static, str> {
        if !self.text.contains(FOLDER) {
            return self.text.into();
        }
        let lines = self.text.lines().filter(|line| !line.starts_with(COMMAND));
        let text: String = lines.flat_map(|line| [line, "\n"]).collect();
        text.replace(FOLDER, DATASET).into()
    }
}

/// Where the demo lies for those who run it from the project's folder, and what tells them so.
const FOLDER: &str = "./static/demo/";
const COMMAND: &str = "# Run it from the project's folder:";
/// Where it lies for the page.
const DATASET: &str = "dataset:demo/";

/// What there is without a model of its own.
const TEMPLATES: &[Template] = &[
    Template {
        name: "Demo: four emotions",
        what: "160 synthetic clips and a small model that come with Voxtune; trains in minutes anywhere.",
        file: "demo.ini",
        text: include_str!("../../../static/demo/demo.ini"),
    },
    Template {
        name: "Demo: arousal",
        what: "The same clips with a continuous target.",
        file: "arousal.ini",
        text: include_str!("../../../static/demo/arousal.ini"),
    },
    Template {
        name: "The least there can be",
        what: "A table with the columns file, speaker and emotion; all else by default.",
        file: "minimal.ini",
        text: include_str!("../../../static/templates/minimal.ini"),
    },
    Template {
        name: "Train, dev and test",
        what: "Three parts without common speakers, early stop, three repetitions.",
        file: "train_dev_test.ini",
        text: include_str!("../../../static/templates/parts.ini"),
    },
    Template {
        name: "Regression",
        what: "A continuous target, judged by its concordance correlation.",
        file: "regression.ini",
        text: include_str!("../../../static/templates/regression.ini"),
    },
    Template {
        name: "Across databases",
        what: "Learn on one, test on another, with labels mapped.",
        file: "cross_corpus.ini",
        text: include_str!("../../../static/templates/cross.ini"),
    },
    Template {
        name: "The tutorial's example",
        what: "WavLM on emoDB, as Nkululeko's tutorial has it.",
        file: "wavlm_finetuned.ini",
        text: include_str!("../../../static/templates/emodb.ini"),
    },
];

/// The experiment that a new user meets: file name and text.
pub(super) fn first() -> (&'static str, Cow<'static, str>) {
    (TEMPLATES[0].file, TEMPLATES[0].text())
}

/// The window in which one is chosen.
#[component]
pub(super) fn Templates(document: Document, open: RwSignal<bool>) -> impl IntoView {
    let toaster = Toaster::here();
    let take = move |file: &str, text: &str| {
        document.open(file, text);
        open.set(false);
        toaster.say(format!(
            "`{file}` is open. Undo brings back what was there."
        ));
    };
    let item = move |template: &'static Template| {
        view! {
            <li>
                <button type="button" class="card" on:click=move |_| take(template.file, &template.text())>
                    <strong>{template.name}</strong>
                    <span class="soft">{template.what}</span>
                </button>
            </li>
        }
    };
    // A model alone changes one key of what is open.
    let model = move |(name, what): &'static (&'static str, &'static str)| {
        let pick = move |_| {
            let changed = if document
                .checked
                .with_untracked(|checked| checked.document.sections().is_empty())
            {
                with_model(name).map(|text| document.open("experiment.ini", &text))
            } else {
                document.set_key("FINETUNE", "pretrained_model", name)
            };
            match changed {
                Ok(()) => {
                    open.set(false);
                    toaster.say(format!("The experiment starts from `{name}`."));
                }
                Err(error) => toaster.fail(error),
            }
        };
        view! {
            <li>
                <button type="button" class="card" on:click=pick>
                    <strong class="mono">{*name}</strong>
                    <span class="soft">{*what}</span>
                </button>
            </li>
        }
    };
    view! {
        <Dialog open title="Templates">
            <h3>"Experiments"</h3>
            <ul class="cards">{TEMPLATES.iter().map(item).collect_view()}</ul>
            <h3>"Models"</h3>
            <p class="soft">"Sets the model of the experiment that is open."</p>
            <ul class="cards">{assist::models().iter().map(model).collect_view()}</ul>
        </Dialog>
    }
}

/// The smallest experiment, with a model.
fn with_model(name: &str) -> Result<String, String> {
    let mut document = ini::Document::parse(TEMPLATES[2].text);
    document
        .set("FINETUNE", "pretrained_model", name)
        .map_err(|error| error.to_string())?;
    Ok(document.text().to_owned())
}
