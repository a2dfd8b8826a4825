//! Products of half-precision numbers against those of single precision.

use super::{Case, Checks, Layout, l2};
use burn::tensor::{Device, Tensor};
use shared::{
    config::{LossKind, Precision},
    files::Files,
    model::Noise,
    ops::supports,
    train::{AdamW, Loss, Optimizer, Targets},
};
use std::collections::BTreeMap;

async fn read(tensor: Tensor<1>) -> Vec<f32> {
    let data = tensor.into_data_async().await.expect("a readable tensor");
    data.try_into_vec().expect("f32")
}

/// Loss and gradients by name.
async fn run(
    case: &Case,
    files: &dyn Files,
    precision: Precision,
    recompute: bool,
    device: &Device,
) -> (Vec<f32>, BTreeMap<String, Vec<f32>>) {
    let (mut model, _) = case.model(files, Layout::Model, "cls", device);
    model.set_trained(false, 0).expect("nothing is frozen");
    model.set_precision(precision);
    let labels = case.inputs.values("train.labels").iter();
    let targets = Targets::Classes(labels.map(|label| *label as usize).collect());
    let loss = Loss::new(LossKind::Cross, None, 0.0);
    // What small gradients need in half precision.
    let scale = 1024.0;
    let (value, gradients) = model.gradients(
        case.inputs.waves("train", device),
        &mut Noise::off(),
        recompute,
        |logits| loss.forward(logits, &targets) * scale,
    );
    let mut optimizer = Optimizer::new(AdamW::default());
    optimizer.accumulate(&mut model, gradients);
    optimizer.scale(1.0 / scale);
    let mut found = BTreeMap::new();
    for (name, gradient) in optimizer.gradients() {
        found.insert(name.to_owned(), read(gradient.clone()).await);
    }
    (read(value).await, found)
}

/// Compares loss and gradients in `precision` with those in single precision; nothing where the
/// device does not compute with such numbers.
///
/// The limits are some roundings of the format: 2⁻⁸ of bf16, 2⁻¹¹ of f16.
pub async fn check_precision(
    case: &Case,
    files: &dyn Files,
    precision: Precision,
    device: &Device,
) -> Checks {
    let mut checks = Checks::default();
    if !supports(device, precision) {
        return checks;
    }
    let rounding = match precision {
        Precision::F32 => 1e-7,
        Precision::Bf16 => 1.0 / 256.0,
        Precision::F16 => 1.0 / 2048.0,
    };
    let (loss, exact) = run(case, files, Precision::F32, false, device).await;
    let (found, rounded) = run(case, files, precision, false, device).await;
    assert!(found != loss, "nothing was rounded");
    checks.relative(
        "loss",
        f64::from(found[0]),
        f64::from(loss[0]),
        4.0 * rounding,
    );
    assert_eq!(
        exact.keys().collect::<Vec<_>>(),
        rounded.keys().collect::<Vec<_>>()
    );
    // All together: of a few parameters the gradient is a small difference of large numbers.
    let of = |all: &BTreeMap<String, Vec<f32>>| -> Vec<f32> {
        let real = all
            .iter()
            .filter(|(name, _)| !name.ends_with("k_proj.bias"));
        real.flat_map(|(_, values)| values.clone()).collect()
    };
    let (exact, all) = (of(&exact), of(&rounded));
    let difference: Vec<f32> = all.iter().zip(&exact).map(|(a, b)| a - b).collect();
    checks.add("gradients", l2(&difference) / l2(&exact), 16.0 * rounding);
    let (twice, recomputed) = run(case, files, precision, true, device).await;
    checks.absolute("recomputed.loss", &twice, &found, 0.0);
    checks.absolute("recomputed.gradients", &of(&recomputed), &all, 0.0);
    checks
}
