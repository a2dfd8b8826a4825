//! The operations on a device against the same ones on the processor: values and gradients, at sizes
//! that fill no cube, and on views whose elements don't lie in order.

use crate::parity::Checks;
use burn::tensor::{Device, Tensor, TensorData};
use shared::ops::{self, AdamStep, Scores, Window};

/// What is computed of inputs, all flat.
type Compute = fn(Vec<Tensor<1>>) -> Tensor<1>;

/// An operation and the sizes of its inputs.
struct Operation {
    name: &'static str,
    inputs: &'static [usize],
    compute: Compute,
}

const OPERATIONS: [Operation; 18] = [
    Operation {
        name: "gelu",
        inputs: &[3 * 131],
        compute: |x| ops::gelu(first(x)),
    },
    Operation {
        name: "gelu with dropout",
        inputs: &[3 * 131],
        compute: |x| {
            let x = first(x);
            let kept = (0..393).map(|i| if i % 5 == 0 { 0.0 } else { 1.25 });
            let kept = tensor(kept.collect(), &x.device().inner());
            ops::dropped_gelu(x, kept)
        },
    },
    Operation {
        name: "softmax of 5",
        inputs: &[77 * 5],
        compute: |x| flat(ops::softmax(first(x).reshape([7, 11, 5]))),
    },
    Operation {
        name: "softmax of 300",
        inputs: &[35 * 300],
        compute: |x| flat(ops::softmax(first(x).reshape([5, 7, 300]) * 20.0)),
    },
    Operation {
        name: "norm",
        inputs: &[6 * 7 * 45, 45, 45],
        compute: |x| {
            let [x, weight, bias] = all(x);
            flat(ops::layer_norm(x.reshape([6, 7, 45]), weight, bias, 1e-5))
        },
    },
    Operation {
        name: "norm of a turned view",
        inputs: &[6 * 7 * 200, 200, 200],
        compute: |x| {
            let [x, weight, bias] = all(x);
            let x = x.reshape([7, 6, 200]).swap_dims(0, 1);
            flat(ops::layer_norm(x, weight, bias, 1e-5))
        },
    },
    Operation {
        name: "norm of a sum",
        inputs: &[2 * 9 * 70, 2 * 9 * 70, 70, 70],
        compute: |x| {
            let [x, y, weight, bias] = all(x);
            let (x, y) = (x.reshape([2, 9, 70]), y.reshape([2, 9, 70]));
            flat(ops::norm_of_sum(x, y, weight, bias, 1e-5))
        },
    },
    Operation {
        name: "affine",
        inputs: &[67 * 35, 75 * 35, 75],
        compute: |x| {
            let [x, weight, bias] = all(x);
            flat(ops::affine(
                x.reshape([67, 35]),
                weight.reshape([75, 35]),
                bias,
            ))
        },
    },
    Operation {
        name: "affine to one",
        inputs: &[130 * 3, 3, 1],
        compute: |x| {
            let [x, weight, bias] = all(x);
            flat(ops::affine(
                x.reshape([130, 3]),
                weight.reshape([1, 3]),
                bias,
            ))
        },
    },
    Operation {
        name: "scores of heads",
        inputs: &[2 * 37 * 3 * 20, 2 * 37 * 3 * 20],
        compute: |x| {
            let [q, k] = all(x).map(|x| x.reshape([2, 37, 3, 20]).swap_dims(1, 2));
            flat(ops::scaled_matmul(q, k.swap_dims(2, 3), 0.3))
        },
    },
    Operation {
        name: "norm of a sum with dropout",
        inputs: &[3 * 5 * 70, 3 * 5 * 70, 70, 70],
        compute: |x| {
            let [x, y, weight, bias] = all(x);
            let device = x.device().inner();
            let kept: Vec<f32> = (0..3 * 5 * 70)
                .map(|i| if i % 6 == 0 { 0.0 } else { 1.2 })
                .collect();
            let kept = Tensor::from_data(TensorData::new(kept, [3, 5, 70]), &device);
            let (x, y) = (x.reshape([3, 5, 70]), y.reshape([3, 5, 70]));
            flat(ops::norm_of_dropped_sum(x, y, kept, weight, bias, 1e-5))
        },
    },
    Operation {
        name: "mixture of heads",
        inputs: &[2 * 3 * 37 * 37, 2 * 37 * 3 * 20],
        compute: |x| {
            let [weights, values] = all(x);
            let values = values.reshape([2, 37, 3, 20]).swap_dims(1, 2);
            let mixed = ops::matmul(weights.reshape([2, 3, 37, 37]), values);
            mixed.swap_dims(1, 2).reshape([2 * 37 * 3 * 20])
        },
    },
    Operation {
        name: "self-attention",
        inputs: &[2 * 19 * 30, 900, 900, 900, 30, 30, 30],
        compute: |x| {
            let [x, q, k, v, bq, bk, bv] = all(x);
            let scores = Scores {
                scale: 0.4,
                ..Scores::default()
            };
            let weights = [q, k, v].map(|w| w.reshape([30, 30]));
            flat(ops::attend(
                x.reshape([2, 19, 30]),
                weights,
                [bq, bk, bv],
                scores,
                3,
            ))
        },
    },
    Operation {
        name: "self-attention with bias, padding and dropout",
        inputs: &[2 * 19 * 30, 900, 900, 900, 30, 30, 30, 2 * 3 * 19 * 19],
        compute: |x| {
            let [x, q, k, v, bq, bk, bv, bias] = all(x);
            let device = x.device().inner();
            let constant = |values: Vec<f32>, shape: [usize; 4]| {
                Some(Tensor::from_data(TensorData::new(values, shape), &device))
            };
            let padding = (0..38).map(|i| if i % 19 < 12 + i / 19 { 0.0 } else { -1e9 });
            let kept = (0..2 * 3 * 19 * 19).map(|i| if i % 7 == 0 { 0.0 } else { 1.25 });
            let scores = Scores {
                scale: 0.4,
                bias: Some(bias.reshape([2, 3, 19, 19])),
                padding: constant(padding.collect(), [2, 1, 1, 19]),
                kept: constant(kept.collect(), [2, 3, 19, 19]),
            };
            let weights = [q, k, v].map(|w| w.reshape([30, 30]));
            flat(ops::attend(
                x.reshape([2, 19, 30]),
                weights,
                [bq, bk, bv],
                scores,
                3,
            ))
        },
    },
    Operation {
        name: "gated position bias",
        inputs: &[2 * 11 * 3 * 8, 3, 3 * 11 * 11],
        compute: |x| {
            let [p, constant, bias] = all(x);
            let (p, bias) = (p.reshape([2, 11, 3, 8]), bias.reshape([3, 11, 11]));
            flat(ops::gated_bias(p, constant, bias))
        },
    },
    Operation {
        name: "windows with a stride",
        inputs: &[2 * 53 * 4, 10 * 4 * 6],
        compute: |x| {
            let [x, w] = all(x);
            let (x, w) = (x.reshape([1, 2, 53, 4]), w.reshape([1, 40, 6]));
            let window = Window {
                kernel: 10,
                stride: 5,
            };
            flat(ops::window_product(x, w, window))
        },
    },
    Operation {
        name: "windows of groups",
        inputs: &[40 * 2 * 3 * 8, 3 * 19 * 8 * 5],
        compute: |x| {
            let [x, w] = all(x);
            let x = x.reshape([2, 40, 3, 8]).permute([2, 0, 1, 3]);
            let window = Window {
                kernel: 19,
                stride: 1,
            };
            let y = ops::window_product(x, w.reshape([3, 19 * 8, 5]), window);
            y.permute([1, 2, 0, 3]).reshape([2 * 22 * 3 * 5])
        },
    },
    Operation {
        name: "windows that leave frames over",
        inputs: &[3 * 20 * 16, 3 * 16 * 33],
        compute: |x| {
            let [x, w] = all(x);
            let (x, w) = (x.reshape([1, 3, 20, 16]), w.reshape([1, 48, 33]));
            let window = Window {
                kernel: 3,
                stride: 2,
            };
            flat(ops::window_product(x, w, window))
        },
    },
];

