//! A run that was begun elsewhere, from an uploaded archive into the folder of a job.

use super::{Library, blobs::Sha, library::content, space, unpack::refused, uploads};
use crate::{job::JobFolder, serve::Problem};
use shared::{
    files::{Archive, ArchiveLimits},
    protocol::{ProblemKind, UploadKind, tab::EVENTS},
};
use std::{
    fs::{self, File},
    io::Write,
    sync::PoisonError,
};

impl Library {
    /// Unpacks the upload `id` of `user` into the folder of a new job: its events, and everything else as what its
    /// run has written. The process that checks the checkpoints is the one that reads them.
    ///
    /// # Errors
    /// There is no such upload, it is no archive, or is not unpacked; what was written by then stays.
    pub(crate) fn unpack_run(&self, user: &str, id: &str, job: &JobFolder) -> Result<(), Problem> {
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let upload = self
            .store
            .read_now(|store| uploads::find(store, user, id))?;
        if upload.kind != UploadKind::Archive {
            let detail = "that upload was not sent as an archive";
            return Err(Problem::new(ProblemKind::Unprocessable, detail).about("begun"));
        }
        let sha = Sha::parse(&upload.sha256)
            .ok_or_else(|| Problem::internal("a broken SHA-256 in the store"))?;
        let is_there = upload.complete
            && self
                .store
                .read_now(|store| content(store, user, &sha))?
                .is_some();
        if !is_there {
            let detail = format!("the upload `{}` is not complete", upload.name);
            return Err(Problem::new(ProblemKind::Conflict, detail).about("begun"));
        }
        let file = self.blobs(user).open(&sha)?;
        let archive = Archive::open(Box::new(file), &ArchiveLimits::default()).map_err(refused)?;
        space::check(self.folder(), archive.bytes(), self.reserve)?;
        for member in archive.members() {
            let place = member.place.as_str();
            let path = match place {
                EVENTS => job.events(),
                _ => job.run().join(place),
            };
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = File::create_new(&path)?;
            archive
                .unpack(member, |block| file.write_all(block))
                .map_err(refused)?;
            file.sync_all()?;
        }
        Ok(())
    }

    /// Lets an upload go that a job was made of.
    ///
    /// # Errors
    /// The store's, or the disk's.
    pub(crate) fn used_up(&self, user: &str, id: &str) -> Result<(), Problem> {
        self.store.write_now(|store| {
            store.execute("DELETE FROM uploads WHERE user = ? AND id = ?", [user, id])?;
            Ok(())
        })?;
        self.release(user)
    }
}
