use super::*;
use crate::config::{HeadActivation, LayerPooling, Pooling};

fn config(text: &str) -> Result<ModelConfig, CheckpointError> {
    ModelConfig::from_json(text, "m/config.json")
}

fn message(text: &str) -> String {
    config(text).expect_err("should be refused").to_string()
}

#[test]
fn defaults_are_those_of_the_base_models() {
    for family in ["wav2vec2", "hubert", "wavlm"] {
        let config = config(&format!(r#"{{"model_type": "{family}"}}"#)).expect("valid");
        assert_eq!(config.family.model_type(), family);
        assert_eq!(
            (
                config.hidden_size,
                config.num_hidden_layers,
                config.head_dim()
            ),
            (768, 12, 64)
        );
        assert_eq!(config.feat_extract_norm, FeatureNorm::Group);
        assert_eq!(
            (
                config.frames(128_000),
                config.frames(16_000),
                config.frames(399)
            ),
            (399, 49, 0)
        );
        assert_eq!((config.receptive_field(), config.frames(400)), (400, 1));
        assert!((config.layerdrop - 0.1).abs() < 1e-12 && config.apply_spec_augment);
        assert_eq!(
            (
                config.num_labels().expect("two"),
                config.labels().expect("none")
            ),
            (2, None)
        );
        let head = config
            .head(crate::config::HeadStyle::Nkululeko)
            .expect("valid");
        assert_eq!((head.layers, head.activation), (None, HeadActivation::Tanh));
        assert_eq!(
            (head.pooling, head.layer_pooling),
            (Pooling::Mean, LayerPooling::Last)
        );
    }
}

#[test]
fn null_counts_as_absent() {
    let config =
        config(r#"{"model_type": "wav2vec2", "hidden_size": null, "adapter_attn_dim": null}"#);
    assert_eq!(config.expect("valid").hidden_size, 768);
}

#[test]
fn what_cannot_be_computed_is_refused_by_name() {
    for (text, words) in [
        ("[]", "not a valid JSON object"),
        ("{}", "\"model_type\" is missing"),
        (
            r#"{"model_type": "bert"}"#,
            "only wav2vec2, hubert and wavlm",
        ),
        (
            r#"{"model_type": "wav2vec2", "hidden_size": "768"}"#,
            "\"hidden_size\" has a value",
        ),
        (
            r#"{"model_type": "wav2vec2", "hidden_size": -1}"#,
            "\"hidden_size\" has a value",
        ),
        (
            r#"{"model_type": "wav2vec2", "hidden_size": 0}"#,
            "\"hidden_size\" is 0",
        ),
        (
            r#"{"model_type": "wav2vec2", "hidden_size": 99999999}"#,
            "1 to 65536",
        ),
        (
            r#"{"model_type": "wav2vec2", "num_attention_heads": 7}"#,
            "does not divide hidden_size 768",
        ),
        (
            r#"{"model_type": "wav2vec2", "conv_dim": [512]}"#,
            "\"conv_kernel\" has 7 values",
        ),
        (
            r#"{"model_type": "wav2vec2", "conv_dim": []}"#,
            "\"conv_dim\" is 0",
        ),
        (
            r#"{"model_type": "wav2vec2", "conv_stride": [5, 2, 2, 2, 2, 2, 0]}"#,
            "\"conv_stride\" is 0",
        ),
        (
            r#"{"model_type": "wav2vec2", "conv_stride": [4096, 4096, 4096, 4096, 4096, 4096, 4096]}"#,
            "2^20",
        ),
        (
            r#"{"model_type": "wav2vec2", "layerdrop": 1.5}"#,
            "\"layerdrop\" is 1.5",
        ),
        (
            r#"{"model_type": "wav2vec2", "layer_norm_eps": 0}"#,
            "\"layer_norm_eps\" is 0",
        ),
        (
            r#"{"model_type": "wav2vec2", "hidden_act": "mish"}"#,
            "known are gelu, gelu_new",
        ),
        (
            r#"{"model_type": "wav2vec2", "add_adapter": true}"#,
            "\"add_adapter\" is true",
        ),
        (
            r#"{"model_type": "wav2vec2", "adapter_attn_dim": 16}"#,
            "\"adapter_attn_dim\" is set",
        ),
        (
            r#"{"model_type": "hubert", "conv_pos_batch_norm": true}"#,
            "batch norm",
        ),
        (
            r#"{"model_type": "wav2vec2", "hidden_size": 61440, "intermediate_size": 65536, "num_hidden_layers": 512}"#,
            "make a model of",
        ),
        (r#"{"model_type": "wavlm", "num_buckets": 7}"#, "even"),
        (
            r#"{"model_type": "wavlm", "max_bucket_distance": 80}"#,
            "more than a quarter",
        ),
    ] {
        let found = message(text);
        assert!(
            found.contains("m/config.json") && found.contains(words),
            "{text}: {found}"
        );
    }
}

#[test]
fn unknown_keys_survive_and_changed_fields_are_written() {
    let text =
        r#"{"model_type": "hubert", "vocab_size": 32, "layerdrop": 0, "mine": {"a": [1, null]}}"#;
    let mut config = config(text).expect("valid");
    config.num_hidden_layers = 3;
    config.set_raw("sampling_rate", 16_000.into());
    let written: Value = serde_json::from_str(&config.to_json()).expect("JSON");
    assert_eq!(written["mine"], serde_json::json!({"a": [1, null]}));
    assert_eq!(written["layerdrop"], 0);
    assert_eq!(
        (&written["num_hidden_layers"], &written["sampling_rate"]),
        (&3.into(), &16_000.into())
    );
    let again = self::config(&config.to_json()).expect("valid");
    assert_eq!(
        (again.num_hidden_layers, again.raw("vocab_size")),
        (3, Some(&32.into()))
    );
}

#[test]
fn a_head_is_written_and_read() {
    let mut config = config(r#"{"model_type": "wavlm"}"#).expect("valid");
    let head = crate::config::HeadConfig {
        style: crate::config::HeadStyle::Nkululeko,
        layers: Some(vec![64, 32]),
        activation: HeadActivation::LeakyRelu,
        pooling: Pooling::MeanVar,
        layer_pooling: LayerPooling::Weighted,
        drop: 0.25,
    };
    let labels = ["anger".to_owned(), "sadness".to_owned(), "x\"y".to_owned()];
    config.set_head(&head, Some(&labels), "emotion");
    let again = self::config(&config.to_json()).expect("valid");
    assert_eq!(
        again
            .head(crate::config::HeadStyle::Nkululeko)
            .expect("valid"),
        head
    );
    assert_eq!(again.labels().expect("valid").as_deref(), Some(&labels[..]));
    assert_eq!(again.num_labels().expect("valid"), 3);
    assert_eq!(
        again.raw("label2id").and_then(|map| map.get("sadness")),
        Some(&1.into())
    );
    config.set_head(&head, None, "arousal");
    assert_eq!(
        (
            config.num_labels().expect("one"),
            config.raw("is_classifier")
        ),
        (1, Some(&false.into()))
    );
}

#[test]
fn a_broken_head_is_refused() {
    for (extra, words) in [
        (r#""pooling": "max""#, "known are mean, meanvar"),
        (r#""head_layers": [0]"#, "\"head_layers\" is 0"),
        (r#""final_dropout": 2"#, "0 to 1"),
    ] {
        let config = config(&format!(r#"{{"model_type": "wavlm", {extra}}}"#)).expect("valid");
        let found = config
            .head(crate::config::HeadStyle::Nkululeko)
            .expect_err("should be refused")
            .to_string();
        assert!(found.contains(words), "{found}");
    }
    let config = config(r#"{"model_type": "wavlm", "id2label": {"1": "a"}}"#).expect("valid");
    assert!(
        config
            .labels()
            .expect_err("no 0")
            .to_string()
            .contains("no label for 0")
    );
}
