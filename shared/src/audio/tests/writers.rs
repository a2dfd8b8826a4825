//! Files as other programs write them: odd headers, tags behind, containers in another order.

use super::signal::{
    decode, difference, fixture_bytes, format, memory, read, signal_to_noise, sweep, wav, wav16,
};
use crate::audio::{AudioError, Limits, Probe, probe};

fn about(bytes: &[u8]) -> Result<Probe, AudioError> {
    probe(&memory(bytes.to_vec()), "a", &Limits::default())
}

fn chunk(name: &[u8; 4], stated: u32, body: &[u8]) -> Vec<u8> {
    [&name[..], &stated.to_le_bytes(), body].concat()
}

fn riff(stated: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = [b"WAVE".to_vec(), chunks.concat()].concat();
    chunk(b"RIFF", stated, &body[..])
}

fn fmt(format: &[u8]) -> Vec<u8> {
    chunk(b"fmt ", format.len() as u32, format)
}

/// 16-bit samples of the sweep.
fn samples(seconds: f64) -> Vec<u8> {
    let to_bytes = |x: f32| ((x * 32768.0).round() as i16).to_le_bytes();
    sweep(16_000, seconds)
        .into_iter()
        .flat_map(to_bytes)
        .collect()
}

#[test]
fn narrow_samples_stand_in_the_upper_bits_of_their_place() {
    let wanted = sweep(16_000, 0.1);
    for (bits, width) in [(24u16, 4u16), (20, 3), (12, 2), (20, 4)] {
        let mut header = format(1, 1, 16_000, bits);
        header[8..12].copy_from_slice(&(16_000 * u32::from(width)).to_le_bytes());
        header[12..14].copy_from_slice(&width.to_le_bytes());
        let (top, step) = (8 * u32::from(width), f64::from(1u32 << (bits - 1)));
        let data: Vec<u8> = wanted
            .iter()
            .flat_map(|x| {
                let value = (f64::from(*x) * step).round() as i32;
                let placed = value << (top - u32::from(bits));
                placed.to_le_bytes()[..usize::from(width)].to_vec()
            })
            .collect();
        let found = read(wav(&header, &data[..]), 0.0, None)
            .expect("narrow")
            .samples;
        assert!(
            f64::from(difference(&found, &wanted)) <= 0.51 / step,
            "{bits} in {width}"
        );
    }
    let mut header = format(1, 2, 16_000, 16);
    header[12..14].copy_from_slice(&3u16.to_le_bytes());
    let message = about(&wav(&header, &samples(0.1))).expect_err("3 bytes");
    assert!(
        message
            .to_string()
            .contains("its header contradicts itself: 2 channels of 16 bits in 3 bytes"),
        "{message}"
    );
}

#[test]
fn format_chunks_of_odd_lengths() {
    let data = samples(0.1);
    let extended = |format: Vec<u8>, more: usize| [format, vec![0; more]].concat();
    for more in [0, 2, 4, 12] {
        let file = wav(&extended(format(1, 1, 16_000, 16), more), &data[..]);
        assert_eq!(read(file, 0.0, None).expect("PCM").samples.len(), 1600);
    }
    for tag in [6, 7] {
        for more in [0, 2, 4] {
            let file = wav(&extended(format(tag, 1, 16_000, 8), more), &data[..1600]);
            assert_eq!(read(file, 0.0, None).expect("a law").samples.len(), 1600);
        }
    }
    let floats: Vec<u8> = sweep(16_000, 0.1)
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let file = wav(&extended(format(3, 1, 16_000, 32), 4), &floats);
    assert_eq!(
        read(file, 0.0, None).expect("float").samples,
        sweep(16_000, 0.1)
    );
}

#[test]
fn extensible_laws() {
    let codes: Vec<u8> = (0..1600u32).map(|n| (n * 7 % 256) as u8).collect();
    let extension = |tag: u8| {
        let mut bytes = [format(0xfffe, 1, 16_000, 8), vec![22, 0, 8, 0, 4, 0, 0, 0]].concat();
        bytes.extend([
            tag, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71,
        ]);
        bytes
    };
    for tag in [6u8, 7] {
        let plain = [format(u16::from(tag), 1, 16_000, 8), vec![0, 0]].concat();
        let wanted = read(wav(&plain, &codes), 0.0, None).expect("plain").samples;
        let found = read(wav(&extension(tag), &codes), 0.0, None).expect("extensible");
        assert_eq!(found.samples, wanted, "{tag}");
    }
}

