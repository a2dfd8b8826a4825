//! One form for the names that tensors have in files of different age and origin.

use crate::config::HeadStyle;
use std::fmt;

/// Prefixes by which task models hold their encoder. Nkululeko uses the first for all families.
const PREFIXES: &[&str] = &["wav2vec2.", "hubert.", "wavlm."];

/// Layers of the heads of Hugging Face's classes for sequences, and of audEERING's.
const OTHER_HEADS: &[&str] = &[
    "projector.weight",
    "projector.bias",
    "classifier.weight",
    "classifier.bias",
    "classifier.dense.weight",
    "classifier.dense.bias",
    "classifier.out_proj.weight",
    "classifier.out_proj.bias",
];

/// The style of the head that layers of these names make, if it is one.
pub(super) fn style<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Option<HeadStyle> {
    let has = |wanted: &str| {
        ["weight", "bias"]
            .iter()
            .all(|kind| names.clone().any(|name| name == format!("{wanted}.{kind}")))
    };
    if names.clone().any(|name| name.starts_with("head.net.")) {
        Some(HeadStyle::Nkululeko)
    } else if has("projector") && has("classifier") {
        Some(HeadStyle::SequenceClassification)
    } else if has("classifier.dense") && has("classifier.out_proj") {
        Some(HeadStyle::Audeering)
    } else {
        None
    }
}

/// Why a tensor of a file is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeftOver {
    /// Letters or phones of speech recognition.
    Ctc,
    /// Quantiser and projections of pre-training.
    Pretraining,
    /// The head of another task: Hugging Face's classification and speaker models.
    OtherHead,
    /// A transformer layer beyond `num_hidden_layers`.
    LayerBeyond,
    /// A former name beside today's for the same tensor.
    Former,
    /// Nothing that this program knows.
    Unknown,
}

impl fmt::Display for LeftOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ctc => "speech recognition head",
            Self::Pretraining => "used in pre-training only",
            Self::OtherHead => "head of another kind",
            Self::LayerBeyond => "layer beyond num_hidden_layers",
            Self::Former => "former name of a tensor that is there under today's",
            Self::Unknown => "unknown tensor",
        })
    }
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// The encoder's tensor of this canonical name (whether it exists is the layout's to say).
    Encoder(String),
    /// Nkululeko's head: `head.net.N.weight` or `.bias`.
    Head(String),
    /// A layer of another head: `projector`, `classifier`, `classifier.dense`, `classifier.out_proj`.
    OtherHead(String),
    /// `layer_weights`: Nkululeko's beside `head.net`, else another task's.
    LayerWeights,
    /// Not used.
    Left(LeftOver),
}

/// What `stored`, a name in a weights file, stands for.
pub(super) fn role(stored: &str) -> Role {
    let name = stored.strip_prefix("module.").unwrap_or(stored);
    let name = PREFIXES
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name);
    if name.starts_with("head.net.") {
        return Role::Head(name.to_owned());
    }
    // Nkululeko before 1.10 had one hidden layer under these names.
    for (old, new) in [
        ("head.dense.", "head.net.1."),
        ("head.out_proj.", "head.net.4."),
    ] {
        if let Some(rest) = name.strip_prefix(old) {
            return Role::Head(format!("{new}{rest}"));
        }
    }
    if OTHER_HEADS.contains(&name) {
        return Role::OtherHead(name.to_owned());
    }
    // The speaker models' own layer, not the convolutional encoder.
    if ["feature_extractor.weight", "feature_extractor.bias"].contains(&stored) {
        return Role::Left(LeftOver::OtherHead);
    }
    if name == "layer_weights" {
        return Role::LayerWeights;
    }
    if is_former(name) {
        return Role::Encoder(super::layout::MASK_VECTOR.to_owned());
    }
    let first = name.split('.').next().unwrap_or(name);
    match first {
        "lm_head" => Role::Left(LeftOver::Ctc),
        "quantizer" | "project_q" | "project_hid" | "final_proj" | "label_embs_concat"
        | "dropout_features" => Role::Left(LeftOver::Pretraining),
        "projector" | "classifier" | "tdnn" | "objective" | "feature_extractor_xvector" => {
            Role::Left(LeftOver::OtherHead)
        }
        _ => Role::Encoder(modern(name)),
    }
}

