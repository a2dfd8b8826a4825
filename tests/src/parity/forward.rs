//! Hidden states and logits.

use super::{Case, Checks, Layout, Tolerance};
use burn::tensor::{Device, Tensor};
use shared::{
    files::Files,
    model::{Hidden, Noise, SpeechModel},
    ops,
};

async fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data_async().await.expect("a readable tensor");
    data.try_into_vec().expect("f32")
}

/// Compares everything that the reference computed without gradients.
pub async fn check_forward(
    case: &Case,
    files: &dyn Files,
    layout: Layout,
    tolerance: Tolerance,
    device: &Device,
) -> Checks {
    let (model, report) = case.model(files, layout, "cls", device);
    let model = &model;
    let mut checks = Checks::default();
    for kind in ["mask", "nomask", "single"] {
        let hidden =
            model
                .encoder
                .forward(case.inputs.waves(kind, device), true, &mut Noise::off());
        compare_hidden(case, kind, &hidden, tolerance, &mut checks).await;
        if kind == "mask" {
            compare_position_bias(case, model, &hidden, tolerance, &mut checks).await;
        }
        let pooled = model
            .head
            .pool_time(hidden.last.clone(), hidden.frames.as_deref());
        let logits = model.logits(hidden, &mut Noise::off());
        for (name, found, limit) in [
            ("pooled", read(pooled).await, tolerance.hidden),
            (
                "probs",
                read(ops::softmax(logits.clone())).await,
                tolerance.logits,
            ),
            ("logits", read(logits).await, tolerance.logits),
        ] {
            let name = format!("{kind}.{name}");
            checks.absolute(&name, &found, case.expected.values(&name), limit);
        }
    }
    compare_evaluation(case, model, tolerance, device, &mut checks).await;
    // Where the files have no mask embedding there is nothing to compare a drawn one with.
    if !report.drawn.iter().any(|name| name == "masked_spec_embed") {
        compare_spec_augment(case, model, tolerance, device, &mut checks).await;
    }
    checks
}

/// In evaluation the shortest clip's logits are those of the clip alone, whatever it is padded to.
async fn compare_evaluation(
    case: &Case,
    model: &SpeechModel,
    tolerance: Tolerance,
    device: &Device,
    checks: &mut Checks,
) {
    let waves = case.inputs.waves("mask", device);
    let lengths = waves.lengths.clone().expect("a batch with a mask");
    let rows = lengths.iter().enumerate();
    let (shortest, _) = rows.min_by_key(|(_, length)| **length).expect("a row");
    let logits = read(model.evaluate(waves)).await;
    let width = logits.len() / lengths.len();
    checks.absolute(
        "evaluated.logits",
        &logits[shortest * width..][..width],
        case.expected.values("single.logits"),
        tolerance.logits,
    );
}

async fn compare_hidden(
    case: &Case,
    kind: &str,
    hidden: &Hidden,
    tolerance: Tolerance,
    checks: &mut Checks,
) {
    let early = hidden.early.as_ref().expect("from the waves on");
    let mut named = vec![
        ("conv_features".to_owned(), early.conv_features.clone()),
        (
            "extract_features".to_owned(),
            early.extract_features.clone(),
        ),
        ("proj".to_owned(), early.projected.clone()),
        ("pos_conv".to_owned(), early.positions.clone()),
        ("last_hidden_state".to_owned(), hidden.last.clone()),
    ];
    for (i, state) in hidden.states.iter().enumerate() {
        let name = if i == 0 {
            "layer_in".to_owned()
        } else {
            format!("layer.{}", i - 1)
        };
        named.push((name, state.clone()));
    }
    let mut compared = 0;
    for (name, tensor) in named {
        let name = format!("{kind}.{name}");
        if let Some(expected) = case.expected.get(&name) {
            checks.absolute(&name, &read(tensor).await, expected, tolerance.hidden);
            compared += 1;
        }
    }
    assert!(
        compared >= 2,
        "{}: too little to compare for {kind}",
        case.name
    );
}

async fn compare_position_bias(
    case: &Case,
    model: &SpeechModel,
    hidden: &Hidden,
    tolerance: Tolerance,
    checks: &mut Checks,
) {
    let Some(expected) = case.expected.get("mask.position_bias") else {
        return;
    };
    let bias = hidden
        .position_bias
        .clone()
        .expect("WavLM has a position bias");
    checks.absolute(
        "mask.position_bias",
        &read(bias).await,
        expected,
        tolerance.hidden,
    );
    for layer in 0..2 {
        let name = format!("mask.gated_position_bias.{layer}");
        let gated = model
            .encoder
            .gated_position_bias(layer, hidden.states[layer].clone());
        let gated = gated.expect("WavLM gates its bias");
        checks.absolute(
            &name,
            &read(gated).await,
            case.expected.values(&name),
            tolerance.hidden,
        );
    }
}

async fn compare_spec_augment(
    case: &Case,
    model: &SpeechModel,
    tolerance: Tolerance,
    device: &Device,
    checks: &mut Checks,
) {
    let Some(expected) = case.expected.get("spec.last_hidden_state") else {
        return;
    };
    let waves = case.inputs.waves("mask", device);
    let config = model.encoder.config();
    let frames = waves
        .lengths
        .map(|lengths| lengths.iter().map(|n| config.frames(*n)).collect());
    let mask = case
        .inputs
        .values("spec.mask_time_indices")
        .iter()
        .map(|m| *m > 0.0)
        .collect();
    let features = model.encoder.conv_features(waves.samples);
    let hidden =
        model
            .encoder
            .forward_features(features, frames, Some(mask), false, &mut Noise::off());
    checks.absolute(
        "spec.last_hidden_state",
        &read(hidden.last).await,
        expected,
        tolerance.hidden,
    );
}
