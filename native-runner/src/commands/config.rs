//! Reading and checking an INI for a command.

use crate::{cli::Config, failure::InvalidConfig};
use anyhow::Context;
use shared::{
    config::{
        self, Checked, Experiment, Mode,
        diagnostics::{Severity, render},
    },
    files::Files,
};
use std::{fs, path::Path};

/// An INI that was read.
pub(crate) struct Opened {
    /// The text with what `--set` changed.
    pub(crate) text: String,
    /// What the check found.
    pub(crate) checked: Checked,
}

/// Reads the INI of `args`, applies `--set`, and checks it.
pub(crate) fn open(args: &Config, files: &dyn Files, mode: Mode) -> anyhow::Result<Opened> {
    let bytes =
        fs::read(&args.config).with_context(|| format!("cannot read {}", args.config.display()))?;
    let text = String::from_utf8(bytes).with_context(|| {
        format!(
            "{} is not UTF-8: save it as UTF-8 text",
            args.config.display()
        )
    })?;
    let text = config::apply_overrides(&text, &args.set)?;
    let folder = args.config.parent().unwrap_or(Path::new(""));
    let checked = config::check_in(&text, &folder.to_string_lossy(), files, mode);
    Ok(Opened { text, checked })
}

/// As [`open`] for a command that needs a valid experiment: prints what was found, and fails if
/// anything of it is an error.
pub(crate) fn open_valid(
    args: &Config,
    files: &dyn Files,
    mode: Mode,
) -> anyhow::Result<(Opened, Experiment)> {
    let mut opened = open(args, files, mode)?;
    err!("{}", findings(args, &opened));
    match opened.checked.experiment.take() {
        Some(experiment) => Ok((opened, experiment)),
        None => {
            let errors = count(&opened.checked, Severity::Error);
            Err(InvalidConfig {
                path: args.config.display().to_string(),
                errors,
            }
            .into())
        }
    }
}

/// How many findings there are of a severity.
pub(crate) fn count(checked: &Checked, severity: Severity) -> usize {
    checked
        .diagnostics
        .iter()
        .filter(|finding| finding.severity == severity)
        .count()
}

/// The findings with the lines that they are about.
pub(crate) fn findings(args: &Config, opened: &Opened) -> String {
    let path = args.config.display().to_string();
    render(&opened.text, &path, &opened.checked.diagnostics)
}
