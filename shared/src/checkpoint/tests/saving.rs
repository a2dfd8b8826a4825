//! What is saved is read again to the bit, by this program and by the format's own library.

use super::*;
use crate::{
    checkpoint::Family,
    config::{HeadActivation, HeadConfig, HeadStyle, LayerPooling, Pooling},
};
use serde_json::{Value, json};

const HEAD: HeadConfig = HeadConfig {
    style: HeadStyle::Nkululeko,
    layers: None,
    activation: HeadActivation::Tanh,
    pooling: Pooling::Mean,
    layer_pooling: LayerPooling::Weighted,
    drop: 0.25,
};

/// A reference model as it is trained on: Nkululeko's names, a head, values of all kinds.
fn trained(model: &str) -> (ModelConfig, Vec<Stored>) {
    let files = reference(model);
    let mut config = Checkpoint::open(&files, "m").expect(model).config;
    let labels = ["anger".to_owned(), "neutral".to_owned()];
    config.set_head(&HEAD, Some(&labels), "emotion");
    let width = config.hidden_size;
    let mut tensors = stored(&files);
    for (name, ..) in &mut tensors {
        *name = format!("wav2vec2.{name}");
    }
    let odd = [-0.0, f32::MIN_POSITIVE / 8.0, f32::MIN, f32::MAX, 1.0 / 3.0];
    for (name, shape) in [
        ("layer_weights", vec![config.num_hidden_layers + 1]),
        ("head.net.1.weight", vec![width, width]),
        ("head.net.1.bias", vec![width]),
        ("head.net.4.weight", vec![2, width]),
        ("head.net.4.bias", vec![2]),
    ] {
        let values = (0..shape.iter().product()).map(|i: usize| odd[i % odd.len()]);
        tensors.push((name.to_owned(), shape, values.collect()));
    }
    (config, tensors)
}

