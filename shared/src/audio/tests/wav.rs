//! WAV of all kinds, against the samples that were written.

use super::signal::{
    decode, difference, fixture_bytes, format, read, signal_to_noise, sweep, wav, wav_float, wav16,
};
use crate::audio::{Limits, probe, tests::signal::memory};

/// A-law and mu-law code of a 16-bit sample (ITU-T G.711), by searching the code's values.
fn law(sample: f32, value: fn(u8) -> i16) -> u8 {
    (0..=255u8)
        .min_by_key(|&code| (i32::from(value(code)) - (sample * 32768.0) as i32).abs())
        .expect("256 codes")
}

fn a_law(code: u8) -> i16 {
    let code = code ^ 0x55;
    let (segment, step) = ((code >> 4) & 7, i16::from(code & 15));
    let size = match segment {
        0 => (step << 4) + 8,
        _ => ((step << 4) + 0x108) << (segment - 1),
    };
    if code & 0x80 != 0 { size } else { -size }
}

fn mu_law(code: u8) -> i16 {
    let code = !code;
    let size = (((i16::from(code & 15) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
    if code & 0x80 != 0 { -size } else { size }
}

fn extensible(tag: u8, bits: u16, valid: u16) -> Vec<u8> {
    let guid = [
        tag, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71,
    ];
    let extension = [
        &22u16.to_le_bytes()[..],
        &valid.to_le_bytes(),
        &4u32.to_le_bytes(),
        &guid,
    ]
    .concat();
    [format(0xfffe, 1, 16_000, bits), extension].concat()
}

#[test]
fn every_sample_format() {
    let wanted = sweep(16_000, 0.2);
    let whole = |bits: u32| {
        let scale = f64::from(1u32 << (bits - 1));
        move |x: &f32| (f64::from(*x) * scale).round() as i32
    };
    let bytes =
        |convert: &dyn Fn(&f32) -> Vec<u8>| wanted.iter().flat_map(convert).collect::<Vec<u8>>();
    let s24 = bytes(&|x| whole(24)(x).to_le_bytes()[..3].to_vec());
    let s32 = bytes(&|x| (f64::from(*x) * 2147483648.0).round().to_le_i32());
    let f32s = bytes(&|x| x.to_le_bytes().to_vec());
    let ext = |bits: u16| [format(6, 1, 16_000, bits), vec![0, 0]].concat();
    let mut mu = ext(8);
    mu[0] = 7;
    let cases: [(&str, Vec<u8>, Vec<u8>, f32); 11] = [
        (
            "8 bit",
            format(1, 1, 16_000, 8),
            bytes(&|x| vec![(whole(8)(x) + 128) as u8]),
            1.0 / 256.0,
        ),
        (
            "16 bit",
            format(1, 1, 16_000, 16),
            bytes(&|x| (whole(16)(x) as i16).to_le_bytes().to_vec()),
            1.0 / 65536.0,
        ),
        ("24 bit", format(1, 1, 16_000, 24), s24.clone(), 1e-7),
        ("32 bit", format(1, 1, 16_000, 32), s32, 1e-7),
        ("float", format(3, 1, 16_000, 32), f32s.clone(), 0.0),
        (
            "double",
            format(3, 1, 16_000, 64),
            bytes(&|x| f64::from(*x).to_le_bytes().to_vec()),
            0.0,
        ),
        ("a-law", ext(8), bytes(&|x| vec![law(*x, a_law)]), 0.02),
        ("mu-law", mu, bytes(&|x| vec![law(*x, mu_law)]), 0.02),
        ("extensible 24", extensible(1, 24, 24), s24, 1e-7),
        ("extensible float", extensible(3, 32, 32), f32s, 0.0),
        (
            "extensible 20 in 24",
            extensible(1, 24, 20),
            bytes(&|x| (whole(20)(x) << 4).to_le_bytes()[..3].to_vec()),
            1e-6,
        ),
    ];
    for (name, format, data, tolerance) in cases {
        let clip = read(wav(&format, &data), 0.0, None).expect(name);
        assert!(difference(&clip.samples, &wanted) <= tolerance, "{name}");
        assert_eq!(
            (clip.rate, clip.channels, clip.levels.samples),
            (16_000, 1, 3200),
            "{name}"
        );
    }
}

trait ToLittleEndian {
    fn to_le_i32(self) -> Vec<u8>;
}

impl ToLittleEndian for f64 {
    fn to_le_i32(self) -> Vec<u8> {
        (self as i32).to_le_bytes().to_vec()
    }
}

#[test]
fn channels_are_mixed_to_their_mean() {
    let (left, right) = (sweep(16_000, 0.1), vec![0.25f32; 1600]);
    let both: Vec<f32> = left
        .iter()
        .zip(&right)
        .flat_map(|(l, r)| [*l, *r])
        .collect();
    let mean: Vec<f32> = left
        .iter()
        .zip(&right)
        .map(|(l, r)| (l + r) / 2.0)
        .collect();
    let clip = read(wav_float(16_000, 2, &both), 0.0, None).expect("stereo");
    assert!(difference(&clip.samples, &mean) < 1e-7);
    assert_eq!((clip.channels, clip.levels.samples), (2, 3200));
    let opposite: Vec<f32> = left.iter().flat_map(|l| [*l, -*l]).collect();
    let clip = read(wav_float(16_000, 2, &opposite), 0.0, None).expect("stereo");
    assert!(clip.samples.iter().all(|x| *x == 0.0) && clip.levels.peak > 0.49);
    let six: Vec<f32> = left
        .iter()
        .flat_map(|l| [*l, 0.0, 0.0, 0.0, 0.0, 0.0])
        .collect();
    let clip = read(wav_float(16_000, 6, &six), 0.0, None).expect("six channels");
    let sixth: Vec<f32> = left.iter().map(|l| l / 6.0).collect();
    assert!(difference(&clip.samples, &sixth) < 1e-7);
}

#[test]
fn rf64_ends_where_its_samples_end() {
    let wanted = sweep(16_000, 0.1);
    let plain = wav16(16_000, 1, &wanted);
    let (header, data) = (&plain[12..36], &plain[44..]);
    let ds64 = [
        &0u64.to_le_bytes()[..],
        &(data.len() as u64).to_le_bytes(),
        &1600u64.to_le_bytes(),
        &[0; 4],
    ]
    .concat();
    for (magic, announced) in [
        (b"RF64", data.len()),
        (b"BW64", data.len()),
        (b"RF64", data.len() + 2),
    ] {
        let mut ds64 = ds64.clone();
        ds64[8..16].copy_from_slice(&(announced as u64).to_le_bytes());
        let mut file = [
            &magic[..],
            &[0xff; 4],
            b"WAVEds64",
            &(ds64.len() as u32).to_le_bytes(),
            &ds64,
        ]
        .concat();
        file.extend([header, b"data", &[0xff; 4], data].concat());
        if announced == data.len() {
            file.extend(b"LIST\x04\0\0\0INFO");
            assert_eq!(
                probe(&memory(file.clone()), "a", &Limits::default())
                    .expect("RF64")
                    .seconds,
                0.1
            );
            let clip = read(file, 0.0, None).expect("RF64");
            assert!(difference(&clip.samples, &wanted) < 1e-4);
        } else {
            let message = read(file, 0.0, None).expect_err("cut off").to_string();
            assert!(message.contains("is cut off"), "{message}");
        }
    }
}

#[test]
fn a_stream_of_unknown_length_is_read_to_its_end() {
    let wanted = sweep(16_000, 0.3);
    let mut file = wav16(16_000, 1, &wanted);
    file[4..8].fill(0xff);
    file[40..44].fill(0xff);
    assert_eq!(
        probe(&memory(file.clone()), "a", &Limits::default())
            .expect("stream")
            .seconds,
        0.3
    );
    assert!(difference(&read(file, 0.0, None).expect("stream").samples, &wanted) < 1e-4);
}

#[test]
fn adpcm_blocks() {
    let bytes = fixture_bytes("sweep_ima.wav");
    let whole = decode(&bytes, 0, None).expect("IMA ADPCM").remove(0);
    let wanted = sweep(16_000, 1.0);
    assert!(whole.len() >= wanted.len());
    assert!(signal_to_noise(&whole[..wanted.len()], &wanted) > 25.0);
    let part = decode(&bytes, 5000, Some(7000)).expect("segment").remove(0);
    assert_eq!(part, whole[5000..7000]);
}
