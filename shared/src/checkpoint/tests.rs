//! Whole folders: the reference checkpoints, and folders that are wrong.

use super::*;
use crate::files::Disk;

const PARITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/parity");
const MODELS: &[&str] = &[
    "wav2vec2_base",
    "wav2vec2_large",
    "hubert_base",
    "hubert_large",
    "wavlm_base",
    "wavlm_large",
];

#[test]
fn reference_folders_are_complete() {
    for model in MODELS {
        let checkpoint = Checkpoint::open(&Disk, &format!("{PARITY}/{model}/model")).expect(model);
        assert_eq!(checkpoint.ignored, [], "{model}");
        assert!(!checkpoint.has_head() && checkpoint.preprocessor.is_some());
        for spec in checkpoint.config.tensors() {
            let values = checkpoint.read_f32(&spec.name).expect(&spec.name);
            assert_eq!(values.len(), spec.shape.iter().product::<usize>());
            assert!(values.iter().all(|value| value.is_finite()));
        }
    }
}
