//! One transformer layer, and the pieces that other parts of the graph are made of as well.

use super::{
    ExportError,
    graph::{Attribute, Graph, shape},
};
use crate::checkpoint::{Activation, Checkpoint, Family};

pub(super) fn layer(
    graph: &mut Graph,
    checkpoint: &Checkpoint<'_>,
    index: usize,
    x: &str,
    bias: Option<&str>,
) -> Result<String, ExportError> {
    let config = &checkpoint.config;
    let name = format!("encoder.layers.{index}");
    let eps = config.layer_norm_eps as f32;
    let (first, second) = (
        format!("{name}.layer_norm"),
        format!("{name}.final_layer_norm"),
    );
    if config.do_stable_layer_norm {
        let normed = layer_norm(graph, checkpoint, &first, x, eps)?;
        let attended = attention(graph, checkpoint, &name, &normed, bias)?;
        let x = graph.node("Add", &[x, &attended], &[]);
        let normed = layer_norm(graph, checkpoint, &second, &x, eps)?;
        let fed = feed_forward(graph, checkpoint, &name, &normed)?;
        Ok(graph.node("Add", &[&x, &fed], &[]))
    } else {
        let attended = attention(graph, checkpoint, &name, x, bias)?;
        let sum = graph.node("Add", &[x, &attended], &[]);
        let x = layer_norm(graph, checkpoint, &first, &sum, eps)?;
        let fed = feed_forward(graph, checkpoint, &name, &x)?;
        let sum = graph.node("Add", &[&x, &fed], &[]);
        layer_norm(graph, checkpoint, &second, &sum, eps)
    }
}

fn attention(
    graph: &mut Graph,
    checkpoint: &Checkpoint<'_>,
    layer: &str,
    x: &str,
    bias: Option<&str>,
) -> Result<String, ExportError> {
    let config = &checkpoint.config;
    let name = format!("{layer}.attention");
    let (heads, width) = (config.num_attention_heads, config.head_dim());
    // 0 keeps a dimension.
    let apart = graph.ints(&[0, 0, heads as i64, width as i64]);
    let q = graph.linear(checkpoint, &format!("{name}.q_proj"), x)?;
    let scale = graph.scalar((width as f64).powf(-0.5) as f32);
    let q = graph.node("Mul", &[&q, &scale], &[]);
    let q = graph.node("Reshape", &[&q, &apart], &[]);
    let q = transposed(graph, &q, &[0, 2, 1, 3]);
    let k = graph.linear(checkpoint, &format!("{name}.k_proj"), x)?;
    let k = graph.node("Reshape", &[&k, &apart], &[]);
    let k = transposed(graph, &k, &[0, 2, 3, 1]);
    let v = graph.linear(checkpoint, &format!("{name}.v_proj"), x)?;
    let v = graph.node("Reshape", &[&v, &apart], &[]);
    let v = transposed(graph, &v, &[0, 2, 1, 3]);
    let mut scores = graph.node("MatMul", &[&q, &k], &[]);
    if let (Some(bias), Family::WavLm) = (bias, config.family) {
        let split = graph.node("Reshape", &[x, &apart], &[]);
        let split = transposed(graph, &split, &[0, 2, 1, 3]);
        let gate = gate(graph, checkpoint, &name, &split)?;
        let gated = graph.node("Mul", &[&gate, bias], &[]);
        scores = graph.node("Add", &[&scores, &gated], &[]);
    }
    let weights = graph.node("Softmax", &[&scores], &[("axis", Attribute::Int(-1))]);
    let mixed = graph.node("MatMul", &[&weights, &v], &[]);
    let mixed = transposed(graph, &mixed, &[0, 2, 1, 3]);
    let together = graph.ints(&[0, 0, config.hidden_size as i64]);
    let mixed = graph.node("Reshape", &[&mixed, &together], &[]);
    graph.linear(checkpoint, &format!("{name}.out_proj"), &mixed)
}

