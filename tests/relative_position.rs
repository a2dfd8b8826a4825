//! WavLM's buckets of distances are the reference's.

use shared::{files::Disk, model::bucket};
use tests::parity::Reference;

#[test]
fn every_distance_of_the_reference() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/parity/wavlm_buckets.safetensors"
    );
    let reference = Reference::read(&Disk, path);
    for (buckets, furthest) in [(320, 800), (32, 40), (40, 24)] {
        let expected = reference.values(&format!("buckets.{buckets}.{furthest}"));
        let found: Vec<f32> = (-1599..=1599)
            .map(|distance| bucket(distance, buckets, furthest) as f32)
            .collect();
        assert_eq!(found, expected, "{buckets} buckets up to {furthest}");
    }
}
