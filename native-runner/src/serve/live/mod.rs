//! Models that stay loaded and listen: sessions, each a process of its own.

mod process;
mod requests;
mod sessions;

pub(crate) use sessions::{Sessions, tidy};

use super::route::Routes;
use shared::protocol::operations;

/// What is answered here.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .on(&operations::LIVE_START, requests::start)
        .on(&operations::LIVES, requests::list)
        .on(&operations::LIVE_SOUND, requests::sound)
        .on(&operations::LIVE_END, requests::end)
}