fn views(tensors: &[Stored]) -> Vec<TensorView<'_>> {
    let view = |(name, shape, values)| TensorView {
        name,
        shape,
        values,
    };
    tensors
        .iter()
        .map(|(n, s, v)| view((n.as_str(), s.as_slice(), v.as_slice())))
        .collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn saved_and_loaded_is_the_same_to_the_bit() {
    for model in MODELS {
        let (config, tensors) = trained(model);
        let views = views(&tensors);
        let mut files = Memory::default();
        for file in model_files(&config, r#"{"sampling_rate": 16000}"#, &views).expect(model) {
            let mut written = Vec::new();
            file.write_to(&mut written).expect("memory");
            assert_eq!(
                (&written, written.len() as u64),
                (&file.to_bytes(), file.size())
            );
            files.insert(format!("m/{}", file.name), written);
        }
        let again = Checkpoint::open(&files, "m").expect(model);
        assert!(again.has_head() && again.ignored.is_empty());
        assert_eq!(
            again.preprocessor.as_deref(),
            Some(r#"{"sampling_rate": 16000}"#)
        );
        assert_eq!(
            again.config.head(HeadStyle::Nkululeko).expect("valid").drop,
            HEAD.drop
        );
        assert_eq!(
            again.names().count() + again.head_names().count(),
            tensors.len()
        );
        for (name, shape, values) in &tensors {
            let name = name.strip_prefix("wav2vec2.").unwrap_or(name);
            assert_eq!(again.shape(name), Some(shape.as_slice()));
            assert_eq!(
                bits(&again.read_f32(name).expect(name)),
                bits(values),
                "{model}: {name}"
            );
        }

        let bytes = files.read("m/model.safetensors").expect("written");
        let (_, metadata) = safetensors::SafeTensors::read_metadata(&bytes).expect("valid");
        // Under the name that the family's own class looks for, and under Nkululeko's.
        for name in [
            "encoder.layer_norm.bias",
            "wav2vec2.encoder.layer_norm.bias",
        ] {
            let bare_wav2vec2 = config.family == Family::Wav2Vec2 && !name.starts_with("wav2vec2.");
            assert_eq!(
                metadata.info(name).is_some(),
                !bare_wav2vec2,
                "{model}: {name}"
            );
        }
        let metadata = metadata.metadata().clone().expect("there");
        assert_eq!(metadata.get("format").map(String::as_str), Some("pt"));
        let library = safetensors::SafeTensors::deserialize(&bytes).expect("valid");
        let copies = match config.family {
            Family::Wav2Vec2 => 0,
            _ => again.names().count(),
        };
        assert_eq!(library.names().len(), tensors.len() + copies);
    }
}

#[test]
fn the_configuration_keeps_its_keys() {
    let files = reference("wavlm_large");
    let source: Value =
        serde_json::from_slice(&files.read("m/config.json").expect("there")).expect("JSON");
    let (config, tensors) = trained("wavlm_large");
    let views = views(&tensors);
    let [file, ..] = model_files(&config, "{}", &views).expect("complete");
    let saved: Value = serde_json::from_slice(&file.to_bytes()).expect("JSON");
    let changed: Vec<&str> = source
        .as_object()
        .expect("an object")
        .iter()
        .filter(|&(key, value)| saved.get(key) != Some(value))
        .map(|(key, _)| key.as_str())
        .collect();
    assert_eq!(changed, ["final_dropout"]);
    assert_eq!(saved["architectures"], json!(["WavLMModel"]));
    assert_eq!(saved["id2label"], json!({"0": "anger", "1": "neutral"}));
    assert_eq!(
        (&saved["layer_pooling"], &saved["pooling"]),
        (&json!("weighted"), &json!("mean"))
    );
    assert_eq!(saved["dtype"], "float32");
}

#[test]
fn the_type_of_the_weights_is_what_is_written() {
    let (mut config, tensors) = trained("hubert_base");
    config.set_raw("torch_dtype", json!("float16"));
    config.set_raw("architectures", json!(["HubertForCTC"]));
    let views = views(&tensors);
    let [file, ..] = model_files(&config, "{}", &views).expect("complete");
    let saved: Value = serde_json::from_slice(&file.to_bytes()).expect("JSON");
    assert_eq!(saved["torch_dtype"], "float32");
    assert_eq!(saved["architectures"], json!(["HubertModel"]));
}

#[test]
fn folders_that_would_not_be_read_again_are_not_written() {
    let (config, tensors) = trained("wav2vec2_base");
    let refuse = |change: &dyn Fn(&mut Vec<Stored>), words: &str| {
        let mut tensors = tensors.clone();
        change(&mut tensors);
        let found = model_files(&config, "{}", &views(&tensors))
            .expect_err(words)
            .to_string();
        assert!(
            found.starts_with("cannot write") && found.contains(words),
            "{words}: {found}"
        );
    };
    let norm = "wav2vec2.encoder.layer_norm.bias";
    refuse(
        &|all| all.retain(|(name, ..)| name != norm),
        "encoder.layer_norm.bias: is missing",
    );
    refuse(&|all| all.push(all[0].clone()), "is twice there");
    refuse(
        &|all| all.push(all[all.len() - 1].clone()),
        "head.net.4.bias: is twice there",
    );
    refuse(&|all| all[0].2.truncate(1), "does not fit");
    refuse(
        &|all| all[0] = (all[0].0.clone(), vec![1], vec![0.0]),
        "config.json asks for",
    );
    refuse(
        &|all| all.push(("lm_head.bias".into(), vec![1], vec![0.0])),
        "not be read again",
    );
    refuse(
        &|all| all.push(("mine".into(), vec![1], vec![0.0])),
        "no tensor that config.json",
    );
    let views = views(&tensors);
    assert!(
        model_files(&config, "[]", &views)
            .expect_err("a list")
            .to_string()
            .contains("preproc")
    );
    let whole: Vec<TensorView<'_>> = views
        .iter()
        .filter(|view| !view.name.ends_with("masked_spec_embed"))
        .copied()
        .collect();
    assert!(model_files(&config, "{}", &whole).is_ok());
}
