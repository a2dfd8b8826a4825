//! Stretches, windows, and the caps on them.

use super::signal::{memory, sweep, wav_float};
use crate::audio::{AudioError, Clip, Limits, Stretch, Window, read_clip, window_count};
use proptest::prelude::*;

/// Ten seconds, each sample being its own index.
fn ramp() -> Vec<u8> {
    wav_float(
        16_000,
        1,
        &(0..160_000).map(|n| n as f32).collect::<Vec<_>>(),
    )
}

fn part(
    start: f64,
    end: Option<f64>,
    longest: Option<f64>,
    window: Window,
) -> Result<Clip, AudioError> {
    read_clip(
        &memory(ramp()),
        Stretch {
            file: "a",
            start,
            end,
        },
        longest,
        window,
        &Limits::default(),
    )
}

fn first_and_length(clip: &Clip) -> (usize, usize) {
    (clip.samples[0] as usize, clip.samples.len())
}

#[test]
fn windows_lie_where_they_should() {
    let found =
        |window| first_and_length(&part(1.0, Some(9.0), Some(2.0), window).expect("window"));
    assert_eq!(found(Window::Head), (16_000, 32_000));
    assert_eq!(found(Window::Random(0.0)), (16_000, 32_000));
    assert_eq!(found(Window::Random(0.5)), (16_000 + 48_000, 32_000));
    assert_eq!(found(Window::Random(1.0)), (16_000 + 96_000, 32_000));
    assert_eq!(found(Window::Even { index: 0, count: 1 }), (16_000, 32_000));
    assert_eq!(found(Window::Even { index: 0, count: 3 }), (16_000, 32_000));
    assert_eq!(
        found(Window::Even { index: 1, count: 3 }),
        (16_000 + 48_000, 32_000)
    );
    assert_eq!(
        found(Window::Even { index: 2, count: 3 }),
        (16_000 + 96_000, 32_000)
    );
}

#[test]
fn a_clip_that_fits_is_read_whole() {
    for window in [
        Window::Head,
        Window::Random(0.7),
        Window::Even { index: 4, count: 5 },
    ] {
        let clip = part(2.0, None, Some(8.0), window).expect("whole");
        assert_eq!(first_and_length(&clip), (32_000, 128_000));
    }
    assert_eq!(
        (
            window_count(8.0, 8.0, 5),
            window_count(8.1, 8.0, 5),
            window_count(8.1, 8.0, 0),
            // 0.30000000000000004
            window_count(0.1 + 0.2, 0.3, 5)
        ),
        (1, 5, 1, 1)
    );
}

#[test]
fn times_are_rounded_to_the_nearest_sample() {
    let clip = part(1.000_02, Some(1.100_04), None, Window::Head).expect("part");
    assert_eq!(first_and_length(&clip), (16_000, 1601));
}

#[test]
fn impossible_stretches_are_named() {
    for (start, end) in [
        (-1.0, None),
        (f64::NAN, None),
        (2.0, Some(2.0)),
        (3.0, Some(1.0)),
        (0.0, Some(f64::NAN)),
        (1.0, Some(1.000_001)),
    ] {
        let error = part(start, end, None, Window::Head).expect_err("no stretch");
        assert!(matches!(error, AudioError::Stretch { .. }), "{error}");
    }
    for (start, end) in [
        (10.0, None),
        (0.0, Some(10.2)),
        (50.0, Some(60.0)),
        (0.0, Some(f64::INFINITY)),
    ] {
        let error = part(start, end, None, Window::Head).expect_err("beyond");
        let message = error.to_string();
        assert!(
            matches!(
                error,
                AudioError::Beyond { .. } | AudioError::Stretch { .. }
            ),
            "{message}"
        );
        assert!(message.starts_with("a: the stretch from"), "{message}");
    }
    // A table that rounds up is forgiven.
    assert_eq!(
        first_and_length(&part(9.0, Some(10.04), None, Window::Head).expect("rounded")),
        (144_000, 16_000)
    );
}

#[test]
fn limits_are_checked_before_decoding() {
    let read = |limits: Limits, longest| {
        read_clip(
            &memory(ramp()),
            Stretch {
                file: "a",
                start: 0.0,
                end: None,
            },
            longest,
            Window::Head,
            &limits,
        )
    };
    let small = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    };
    for (limits, wanted) in [
        (
            small(|l| l.seconds = 5.0),
            "a: the length in seconds is 10, the limit is 5; cut it into segments (columns start and end)",
        ),
        (
            small(|l| l.samples = 1000),
            "a: the number of samples is 160000, the limit is 1000; cut it into segments (columns start and end)",
        ),
        (
            small(|l| l.channels = 0),
            "a: the number of channels is 1, the limit is 0; mix it down first",
        ),
        (
            small(|l| l.highest_rate = 8000),
            "a: the sampling rate in Hz is 16000, the limit is 8000; resample it first",
        ),
        (
            small(|l| l.lowest_rate = 44_100),
            "a: the sampling rate in Hz is 16000, the limit is 44100; resample it first",
        ),
    ] {
        assert_eq!(read(limits, None).expect_err("limit").to_string(), wanted);
    }
    // The part that is read counts, not the file.
    assert_eq!(
        read(small(|l| l.seconds = 5.0), Some(4.0))
            .expect("part")
            .samples
            .len(),
        64_000
    );
}

proptest! {
    #[test]
    fn any_stretch_is_that_part_of_the_whole(start in 0.0..0.9f64, length in 0.01..0.5f64, rate in prop::sample::select(vec![8_000u32, 16_000, 22_050, 44_100])) {
        let file = memory(wav_float(rate, 1, &sweep(rate, 1.0)));
        let read = |start, end| read_clip(&file, Stretch { file: "a", start, end }, None, Window::Head, &Limits::default());
        let whole = read(0.0, None).expect("whole").samples;
        let end = (start + length).min(1.0);
        let part = read(start, Some(end)).expect("part").samples;
        let from = (start * 16_000.0).round() as usize;
        prop_assert_eq!(part.len(), (end * 16_000.0).round() as usize - from);
        let worst = part.iter().zip(&whole[from..]).fold(0.0f32, |worst, (a, b)| worst.max((a - b).abs()));
        prop_assert!(worst < 1e-4, "{}", worst);
    }
}
