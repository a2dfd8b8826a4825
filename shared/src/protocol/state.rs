//! The states of a job, and the one table of how they follow each other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What state a job is in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It waits for its device.
    Queued,
    /// Its process is at work.
    Running,
    /// Its process was asked to end with what it has.
    Cancelling,
    /// All was trained and evaluated.
    Finished,
    /// Somebody ended it; what there was by then is kept.
    Cancelled,
    /// It could not go on.
    Failed,
}

/// What happens to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Its process is started.
    Start,
    /// Somebody asks for its end.
    Cancel,
    /// Its process ended and said that all is done.
    Finish,
    /// Its process ended early because it was told to.
    Stop,
    /// Its process ended and said why it could not go on, or was ended for breaking a limit.
    Fail,
    /// Its process is gone without a word, and may be tried again.
    Vanish,
    /// Its process is gone without a word too often.
    GiveUp,
    /// Somebody wants it to go on from its last checkpoint.
    Resume,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The state before.
    pub from: JobState,
    /// What happens.
    pub change: Change,
    /// The state after.
    pub to: JobState,
}

const fn row(from: JobState, change: Change, to: JobState) -> Transition {
    Transition { from, change, to }
}

/// Every legal transition; what is not here is refused.
const TABLE: &[Transition] = {
    use Change::*;
    use JobState::*;
    &[
        row(Queued, Start, Running),
        row(Queued, Cancel, Cancelled),
        // The folder cannot be prepared, the device is gone, or the INI has become wrong.
        row(Queued, Fail, Failed),
        row(Running, Cancel, Cancelling),
        row(Running, Finish, Finished),
        // Somebody on the machine interrupted the process itself.
        row(Running, Stop, Cancelled),
        row(Running, Fail, Failed),
        row(Running, Vanish, Queued),
        row(Running, GiveUp, Failed),
        // It had made its last step by then.
        row(Cancelling, Finish, Finished),
        row(Cancelling, Stop, Cancelled),
        row(Cancelling, Fail, Failed),
        // It was killed since it did not end in time, or vanished: what was asked for has happened.
        row(Cancelling, Vanish, Cancelled),
        row(Cancelling, GiveUp, Cancelled),
        row(Cancelled, Resume, Queued),
        row(Failed, Resume, Queued),
    ]
};

/// The table of transitions.
#[must_use]
pub fn transitions() -> &'static [Transition] {
    TABLE
}

impl JobState {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Running,
        Self::Cancelling,
        Self::Finished,
        Self::Cancelled,
        Self::Failed,
    ];

    /// The state after `change`; `None` where that is not legal.
    #[must_use]
    pub fn after(self, change: Change) -> Option<Self> {
        TABLE
            .iter()
            .find(|row| row.from == self && row.change == change)
            .map(|row| row.to)
    }

    /// Whether a process is at work.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::Running | Self::Cancelling)
    }

    /// Whether nothing happens any more unless somebody asks for it.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled | Self::Failed)
    }

    /// The word for it in texts, addresses and the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Cancelling => "cancelling",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Change {
    /// All changes.
    pub const ALL: [Self; 8] = [
        Self::Start,
        Self::Cancel,
        Self::Finish,
        Self::Stop,
        Self::Fail,
        Self::Vanish,
        Self::GiveUp,
        Self::Resume,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn each_change_leads_from_a_state_to_one_state() {
        let mut seen = HashSet::new();
        for row in transitions() {
            assert!(seen.insert((row.from, row.change)), "{row:?} twice");
            assert_ne!(row.from, row.to, "{row:?} changes nothing");
        }
    }

    #[test]
    fn words_and_json_agree() {
        for state in JobState::ALL {
            assert_eq!(JobState::from_word(state.word()), Some(state));
            assert_eq!(
                serde_json::to_value(state).expect("json"),
                serde_json::Value::from(state.word())
            );
        }
    }

    #[test]
    fn a_process_that_ends_always_has_a_way_to_say_so() {
        for state in JobState::ALL.into_iter().filter(|state| state.is_active()) {
            for change in [
                Change::Finish,
                Change::Stop,
                Change::Fail,
                Change::Vanish,
                Change::GiveUp,
            ] {
                let after = state.after(change).expect("legal");
                assert!(!after.is_active(), "{state} {change:?}");
            }
        }
    }

    proptest! {
        /// Whatever happens in whatever order: a process is at work only between `Start` and an
        /// end, a final state is only left by `Resume`, and nothing finishes twice.
        #[test]
        fn histories_make_sense(changes in prop::collection::vec(prop::sample::select(Change::ALL.to_vec()), 0..200)) {
            let mut state = JobState::Queued;
            let mut alive = false;
            let mut finished = 0;
            for change in changes {
                let Some(next) = state.after(change) else { continue };
                prop_assert!(!state.is_final() || change == Change::Resume);
                prop_assert!(state != JobState::Finished, "nothing follows on finished");
                match change {
                    Change::Start => { prop_assert!(!alive); alive = true; }
                    Change::Finish | Change::Stop | Change::Vanish | Change::GiveUp => { prop_assert!(alive); alive = false; }
                    Change::Fail => alive = false,
                    Change::Cancel | Change::Resume => {}
                }
                prop_assert_eq!(alive, next.is_active());
                finished += usize::from(next == JobState::Finished);
                state = next;
            }
            prop_assert!(finished <= 1);
        }

        /// From every state that can be reached, a final one can be reached.
        #[test]
        fn nothing_gets_stuck(changes in prop::collection::vec(prop::sample::select(Change::ALL.to_vec()), 0..50)) {
            let mut state = changes.into_iter().fold(JobState::Queued, |state, change| state.after(change).unwrap_or(state));
            for _ in 0..3 {
                if state.is_final() { break }
                state = transitions().iter().find(|row| row.from == state && row.change != Change::Vanish && row.change != Change::Start).map_or(state, |row| row.to);
            }
            prop_assert!(state.is_final());
        }
    }
}
