//! Any header of an audformat database: an error or data, within time and memory.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod world;

const TABLE: &[u8] = b"file,emotion,speaker\na.wav,joy,3\nb.wav,anger,8\n";

fuzz_target!(|header: &[u8]| {
    world::load_database(&[("d/db.yaml", header), ("d/db.emotion.csv", TABLE)], "d", "");
});