/// WavLM's gate `[B, heads, T, 1]` on the position bias, for the attention's input by heads.
fn gate(
    graph: &mut Graph,
    checkpoint: &Checkpoint<'_>,
    attention: &str,
    x: &str,
) -> Result<String, ExportError> {
    let linear = format!("{attention}.gru_rel_pos_linear");
    let weight = checkpoint.read_f32(&format!("{linear}.weight"))?;
    let bias = checkpoint.read_f32(&format!("{linear}.bias"))?;
    let width = checkpoint.config.head_dim();
    // Four outputs each are summed: so are their weights.
    let summed = |from: usize, column: usize| -> f32 {
        (from..from + 4)
            .map(|row| weight[row * width + column])
            .sum()
    };
    let weight: Vec<f32> = (0..width)
        .flat_map(|column| [summed(0, column), summed(4, column)])
        .collect();
    let bias: Vec<f32> = bias.chunks(4).map(|four| four.iter().sum()).collect();
    let weight = graph.floats(&[width, 2], &weight);
    let bias = graph.floats(&[2], &bias);
    let p = graph.node("MatMul", &[x, &weight], &[]);
    let p = graph.node("Add", &[&p, &bias], &[]);
    let gates = graph.node("Sigmoid", &[&p], &[]);
    let axis = graph.ints(&[3]);
    let part = |graph: &mut Graph, from: i64| {
        let [from, to] = [from, from + 1].map(|place| graph.ints(&[place]));
        graph.node("Slice", &[&gates, &from, &to, &axis], &[])
    };
    let (a, b) = (part(graph, 0), part(graph, 1));
    let constant = graph.tensor(checkpoint, &format!("{attention}.gru_rel_pos_const"))?;
    let [one, two] = [1.0, 2.0].map(|value| graph.scalar(value));
    let inner = graph.node("Mul", &[&b, &constant], &[]);
    let inner = graph.node("Sub", &[&inner, &one], &[]);
    let gate = graph.node("Mul", &[&a, &inner], &[]);
    Ok(graph.node("Add", &[&gate, &two], &[]))
}

fn feed_forward(
    graph: &mut Graph,
    checkpoint: &Checkpoint<'_>,
    layer: &str,
    x: &str,
) -> Result<String, ExportError> {
    let name = format!("{layer}.feed_forward");
    let x = graph.linear(checkpoint, &format!("{name}.intermediate_dense"), x)?;
    let x = activation(graph, checkpoint.config.hidden_act, &x);
    graph.linear(checkpoint, &format!("{name}.output_dense"), &x)
}

/// A norm over the last dimension.
pub(super) fn layer_norm(
    graph: &mut Graph,
    checkpoint: &Checkpoint<'_>,
    name: &str,
    x: &str,
    eps: f32,
) -> Result<String, ExportError> {
    shape(checkpoint, &format!("{name}.weight"))?;
    let weight = graph.tensor(checkpoint, &format!("{name}.weight"))?;
    let bias = graph.tensor(checkpoint, &format!("{name}.bias"))?;
    let attributes = [
        ("axis", Attribute::Int(-1)),
        ("epsilon", Attribute::Float(eps)),
    ];
    Ok(graph.node("LayerNormalization", &[x, &weight, &bias], &attributes))
}

/// Dimensions in another order.
pub(super) fn transposed(graph: &mut Graph, x: &str, order: &[i64]) -> String {
    graph.node("Transpose", &[x], &[("perm", Attribute::Ints(order))])
}

/// An activation of the encoder.
pub(super) fn activation(graph: &mut Graph, activation: Activation, x: &str) -> String {
    match activation {
        Activation::Relu => graph.node("Relu", &[x], &[]),
        Activation::Silu => {
            let gate = graph.node("Sigmoid", &[x], &[]);
            graph.node("Mul", &[x, &gate], &[])
        }
        Activation::Gelu => {
            let scale = graph.scalar(std::f32::consts::FRAC_1_SQRT_2);
            let scaled = graph.node("Mul", &[x, &scale], &[]);
            let erf = graph.node("Erf", &[&scaled], &[]);
            halved(graph, x, &erf)
        }
        Activation::GeluTanh => {
            let square = graph.node("Mul", &[x, x], &[]);
            let cube = graph.node("Mul", &[&square, x], &[]);
            let share = graph.scalar(0.044_715);
            let cube = graph.node("Mul", &[&cube, &share], &[]);
            let sum = graph.node("Add", &[x, &cube], &[]);
            let scale = graph.scalar(0.797_884_6);
            let scaled = graph.node("Mul", &[&sum, &scale], &[]);
            let tanh = graph.node("Tanh", &[&scaled], &[]);
            halved(graph, x, &tanh)
        }
    }
}

/// x (1 + y) / 2.
fn halved(graph: &mut Graph, x: &str, y: &str) -> String {
    let [one, half] = [1.0, 0.5].map(|value| graph.scalar(value));
    let sum = graph.node("Add", &[y, &one], &[]);
    let product = graph.node("Mul", &[x, &sum], &[]);
    graph.node("Mul", &[&product, &half], &[])
}
