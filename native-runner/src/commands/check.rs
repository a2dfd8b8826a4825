//! `voxtune check`

use super::config;
use crate::failure::ExitCode;
use crate::{cli::Check, failure::INVALID_CONFIG, local::Local, memory};
use shared::config::{Mode, diagnostics::Severity};

pub(crate) fn check(args: &Check) -> anyhow::Result<ExitCode> {
    let opened = config::open(&args.config, &Local, Mode::Check)?;
    let needs = opened.checked.experiment.as_ref().and_then(memory::words);
    let errors = config::count(&opened.checked, Severity::Error);
    if args.json {
        outln!("{}", opened.checked.to_json());
    } else {
        out!("{}", config::findings(&args.config, &opened));
        let warnings = config::count(&opened.checked, Severity::Warning);
        outln!(
            "{}: {errors} errors, {warnings} warnings",
            args.config.config.display()
        );
        if let Some(needs) = needs {
            outln!("{needs}");
        }
    }
    Ok(if errors == 0 {
        ExitCode::SUCCESS
    } else {
        INVALID_CONFIG.into()
    })
}
