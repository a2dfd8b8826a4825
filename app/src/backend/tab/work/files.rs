//! What jobs left: files that the browser keeps, and those that only memory has.

use super::Work;
use crate::backend::{
    Trouble,
    tab::{refused, results::Files, unknown},
};
use js_sys::Array;
use leptos::task::spawn_local;
use shared::protocol::ProblemKind;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Url;

impl Work {
    /// Takes the files that the engine has only in memory.
    pub(super) fn take_files(&self, id: String, pairs: JsValue) {
        let Ok(pairs) = pairs.dyn_into::<Array>() else {
            return;
        };
        self.left.borrow_mut().insert(id.clone(), pairs.clone());
        let own = self.own.clone();
        spawn_local(async move {
            let files = Rc::new(Files::take(&pairs).await);
            if let Some(work) = own.upgrade() {
                work.files.borrow_mut().insert(id, files);
            }
        });
    }

    /// The files of a job.
    pub(in crate::backend::tab) async fn files(&self, id: &str) -> Result<Rc<Files>, Trouble> {
        let job = self.book().get(id).ok_or_else(|| unknown(id))?;
        if (job.state.is_final() || !self.book().is_kept())
            && let Some(files) = self.known_files(id)
        {
            return Ok(files);
        }
        let files = match self.book().folder(id).await {
            Some(folder) => Files::read(&folder).await.map_err(|error| {
                let error = between::problem(&error).to_string();
                refused(ProblemKind::Internal, error)
            })?,
            None => Files::default(),
        };
        let files = Rc::new(files);
        self.files
            .borrow_mut()
            .insert(id.to_owned(), Rc::clone(&files));
        Ok(files)
    }

    /// The files of a job that somebody looked at before.
    pub(in crate::backend::tab) fn known_files(&self, id: &str) -> Option<Rc<Files>> {
        self.files.borrow().get(id).cloned()
    }

    /// Files of a job that are in memory only: an array of `[path, blob]`.
    pub(in crate::backend::tab) fn leave(&self, id: &str, pairs: Array) {
        self.left.borrow_mut().insert(id.to_owned(), pairs);
    }

    /// A job is deleted: what it left in memory goes.
    pub(in crate::backend::tab) fn drop_left(&self, id: &str) {
        self.left.borrow_mut().remove(id);
    }

    /// Files of a job are going to change.
    pub(in crate::backend::tab) fn forget_files(&self, id: &str) {
        if self.open.get().is_some_and(|open| open.book.is_kept()) {
            self.files.borrow_mut().remove(id);
        }
    }

    /// Where the browser finds a recording that experiments here have read.
    pub(in crate::backend::tab) fn sound(&self, path: &str) -> String {
        let Some(blob) = self.open.get().and_then(|open| open.library.seen(path)) else {
            return String::new();
        };
        let mut sounds = self.sounds.borrow_mut();
        sounds
            .entry(path.to_owned())
            .or_insert_with(|| Url::create_object_url_with_blob(&blob).unwrap_or_default())
            .clone()
    }
}
