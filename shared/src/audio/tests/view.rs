//! What is drawn and played: against numpy, and against the plain way of doing it.

use super::signal::{format, wav};
use crate::{
    audio::{
        Extremes, Limits, Peaks, RATE, ROW_HZ, ROWS, Recording, Spectrogram, Tile, WAV_HEADER,
        wav_header, wav_samples,
    },
    files::{Disk, Files, Memory},
};
use proptest::prelude::*;
use serde::Deserialize;
use std::f64::consts::TAU;

#[derive(Deserialize)]
struct Reference {
    first: Vec<f64>,
    columns: Vec<Column>,
}

#[derive(Deserialize)]
struct Column {
    start: f64,
    step: f64,
    decibels: Vec<f64>,
}

/// The signal of `tests/oracles/spectrogram.py`.
fn signal() -> Vec<f32> {
    let mut state = 1u64;
    (0..16_000)
        .map(|n| {
            let t = f64::from(n) / 16_000.0;
            let u = (t - 0.5).max(0.0);
            state = (1_103_515_245 * state + 12_345) % (1 << 31);
            let noise = 0.01 * (state as f64 / f64::from(1 << 30) - 1.0);
            let sweep = 0.2 * (TAU * (300.0 * u + 4_000.0 * u * u)).sin();
            (0.3 * (TAU * 440.0 * t).sin() + sweep + noise) as f32
        })
        .collect()
}

fn reference() -> Reference {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/fixtures/spectrogram.json"
    );
    serde_json::from_slice(&Disk.read(path).expect("fixture")).expect("JSON")
}

#[test]
fn spectrograms_are_those_of_numpy() {
    let (signal, reference) = (signal(), reference());
    for (ours, theirs) in signal.iter().zip(&reference.first) {
        assert!((f64::from(*ours) - theirs).abs() < 1e-7);
    }
    let spectrogram = Spectrogram::default();
    for column in &reference.columns {
        let tile = spectrogram.tile(&signal, 0, column.start, column.step, 1);
        assert_eq!(tile.levels.len(), ROWS);
        for (row, (&level, &wanted)) in tile.levels.iter().zip(&column.decibels).enumerate() {
            // Half a step of the rounding, and what 32-bit samples leave open in deep valleys.
            let wanted = wanted.max(-40.0);
            let found = Tile::decibels(level);
            assert!(
                (found - wanted).abs() <= 0.26,
                "{} s, line {row}: {found} dB, numpy has {wanted}",
                column.start
            );
        }
    }
}

#[test]
fn a_tile_needs_no_more_than_it_says() {
    let signal = signal();
    let spectrogram = Spectrogram::default();
    for (start, step, columns) in [(0.0, 0.001, 40), (0.3, 0.000_5, 33), (0.9, 0.01, 20)] {
        let whole = spectrogram.tile(&signal, 0, start, step, columns);
        let (from, to) = spectrogram.needed(start, step, columns);
        let part = &signal[from as usize..(to as usize).min(signal.len())];
        assert_eq!(whole, spectrogram.tile(part, from, start, step, columns));
        for column in 0..columns {
            let at = start + step * column as f64;
            let alone = spectrogram.tile(&signal, 0, at, step, 1);
            assert_eq!(alone.levels, whole.levels[column * ROWS..][..ROWS]);
        }
    }
}

#[test]
fn a_tone_stands_at_its_line() {
    for hertz in [200.0, 1_000.0, 4_500.0] {
        let tone: Vec<f32> = (0..16_000)
            .map(|n| (0.5 * (TAU * hertz * f64::from(n) / 16_000.0).sin()) as f32)
            .collect();
        let tile = Spectrogram::default().tile(&tone, 0, 0.5, 0.002, 1);
        let loudest = (0..ROWS).max_by_key(|&row| tile.levels[row]).unwrap();
        assert!((loudest as f64 * ROW_HZ - hertz).abs() < 60.0, "{hertz}");
    }
    let silence = Spectrogram::default().tile(&[0.0; 1_000], 0, 0.0, 0.002, 30);
    assert!(silence.levels.iter().all(|&level| level == 0));
}

#[test]
fn full_scale_and_beyond() {
    let extremes = Extremes::of(&[1.0, -1.0, 3.0, -3.0, 0.0], 1);
    assert_eq!((extremes.min[0], extremes.max[0]), (i16::MIN, i16::MAX));
    assert_eq!(Extremes::of(&[], 3).max, [0, 0, 0]);
    assert_eq!(Extremes::of(&[0.5], 3).max, [16_384; 3]);
    let mut bytes = Vec::new();
    wav_samples(&[&[1.0, -1.0, 2.0, f32::MIN]], &mut bytes);
    assert_eq!(bytes, [0xff, 0x7f, 0x00, 0x80, 0xff, 0x7f, 0x00, 0x80]);
}

