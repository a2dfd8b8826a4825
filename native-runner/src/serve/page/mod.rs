//! The page, as it is built into the program.

use super::{nothing, state::AppState};
use axum::Router;

/// The page's files.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().fallback(nothing)
}
