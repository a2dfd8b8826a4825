//! Predictions to metrics with intervals, plots and files.

mod card;
pub mod compare;
mod cross;
mod error;
mod files;
mod folds;
mod layout;
mod manifest;
pub mod metrics;
pub mod plot;
mod prediction;
mod progress;
mod summary;
pub mod tensorboard;
mod units;

#[cfg(test)]
mod tests;

pub use card::{model_card, public_config};
pub use cross::{CrossCell, CrossTable};
pub use error::ReportError;
pub use files::{
    NewFile, PartOutcome, PredictionTable, RunLine, RunOutcome, RunsSummary, Spread,
    classification_report, confusion_line, cross_csv, cross_text, distribution_files, epoch_files,
    experiment_files, folds_csv, folds_text, groups_csv, groups_text, predictions_csv, report_text,
    run_files, runs_line, runs_text,
};
pub use folds::{FoldLine, FoldNumber, FoldSpread, FoldsSummary};
pub use layout::{Layout, component as path_component};
pub use manifest::{
    ConfigRecord, FrozenRecord, Manifest, ModelRecord, Resumption, SCHEMA, Selection,
    TrainingRecord,
};
pub use prediction::{Prediction, PredictionSet};
pub use progress::{Evaluated, Progress, StepRecord};
pub use summary::{
    Certain, ClassRow, Combined, Combining, GroupRow, Grouping, Measured, Summary, SummaryOptions,
    result_table,
};
pub use units::table_units;
