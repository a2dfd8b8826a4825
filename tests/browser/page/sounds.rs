//! Recordings, tables and archives as a user drops them.

use crate::tab::Tab;
use serde_json::{Value, json};

/// Gives files to the page as a choice in its field does: name and base64.
const CHOOSE: &str = "const data = new DataTransfer();
    for (const [name, bytes] of arguments[0]) {
        const content = Uint8Array.from(atob(bytes), c => c.charCodeAt(0));
        data.items.add(new File([content], name));
    }
    const field = document.querySelector('#add-files');
    field.files = data.files;
    field.dispatchEvent(new Event('change', {bubbles: true}));";

/// Bytes as text.
pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let word = three
            .iter()
            .fold(0u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for at in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= three.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    out
}

/// Chooses files.
pub(super) async fn choose(tab: &Tab, files: &[(&str, Vec<u8>)]) {
    tab.find("#add-files").await;
    let files: Vec<Value> = files
        .iter()
        .map(|(name, bytes)| json!([name, base64(bytes)]))
        .collect();
    tab.run(CHOOSE, json!(files)).await;
}

/// A WAV file of 16 bits; `sample` gives each frame's value, from -1 to 1, for all channels.
pub(super) fn wav(rate: u32, channels: u16, frames: u32, sample: impl Fn(f64) -> f64) -> Vec<u8> {
    let size = frames * u32::from(channels) * 2;
    let mut bytes = Vec::new();
    bytes.extend(b"RIFF");
    bytes.extend((36 + size).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16u32.to_le_bytes());
    bytes.extend(1u16.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(channels) * 2).to_le_bytes());
    bytes.extend((channels * 2).to_le_bytes());
    bytes.extend(16u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(size.to_le_bytes());
    for frame in 0..frames {
        let value = sample(f64::from(frame) / f64::from(rate)) * 32_767.0;
        for _ in 0..channels {
            bytes.extend((value.clamp(-32_768.0, 32_767.0) as i16).to_le_bytes());
        }
    }
    bytes
}

/// A tone at half of full scale.
pub(super) fn tone(seconds: f64) -> f64 {
    (seconds * 440.0 * std::f64::consts::TAU).sin() * 0.5
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            sum >> 1 ^ (0xEDB8_8320 & (sum & 1).wrapping_neg())
        })
    })
}

/// A zip whose files are not compressed.
pub(super) fn zip(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let offset = bytes.len() as u32;
        let mut common = Vec::new();
        // Version, flags (names are UTF-8), method, time, date.
        for word in [20u16, 0x800, 0, 0, 0x21] {
            common.extend(word.to_le_bytes());
        }
        common.extend(crc32(content).to_le_bytes());
        common.extend((content.len() as u32).to_le_bytes());
        common.extend((content.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend(0u16.to_le_bytes());
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(name.as_bytes());
        bytes.extend(content);
        directory.extend(b"PK\x01\x02");
        directory.extend(20u16.to_le_bytes());
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = bytes.len() as u32;
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 4]);
    for _ in 0..2 {
        bytes.extend((files.len() as u16).to_le_bytes());
    }
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}
