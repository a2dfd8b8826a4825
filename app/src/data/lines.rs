//! The rows of the table that are on the page: made once, and given other content while the table is scrolled. To make
//! them anew takes longer than a picture, and so does a signal for each of their cells.

use super::{heard::Heard, rows::Rows};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, HtmlInputElement, Node};

/// Height of a row in pixels, as in the style sheet.
pub(super) const ROW: f64 = 28.0;

/// The cell that the keys act on.
pub(super) struct Here {
    pub(super) row: usize,
    pub(super) column: usize,
    /// With what it begins to be edited, if it is.
    pub(super) edited: Option<String>,
}

/// What a cell is called while the keys act on it.
pub(super) fn cell_id(row: usize, column: usize) -> String {
    format!("grid-{row}-{column}")
}

/// The rows on the page.
#[derive(Default)]
pub(super) struct Lines {
    /// Names of the columns, without length and sound.
    columns: Vec<String>,
    /// The row at place `p` of the table is in line `p` modulo their number: few change where it is scrolled by few.
    lines: Vec<Line>,
}

impl Lines {
    /// Shows the rows `shown` of the table, whose first is at place `first`, in `body`.
    ///
    /// # Errors
    /// The browser makes no elements.
    pub(super) fn show(
        &mut self,
        body: &HtmlElement,
        rows: Rows,
        first: usize,
        shown: &[usize],
        here: Option<&Here>,
    ) -> Result<(), JsValue> {
        let columns = rows.columns();
        if self.columns != columns {
            self.keep(0);
            self.columns = columns;
        }
        self.keep(shown.len());
        while self.lines.len() < shown.len() {
            let line = Line::new(self.columns.len())?;
            body.append_child(&line.row)?;
            self.lines.push(line);
        }
        let count = self.lines.len();
        for (place, &row) in (first..).zip(shown) {
            let here = here.filter(|here| here.row == row);
            self.lines[place % count].show(rows, place, row, here, &self.columns)?;
        }
        Ok(())
    }

    /// Lets all lines go but so many.
    fn keep(&mut self, count: usize) {
        for line in self.lines.drain(count.min(self.lines.len())..) {
            line.row.remove();
        }
    }

    /// The row, and the column where it is one of the table's own, of something on the page.
    pub(super) fn find(&self, thing: &Node) -> Option<(usize, Option<usize>)> {
        let line = self
            .lines
            .iter()
            .find(|line| line.row.contains(Some(thing)))?;
        let mut cells = line.cells.iter().take(self.columns.len());
        let column = cells.position(|cell| cell.element.contains(Some(thing)));
        Some((line.at?, column))
    }
}

/// A row on the page.
struct Line {
    row: HtmlElement,
    cells: Vec<Cell>,
    /// The row of the table that it shows.
    at: Option<usize>,
    place: Option<usize>,
    class: String,
    /// The column that the keys act on, and whether it is edited.
    here: Option<(usize, bool)>,
}

impl Line {
    fn new(columns: usize) -> Result<Self, JsValue> {
        let row = element("div", "row")?;
        row.set_attribute("role", "row")?;
        let mut cells = Vec::new();
        for column in 0..columns + 2 {
            let cell = Cell::new(match column.checked_sub(columns) {
                None => "",
                Some(0) => "number soft",
                Some(_) => "soft",
            })?;
            row.append_child(&cell.element)?;
            cells.push(cell);
        }
        Ok(Self {
            row,
            cells,
            at: None,
            place: None,
            class: String::new(),
            here: None,
        })
    }

