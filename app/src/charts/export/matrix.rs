//! A matrix, which the page shows as a table of buttons, as a picture.

use super::figure::{Pen, Picture, children, get, letters, sheet, style};
use std::fmt::Write as _;
use web_sys::Element;

/// Height of a line of heads and of a line of cells, least width of a cell, and room beside texts, in pixels.
const HEAD: f64 = 28.0;
const ROW: f64 = 48.0;
const CELL: f64 = 72.0;
const ROOM: f64 = 8.0;
/// Between two cells.
const GAP: f64 = 2.0;

/// A cell of the table.
struct Cell {
    text: String,
    /// What has its colours.
    element: Element,
    /// How many columns it spans.
    span: usize,
    is_head: bool,
}

/// The table as it is seen: counts or shares, light or dark. A column is as wide as its widest text.
pub(super) fn of_table(table: &Element) -> Option<Picture> {
    let pen = Pen::new()?;
    let rows: Vec<Vec<Cell>> = children(table)
        .iter()
        .flat_map(children)
        .map(|row| children(&row).into_iter().map(cell).collect())
        .collect();
    let widths = widths(&rows, &pen);
    let (mut out, mut y) = (String::new(), GAP);
    for row in &rows {
        let height = if row.iter().all(|cell| cell.is_head) {
            HEAD
        } else {
            ROW
        };
        let mut at = 0;
        for (column, cell) in row.iter().enumerate() {
            let x: f64 = widths[..at].iter().sum();
            let wide: f64 = widths[at..(at + cell.span).min(widths.len())].iter().sum();
            at = (at + cell.span).min(widths.len());
            if !cell.is_head {
                let (colour, _) = pen.colour(&get(&cell.element, "background-color"));
                // Which cell is chosen is not of the matrix.
                let is_chosen =
                    cell.element.get_attribute("aria-pressed").as_deref() == Some("true");
                let edge = match is_chosen {
                    true => colour.clone(),
                    false => pen.colour(&get(&cell.element, "border-top-color")).0,
                };
                let _ = write!(
                    out,
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"3\" fill=\"{colour}\" stroke=\"{edge}\"/>",
                    wide - GAP,
                    height - GAP,
                );
            }
            let (x, anchor) = match column {
                0 => (x + wide - ROOM, "end"),
                _ => (x + (wide - GAP) / 2.0, "middle"),
            };
            out += &letters(
                &cell.element,
                &pen,
                &cell.text,
                (x, y + height / 2.0 + 4.0),
                anchor,
            );
        }
        y += height;
    }
    Some(sheet(
        table,
        &pen,
        &out,
        widths.iter().sum::<f64>() + ROOM,
        y + ROOM,
    ))
}

fn cell(element: Element) -> Cell {
    let inner = element.first_element_child();
    let span = element.get_attribute("colspan");
    Cell {
        text: element.text_content().unwrap_or_default(),
        span: span.and_then(|span| span.parse().ok()).unwrap_or(1),
        is_head: inner.is_none(),
        element: inner.unwrap_or(element),
    }
}

fn widths(rows: &[Vec<Cell>], pen: &Pen) -> Vec<f64> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut widths = vec![CELL; columns];
    for row in rows {
        let mut at = 0;
        for cell in row {
            let wide = style(&cell.element).map_or(0.0, |style| pen.width(&cell.text, &style));
            if cell.span == 1
                && let Some(width) = widths.get_mut(at)
            {
                *width = width.max((wide + 2.0 * ROOM).ceil());
            }
            at += cell.span;
        }
    }
    widths
}
