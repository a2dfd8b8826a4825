//! Which rows are shown: by words, by values of columns, by what is wrong with the sound.

use super::{files::Known, rows::Rows, sheet::Sheet, trouble::Trouble};
use crate::ui::{Icon, Shape};
use leptos::prelude::*;

/// Values of a column up to which it can be chosen from.
const VALUES: usize = 60;

/// What is asked of rows.
#[derive(Clone, Copy, Default)]
pub(super) struct Filter {
    /// Words, each of which must stand somewhere in a row.
    pub(super) words: RwSignal<String>,
    /// Columns by name, with the value that they must have.
    pub(super) values: RwSignal<Vec<(String, String)>>,
    pub(super) trouble: RwSignal<Option<Trouble>>,
}

impl Filter {
    /// Whether it must be asked again when more is known of recordings.
    pub(super) fn needs_sound(self) -> bool {
        self.trouble.get().is_some()
    }

    /// What is asked at the moment.
    pub(super) fn now(self) -> Passes {
        let words = self.words.get().to_lowercase();
        Passes {
            words: words.split_whitespace().map(str::to_owned).collect(),
            values: self.values.get(),
            trouble: self.trouble.get(),
        }
    }

    /// Asks nothing any more.
    pub(super) fn clear(self) {
        self.words.set(String::new());
        self.values.set(Vec::new());
        self.trouble.set(None);
    }

    /// Asks for a value of a column, or, if it is asked already, no more.
    pub(super) fn toggle(self, column: &str, value: &str) {
        self.values.update(|values| {
            let pair = (column.to_owned(), value.to_owned());
            let was = values.contains(&pair);
            values.retain(|(own, _)| own != column);
            if !was {
                values.push(pair);
            }
        });
    }

    /// Whether a value is asked for.
    pub(super) fn has(self, column: &str, value: &str) -> bool {
        self.values.with(|values| {
            values
                .iter()
                .any(|(name, own)| name == column && own == value)
        })
    }
}

/// A filter's state.
pub(super) struct Passes {
    words: Vec<String>,
    values: Vec<(String, String)>,
    trouble: Option<Trouble>,
}

impl Passes {
    /// Whether a row is shown.
    pub(super) fn row(&self, sheet: &Sheet, row: usize, known: Option<&Known>) -> bool {
        let values = &sheet.rows[row];
        let value = |(name, value): &(String, String)| {
            let at = sheet.columns.iter().position(|own| own == name);
            at.and_then(|at| values.get(at))
                .is_some_and(|own| own == value)
        };
        let word = |word: &String| values.iter().any(|value| contains(value, word));
        self.values.iter().all(value)
            && self.words.iter().all(word)
            && self
                .trouble
                .is_none_or(|trouble| Trouble::of(sheet, row, known).contains(&trouble))
    }
}

/// Whether `word`, in small letters, stands in `text`. Most texts are ASCII, and need no copy then.
fn contains(text: &str, word: &str) -> bool {
    if text.is_ascii() {
        let (text, word) = (text.as_bytes(), word.as_bytes());
        word.is_empty()
            || text
                .windows(word.len())
                .any(|part| part.eq_ignore_ascii_case(word))
    } else {
        text.to_lowercase().contains(word)
    }
}

/// The strip over the table.
#[component]
pub(super) fn FilterBar(rows: Rows) -> impl IntoView {
    let filter = rows.filter;
    let column = RwSignal::new(String::new());
    let columns = Memo::new(move |_| rows.columns());
    let options = move || {
        let option = |name: String| view! { <option value=name.clone()>{name.clone()}</option> };
        columns.get().into_iter().skip(1).map(option).collect_view()
    };
    let values = move || {
        let name = column.get();
        let at = columns.get().iter().position(|own| *own == name)?;
        let Some(values) = rows.values(at, VALUES) else {
            return Some(
                view! { <span class="soft">"too many values: write one into the field"</span> }
                    .into_any(),
            );
        };
        let option = |value: String| {
            let shown = if value.is_empty() {
                "(empty)".to_owned()
            } else {
                value.clone()
            };
            view! { <option value=format!("={value}")>{shown}</option> }
        };
        let options = values.into_iter().map(option).collect_view();
        let pick = move |event| {
            if let Some(value) = event_target_value(&event).strip_prefix('=') {
                filter.toggle(&name, value);
                column.set(String::new());
            }
        };
        Some(view! { <select aria-label="Value" on:change=pick><option value="">"is…"</option>{options}</select> }.into_any())
    };
    let chip = move |(name, value): (String, String)| {
        let text = format!(
            "{name} = {}",
            if value.is_empty() { "(empty)" } else { &value }
        );
        let label = format!("No longer only {text}");
        view! {
            <button type="button" class="chip" aria-label=label on:click=move |_| filter.toggle(&name, &value)>
                {text}<Icon shape=Shape::Close />
            </button>
        }
    };
    let trouble = move |event| {
        let word = event_target_value(&event);
        filter
            .trouble
            .set(Trouble::ALL.into_iter().find(|one| one.word() == word));
    };
    let troubles = Trouble::ALL.map(|one| {
        view! { <option value=one.word() selected=move || filter.trouble.get() == Some(one)>{one.word()}</option> }
    });
    view! {
        <div class="bar plain filters">
            <input type="search" class="grow" placeholder="Filter: words of a row" aria-label="Filter" prop:value=move || filter.words.get() on:input=move |event| filter.words.set(event_target_value(&event)) />
            <select aria-label="Column to filter by" prop:value=move || column.get() on:change=move |event| column.set(event_target_value(&event))>
                <option value="">"Column…"</option>
                {options}
            </select>
            {values}
            <select aria-label="Sound to filter by" on:change=trouble>
                <option value="" selected=move || filter.trouble.get().is_none()>"Any sound"</option>
                {troubles.into_iter().collect_view()}
            </select>
            {move || filter.values.get().into_iter().map(chip).collect_view()}
        </div>
    }
}
