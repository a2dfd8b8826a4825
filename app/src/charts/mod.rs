//! Charts: drawn as SVG, so that they stay sharp, can be read by programs, and can be saved.

mod export;
mod line;
mod scale;

pub(crate) use export::{Exports, quoted};
pub(crate) use line::{LineChart, Series};
pub(crate) use scale::{label, ticks};
