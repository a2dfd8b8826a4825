//! Which tensors a model has, in which shapes: what the configuration alone says.

use super::config::{Family, FeatureNorm, ModelConfig};

/// A tensor's name and shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorSpec {
    /// Hugging Face's name without the family's prefix.
    pub name: String,
    /// Sizes, outermost first.
    pub shape: Vec<usize>,
}

/// Drawn anew where a checkpoint lacks it, as Hugging Face does: some published ones do.
pub(super) const MASK_VECTOR: &str = "masked_spec_embed";

struct Layout(Vec<TensorSpec>);

impl Layout {
    fn add(&mut self, name: impl Into<String>, shape: &[usize]) {
        self.0.push(TensorSpec {
            name: name.into(),
            shape: shape.to_vec(),
        });
    }

    fn linear(&mut self, stem: &str, outputs: usize, inputs: usize) {
        self.add(format!("{stem}.weight"), &[outputs, inputs]);
        self.add(format!("{stem}.bias"), &[outputs]);
    }

    fn norm(&mut self, stem: &str, width: usize) {
        self.add(format!("{stem}.weight"), &[width]);
        self.add(format!("{stem}.bias"), &[width]);
    }
}

impl ModelConfig {
    /// The encoder's tensors by canonical name, from the waveform upwards.
    ///
    /// `masked_spec_embed` is always among them, although a checkpoint may lack it.
    #[must_use]
    pub fn tensors(&self) -> Vec<TensorSpec> {
        let mut layout = Layout(Vec::new());
        let mut inputs = 1;
        for (index, (&width, &kernel)) in self.conv_dim.iter().zip(&self.conv_kernel).enumerate() {
            let stem = format!("feature_extractor.conv_layers.{index}");
            layout.add(format!("{stem}.conv.weight"), &[width, inputs, kernel]);
            if self.conv_bias {
                layout.add(format!("{stem}.conv.bias"), &[width]);
            }
            if self.feat_extract_norm == FeatureNorm::Layer || index == 0 {
                layout.norm(&format!("{stem}.layer_norm"), width);
            }
            inputs = width;
        }
        if self.feat_proj_layer_norm {
            layout.norm("feature_projection.layer_norm", inputs);
        }
        let hidden = self.hidden_size;
        layout.linear("feature_projection.projection", hidden, inputs);
        layout.add(MASK_VECTOR, &[hidden]);
        let taps = self.num_conv_pos_embeddings;
        let group = hidden / self.num_conv_pos_embedding_groups;
        layout.add("encoder.pos_conv_embed.conv.bias", &[hidden]);
        layout.add(
            "encoder.pos_conv_embed.conv.parametrizations.weight.original0",
            &[1, 1, taps],
        );
        layout.add(
            "encoder.pos_conv_embed.conv.parametrizations.weight.original1",
            &[hidden, group, taps],
        );
        layout.norm("encoder.layer_norm", hidden);
        for index in 0..self.num_hidden_layers {
            self.layer(&mut layout, index);
        }
        layout.0
    }

    fn layer(&self, layout: &mut Layout, index: usize) {
        let (hidden, heads) = (self.hidden_size, self.num_attention_heads);
        let stem = format!("encoder.layers.{index}");
        if self.family == Family::WavLm {
            layout.add(
                format!("{stem}.attention.gru_rel_pos_const"),
                &[1, heads, 1, 1],
            );
            layout.linear(
                &format!("{stem}.attention.gru_rel_pos_linear"),
                8,
                self.head_dim(),
            );
            if index == 0 {
                layout.add(
                    format!("{stem}.attention.rel_attn_embed.weight"),
                    &[self.num_buckets, heads],
                );
            }
        }
        for projection in ["k_proj", "v_proj", "q_proj", "out_proj"] {
            layout.linear(&format!("{stem}.attention.{projection}"), hidden, hidden);
        }
        layout.norm(&format!("{stem}.layer_norm"), hidden);
        layout.linear(
            &format!("{stem}.feed_forward.intermediate_dense"),
            self.intermediate_size,
            hidden,
        );
        layout.linear(
            &format!("{stem}.feed_forward.output_dense"),
            hidden,
            self.intermediate_size,
        );
        layout.norm(&format!("{stem}.final_layer_norm"), hidden);
    }
}
