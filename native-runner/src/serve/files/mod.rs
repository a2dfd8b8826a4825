//! Data roots, uploads, datasets and previews.
//!
//! Names are data: what is uploaded lies under the SHA-256 of its content ([`blobs`]), and its name
//! stands in a list ([`dataset`]) that never becomes a path. What lies in a data root is opened
//! beneath a handle of that root ([`beneath`]). [`Sight`] puts both together: it is all that a check,
//! a preview or a job can read.

mod admit;
mod begun;
mod beneath;
mod blobs;
mod browse;
mod contents;
mod dataset;
mod datasets;
pub(crate) mod demo;
mod kind;
mod library;
mod preview;
mod report;
mod sight;
mod space;
#[cfg(test)]
mod tests;
mod tidy;
mod unpack;
mod uploads;
mod work;

pub(crate) use admit::admit;
pub(crate) use library::Library;
pub(crate) use sight::{DEMO, Sight, SightSpec};
pub(crate) use space::free;

use super::route::Routes;
use shared::protocol::operations;

/// What is answered here.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .on(&operations::ROOTS, browse::roots)
        .on(&operations::BROWSE, browse::list)
        .on(&operations::UPLOADS, uploads::list)
        .on(&operations::UPLOAD_CREATE, uploads::create)
        .on(&operations::UPLOAD, uploads::show)
        .on(&operations::UPLOAD_PIECE, uploads::piece)
        .on(&operations::UPLOAD_DELETE, uploads::delete)
        .on(&operations::DATASETS, datasets::list)
        .on(&operations::DATASET_CREATE, datasets::create)
        .on(&operations::DATASET, datasets::show)
        .on(&operations::DATASET_FILES, contents::list)
        .on(&operations::DATASET_FILE, contents::file)
        .on(&operations::DATASET_DELETE, datasets::delete)
        .on(&operations::CLIP, preview::info)
        .on(&operations::PEAKS, preview::peaks)
        .on(&operations::SPECTROGRAM, preview::spectrogram)
        .on(&operations::SOUND, preview::sound)
        .on(&operations::DATA, report::data)
}
