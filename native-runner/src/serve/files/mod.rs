//! Data roots, uploads, datasets and previews.

use super::route::Routes;

/// What is answered here.
pub(crate) fn routes() -> Routes {
    Routes::new()
}