    fn show(
        &mut self,
        rows: Rows,
        place: usize,
        at: usize,
        here: Option<&Here>,
        columns: &[String],
    ) -> Result<(), JsValue> {
        if self.place.replace(place) != Some(place) {
            let index = (place + 2).to_string();
            self.row.set_attribute("aria-rowindex", &index)?;
            let top = format!("{}px", (place + 1) as f64 * ROW);
            self.row.style().set_property("top", &top)?;
        }
        let heard = Heard::of(rows, at);
        let mut class = "row".to_owned();
        for (holds, word) in [
            (here.is_some(), " chosen"),
            (place % 2 == 1, " odd"),
            (!heard.here, " silent"),
        ] {
            class += if holds { word } else { "" };
        }
        if self.class != class {
            self.row.set_class_name(&class);
            let chosen = here.is_some().to_string();
            self.row.set_attribute("aria-selected", &chosen)?;
            self.class = class;
        }
        let now = here.map(|here| (here.column, here.edited.is_some()));
        let is_other = self.at.replace(at) != Some(at);
        if (is_other || self.here != now)
            && let Some((column, _)) = std::mem::replace(&mut self.here, now)
            && let Some(cell) = self.cells.get_mut(column)
        {
            cell.leave()?;
        }
        rows.with_row(at, |values| {
            let texts = values.iter().chain([&heard.length, &heard.sound]);
            for (column, (cell, text)) in self.cells.iter_mut().zip(texts).enumerate() {
                match now {
                    Some((own, true)) if own == column => cell.write(""),
                    _ => cell.write(text),
                }
            }
        });
        if let Some(sound) = self.cells.last_mut() {
            sound.mark(heard.wrong)?;
        }
        match here.and_then(|here| {
            Some((
                here,
                self.cells.get_mut(..columns.len())?.get_mut(here.column)?,
            ))
        }) {
            Some((here, cell)) => cell.enter(here, columns),
            None => Ok(()),
        }
    }
}

/// A cell on the page.
struct Cell {
    element: HtmlElement,
    text: Option<Node>,
    written: String,
    is_here: bool,
    is_wrong: bool,
    field: Option<HtmlInputElement>,
}

impl Cell {
    fn new(class: &str) -> Result<Self, JsValue> {
        let element = element("span", class)?;
        element.set_attribute("role", "gridcell")?;
        // A text that is changed, not exchanged, keeps its place in the page's layout.
        let written = " ".to_owned();
        element.set_text_content(Some(&written));
        Ok(Self {
            text: element.first_child(),
            element,
            written,
            is_here: false,
            is_wrong: false,
            field: None,
        })
    }

    fn write(&mut self, text: &str) {
        if self.written != text {
            if let Some(node) = &self.text {
                node.set_node_value(Some(text));
            }
            text.clone_into(&mut self.written);
        }
    }

    /// Says whether something is wrong.
    fn mark(&mut self, is_wrong: bool) -> Result<(), JsValue> {
        if std::mem::replace(&mut self.is_wrong, is_wrong) != is_wrong {
            let list = self.element.class_list();
            list.toggle_with_force("error-text", is_wrong)?;
        }
        Ok(())
    }

    /// The keys act on it, and may edit it.
    fn enter(&mut self, here: &Here, columns: &[String]) -> Result<(), JsValue> {
        if !std::mem::replace(&mut self.is_here, true) {
            self.element.set_id(&cell_id(here.row, here.column));
            self.element.class_list().add_1("here")?;
        }
        let Some(text) = here.edited.as_ref().filter(|_| self.field.is_none()) else {
            return Ok(());
        };
        let field: HtmlInputElement = element("input", "in-cell")?.unchecked_into();
        let name = columns.get(here.column).map_or("", String::as_str);
        field.set_type("text");
        field.set_attribute("aria-label", name)?;
        field.set_value(text);
        self.element.append_child(&field)?;
        field.focus()?;
        let end = text.encode_utf16().count() as u32;
        field.set_selection_range(end, end)?;
        self.field = Some(field);
        Ok(())
    }

    /// They act on it no more.
    fn leave(&mut self) -> Result<(), JsValue> {
        self.is_here = false;
        self.element.remove_attribute("id")?;
        self.element.class_list().remove_1("here")?;
        if let Some(field) = self.field.take() {
            field.remove();
        }
        Ok(())
    }
}

fn element(name: &str, class: &str) -> Result<HtmlElement, JsValue> {
    let element: HtmlElement = document().create_element(name)?.unchecked_into();
    element.set_class_name(class);
    Ok(element)
}
