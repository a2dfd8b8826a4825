//! Any bytes as a table in CSV.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod world;

fuzz_target!(|table: &[u8]| {
    world::load_database(&[("t.csv", table)], "t.csv", "d.type = csv\nd.absolute_path = False\n");
});
