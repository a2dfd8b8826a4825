//! Changes of state: by the one table, written and told in one step.

use super::row::{Row, one};
use crate::serve::{Problem, settings::Rules, store::Write, time};
use shared::protocol::{Change, News, ProblemKind, QueueNews};

/// Lets `change` happen to a job, and `also` to its row.
pub(super) fn change(
    write: &mut Write<'_>,
    id: &str,
    change: Change,
    rules: Rules,
    also: impl FnOnce(&mut Row),
) -> Result<Row, Problem> {
    let mut row = one(write, id)?.ok_or_else(|| Problem::not_found("job", id))?;
    let Some(next) = row.state.after(change) else {
        let what = match change {
            Change::Cancel => "cancelled",
            Change::Resume => "resumed",
            _ => "changed so",
        };
        return Err(Problem::new(
            ProblemKind::Conflict,
            format!(
                "the job `{}` is {}, and cannot be {what}",
                row.name, row.state
            ),
        ));
    };
    row.state = next;
    if next.is_final() {
        row.ended = Some(time::now());
    }
    if !next.is_active() {
        row.running = None;
    }
    also(&mut row);
    tell(write, &mut row, rules)?;
    Ok(row)
}

/// Writes `row`, and tells those who follow the job or the queue how it is now.
pub(super) fn tell(write: &mut Write<'_>, row: &mut Row, rules: Rules) -> Result<(), Problem> {
    row.last = write.next_event()?;
    row.save(write)?;
    let job = Box::new(row.job(write, rules)?);
    let data = serde_json::to_string(&News::State { job })?;
    write.event(&row.id, &row.user, &time::now(), true, &data)?;
    Ok(())
}

/// Removes a job with its events, and tells those who follow the queue.
pub(super) fn remove(write: &mut Write<'_>, row: &Row) -> Result<(), Problem> {
    write.execute("DELETE FROM jobs WHERE number = ?", [row.number])?;
    write.execute("DELETE FROM events WHERE job = ?", [&row.id])?;
    write.execute("DELETE FROM keys WHERE job = ?", [&row.id])?;
    let job = row.id.clone();
    let data = serde_json::to_string(&QueueNews::Deleted { job })?;
    write.event(&row.id, &row.user, &time::now(), true, &data)?;
    write.end_stream(&row.id);
    Ok(())
}
