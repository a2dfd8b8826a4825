//! What the page and the runner have in common.
//!
//! The modules lie in the order in which data passes through them, and none calls back:
//! [`config`] reads the INI, [`data`] makes labelled and split rows of it, [`audio`] makes
//! normalised 16 kHz samples of the rows' files, [`checkpoint`] reads and writes Hugging Face
//! folders, `model` and `train` (feature `engine`) fine-tune, [`report`] measures and draws,
//! `run` (feature `engine`) carries a whole experiment out, `predict` (feature `engine`) labels other
//! recordings, `export` (feature `engine`) writes a model for other programs, and [`protocol`] is what it says while
//! it works.

pub mod audio;
pub mod checkpoint;
pub mod config;
pub mod data;
pub mod estimate;
#[cfg(feature = "engine")]
pub mod export;
pub mod files;
pub mod json;
#[cfg(feature = "engine")]
pub mod model;
#[cfg(feature = "engine")]
pub mod ops;
#[cfg(feature = "engine")]
pub mod predict;
mod protobuf;
pub mod protocol;
pub mod report;
#[cfg(feature = "engine")]
pub mod run;
pub mod sorting;
#[cfg(feature = "engine")]
pub mod train;
