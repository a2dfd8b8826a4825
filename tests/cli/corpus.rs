//! A tiny corpus of tones, and a tiny checkpoint: enough for every command in seconds.

use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde_json::{Value, json};
use std::{f32::consts::TAU, fs, path::Path};

/// A tiny wav2vec2 with random weights.
pub(crate) const CHECKPOINT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/fixtures/parity/wav2vec2_base/model"
);

/// Speakers of the corpus, with the frequency that tells them apart.
pub(crate) const SPEAKERS: [(&str, f32); 4] =
    [("anna", 1.0), ("ben", 1.1), ("cleo", 1.2), ("dan", 1.3)];
/// Classes, with the frequency in Hz that makes them.
pub(crate) const CLASSES: [(&str, f32); 2] = [("high", 900.0), ("low", 220.0)];
/// Clips of a speaker and class.
pub(crate) const TAKES: usize = 3;

/// Writes `tones.csv` with its recordings, and `tones.ini`, into `folder`.
pub(crate) fn write(folder: &Path) {
    let mut table = "file,speaker,pitch\n".to_owned();
    fs::create_dir(folder.join("audio")).expect("a folder");
    for (speaker, colour) in SPEAKERS {
        for (class, frequency) in CLASSES {
            for take in 0..TAKES {
                let file = format!("audio/{speaker}-{class}-{take}.wav");
                let samples = tone(frequency * colour, 6400 + 800 * take);
                fs::write(folder.join(&file), wav(&samples)).expect("a recording");
                table += &format!("{file},{speaker},{class}\n");
            }
        }
    }
    fs::write(folder.join("tones.csv"), table).expect("the table");
    fs::write(folder.join("tones.ini"), ini()).expect("the experiment");
}

/// Writes a model for the corpus's classes into `folder`: the checkpoint with a drawn head, as a run
/// leaves it.
pub(crate) fn write_model(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder");
    let bytes = fs::read(Path::new(CHECKPOINT).join("model.safetensors")).expect("the weights");
    let encoder = SafeTensors::deserialize(&bytes).expect("safetensors");
    let drawn = |count: usize| -> Vec<u8> {
        let value = |i: usize| (i as f32 * 12.9898).sin() * 0.5;
        (0..count).flat_map(|i| value(i).to_le_bytes()).collect()
    };
    let head = [
        ("head.net.1.weight", vec![32, 32]),
        ("head.net.1.bias", vec![32]),
        ("head.net.4.weight", vec![CLASSES.len(), 32]),
        ("head.net.4.bias", vec![CLASSES.len()]),
    ]
    .map(|(name, shape)| {
        let data = drawn(shape.iter().product());
        (name.to_owned(), shape, data)
    });
    let head = head.iter().map(|(name, shape, data)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), data);
        (name.clone(), view.expect("a tensor"))
    });
    let encoder = encoder.tensors().into_iter();
    let encoder = encoder.map(|(name, view)| (format!("wav2vec2.{name}"), view));
    let weights = safetensors::serialize(encoder.chain(head), None).expect("the weights");
    fs::write(folder.join("model.safetensors"), weights).expect("the weights");
    let text = fs::read_to_string(Path::new(CHECKPOINT).join("config.json")).expect("the file");
    let mut config: Value = serde_json::from_str(&text).expect("JSON");
    config["num_labels"] = json!(CLASSES.len());
    config["id2label"] = json!({"0": CLASSES[0].0, "1": CLASSES[1].0});
    config["finetuning_task"] = json!("pitch");
    config["voxtune"] = json!({"max_duration": 0.5, "eval_windows": 1});
    fs::write(folder.join("config.json"), config.to_string()).expect("the file");
    let name = "preprocessor_config.json";
    fs::copy(Path::new(CHECKPOINT).join(name), folder.join(name)).expect("a copy");
}

/// The experiment.
pub(crate) fn ini() -> String {
    format!(
        "[EXP]
root = ./results/
name = tones
epochs = 2
traindevtest = True
[DATA]
databases = ['tones']
tones = ./tones.csv
tones.type = csv
tones.absolute_path = False
tones.split_strategy = speaker_split
tones.test_size = 25
tones.dev_size = 25
target = pitch
[FEATS]
type = []
[FINETUNE]
pretrained_model = {CHECKPOINT}
learning_rate = 0.0001
batch_size = 4
gradient_accumulation = 1
max_duration = 0.5
seed = 1
device = cpu
[MODEL]
type = finetune
"
    )
}

fn tone(frequency: f32, samples: usize) -> Vec<i16> {
    (0..samples)
        .map(|i| ((frequency * TAU * i as f32 / 16_000.0).sin() * 12_000.0) as i16)
        .collect()
}

/// 16 kHz mono PCM.
fn wav(samples: &[i16]) -> Vec<u8> {
    let size = 2 * samples.len() as u32;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + size).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16u32.to_le_bytes());
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(16_000u32.to_le_bytes());
    bytes.extend(32_000u32.to_le_bytes());
    bytes.extend([2, 0, 16, 0]);
    bytes.extend(b"data");
    bytes.extend(size.to_le_bytes());
    bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    bytes
}
