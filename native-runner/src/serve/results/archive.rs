//! A whole run as a zip, written while it is sent.

use super::files::all;
use crate::serve::{
    Problem,
    extract::{Params, Path},
    jobs,
    state::AppState,
    users::User,
};
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use rawzip::{CompressionMethod, ZipArchiveWriter, ZipDataWriter};
use serde::Deserialize;
use shared::protocol::{Artefact, ArtefactKind};
use std::{
    fs::File,
    io::{self, Write},
    path::PathBuf,
};
use tokio::{sync::mpsc, task::spawn_blocking};

/// Bytes that are sent at once.
const PIECE: usize = 64 << 10;
/// Pieces that wait for a slow client; it holds back the reading, and no memory.
const WAITING: usize = 4;

#[derive(Deserialize)]
pub(super) struct Wanted {
    checkpoints: Option<bool>,
}

/// All files of a job's run. They are stored as they are: weights and pictures hardly shrink.
pub(super) async fn archive(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
    Params(wanted): Params<Wanted>,
) -> Result<Response, Problem> {
    let job = jobs::get(&state, &user, &id).await?;
    let place = jobs::folder(&state.settings, &job.id);
    let with_checkpoints = wanted.checkpoints.unwrap_or(false);
    let (sender, receiver) = mpsc::channel(WAITING);
    spawn_blocking(move || {
        let run = place.run();
        let mut files: Vec<(Artefact, PathBuf)> = all(&run)
            .into_iter()
            .filter(|file| with_checkpoints || file.kind != ArtefactKind::Checkpoint)
            .map(|file| {
                let path = run.join(&file.path);
                (file, path)
            })
            .collect();
        files.sort_by(|a, b| a.0.path.cmp(&b.0.path));
        let mut pieces = Pieces {
            sender,
            piece: Vec::with_capacity(PIECE),
        };
        let written = write(&mut pieces, &files).and_then(|()| pieces.flush());
        if let Err(error) = written {
            // Breaks the stream off, so that nobody takes it for whole.
            let _ = pieces.sender.blocking_send(Err(error));
        }
    });
    let pieces = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/zip"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // The id, since a name may be anything.
    let attachment = format!("attachment; filename=\"voxtune-{}.zip\"", job.id);
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_str(&attachment).map_err(Problem::internal)?,
    );
    Ok(response)
}

fn write(out: &mut Pieces, files: &[(Artefact, PathBuf)]) -> io::Result<()> {
    let mut archive = ZipArchiveWriter::new(&mut *out);
    for (artefact, path) in files {
        let mut source = match File::open(path) {
            Ok(source) => source,
            // A run that goes on may have replaced it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let (mut entry, config) = archive
            .new_file(&artefact.path)
            .compression_method(CompressionMethod::STORE)
            .start()
            .map_err(io::Error::other)?;
        let mut data = config.wrap(&mut entry);
        io::copy(&mut source, &mut data)?;
        let (_, descriptor) = ZipDataWriter::finish(data).map_err(io::Error::other)?;
        entry.finish(descriptor).map_err(io::Error::other)?;
    }
    archive.finish().map_err(io::Error::other)?;
    Ok(())
}

/// Hands pieces over to the stream.
struct Pieces {
    sender: mpsc::Sender<io::Result<Bytes>>,
    piece: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::replace(
            &mut self.piece,
            Vec::with_capacity(PIECE),
        ));
        self.sender
            .blocking_send(Ok(piece))
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
