//! What all requests share.

use super::{
    counters::Counters, devices::Machine, files::Library, guard::share::Shares, jobs::Jobs,
    live::Sessions, settings::Settings, store::Store, users::Tokens,
};
use std::{ops::Deref, path::PathBuf, sync::Arc, time::Instant};
use tokio::sync::watch;

/// What all requests share; cheap to clone.
#[derive(Clone)]
pub(crate) struct AppState(Arc<App>);

/// See [`AppState`].
pub(crate) struct App {
    /// What the runner is set up to do.
    pub(crate) settings: Settings,
    /// Jobs, users and events.
    pub(crate) store: Arc<Store>,
    /// Data roots, uploads and datasets.
    pub(crate) library: Arc<Library>,
    /// The queue and what is at work.
    pub(crate) jobs: Jobs,
    /// Models that listen.
    pub(crate) live: Sessions,
    /// One-time tokens and failed ones.
    pub(crate) tokens: Tokens,
    /// Devices, their memory and load.
    pub(crate) machine: Machine,
    /// Who follows events.
    pub(crate) listeners: Shares<String>,
    /// What is counted for `/metrics`.
    pub(crate) counters: Counters,
    /// When the runner was started.
    pub(crate) started: Instant,
    /// This program, which jobs are processes of.
    pub(crate) program: PathBuf,
    /// The name of the cookie; cookies know hosts, and no ports.
    pub(crate) cookie: String,
    /// Becomes true when the runner ends.
    pub(crate) ending: watch::Receiver<bool>,
}

impl AppState {
    pub(crate) fn new(app: App) -> Self {
        Self(Arc::new(app))
    }
}

impl Deref for AppState {
    type Target = App;

    fn deref(&self) -> &App {
        &self.0
    }
}