fn first(x: Vec<Tensor<1>>) -> Tensor<1> {
    all::<1>(x)[0].clone()
}

fn all<const N: usize>(x: Vec<Tensor<1>>) -> [Tensor<1>; N] {
    x.try_into().expect("as many inputs as are named")
}

fn flat<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    let len = x.shape().num_elements();
    x.reshape([len])
}

/// Numbers between -1 and 1 without a pattern that a kernel's layout could share.
fn numbers(len: usize, seed: usize) -> Vec<f32> {
    (0..len)
        .map(|i| ((i * 7919 + seed * 104_729 + i * i % 6151) % 2003) as f32 / 1001.0 - 1.0)
        .collect()
}

fn tensor(values: Vec<f32>, device: &Device) -> Tensor<1> {
    let len = values.len();
    Tensor::from_data(TensorData::new(values, [len]), device)
}

async fn values(x: Tensor<1>) -> Vec<f32> {
    let data = x.into_data_async().await.expect("values can be read");
    data.try_into_vec().expect("they are f32")
}

/// Values, then the gradient of each input.
async fn outcome(operation: &Operation, device: &Device) -> Vec<Vec<f32>> {
    let device = device.clone().autodiff();
    let inputs: Vec<Tensor<1>> = (0..)
        .zip(operation.inputs)
        .map(|(seed, len)| tensor(numbers(*len, seed), &device).require_grad())
        .collect();
    let result = (operation.compute)(inputs.clone());
    let weights = numbers(result.shape().num_elements(), 50);
    let loss = (result.clone() * tensor(weights, &device)).sum();
    let mut gradients = loss.backward();
    let mut outcome = vec![values(result.inner()).await];
    for input in inputs {
        let gradient = input.grad_remove(&mut gradients).expect("a gradient");
        outcome.push(values(gradient).await);
    }
    outcome
}

