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

#[test]
fn old_folders_have_the_same_values() {
    let mut reasons = std::collections::BTreeSet::new();
    for model in MODELS {
        let new = Checkpoint::open(&Disk, &format!("{PARITY}/{model}/model")).expect(model);
        let old = Checkpoint::open(&Disk, &format!("{PARITY}/{model}/legacy")).expect(model);
        reasons.extend(old.ignored.iter().map(|left| left.reason.to_string()));
        for name in new.names() {
            let Some(shape) = old.shape(name) else {
                assert_eq!((*model, name), ("wav2vec2_base", "masked_spec_embed"));
                continue;
            };
            assert_eq!(new.shape(name), Some(shape), "{model}: {name}");
            let (new, old) = (new.read_f32(name), old.read_f32(name));
            assert_eq!(new.expect(name), old.expect(name), "{model}: {name}");
        }
    }
    let reasons: Vec<_> = reasons.into_iter().collect();
    assert_eq!(
        reasons,
        [
            "head of another kind",
            "speech recognition head",
            "used in pre-training only"
        ]
    );
}
