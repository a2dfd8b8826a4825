//! No bytes make reading panic, hang or take more than the limits allow.

use super::signal::{fixture_bytes, memory, sweep, wav_float, wav16};
use crate::audio::{Limits, Stretch, Window, probe, read_clip};
use proptest::prelude::*;

/// Tight limits: what is read stays small whatever the header says.
const LIMITS: Limits = Limits {
    seconds: 5.0,
    channels: 4,
    lowest_rate: 1_000,
    highest_rate: 200_000,
    samples: 1 << 20,
};

fn try_everything(bytes: Vec<u8>) {
    let files = memory(bytes);
    let _ = probe(&files, "a", &LIMITS);
    for (start, end) in [(0.0, None), (0.4, Some(0.6))] {
        let stretch = Stretch {
            file: "a",
            start,
            end,
        };
        if let Ok(clip) = read_clip(&files, stretch, Some(4.0), Window::Random(0.5), &LIMITS) {
            assert!(clip.samples.len() <= 64_000);
            assert!(clip.levels.samples <= LIMITS.samples);
            assert!(clip.samples.iter().all(|x| x.is_finite()));
        }
    }
}

fn recordings() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [
        "sweep.flac",
        "sweep.mp3",
        "sweep_untagged.mp3",
        "sweep.ogg",
        "sweep_flac.ogg",
        "sweep_aac.m4a",
        "sweep_alac.m4a",
        "sweep_fragmented.m4a",
        "sweep.aac",
        "sweep.aiff",
        "sweep_alac.caf",
        "sweep_pcm.caf",
        "sweep_ima.wav",
    ]
    .map(fixture_bytes)
    .to_vec();
    all.push(wav16(22_050, 2, &sweep(22_050, 0.4)));
    all.push(wav_float(8_000, 1, &sweep(8_000, 0.8)));
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn random_bytes(magic in prop::sample::select(vec![&b""[..], b"RIFF\0\0\0\0WAVEfmt ", b"fLaC", b"OggS\0\x02", b"\xff\xfb\x90\x64", b"\0\0\0\x20ftypM4A ", b"FORM\0\0\0\0AIFFCOMM", b"caff\0\x01\0\0desc", b"RF64\xff\xff\xff\xffWAVEds64", b"ID3\x04\0\0", b"\x1a\x45\xdf\xa3"]), rest in prop::collection::vec(any::<u8>(), 0..3000)) {
        try_everything([magic, &rest].concat());
    }

    #[test]
    fn mutated_headers(which in 0usize..15, changes in prop::collection::vec((0usize..900, any::<u8>()), 1..6)) {
        let mut bytes = recordings().swap_remove(which);
        for (at, value) in changes {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        try_everything(bytes);
    }

    #[test]
    fn mutated_anywhere(which in 0usize..15, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in 0.3..1.2f64) {
        let mut bytes = recordings().swap_remove(which);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate((bytes.len() as f64 * cut) as usize);
        try_everything(bytes);
    }
}
