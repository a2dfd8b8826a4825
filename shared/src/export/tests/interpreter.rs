//! Computes a graph in 64 bits, operator by operator, as ONNX describes them.

use super::reader::{Model, Node, Tensor};
use std::collections::HashMap;

/// The output for an input of these sizes.
pub(super) fn run(model: &Model, dims: &[usize], samples: &[f32]) -> Vec<f32> {
    let mut known: HashMap<&str, Tensor> = model
        .constants
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor.clone()))
        .collect();
    let input = Tensor {
        dims: dims.to_vec(),
        values: samples.iter().copied().map(f64::from).collect(),
    };
    known.insert(&model.inputs[0], input);
    for node in &model.nodes {
        let inputs: Vec<&Tensor> = node
            .inputs
            .iter()
            .map(|name| &known[name.as_str()])
            .collect();
        let output = compute(node, &inputs);
        known.insert(&node.output, output);
    }
    let output = &known[model.outputs[0].as_str()];
    output.values.iter().map(|value| *value as f32).collect()
}

fn compute(node: &Node, inputs: &[&Tensor]) -> Tensor {
    let x = inputs[0];
    match node.kind.as_str() {
        "Identity" => x.clone(),
        "Add" => both(x, inputs[1], |a, b| a + b),
        "Sub" => both(x, inputs[1], |a, b| a - b),
        "Mul" => both(x, inputs[1], |a, b| a * b),
        "Div" => both(x, inputs[1], |a, b| a / b),
        "Sqrt" => each(x, f64::sqrt),
        "Tanh" => each(x, f64::tanh),
        "Erf" => each(x, libm::erf),
        "Relu" => each(x, |x| x.max(0.0)),
        "LeakyRelu" => each(x, |v| if v < 0.0 { v * node.float("alpha") } else { v }),
        "Sigmoid" => each(x, |x| 1.0 / (1.0 + (-x).exp())),
        "Clip" => each(x, |v| v.clamp(inputs[1].values[0], inputs[2].values[0])),
        "Shape" => list(x.dims.iter().map(|size| *size as f64).collect()),
        "Range" => {
            let count = inputs[1].values[0] as usize;
            list(
                (0..count)
                    .map(|i| x.values[0] + i as f64 * inputs[2].values[0])
                    .collect(),
            )
        }
        "Unsqueeze" => {
            let mut dims = x.dims.clone();
            dims.insert(inputs[1].values[0] as usize, 1);
            Tensor { dims, ..x.clone() }
        }
        "Reshape" => reshape(x, inputs[1]),
        "Transpose" => transpose(x, &node.ints("perm")),
        "Gather" => gather(x, inputs[1]),
        "Slice" => slice(x, inputs),
        "Concat" => {
            // Of two matrices, row by row.
            let rows = x.dims[0];
            let width = x.dims[1] + inputs[1].dims[1];
            let parts = x
                .values
                .chunks(x.dims[1])
                .zip(inputs[1].values.chunks(inputs[1].dims[1]));
            Tensor {
                dims: vec![rows, width],
                values: parts.flat_map(|(a, b)| [a, b].concat()).collect(),
            }
        }
        "ReduceMean" => mean(x, node),
        "Softmax" => rows(x, |row| {
            let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let powers: Vec<f64> = row.iter().map(|x| (x - top).exp()).collect();
            let sum: f64 = powers.iter().sum();
            powers.into_iter().map(|x| x / sum).collect()
        }),
        "LayerNormalization" => {
            let (weight, bias) = (&inputs[1].values, &inputs[2].values);
            rows(x, |row| {
                let normed = standard(row, node.float("epsilon"));
                let scaled = normed.iter().zip(weight.iter().zip(bias));
                scaled.map(|(x, (w, b))| x * w + b).collect()
            })
        }
        "InstanceNormalization" => {
            let channels = x.dims[1];
            let mut channel = 0;
            rows(x, |row| {
                let (weight, bias) = (inputs[1].values[channel], inputs[2].values[channel]);
                channel = (channel + 1) % channels;
                let normed = standard(row, node.float("epsilon"));
                normed.into_iter().map(|x| x * weight + bias).collect()
            })
        }
        "MatMul" => product(x, inputs[1]),
        "Conv" => convolution(node, inputs),
        kind => panic!("{kind} is not known"),
    }
}

