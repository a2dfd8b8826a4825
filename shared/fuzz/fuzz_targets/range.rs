//! Whatever a client asks for of a file, it gets a stretch that lies in it, all of it, or nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use range::{Wanted, wanted};

#[allow(dead_code, missing_docs, reason = "a file of the server, of which a part is used here")]
#[path = "../../../native-runner/src/serve/results/range.rs"]
mod range;

fuzz_target!(|input: (u64, &str)| {
    let (length, text) = input;
    if let Wanted::Stretch(start, end) = wanted(text, length) {
        assert!(start < end && end <= length, "{start} to {end} of {length}");
    }
});
