//! Low-rank additions as a folder of their own, which Python's `peft` puts on the checkpoint that
//! they were trained over.

use super::{ModelConfig, ModelFile, TensorView, save::tensor_file};
use crate::config::Lora;
use serde_json::{Value, json};
use std::ops::Range;

/// The release of `peft` whose form is written.
const VERSION: &str = "0.21.2";

/// What an adapter's configuration says besides its tensors.
#[derive(Debug, Clone, PartialEq)]
pub struct Adapter<'a> {
    /// Rank, scale, layers by name.
    pub lora: &'a Lora,
    /// The checkpoint, as the user names it: a folder, or `owner/name` on the hub.
    pub base: &'a str,
    /// The transformer layers that have additions.
    pub layers: Range<usize>,
    /// Python's class of the model that it is for.
    pub class: String,
    /// Its modules that are trained in full, whose tensors go along.
    pub modules: &'a [&'a str],
}

/// The files of an adapter: `adapter_config.json` and `adapter_model.safetensors`.
///
/// `tensors` have names as the checkpoint's in the class that Python loads it with, for instance
/// `encoder.layers.0.attention.q_proj.lora_A.weight` for the bare encoder.
#[must_use]
pub fn adapter_files<'a>(
    config: &ModelConfig,
    adapter: &Adapter<'_>,
    tensors: &'a [TensorView<'a>],
) -> [ModelFile<'a>; 2] {
    let Adapter {
        lora,
        base,
        layers,
        class,
        modules,
    } = adapter;
    let targets: Vec<&str> = lora.targets.iter().map(|target| target.word()).collect();
    // Without it all layers are meant.
    let some =
        (*layers != (0..config.num_hidden_layers)).then(|| layers.clone().collect::<Vec<_>>());
    let text = json!({
        "peft_type": "LORA",
        "task_type": Value::Null,
        "base_model_name_or_path": base,
        "auto_mapping": {
            "base_model_class": class,
            "parent_library": format!("transformers.models.{0}.modeling_{0}", config.family.model_type()),
        },
        "inference_mode": true,
        "r": lora.rank,
        "lora_alpha": lora.alpha,
        "lora_dropout": lora.dropout,
        "target_modules": targets,
        "layers_to_transform": some,
        "layers_pattern": some.as_ref().map(|_| "layers"),
        "modules_to_save": (!modules.is_empty()).then_some(modules),
        "bias": "none",
        "fan_in_fan_out": false,
        "init_lora_weights": true,
        "use_rslora": false,
        "use_dora": false,
        "peft_version": VERSION,
    });
    [
        ModelFile::text("adapter_config.json", format!("{text:#}\n")),
        tensor_file("adapter_model.safetensors", tensors.to_vec()),
    ]
}

/// The names of `peft`'s own wrappers, before the name of each tensor.
pub const ADAPTER_PREFIX: &str = "base_model.model.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LoraTarget;

    #[test]
    fn the_configuration_names_layers_only_where_some_have_no_additions() {
        let config = ModelConfig::from_json(r#"{"model_type": "wavlm"}"#, "m").expect("valid");
        let lora = Lora {
            rank: 4,
            alpha: 8.0,
            targets: vec![LoraTarget::Query, LoraTarget::FeedForward],
            dropout: 0.1,
        };
        let text = |layers| {
            let adapter = Adapter {
                lora: &lora,
                base: "microsoft/wavlm-base",
                layers,
                class: "WavLMModel".to_owned(),
                modules: &[],
            };
            let [config, _] = adapter_files(&config, &adapter, &[]);
            serde_json::from_slice::<Value>(&config.to_bytes()).expect("JSON")
        };
        let all = text(0..12);
        assert_eq!(all["layers_to_transform"], Value::Null);
        assert_eq!(all["target_modules"], json!(["q_proj", "output_dense"]));
        assert_eq!(all["lora_alpha"], 8.0);
        let some = text(10..12);
        assert_eq!(some["layers_to_transform"], json!([10, 11]));
        assert_eq!(some["layers_pattern"], "layers");
    }
}
