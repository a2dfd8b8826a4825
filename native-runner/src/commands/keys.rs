//! `voxtune keys`

use crate::cli::Keys;
use shared::config::keys;
use std::process::ExitCode;

pub(crate) fn keys(args: &Keys) -> anyhow::Result<ExitCode> {
    if args.json {
        println!("{}", serde_json::to_string_pretty(&keys::json())?);
    } else if args.markdown {
        print!("{}", keys::markdown());
    } else {
        print!("{}", keys::text(&args.filter));
    }
    Ok(ExitCode::SUCCESS)
}
