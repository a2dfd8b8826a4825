//! Peak and clipping.

use super::signal::{format, read, sine, wav, wav_float, wav16};

#[test]
fn a_clean_tone_is_not_clipped() {
    let levels = read(wav16(16_000, 1, &sine(16_000, 0.5, 440.0)), 0.0, None)
        .expect("tone")
        .levels;
    assert!((levels.peak - 0.5).abs() < 1e-3);
    assert_eq!((levels.clipped, levels.samples), (0, 8000));
    // Touching full scale for a sample or two is no clipping.
    let touching: Vec<f32> = (0..1000)
        .map(|n| if n % 10 < 2 { 32767.0 / 32768.0 } else { 0.0 })
        .collect();
    let levels = read(wav16(16_000, 1, &touching), 0.0, None)
        .expect("pulses")
        .levels;
    assert_eq!(levels.clipped, 0);
}

#[test]
fn runs_at_full_scale_are_clipped_samples() {
    let loud: Vec<f32> = sine(16_000, 0.5, 440.0)
        .iter()
        .map(|x| (4.0 * x).clamp(-1.0, 32767.0 / 32768.0))
        .collect();
    let flat = loud.iter().filter(|x| x.abs() > 0.9999).count() as u64;
    for bytes in [wav16(16_000, 1, &loud), wav_float(16_000, 1, &loud)] {
        let levels = read(bytes, 0.0, None).expect("clipped").levels;
        assert_eq!(levels.clipped, flat);
        assert!((levels.clipped_share() - flat as f64 / 8000.0).abs() < 1e-12);
    }
    let eight: Vec<u8> = loud
        .iter()
        .map(|x| (x * 128.0 + 128.0).clamp(0.0, 255.0) as u8)
        .collect();
    assert!(
        read(wav(&format(1, 1, 16_000, 8), &eight), 0.0, None)
            .expect("8 bit")
            .levels
            .clipped
            >= flat
    );
}

#[test]
fn each_channel_is_measured_by_itself() {
    let both: Vec<f32> = sine(16_000, 0.1, 440.0)
        .iter()
        .flat_map(|x| [*x, -1.0])
        .collect();
    let levels = read(wav16(16_000, 2, &both), 0.0, None)
        .expect("stereo")
        .levels;
    assert_eq!(
        (levels.clipped, levels.samples, levels.peak),
        (1600, 3200, 1.0)
    );
}
