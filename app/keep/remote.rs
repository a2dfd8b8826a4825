//! A file from elsewhere, piece by piece: what has come is kept at once, so that an interrupted download goes on, and
//! nothing stands in this program's memory, only in the browser's.

use crate::{Cabinet, Folder, PARTS};
use gloo::timers::future::TimeoutFuture;
use js_sys::{Array, Date, Reflect, Uint8Array};
use leptos::prelude::window;
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Request, RequestInit, Response};

/// Bytes that are asked for at once.
const PIECE: f64 = 4_194_304.0;
/// How often a piece is asked for where nobody answers, or somebody who has no time.
const TRIES: u32 = 6;
/// Milliseconds before the second time; they double each time.
const PAUSE: u32 = 250;
/// Milliseconds after which a piece that is left is not waited for any more.
const OLD: f64 = 7.0 * 86_400_000.0;

/// A file somewhere else.
#[derive(Debug, Clone, PartialEq)]
pub struct Remote {
    /// Its address.
    pub address: String,
    /// Its bytes.
    pub size: u64,
    /// Whatever tells this state of the file from another: a check sum, a time.
    pub mark: String,
}

/// Why a file does not come.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// Nobody answers.
    Gone,
    /// The answer is no.
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the hub calls it in `X-Error-Code`; mostly empty.
        code: String,
        /// The body of the answer.
        text: String,
    },
    /// It is another file than was told.
    Changed,
    /// The browser does not keep it.
    Kept(JsValue),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gone => f.write_str(
                "the connection broke; what has come is kept, and the next try goes on from there",
            ),
            Self::Refused { status, .. } => write!(f, "the answer is HTTP status {status}"),
            Self::Changed => {
                f.write_str("it is another file than was told, or was changed meanwhile; try again")
            }
            Self::Kept(error) => write!(f, "{}; what has come is kept", between::problem(error)),
        }
    }
}

/// Fetches a file. Pieces that came before are not asked for again; `went` hears the bytes of each that is there. The
/// blob is one of pieces in `parts` until somebody puts it elsewhere, and [`forget`]s them.
///
/// # Errors
/// It does not come, after a few tries, or cannot be kept.
pub async fn fetch(parts: &Cabinet, remote: &Remote, went: &dyn Fn(f64)) -> Result<Blob, Fault> {
    let key = key(remote);
    let pieces = Array::new();
    for number in 0..count(remote) {
        let from = f64::from(number) * PIECE;
        let end = (from + PIECE).min(remote.size as f64);
        let name = format!("{key}.{number}");
        let there = parts.get(&name).await;
        let piece = match there.filter(|piece| piece.size() == end - from) {
            Some(piece) => piece,
            None => {
                let piece = patiently(remote, from, end).await?;
                parts.put(&name, &piece).await.map_err(Fault::Kept)?;
                // From where it is kept, so that the browser may let the answer go.
                parts.get(&name).await.unwrap_or(piece)
            }
        };
        went(end - from);
        pieces.push(&piece);
    }
    Blob::new_with_blob_sequence(&pieces).map_err(Fault::Kept)
}

/// Lets the pieces of a file go.
pub async fn forget(parts: &Cabinet, remote: &Remote) {
    let key = key(remote);
    for number in 0..count(remote) {
        // One that stays takes up room, and is found the next time.
        let _ = parts.remove(&format!("{key}.{number}")).await;
    }
}

/// Lets pieces go that nobody has asked for in a week.
pub async fn tidy(root: &Folder) {
    let Ok(parts) = root.folder(PARTS).await else {
        return;
    };
    for name in parts.names().await.unwrap_or_default() {
        let file = parts.file(&name).await;
        if file.is_ok_and(|file| Date::now() - file.last_modified() > OLD) {
            let _ = parts.remove(&name).await;
        }
    }
}

fn count(remote: &Remote) -> u32 {
    (remote.size as f64 / PIECE).ceil() as u32
}

/// What the pieces of a file are called.
fn key(remote: &Remote) -> String {
    let mut sum = Sha256::new();
    for part in [&remote.address, &remote.mark, &remote.size.to_string()] {
        sum.update(part);
        sum.update([0]);
    }
    digits(&sum.finalize())
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A piece, asked for again where that may help.
async fn patiently(remote: &Remote, from: f64, end: f64) -> Result<Blob, Fault> {
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        match piece(remote, from, end).await {
            Err(
                Fault::Gone
                | Fault::Refused {
                    status: 408 | 429 | 500..=599,
                    ..
                },
            ) => {}
            other => return other,
        }
        TimeoutFuture::new(pause).await;
        pause *= 2;
    }
    piece(remote, from, end).await
}

async fn piece(remote: &Remote, from: f64, end: f64) -> Result<Blob, Fault> {
    let options = RequestInit::new();
    // It is kept here, and once is enough.
    let _ = Reflect::set(&options, &"cache".into(), &"no-store".into());
    let gone = |_: JsValue| Fault::Gone;
    let request = Request::new_with_str_and_init(&remote.address, &options).map_err(gone)?;
    let range = format!("bytes={from}-{}", end - 1.0);
    request.headers().set("Range", &range).map_err(gone)?;
    let answer = JsFuture::from(window().fetch_with_request(&request)).await;
    let answer: Response = answer.map_err(gone)?.unchecked_into();
    let header = |name: &str| answer.headers().get(name).ok().flatten();
    if !answer.ok() {
        let text = answer.text().map_err(gone)?;
        let text = JsFuture::from(text).await.unwrap_or_default();
        return Err(Fault::Refused {
            status: answer.status(),
            code: header("X-Error-Code").unwrap_or_default(),
            text: text.as_string().unwrap_or_default(),
        });
    }
    let told = header("Content-Range");
    let total = told.as_deref().and_then(|told| told.rsplit('/').next());
    if total.is_some_and(|total| total != remote.size.to_string()) {
        return Err(Fault::Changed);
    }
    // An answer that breaks off is an error here.
    let body = JsFuture::from(answer.blob().map_err(gone)?).await;
    let body: Blob = body.map_err(gone)?.unchecked_into();
    match answer.status() {
        206 if body.size() == end - from => Ok(body),
        // Some servers know no ranges.
        200 if body.size() == remote.size as f64 => {
            body.slice_with_f64_and_f64(from, end).map_err(Fault::Kept)
        }
        _ => Err(Fault::Changed),
    }
}

/// The SHA-256 of a blob in hexadecimal digits.
///
/// # Errors
/// It cannot be read any more.
pub async fn hash(blob: &Blob) -> Result<String, JsValue> {
    let mut sum = Sha256::new();
    let mut at = 0.0;
    while at < blob.size() {
        let end = (at + PIECE).min(blob.size());
        let piece = blob.slice_with_f64_and_f64(at, end)?.array_buffer();
        sum.update(Uint8Array::new(&JsFuture::from(piece).await?).to_vec());
        at = end;
    }
    Ok(digits(&sum.finalize()))
}
