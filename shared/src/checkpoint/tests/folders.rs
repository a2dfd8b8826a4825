//! Folders whose files do not fit together, and names of other origin.

use super::*;

fn with(change: impl FnOnce(&mut Vec<Stored>)) -> Memory {
    let mut files = reference("wav2vec2_base");
    let mut tensors = stored(&files);
    change(&mut tensors);
    files.insert("m/model.safetensors", safetensors_file(&tensors));
    files
}

fn message(files: &Memory) -> String {
    Checkpoint::open(files, "m")
        .err()
        .expect("should be refused")
        .to_string()
}

fn tensor(name: &str, shape: &[usize]) -> Stored {
    (
        name.to_owned(),
        shape.to_vec(),
        vec![0.5; shape.iter().product()],
    )
}

#[test]
fn missing_tensors_are_named_and_counted() {
    let files = with(|all| all.retain(|(name, ..)| !name.contains("encoder.layers.1.")));
    let found = message(&files);
    assert!(
        found.contains("lacks 16") && found.contains("encoder.layers.1.attention"),
        "{found}"
    );
    let files = with(|all| all.retain(|(name, ..)| name != "masked_spec_embed"));
    assert!(
        Checkpoint::open(&files, "m")
            .expect("may lack it")
            .shape("masked_spec_embed")
            .is_none()
    );
}

#[test]
fn shapes_come_from_the_configuration() {
    let files = with(|all| {
        for entry in all
            .iter_mut()
            .filter(|(name, ..)| name == "encoder.layer_norm.bias")
        {
            *entry = tensor("encoder.layer_norm.bias", &[7]);
        }
    });
    let found = message(&files);
    assert!(
        found.contains("encoder.layer_norm.bias has shape [7]"),
        "{found}"
    );
    let mut files = reference("wav2vec2_base");
    let text = r#"{"model_type": "wav2vec2", "hidden_size": 65536, "num_attention_heads": 1}"#;
    files.insert("m/config.json", text.as_bytes());
    assert!(message(&files).contains("make a model of"));
}

#[test]
fn two_names_for_one_tensor() {
    // A copy under Nkululeko's prefix is what it is; any other second name is not.
    let files = with(|all| all.push(tensor("wav2vec2.encoder.layer_norm.bias", &[32])));
    let checkpoint = Checkpoint::open(&files, "m").expect("a copy");
    assert!(checkpoint.ignored.is_empty());
    let bias = checkpoint.read_f32("encoder.layer_norm.bias");
    assert_eq!(bias.expect("there"), [0.5; 32]);
    let files = with(|all| all.push(tensor("hubert.encoder.layer_norm.bias", &[32])));
    let found = message(&files);
    assert!(
        found.contains("are both encoder.layer_norm.bias"),
        "{found}"
    );
    let files = with(|all| all.insert(0, tensor("mask_time_emb_vector", &[32])));
    let checkpoint = Checkpoint::open(&files, "m").expect("today's name counts");
    assert_ne!(
        checkpoint.read_f32("masked_spec_embed").expect("there"),
        [0.5; 32]
    );
    assert_eq!(checkpoint.ignored[0].reason, LeftOver::Former);
    let files = with(|all| {
        for (name, ..) in all
            .iter_mut()
            .filter(|(name, ..)| name == "masked_spec_embed")
        {
            *name = "wav2vec2.mask_time_emb_vector".to_owned();
        }
    });
    let checkpoint = Checkpoint::open(&files, "m").expect("its only name");
    assert!(checkpoint.shape("masked_spec_embed").is_some() && checkpoint.ignored.is_empty());
}

#[test]
fn parts_of_another_encoder_are_refused() {
    for name in [
        "encoder.layers.0.attention.gru_rel_pos_const",
        "wav2vec2.feature_extractor.conv_layers.1.layer_norm.weight",
    ] {
        let found = message(&with(|all| all.push(tensor(name, &[32]))));
        assert!(
            found.contains(name) && found.contains("do not belong together"),
            "{found}"
        );
    }
    let files = with(|all| all.push(tensor("encoder.pos_conv_embed.num_batches_tracked", &[])));
    assert!(
        Checkpoint::open(&files, "m").is_ok(),
        "a counter is no arithmetic"
    );
}

