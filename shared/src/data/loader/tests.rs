//! Order, memory, errors and ends of the loader.

use super::Loader;
use crate::{
    audio::Window,
    data::{
        Utterance,
        tests::{row, wav},
    },
    files::{Files, Memory, ReadSeek},
};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// Files that count how often one is opened, and how many calls are going on.
#[derive(Default)]
struct Counting {
    inner: Memory,
    opened: AtomicUsize,
}

impl Files for Counting {
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        self.inner.open(path)
    }
    fn size(&self, path: &str) -> io::Result<u64> {
        self.inner.size(path)
    }
    fn is_folder(&self, path: &str) -> bool {
        self.inner.is_folder(path)
    }
    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        self.inner.list(path)
    }
}

/// Recording i is 0.01 s times (i + 1) long.
fn recordings(count: usize) -> (Arc<Counting>, Arc<[Utterance]>) {
    let mut files = Counting::default();
    let mut utterances = Vec::new();
    for index in 0..count {
        let name = format!("{index}.wav");
        files
            .inner
            .insert(name.as_str(), wav(0.01 * (index + 1) as f64, 16_000, 0.5));
        utterances.push(row(&name, None, "x").utterance("db".into(), None));
    }
    (Arc::new(files), utterances.into())
}

fn lengths(loader: &Loader, batches: Vec<Vec<(usize, Window)>>) -> Vec<Vec<usize>> {
    let batch = |clips: Result<Vec<Arc<[f32]>>, _>| {
        clips.map(|clips| clips.iter().map(|clip| clip.len()).collect())
    };
    loader
        .batches(batches)
        .map(batch)
        .collect::<Result<_, crate::data::DataError>>()
        .unwrap()
}

fn plan(count: usize, size: usize) -> Vec<Vec<(usize, Window)>> {
    let order: Vec<usize> = (0..count).map(|index| index * 7 % count).collect();
    order
        .chunks(size)
        .map(|batch| batch.iter().map(|index| (*index, Window::Head)).collect())
        .collect()
}

#[test]
fn batches_come_in_order_with_any_number_of_threads() {
    let (files, utterances) = recordings(20);
    let expected: Vec<Vec<usize>> = plan(20, 3)
        .iter()
        .map(|batch| {
            batch
                .iter()
                .map(|(index, _)| (160 * (index + 1)).min(2400))
                .collect()
        })
        .collect();
    for threads in [0, 1, 4] {
        for ahead in [0, 10_000, usize::MAX / 2] {
            let loader =
                Loader::new(files.clone(), utterances.clone(), 0.15, threads).with_budget(ahead, 0);
            assert_eq!(
                lengths(&loader, plan(20, 3)),
                expected,
                "{threads} threads, {ahead} bytes"
            );
        }
    }
}

#[test]
fn empty_batches_and_no_batches() {
    let (files, utterances) = recordings(2);
    for threads in [0, 2] {
        let loader = Loader::new(files.clone(), utterances.clone(), 8.0, threads);
        assert_eq!(lengths(&loader, Vec::new()), Vec::<Vec<usize>>::new());
        let batches = vec![Vec::new(), vec![(1, Window::Head)], Vec::new()];
        assert_eq!(lengths(&loader, batches), [vec![], vec![320], vec![]]);
    }
}

#[test]
fn later_epochs_decode_nothing_again() {
    let (files, utterances) = recordings(20);
    for threads in [0, 3] {
        let loader = Loader::new(files.clone(), utterances.clone(), 0.15, threads);
        lengths(&loader, plan(20, 4));
        let opened = files.opened.load(Ordering::SeqCst);
        // Whole clips are whole in any window; the six that are cut or just fill it are not.
        let windows = |window: Window| {
            (0..20)
                .map(|index| vec![(index, window)])
                .collect::<Vec<_>>()
        };
        lengths(&loader, windows(Window::Head));
        assert_eq!(files.opened.load(Ordering::SeqCst), opened);
        lengths(&loader, windows(Window::Random(0.5)));
        assert_eq!(files.opened.load(Ordering::SeqCst), opened + 6);
        let stats = loader.stats();
        assert_eq!((stats.hits, stats.misses), (34, 26));
        assert_eq!(
            stats.kept_bytes,
            4 * (160 * (1..=14).sum::<usize>() + 6 * 2400)
        );
    }
}

#[test]
fn the_cache_keeps_to_its_budget() {
    let (files, utterances) = recordings(10);
    let loader = Loader::new(files, utterances, 8.0, 2).with_budget(1 << 20, 4 * 160 * 6);
    lengths(&loader, plan(10, 2));
    assert!(loader.stats().kept_bytes <= 4 * 160 * 6);
    assert!(loader.stats().kept_bytes > 0);
}

#[test]
fn no_more_is_decoded_ahead_than_may_be() {
    let (files, utterances) = recordings(40);
    // Each clip may take 0.1 s, 6400 bytes; three fit.
    let loader = Loader::new(files.clone(), utterances, 0.1, 4).with_budget(3 * 6400, 0);
    let mut batches = loader.batches(plan(40, 1));
    let settled = |least: usize| {
        let mut last = 0;
        loop {
            thread::sleep(Duration::from_millis(60));
            let now = files.opened.load(Ordering::SeqCst);
            if now == last && now >= least {
                return now;
            }
            last = now;
        }
    };
    // The first clips are shorter than they may be, so a few more fit than three.
    let first = settled(3);
    assert!(
        first <= 12,
        "{first} clips were decoded before the first was used"
    );
    batches.next().unwrap().unwrap();
    assert!(settled(first) <= first + 4);
    drop(batches);
    let ended = files.opened.load(Ordering::SeqCst);
    thread::sleep(Duration::from_millis(30));
    assert_eq!(
        files.opened.load(Ordering::SeqCst),
        ended,
        "threads go on after the end"
    );
}

#[test]
fn an_error_names_the_file_and_ends_the_batches() {
    let (files, utterances) = recordings(6);
    let mut inner = files.inner.clone();
    inner.insert("3.wav", b"this is not audio".to_vec());
    let files = Arc::new(inner);
    for threads in [0, 2] {
        let loader = Loader::new(files.clone(), utterances.clone(), 8.0, threads);
        let mut batches = loader.batches((0..6).map(|index| vec![(index, Window::Head)]).collect());
        for _ in 0..3 {
            assert!(batches.next().unwrap().is_ok());
        }
        let error = batches.next().unwrap().unwrap_err().to_string();
        assert!(error.contains("3.wav"), "{error}");
        assert!(batches.next().is_none());
        let error = loader
            .batches(vec![vec![(9, Window::Head)]])
            .next()
            .unwrap()
            .unwrap_err()
            .to_string();
        assert_eq!(error, "there is no utterance 9, only 6");
    }
}
