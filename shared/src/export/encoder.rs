//! Samples to hidden states: as `model::encoder` computes them for one clip.

use super::{
    ExportError, INPUT,
    graph::{Attribute, Graph},
    layer::{self, activation, layer_norm, transposed},
};
use crate::{
    audio::FeatureExtractor,
    checkpoint::{Checkpoint, Family, FeatureNorm},
    model::bucket,
};

/// What the encoder gives: names of the states, the input of the first layer and the output of every
/// layer, the last one behind the final norm.
pub(super) struct Hidden {
    pub(super) states: Vec<String>,
}

/// Epsilon of the norms of the convolutional encoder.
const EPS: f32 = 1e-5;
/// What the feature extractor adds to the variance.
const VARIANCE: f32 = 1e-7;

pub(super) fn encoder(
    graph: &mut Graph,
    checkpoint: &Checkpoint<'_>,
    extractor: &FeatureExtractor,
) -> Result<Hidden, ExportError> {
    let config = &checkpoint.config;
    let wave = if extractor.do_normalize {
        normalised(graph, INPUT)
    } else {
        INPUT.to_owned()
    };
    let features = convolutions(graph, checkpoint, &wave)?;
    let eps = config.layer_norm_eps as f32;
    let mut x = features;
    if config.feat_proj_layer_norm {
        x = layer_norm(graph, checkpoint, "feature_projection.layer_norm", &x, eps)?;
    }
    x = graph.linear(checkpoint, "feature_projection.projection", &x)?;
    let positions = positions(graph, checkpoint, &x)?;
    x = graph.node("Add", &[&x, &positions], &[]);
    if !config.do_stable_layer_norm {
        x = layer_norm(graph, checkpoint, "encoder.layer_norm", &x, eps)?;
    }
    let bias = match config.family {
        Family::WavLm => Some(position_bias(graph, checkpoint, &x)?),
        Family::Wav2Vec2 | Family::Hubert => None,
    };
    let mut states = vec![x.clone()];
    for index in 0..config.num_hidden_layers {
        x = layer::layer(graph, checkpoint, index, &x, bias.as_deref())?;
        states.push(x.clone());
    }
    if config.do_stable_layer_norm {
        let last = layer_norm(graph, checkpoint, "encoder.layer_norm", &x, eps)?;
        states.pop();
        states.push(last);
    }
    Ok(Hidden { states })
}

/// (x - mean) / sqrt(variance + 1e-7) of each row.
fn normalised(graph: &mut Graph, x: &str) -> String {
    let over_time = [("axes", Attribute::Ints(&[1]))];
    let mean = graph.node("ReduceMean", &[x], &over_time);
    let centred = graph.node("Sub", &[x, &mean], &[]);
    let square = graph.node("Mul", &[&centred, &centred], &[]);
    let variance = graph.node("ReduceMean", &[&square], &over_time);
    let small = graph.scalar(VARIANCE);
    let sum = graph.node("Add", &[&variance, &small], &[]);
    let deviation = graph.node("Sqrt", &[&sum], &[]);
    graph.node("Div", &[&centred, &deviation], &[])
}

/// `[B, L]` to `[B, T, C]`.
fn convolutions(
    graph: &mut Graph,
    checkpoint: &Checkpoint<'_>,
    wave: &str,
) -> Result<String, ExportError> {
    let config = &checkpoint.config;
    let axis = graph.ints(&[1]);
    let mut x = graph.node("Unsqueeze", &[wave, &axis], &[]);
    for index in 0..config.conv_dim.len() {
        let name = format!("feature_extractor.conv_layers.{index}");
        let weight = graph.tensor(checkpoint, &format!("{name}.conv.weight"))?;
        let mut inputs = vec![x.clone(), weight];
        if config.conv_bias {
            inputs.push(graph.tensor(checkpoint, &format!("{name}.conv.bias"))?);
        }
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let stride = [config.conv_stride[index] as i64];
        x = graph.node("Conv", &inputs, &[("strides", Attribute::Ints(&stride))]);
        let norm = format!("{name}.layer_norm");
        match config.feat_extract_norm {
            FeatureNorm::Group if index == 0 => {
                let weight = graph.tensor(checkpoint, &format!("{norm}.weight"))?;
                let bias = graph.tensor(checkpoint, &format!("{norm}.bias"))?;
                // A group for each channel is a norm of each row and channel over time.
                let eps = [("epsilon", Attribute::Float(EPS))];
                x = graph.node("InstanceNormalization", &[&x, &weight, &bias], &eps);
            }
            FeatureNorm::Group => {}
            FeatureNorm::Layer => {
                let y = transposed(graph, &x, &[0, 2, 1]);
                let y = layer_norm(graph, checkpoint, &norm, &y, EPS)?;
                x = transposed(graph, &y, &[0, 2, 1]);
            }
        }
        x = activation(graph, config.feat_extract_activation, &x);
    }
    Ok(transposed(graph, &x, &[0, 2, 1]))
}