#[test]
fn weights_that_are_no_numbers_are_refused() {
    for value in [f32::NAN, f32::INFINITY] {
        let files = with(|all| {
            let bias = all
                .iter_mut()
                .find(|(name, ..)| name == "encoder.layer_norm.bias");
            bias.expect("there").2[3] = value;
        });
        let checkpoint = Checkpoint::open(&files, "m").expect("values are read later");
        let error = checkpoint
            .read_f32("encoder.layer_norm.bias")
            .expect_err("no number");
        assert!(
            error.to_string().contains("encoder.layer_norm.bias"),
            "{error}"
        );
    }
}

#[test]
fn everything_unexpected_is_reported() {
    let mut files = with(|all| {
        for name in [
            "lm_head.bias",
            "quantizer.codevectors",
            "classifier.bias",
            "layer_weights",
            "mine",
        ] {
            all.push(tensor(name, &[3]));
        }
    });
    let found = |files: &Memory| -> Vec<(String, LeftOver)> {
        let ignored = Checkpoint::open(files, "m").expect("complete").ignored;
        ignored
            .into_iter()
            .map(|left| (left.name, left.reason))
            .collect()
    };
    let expected = [
        ("classifier.bias", LeftOver::OtherHead),
        ("layer_weights", LeftOver::OtherHead),
        ("lm_head.bias", LeftOver::Ctc),
        ("mine", LeftOver::Unknown),
        ("quantizer.codevectors", LeftOver::Pretraining),
    ];
    assert_eq!(
        found(&files),
        expected.map(|(name, reason)| (name.to_owned(), reason))
    );
    let text = String::from_utf8(files.read("m/config.json").expect("there")).expect("text");
    let shallow = text.replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1");
    assert_ne!(text, shallow);
    files.insert("m/config.json", shallow.into_bytes());
    assert_eq!(
        found(&files)
            .iter()
            .filter(|(_, left)| *left == LeftOver::LayerBeyond)
            .count(),
        16
    );
}

#[test]
fn heads_of_both_ages() {
    let old = with(|all| {
        for (name, shape) in [
            ("head.dense.weight", &[32, 32][..]),
            ("head.dense.bias", &[32]),
            ("head.out_proj.weight", &[4, 32]),
            ("head.out_proj.bias", &[4]),
        ] {
            all.push(tensor(name, shape));
        }
    });
    let checkpoint = Checkpoint::open(&old, "m").expect("complete");
    let names: Vec<&str> = checkpoint.head_names().collect();
    assert_eq!(
        names,
        [
            "head.net.1.bias",
            "head.net.1.weight",
            "head.net.4.bias",
            "head.net.4.weight"
        ]
    );
    assert!(checkpoint.has_head());
    assert_eq!(
        checkpoint.read_f32("head.net.4.bias").expect("there"),
        [0.5; 4]
    );
}

