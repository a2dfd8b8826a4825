//! Runs the parity checks natively.

use burn::tensor::Device;
use shared::{
    config::{LoraTarget, Precision},
    files::Disk,
};
use tests::parity::{
    Case, Checks, Layout, Tolerance, check_forward, check_gradients, check_head, check_lora,
    check_optimiser, check_precision,
};

const CASES: [&str; 6] = [
    "wav2vec2_base",
    "wav2vec2_large",
    "hubert_base",
    "hubert_large",
    "wavlm_base",
    "wavlm_large",
];

/// Every model in both layouts, forward and through training steps.
pub(crate) fn every_case(device: &Device, tolerance: Tolerance) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/parity");
    let mut failures = String::new();
    let mut note = |what: String, checks: Checks| {
        let (name, share) = checks.worst().expect("something was compared");
        eprintln!(
            "{what}: {} values, worst {name} at {share:.2} of its tolerance",
            checks.0.len()
        );
        let failed = checks.failures();
        if !failed.is_empty() {
            failures += &format!("{what}\n{failed}");
        }
    };
    for name in CASES {
        let case = Case::open(&Disk, root, name);
        for layout in [Layout::Model, Layout::Legacy] {
            let checks = pollster::block_on(check_forward(&case, &Disk, layout, tolerance, device));
            note(format!("{name} {layout:?} forward"), checks);
        }
        for kind in ["ce", "ccc"] {
            let checks = pollster::block_on(check_gradients(&case, &Disk, kind, tolerance, device));
            note(format!("{name} {kind} gradients"), checks);
        }
        for precision in [Precision::Bf16, Precision::F16] {
            let checks = check_precision(&case, &Disk, precision, device);
            let checks = pollster::block_on(checks);
            if checks.0.is_empty() {
                eprintln!("{name}: the device has no {}", precision.word());
            } else {
                note(format!("{name} in {}", precision.word()), checks);
            }
        }
        for kind in ["adamw_plain", "adamw_trainer", "ccc_adamw_trainer"] {
            let checks = pollster::block_on(check_optimiser(&case, &Disk, kind, tolerance, device));
            note(format!("{name} {kind}"), checks);
        }
    }
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    let attention = [LoraTarget::Query, LoraTarget::Value];
    for (name, targets) in [
        ("wav2vec2_base", &LoraTarget::ALL[..]),
        ("hubert_large", &attention),
    ] {
        let checks = check_lora(&Disk, fixtures, name, targets, tolerance, device);
        note(format!("{name} LoRA"), pollster::block_on(checks));
    }
    for name in ["wav2vec2_large", "hubert_base", "wavlm_large", "audeering"] {
        let checks = check_head(&Disk, fixtures, name, tolerance, device);
        note(format!("{name} with a head"), pollster::block_on(checks));
    }
    assert!(failures.is_empty(), "{failures}");
}
