//! AdamW where a layer has no gradients in some step, as `LayerDrop` leaves it: PyTorch counts the steps of each parameter by
//! itself, so that its first step has the whole learning rate whenever it comes.

use burn::tensor::Device;
use shared::{
    config::LossKind,
    files::Disk,
    model::{Noise, SpeechModel},
    train::{AdamW, Loss, Optimizer, Rates, Targets},
};
use std::collections::BTreeMap;
use tests::parity::{Case, Layout};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/parity");
const RATE: f64 = 1e-2;

/// A step on the reference's batch, and each parameter's gradient in it.
fn step(
    case: &Case,
    model: &mut SpeechModel,
    optimizer: &mut Optimizer,
) -> BTreeMap<String, Vec<f32>> {
    let logits = model.forward(
        case.inputs.waves("train", &Device::flex()),
        &mut Noise::off(),
    );
    let labels = case.inputs.values("train.labels");
    let targets = Targets::Classes(labels.iter().map(|label| *label as usize).collect());
    let loss = Loss::new(LossKind::Cross, None, 0.0).forward(logits, &targets);
    optimizer.accumulate(model, loss.backward());
    let gradients = optimizer
        .gradients()
        .map(|(name, gradient)| {
            (
                name.to_owned(),
                gradient.clone().into_data().try_into_vec().unwrap(),
            )
        })
        .collect();
    let norm = optimizer.gradient_norm();
    let rates = Rates {
        encoder: RATE,
        head: RATE,
    };
    optimizer.step(model, rates, norm);
    gradients
}

fn values(model: &SpeechModel) -> BTreeMap<String, Vec<f32>> {
    let tensors = pollster::block_on(model.tensors()).unwrap();
    tensors
        .into_iter()
        .map(|tensor| (tensor.name, tensor.values))
        .collect()
}

#[test]
fn each_parameter_counts_its_own_steps() {
    let case = Case::open(&Disk, ROOT, "wav2vec2_base");
    let (mut model, _) = case.model(&Disk, Layout::Model, "cls", &Device::flex());
    let adam = AdamW {
        max_grad_norm: 0.0,
        ..AdamW::default()
    };
    let mut optimizer = Optimizer::new(adam);

    // The first layer sits out, as a dropped one does; everything else makes a step.
    model.set_trained(true, 1).unwrap();
    let first = step(&case, &mut model, &mut optimizer);
    model.set_trained(true, 0).unwrap();
    let before = values(&model);
    let second = step(&case, &mut model, &mut optimizer);
    let after = values(&model);

    let layer = "wav2vec2.encoder.layers.0.feed_forward.output_dense.weight";
    let other = "wav2vec2.encoder.layers.1.feed_forward.output_dense.weight";
    assert!(!first.contains_key(layer) && first.contains_key(other));
    assert_eq!(optimizer.moments()[layer].steps, 1);
    assert_eq!(optimizer.moments()[other].steps, 2);
    let mut compared = 0;
    for (index, gradient) in second[layer].iter().enumerate() {
        if gradient.abs() > 1e-5 {
            // torch.optim.AdamW: m/(1 - 0.9) over the root of v/(1 - 0.999) is the gradient's sign. With a count for all it
            // would be 0.744 of it.
            let expected = -RATE as f32 * gradient.signum();
            let change = after[layer][index] - before[layer][index];
            assert!(
                (change - expected).abs() < 2e-3 * RATE as f32,
                "{change} is not {expected}"
            );
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared} gradients were large enough");
    let mut compared = 0;
    for (index, (g1, g2)) in first[other].iter().zip(&second[other]).enumerate() {
        if g1.abs() > 1e-5 && g2.abs() > 1e-5 {
            let mean = (0.09 * g1 + 0.1 * g2) / (1.0 - 0.81);
            let square = (0.000_999 * g1 * g1 + 0.001 * g2 * g2) / (1.0 - 0.998_001);
            let expected = -RATE as f32 * mean / square.sqrt();
            let change = after[other][index] - before[other][index];
            assert!(
                (change - expected).abs() < 5e-3 * RATE as f32,
                "{change} is not {expected}"
            );
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared} gradients were large enough");
}
