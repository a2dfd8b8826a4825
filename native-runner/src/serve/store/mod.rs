//! The store: one SQLite file for jobs, users, uploads and events.

mod migrate;
#[cfg(test)]
mod tests;

use super::{
    Problem,
    events::{Feeds, Told},
};
use migrate::migrate;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, params};
use shared::protocol::ProblemKind;
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::task::spawn_blocking;

/// How long a write waits for that of another process (`voxtune user`).
const BUSY: Duration = Duration::from_secs(20);
/// Connections for reading that are kept open.
const READERS: usize = 8;

/// The store. What is written stands on the disk when [`Store::write`] returns, and is told to
/// those who listen in the order in which it was written.
pub(crate) struct Store {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    /// Those who listen to events.
    pub(crate) feeds: Feeds,
}

/// A write under way.
pub(crate) struct Write<'a> {
    transaction: Transaction<'a>,
    told: Vec<Told>,
    ended: Vec<String>,
}

impl Store {
    /// Opens the store in `folder`, which is made or brought up to date.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("store.sqlite3");
        let mut writer = connect(&path, OpenFlags::default())?;
        writer.pragma_update(None, "journal_mode", "WAL")?;
        // A job that was promised must be there after the power fails.
        writer.pragma_update(None, "synchronous", "FULL")?;
        writer.pragma_update(None, "foreign_keys", true)?;
        migrate(&mut writer, &path)?;
        private(&path)?;
        let last = writer.query_row("SELECT coalesce(max(id), 0) FROM events", [], |row| {
            row.get::<_, i64>(0)
        })?;
        Ok(Self {
            path,
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            feeds: Feeds::new(number(last)),
        })
    }

    /// Reads, on a thread that may wait.
    pub(crate) async fn read<T, F>(self: &Arc<Self>, read: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Problem> + Send + 'static,
    {
        let store = self.clone();
        spawn_blocking(move || store.read_now(read))
            .await
            .map_err(Problem::internal)?
    }

    /// Writes all of it or nothing, on a thread that may wait.
    pub(crate) async fn write<T, F>(self: &Arc<Self>, write: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Write<'_>) -> Result<T, Problem> + Send + 'static,
    {
        let store = self.clone();
        spawn_blocking(move || store.write_now(write))
            .await
            .map_err(Problem::internal)?
    }

    /// As [`Self::read`], on this thread.
    pub(crate) fn read_now<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let kept = lock(&self.readers).pop();
        let connection = match kept {
            Some(connection) => connection,
            None => connect(
                &self.path,
                OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            )?,
        };
        let result = read(&connection);
        let mut readers = lock(&self.readers);
        if readers.len() < READERS {
            readers.push(connection);
        }
        result
    }

    /// As [`Self::write`], on this thread.
    pub(crate) fn write_now<T>(
        &self,
        write: impl FnOnce(&mut Write<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut writer = lock(&self.writer);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut under_way = Write {
            transaction,
            told: Vec::new(),
            ended: Vec::new(),
        };
        let result = write(&mut under_way)?;
        let Write {
            transaction,
            told,
            ended,
        } = under_way;
        transaction.commit()?;
        // While the writer is held, so that the order is that of the table.
        self.feeds.tell(told, &ended);
        Ok(result)
    }
}

impl Write<'_> {
    /// The id that the next event gets.
    pub(crate) fn next_event(&self) -> Result<u64, Problem> {
        let last = self.transaction.query_row(
            "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)",
            [],
            |row| row.get::<_, i64>(0),
        )?;
        Ok(number(last) + 1)
    }

    /// Adds an event of a job, and gives its id. `data` is the object that is told, without id and
    /// time.
    pub(crate) fn event(
        &mut self,
        job: &str,
        user: &str,
        time: &str,
        queue: bool,
        data: &str,
    ) -> Result<u64, Problem> {
        let id = self.next_event()?;
        self.transaction
            .prepare_cached(
                "INSERT INTO events (id, job, user, time, queue, data) VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![signed(id), job, user, time, queue, data])?;
        self.told.push(Told::new(id, job, user, time, queue, data));
        Ok(id)
    }

    /// Ends the streams of a job that is gone.
    pub(crate) fn end_stream(&mut self, job: &str) {
        self.ended.push(job.to_owned());
    }
}

impl std::ops::Deref for Write<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.transaction
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", self.path.display())
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::new(
                ProblemKind::OutOfSpace,
                "the runner's disk is full: delete jobs or datasets that are no longer needed",
            ),
            _ => Self::internal(format!("store: {error}")),
        }
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(format!("JSON: {error}"))
    }
}

/// A whole number as SQLite has it.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A whole number from SQLite that is never negative.
pub(crate) fn number(signed: i64) -> u64 {
    u64::try_from(signed).unwrap_or(0)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

/// A thread that panicked leaves no transaction behind: it is rolled back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets nobody else on the machine read it.
#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn private(_: &Path) -> std::io::Result<()> {
    Ok(())
}
