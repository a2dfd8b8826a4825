//! `voxtune serve`: lets a browser drive this machine.
//!
//! A request passes the guards ([`guard`]), is told whose it is ([`users`]), and comes to the
//! handler of its operation, of which there is one table in `shared::protocol`. What lasts stands
//! in the store ([`store`]) and in folders of jobs; jobs are processes of their own that need no
//! server ([`crate::job`], [`jobs`]); what happens is told to whoever listens ([`events`]).

mod check;
mod counters;
mod devices;
mod events;
mod extract;
mod files;
mod guard;
mod health;
mod jobs;
mod live;
mod openapi;
mod page;
mod problem;
mod results;
mod route;
mod settings;
mod start;
mod state;
mod store;
mod time;
pub(crate) mod users;

pub(crate) use files::{DEMO, Sight, SightSpec};
pub(crate) use problem::Problem;
pub(crate) use settings::{LogForm, default_folder};
pub(crate) use start::serve;
pub(crate) use store::Store;
pub(crate) use users::Secret;

use axum::{Router, middleware::from_fn_with_state};
use route::Routes;
use state::AppState;

/// All operations with their handlers.
fn routes() -> Routes {
    health::routes()
        .and(openapi::routes())
        .and(users::routes())
        .and(devices::routes())
        .and(check::routes())
        .and(files::routes())
        .and(jobs::routes())
        .and(events::routes())
        .and(results::routes())
        .and(live::routes())
}

/// The whole server: operations, the page, and what stands around them.
fn router(state: &AppState) -> Router {
    let router = routes()
        .router()
        .merge(page::routes())
        .layer(from_fn_with_state(state.clone(), users::authenticate))
        .layer(from_fn_with_state(state.clone(), users::record))
        .with_state(state.clone());
    guard::layer(router, &state.settings).layer(from_fn_with_state(state.clone(), health::count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::protocol::operations;
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_has_one_handler() {
        let mut handled = BTreeSet::new();
        for operation in routes().operations() {
            assert!(handled.insert(operation.id), "{operation:?} twice");
        }
        let known: BTreeSet<&str> = operations::ALL
            .iter()
            .map(|operation| operation.id)
            .collect();
        assert_eq!(handled, known);
    }
}
