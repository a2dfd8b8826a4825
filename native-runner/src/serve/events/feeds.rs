//! Events that were written just now, kept for those who listen.

use axum::body::Bytes;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

/// Events of a topic that are kept in memory; whoever is further behind reads the store.
const RECENT: usize = 1024;

/// What can be listened to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// A job, by id.
    Job(String),
    /// The queue.
    Queue,
}

/// An event as it goes over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// Its id.
    pub(crate) id: u64,
    /// Whose job it is about.
    pub(crate) user: Arc<str>,
    /// Which job.
    job: Arc<str>,
    /// Whether those who follow the queue are told.
    queue: bool,
    /// `id: ...`, `data: ...` and an empty line.
    pub(crate) frame: Bytes,
}

impl Told {
    /// An event; `data` is an object without id and time, and has no line feed.
    pub(crate) fn new(id: u64, job: &str, user: &str, time: &str, queue: bool, data: &str) -> Self {
        let rest = data.strip_prefix('{').unwrap_or(data);
        let frame = format!("id: {id}\ndata: {{\"id\":{id},\"time\":\"{time}\",{rest}\n\n");
        Self {
            id,
            user: user.into(),
            job: job.into(),
            queue,
            frame: frame.into(),
        }
    }
}

/// All topics that somebody listens to.
#[derive(Debug)]
pub(crate) struct Feeds {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// The last event that was told.
    last: u64,
    feeds: HashMap<Topic, Feed>,
}

/// A topic that somebody listens to. Of the events behind `from`, all are in `recent`.
#[derive(Debug)]
struct Feed {
    from: u64,
    recent: VecDeque<Told>,
    latest: watch::Sender<u64>,
}

/// What a listener gets next.
pub(crate) enum Next {
    /// These events, maybe none yet.
    Here(Vec<Told>),
    /// Read the store up to and with this event first.
    Store(u64),
}

impl Feeds {
    /// No topics; the last event so far is `last`.
    pub(crate) fn new(last: u64) -> Self {
        Self {
            inner: Mutex::new(Inner {
                last,
                feeds: HashMap::new(),
            }),
        }
    }

    /// The last event that was told.
    pub(crate) fn last(&self) -> u64 {
        self.lock().last
    }

    /// Tells events, which are in the store by now, and ends the streams of the jobs `ended`.
    pub(crate) fn tell(&self, told: Vec<Told>, ended: &[String]) {
        let mut inner = self.lock();
        for event in told {
            inner.last = event.id;
            if event.queue
                && let Some(feed) = inner.feeds.get_mut(&Topic::Queue)
            {
                feed.push(event.clone());
            }
            if let Some(feed) = inner.feeds.get_mut(&Topic::Job(event.job.to_string())) {
                feed.push(event);
            }
        }
        for job in ended {
            inner.feeds.remove(&Topic::Job(job.clone()));
        }
        inner.feeds.retain(|_, feed| !feed.latest.is_closed());
    }

    /// Begins to listen. The result changes with each event, and closes when the topic is gone.
    pub(crate) fn listen(&self, topic: &Topic) -> watch::Receiver<u64> {
        let mut inner = self.lock();
        let last = inner.last;
        let feed = inner.feeds.entry(topic.clone()).or_insert_with(|| Feed {
            from: last,
            recent: VecDeque::new(),
            latest: watch::Sender::new(last),
        });
        feed.latest.subscribe()
    }

    /// At most `most` events of `topic` behind `after`; `None` if the topic is gone.
    pub(crate) fn behind(&self, topic: &Topic, after: u64, most: usize) -> Option<Next> {
        let inner = self.lock();
        let feed = inner.feeds.get(topic)?;
        if after < feed.from {
            return Some(Next::Store(feed.from));
        }
        let first = feed.recent.partition_point(|event| event.id <= after);
        Some(Next::Here(
            feed.recent.iter().skip(first).take(most).cloned().collect(),
        ))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Feed {
    fn push(&mut self, event: Told) {
        if self.recent.len() == RECENT
            && let Some(oldest) = self.recent.pop_front()
        {
            self.from = oldest.id;
        }
        let id = event.id;
        self.recent.push_back(event);
        self.latest.send_replace(id);
    }
}