fn list(values: Vec<f64>) -> Tensor {
    Tensor {
        dims: vec![values.len()],
        values,
    }
}

fn each(x: &Tensor, f: impl Fn(f64) -> f64) -> Tensor {
    Tensor {
        dims: x.dims.clone(),
        values: x.values.iter().map(|x| f(*x)).collect(),
    }
}

/// Rows along the last dimension.
fn rows(x: &Tensor, f: impl FnMut(&[f64]) -> Vec<f64>) -> Tensor {
    let width = x.dims[x.dims.len() - 1];
    Tensor {
        dims: x.dims.clone(),
        values: x.values.chunks(width).flat_map(f).collect(),
    }
}

fn standard(row: &[f64], epsilon: f64) -> Vec<f64> {
    let count = row.len() as f64;
    let mean = row.iter().sum::<f64>() / count;
    let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    row.iter()
        .map(|x| (x - mean) / (variance + epsilon).sqrt())
        .collect()
}

/// The place in a tensor of these sizes for a place in one of more or larger dimensions.
fn place(index: &[usize], dims: &[usize]) -> usize {
    let own = &index[index.len() - dims.len()..];
    own.iter().zip(dims).fold(0, |place, (i, size)| {
        place * size + if *size == 1 { 0 } else { *i }
    })
}

/// Every index of these sizes, the last dimension the fastest.
fn indices(dims: &[usize]) -> impl Iterator<Item = Vec<usize>> + '_ {
    (0..dims.iter().product::<usize>()).map(move |mut at| {
        let mut index = vec![0; dims.len()];
        for (i, size) in index.iter_mut().zip(dims).rev() {
            *i = at % size;
            at /= size;
        }
        index
    })
}

fn broadcast(a: &[usize], b: &[usize]) -> Vec<usize> {
    let length = a.len().max(b.len());
    let size = |dims: &[usize], at: usize| {
        let missing = length - dims.len();
        if at < missing { 1 } else { dims[at - missing] }
    };
    (0..length)
        .map(|at| match (size(a, at), size(b, at)) {
            (1, y) => y,
            (x, y) => {
                assert!(y == 1 || x == y, "{a:?} {b:?}");
                x
            }
        })
        .collect()
}

fn both(a: &Tensor, b: &Tensor, f: impl Fn(f64, f64) -> f64) -> Tensor {
    let dims = broadcast(&a.dims, &b.dims);
    let values = indices(&dims)
        .map(|index| {
            f(
                a.values[place(&index, &a.dims)],
                b.values[place(&index, &b.dims)],
            )
        })
        .collect();
    Tensor { dims, values }
}

fn reshape(x: &Tensor, shape: &Tensor) -> Tensor {
    let sizes = shape.values.iter().enumerate();
    let dims: Vec<usize> = sizes
        .map(|(at, size)| {
            if *size == 0.0 {
                x.dims[at]
            } else {
                *size as usize
            }
        })
        .collect();
    assert_eq!(dims.iter().product::<usize>(), x.values.len());
    Tensor {
        dims,
        values: x.values.clone(),
    }
}

fn transpose(x: &Tensor, order: &[i64]) -> Tensor {
    let order: Vec<usize> = order.iter().map(|axis| *axis as usize).collect();
    let dims: Vec<usize> = order.iter().map(|axis| x.dims[*axis]).collect();
    let values = indices(&dims)
        .map(|index| {
            let mut own = vec![0; index.len()];
            for (i, axis) in index.iter().zip(&order) {
                own[*axis] = *i;
            }
            x.values[place(&own, &x.dims)]
        })
        .collect();
    Tensor { dims, values }
}

