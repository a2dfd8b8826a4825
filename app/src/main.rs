//! The page: an experiment is edited, its recordings heard, trained somewhere, and understood.
//!
//! [`shell`] is what stands around the places; [`store`]
//! keeps what must survive a reload; [`ui`] and [`charts`] are what all places are made of.

#![allow(
    unreachable_pub,
    reason = "the macro for components makes their properties `pub`"
)]

mod backend;
mod browser;
mod charts;
mod data;
mod experiment;
mod microphone;
mod results;
mod runs;
mod shell;
mod store;
mod trial;
mod ui;

fn main() {
    console_error_panic_hook::set_once();
    // To start this program has taken its share of the task in which it came.
    wasm_bindgen_futures::spawn_local(async {
        browser::turn().await;
        browser::start_offline();
        // What the page has shown until now.
        if let Some(starting) = leptos::prelude::document().get_element_by_id("starting") {
            starting.remove();
        }
        leptos::mount::mount_to_body(shell::App);
    });
}