#[test]
fn sizes_and_lists_around_the_samples_do_not_matter() {
    let (data, header) = (samples(0.1), fmt(&format(1, 1, 16_000, 16)));
    let sound = chunk(b"data", data.len() as u32, &data[..]);
    let right = (4 + header.len() + sound.len()) as u32;
    let unpadded = chunk(b"LIST", 18, b"INFOISFT\x05\0\0\0Lavf\0\0");
    let wrong = chunk(b"LIST", 16, b"INFOISFT\xff\0\0\0Lavf");
    for stated in [right, right - 1, right + 8, 0, 36, u32::MAX] {
        for list in [&b""[..], &unpadded[..], &wrong[..]] {
            let file = riff(stated, &[header.clone(), list.to_vec(), sound.clone()]);
            assert_eq!(about(&file).expect("sizes").seconds, 0.1);
            let clip = read(file, 0.0, None).expect("sizes");
            assert!(difference(&clip.samples, &sweep(16_000, 0.1)) <= 0.51 / 32768.0);
        }
    }
    let mut rf64 = riff(
        right,
        &[chunk(b"JUNK", 28, &[0; 28]), header.clone(), sound.clone()],
    );
    rf64[..4].copy_from_slice(b"BW64");
    assert_eq!(about(&rf64).expect("BW64").seconds, 0.1);
    let file = riff(right, &[sound, header]);
    assert_eq!(
        read(file, 0.0, None)
            .expect("format behind the samples")
            .samples
            .len(),
        1600
    );
}

#[test]
fn an_unfinished_header_is_not_called_empty() {
    let (data, header) = (samples(0.1), fmt(&format(1, 1, 16_000, 16)));
    for stated in [0, 36] {
        let file = riff(stated, &[header.clone(), chunk(b"data", 0, &data[..])]);
        let message = about(&file).expect_err("unfinished").to_string();
        assert!(
            message.contains("by its header no sound follows, but 3200 bytes do"),
            "{message}"
        );
    }
}

#[test]
fn a_cut_file_is_said_to_end_where_it_does() {
    let whole = wav16(16_000, 1, &sweep(16_000, 2.0));
    for bytes in [whole, fixture_bytes("sweep.flac")] {
        let cut = &bytes[..bytes.len() / 2];
        let probed = about(cut).expect_err("cut").to_string();
        let read = read(cut.to_vec(), 0.0, None).expect_err("cut").to_string();
        assert_eq!(probed, read);
    }
}

#[test]
fn many_channels() {
    for channels in [24u16, 26] {
        let data = vec![0u8; usize::from(channels) * 200];
        let file = wav(&format(1, channels, 16_000, 16), &data[..]);
        assert_eq!(about(&file).expect("channels").channels, channels);
    }
    let message = about(&wav(&format(1, 27, 16_000, 16), &[0; 5400])).expect_err("27 channels");
    assert!(
        message
            .to_string()
            .contains("it has 27 channels, at most 26 can be read"),
        "{message}"
    );
}

#[test]
fn tags_behind_flac() {
    let plain = fixture_bytes("sweep.flac");
    let id3 = [&b"TAG"[..], &[b' '; 125]].concat();
    let mut ape = b"APETAGEX".to_vec();
    ape.extend([0xd0, 7, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80]);
    ape.extend([0; 8]);
    let mut tag = [ape.clone(), vec![b'x'; 8]].concat();
    tag.extend(&ape);
    let wanted = decode(&plain, 0, None).expect("plain");
    for behind in [id3.clone(), tag.clone(), [tag, id3].concat()] {
        let file = [plain.clone(), behind].concat();
        assert_eq!(about(&file).expect("tagged").seconds, 1.0);
        assert_eq!(decode(&file, 0, None).expect("tagged"), wanted);
    }
}

#[test]
fn sound_behind_the_stated_length_is_no_silence() {
    let mut short = fixture_bytes("sweep.flac");
    // Last 32 bits of the number of samples in STREAMINFO.
    short[22..26].copy_from_slice(&8000u32.to_be_bytes());
    let mp3 = fixture_bytes("sweep.mp3");
    let ogg = fixture_bytes("sweep.ogg");
    for bytes in [
        short,
        [mp3.clone(), mp3].concat(),
        [ogg.clone(), ogg].concat(),
    ] {
        let message = about(&bytes).expect_err("longer").to_string();
        assert!(
            message.starts_with("a is longer than its header says"),
            "{message}"
        );
    }
}

