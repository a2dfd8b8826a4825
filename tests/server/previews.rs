//! Looking at and listening to recordings.

use crate::{
    client::{self, Answer},
    corpus,
    runner::Runner,
};
use std::fs;

fn sound(runner: &Runner, query: &str, range: Option<&str>) -> Answer {
    let mut headers = vec![];
    headers.extend(range.map(|range| ("Range", range)));
    let path = format!("/api/preview/audio?root=0&path={query}");
    runner.ask_with(&runner.token(), "GET", &path, &headers, None)
}

#[test]
fn a_recording_is_heard_to_the_bit() {
    let runner = Runner::new();
    let wav = corpus::wav(440.0, 50_000);
    fs::write(runner.data().join("long.wav"), &wav).expect("a file");
    let whole = sound(&runner, "long.wav", None).with_status(200);
    assert_eq!(whole.header("content-type"), Some("audio/wav"));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert!(whole.body == wav, "the same bytes");
    let length = wav.len();
    for (range, from, to) in [
        ("bytes=0-", 0, length),
        ("bytes=0-43", 0, 44),
        ("bytes=10-60", 10, 61),
        ("bytes=44-44", 44, 45),
        ("bytes=45-5000", 45, 5001),
        ("bytes=77777-", 77_777, length),
        ("bytes=-1", length - 1, length),
        ("bytes=-50001", length - 50_001, length),
    ] {
        let part = sound(&runner, "long.wav", Some(range)).with_status(206);
        assert!(part.body == wav[from..to], "{range}");
        let told = format!("bytes {from}-{}/{length}", to - 1);
        assert_eq!(part.header("content-range"), Some(told.as_str()), "{range}");
    }
    let outside = sound(&runner, "long.wav", Some("bytes=200000-")).with_status(416);
    assert_eq!(
        outside.header("content-range"),
        Some(format!("bytes */{length}").as_str())
    );
    // A stretch: 0.5 s to 1 s.
    let part = sound(&runner, "long.wav&start=0.5&end=1", None).with_status(200);
    assert!(part.body[44..] == wav[44 + 16_000..44 + 32_000]);
    // What was fetched is of a state that is gone: all of it anew.
    let tag = whole.header("etag").expect("a tag").to_owned();
    let path = "/api/preview/audio?root=0&path=long.wav";
    let again = |tag: &str| {
        runner.ask_with(
            &runner.token(),
            "GET",
            path,
            &[("Range", "bytes=0-9"), ("If-Range", tag)],
            None,
        )
    };
    again(&tag).with_status(206);
    again("\"another\"").with_status(200);
    let head = client::open(
        runner.address,
        "HEAD",
        path,
        &[
            ("Host", &runner.host()),
            ("Authorization", &format!("Bearer {}", runner.token())),
        ],
        b"",
    );
    let (status, headers) = client::read_head(&mut head.expect("an answer")).expect("a head");
    assert_eq!(status, 200);
    assert!(
        headers.contains(&("content-length".to_owned(), length.to_string())),
        "{headers:?}"
    );
}

#[test]
fn an_outline_holds_the_samples() {
    let runner = Runner::new();
    let mut wav = corpus::wav(100.0, 160_000);
    wav[44 + 2 * 80_000..][..2].copy_from_slice(&30_000i16.to_le_bytes());
    fs::write(runner.data().join("long.wav"), &wav).expect("a file");
    for (query, buckets) in [
        ("", 1000),
        ("&buckets=10", 10),
        ("&start=4.9&end=5.1&buckets=100", 100),
        ("&start=4.999&end=5.001&buckets=50", 50),
    ] {
        let peaks = runner.get(&format!("/api/preview/peaks?root=0&path=long.wav{query}"));
        let list = |name: &str| -> Vec<f64> {
            peaks[name]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(serde_json::Value::as_f64)
                .collect()
        };
        let (min, max) = (list("min"), list("max"));
        assert_eq!((min.len(), max.len()), (buckets, buckets), "{query}");
        let top = max.iter().copied().fold(f64::MIN, f64::max);
        assert!((top - 30_000.0 / 32_768.0).abs() < 1e-3, "{query}: {top}");
        let at = max.iter().position(|&value| value == top).expect("a place");
        assert!(
            (at as f64 + 0.5 - buckets as f64 / 2.0).abs() <= 1.5,
            "{query}: {at} of {buckets}"
        );
        let low = min.iter().copied().fold(f64::MAX, f64::min);
        assert!((-0.37..0.1).contains(&low), "{query}: {low}");
        assert_eq!(
            (&peaks["clipped"], &peaks["silent"]),
            (&false.into(), &false.into())
        );
    }
    // Another recording under the same name.
    fs::write(runner.data().join("long.wav"), corpus::wav(100.0, 100)).expect("a file");
    let peaks = runner.get("/api/preview/peaks?root=0&path=long.wav");
    assert!((peaks["end"].as_f64().expect("seconds") - 100.0 / 16_000.0).abs() < 1e-9);
}

#[test]
fn a_spectrogram_is_dark_where_the_tone_is() {
    let runner = Runner::new();
    fs::write(runner.data().join("tone.wav"), corpus::wav(2_500.0, 16_000)).expect("a file");
    let picture = runner.ask(
        "GET",
        "/api/preview/spectrogram?root=0&path=tone.wav&width=50&height=100&start=0.2&end=0.8",
        None,
    );
    let picture = picture.with_status(200);
    assert_eq!(picture.header("content-type"), Some("image/png"));
    let top: f64 = picture
        .header("voxtune-top")
        .and_then(|top| top.parse().ok())
        .expect("a level");
    let (width, height, pixels) = png(&picture.body);
    assert_eq!((width, height), (50, 100));
    for x in [0, 25, 49] {
        let column: Vec<u8> = (0..100).map(|y| pixels[y * 50 + x]).collect();
        let darkest = (0..100).min_by_key(|&y| column[y]).expect("a row");
        assert!((48..=52).contains(&darkest), "{darkest}");
        assert!(
            column[darkest] < 10 && column[5] > 200 && column[95] > 200,
            "{column:?}"
        );
    }
    // Drawn against another level it is lighter.
    let lighter = runner.ask("GET", &format!("/api/preview/spectrogram?root=0&path=tone.wav&width=50&height=100&start=0.2&end=0.8&top={}", top + 25.0), None);
    let (_, _, lighter) = png(&lighter.with_status(200).body);
    let darkest = |pixels: &[u8]| pixels.iter().copied().min().expect("pixels");
    assert!(
        (120..=136).contains(&darkest(&lighter)),
        "{}",
        darkest(&lighter)
    );
}

/// Width, height and grey values.
fn png(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("a picture");
    (info.width, info.height, pixels)
}
