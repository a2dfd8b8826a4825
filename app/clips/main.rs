//! The page's second program, for a worker that it starts when recordings are looked at: reads tables
//! and archives, decodes recordings as training does, and computes what is drawn of them.
//!
//! It is apart from the page so that the page is small; `static/clips-start.js` starts it.

mod answer;
mod open;
mod unpack;

fn main() {
    console_error_panic_hook::set_once();
    answer::serve();
}