/// Two steps of the optimiser on one parameter, and the norm of its gradient.
async fn optimised(device: &Device) -> Vec<Vec<f32>> {
    let len = 300;
    let mut value = tensor(numbers(len, 1), device);
    let mut moments = (
        Tensor::<1>::zeros([len], device),
        Tensor::<1>::zeros([len], device),
    );
    let (small, large) = (numbers(7, 4), numbers(5000, 3));
    let gradients = [tensor(small, device), tensor(large, device)];
    let norm = ops::root_of_squares(gradients.iter()).expect("there are gradients");
    for step in 1..=2 {
        let gradient = tensor(numbers(len, 1 + step as usize), device);
        let scale = norm.clone().recip();
        let settings = AdamStep {
            rate: 0.1,
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            weight_decay: 0.01,
            step,
        };
        // Somebody else holds it: it must not change under them.
        let before = value.clone();
        (value, moments) = settings.apply(value, gradient, scale, moments);
        let kept = values(before).await;
        assert!(
            step > 1 || kept == numbers(len, 1),
            "a shared tensor was changed"
        );
    }
    vec![
        values(value).await,
        values(moments.0).await,
        values(moments.1).await,
        values(norm).await,
    ]
}

/// Compares every operation on `device` with the processor's; errors are relative to the largest
/// value.
pub async fn check_kernels(device: &Device, tolerance: f64) -> Checks {
    let mut checks = Checks::default();
    let cpu = Device::flex();
    let mut compare = |name: &str, found: Vec<Vec<f32>>, expected: Vec<Vec<f32>>| {
        for (part, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let largest = expected.iter().fold(1.0_f32, |max, x| max.max(x.abs()));
            let name = match part {
                0 => name.to_owned(),
                part => format!("{name}, gradient {part}"),
            };
            checks.absolute(&name, found, expected, tolerance * f64::from(largest));
        }
    };
    for operation in &OPERATIONS {
        let (found, expected) = (
            outcome(operation, device).await,
            outcome(operation, &cpu).await,
        );
        compare(operation.name, found, expected);
    }
    compare("optimiser", optimised(device).await, optimised(&cpu).await);
    checks
}
