//! Any text is a literal or an error with a place in it, and what is printed is read back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::config::literal::{Literal, parse};

/// Infinities and sets of one's own order print as texts that are read differently.
fn plain(value: &Literal) -> bool {
    match value {
        Literal::Float(value) => value.is_finite(),
        Literal::Dict(pairs) => pairs.iter().all(|(key, value)| plain(key) && plain(value)),
        other => other.items().is_none_or(|items| items.iter().all(plain)),
    }
}

fuzz_target!(|text: &str| {
    match parse(text) {
        Ok(value) if plain(&value) => assert_eq!(parse(&value.to_string()).as_ref(), Ok(&value)),
        Ok(_) => {}
        Err(error) => assert!(error.offset <= text.len()),
    }
});
