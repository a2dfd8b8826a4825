//! Windows, chunks and cuts.

use super::{Rows, chunks, decode, logits, windows};
use crate::{
    audio::FeatureExtractor,
    checkpoint::Checkpoint,
    config::HeadStyle,
    data::{Utterance, list},
    files::{Disk, Memory},
    model::{HeadStart, SpeechModel},
    train::Evaluator,
};
use burn::tensor::Device;
use proptest::prelude::*;

const MODEL: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/fixtures/parity/wavlm_base/model"
);

fn evaluator(batch_size: usize, max_duration: f64, windows: usize) -> Evaluator {
    Evaluator {
        batch_size,
        max_duration,
        windows,
        extractor: FeatureExtractor::default(),
    }
}

/// A noise of so many samples at 16 kHz as WAV.
fn noise(samples: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let values = (0..samples).flat_map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 18) as i16).to_le_bytes()
    });
    let size = 2 * samples as u32;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + size).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(16_000_u32.to_le_bytes());
    bytes.extend(32_000_u32.to_le_bytes());
    bytes.extend([2, 0, 16, 0]);
    bytes.extend(b"data");
    bytes.extend(size.to_le_bytes());
    bytes.extend(values);
    bytes
}

fn rows(files: &Memory, names: &[&str]) -> Rows {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let listing = list(files, &names, &mut |_, _| {}).unwrap();
    Rows::new(listing.utterances, listing.seconds)
}

#[test]
fn windows_are_whole_and_reach_the_end() {
    assert_eq!(
        windows(10.0, 4.0, 2.0),
        [(0.0, 4.0), (2.0, 6.0), (4.0, 8.0), (6.0, 10.0)]
    );
    assert_eq!(
        windows(9.5, 4.0, 2.0),
        [(0.0, 4.0), (2.0, 6.0), (4.0, 8.0), (5.5, 9.5)]
    );
    assert_eq!(windows(4.0, 4.0, 1.0), [(0.0, 4.0)]);
    assert_eq!(windows(1.25, 4.0, 1.0), [(0.0, 1.25)]);
    // 0.1 has no exact binary form.
    assert_eq!(windows(1.0, 0.1, 0.1).len(), 10);
}

proptest! {
    #[test]
    fn windows_leave_nothing_out(seconds in 0.1..300.0_f64, window in 0.1..20.0_f64, share in 0.05..1.0_f64) {
        let hop = window * share;
        let all = windows(seconds, window, hop);
        prop_assert_eq!(all[0].0, 0.0);
        prop_assert!((all[all.len() - 1].1 - seconds).abs() < 1e-8);
        for pair in all.windows(2) {
            prop_assert!(pair[1].0 > pair[0].0 && pair[1].0 <= pair[0].1 + 1e-8);
        }
        let length = window.min(seconds);
        prop_assert!(all.iter().all(|(from, to)| (to - from - length).abs() < 1e-8));
    }

    #[test]
    fn chunks_follow_each_other(seconds in proptest::collection::vec(0.1..900.0_f64, 0..300), batch in 1..9_usize) {
        let all = chunks(&seconds, batch, 8.0, 3);
        let joined: Vec<usize> = all.iter().cloned().flatten().collect();
        prop_assert_eq!(joined, (0..seconds.len()).collect::<Vec<_>>());
        prop_assert!(all.iter().all(|chunk| !chunk.is_empty() && chunk.len() <= 16 * batch));
    }
}

#[test]
fn windows_cut_from_a_longer_piece_are_those_read_alone() {
    let mut files = Memory::default();
    files.insert("a.wav", noise(50_000, 1));
    files.insert("b.wav", noise(30_000, 2));
    let rows = rows(&files, &["a.wav", "b.wav"]).timeline(0.7, 0.3);
    let evaluator = evaluator(4, 0.7, 1);
    let together = decode(&files, &rows, 0..rows.len(), &evaluator);
    assert_eq!(together.len(), rows.len());
    for (row, clips) in together.iter().enumerate() {
        let alone = decode(&files, &rows, row..row + 1, &evaluator);
        assert_eq!(clips.as_ref().unwrap(), alone[0].as_ref().unwrap(), "{row}");
        assert_eq!(clips.as_ref().unwrap()[0].len(), 11_200, "{row}");
    }
}

