//! A run that goes on elsewhere: what it takes with it, and bringing that to a runner.

use super::{Backend, Trouble};
use js_sys::{Array, Uint8Array};
use shared::{
    files::{Crc32, Pack},
    protocol::{CreateDataset, CreateJob, CreateUpload, DatasetFile, Job, Upload, UploadKind},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// Bytes that are read at once.
const PIECE: f64 = 4_194_304.0;

/// A run with all that it needs to go on.
pub(crate) struct Parcel {
    /// Its name for people.
    pub(crate) name: String,
    /// Its INI.
    pub(crate) text: String,
    /// What the INI names; what every place has is not among it.
    pub(crate) datasets: Vec<Carried>,
    /// Its files, checkpoints among them, and its events.
    pub(crate) files: Vec<(String, Blob)>,
}

/// A dataset on its way.
pub(crate) struct Carried {
    /// The id, which stays.
    pub(crate) id: String,
    /// Its name for people.
    pub(crate) name: String,
    /// Path, SHA-256 and content of each file.
    pub(crate) files: Vec<(String, String, Blob)>,
}

/// Brings a run to a runner, which goes on with it. `told` hears how many bytes of all are there.
pub(crate) async fn bring(
    runner: &dyn Backend,
    parcel: Parcel,
    told: &dyn Fn(f64, f64),
) -> Result<Job, Trouble> {
    let zip = zip(&parcel.files).await.map_err(unreadable)?;
    let recordings = parcel.datasets.iter().flat_map(|dataset| &dataset.files);
    let all = recordings.map(|(_, _, blob)| blob.size()).sum::<f64>() + zip.size();
    let done = std::cell::Cell::new(0.0);
    let went = |bytes: f64| {
        done.set(done.get() + bytes);
        told(done.get(), all);
    };
    told(0.0, all);
    for dataset in parcel.datasets {
        let mut files = Vec::new();
        for (path, sha256, blob) in dataset.files {
            let request = CreateUpload {
                name: path.clone(),
                size: blob.size() as u64,
                sha256: sha256.clone(),
                kind: UploadKind::File,
            };
            send(runner, request, &blob, PIECE, &went).await?;
            files.push(DatasetFile { path, sha256 });
        }
        let wanted = CreateDataset {
            name: dataset.name,
            id: Some(dataset.id),
            archive: None,
            files,
        };
        runner.make_dataset(wanted).await?;
    }
    let request = CreateUpload {
        name: format!("{}.zip", parcel.name),
        size: zip.size() as u64,
        sha256: keep::hash(&zip).await.map_err(unreadable)?,
        kind: UploadKind::Archive,
    };
    let upload = send(runner, request, &zip, PIECE, &went).await?;
    let job = CreateJob {
        text: parcel.text,
        name: Some(parcel.name),
        begun: Some(upload.id),
        ..CreateJob::default()
    };
    runner.train(job).await
}

fn unreadable(error: JsValue) -> Trouble {
    let error = between::words(&error);
    Trouble::Unreadable(format!("the run's files: {error}"))
}

/// Brings a file in pieces of so many bytes; what of it is there already is not sent again.
pub(crate) async fn send(
    to: &dyn Backend,
    request: CreateUpload,
    blob: &Blob,
    piece: f64,
    went: &dyn Fn(f64),
) -> Result<Upload, Trouble> {
    let mut upload = to.begin_upload(request).await?;
    went(upload.offset as f64);
    while !upload.complete {
        let from = upload.offset as f64;
        let end = (from + piece).min(blob.size());
        let next = blob.slice_with_f64_and_f64(from, end).map_err(unreadable)?;
        upload = to.send_piece(&upload.id, upload.offset, next).await?;
        went(upload.offset as f64 - from);
    }
    Ok(upload)
}

/// Hands on the bytes of a blob, some at a time.
async fn pieces(blob: &Blob, mut take: impl FnMut(&[u8])) -> Result<(), JsValue> {
    let mut at = 0.0;
    while at < blob.size() {
        let end = (at + PIECE).min(blob.size());
        let piece = JsFuture::from(blob.slice_with_f64_and_f64(at, end)?.array_buffer()).await?;
        take(&Uint8Array::new(piece.unchecked_ref()).to_vec());
        at = end;
    }
    Ok(())
}

/// Files as a zip, which the browser puts together of them as it has them.
async fn zip(files: &[(String, Blob)]) -> Result<Blob, JsValue> {
    let mut pack = Pack::default();
    let parts = Array::new();
    for (path, blob) in files {
        let mut sum = Crc32::new();
        pieces(blob, |bytes| sum.update(bytes)).await?;
        let head = pack.file(path, blob.size() as u64, sum.checksum());
        let head = head.map_err(|error| JsValue::from(error.to_string()))?;
        parts.push(&Uint8Array::from(&head[..]));
        parts.push(blob);
    }
    parts.push(&Uint8Array::from(&pack.finish()[..]));
    Blob::new_with_blob_sequence(&parts)
}
