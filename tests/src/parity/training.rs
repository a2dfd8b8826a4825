//! Losses, gradients, and parameters after optimiser steps.

use super::{Case, Checks, Layout, Tolerance, l2};
use burn::tensor::{Device, Tensor};
use serde_json::Value;
use shared::{
    config::LossKind,
    files::Files,
    model::{Noise, SpeechModel},
    train::{AdamW, Loss, Optimizer, Rates, Targets},
};
use std::collections::BTreeMap;

/// Numerically zero in the reference: softmax does not see a bias of the keys.
fn is_noise(name: &str) -> bool {
    name.ends_with("k_proj.bias")
}

fn number(value: &Value, key: &str) -> f64 {
    value[key]
        .as_f64()
        .unwrap_or_else(|| panic!("the reference has no number {key}"))
}

/// The two tasks of the reference.
fn task(case: &Case, kind: &str) -> (Loss, Targets, &'static str) {
    if kind == "ce" {
        let weights = case
            .inputs
            .values("train.class_weights")
            .iter()
            .map(|w| f64::from(*w))
            .collect();
        let labels = case
            .inputs
            .values("train.labels")
            .iter()
            .map(|l| *l as usize)
            .collect();
        (
            Loss::new(LossKind::Cross, Some(weights), 0.0),
            Targets::Classes(labels),
            "cls",
        )
    } else {
        let values = case.inputs.values("train.reg_targets").to_vec();
        (
            Loss::new(LossKind::OneMinusCcc, None, 0.0),
            Targets::Values(values),
            "reg",
        )
    }
}

async fn scalar(tensor: Tensor<1>) -> f64 {
    let data = tensor.into_data_async().await.expect("a readable tensor");
    f64::from(data.try_into_vec::<f32>().expect("f32")[0])
}

/// Compares loss and gradients of `ce` (everything is trained) or `ccc` (the CNN is frozen).
pub async fn check_gradients(
    case: &Case,
    files: &dyn Files,
    kind: &str,
    tolerance: Tolerance,
    device: &Device,
) -> Checks {
    let mut checks = Checks::default();
    let (loss, targets, head) = task(case, kind);
    let (mut model, _) = case.model(files, Layout::Model, head, device);
    model
        .set_trained(kind != "ce", 0)
        .expect("nothing is frozen");

    let logits = model.forward(case.inputs.waves("train", device), &mut Noise::off());
    let name = format!("{kind}.logits");
    let found = logits
        .clone()
        .inner()
        .into_data_async()
        .await
        .expect("logits")
        .try_into_vec::<f32>()
        .expect("f32");
    checks.absolute(&name, &found, case.expected.values(&name), tolerance.logits);

    let value = loss.forward(logits, &targets);
    let expected = &case.numbers[kind];
    checks.add(
        format!("{kind}.loss"),
        (scalar(value.clone().inner()).await - number(expected, "loss")).abs(),
        tolerance.logits,
    );

    let mut optimizer = Optimizer::new(AdamW::default());
    optimizer.accumulate(&mut model, value.backward());
    let mut found = BTreeMap::new();
    for (name, gradient) in optimizer.gradients() {
        let data = gradient
            .clone()
            .into_data_async()
            .await
            .expect("a gradient");
        found.insert(name.to_owned(), data.try_into_vec::<f32>().expect("f32"));
    }
    let norms = expected["grads"].as_object().expect("gradients");
    for (name, entry) in norms {
        if is_noise(name) {
            continue;
        }
        let gradient = found
            .remove(name)
            .unwrap_or_else(|| panic!("{}: no gradient of {name}", case.name));
        let norm = number(entry, "l2");
        checks.relative(
            &format!("{kind}.l2.{name}"),
            l2(&gradient),
            norm,
            tolerance.gradient,
        );
        if let Some(full) = case.expected.get(&format!("{kind}.grad.{name}")) {
            let difference: Vec<f32> = gradient.iter().zip(full).map(|(a, b)| a - b).collect();
            checks.add(
                format!("{kind}.grad.{name}"),
                l2(&difference) / norm.max(1e-12),
                tolerance.gradient,
            );
        }
    }
    found.retain(|name, _| !is_noise(name));
    assert!(
        found.is_empty(),
        "{}: gradients that the reference has not: {:?}",
        case.name,
        found.keys()
    );
    checks
}