/// A CAF file of these chunks.
fn caf(chunks: &[(&[u8; 4], i64, &[u8])]) -> Vec<u8> {
    let mut bytes = b"caff\0\x01\0\0".to_vec();
    for (kind, stated, body) in chunks {
        bytes.extend(*kind);
        bytes.extend(stated.to_be_bytes());
        bytes.extend(*body);
    }
    bytes
}

fn description(coding: &[u8; 4], flags: u32, bytes: u32, frames: u32, bits: u32) -> Vec<u8> {
    let mut body = 16_000f64.to_be_bytes().to_vec();
    body.extend(coding);
    for number in [flags, bytes, frames, 1, bits] {
        body.extend(number.to_be_bytes());
    }
    body
}

#[test]
fn caf_of_other_writers() {
    let wanted = sweep(16_000, 0.1);
    let pcm = description(b"lpcm", 2, 2, 1, 16);
    let data = [vec![0; 4], samples(0.1)].concat();
    let length = data.len() as i64;
    let padded = [data.clone(), vec![0]].concat();
    let files = [
        caf(&[(b"desc", 32, &pcm[..]), (b"data", -1, &data[..])]),
        caf(&[(b"desc", 32, &pcm[..]), (b"data", length, &padded[..])]),
        caf(&[
            (b"desc", 32, &pcm[..]),
            (b"free", 3, &b"abc"[..]),
            (b"data", length, &data[..]),
            (b"info", 2, &b"ab"[..]),
        ]),
    ];
    for file in files {
        assert_eq!(about(&file).expect("caf").seconds, 0.1);
        let found = read(file, 0.0, None).expect("caf").samples;
        assert!(difference(&found, &wanted) <= 0.51 / 32768.0);
    }
    let cut = caf(&[(b"desc", 32, &pcm[..]), (b"data", length + 3200, &data[..])]);
    let message = about(&cut).expect_err("cut").to_string();
    assert!(message.starts_with("a is cut off"), "{message}");
    let codes: Vec<u8> = (0..1600u32).map(|n| (n * 7 % 256) as u8).collect();
    let body = [vec![0; 4], codes.clone()].concat();
    for (coding, tag) in [(b"alaw", 6), (b"ulaw", 7)] {
        let law = description(coding, 0, 1, 1, 8);
        let file = caf(&[
            (b"desc", 32, &law[..]),
            (b"data", body.len() as i64, &body[..]),
        ]);
        let plain = [format(tag, 1, 16_000, 8), vec![0, 0]].concat();
        assert_eq!(
            read(file, 0.0, None).expect("a law").samples,
            read(wav(&plain, &codes), 0.0, None).expect("plain").samples
        );
    }
    let ima = description(b"ima4", 0, 34, 64, 0);
    let message = about(&caf(&[
        (b"desc", 32, &ima[..]),
        (b"data", 72, &[0; 72][..]),
    ]))
    .expect_err("IMA4")
    .to_string();
    assert!(message.contains("ima4"), "{message}");
}

/// The body of the first atom of this kind, by its name's place.
fn atom(bytes: &[u8], kind: &[u8; 4]) -> usize {
    let place = bytes.windows(4).position(|four| four == kind);
    place.expect("atom") + 4
}

/// The M4A fixture with other entries in its table of times.
fn with_times(entries: &[(u32, u32)]) -> Vec<u8> {
    let mut bytes = fixture_bytes("sweep_aac.m4a");
    let stts = atom(&bytes, b"stts");
    let old = u32::from_be_bytes([
        bytes[stts + 4],
        bytes[stts + 5],
        bytes[stts + 6],
        bytes[stts + 7],
    ]);
    let more = (entries.len() as u32 - old) * 8;
    let table: Vec<u8> = entries
        .iter()
        .flat_map(|(count, delta)| [count.to_be_bytes(), delta.to_be_bytes()].concat())
        .collect();
    let end = stts + 8 + 8 * old as usize;
    bytes.splice(stts + 8..end, table);
    bytes[stts + 4..stts + 8].copy_from_slice(&(entries.len() as u32).to_be_bytes());
    // The table grows within its parents.
    let mut grow = |kind: &[u8; 4]| {
        let place = atom(&bytes, kind) - 8;
        let length: [u8; 4] = bytes[place..place + 4].try_into().expect("4");
        bytes[place..place + 4].copy_from_slice(&(u32::from_be_bytes(length) + more).to_be_bytes());
    };
    for kind in [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stts"] {
        grow(kind);
    }
    // Where the table stands before the sound, the sound moves.
    if atom(&bytes, b"moov") < atom(&bytes, b"mdat") {
        let stco = atom(&bytes, b"stco");
        let count = u32::from_be_bytes(bytes[stco + 4..stco + 8].try_into().expect("4"));
        for index in 0..count as usize {
            let place = stco + 8 + 4 * index;
            let offset = u32::from_be_bytes(bytes[place..place + 4].try_into().expect("4"));
            bytes[place..place + 4].copy_from_slice(&(offset + more).to_be_bytes());
        }
    }
    bytes
}

