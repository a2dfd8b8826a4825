//! Low-rank additions against Python's `peft`.

use super::{Case, Checks, Layout, Reference, Tolerance, l2};
use burn::tensor::{Device, Tensor};
use shared::{
    config::{Lora, LoraTarget, LossKind},
    files::Files,
    model::{Noise, Parameters, SpeechModel},
    train::{AdamW, Loss, Optimizer, Rates, Targets},
};
use std::collections::BTreeMap;

async fn read(tensor: Tensor<1>) -> Vec<f32> {
    let data = tensor.into_data_async().await.expect("a readable tensor");
    data.try_into_vec().expect("f32")
}

/// Every trained parameter's values by name.
async fn trained(model: &SpeechModel) -> BTreeMap<String, Vec<f32>> {
    let mut names = Vec::new();
    model.clone().visit("", &mut |name, param| {
        if param.is_trained() {
            names.push(name.to_owned());
        }
    });
    let stored = model.tensors().await.expect("readable parameters");
    stored
        .into_iter()
        .filter(|tensor| names.contains(&tensor.name))
        .map(|tensor| (tensor.name, tensor.values))
        .collect()
}

/// Compares logits, gradients and parameters after three steps with the reference of the case `name`
/// below `root/lora`, whose additions are to `targets`.
pub async fn check_lora(
    files: &dyn Files,
    root: &str,
    name: &str,
    targets: &[LoraTarget],
    tolerance: Tolerance,
    device: &Device,
) -> Checks {
    let mut checks = Checks::default();
    let case = Case::open(files, &format!("{root}/parity"), name);
    let expected = Reference::read(files, &format!("{root}/lora/{name}.safetensors"));
    let (mut model, _) = case.model(files, Layout::Model, "cls", device);
    let lora = Lora {
        rank: 4,
        alpha: 6.0,
        targets: targets.to_vec(),
        dropout: 0.0,
    };
    model.add_low_rank(&lora, 0, 1).expect("nothing is frozen");
    model.visit("", &mut |name, param| {
        if let Some(values) = expected.get(&format!("start.{name}")) {
            param.refill(values.to_vec());
        }
    });

    let labels = case.inputs.values("train.labels");
    let targets = Targets::Classes(labels.iter().map(|label| *label as usize).collect());
    let loss = Loss::new(LossKind::Cross, None, 0.0);
    let mut optimizer = Optimizer::new(AdamW {
        weight_decay: 0.01,
        max_grad_norm: 0.0,
        ..AdamW::default()
    });
    for step in 0..4 {
        let logits = model.forward(case.inputs.waves("train", device), &mut Noise::off());
        let value = loss.forward(logits.clone(), &targets);
        let name = format!("loss.{step}");
        let found = read(value.clone().inner()).await;
        checks.absolute(&name, &found, expected.values(&name), tolerance.logits);
        if step == 0 {
            let [rows, classes] = logits.dims();
            let found = read(logits.inner().reshape([rows * classes])).await;
            checks.absolute(
                "logits",
                &found,
                expected.values("logits"),
                tolerance.logits,
            );
        }
        if step == 3 {
            break;
        }
        optimizer.accumulate(&mut model, value.backward());
        if step == 0 {
            compare_gradients(&optimizer, &expected, tolerance, &mut checks).await;
        }
        let norm = optimizer.gradient_norm();
        let rates = Rates {
            encoder: 1e-3,
            head: 1e-3,
        };
        optimizer.step(&mut model, rates, norm);
    }

    let after = trained(&model).await;
    assert_eq!(after.len(), expected.names("after.").count());
    for (name, values) in &after {
        let wanted = expected.values(&format!("after.{name}"));
        let start = expected.get(&format!("start.{name}"));
        let head = case.expected.get(&name.replace("head.", "head.cls."));
        let before = start.or(head).expect("a start");
        let minus =
            |a: &[f32], b: &[f32]| -> Vec<f32> { a.iter().zip(b).map(|(a, b)| a - b).collect() };
        let share = l2(&minus(values, wanted)) / l2(&minus(wanted, before)).max(1e-12);
        checks.add(format!("after.{name}"), share, tolerance.change);
    }

    // Merged it is the same function.
    let waves = || case.inputs.waves("mask", device);
    let merged = model.merged();
    merged.clone().visit("", &mut |name, param| {
        assert!(!name.contains("lora") && !param.is_trained(), "{name}");
    });
    let apart = model.evaluation().evaluate(waves());
    let together = merged.evaluate(waves());
    let [rows, classes] = apart.dims();
    let flat = |x: Tensor<2>| x.reshape([rows * classes]);
    let (apart, together) = (read(flat(apart)).await, read(flat(together)).await);
    checks.absolute("merged.logits", &together, &apart, tolerance.logits);
    checks
}

async fn compare_gradients(
    optimizer: &Optimizer,
    expected: &Reference,
    tolerance: Tolerance,
    checks: &mut Checks,
) {
    let mut names: Vec<&str> = expected.names("grad.").collect();
    for (name, gradient) in optimizer.gradients() {
        let full = expected.values(&format!("grad.{name}"));
        names.retain(|one| *one != name);
        let found = read(gradient.clone()).await;
        let difference: Vec<f32> = found.iter().zip(full).map(|(a, b)| a - b).collect();
        let share = l2(&difference) / l2(full).max(1e-12);
        checks.add(format!("grad.{name}"), share, tolerance.gradient);
    }
    assert!(names.is_empty(), "no gradients of {names:?}");
}
