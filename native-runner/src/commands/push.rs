//! `voxtune push`

use crate::failure::ExitCode;
use crate::{
    cli::Push,
    hub::{Publisher, Target},
    progress::Progress,
};
use anyhow::{Context, bail};
use shared::{checkpoint::Checkpoint, config::HubModel, files::Disk};

pub(crate) fn push(args: &Push) -> anyhow::Result<ExitCode> {
    let to = HubModel::parse(&args.to)?;
    if to.revision.is_some() {
        bail!(
            "--to {}: uploads go to the main branch, so write {}",
            args.to,
            to.id
        );
    }
    let folder = args
        .model
        .to_str()
        .with_context(|| format!("{}: the path is not UTF-8", args.model.display()))?;
    // What cannot be opened here helps nobody there.
    Checkpoint::open(&Disk, folder)?;
    let publisher = Publisher::prepare(&Target {
        id: Some(&to.id),
        name: "",
        private: !args.public,
    })?;
    let progress = Progress::new();
    publisher.push(&args.model, "Fine-tuned with Voxtune", &|event| {
        progress.take(event, args.json);
    })?;
    Ok(ExitCode::SUCCESS)
}