#[test]
fn an_mp4_whose_times_are_a_little_off() {
    let plain = fixture_bytes("sweep_aac.m4a");
    let stts = atom(&plain, b"stts");
    let number = |at: usize| u32::from_be_bytes(plain[at..at + 4].try_into().expect("4"));
    let packets: u32 = (0..number(stts + 4))
        .map(|index| number(stts + 8 + 8 * index as usize))
        .sum();
    let whole = decode(&plain, 0, None).expect("plain").remove(0);
    let jitter: Vec<(u32, u32)> = (0..packets)
        .map(|index| (1, if index % 2 == 0 { 1000 } else { 1048 }))
        .collect();
    let one = vec![(10, 1024), (1, 1025), (packets - 11, 1024)];
    for entries in [jitter, one] {
        let file = with_times(&entries);
        let seconds = about(&file).expect("times").seconds;
        assert!((seconds - 3.0).abs() < 0.065, "{seconds}");
        let found = decode(&file, 0, None).expect("times").remove(0);
        let common = found.len().min(whole.len());
        assert!(signal_to_noise(&found[..common], &whole[..common]) > 80.0);
        let part = decode(&file, 20_000, Some(21_000)).expect("part").remove(0);
        assert!(difference(&part, &found[20_000..21_000]) <= 1e-6);
    }
    // A real gap is one.
    let message = about(&with_times(&[(10, 1024), (1, 9000), (packets - 11, 1024)]))
        .expect_err("a gap")
        .to_string();
    assert!(message.contains("a part is missing"), "{message}");
}

#[test]
fn the_rate_of_aac_is_that_of_its_own_header() {
    // Rates from 65 536 Hz on do not fit into the description of the track.
    let plain = fixture_bytes("sweep_aac.m4a");
    let rate = atom(&plain, b"mp4a") + 24;
    assert_eq!(plain[rate..rate + 2], 16_000u16.to_be_bytes());
    for stated in [0u16, 8_000, 48_000] {
        let mut file = plain.clone();
        file[rate..rate + 2].copy_from_slice(&stated.to_be_bytes());
        assert_eq!(about(&file).expect("rate").rate, 16_000);
        assert_eq!(
            decode(&file, 0, None).expect("rate"),
            decode(&plain, 0, None).expect("plain")
        );
    }
}

#[test]
fn another_track_that_is_shorter_cuts_nothing_off() {
    let plain = fixture_bytes("sweep_aac.m4a");
    let begin = atom(&plain, b"trak") - 8;
    let length: [u8; 4] = plain[begin..begin + 4].try_into().expect("4");
    let mut other = plain[begin..begin + u32::from_be_bytes(length) as usize].to_vec();
    let id = atom(&other, b"tkhd") + 12;
    other[id + 3] = 2;
    // Two packets, then none.
    let times = atom(&other, b"stts") + 8;
    other[times..times + 4].copy_from_slice(&2u32.to_be_bytes());
    other[times + 8..times + 12].copy_from_slice(&0u32.to_be_bytes());
    let end = begin + u32::from_be_bytes(length) as usize;
    let mut file = [&plain[..end], &other, &plain[end..]].concat();
    let moov = atom(&file, b"moov") - 8;
    let old: [u8; 4] = file[moov..moov + 4].try_into().expect("4");
    let new = u32::from_be_bytes(old) + other.len() as u32;
    file[moov..moov + 4].copy_from_slice(&new.to_be_bytes());
    assert_eq!(about(&file).expect("two tracks").seconds, 3.0);
    let whole = decode(&plain, 0, None).expect("plain").remove(0);
    let part = decode(&file, 30_000, Some(31_000)).expect("part").remove(0);
    assert!(difference(&part, &whole[30_000..31_000]) <= 1e-6);
}
