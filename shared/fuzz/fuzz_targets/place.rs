//! What is taken as a place lies below a folder however the system reads it, and stays the same text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::files::Place;
use std::path::{Component, Path};

fuzz_target!(|text: &str| {
    let Ok(place) = Place::parse(text) else {
        return;
    };
    assert_eq!(place.as_str(), text);
    let steps: Vec<_> = Path::new(text).components().collect();
    assert!(steps.iter().all(|step| matches!(step, Component::Normal(_))));
    assert_eq!(steps.len(), text.split('/').count());
    assert!(place.folders().all(|folder| Place::parse(folder).is_ok()));
});
