//! What comes in a task of its own: beside the rest of a place it would take longer than a picture.

use crate::browser;
use leptos::{prelude::*, task::spawn_local};

type Make = Box<dyn Fn() -> AnyView + Send + Sync>;

/// What `make` makes, so many turns later; nothing until then.
pub(crate) fn later(turns: usize, make: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    boxed(turns, Box::new(make))
}

/// Compiled once, whatever is made.
fn boxed(turns: usize, make: Make) -> AnyView {
    let due = RwSignal::new(false);
    spawn_local(async move {
        for _ in 0..turns {
            browser::turn().await;
        }
        let _ = due.try_set(true);
    });
    (move || due.get().then(&make)).into_any()
}
