//! `voxtune keys`

use crate::failure::ExitCode;
use crate::{cli::Keys, failure::WrongArgument};
use shared::config::keys;

pub(crate) fn keys(args: &Keys) -> anyhow::Result<ExitCode> {
    if args.json {
        outln!("{}", serde_json::to_string_pretty(&keys::json())?);
    } else if args.markdown {
        out!("{}", keys::markdown());
    } else if keys::text(&args.filter).is_empty() {
        let near = keys::nearest(&args.filter);
        let near = near.map_or_else(String::new, |key| {
            format!("; the nearest is `{}` of [{}]", key.name, key.section)
        });
        let message = format!("no key or section contains `{}`{near}", args.filter);
        return Err(WrongArgument(message).into());
    } else {
        out!("{}", keys::text(&args.filter));
    }
    Ok(ExitCode::SUCCESS)
}
