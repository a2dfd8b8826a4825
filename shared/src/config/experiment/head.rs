//! The head over the transformer.

use super::{HeadActivation, HeadStyle, LayerPooling, Pooling};
use serde::{Deserialize, Serialize};

/// The head's keys as they are set. What is not is the checkpoint's own where it has a head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadKeys {
    /// `head`.
    pub style: Option<HeadStyle>,
    /// `head_layers`.
    pub layers: Option<Vec<usize>>,
    /// `head_activation`.
    pub activation: Option<HeadActivation>,
    /// `pooling`.
    pub pooling: Option<Pooling>,
    /// `layer_pooling`.
    pub layer_pooling: Option<LayerPooling>,
    /// `drop`, 0 to below 1; it acts in training alone and is no part of a checkpoint's head.
    pub drop: f64,
}

/// Width of the projection of Hugging Face's classes (`classifier_proj_size`).
const PROJECTION: usize = 256;

impl HeadKeys {
    /// The head that they ask for over a checkpoint whose head is `own`, `None` being Nkululeko's
    /// first: one hidden layer of the transformer's width, tanh, the mean over time of the last
    /// layer.
    #[must_use]
    pub fn over(&self, own: Option<&HeadConfig>) -> HeadConfig {
        let own = own.filter(|own| self.style.is_none_or(|style| style == own.style));
        let own = own.filter(|own| self.misfit(own.style).is_none());
        let style = self
            .style
            .or(own.map(|own| own.style))
            .unwrap_or(HeadStyle::Nkululeko);
        let usual = (style == HeadStyle::SequenceClassification).then(|| vec![PROJECTION]);
        HeadConfig {
            style,
            layers: self
                .layers
                .clone()
                .or_else(|| own.and_then(|own| own.layers.clone()))
                .or(usual),
            activation: self
                .activation
                .or(own.map(|own| own.activation))
                .unwrap_or(HeadActivation::Tanh),
            pooling: self
                .pooling
                .or(own.map(|own| own.pooling))
                .unwrap_or(Pooling::Mean),
            layer_pooling: self
                .layer_pooling
                .or(own.map(|own| own.layer_pooling))
                .unwrap_or(LayerPooling::Last),
            drop: self.drop,
        }
    }

    /// The key whose value a head of this style cannot have, and what it can be.
    #[must_use]
    pub fn misfit(&self, style: HeadStyle) -> Option<(&'static str, &'static str)> {
        if style == HeadStyle::Nkululeko {
            return None;
        }
        let projects = style == HeadStyle::SequenceClassification;
        match self {
            Self {
                pooling: Some(Pooling::MeanVar),
                ..
            } => Some(("pooling", "the mean")),
            Self {
                layers: Some(layers),
                ..
            } if projects && layers.len() != 1 => Some(("head_layers", "one width")),
            Self {
                layers: Some(_), ..
            } if !projects => Some(("head_layers", "one layer of the transformer's width")),
            Self {
                activation: Some(_),
                ..
            } if projects => Some(("head_activation", "none")),
            Self {
                activation: Some(activation),
                ..
            } if *activation != HeadActivation::Tanh && !projects => {
                Some(("head_activation", "tanh"))
            }
            Self {
                layer_pooling: Some(LayerPooling::Weighted),
                ..
            } if !projects => Some(("layer_pooling", "the last layer")),
            _ => None,
        }
    }
}

/// The head over the transformer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadConfig {
    /// `head`.
    pub style: HeadStyle,
    /// `head_layers`; `None` is one layer of the transformer's width.
    pub layers: Option<Vec<usize>>,
    /// `head_activation`.
    pub activation: HeadActivation,
    /// `pooling`.
    pub pooling: Pooling,
    /// `layer_pooling`.
    pub layer_pooling: LayerPooling,
    /// `drop`, 0 to below 1.
    pub drop: f64,
}
