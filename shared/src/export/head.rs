//! Hidden states to logits: as `model::head` computes them for one clip.

use super::{
    ExportError,
    encoder::Hidden,
    graph::{Attribute, Graph},
};
use crate::{
    checkpoint::Checkpoint,
    config::{HeadActivation, HeadConfig, HeadStyle, LayerPooling, Pooling},
};

/// Adds the head; gives the number of outputs.
pub(super) fn head(
    graph: &mut Graph,
    checkpoint: &Checkpoint<'_>,
    hidden: &Hidden,
) -> Result<usize, ExportError> {
    let no_head = || ExportError::NoHead {
        folder: checkpoint.folder().to_owned(),
    };
    let config = checkpoint.head()?.ok_or_else(no_head)?;
    let names = names(&config);
    let outputs = check(checkpoint, &config, &names)?;
    let mut x = match (config.layer_pooling, config.style) {
        (LayerPooling::Last, _) => hidden.last.clone(),
        (LayerPooling::Weighted, HeadStyle::SequenceClassification) => {
            weighted(graph, checkpoint, &hidden.states, &hidden.top)?
        }
        (LayerPooling::Weighted, _) => weighted(graph, checkpoint, &hidden.states, &hidden.last)?,
    };
    x = pooled(graph, config.pooling, &x);
    for (index, name) in names.iter().enumerate() {
        x = graph.linear(checkpoint, name, &x)?;
        // Hugging Face's classes have nothing between the two.
        if index + 1 < names.len() && config.style != HeadStyle::SequenceClassification {
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
    Ok(outputs)
}

/// Names of the linear layers.
fn names(config: &HeadConfig) -> Vec<String> {
    match config.style {
        // Each linear layer stands behind a dropout and before an activation.
        HeadStyle::Nkululeko => {
            let depth = config.layers.as_ref().map_or(1, Vec::len) + 1;
            (0..depth)
                .map(|index| format!("head.net.{}", 3 * index + 1))
                .collect()
        }
        HeadStyle::SequenceClassification => ["projector", "classifier"].map(str::to_owned).into(),
        HeadStyle::Audeering => ["classifier.dense", "classifier.out_proj"]
            .map(str::to_owned)
            .into(),
    }
}

/// Sees to it that the head is the one that is described: each layer fits to the one before, and
/// nothing else belongs to it. Gives the number of outputs.
fn check(
    checkpoint: &Checkpoint<'_>,
    config: &HeadConfig,
    names: &[String],
) -> Result<usize, ExportError> {
    let refuse = |reason: String| {
        Err(ExportError::Head {
            folder: checkpoint.folder().to_owned(),
            reason,
        })
    };
    let mut known: Vec<String> = names
        .iter()
        .flat_map(|name| ["weight", "bias"].map(|kind| format!("{name}.{kind}")))
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
    for name in names {
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
    Ok(width)
}

/// The mean of all states, of which `top` is the last, with the softmax of the trained weights.
fn weighted(
    graph: &mut Graph,
    checkpoint: &Checkpoint<'_>,
    below: &[String],
    top: &str,
) -> Result<String, ExportError> {
    let raw = checkpoint.read_f32("layer_weights")?;
    let largest = raw.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = raw.iter().map(|a| f64::from(a - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    let mut total: Option<String> = None;
    for (state, power) in below.iter().map(String::as_str).chain([top]).zip(powers) {
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
