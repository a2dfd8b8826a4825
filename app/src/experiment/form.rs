//! The common keys as fields, which edit the same text and leave everything else in it as it is.

use super::{document::Document, settings::from};
use crate::ui::{Toaster, capital, later};
use leptos::{ev, prelude::*};
use shared::config::{
    Origin, assist,
    keys::{self, Key, Kind},
};

/// A field of the form: section and key; `<db>` stands for each database.
type Field = (&'static str, &'static str);

/// Groups of fields.
const GROUPS: &[(&str, &[Field])] = &[
    (
        "Experiment",
        &[
            ("EXP", "name"),
            ("EXP", "type"),
            ("EXP", "epochs"),
            ("EXP", "runs"),
        ],
    ),
    ("Data", &[("DATA", "target"), ("DATA", "labels")]),
    (
        "Database",
        &[
            ("DATA", "<db>"),
            ("DATA", "<db>.type"),
            ("DATA", "<db>.split_strategy"),
            ("DATA", "<db>.test_size"),
        ],
    ),
    (
        "Model",
        &[
            ("FINETUNE", "pretrained_model"),
            ("FINETUNE", "max_duration"),
            ("FINETUNE", "freeze_layers"),
            ("FINETUNE", "pooling"),
        ],
    ),
    (
        "Training",
        &[
            ("FINETUNE", "learning_rate"),
            ("FINETUNE", "lr_scheduler"),
            ("FINETUNE", "warmup_ratio"),
            ("FINETUNE", "batch_size"),
            ("FINETUNE", "gradient_accumulation"),
            ("FINETUNE", "class_weight"),
            ("FINETUNE", "measure"),
            ("FINETUNE", "patience"),
            ("FINETUNE", "dev_from_train"),
            ("FINETUNE", "seed"),
        ],
    ),
];

/// The form.
#[component]
pub(super) fn Form(document: Document) -> impl IntoView {
    let databases = Memo::new(move |_| {
        let names = |checked: &shared::config::Checked| assist::databases(&checked.document);
        document.checked.with(names)
    });
    let models = assist::models()
        .iter()
        .map(|(name, what)| view! { <option value=*name>{*what}</option> });
    let in_turn = move |(at, (name, fields)): (usize, &'static (&str, &[Field]))| {
        later(at, move || group(document, databases, name, fields))
    };
    view! {
        <div class="scroll form">
            <datalist id="models">{models.collect_view()}</datalist>
            {GROUPS.iter().enumerate().map(in_turn).collect_view()}
        </div>
    }
}

/// A group, or one for each database.
fn group(
    document: Document,
    databases: Memo<Vec<String>>,
    name: &'static str,
    fields: &'static [Field],
) -> AnyView {
    if name != "Database" {
        return view! { <Group document name=name.to_owned() fields database=None /> }.into_any();
    }
    let each = move |database: String| {
        view! { <Group document name=format!("Database {database}") fields database=Some(database) /> }
    };
    view! { <For each=move || databases.get() key=Clone::clone children=each /> }.into_any()
}

#[component]
fn Group(
    document: Document,
    name: String,
    fields: &'static [Field],
    database: Option<String>,
) -> impl IntoView {
    let row = |(section, name): &(&'static str, &'static str)| {
        let key = keys::row(section, name)?;
        let written = database
            .as_ref()
            .map_or_else(|| (*name).to_owned(), |own| name.replacen("<db>", own, 1));
        Some(view! { <Line document key written /> })
    };
    view! {
        <fieldset>
            <legend>{name}</legend>
            {fields.iter().filter_map(row).collect_view()}
        </fieldset>
    }
}

#[component]
fn Line(document: Document, key: &'static Key, written: String) -> impl IntoView {
    let section = key.section;
    let name = StoredValue::new(written);
    let setting = Memo::new(move |_| name.with_value(|name| document.setting(section, name)));
    let value = move || {
        setting.with(|setting| {
            setting
                .as_ref()
                .map_or_else(|| key.default.to_owned(), |own| own.value.clone())
        })
    };
    let origin =
        move || setting.with(|setting| setting.as_ref().map_or(Origin::Default, |own| own.origin));
    let id = name.with_value(|name| format!("field-{section}-{name}"));
    let help = format!("{id}-help");
    let toaster = Toaster::here();
    let set = move |text: String| {
        let done = name.with_value(|name| document.set_key(section, name, text.trim()));
        if let Err(error) = done {
            toaster.fail(error);
        }
    };
    let typed = move |event: ev::Event| set(event_target_value(&event));
    let field = match key.kind {
        Kind::Boolean => choice(&id, &help, &["True", "False"], value, typed),
        Kind::Word => choice(&id, &help, key.choices, value, typed),
        _ => {
            let list = (key.name == "pretrained_model").then_some("models");
            let mode = match key.kind {
                Kind::Integer => "numeric",
                Kind::Number => "decimal",
                _ => "text",
            };
            view! {
                <input
                    id=id.clone()
                    type="text"
                    inputmode=mode
                    list=list
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby=help.clone()
                    prop:value=value
                    on:change=typed
                />
            }
            .into_any()
        }
    };
    let label = name.get_value();
    let clear_label = format!("Take {label} out of the file");
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {field}
            <span class="origin">
                {move || from(origin())}
                <Show when=move || origin() == Origin::File>
                    <button type="button" class="quiet small" aria-label=clear_label.clone() title="Back to the default" on:click=move |_| set(String::new())>
                        "×"
                    </button>
                </Show>
            </span>
            <p class="help" id=help>{format!("{} {}.", key.doc, capital(&key.values()))}</p>
        </div>
    }
}

fn choice(
    id: &str,
    help: &str,
    choices: &'static [&'static str],
    value: impl Fn() -> String + Copy + Send + Sync + 'static,
    typed: impl Fn(ev::Event) + 'static,
) -> AnyView {
    // A default that depends on other keys is none of the words.
    let option = move |word: &'static str| view! { <option value=word selected=move || value() == word>{word}</option> };
    let options = choices.iter().copied().map(option).collect_view();
    let unset = move || {
        (!choices.contains(&value().as_str()))
            .then(|| view! { <option value="" selected>"(not set)"</option> })
    };
    view! {
        <select id=id.to_owned() aria-describedby=help.to_owned() prop:value=value on:change=typed>
            {unset}
            {options}
        </select>
    }
    .into_any()
}
