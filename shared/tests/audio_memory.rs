//! What a lying header can make reading allocate. A test of its own, since it counts every
//! allocation of the process.

use peak_alloc::PeakAlloc;
use shared::{
    audio::{Limits, Stretch, Window, probe, read_clip},
    files::{Disk, Files, Memory},
};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// What decoding a few seconds takes, tables of codecs and the FFT included.
const MOST_MEGABYTES: f32 = 24.0;

fn folder() -> String {
    format!("{}/../tests/fixtures/audio", env!("CARGO_MANIFEST_DIR"))
}

/// Most megabytes in use at once while `bytes` are looked at and their beginning is read.
fn peak(bytes: Vec<u8>) -> f32 {
    let mut files = Memory::default();
    files.insert("a", bytes);
    let limits = Limits::default();
    let before = HEAP.current_usage_as_mb();
    HEAP.reset_peak_usage();
    let _ = probe(&files, "a", &limits);
    let _ = read_clip(
        &files,
        Stretch {
            file: "a",
            start: 0.0,
            end: None,
        },
        Some(0.3),
        Window::Head,
        &limits,
    );
    HEAP.peak_usage_as_mb() - before
}

/// A WAV header that announces `frames` frames of `channels` 16-bit channels, and two seconds.
fn announcing(frames: u32, channels: u16, rate: u32) -> Vec<u8> {
    let size = frames
        .saturating_mul(2 * u32::from(channels))
        .min(u32::MAX - 40);
    let mut bytes = [
        &b"RIFF"[..],
        &(size + 36).to_le_bytes(),
        b"WAVEfmt \x10\0\0\0\x01\0",
    ]
    .concat();
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * 2).to_le_bytes());
    bytes.extend((2 * channels).to_le_bytes());
    bytes.extend(b"\x10\0data");
    bytes.extend(size.to_le_bytes());
    bytes.extend([0; 64_000]);
    bytes
}

#[test]
fn a_lying_header_allocates_nothing() {
    for (frames, channels, rate) in [
        (1 << 31, 1, 16_000),
        (u32::MAX / 2, 1, 384_000),
        (1 << 20, 1000, 8_000),
    ] {
        let used = peak(announcing(frames, channels, rate));
        assert!(used < MOST_MEGABYTES, "{frames} frames: {used} MB");
    }
    for name in Disk.list(&folder()).expect("fixtures") {
        if name.ends_with(".py") {
            continue;
        }
        let bytes = Disk.read(&format!("{}/{name}", folder())).expect("fixture");
        // Headers stand at the beginning, in MP4 also at the end.
        let end = if name.ends_with("m4a") {
            bytes.len() - 700..bytes.len() - 4
        } else {
            0..0
        };
        for at in (0..240).chain(end).step_by(2) {
            let mut lying = bytes.clone();
            lying[at..at + 4].copy_from_slice(&0x7fff_ffffu32.to_be_bytes());
            let used = peak(lying);
            assert!(used < MOST_MEGABYTES, "{name} lying at {at}: {used} MB");
        }
    }
}