/// What a name without a prefix may be a copy of: the same with Nkululeko's prefix, since models are
/// saved under both names for those who look for either.
pub(super) fn copied(stored: &str) -> Option<String> {
    let bare = !PREFIXES.iter().any(|prefix| stored.starts_with(prefix));
    bare.then(|| format!("{}{stored}", PREFIXES[0]))
}

/// Whether an unknown tensor would belong into the encoder's arithmetic. Counters of batches and
/// tables that are computed do not.
pub(super) fn is_of_encoder(stored: &str) -> bool {
    let Role::Encoder(name) = role(stored) else {
        return false;
    };
    let part = [
        "encoder.",
        "feature_extractor.",
        "feature_projection.",
        "adapter.",
    ]
    .iter()
    .any(|part| name.starts_with(part));
    part && !["num_batches_tracked", "position_ids", "inv_freq"]
        .iter()
        .any(|counter| name.ends_with(counter))
}

/// Whether `stored` is the mask vector under its name before 2021.
pub(super) fn is_former(stored: &str) -> bool {
    stored.rsplit('.').next() == Some("mask_time_emb_vector")
}

/// Today's spelling of a parameter's name.
fn modern(name: &str) -> String {
    for (old, new) in [
        (".conv.weight_g", ".conv.parametrizations.weight.original0"),
        (".conv.weight_v", ".conv.parametrizations.weight.original1"),
        ("layer_norm.gamma", "layer_norm.weight"),
        ("layer_norm.beta", "layer_norm.bias"),
    ] {
        if let Some(stem) = name.strip_suffix(old) {
            return format!("{stem}{new}");
        }
    }
    name.to_owned()
}

/// The number of the transformer layer that a canonical name belongs to.
pub(super) fn layer_of(name: &str) -> Option<usize> {
    name.strip_prefix("encoder.layers.")?
        .split('.')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoder(name: &str) -> Role {
        Role::Encoder(name.to_owned())
    }

    #[test]
    fn prefixes_and_old_spellings() {
        let linear = "encoder.layers.3.attention.k_proj.weight";
        for prefix in ["", "wav2vec2.", "hubert.", "wavlm.", "module.wav2vec2."] {
            assert_eq!(role(&format!("{prefix}{linear}")), encoder(linear));
        }
        let g = "encoder.pos_conv_embed.conv.parametrizations.weight.original0";
        let v = "encoder.pos_conv_embed.conv.parametrizations.weight.original1";
        assert_eq!(
            role("hubert.encoder.pos_conv_embed.conv.weight_g"),
            encoder(g)
        );
        assert_eq!(role("encoder.pos_conv_embed.conv.weight_v"), encoder(v));
        assert_eq!(role(&format!("wavlm.{v}")), encoder(v));
        assert_eq!(
            role("wav2vec2.encoder.layer_norm.gamma"),
            encoder("encoder.layer_norm.weight")
        );
        assert_eq!(
            role("encoder.layers.0.final_layer_norm.beta"),
            encoder("encoder.layers.0.final_layer_norm.bias")
        );
        assert_eq!(
            role("wav2vec2.mask_time_emb_vector"),
            encoder("masked_spec_embed")
        );
    }

    #[test]
    fn heads_and_left_overs() {
        assert_eq!(
            role("head.net.4.bias"),
            Role::Head("head.net.4.bias".into())
        );
        assert_eq!(
            role("head.dense.weight"),
            Role::Head("head.net.1.weight".into())
        );
        assert_eq!(
            role("head.out_proj.bias"),
            Role::Head("head.net.4.bias".into())
        );
        assert_eq!(role("layer_weights"), Role::LayerWeights);
        for (name, left) in [
            ("lm_head.weight", LeftOver::Ctc),
            ("quantizer.weight_proj.bias", LeftOver::Pretraining),
            ("project_hid.weight", LeftOver::Pretraining),
            ("tdnn.0.kernel.weight", LeftOver::OtherHead),
            ("objective.weight", LeftOver::OtherHead),
        ] {
            assert_eq!(role(name), Role::Left(left));
        }
    }

    #[test]
    fn layer_numbers() {
        assert_eq!(layer_of("encoder.layers.11.layer_norm.bias"), Some(11));
        assert_eq!(layer_of("encoder.layer_norm.bias"), None);
    }
}
