//! How a job ends: by itself, because it is told to, or because the engine does.

use super::Work;
use crate::backend::tab::{no_files, results::Files};
use js_sys::Array;
use leptos::{prelude::Set, task::spawn_local};
use shared::protocol::{Change, Failure, FailureKind, Job, Status, tab::ToEngine};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// What the engine's start script says of a graphics device that is gone.
const LOST: &str = "graphics device was lost";

impl Work {
    pub(super) fn ended(
        &self,
        status: Status,
        failure: Option<FailureKind>,
        message: Option<String>,
        files: JsValue,
    ) {
        let Some(at_work) = self.at_work.take() else {
            return;
        };
        self.paused.set(false);
        let pairs = files.dyn_into::<Array>().ok();
        if let Some(pairs) = &pairs {
            let id = at_work.id.clone();
            self.left.borrow_mut().insert(id, pairs.clone());
        }
        let own = self.own.clone();
        spawn_local(async move {
            let Some(work) = own.upgrade() else { return };
            if let Some(pairs) = pairs {
                let files = Rc::new(Files::take(&pairs).await);
                work.files.borrow_mut().insert(at_work.id.clone(), files);
            }
            let change = match status {
                Status::Finished => Change::Finish,
                Status::Interrupted => Change::Stop,
                Status::Failed => Change::Fail,
            };
            let kind = failure.unwrap_or(FailureKind::Run);
            let message = message.unwrap_or_default();
            work.end(&at_work.id, change, kind, message).await;
            work.start_next().await;
        });
    }

    pub(super) async fn end(&self, id: &str, change: Change, kind: FailureKind, message: String) {
        let is_kept = self.book().is_kept();
        let end = |job: &mut Job| {
            if change == Change::Fail {
                job.failure = Some(Failure {
                    advice: advice(kind, &message, is_kept),
                    kind,
                    message,
                });
            }
            Some(change)
        };
        self.book().change(id, end).await;
        self.let_go(id);
    }

    /// The engine is gone: the job that it was at fails, and the next one gets a new engine.
    pub(super) fn broken(&self, message: String, failure: Option<FailureKind>) {
        self.engine.take();
        for (_, done) in self.questions.borrow_mut().drain() {
            let _ = done.call0(&JsValue::NULL);
        }
        let lower = message.to_lowercase();
        let kind = if let Some(kind) = failure {
            kind
        } else if ["memory", "allocation", "capacity overflow"]
            .iter()
            .any(|word| lower.contains(word))
        {
            FailureKind::Memory
        } else {
            FailureKind::Crash
        };
        let Some(at_work) = self.at_work.take() else {
            leptos::logging::error!("the engine broke down: {message}");
            return;
        };
        self.paused.set(false);
        let own = self.own.clone();
        spawn_local(async move {
            let Some(work) = own.upgrade() else { return };
            let message = if message.contains(LOST) || failure.is_some() {
                message
            } else {
                format!("the engine broke down: {message}")
            };
            work.end(&at_work.id, Change::Fail, kind, message).await;
            work.start_next().await;
        });
    }

    /// Ends the job at work: at once where it has not begun, else with what it has.
    pub(in crate::backend::tab) async fn cancel(&self, id: &str) {
        let begun = match &*self.at_work.borrow() {
            Some(at_work) if at_work.id == id => Some(at_work.has_begun),
            _ => None,
        };
        let Some(begun) = begun else {
            self.let_go(id);
            return;
        };
        if begun {
            let _ = self.say(&ToEngine::Cancel, &no_files());
            return;
        }
        self.engine.take();
        self.at_work.take();
        self.book().change(id, |_| Some(Change::Stop)).await;
        self.let_go(id);
        self.start_next().await;
    }
}

/// What to do after a failure.
fn advice(kind: FailureKind, message: &str, is_kept: bool) -> Option<String> {
    let text = match kind {
        FailureKind::Crash if message.contains(LOST) => {
            "resume it: it goes on from its last checkpoint. Drivers end programs that keep a card busy for too long or take too \
             much of its memory: if it happens again, make FINETUNE.batch_size smaller, or pick the processor at the top, which \
             the next run takes"
        }
        FailureKind::Memory => {
            "make FINETUNE.batch_size smaller and gradient_accumulation larger by the same factor, which trains the same; or make \
             max_duration shorter; or freeze more layers; then resume it"
        }
        FailureKind::Disk if is_kept => {
            "make room: delete runs that are no longer needed, or files on this machine's disk; then resume it: it goes on from its \
             last checkpoint"
        }
        FailureKind::Crash => "resume it: it goes on from its last checkpoint",
        _ => return None,
    };
    Some(text.to_owned())
}
