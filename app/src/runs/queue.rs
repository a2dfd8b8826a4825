//! All jobs of where training runs, always as they are now.

use crate::backend::{Link, Stream, Told, Trouble};
use leptos::{prelude::*, task::spawn_local};
use shared::protocol::{Job, JobState, QueueNews};
use std::rc::Rc;

/// The jobs.
#[derive(Clone, Copy)]
pub(crate) struct Queue {
    /// At work, then waiting, then the others, newest first; `None` until they are known.
    pub(crate) jobs: RwSignal<Option<Vec<Job>>>,
    /// Why they are not known.
    pub(crate) trouble: RwSignal<Option<Trouble>>,
    stream: StoredValue<Option<Stream>, LocalStorage>,
}

impl Queue {
    /// Makes the page's one, which follows `link`.
    pub(crate) fn provide(link: Link) -> Self {
        let queue = Self {
            jobs: RwSignal::new(None),
            trouble: RwSignal::new(None),
            stream: StoredValue::new_local(None),
        };
        provide_context(queue);
        let open = Memo::new(move |_| link.is_open());
        Effect::new(move || {
            if open.get() {
                queue.load(link);
            }
        });
        queue
    }

    /// The page's one.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// Asks for all, and follows from there.
    pub(crate) fn load(self, link: Link) {
        spawn_local(async move {
            match link.backend().jobs().await {
                Ok(list) => {
                    self.jobs.set(Some(list.jobs));
                    self.trouble.set(None);
                    let listener = Rc::new(move |told| {
                        if let Told::Event(event) = told {
                            let event: shared::protocol::QueueEvent = event;
                            match event.news {
                                QueueNews::State { job } => self.put(*job),
                                QueueNews::Deleted { job } => self.remove(&job),
                            }
                        }
                    });
                    self.stream
                        .set_value(Some(link.backend().follow_queue(list.last_event, listener)));
                }
                Err(trouble) => self.trouble.set(Some(trouble)),
            }
        });
    }

    /// Asks for all again; the stream stays.
    pub(crate) fn refresh(self, link: Link) {
        spawn_local(async move {
            if let Ok(list) = link.backend().jobs().await
                && self
                    .jobs
                    .with_untracked(|jobs| jobs.as_ref() != Some(&list.jobs))
            {
                self.jobs.set(Some(list.jobs));
            }
        });
    }

    /// A job is new, or another than before.
    pub(crate) fn put(self, job: Job) {
        self.jobs.update(|jobs| {
            let jobs = jobs.get_or_insert_default();
            jobs.retain(|other| other.id != job.id);
            jobs.push(job);
            shared::sorting::by(jobs, |a, b| {
                rank(a)
                    .cmp(&rank(b))
                    .then_with(|| b.created.cmp(&a.created))
            });
        });
    }

    /// A job is gone.
    pub(crate) fn remove(self, id: &str) {
        self.jobs.update(|jobs| {
            if let Some(jobs) = jobs {
                jobs.retain(|job| job.id != id);
            }
        });
    }

    /// The jobs that wait, in their order.
    pub(crate) fn waiting(self) -> Vec<String> {
        self.jobs.with_untracked(|jobs| {
            let jobs = jobs.iter().flatten();
            jobs.filter(|job| job.state == JobState::Queued)
                .map(|job| job.id.clone())
                .collect()
        })
    }

    /// The newest job that has a text to compare with.
    pub(crate) fn newest(self) -> Option<String> {
        self.jobs.with(|jobs| {
            let newest = jobs
                .iter()
                .flatten()
                .max_by(|a, b| a.created.cmp(&b.created));
            newest.map(|job| job.id.clone())
        })
    }
}

fn rank(job: &Job) -> (u8, usize) {
    match job.state {
        state if state.is_active() => (0, 0),
        JobState::Queued => (1, job.position.unwrap_or(usize::MAX)),
        _ => (2, 0),
    }
}
