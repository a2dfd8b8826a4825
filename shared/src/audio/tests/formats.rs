//! Every container and codec: length, alignment, quality, and that a part read by seeking is the
//! same part of the whole.

use super::signal::{
    decode, difference, fixture, fixture_bytes, lag, memory, read, signal_to_noise, sweep,
};
use crate::{
    audio::{Limits, probe},
    files::Disk,
};

/// File, container, rate, seconds of the signal, and whether it is lossless.
const FILES: [(&str, &str, u32, f64, bool); 11] = [
    ("sweep.flac", "flac", 16_000, 1.0, true),
    ("sweep.mp3", "mp3", 44_100, 2.8, false),
    ("sweep_untagged.mp3", "mp3", 16_000, 3.0, false),
    ("sweep.ogg", "ogg", 44_100, 2.0, false),
    ("sweep_flac.ogg", "ogg", 16_000, 1.0, true),
    ("sweep_aac.m4a", "isomp4", 16_000, 3.0, false),
    ("sweep_alac.m4a", "isomp4", 16_000, 1.0, true),
    ("sweep.aiff", "aiff", 8_000, 1.0, true),
    ("sweep_alac.caf", "caf", 16_000, 0.8, true),
    ("sweep_pcm.caf", "caf", 8_000, 1.0, true),
    ("sweep.aac", "aac", 16_000, 1.5, false),
];

/// Files that do not say how much of the encoder's delay and filling to drop: the delay in frames,
/// and their length with the filling.
fn unmarked(name: &str) -> Option<(i64, usize)> {
    match name {
        "sweep_untagged.mp3" => Some((1105, 49_536)),
        "sweep.aac" => Some((1024, 25_600)),
        _ => None,
    }
}

/// Signal-to-noise ratio without the ends, where a coder has to guess.
fn middle_quality(found: &[f32], wanted: &[f32]) -> f64 {
    let edge = wanted.len() / 8;
    signal_to_noise(
        &found[edge..wanted.len() - edge],
        &wanted[edge..wanted.len() - edge],
    )
}

#[test]
fn whole_recordings() {
    for (name, container, rate, seconds, lossless) in FILES {
        let found = decode(&fixture_bytes(name), 0, None).expect(name).remove(0);
        let wanted = sweep(rate, seconds);
        let (delay, length) = unmarked(name).unwrap_or((0, wanted.len()));
        assert_eq!(found.len(), length, "{name}");
        let found = &found[delay as usize..][..wanted.len()];
        if lossless {
            assert!(difference(found, &wanted) <= 0.51 / 32768.0, "{name}");
        } else {
            assert_eq!(lag(found, &wanted, 3), 0, "{name}");
            let quality = middle_quality(found, &wanted);
            assert!(quality > 25.0, "{name}: {quality} dB");
        }
        let about = probe(&Disk, &fixture(name), &Limits::default()).expect(name);
        assert_eq!(
            (about.rate, about.channels, about.format),
            (rate, 1, container),
            "{name}"
        );
        assert!(
            (about.seconds - length as f64 / f64::from(rate)).abs() < 1e-9,
            "{name}"
        );
    }
}

#[test]
fn parts_read_by_seeking_are_parts_of_the_whole() {
    for (name, _, _, _, lossless) in FILES {
        let bytes = fixture_bytes(name);
        let whole = decode(&bytes, 0, None).expect(name).remove(0);
        let length = whole.len();
        for (from, to) in [
            (0, 1),
            (1, 700),
            (length / 2, length / 2 + 1000),
            (length * 2 / 3 + 1, length * 3 / 4),
            (length * 9 / 10, length),
            (length - 1, length),
        ] {
            let part = decode(&bytes, from as u64, Some(to as u64))
                .expect(name)
                .remove(0);
            let tolerance = if lossless { 0.0 } else { 1e-6 };
            let worst = difference(&part, &whole[from..to]);
            assert!(worst <= tolerance, "{name} {from}..{to} differs by {worst}");
        }
    }
}

#[test]
fn segments_at_16_khz_are_parts_of_the_whole() {
    for (name, ..) in FILES {
        let bytes = fixture_bytes(name);
        let whole = read(bytes.clone(), 0.0, None).expect(name).samples;
        for (start, end) in [
            (0.0, 0.1),
            (0.25, 0.5),
            (0.333_333, 0.777_777),
            (0.71, 0.799_99),
        ] {
            let part = read(bytes.clone(), start, Some(end)).expect(name).samples;
            let (from, to) = (
                (start * 16_000.0_f64).round() as usize,
                (end * 16_000.0_f64).round() as usize,
            );
            let worst = difference(&part, &whole[from..to]);
            assert!(worst < 1e-4, "{name} {start}..{end} differs by {worst}");
        }
    }
}

#[test]
fn fragments_are_counted() {
    let found = decode(&fixture_bytes("sweep_fragmented.m4a"), 0, None)
        .expect("fragmented")
        .remove(0);
    let wanted = sweep(16_000, 1.5);
    assert_eq!(found.len(), 1024 + wanted.len());
    assert!(middle_quality(&found[1024..], &wanted) > 25.0);
}

#[test]
fn cut_files_are_errors() {
    for (name, ..) in FILES {
        let bytes = fixture_bytes(name);
        let cut = bytes[..bytes.len() * 2 / 3].to_vec();
        // Without a header that has the length, an end is only an end.
        if unmarked(name).is_some() {
            assert!(
                read(cut, 0.0, None).expect(name).samples.len() > 10_000,
                "{name}"
            );
            continue;
        }
        let about = probe(&memory(cut.clone()), "a", &Limits::default())
            .expect_err(name)
            .to_string();
        let reading = read(cut, 0.0, None).expect_err(name).to_string();
        for message in [about, reading] {
            assert!(message.starts_with("a is cut off"), "{name}: {message}");
        }
    }
}
