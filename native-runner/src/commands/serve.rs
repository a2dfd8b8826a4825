//! `voxtune serve`

use crate::failure::ExitCode;
use crate::{cli::Serve, serve};

pub(crate) fn serve(args: &Serve) -> anyhow::Result<ExitCode> {
    serve::serve(args)?;
    Ok(ExitCode::SUCCESS)
}