/// Rows of `x` by their numbers.
fn gather(x: &Tensor, ids: &Tensor) -> Tensor {
    let width: usize = x.dims[1..].iter().product();
    let row = |id: &f64| {
        let first = *id as usize * width;
        x.values[first..first + width].to_vec()
    };
    Tensor {
        dims: [&ids.dims[..], &x.dims[1..]].concat(),
        values: ids.values.iter().flat_map(row).collect(),
    }
}

fn slice(x: &Tensor, inputs: &[&Tensor]) -> Tensor {
    let axis = inputs[3].values[0] as usize;
    let size = x.dims[axis] as f64;
    let bound = |value: f64| if value < 0.0 { value + size } else { value } as usize;
    let (from, to) = (bound(inputs[1].values[0]), bound(inputs[2].values[0]));
    let mut dims = x.dims.clone();
    dims[axis] = to - from;
    let values = indices(&dims)
        .map(|mut index| {
            index[axis] += from;
            x.values[place(&index, &x.dims)]
        })
        .collect();
    Tensor { dims, values }
}

/// Over dimension 1.
fn mean(x: &Tensor, node: &Node) -> Tensor {
    assert_eq!(node.ints("axes"), [1]);
    let inner: usize = x.dims[2..].iter().product();
    let count = x.dims[1];
    let values = x
        .values
        .chunks(count * inner)
        .flat_map(|block| {
            let sum = |at: usize| (0..count).map(|t| block[t * inner + at]).sum::<f64>();
            (0..inner)
                .map(|at| sum(at) / count as f64)
                .collect::<Vec<_>>()
        })
        .collect();
    let mut dims = x.dims.clone();
    if node.int("keepdims", 1) == 1 {
        dims[1] = 1;
    } else {
        dims.remove(1);
    }
    Tensor { dims, values }
}

fn product(a: &Tensor, b: &Tensor) -> Tensor {
    let (n, k) = (a.dims[a.dims.len() - 2], a.dims[a.dims.len() - 1]);
    let m = b.dims[b.dims.len() - 1];
    let outer = broadcast(&a.dims[..a.dims.len() - 2], &b.dims[..b.dims.len() - 2]);
    let mut values = Vec::new();
    for index in indices(&outer) {
        let first = place(&index, &a.dims[..a.dims.len() - 2]) * n * k;
        let second = place(&index, &b.dims[..b.dims.len() - 2]) * k * m;
        for row in 0..n {
            for column in 0..m {
                let terms = (0..k)
                    .map(|i| a.values[first + row * k + i] * b.values[second + i * m + column]);
                values.push(terms.sum());
            }
        }
    }
    Tensor {
        dims: [&outer[..], &[n, m]].concat(),
        values,
    }
}

fn convolution(node: &Node, inputs: &[&Tensor]) -> Tensor {
    let (x, weight) = (inputs[0], inputs[1]);
    let [batch, channels, time] = x.dims[..] else {
        panic!("{:?}", x.dims)
    };
    let [outputs, inner, taps] = weight.dims[..] else {
        panic!("{:?}", weight.dims)
    };
    let groups = node.int("group", 1) as usize;
    assert_eq!(inner * groups, channels);
    let stride = node
        .ints("strides")
        .first()
        .map_or(1, |stride| *stride as usize);
    let pads = node.ints("pads");
    let pad = pads.first().map_or(0, |pad| *pad as usize);
    let frames = (time + 2 * pad - taps) / stride + 1;
    let mut values = Vec::with_capacity(batch * outputs * frames);
    for row in 0..batch {
        for output in 0..outputs {
            let first = output / (outputs / groups) * inner;
            let bias = inputs.get(2).map_or(0.0, |bias| bias.values[output]);
            for frame in 0..frames {
                let mut sum = bias;
                for channel in 0..inner {
                    for tap in 0..taps {
                        let at = frame * stride + tap;
                        if at >= pad && at < time + pad {
                            let place = (row * channels + first + channel) * time + at - pad;
                            sum += x.values[place]
                                * weight.values[(output * inner + channel) * taps + tap];
                        }
                    }
                }
                values.push(sum);
            }
        }
    }
    Tensor {
        dims: vec![batch, outputs, frames],
        values,
    }
}
