//! `voxtune check`

use super::config;
use crate::{cli::Check, failure::INVALID_CONFIG, memory};
use shared::{
    config::{Mode, diagnostics::Severity},
    files::Disk,
};
use std::process::ExitCode;

pub(crate) fn check(args: &Check) -> anyhow::Result<ExitCode> {
    let opened = config::open(&args.config, &Disk, Mode::Check)?;
    let needs = opened.checked.experiment.as_ref().and_then(memory::words);
    let errors = config::count(&opened.checked, Severity::Error);
    if args.json {
        println!("{}", opened.checked.to_json());
    } else {
        print!("{}", config::findings(&args.config, &opened));
        let warnings = config::count(&opened.checked, Severity::Warning);
        println!(
            "{}: {errors} errors, {warnings} warnings",
            args.config.config.display()
        );
        if let Some(needs) = needs {
            println!("{needs}");
        }
    }
    Ok(if errors == 0 {
        ExitCode::SUCCESS
    } else {
        INVALID_CONFIG.into()
    })
}
