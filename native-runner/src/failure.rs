//! How the program ends: exit statuses, and errors with all their causes.

use shared::config::OverrideError;

/// What the shell is told: 0 where all went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExitCode(u8);

impl ExitCode {
    /// All went well.
    pub(crate) const SUCCESS: Self = Self(0);
}

impl From<u8> for ExitCode {
    fn from(code: u8) -> Self {
        Self(code)
    }
}

impl From<ExitCode> for i32 {
    fn from(code: ExitCode) -> Self {
        Self::from(code.0)
    }
}

/// The work failed.
pub(crate) const FAILED: u8 = 1;
/// The command line is wrong, as `clap` counts it.
pub(crate) const WRONG_ARGUMENTS: u8 = 2;
/// The INI has errors.
pub(crate) const INVALID_CONFIG: u8 = 3;
/// Interrupted, as shells count it: 128 + SIGINT.
pub(crate) const INTERRUPTED: u8 = 130;

/// Nobody reads what was still to come, as shells count it: 128 + SIGPIPE.
pub(crate) const UNREAD: u8 = 141;

/// The INI has errors, which have been printed.
#[derive(Debug, thiserror::Error)]
#[error("{path} has {errors} error{}; nothing was started", if *.errors == 1 { "" } else { "s" })]
pub(crate) struct InvalidConfig {
    pub(crate) path: String,
    pub(crate) errors: usize,
}

/// An argument that is no value of its option.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WrongArgument(pub(crate) String);

/// Whoever read standard output has gone, and with it the purpose of the rest.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads standard output any more")]
pub(crate) struct Unread;

/// Prints `error` with its causes and gives the exit status that belongs to it.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    if error.is::<Unread>() {
        return UNREAD.into();
    }
    errln!("error: {error}");
    let mut said = error.to_string();
    for cause in error.chain().skip(1) {
        // Many messages already contain that of their cause.
        let cause = cause.to_string();
        if !said.contains(&cause) {
            errln!("  because: {cause}");
            said = cause;
        }
    }
    if error.is::<InvalidConfig>() {
        INVALID_CONFIG.into()
    } else if error.is::<WrongArgument>() || error.is::<OverrideError>() {
        WRONG_ARGUMENTS.into()
    } else {
        FAILED.into()
    }
}
