//! Any bytes as a table in parquet.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod world;

const HEADER: &[u8] = b"name: d\nsource: none\nusage: research\nschemes:\n  emotion: {dtype: str, labels: [joy, anger]}\n\
    tables:\n  emotion: {type: filewise, columns: {emotion: {scheme_id: emotion}}}\n";

fuzz_target!(|table: &[u8]| {
    world::load_database(&[("d/db.yaml", HEADER), ("d/db.emotion.parquet", table)], "d", "");
});
