//! Any text parses without loss, and what is set in it is read back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::config::ini::Document;

fuzz_target!(|text: &str| {
    let document = Document::parse(text);
    assert_eq!(document.text(), text);
    for section in document.sections() {
        for entry in document.entries(section) {
            let _ = document.value(&section.name, entry);
        }
    }
    if document.errors().is_empty() {
        let mut changed = document.clone();
        changed.set("FUZZ", "key", "value").expect("an edit that can be written");
        assert_eq!(changed.entry("FUZZ", "key").map(|entry| entry.value.as_str()), Some("value"));
        assert_eq!(changed.errors(), &[]);
    }
});
