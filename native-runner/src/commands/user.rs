//! `voxtune user`

use crate::failure::ExitCode;
use crate::{
    cli::{User, UserAction},
    serve::{Problem, Secret, Store, default_folder, users},
};
use anyhow::{Context, bail};
use std::{
    fs,
    path::{Path, PathBuf},
};

pub(crate) fn user(args: &User) -> anyhow::Result<ExitCode> {
    match &args.action {
        UserAction::Add {
            name,
            admin,
            folder,
        } => {
            users::check_name(name).map_err(|why| anyhow::anyhow!("`{name}`: {why}"))?;
            let folder = place(folder.as_deref())?;
            fs::create_dir_all(&folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
            let token = Secret::new()?;
            users::add(&Store::open(&folder)?, name, *admin, &token).map_err(plain)?;
            errln!("{name} logs in with this token, which is not shown again:");
            outln!("{}", token.reveal());
        }
        UserAction::List { folder } => {
            let store = existing(folder.as_deref())?;
            for user in store.read_now(users::all).map_err(plain)? {
                let admin = if user.admin { "  admin" } else { "" };
                outln!("{:<20} {}{admin}", user.name, user.created);
            }
        }
        UserAction::Remove { name, folder } => {
            let store = existing(folder.as_deref())?;
            if !users::remove(&store, name).map_err(plain)? {
                bail!("there is no user `{name}`; `voxtune user list` lists them");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn place(folder: Option<&Path>) -> anyhow::Result<PathBuf> {
    folder.map_or_else(default_folder, |folder| Ok(folder.to_owned()))
}

/// The store of a folder that has one: a wrong path must not make a new one.
fn existing(folder: Option<&Path>) -> anyhow::Result<Store> {
    let folder = place(folder)?;
    if !folder.join("store.sqlite3").is_file() {
        bail!(
            "{} is no folder of `voxtune serve`: give it with --folder DIR",
            folder.display()
        );
    }
    Store::open(&folder)
}

fn plain(problem: Problem) -> anyhow::Error {
    anyhow::anyhow!("{}", problem.0.detail)
}
