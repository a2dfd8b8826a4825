//! What is counted while the runner is at work.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, number: u64) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number of things that there are.
#[derive(Debug, Default)]
pub(crate) struct Gauge(AtomicI64);

impl Gauge {
    /// So many more, or fewer.
    pub(crate) fn add(&self, number: i64) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What is counted for `/metrics`.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Answers by the first digit of their status.
    pub(crate) answers: [Counter; 6],
    /// Events that were handed to listeners.
    pub(crate) delivered: Counter,
    /// Tokens that were wrong.
    pub(crate) failed_tokens: Counter,
    /// Requests that label recordings.
    pub(crate) labelling: Gauge,
    /// Processes of jobs that were started.
    pub(crate) started: Counter,
}
