//! Bringing a store up to date.

use anyhow::{Context, bail};
use rusqlite::Connection;
use std::path::Path;

/// Each is carried out once, in this order; what is released is never changed.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_jobs.sql"),
    include_str!("migrations/0002_files.sql"),
];

/// Carries out what `connection` lacks.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> anyhow::Result<()> {
    let failed = || format!("cannot bring {} up to date", path.display());
    let transaction = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .with_context(failed)?;
    let version: usize = transaction
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .with_context(failed)?;
    if version > MIGRATIONS.len() {
        bail!(
            "{} was written by a newer voxtune (version {version}, known is {}): update this one",
            path.display(),
            MIGRATIONS.len()
        );
    }
    for migration in MIGRATIONS.iter().skip(version) {
        transaction.execute_batch(migration).with_context(failed)?;
    }
    transaction
        .pragma_update(None, "user_version", MIGRATIONS.len())
        .with_context(failed)?;
    transaction.commit().with_context(failed)
}
