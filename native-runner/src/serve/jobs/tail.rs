//! From the file that a job's process writes to the table of events: each line once.

use super::row::{Row, one};
use crate::{
    job::JobFolder,
    serve::{
        Problem,
        store::{Store, Write, signed},
        time,
    },
};
use rusqlite::params;
use serde::Deserialize;
use shared::protocol::{Event, News, Progress};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

/// Bytes that are read at once.
const AT_ONCE: u64 = 1 << 20;
/// Longest line that counts; what is longer was not written by a run.
const LONGEST: usize = 4 << 20;

/// A line of the file.
#[derive(Deserialize)]
struct Line {
    time: Option<String>,
    #[serde(flatten)]
    event: Event,
}

/// Adds what is new in the file of events of a job; whether there may be more. How far it was read
/// stands in the same transaction as the events, so that none is lost or doubled by a crash.
pub(crate) fn catch_up(store: &Store, id: &str, folder: &JobFolder) -> Result<bool, Problem> {
    let Some(row) = store.read_now(|read| one(read, id))? else {
        return Ok(false);
    };
    let (bytes, at_end) = match piece(folder, row.tail) {
        Ok(piece) => piece,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    if bytes.is_empty() && at_end {
        return shorter(store, &row, folder).map(|()| false);
    }
    // A line that is still being written waits.
    let whole = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    if whole == 0 {
        return Ok(false);
    }
    store.write_now(|write| {
        // Another one may have read the same meanwhile.
        let Some(mut now) = one(write, id)?.filter(|now| now.tail == row.tail) else {
            return Ok(());
        };
        for line in bytes[..whole].split(|byte| *byte == b'\n') {
            if !line.is_empty() {
                add(write, &mut now, line)?;
            }
        }
        now.tail += whole as u64;
        now.save(write)
    })?;
    Ok(!at_end)
}

/// After a failure of the power the file can be shorter than what was read of it: what comes next
/// begins at its end.
fn shorter(store: &Store, row: &Row, folder: &JobFolder) -> Result<(), Problem> {
    let length = folder
        .events()
        .metadata()
        .map_or(row.tail, |meta| meta.len());
    if length >= row.tail {
        return Ok(());
    }
    store.write_now(|write| {
        let sql = "UPDATE jobs SET tail = ? WHERE id = ? AND tail = ?";
        write.execute(sql, params![signed(length), row.id, signed(row.tail)])?;
        Ok(())
    })
}

/// The bytes behind `from`, and whether they are all. At least one line, however long it is.
fn piece(folder: &JobFolder, from: u64) -> io::Result<(Vec<u8>, bool)> {
    let mut file = File::open(folder.events())?;
    let left = file.metadata()?.len().saturating_sub(from);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    let mut most = AT_ONCE;
    loop {
        let missing = most.saturating_sub(bytes.len() as u64);
        (&mut file).take(missing).read_to_end(&mut bytes)?;
        if bytes.contains(&b'\n') || bytes.len() as u64 >= left || bytes.len() >= LONGEST {
            break;
        }
        most *= 2;
    }
    if bytes.len() >= LONGEST && !bytes.contains(&b'\n') {
        // Passed over, as a line that is none.
        bytes.push(b'\n');
        bytes.truncate(LONGEST);
        if let Some(last) = bytes.last_mut() {
            *last = b'\n';
        }
    }
    let at_end = bytes.len() as u64 >= left;
    Ok((bytes, at_end))
}

fn add(write: &mut Write<'_>, row: &mut Row, line: &[u8]) -> Result<(), Problem> {
    let Ok(Line { time, event }) = serde_json::from_slice(line) else {
        tracing::warn!(job = row.id, "a line of its events cannot be read");
        return Ok(());
    };
    Progress::note(&mut row.progress, &mut row.metrics, &event);
    let time = time
        .filter(|time| humantime::parse_rfc3339(time).is_ok())
        .unwrap_or_else(time::now);
    let run = Box::new(event);
    let data = serde_json::to_string(&News::Run { run })?;
    row.last = write.event(&row.id, &row.user, &time, false, &data)?;
    Ok(())
}
