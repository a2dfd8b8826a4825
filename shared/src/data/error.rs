//! What can be wrong with the data of an experiment.

use super::Part;
use crate::audio::AudioError;
use std::io;

/// Why the data of an experiment cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The system could not read a table.
    #[error("the table of {database}, {path}, cannot be read: {source}")]
    ReadTable {
        /// Name of the database.
        database: String,
        /// The CSV file.
        path: String,
        /// The system's error.
        source: io::Error,
    },
    /// A table is not UTF-8.
    #[error("{path}, line {line}: the table is not UTF-8 but {found}; save it as \"CSV UTF-8\"")]
    Encoding {
        /// The CSV file.
        path: String,
        /// The first line that is not UTF-8, from 1.
        line: usize,
        /// What it seems to be.
        found: String,
    },
    /// A table is not CSV.
    #[error("{path} is not a readable CSV table: {source}")]
    Csv {
        /// The CSV file.
        path: String,
        /// What the parser says.
        source: csv::Error,
    },
    /// A quote is not closed.
    #[error(
        "{path}, line {line}: the quote that opens here is never closed, so that all lines after it would be one field; \
         close it, or write \"\" for a quote within quotes"
    )]
    OpenQuote {
        /// The CSV file.
        path: String,
        /// The line of the quote, from 1.
        line: usize,
    },
    /// A row has more fields than the header.
    #[error(
        "{path}, line {line}: {found} fields, but the header has {expected}; put fields with a separator in quotes"
    )]
    LongRow {
        /// The CSV file.
        path: String,
        /// The line, from 1.
        line: u64,
        /// Fields of the row.
        found: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// A table has no rows.
    #[error("{path} has no rows below its header")]
    EmptyTable {
        /// The CSV file.
        path: String,
    },
    /// A column that is needed is not in the table.
    #[error(
        "{path} has no column `{column}` (it has: {found}); `{database}.colnames = {{'name in the table': '{column}'}}` \
         renames one, `{database}.label` names the column of the target"
    )]
    NoColumn {
        /// Name of the database.
        database: String,
        /// The CSV file.
        path: String,
        /// The column.
        column: String,
        /// The columns that there are.
        found: String,
    },
    /// The header of an audformat database cannot be used.
    #[error("{path}: {reason}")]
    Header {
        /// The `db.yaml`.
        path: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The file of a table of an audformat database cannot be used.
    #[error("{path}: {reason}")]
    TableFile {
        /// The CSV or parquet file.
        path: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The configuration names a table that the database has not.
    #[error("{database} has no table `{table}` (it has: {known})")]
    NoTable {
        /// Name of the database.
        database: String,
        /// The table.
        table: String,
        /// The tables that there are.
        known: String,
    },
    /// No table has the target.
    #[error(
        "{database} has no `{target}` in its tables, schemes or misc tables (it has: {found}); \
         `{database}.label = NAME` names the target of this database"
    )]
    NoTarget {
        /// Name of the database.
        database: String,
        /// The target.
        target: String,
        /// The names that there are.
        found: String,
    },
    /// Tables have different values for the target of the same stretch.
    #[error(
        "{database}: tables say different things about `{target}` of {count} rows ({example}); name the tables to use, \
         `{database}.target_tables = ['NAME']`, or let the first one count, `{database}.target_tables_append = True`"
    )]
    Disagree {
        /// Name of the database.
        database: String,
        /// The target.
        target: String,
        /// How many stretches.
        count: usize,
        /// The first of them.
        example: String,
    },
    /// The same stretch stands in the tables of two parts.
    #[error(
        "{database}: {count} rows belong to two parts of the split ({example}); a model must not be tested on what it was \
         trained on, so name tables that have nothing in common"
    )]
    TwoParts {
        /// Name of the database.
        database: String,
        /// How many stretches.
        count: usize,
        /// The first of them.
        example: String,
    },
    /// The split is by tables, and there are none for it.
    #[error(
        "{database} has no tables for its parts: neither `{target}.train`, `{target}.dev`, `{target}.test` nor tables with \
         a split of that type (its tables: {known}); use split_strategy = specified with `{database}.train_tables` and \
         `{database}.test_tables`"
    )]
    NoPartTables {
        /// Name of the database.
        database: String,
        /// The target.
        target: String,
        /// The tables that there are.
        known: String,
    },
    /// A split by speakers where the table has none.
    #[error(
        "{database} has no speakers (column `speaker`), so it cannot be split by speaker; add the column or use \
         `{database}.split_strategy = random`"
    )]
    NoSpeakers {
        /// Name of the database.
        database: String,
    },
    /// There are fewer speakers or rows than parts.
    #[error("{database} has {found} {what}, but {parts} parts need at least one each{hint}")]
    TooFew {
        /// Name of the database.
        database: String,
        /// `speakers` or `rows`.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many parts are to be made.
        parts: usize,
        /// What to do, after a semicolon, or empty.
        hint: String,
    },
    /// A speaker stands in two lists.
    #[error(
        "{database}: speaker {speaker} stands in the lists of both {first} and {second}; take one out"
    )]
    SpeakerInTwoLists {
        /// Name of the database.
        database: String,
        /// The speaker.
        speaker: String,
        /// One part.
        first: &'static str,
        /// The other part.
        second: &'static str,
    },
    /// The split `balanced` cannot be made.
    #[error("{database}: split_strategy = balanced: {reason}")]
    Balance {
        /// Name of the database.
        database: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The data cannot be cut into folds.
    #[error("{key}: {reason}")]
    Folds {
        /// `logo`, `loso` or `k_fold_cross`.
        key: &'static str,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The column of a split by values cannot be used.
    #[error("{database}: split_column = {column}: {reason}")]
    SplitColumn {
        /// Name of the database.
        database: String,
        /// The column.
        column: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A part of the split has no rows.
    #[error("nothing is left for the {} part: {reason}", part.word())]
    EmptyPart {
        /// The part.
        part: Part,
        /// What became of the rows, and what to do.
        reason: String,
    },
    /// `bins` and `labels` do not fit.
    #[error("[DATA] bins: {reason}")]
    Bins {
        /// What does not fit, and what to do.
        reason: String,
    },
    /// A classification with one class.
    #[error(
        "all training rows have the label `{class}`; a classification needs at least two classes{dropped}"
    )]
    OneClass {
        /// The class.
        class: String,
        /// Rows that were dropped and why, after a semicolon, or empty.
        dropped: String,
    },
    /// A clip cannot be decoded; the message names the file.
    #[error(transparent)]
    Clip(#[from] AudioError),
    /// The threads that decode ended before their time.
    #[error(
        "{file} was not decoded, since the threads that decode have ended; this is a defect, please report it"
    )]
    Threads {
        /// The file that was waited for.
        file: String,
    },
    /// A clip was asked for that does not exist.
    #[error("there is no utterance {index}, only {count}")]
    NoUtterance {
        /// The index that was asked for.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// Files to predict are not there.
    #[error("{path}: {reason}")]
    Input {
        /// The file or folder.
        path: String,
        /// What is wrong, and what to do.
        reason: String,
    },
}
