//! The program of `hub.html`: fetches a model from the hub into what the browser keeps for this site.
//!
//! It is apart from the page, whose content security policy lets it ask nobody but its own server. This program
//! reads no recording and sends nothing but the names of files.

mod fetch;
mod view;

fn main() {
    console_error_panic_hook::set_once();
    view::open();
}