/// Compares three optimiser steps: `adamw_plain`, `adamw_trainer` or `ccc_adamw_trainer`.
pub async fn check_optimiser(
    case: &Case,
    files: &dyn Files,
    kind: &str,
    tolerance: Tolerance,
    device: &Device,
) -> Checks {
    let mut checks = Checks::default();
    let (loss, targets, head) = task(case, if kind.starts_with("ccc") { "ccc" } else { "ce" });
    let (mut model, _) = case.model(files, Layout::Model, head, device);
    model.set_trained(true, 0).expect("the CNN is frozen");
    let before = values(&model).await;

    let config = if kind == "adamw_plain" {
        AdamW {
            weight_decay: 0.01,
            max_grad_norm: 0.0,
            ..AdamW::default()
        }
    } else {
        AdamW::default()
    };
    let mut optimizer = Optimizer::new(config);
    let expected = &case.numbers[kind];
    for step in expected["log"].as_array().expect("a log") {
        let logits = model.forward(case.inputs.waves("train", device), &mut Noise::off());
        let value = loss.forward(logits, &targets);
        let name = format!("{kind}.step{}", step["step"]);
        let difference = (scalar(value.clone().inner()).await - number(step, "loss")).abs();
        checks.add(format!("{name}.loss"), difference, tolerance.logits);
        let Some(rate) = step["lr"].as_f64() else {
            continue;
        };
        optimizer.accumulate(&mut model, value.backward());
        let norm = optimizer.gradient_norm();
        let found = scalar(norm.clone().expect("gradients")).await;
        checks.relative(
            &format!("{name}.grad_norm"),
            found,
            number(step, "grad_norm"),
            tolerance.gradient,
        );
        optimizer.step(
            &mut model,
            Rates {
                encoder: rate,
                head: rate,
            },
            norm,
        );
    }

    let after = values(&model).await;
    for (name, entry) in expected["params"].as_object().expect("parameters") {
        if is_noise(name) {
            continue;
        }
        let (old, new) = (&before[name], &after[name]);
        checks.relative(
            &format!("{kind}.l2.{name}"),
            l2(new),
            number(entry, "l2"),
            tolerance.change,
        );
        let change: Vec<f32> = new.iter().zip(old).map(|(a, b)| a - b).collect();
        let wanted = number(entry, "delta_l2");
        if wanted == 0.0 {
            checks.add(format!("{kind}.change.{name}"), l2(&change), 0.0);
        } else {
            checks.relative(
                &format!("{kind}.change.{name}"),
                l2(&change),
                wanted,
                tolerance.change,
            );
        }
    }
    let prefix = format!("{kind}.param.");
    for name in case.expected.names(&prefix) {
        let expected = case.expected.values(&format!("{prefix}{name}"));
        let difference: Vec<f32> = after[name]
            .iter()
            .zip(expected)
            .map(|(a, b)| a - b)
            .collect();
        let change: Vec<f32> = expected
            .iter()
            .zip(&before[name])
            .map(|(a, b)| a - b)
            .collect();
        let share = l2(&difference) / l2(&change).max(1e-12);
        checks.add(format!("{prefix}{name}"), share, tolerance.change);
    }
    checks
}

async fn values(model: &SpeechModel) -> BTreeMap<String, Vec<f32>> {
    let stored = model.tensors().await.expect("readable parameters");
    stored
        .into_iter()
        .map(|tensor| (tensor.name, tensor.values))
        .collect()
}
