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
    let Some(config) = checkpoint.head()? else {
        let folder = checkpoint.folder().to_owned();
        return Err(ExportError::NoHead { folder });
    };
    let layers = names(&config);
    check(checkpoint, &config, &layers)?;
    let mut x = match config.layer_pooling {
        LayerPooling::Last => hidden.states[hidden.states.len() - 1].clone(),
        LayerPooling::Weighted => weighted(graph, checkpoint, &hidden.states)?,
    };
    // Hugging Face's classes pool what their first layer makes of each frame, with nothing behind it.
    let each_frame = config.style == HeadStyle::SequenceClassification;
    if !each_frame {
        x = pooled(graph, config.pooling, &x);
    }
    for (index, name) in layers.iter().enumerate() {
        x = graph.linear(checkpoint, name, &x)?;
        if index + 1 == layers.len() {
            break;
        }
        x = match config.activation {
            _ if each_frame => pooled(graph, config.pooling, &x),
            HeadActivation::Relu => graph.node("Relu", &[&x], &[]),
            HeadActivation::Tanh => graph.node("Tanh", &[&x], &[]),
            HeadActivation::Sigmoid => graph.node("Sigmoid", &[&x], &[]),
            HeadActivation::LeakyRelu => {
                let alpha = [("alpha", Attribute::Float(0.01))];
                graph.node("LeakyRelu", &[&x], &alpha)
            }
        };
    }
    graph.finish(&x);
    Ok(checkpoint.outputs().unwrap_or(0))
}

/// The linear layers, first to last.
fn names(head: &HeadConfig) -> Vec<String> {
    match head.style {
        // Each stands behind a dropout and before an activation.
        HeadStyle::Nkululeko => (0..=head.layers.as_ref().map_or(1, Vec::len))
            .map(|index| format!("head.net.{}", 3 * index + 1))
            .collect(),
        HeadStyle::SequenceClassification => vec!["projector".into(), "classifier".into()],
        HeadStyle::Audeering => vec!["classifier.dense".into(), "classifier.out_proj".into()],
    }
}

/// Sees to it that the head is the one that is known here: each layer fits to the one before, and
/// nothing else belongs to it.
fn check(
    checkpoint: &Checkpoint<'_>,
    config: &HeadConfig,
    layers: &[String],
) -> Result<(), ExportError> {
    let folder = checkpoint.folder().to_owned();
    let refuse = |reason: String| {
        Err(ExportError::Head {
            folder: folder.clone(),
            reason,
        })
    };
    let mut known: Vec<String> = layers
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
    for name in layers {
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
    Ok(())
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
