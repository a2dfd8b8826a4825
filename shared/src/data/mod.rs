//! Tables to labelled rows to a split, each step with a report of what was dropped and why.
//!
//! [`load`] does all of it for an experiment, [`list`] finds recordings to predict, and [`Loader`]
//! decodes what training asks for, ahead of its use.

mod audformat;
mod dataset;
mod draw;
mod drops;
mod error;
mod filter;
mod guess;
mod hash;
mod listing;
mod load;
mod loader;
mod parallel;
mod parts;
mod probe;
mod report;
mod reuse;
mod row;
mod same;
mod split;
mod store;
mod survey;
mod table;
mod target;
mod utterance;

#[cfg(test)]
mod tests;

pub use audformat::{DatabaseTable, database_table};
pub use dataset::Dataset;
pub use drops::{DropReason, Dropped};
pub use error::DataError;
pub use guess::{Guess, guess};
pub use listing::{Listing, list};
pub use load::{
    KnownTarget, Named, load, load_all, load_folds, load_surveyed, load_test, load_unlabelled,
    named,
};
pub use loader::{Batches, Loader, LoaderStats, Request};
#[cfg(feature = "engine")]
pub(crate) use parallel::each;
pub use parts::Parts;
pub use report::{
    AudioReport, DataReport, DatabaseReport, LevelReport, PartReport, ValueRange, folds_report,
};
pub use reuse::{Reused, load_or_reuse};
pub use store::{folds_csv, split_csv, timedelta};
pub use table::seconds;
pub use target::{Bins, DatabaseTransform, TargetTransform, ZScore};
pub use utterance::{Label, Part, Utterance};
