//! `voxtune data`

use super::{config, dataset};
use crate::cli::Data;
use shared::{config::Mode, files::Disk};
use std::process::ExitCode;

pub(crate) fn data(args: &Data) -> anyhow::Result<ExitCode> {
    let (_, experiment) = config::open_valid(&args.config, &Disk, Mode::Data)?;
    let dataset = dataset::load(&experiment, &Disk, true)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&dataset.report)?);
    } else {
        print!("{}", dataset.report);
    }
    Ok(ExitCode::SUCCESS)
}
