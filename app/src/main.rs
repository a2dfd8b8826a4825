//! The page: an experiment's text with what the checker says about it.

#![allow(
    unreachable_pub,
    reason = "the macro for components makes their properties `pub`"
)]

mod browser;
mod document;
mod editor;
mod header;
mod page;
mod problems;
mod settings;

fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(page::Page);
}
