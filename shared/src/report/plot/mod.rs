//! Plots as SVG, and as PNG of what the SVG shows.
//!
//! SVG is written by [`svg`], text is measured with the embedded font so that nothing overlaps or
//! is cut, and [`png`] draws with that same font alone: the same bytes on every machine and in the
//! browser.

mod axis;
mod boxes;
mod confusion;
mod counts;
mod cross;
mod font;
mod groups;
mod heading;
mod legend;
mod palette;
mod png;
mod progression;
mod reliability;
mod scatter;
mod svg;
#[cfg(test)]
mod tests;
mod timeline;

pub use self::png::png;
#[cfg(test)]
pub(in crate::report) use self::png::tree;
pub use confusion::ConfusionPlot;
pub use counts::CountsPlot;
pub use cross::CrossPlot;
pub use groups::{UncertaintyPlot, comparison, folds, runs};
pub use progression::ProgressionPlot;
pub use reliability::ReliabilityPlot;
pub use scatter::ScatterPlot;
pub use timeline::{TimelinePlot, TimelinePoint};
