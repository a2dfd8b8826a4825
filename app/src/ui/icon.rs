//! Small line drawings beside words; never instead of them.

use leptos::prelude::*;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Experiment,
    Data,
    Runs,
    Results,
    Try,
    Play,
    Stop,
    Close,
    Add,
    Less,
    Record,
}

/// A drawing of 16 by 16 pixels in the colour of the text.
#[component]
pub(crate) fn Icon(shape: Shape) -> impl IntoView {
    let path = match shape {
        Shape::Experiment => "M3 3h10M3 6.5h6M3 10h8M3 13.5h4",
        Shape::Data => "M2 8h1.5M5 5v6M7.5 2.5v11M10 5.5v5M12.5 7v2M14.5 8h0",
        Shape::Runs => "M2 13.5V2.5M2 13.5h12M4 10.5l3-4 2.5 2L14 3.5",
        Shape::Results => "M2.5 2.5h11v11h-11zM2.5 8h11M8 2.5v11",
        Shape::Try => "M6 2.5h4v6h-4zM3.5 7.5v1a4.5 4 0 0 0 9 0v-1M8 12.5v2M5.5 14.5h5",
        Shape::Play => "M4.5 2.5l9 5.5-9 5.5z",
        Shape::Stop => "M4 4h8v8H4z",
        Shape::Add => "M8 3v10M3 8h10",
        Shape::Less => "M3 8h10",
        Shape::Record => "M8 3.5a4.5 4.5 0 1 0 0.01 0z",
        Shape::Close => "M3.5 3.5l9 9M12.5 3.5l-9 9",
    };
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d=path />
        </svg>
    }
}
