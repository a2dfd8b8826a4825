//! What goes wrong on the way.

use shared::protocol::{Problem, ProblemKind};

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Trouble {
    /// Nobody answers: the runner is not there, or the network is not.
    Gone,
    /// Somebody answers who is not a runner, for instance a plain web server.
    Stranger,
    /// The runner says no, and why.
    Refused(Box<Problem>),
    /// There is no such thing where training runs.
    Absent(&'static str),
    /// The answer cannot be read: the page and the runner are of different versions.
    Unreadable(String),
}

impl Trouble {
    /// What kind of refusal it is, if it is one.
    pub(crate) fn kind(&self) -> Option<ProblemKind> {
        match self {
            Self::Refused(problem) => Some(problem.kind),
            _ => None,
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gone => f.write_str(
                "The runner does not answer. If it was stopped, start it again with `voxtune serve`; jobs go on, and nothing here is lost.",
            ),
            Self::Stranger => f.write_str("There is no runner behind this page. `voxtune serve` starts one and prints its address."),
            Self::Absent(why) => f.write_str(why),
            Self::Refused(problem) => {
                write!(f, "{}", problem.detail)?;
                match problem.kind {
                    ProblemKind::Unauthorized => f.write_str(" `voxtune serve` prints an address with a token when it starts."),
                    ProblemKind::OutOfSpace => f.write_str(" Delete runs or uploads that nobody needs any more."),
                    _ => Ok(()),
                }
            }
            Self::Unreadable(what) => write!(
                f,
                "The runner's answer cannot be read ({what}). Reload the page: it may be older than the runner."
            ),
        }
    }
}
