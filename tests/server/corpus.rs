//! Four clips and a tiny checkpoint: a run of a second.

use std::{
    f32::consts::TAU,
    fs,
    path::{Path, PathBuf},
};

/// A tiny wav2vec2 with random weights.
pub(crate) const CHECKPOINTS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/parity");

/// Writes `tones.csv` with its recordings into `folder`.
pub(crate) fn write(folder: &Path) {
    let mut table = "file,speaker,pitch\n".to_owned();
    for speaker in ["anna", "ben", "cleo", "dan"] {
        for (class, frequency) in [("high", 900.0), ("low", 220.0)] {
            let file = format!("{speaker}-{class}.wav");
            fs::write(folder.join(&file), wav(frequency, 3200)).expect("a recording");
            table += &format!("{file},{speaker},{class}\n");
        }
    }
    fs::write(folder.join("tones.csv"), table).expect("the table");
}

/// An experiment on these clips.
pub(crate) fn ini(folder: &Path, name: &str, epochs: u32) -> String {
    let checkpoint = PathBuf::from(CHECKPOINTS)
        .join("wav2vec2_base/model")
        .canonicalize()
        .expect("the checkpoint");
    let folder = folder.canonicalize().expect("the folder");
    format!(
        "[EXP]
root = ./results/
name = {name}
epochs = {epochs}
traindevtest = True
[DATA]
databases = ['tones']
tones = {}/tones.csv
tones.type = csv
tones.absolute_path = False
tones.split_strategy = speaker_split
tones.test_size = 25
tones.dev_size = 25
target = pitch
[FEATS]
type = []
[FINETUNE]
pretrained_model = {}
learning_rate = 0.0001
batch_size = 4
gradient_accumulation = 1
max_duration = 0.2
seed = 1
device = cpu
[MODEL]
type = finetune
",
        folder.display(),
        checkpoint.display()
    )
}

/// A tone as 16 kHz mono PCM.
pub(crate) fn wav(frequency: f32, samples: usize) -> Vec<u8> {
    let size = 2 * samples as u32;
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
    let sample = |i: usize| ((frequency * TAU * i as f32 / 16_000.0).sin() * 12_000.0) as i16;
    bytes.extend((0..samples).flat_map(|i| sample(i).to_le_bytes()));
    bytes
}
