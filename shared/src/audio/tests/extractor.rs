//! [`FeatureExtractor`] against Python's, over the preprocessing cases of the parity fixtures.

use crate::audio::{FeatureExtractor, Padding};
use safetensors::SafeTensors;
use serde_json::Value;

fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/parity/");
    std::fs::read(format!("{folder}{name}")).expect("fixture")
}

fn values(tensors: &SafeTensors<'_>, name: &str) -> Vec<f32> {
    let view = tensors.tensor(name).expect(name);
    view.data()
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes(b.try_into().expect("four")))
        .collect()
}

fn mask(tensors: &SafeTensors<'_>, name: &str) -> Vec<u8> {
    tensors.tensor(name).expect(name).data().to_vec()
}

fn assert_close(found: &[f32], wanted: &[f32], case: &str) {
    assert_eq!(found.len(), wanted.len(), "{case}");
    for (index, (a, b)) in found.iter().zip(wanted).enumerate() {
        assert!(
            (a - b).abs() <= 1e-6,
            "{case}: sample {index} is {a}, Python has {b}"
        );
    }
}

#[test]
fn every_case_of_the_parity_fixtures() {
    let bytes = fixture("preproc.safetensors");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let cases: Value = serde_json::from_slice(&fixture("preproc.json")).expect("JSON");
    let cases = cases["cases"].as_array().expect("cases");
    assert_eq!(cases.len(), 10);
    for case in cases {
        let name = case["name"].as_str().expect("name");
        let extractor =
            FeatureExtractor::from_json(&case["feature_extractor"].to_string()).expect(name);
        let waves: Vec<Vec<f32>> = case["waves"]
            .as_array()
            .expect("waves")
            .iter()
            .map(|index| values(&tensors, &format!("wave.{index}")))
            .collect();
        let clips: Vec<&[f32]> = waves.iter().map(Vec::as_slice).collect();
        let call = &case["call"];
        if call["padding"] == false {
            for (row, clip) in clips.iter().enumerate() {
                assert_close(
                    &extractor.single(clip),
                    &values(&tensors, &format!("{name}.input_values.{row}")),
                    name,
                );
            }
            continue;
        }
        let size = |key: &str| call[key].as_u64().map(|n| n as usize);
        let padding = Padding {
            max_length: size("max_length"),
            truncate: call["truncation"] == true,
            multiple_of: size("pad_to_multiple_of"),
        };
        let batch = extractor.batch_padded(&clips, padding);
        if padding == Padding::default() {
            assert_eq!(batch, extractor.batch(&clips), "{name}");
        }
        assert_eq!(batch.masked, case["has_attention_mask"] == true, "{name}");
        for (row, found) in batch.input_values.chunks_exact(batch.samples).enumerate() {
            assert_close(
                found,
                &values(&tensors, &format!("{name}.input_values.{row}")),
                name,
            );
            if batch.masked {
                let wanted = mask(&tensors, &format!("{name}.attention_mask.{row}"));
                let real = batch.lengths[row];
                assert!(
                    wanted
                        .iter()
                        .enumerate()
                        .all(|(i, &bit)| (bit == 1) == (i < real)),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn the_file_is_read_and_written() {
    let text = r#"{"do_normalize": false, "feature_extractor_type": "Wav2Vec2FeatureExtractor",
        "feature_size": 1, "padding_side": "right", "padding_value": 0, "return_attention_mask": true,
        "sampling_rate": 16000.0, "processor_class": "Wav2Vec2Processor"}"#;
    let extractor = FeatureExtractor::from_json(text).expect("valid");
    assert!(!extractor.do_normalize && extractor.return_attention_mask);
    let again = FeatureExtractor::from_json(&extractor.to_json()).expect("own output");
    assert_eq!(again, extractor);
    assert!(
        extractor
            .to_json()
            .contains("\"processor_class\": \"Wav2Vec2Processor\"")
    );
    let bare = FeatureExtractor::from_json("{}").expect("defaults");
    assert!(bare.do_normalize && !bare.return_attention_mask && bare.padding_value == 0.0);
}

#[test]
fn other_preprocessing_is_refused_by_name() {
    for (text, wanted) in [
        (
            r#"{"sampling_rate": 8000}"#,
            "\"sampling_rate\" is 8000, but only 16000 is supported",
        ),
        (r#"{"feature_size": 80}"#, "\"feature_size\" is 80"),
        (
            r#"{"padding_side": "left"}"#,
            "\"padding_side\" is \"left\"",
        ),
        (
            r#"{"feature_extractor_type": "WhisperFeatureExtractor"}"#,
            "WhisperFeatureExtractor",
        ),
        (r#"{"do_normalize": 1}"#, "must be true or false"),
        (r#"{"padding_value": "0"}"#, "must be a number"),
        ("[]", "not a JSON object"),
    ] {
        let message = FeatureExtractor::from_json(text)
            .expect_err(text)
            .to_string();
        assert!(
            message.starts_with("preprocessor_config.json: ") && message.contains(wanted),
            "{message}"
        );
    }
}

#[test]
fn nothing_in_nothing_out() {
    let extractor = FeatureExtractor::default();
    assert!(extractor.single(&[]).is_empty());
    assert_eq!(extractor.batch(&[]).samples, 0);
    assert_eq!(extractor.batch(&[&[], &[]]).lengths, [0, 0]);
}
