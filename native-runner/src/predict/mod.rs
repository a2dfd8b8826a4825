//! Predictions of many recordings: what `voxtune predict` is made of.

mod live;
mod plots;
mod record;
mod rows;
mod table;
mod told;
mod work;

pub(crate) use live::Listener;
pub(crate) use plots::write_plots;
pub(crate) use record::{Failed, Options, Record, model_hash};
pub(crate) use rows::{from_config, from_inputs};
pub(crate) use table::TableFile;
pub(crate) use told::read;
pub(crate) use work::{Engine, Outcome, work};
