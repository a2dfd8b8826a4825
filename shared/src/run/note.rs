//! What a run's record is told besides its results.

use super::recorder::Recorder;
use crate::report::{Manifest, TrainingRecord};
use indexmap::IndexMap;
use std::env;

/// The tensor library, which is in the lock file with this version, and the machine.
const BURN: &str = "0.22.1";

/// Notes by what a run was computed.
pub(super) fn note_versions(versions: &mut IndexMap<String, String>) {
    versions.insert("burn".to_owned(), BURN.to_owned());
    let target = format!("{} {}", env::consts::ARCH, env::consts::OS);
    versions.insert("target".to_owned(), target.trim().to_owned());
}

/// Notes what was done before a run failed that had no best state yet.
pub(super) fn note_steps(manifest: &mut Manifest, world: &Recorder<'_>) {
    let steps = world.progress().steps.last().map_or(0, |step| step.step);
    let record = TrainingRecord {
        steps,
        ..manifest.training.clone()
    };
    manifest.training = record.timed(world.seconds(), world.audio_seconds());
}

#[cfg(test)]
#[test]
fn the_version_of_burn_is_the_locked_one() {
    let lock = include_str!("../../../Cargo.lock");
    let package = format!("name = \"burn\"\nversion = \"{BURN}\"\n");
    assert!(lock.replace("\r\n", "\n").contains(&package));
}
