//! Archives: every file of a zip as a file of its own.

use crate::answer::{Parts, post};
use between::{
    Blobs,
    message::{get, object},
    words,
};
use js_sys::{Array, Uint8Array};
use shared::files::{Archive, ArchiveLimits, Files};
use std::io;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, File};

/// Bytes of all files that a tab is asked to hold.
const MOST: u64 = 8 << 30;

/// Unpacks the zip `file` to `[path, file]` pairs; tells how many bytes are done meanwhile.
pub(crate) fn unpack(message: &JsValue) -> Result<Parts, String> {
    let mut files = Blobs::default();
    let blob = get(message, "file").dyn_into::<Blob>();
    files.insert("zip", blob.map_err(|_| "no file was given")?);
    let limits = ArchiveLimits {
        bytes: MOST,
        ..ArchiveLimits::default()
    };
    let file = files.open("zip").map_err(|error| error.to_string())?;
    let archive = Archive::open(file, &limits).map_err(|error| error.to_string())?;
    let all = archive.bytes().max(1) as f64;
    let (found, mut done) = (Array::new(), 0.0);
    for member in archive.members() {
        // Held by the browser, which puts what is much on the disk.
        let parts = Array::new();
        archive
            .unpack(member, |bytes| {
                parts.push(&Uint8Array::from(bytes));
                Ok(())
            })
            .map_err(|error| error.to_string())?;
        let file = File::new_with_u8_array_sequence(&parts, member.place.name())
            .map_err(|error| io::Error::other(words(&error)).to_string())?;
        found.push(&Array::of2(&member.place.to_string().into(), &file));
        done += member.size as f64;
        let told = [("id", get(message, "id")), ("share", (done / all).into())];
        post(&object("progress", &told));
    }
    Ok(vec![("files", found.into())])
}
