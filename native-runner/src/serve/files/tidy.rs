//! What a crash can leave behind: files that the store does not know, and rows without files.

use super::{
    Library,
    blobs::{Blobs, Sha},
    library::folder_of,
};
use crate::serve::{Problem, time};
use std::{collections::HashSet, fs, io, path::Path};

/// Makes store and disk agree. Only at the start: nothing else is at work then.
pub(super) fn tidy(library: &Library) -> Result<(), Problem> {
    expire(library)?;
    let store = &library.store;
    let known = |query: &'static str| -> Result<HashSet<String>, Problem> {
        store.read_now(|store| {
            let mut query = store.prepare(query)?;
            let found = query.query_map([], |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    };
    let uploads = known("SELECT id FROM uploads WHERE complete = 0")?;
    remove_others(&library.folder().join("uploads"), |name| {
        uploads.contains(name)
    })?;
    let datasets = known("SELECT id FROM datasets")?;
    remove_others(&library.folder().join("datasets"), |name| {
        name.strip_suffix(".json")
            .is_some_and(|id| datasets.contains(id))
    })?;
    let mut users = HashSet::new();
    for user in known("SELECT DISTINCT user FROM contents")? {
        let contents: HashSet<String> = store.read_now(|store| {
            let mut query = store.prepare("SELECT sha256 FROM contents WHERE user = ?")?;
            let found = query.query_map([&user], |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })?;
        library
            .blobs(&user)
            .sweep(|sha: &Sha| contents.contains(sha.as_str()))?;
        users.insert(folder_of(&user));
    }
    let folders = match fs::read_dir(library.contents()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        folders => folders?,
    };
    for folder in folders {
        let folder = folder?;
        if folder
            .file_name()
            .to_str()
            .is_some_and(|name| !users.contains(name))
        {
            Blobs::new(folder.path()).sweep(|_| false)?;
        }
    }
    Ok(())
}

/// Removes uploads of which nothing came for days.
pub(super) fn expire(library: &Library) -> Result<(), Problem> {
    let gone: Vec<String> = library.store.write_now(|store| {
        let mut query = store.prepare_cached(
            "DELETE FROM uploads WHERE complete = 0 AND expires < ? RETURNING id",
        )?;
        let gone = query.query_map([time::seconds()], |row| row.get(0))?;
        Ok(gone.collect::<Result<_, _>>()?)
    })?;
    for id in gone {
        remove(&library.partial(&id))?;
    }
    Ok(())
}

fn remove_others(folder: &Path, keep: impl Fn(&str) -> bool) -> Result<(), Problem> {
    for file in fs::read_dir(folder)? {
        let file = file?;
        if !file.file_name().to_str().is_some_and(&keep) && file.file_type()?.is_file() {
            remove(&file.path())?;
        }
    }
    Ok(())
}

/// Removes a file that may be gone already.
pub(super) fn remove(path: &Path) -> Result<(), Problem> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
