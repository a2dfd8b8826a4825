//! audformat databases to rows.
//!
//! A database is a folder: `db.yaml` says which tables it has, what their columns mean (schemes) and
//! what is known of labels (attributes of speakers, say), and each table is a CSV or parquet file
//! beside it. Labels are looked for as the Python package `audformat` 1.4 does it.

mod cell;
mod columns;
mod csv;
mod database;
mod frame;
mod get;
mod header;
mod merge;
mod parquet;
mod parts;
mod rows;
mod source;
#[cfg(test)]
mod tests;
mod used;
mod whole;
mod yaml;

pub(super) use rows::read;
pub(super) use source::Source;
pub use whole::{DatabaseTable, database_table};
