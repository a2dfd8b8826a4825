//! Whatever bytes come as a recording, they are refused, or decoded within the limits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::{
    audio::{Limits, outline, probe},
    files::Memory,
};

fuzz_target!(|bytes: &[u8]| {
    let mut files = Memory::default();
    files.insert("a", bytes.to_vec());
    let limits = Limits { seconds: 400.0, samples: 1 << 22, ..Limits::default() };
    if let Ok(found) = probe(&files, "a", &limits) {
        assert!(found.channels <= limits.channels && found.rate <= limits.highest_rate);
    }
    if let Ok(outline) = outline(&files, "a", 60.0, &limits) {
        assert!(outline.peaks.samples() <= 61 * 16_000);
    }
});