#[test]
fn a_bad_file_costs_its_own_rows_only() {
    let mut files = Memory::default();
    files.insert("a.wav", noise(16_000, 1));
    files.insert("c.wav", noise(16_000, 3));
    let mut rows = rows(&files, &["a.wav", "c.wav"]);
    let gone = Utterance {
        file: "b.wav".to_owned(),
        ..rows.utterances[0].clone()
    };
    rows.utterances.insert(1, gone);
    rows.seconds.insert(1, 1.0);
    rows.truths.insert(1, None);
    let clips = decode(&files, &rows, 0..3, &evaluator(8, 8.0, 1));
    let fine: Vec<bool> = clips.iter().map(Result::is_ok).collect();
    assert_eq!(fine, [true, false, true]);

    // A header that is good, and damage behind it: the windows before it are fine.
    let fixture = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/fixtures/audio/sweep.flac"
    );
    let mut damaged = std::fs::read(fixture).unwrap();
    let place = damaged.len() * 3 / 4;
    damaged[place..place + 600].fill(0x55);
    files.insert("d.flac", damaged);
    let rows = self::rows(&files, &["d.flac"]);
    let seconds = rows.seconds[0];
    let rows = rows.timeline(seconds / 8.0, seconds / 16.0);
    let clips = decode(&files, &rows, 0..rows.len(), &evaluator(8, seconds, 1));
    assert!(clips[0].is_ok(), "{:?}", clips[0]);
    assert!(clips.iter().any(Result::is_err));
}

/// WavLM's base kind with a norm over time: where padding would be seen, if anywhere.
#[test]
fn logits_are_those_of_single_clips_and_means_of_windows() {
    let mut files = Memory::default();
    let names = ["a.wav", "b.wav", "c.wav", "d.wav", "e.wav"];
    for (index, name) in names.into_iter().enumerate() {
        files.insert(name, noise(4000 + 3100 * index, index as u32));
    }
    let rows = rows(&files, &names);
    let device = Device::flex();
    let checkpoint = Checkpoint::open(&Disk, MODEL).unwrap();
    let config = &checkpoint.config;
    let head = config.head(HeadStyle::Nkululeko).unwrap();
    let (model, _) = SpeechModel::load(
        &checkpoint,
        config,
        &head,
        &[0, 1, 2],
        HeadStart::New,
        7,
        &device,
    )
    .unwrap();
    let run = |evaluator: &Evaluator, rows: &Rows| -> Vec<Vec<f32>> {
        let clips = decode(&files, rows, 0..rows.len(), evaluator);
        let clips: Vec<_> = clips.into_iter().map(Result::unwrap).collect();
        let mut go_on = |_| true;
        pollster_free(logits(&model, evaluator, &clips, &device, &mut go_on))
            .unwrap()
            .unwrap()
    };
    let close = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
    let single = run(&evaluator(1, 8.0, 1), &rows);
    let batched = run(&evaluator(3, 8.0, 1), &rows);
    assert!(single.iter().zip(&batched).all(|(a, b)| close(a, b)));
    assert!(!close(&single[0], &single[1]), "the clips are different");

    // The last clip has 16 400 samples: windows from 0 and from 8400.
    let averaged = run(&evaluator(2, 0.5, 2), &rows);
    let mut parts = rows.clone();
    parts.retain(|row| row == 4);
    let one = parts.utterances[0].clone();
    let cut = |start: f64| Utterance {
        start,
        end: Some(start + 0.5),
        ..one.clone()
    };
    let halves = Rows::new(vec![cut(0.0), cut(8400.0 / 16_000.0)], vec![0.5, 0.5]);
    let halves = run(&evaluator(1, 0.5, 1), &halves);
    let mean: Vec<f32> = halves[0]
        .iter()
        .zip(&halves[1])
        .map(|(a, b)| (a + b) / 2.0)
        .collect();
    assert!(close(&averaged[4], &mean), "{:?} {mean:?}", averaged[4]);
}

/// The result of a future that never waits: the processor's device gives everything at once.
fn pollster_free<T>(future: impl Future<Output = T>) -> T {
    let waker = std::task::Waker::noop();
    let mut context = std::task::Context::from_waker(waker);
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("it waits"),
    }
}