#[test]
fn files_that_are_not_there() {
    let mut files = Memory::default();
    assert!(message(&files).contains("cannot read m/config.json"));
    files.insert("m/config.json", &br#"{"model_type": "wav2vec2"}"#[..]);
    assert!(message(&files).contains("holds no model weights"));
    let description = Description::read(&files, "m/").expect("enough for drawn weights");
    assert_eq!(
        (description.config.hidden_size, description.preprocessor),
        (768, None)
    );
    for (index, words) in [
        (
            r#"{"weight_map": {"a": "../../secret"}}"#,
            "not a plain file name",
        ),
        (
            r#"{"weight_map": {"a": "x.safetensors"}}"#,
            "cannot read m/x.safetensors",
        ),
        (r#"{}"#, "no \"weight_map\""),
    ] {
        files.insert("m/model.safetensors.index.json", index.as_bytes());
        assert!(message(&files).contains(words), "{}", message(&files));
    }
    files.insert(
        "m/model.safetensors",
        &b"version https://git-lfs.github.com/spec/v1"[..],
    );
    assert!(message(&files).contains("git lfs pull"));
}

#[test]
fn shards_are_joined_and_their_surplus_is_reported() {
    let whole = reference("wav2vec2_base");
    let mut tensors = stored(&whole);
    tensors.push(tensor("forgotten", &[2]));
    let (first, second) = tensors.split_at(20);
    let mut map = serde_json::Map::new();
    for (part, tensors) in [("a.safetensors", first), ("b.safetensors", second)] {
        for (name, ..) in tensors.iter().filter(|(name, ..)| name != "forgotten") {
            map.insert(name.clone(), part.into());
        }
    }
    let mut files = Memory::default();
    files.insert("m/config.json", whole.read("m/config.json").expect("there"));
    files.insert("m/a.safetensors", safetensors_file(first));
    files.insert("m/b.safetensors", safetensors_file(second));
    let index = serde_json::json!({ "weight_map": map }).to_string();
    files.insert("m/model.safetensors.index.json", index.into_bytes());
    let joined = Checkpoint::open(&files, "m").expect("complete");
    assert_eq!(joined.ignored.len(), 1);
    for (name, _, values) in &stored(&whole) {
        assert_eq!(&joined.read_f32(name).expect(name), values);
    }
}

/// The same files with another type in the header; both words are of one length.
fn retyped(mut files: Memory, tensor: &str, dtype: &str) -> Memory {
    let path = "m/model.safetensors";
    let bytes = files.read(path).expect("there");
    let length = u64::from_le_bytes(bytes[..8].try_into().expect("eight")) as usize;
    let header = String::from_utf8(bytes[8..8 + length].to_vec()).expect("text");
    let entry = format!("\"{tensor}\":{{\"dtype\":\"F32\"");
    assert!(header.contains(&entry), "{header}");
    let header = header.replace(&entry, &format!("\"{tensor}\":{{\"dtype\":\"{dtype}\""));
    let mut changed = bytes[..8].to_vec();
    changed.extend(header.into_bytes());
    changed.extend(&bytes[8 + length..]);
    files.insert(path, changed);
    files
}

#[test]
fn types_that_are_not_read_matter_only_where_they_are_needed() {
    let files = with(|all| all.push(tensor("mine", &[3])));
    for dtype in ["U32", "C64", "F8_"] {
        let files = retyped(files.clone(), "mine", dtype);
        let checkpoint = Checkpoint::open(&files, "m").expect("it is not needed");
        assert_eq!(checkpoint.ignored[0].name, "mine");
        assert!(checkpoint.unused().expect("a note").contains("mine"));
    }
    for (dtype, word) in [("U32", "not supported"), ("I32", "whole numbers")] {
        let name = "encoder.layer_norm.bias";
        let files = retyped(with(|_| {}), name, dtype);
        let checkpoint = Checkpoint::open(&files, "m").expect("values are read later");
        let error = checkpoint.read_f32(name).expect_err("no weights");
        let error = error.to_string();
        assert!(error.contains(word) && error.contains(name), "{error}");
    }
}

#[test]
fn a_wavlm_without_positions_gets_a_hint() {
    let mut files = reference("wavlm_base");
    let mut tensors = stored(&files);
    tensors.retain(|(name, ..)| !name.contains("rel_pos") && !name.contains("rel_attn"));
    files.insert("m/model.safetensors", safetensors_file(&tensors));
    let found = message(&files);
    assert!(found.contains("\"model_type\": \"wav2vec2\""), "{found}");
    let text = String::from_utf8(files.read("m/config.json").expect("there")).expect("text");
    let text = text.replace("\"model_type\": \"wavlm\"", "\"model_type\": \"wav2vec2\"");
    files.insert("m/config.json", text.into_bytes());
    assert!(Checkpoint::open(&files, "m").is_ok());
}
