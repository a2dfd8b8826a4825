//! Hidden states to logits: as `model::head` computes them for one clip.

use super::{
    ExportError,
    encoder::Hidden,
    graph::{Attribute, Graph},
};
use crate::{
    checkpoint::Checkpoint,
    config::{HeadActivation, LayerPooling, Pooling},
};

/// Adds the head; gives the number of outputs.
pub(super) fn head(
    graph: &mut Graph,
    checkpoint: &Checkpoint<'_>,
    hidden: &Hidden,
) -> Result<usize, ExportError> {
    let config = checkpoint.config.head()?;
    let depth = check(checkpoint, config.layers.as_ref().map_or(1, Vec::len) + 1)?;
    let x = match config.layer_pooling {
        LayerPooling::Last => hidden.states[hidden.states.len() - 1].clone(),
        LayerPooling::Weighted => weighted(graph, checkpoint, &hidden.states)?,
    };
    let mut x = pooled(graph, config.pooling, &x);
    for index in 0..depth {
        x = graph.linear(checkpoint, &linear(index), &x)?;
        if index + 1 < depth {
            x = match config.activation {
                HeadActivation::Relu => graph.node("Relu", &[&x], &[]),
                HeadActivation::Tanh => graph.node("Tanh", &[&x], &[]),
                HeadActivation::Sigmoid => graph.node("Sigmoid", &[&x], &[]),
                HeadActivation::LeakyRelu => {
                    let alpha = [("alpha", Attribute::Float(0.01))];
                    graph.node("LeakyRelu", &[&x], &alpha)
                }
            };
        }
    }
    graph.finish(&x);
    let bias = checkpoint.shape(&format!("{}.bias", linear(depth - 1)));
    Ok(bias.map_or(0, |shape| shape.iter().product()))
}

/// Each linear layer stands behind a dropout and before an activation.
fn linear(index: usize) -> String {
    format!("head.net.{}", 3 * index + 1)
}

/// Sees to it that the head is the one that is known here, with `depth` linear layers: each fits to the
/// one before, and nothing else belongs to it.
fn check(checkpoint: &Checkpoint<'_>, depth: usize) -> Result<usize, ExportError> {
    let folder = checkpoint.folder().to_owned();
    let config = checkpoint.config.head()?;
    if checkpoint.head_names().next().is_none() {
        return Err(ExportError::NoHead { folder });
    }
    let refuse = |reason: String| {
        Err(ExportError::Head {
            folder: folder.clone(),
            reason,
        })
    };
    let mut known: Vec<String> = (0..depth)
        .flat_map(|index| ["weight", "bias"].map(|kind| format!("{}.{kind}", linear(index))))
        .collect();
    if config.layer_pooling == LayerPooling::Weighted {
        known.push("layer_weights".to_owned());
    }
    if let Some(other) = checkpoint
        .head_names()
        .find(|name| !known.iter().any(|known| known == name))
    {
        return refuse(format!("`{other}` is not known"));
    }
    let mut width = match config.pooling {
        Pooling::Mean => checkpoint.config.hidden_size,
        Pooling::MeanVar => 2 * checkpoint.config.hidden_size,
    };
    for index in 0..depth {
        let name = linear(index);
        let weight = checkpoint.shape(&format!("{name}.weight"));
        let bias = checkpoint.shape(&format!("{name}.bias"));
        match (weight, bias) {
            (Some([rows, columns]), Some([size])) if *columns == width && rows == size => {
                width = *rows;
            }
            (None, _) | (_, None) => return refuse(format!("`{name}` is missing")),
            (Some(found), Some(_)) => {
                return refuse(format!(
                    "`{name}` has the shape {found:?}, but {width} values come in"
                ));
            }
        }
    }
    let weights = checkpoint.shape("layer_weights");
    let states = checkpoint.config.num_hidden_layers + 1;
    if config.layer_pooling == LayerPooling::Weighted && weights != Some(&[states]) {
        return refuse(format!(
            "`layer_weights` has the shape {weights:?}, not [{states}]"
        ));
    }
    Ok(depth)
}

/// The mean of all states with the softmax of the trained weights.
fn weighted(
    graph: &mut Graph,
    checkpoint: &Checkpoint<'_>,
    states: &[String],
) -> Result<String, ExportError> {
    let raw = checkpoint.read_f32("layer_weights")?;
    let top = raw.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = raw.iter().map(|a| f64::from(a - top).exp()).collect();
    let sum: f64 = powers.iter().sum();
    let mut total: Option<String> = None;
    for (state, power) in states.iter().zip(powers) {
        let weight = graph.scalar((power / sum) as f32);
        let part = graph.node("Mul", &[state, &weight], &[]);
        total = Some(match total {
            Some(total) => graph.node("Add", &[&total, &part], &[]),
            None => part,
        });
    }
    Ok(total.unwrap_or_default())
}

/// `[B, T, H]` to `[B, H]`, or `[B, 2 H]` with the variance, not below 0.
fn pooled(graph: &mut Graph, pooling: Pooling, x: &str) -> String {
    let over_time = [
        ("axes", Attribute::Ints(&[1])),
        ("keepdims", Attribute::Int(0)),
    ];
    let mean = graph.node("ReduceMean", &[x], &over_time);
    match pooling {
        Pooling::Mean => mean,
        Pooling::MeanVar => {
            let square = graph.node("Mul", &[x, x], &[]);
            let square = graph.node("ReduceMean", &[&square], &over_time);
            let of_mean = graph.node("Mul", &[&mean, &mean], &[]);
            let variance = graph.node("Sub", &[&square, &of_mean], &[]);
            let variance = graph.node("Relu", &[&variance], &[]);
            graph.node(
                "Concat",
                &[&mean, &variance],
                &[("axis", Attribute::Int(1))],
            )
        }
    }
}
