//! What cannot be read is named, with what is wrong and what to do.

use super::signal::{fixture_bytes, format, memory, read, sweep, wav, wav_float, wav16};
use crate::{
    audio::{Limits, Stretch, Window, probe, read_clip},
    files::{Disk, Memory},
};

fn message(bytes: Vec<u8>) -> String {
    let about = probe(&memory(bytes.clone()), "a", &Limits::default())
        .err()
        .map(|error| error.to_string());
    let reading = read(bytes, 0.0, None)
        .expect_err("should be refused")
        .to_string();
    if let Some(about) = about {
        let kind = |text: &str| {
            text.split(';')
                .next()
                .map(|part| part.chars().take(20).collect::<String>())
        };
        assert_eq!(kind(&about), kind(&reading));
    }
    reading
}

#[test]
fn nothing_and_no_sound() {
    assert_eq!(
        message(Vec::new()),
        "a holds no sound (0 samples); remove it from the data"
    );
    assert_eq!(
        message(wav16(16_000, 1, &[])),
        "a holds no sound (0 samples); remove it from the data"
    );
    let text = "file,emotion\n".repeat(100).into_bytes();
    let wanted = "a is not a sound file of a known format (nothing in it looks like sound); use WAV, FLAC, MP3, \
        Ogg Vorbis, M4A, AIFF or CAF";
    assert_eq!(message(text), wanted);
    assert_eq!(message(b"x".to_vec()), wanted);
}

#[test]
fn headers_that_end() {
    let whole = wav16(16_000, 1, &sweep(16_000, 0.1));
    for length in [5, 11, 20, 30, 43] {
        let found = message(whole[..length].to_vec());
        assert!(
            found.starts_with("a is ") && found.contains("; "),
            "{length}: {found}"
        );
    }
}

#[test]
fn wav_files_that_end_early() {
    let whole = wav16(16_000, 1, &sweep(16_000, 2.0));
    for length in [44, 45, 46, 1000, 32_000, whole.len() - 2, whole.len() - 1] {
        let found = message(whole[..length].to_vec());
        assert!(
            found.starts_with("a is cut off: its header announces 2.000 s of sound"),
            "{length}: {found}"
        );
    }
    let found = message(whole[..32_044].to_vec());
    assert_eq!(
        found,
        "a is cut off: its header announces 2.000 s of sound, but it ends at 1.000 s; copy it again, or convert it \
         once to correct the header"
    );
    // What is there can be read by its own times.
    assert_eq!(
        read(whole[..32_044].to_vec(), 0.0, Some(0.5))
            .expect("there")
            .samples
            .len(),
        8000
    );
}

#[test]
fn a_header_that_lies() {
    let mut file = wav16(16_000, 1, &sweep(16_000, 0.1));
    file[4..8].copy_from_slice(&0xffff_fff0u32.to_le_bytes());
    file[40..44].copy_from_slice(&0xffff_ff00u32.to_le_bytes());
    let found = read(file.clone(), 0.0, None)
        .expect_err("too long")
        .to_string();
    assert!(
        found.starts_with("a: the length in seconds is 134217"),
        "{found}"
    );
    let found = read(file.clone(), 0.0, Some(5.0))
        .expect_err("not there")
        .to_string();
    assert!(found.starts_with("a is cut off"), "{found}");
    let found = probe(&memory(file), "a", &Limits::default())
        .expect_err("not there")
        .to_string();
    assert!(found.starts_with("a is cut off"), "{found}");
}

#[test]
fn absurd_headers() {
    let data = [0u8; 64];
    for (channels, rate, bits) in [
        (0, 16_000, 16),
        (1, 0, 16),
        (1, 16_000, 0),
        (1, 16_000, 33),
        (1, 1, 16),
        (1, u32::MAX / 4, 16),
        (300, 16_000, 16),
    ] {
        let mut header = format(1, 1, 16_000, 16);
        header[2..4].copy_from_slice(&u16::to_le_bytes(channels));
        header[4..8].copy_from_slice(&u32::to_le_bytes(rate));
        header[14..16].copy_from_slice(&u16::to_le_bytes(bits));
        let found = message(wav(&header, &data));
        assert!(found.starts_with("a"), "{found}");
    }
}

#[test]
fn numbers_that_are_none() {
    for (value, text) in [
        (f32::NAN, "NaN"),
        (f32::INFINITY, "inf"),
        (f32::NEG_INFINITY, "-inf"),
    ] {
        let mut samples = sweep(16_000, 1.0);
        samples[8000] = value;
        let found = read(wav_float(16_000, 1, &samples), 0.0, None)
            .expect_err("not finite")
            .to_string();
        assert_eq!(
            found,
            format!("a has a sample that is {text} at 0.500 s; export the recording again")
        );
        assert!(read(wav_float(16_000, 1, &samples), 0.6, None).is_ok());
    }
}

#[test]
fn folders_and_missing_files() {
    let folder = env!("CARGO_MANIFEST_DIR");
    let limits = Limits::default();
    let whole = |file| Stretch {
        file,
        start: 0.0,
        end: None,
    };
    let found = read_clip(&Disk, whole(folder), None, Window::Head, &limits)
        .expect_err("folder")
        .to_string();
    assert_eq!(
        found,
        format!("{folder} is a folder, not a recording; name a file in it")
    );
    let found = probe(&Disk, folder, &limits)
        .expect_err("folder")
        .to_string();
    assert!(found.contains("is a folder"), "{found}");
    let found = probe(&Memory::default(), "b/c.wav", &limits)
        .expect_err("missing")
        .to_string();
    assert_eq!(found, "cannot read b/c.wav: no such file");
}

#[test]
fn damage_within_is_found() {
    // A FLAC frame carries a checksum of its header and of itself.
    let mut bytes = fixture_bytes("sweep.flac");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 600].fill(0x55);
    let found = read(bytes, 0.0, None).expect_err("damaged").to_string();
    assert!(found.starts_with("a is damaged at 0."), "{found}");
}
