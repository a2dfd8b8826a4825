//! Changed bytes in any of the three files give a model or an error, never a panic.

use super::*;
use proptest::prelude::*;

fn survive(files: &Memory) {
    if let Ok(checkpoint) = Checkpoint::open(files, "m") {
        let _ = (
            checkpoint.head(),
            checkpoint.config.labels(),
            checkpoint.config.num_labels(),
        );
        for name in checkpoint.names() {
            // What was listed lies within the file. Its type may have become one that is not read.
            if let Err(error) = checkpoint.read_f32(name) {
                assert!(
                    matches!(&error, CheckpointError::Tensor { tensor, .. } if tensor == name),
                    "{name}: {error}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn changed_bytes(
        in_config in any::<bool>(),
        cut in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut files = reference("wavlm_base");
        let name = if in_config { "m/config.json" } else { "m/model.safetensors" };
        let mut bytes = files.read(name).expect("there");
        // The first bytes of a safetensors file say where everything lies.
        let reach = if in_config { bytes.len() } else { 6000 };
        for (place, value) in &changes {
            bytes[place.index(reach)] = *value;
        }
        if cut {
            bytes.truncate(changes[0].0.index(bytes.len()));
        }
        files.insert(name, bytes);
        survive(&files);
    }

    #[test]
    fn changed_numbers(
        key in prop::sample::select(vec![
            "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
            "num_conv_pos_embeddings", "num_conv_pos_embedding_groups", "num_buckets",
            "max_bucket_distance", "num_labels", "mask_time_length",
        ]),
        value in prop_oneof![any::<i64>().prop_map(serde_json::Value::from), (0..100_000_i64).prop_map(Into::into)],
    ) {
        let mut files = reference("wavlm_base");
        let text = files.read("m/config.json").expect("there");
        let mut config: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
        config[key] = value;
        files.insert("m/config.json", config.to_string().into_bytes());
        survive(&files);
    }
}
