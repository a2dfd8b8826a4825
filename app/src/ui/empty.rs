//! A place with nothing in it yet.

use super::{Icon, Shape};
use leptos::prelude::*;

/// Says that there is nothing, and what to do next.
#[component]
pub(crate) fn Empty(
    /// The place's drawing.
    shape: Shape,
    /// What there is not.
    #[prop(into)]
    title: String,
    /// What to do.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon shape />
            <h3>{title}</h3>
            {children()}
        </div>
    }
}