#[test]
fn sixteen_bits_come_back_as_they_were() {
    let samples: Vec<i16> = (0..5_000i32)
        .map(|n| (n * 7_919 % 65_536 - 32_768) as i16)
        .collect();
    let data: Vec<u8> = samples.iter().flat_map(|x| x.to_le_bytes()).collect();
    let original = wav(&format(1, 2, 44_100, 16), &data);
    let mut files = Memory::default();
    files.insert("a.wav", original.clone());
    let open = || Recording::open(&files, "a.wav", &Limits::default()).unwrap();
    let recording = open();
    assert_eq!(
        (recording.rate(), recording.channels(), recording.frames()),
        (44_100, 2, 2_500)
    );
    let mut bytes = wav_header(44_100, 2, 2_500).unwrap().to_vec();
    let sink = |planes: &[&[f32]]| {
        wav_samples(planes, &mut bytes);
        Ok(())
    };
    recording.read(0, 2_500, sink).unwrap();
    assert_eq!(bytes, original);
    let mut part = Vec::new();
    let sink = |planes: &[&[f32]]| {
        wav_samples(planes, &mut part);
        Ok(())
    };
    open().read(1_000, 1_200, sink).unwrap();
    assert_eq!(part, original[WAV_HEADER as usize + 4_000..][..800]);
}

#[test]
fn headers_that_cannot_be() {
    assert!(wav_header(48_000, 2, 1 << 30).is_none());
    assert!(wav_header(48_000, 40_000, 1).is_none());
    assert!(wav_header(48_000, 1, (1 << 31) - 18).is_none());
    assert!(wav_header(48_000, 1, (1 << 31) - 19).is_some());
    assert!(wav_header(u32::MAX, 2, 1).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A stored resolution never misses a sample of a stretch, nor reaches far beyond it.
    #[test]
    fn views_hold_what_they_show(
        length in 1usize..200_000,
        blocks in prop::collection::vec(1usize..5_000, 1..50),
        a in 0.0f64..1.0,
        b in 0.0f64..1.0,
        bins in 1usize..40,
    ) {
        let samples: Vec<f32> = (0..length)
            .map(|n| ((n as f32 * 0.37).sin() + (n as f32 * 0.000_7).cos()) / 2.0)
            .collect();
        let mut peaks = Peaks::default();
        let (mut rest, mut sizes) = (samples.as_slice(), blocks.iter().cycle());
        while !rest.is_empty() {
            let (block, after) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            peaks.add(block);
            rest = after;
        }
        peaks.finish();
        prop_assert_eq!(peaks.samples(), length as u64);
        let (from, to) = ((a.min(b) * length as f64) as u64, (a.max(b) * length as f64) as u64);
        if !Peaks::suffices(from, to, bins) {
            return Ok(());
        }
        let view = peaks.view(from, to, bins);
        let exact = Extremes::of(&samples[from as usize..to as usize], bins);
        let width = (to - from) as usize / bins;
        for bin in 0..bins {
            prop_assert!(view.min[bin] <= exact.min[bin] && view.max[bin] >= exact.max[bin]);
            let first = from as usize + width * bin;
            let wide = first.saturating_sub(width / 2 + 1)..(first + width * 3 / 2 + bins + 2).min(length);
            let around = Extremes::of(&samples[wide], 1);
            prop_assert!(view.min[bin] >= around.min[0] && view.max[bin] <= around.max[0]);
        }
    }
}

#[test]
fn a_longer_window_tells_harmonics_apart() {
    let tone =
        |hertz: f64| move |n: usize| (n as f64 / f64::from(RATE) * hertz * TAU).sin() as f32 * 0.3;
    let samples: Vec<f32> = (0..RATE as usize)
        .map(|n| tone(1_000.0)(n) + tone(1_150.0)(n))
        .collect();
    let dip = |window: f64| {
        let spectrogram = Spectrogram::new(window, 8_000.0);
        assert_eq!(spectrogram.rows(), 512);
        let tile = spectrogram.tile(&samples, 0, 0.5, 0.002, 1);
        assert_eq!(tile.levels.len(), 512);
        let level = |hertz: f64| Tile::decibels(tile.levels[(hertz / ROW_HZ).round() as usize]);
        level(1_000.0) - level(1_075.0)
    };
    assert!(dip(0.005) < 3.0, "{}", dip(0.005));
    assert!(dip(0.025) > 15.0, "{}", dip(0.025));
}
