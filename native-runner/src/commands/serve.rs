//! `voxtune serve`

use crate::{cli::Serve, serve};
use std::process::ExitCode;

pub(crate) fn serve(args: &Serve) -> anyhow::Result<ExitCode> {
    serve::serve(args)?;
    Ok(ExitCode::SUCCESS)
}
