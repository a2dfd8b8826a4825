//! Old results make room for new ones, and are not lost.

use super::{Identity, Output, RunError};
use crate::report::Layout;

/// Sees to it that the experiment's folder is this experiment's, or empty: with `force` what is there is moved aside,
/// and the message that says so returned.
///
/// # Errors
/// [`RunError::Different`] if another experiment is there that must stay; the system's error.
pub(super) fn make_room(
    output: &dyn Output,
    layout: &Layout,
    identity: &Identity,
    force: bool,
) -> Result<Option<String>, RunError> {
    let folder = layout.experiment();
    if force {
        let name = set_aside(output, layout)?;
        return Ok(name.map(|name| format!("what was in {folder} is now in {folder}/{name}")));
    }
    let old = Identity::read(output, layout)?;
    let differences = old.map_or_else(Vec::new, |old| old.differences(identity));
    if differences.is_empty() {
        return Ok(None);
    }
    Err(RunError::Different {
        folder: folder.to_owned(),
        differences,
        aside: format!("{folder}/{}", free_name(output)),
    })
}

/// The folder inside of the experiment's into which old results would be moved.
fn free_name(output: &dyn Output) -> String {
    let mut number = 1;
    while output.exists(&format!("old-{number}")) {
        number += 1;
    }
    format!("old-{number}")
}

/// Moves all results into a folder of their own and says into which; nothing else that may lie in
/// the experiment's folder is touched. Training checkpoints go, since nothing will go on from them.
///
/// # Errors
/// The system's error.
fn set_aside(output: &dyn Output, layout: &Layout) -> Result<Option<String>, RunError> {
    let failed = |path: &str| {
        let path = path.to_owned();
        move |source| RunError::Write { path, source }
    };
    let mut places = vec![String::new()];
    for fold in 0.. {
        let folder = layout.fold(fold);
        if !output.exists(&folder) {
            break;
        }
        places.push(folder + "/");
    }
    for place in places {
        let mut run = 0;
        let below = |path: String| format!("{place}{path}");
        while output.exists(&below(layout.best_model(run)))
            || output.exists(&below(layout.checkpoints(run)))
        {
            let checkpoints = below(layout.checkpoints(run));
            output.remove(&checkpoints).map_err(failed(&checkpoints))?;
            run += 1;
        }
    }
    let frozen = layout.frozen();
    output.remove(&frozen).map_err(failed(&frozen))?;
    let mut folders = layout.folders();
    if let Ok(Some(old)) = Identity::read(output, layout) {
        let own = |name: &String| !name.contains('/') && name != "..";
        for folder in old.folders.into_iter().filter(own) {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
    }
    let tests = layout.tests_folder();
    if !folders.contains(&tests) {
        folders.push(tests);
    }
    // The record of what was there comes last: until it has moved, the folder is the old one's.
    folders.retain(|folder| folder != LOG);
    folders.push(LOG.to_owned());
    let name = free_name(output);
    let mut moved = false;
    for folder in folders {
        if output.exists(&folder) {
            let to = format!("{name}/{folder}");
            output.rename(&folder, &to).map_err(failed(&to))?;
            moved = true;
        }
    }
    // Whether it can be used again shows by what it holds.
    let cache = layout.split_cache();
    let moved_cache = format!("{name}/{cache}");
    if output.exists(&moved_cache) {
        output
            .rename(&moved_cache, &cache)
            .map_err(failed(&cache))?;
    }
    Ok(moved.then_some(name))
}

const LOG: &str = "log";
