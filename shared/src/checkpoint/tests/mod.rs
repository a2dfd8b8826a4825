//! Whole folders: the reference checkpoints, and folders that are wrong.

mod folders;
mod mutations;
mod saving;

use super::*;
use crate::files::{Disk, Files, Memory};

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

/// A tensor's name, shape and values.
type Stored = (String, Vec<usize>, Vec<f32>);

/// The reference model's files in memory, in the folder `m`.
fn reference(model: &str) -> Memory {
    let mut files = Memory::default();
    for name in [
        "config.json",
        "preprocessor_config.json",
        "model.safetensors",
    ] {
        let bytes = Disk.read(&format!("{PARITY}/{model}/model/{name}"));
        files.insert(format!("m/{name}"), bytes.expect(name));
    }
    files
}

/// A model's tensors by name, as they stand in its file.
fn stored(files: &Memory) -> Vec<Stored> {
    let tensors = Tensors::open(files, "m").expect("readable");
    let names: Vec<String> = tensors.names().map(str::to_owned).collect();
    names
        .into_iter()
        .map(|name| {
            let shape = tensors.shape(&name).expect("listed").to_vec();
            let values = tensors.read_f32(&name).expect("listed");
            (name, shape, values)
        })
        .collect()
}

/// A safetensors file of these tensors, whatever their names.
fn safetensors_file(tensors: &[Stored]) -> Vec<u8> {
    let bytes: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(.., values)| {
            values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect()
        })
        .collect();
    let views = tensors.iter().zip(&bytes).map(|((name, shape, _), bytes)| {
        let view =
            safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes);
        (name, view.expect("fits"))
    });
    safetensors::serialize(views, None).expect("fits")
}