/// The position embedding of `[B, T, H]`.
fn positions(
    graph: &mut Graph,
    checkpoint: &Checkpoint<'_>,
    x: &str,
) -> Result<String, ExportError> {
    let config = &checkpoint.config;
    let name = "encoder.pos_conv_embed.conv";
    let length = checkpoint.read_f32(&format!("{name}.parametrizations.weight.original0"))?;
    let mut weight = checkpoint.read_f32(&format!("{name}.parametrizations.weight.original1"))?;
    // g v / |v|, the norm being over all channels of a tap.
    let taps = length.len();
    let mut square = vec![0.0_f64; taps];
    for (at, value) in weight.iter().enumerate() {
        square[at % taps] += f64::from(*value).powi(2);
    }
    for (at, value) in weight.iter_mut().enumerate() {
        let tap = at % taps;
        *value = (f64::from(*value) * f64::from(length[tap]) / square[tap].sqrt()) as f32;
    }
    let (width, groups) = (config.hidden_size, config.num_conv_pos_embedding_groups);
    let weight = graph.floats(&[width, width / groups, taps], &weight);
    let bias = graph.tensor(checkpoint, &format!("{name}.bias"))?;
    let y = transposed(graph, x, &[0, 2, 1]);
    let pad = (taps / 2) as i64;
    let attributes = [
        ("group", Attribute::Int(groups as i64)),
        ("pads", Attribute::Ints(&[pad, pad])),
    ];
    let mut y = graph.node("Conv", &[&y, &weight, &bias], &attributes);
    if taps % 2 == 0 {
        // One frame too many.
        let [from, to, axis] = [0, -1, 2].map(|value| graph.ints(&[value]));
        y = graph.node("Slice", &[&y, &from, &to, &axis], &[]);
    }
    let y = activation(graph, config.feat_extract_activation, &y);
    Ok(transposed(graph, &y, &[0, 2, 1]))
}

/// WavLM's bias `[heads, T, T]`, query by key, before the gates: looked up by the distance key - query.
/// Beyond the largest distance of the buckets it is the same for all.
fn position_bias(
    graph: &mut Graph,
    checkpoint: &Checkpoint<'_>,
    x: &str,
) -> Result<String, ExportError> {
    let config = &checkpoint.config;
    let (heads, buckets) = (config.num_attention_heads, config.num_buckets);
    let table = checkpoint.read_f32("encoder.layers.0.attention.rel_attn_embed.weight")?;
    let furthest = config.max_bucket_distance as i64;
    let rows = (-furthest..=furthest).flat_map(|distance| {
        let first = bucket(distance, buckets, config.max_bucket_distance) * heads;
        table[first..first + heads].iter().copied()
    });
    let rows: Vec<f32> = rows.collect();
    let table = graph.floats(&[rows.len() / heads, heads], &rows);
    let shape = graph.node("Shape", &[x], &[]);
    let one = graph.int(1);
    let time = graph.node("Gather", &[&shape, &one], &[]);
    let zero = graph.int(0);
    let frames = graph.node("Range", &[&zero, &time, &one], &[]);
    let [row, column] = [0, 1].map(|axis| graph.ints(&[axis]));
    let keys = graph.node("Unsqueeze", &[&frames, &row], &[]);
    let queries = graph.node("Unsqueeze", &[&frames, &column], &[]);
    let distance = graph.node("Sub", &[&keys, &queries], &[]);
    let [low, high] = [-furthest, furthest].map(|bound| graph.int(bound));
    let distance = graph.node("Clip", &[&distance, &low, &high], &[]);
    let place = graph.node("Add", &[&distance, &high], &[]);
    let bias = graph.node("Gather", &[&table, &place], &[]);
    Ok(transposed(graph, &bias, &[2, 0, 1]))
}
