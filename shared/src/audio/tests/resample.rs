//! The resampler: amplitude, alias, phase, length, and independence of where it starts.

use super::signal::{difference, read, signal_to_noise, sine, sweep, wav_float};
use crate::audio::RATE;

const RATES: [u32; 12] = [
    4_000, 8_000, 11_025, 12_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000, 44_056,
];

fn resampled(rate: u32, samples: &[f32]) -> Vec<f32> {
    read(wav_float(rate, 1, samples), 0.0, None)
        .expect("a clip")
        .samples
}

/// The middle, where the ends no longer ring.
fn middle(samples: &[f32]) -> &[f32] {
    &samples[1600..samples.len() - 1600]
}

#[test]
fn the_length_is_rounded_up() {
    for rate in RATES {
        for frames in [1usize, 2, 1000, 4001, 7919] {
            let found = resampled(rate, &vec![0.1; frames]).len();
            assert_eq!(
                found,
                (frames * RATE as usize).div_ceil(rate as usize),
                "{frames} at {rate} Hz"
            );
        }
    }
}

#[test]
fn a_tone_keeps_amplitude_and_phase() {
    for rate in RATES {
        for frequency in [100.0, 1000.0, 0.93 * 0.5 * f64::from(rate.min(RATE))] {
            let found = resampled(rate, &sine(rate, 0.5, frequency));
            let quality = signal_to_noise(middle(&found), middle(&sine(RATE, 0.5, frequency)));
            assert!(quality > 70.0, "{frequency} Hz at {rate} Hz: {quality} dB");
        }
    }
}

#[test]
fn what_cannot_be_held_is_suppressed() {
    for rate in [
        22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000, 44_056,
    ] {
        for share in [0.05, 0.5, 0.95] {
            let frequency = 8050.0 + share * (f64::from(rate) / 2.0 - 8050.0);
            let found = resampled(rate, &sine(rate, 0.5, frequency));
            let worst = middle(&found)
                .iter()
                .fold(0.0f32, |worst, x| worst.max(x.abs()));
            let decibels = 20.0 * f64::from(worst / 0.5).log10();
            assert!(
                decibels < -80.0,
                "{frequency} Hz at {rate} Hz: {decibels} dB"
            );
        }
    }
}

#[test]
fn images_of_slow_files_are_suppressed() {
    for rate in [4_000, 8_000, 11_025, 12_000] {
        let frequency = 0.9 * 0.5 * f64::from(rate);
        let found = resampled(rate, &sine(rate, 0.5, frequency));
        let wanted = sine(RATE, 0.5, frequency);
        assert!(
            signal_to_noise(middle(&found), middle(&wanted)) > 80.0,
            "{rate} Hz"
        );
    }
}

#[test]
fn a_segment_is_a_part_of_the_whole() {
    for rate in RATES {
        let file = wav_float(rate, 1, &sweep(rate, 1.2));
        let whole = read(file.clone(), 0.0, None).expect("whole").samples;
        for (start, end) in [
            (0.0, 0.05),
            (0.3, 0.9),
            (0.123_456, 0.654_321),
            (1.0, 1.2),
            (1.199, 1.2),
        ] {
            let part = read(file.clone(), start, Some(end)).expect("part").samples;
            let (from, to) = (
                (start * 16_000.0_f64).round() as usize,
                (end * 16_000.0_f64).round() as usize,
            );
            let worst = difference(&part, &whole[from..to]);
            assert!(worst < 1e-4, "{rate} Hz {start}..{end} differs by {worst}");
        }
    }
}

#[test]
fn silence_stays_silence_and_16_khz_stays_as_it_is() {
    assert!(resampled(44_100, &[0.0; 5000]).iter().all(|x| *x == 0.0));
    let samples = sweep(RATE, 0.1);
    assert_eq!(resampled(RATE, &samples), samples);
}
