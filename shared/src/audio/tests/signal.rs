//! Signals, the WAV files that hold them, and measures of how well they came back.

use crate::{
    audio::{AudioError, Clip, Limits, Stretch, Window, decode::Decoder, read_clip},
    files::{Disk, Files, Memory},
};
use std::f64::consts::TAU;

/// The sweep of `tests/fixtures/audio/make_audio.py`: 0.5 sin(2 pi (200 t + 400 t^2)).
pub(super) fn sweep(rate: u32, seconds: f64) -> Vec<f32> {
    (0..(f64::from(rate) * seconds).round() as u32)
        .map(|n| {
            let t = f64::from(n) / f64::from(rate);
            (0.5 * (TAU * (200.0 * t + 400.0 * t * t)).sin()) as f32
        })
        .collect()
}

/// A sine of amplitude 0.5.
pub(super) fn sine(rate: u32, seconds: f64, frequency: f64) -> Vec<f32> {
    (0..(f64::from(rate) * seconds).round() as u32)
        .map(|n| (0.5 * (TAU * frequency * f64::from(n) / f64::from(rate)).sin()) as f32)
        .collect()
}

/// Path of a recording of the repository.
pub(super) fn fixture(name: &str) -> String {
    format!(
        "{}/../tests/fixtures/audio/{name}",
        env!("CARGO_MANIFEST_DIR")
    )
}

/// Bytes of a recording of the repository.
pub(super) fn fixture_bytes(name: &str) -> Vec<u8> {
    Disk.read(&fixture(name)).expect("fixture")
}

/// A WAV file: `fmt` chunk, then a `data` chunk.
pub(super) fn wav(format: &[u8], data: &[u8]) -> Vec<u8> {
    let chunk = |name: &[u8; 4], body: &[u8]| {
        [&name[..], &(body.len() as u32).to_le_bytes(), body].concat()
    };
    let body = [&b"WAVE"[..], &chunk(b"fmt ", format), &chunk(b"data", data)].concat();
    chunk(b"RIFF", &body)
}

/// Body of a `fmt` chunk.
pub(super) fn format(tag: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
    let frame = channels * bits.div_ceil(8);
    let mut bytes = Vec::new();
    bytes.extend(tag.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(frame)).to_le_bytes());
    bytes.extend(frame.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes
}

/// A 16-bit WAV file of interleaved samples.
pub(super) fn wav16(rate: u32, channels: u16, samples: &[f32]) -> Vec<u8> {
    let data: Vec<u8> = samples
        .iter()
        .flat_map(|x| ((x * 32768.0).round() as i16).to_le_bytes())
        .collect();
    wav(&format(1, channels, rate, 16), &data)
}

/// A float WAV file of interleaved samples.
pub(super) fn wav_float(rate: u32, channels: u16, samples: &[f32]) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|x| x.to_le_bytes()).collect();
    wav(&format(3, channels, rate, 32), &data)
}

/// One file in memory, under the name `a`.
pub(super) fn memory(bytes: Vec<u8>) -> Memory {
    let mut files = Memory::default();
    files.insert("a", bytes);
    files
}

/// Reads a stretch of the file `a` without a longest length.
pub(super) fn read(bytes: Vec<u8>, start: f64, end: Option<f64>) -> Result<Clip, AudioError> {
    let stretch = Stretch {
        file: "a",
        start,
        end,
    };
    read_clip(
        &memory(bytes),
        stretch,
        None,
        Window::Head,
        &Limits::default(),
    )
}

/// Frames `from..to` of each channel at the file's own rate; to the end without `to`.
pub(super) fn decode(
    bytes: &[u8],
    from: u64,
    to: Option<u64>,
) -> Result<Vec<Vec<f32>>, AudioError> {
    let mut decoder = Decoder::open(&memory(bytes.to_vec()), "a", &Limits::default())?;
    let mut planes = vec![Vec::new(); usize::from(decoder.channels)];
    decoder.read(from, to.unwrap_or(decoder.frames), |block| {
        planes
            .iter_mut()
            .zip(block)
            .for_each(|(plane, part)| plane.extend_from_slice(part));
        Ok(())
    })?;
    Ok(planes)
}

/// Largest difference, after checking that the lengths agree.
pub(super) fn difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .fold(0.0, |worst, (x, y)| worst.max((x - y).abs()))
}

/// Ratio of `wanted`'s power to that of its difference to `found`, in dB.
pub(super) fn signal_to_noise(found: &[f32], wanted: &[f32]) -> f64 {
    let power = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>();
    let signal = power(&mut wanted.iter().map(|&x| f64::from(x)));
    let noise = power(&mut found.iter().zip(wanted).map(|(&x, &y)| f64::from(x - y)));
    10.0 * (signal / noise).log10()
}

/// Samples by which `found` comes after `wanted`, by the best correlation up to `reach`.
pub(super) fn lag(found: &[f32], wanted: &[f32], reach: i64) -> i64 {
    let correlation = |lag: i64| -> f64 {
        let pairs = wanted.iter().enumerate().filter_map(|(i, y)| {
            let x = found.get(usize::try_from(i as i64 + lag).ok()?)?;
            Some(f64::from(x * y))
        });
        pairs.sum()
    };
    (-reach..=reach)
        .max_by(|&a, &b| correlation(a).total_cmp(&correlation(b)))
        .unwrap_or(0)
}
