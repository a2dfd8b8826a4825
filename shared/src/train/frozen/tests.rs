//! The store by itself; `tests/frozen.rs` trains with it.

use super::store::{Held, Key, Lifted, Numbers, Room, Store};
use crate::files::{Files, Memory, NewFile, Output, ReadSeek};
use proptest::prelude::*;
use std::{
    io::{self, Write},
    sync::Mutex,
};

const FILE: &str = "store/frozen.cache";

/// A disk in memory that can be full.
struct Medium {
    files: Mutex<Memory>,
    room: usize,
}

impl Medium {
    fn new(room: usize) -> Self {
        Self {
            files: Mutex::default(),
            room,
        }
    }

    fn content(&self) -> Vec<u8> {
        self.read(FILE).expect("the file")
    }

    fn replace(&self, bytes: Vec<u8>) {
        self.files.lock().expect("one thread").insert(FILE, bytes);
    }
}

impl Files for Medium {
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        self.files.lock().expect("one thread").open(path)
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        self.files.lock().expect("one thread").size(path)
    }

    fn is_folder(&self, path: &str) -> bool {
        self.files.lock().expect("one thread").is_folder(path)
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        self.files.lock().expect("one thread").list(path)
    }
}

struct New<'a>(&'a Medium, Vec<u8>);

impl Write for New<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl NewFile for New<'_> {
    fn finish(self: Box<Self>) -> io::Result<()> {
        if self.1.len() > self.0.room {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.replace(self.1);
        Ok(())
    }
}

impl Output for Medium {
    fn create<'a>(&'a self, path: &str) -> io::Result<Box<dyn NewFile + 'a>> {
        assert_eq!(path, FILE);
        Ok(Box::new(New(self, Vec::new())))
    }

    fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        unreachable!("nothing is moved")
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        assert_eq!(path, FILE);
        *self.files.lock().expect("one thread") = Memory::default();
        Ok(())
    }

    fn sync_folder(&self, _: &str) -> io::Result<()> {
        Ok(())
    }
}

fn key(number: u8) -> Key {
    [number; 32]
}

/// Three frames of four numbers.
fn lifted(number: u8, half: bool) -> Lifted {
    let values = (0..12).map(|i| f32::from(number) + i as f32 * 0.1);
    Lifted {
        frames: 3,
        numbers: Numbers::of(values.collect(), half),
    }
}

fn room(memory: u64, file: u64) -> Room {
    Room { memory, file }
}

#[test]
fn memory_comes_first_then_the_file_and_then_nothing() {
    let medium = Medium::new(usize::MAX);
    // Two clips of 48 bytes in memory, and two of 100 in the file.
    let store = Store::new(room(100, 210), Some((&medium, FILE.to_owned())));
    for number in 0..6 {
        store.put(key(number), &lifted(number, false));
    }
    let held = Held {
        memory: 96,
        file: 200,
    };
    assert_eq!(store.held(), held);
    assert_eq!(medium.content().len(), 200);
    for number in 0..6 {
        let expected = (number < 4).then(|| lifted(number, false));
        assert_eq!(store.has(&key(number)), number < 4);
        assert_eq!(store.get(&key(number)), expected, "clip {number}");
    }
    // What is there already takes no room again.
    store.put(key(0), &lifted(0, false));
    assert_eq!(store.held(), held);
    assert_eq!(store.trouble(), None);

    store.remove_file().expect("removable");
    assert!(!medium.exists(FILE));
    assert!(store.get(&key(0)).is_some() && store.get(&key(3)).is_none());
}

#[test]
fn half_precision_takes_half_the_room_and_rounds_the_same_each_time() {
    let medium = Medium::new(usize::MAX);
    let store = Store::new(room(24, 1000), Some((&medium, FILE.to_owned())));
    for number in 1..3 {
        store.put(key(number), &lifted(number, true));
    }
    assert_eq!(store.held().memory, 24);
    assert_eq!(store.held().file, 52 + 24);
    let (mut exact, mut rounded) = ([0.0; 12], [0.0; 12]);
    for number in 1..3 {
        let found = store.get(&key(number)).expect("kept");
        assert_eq!(found, lifted(number, true));
        lifted(number, false).numbers.copy_to(&mut exact);
        found.numbers.copy_to(&mut rounded);
        for (exact, rounded) in exact.iter().zip(rounded) {
            assert!((exact - rounded).abs() <= exact.abs() * 2.0_f32.powi(-11));
        }
    }
    // Numbers beyond half precision's range stay as they are.
    let large = Numbers::of(vec![1.0, 70_000.0], true);
    assert_eq!(large, Numbers::of(vec![1.0, 70_000.0], false));
}

#[test]
fn a_later_call_finds_what_is_whole() {
    let medium = Medium::new(usize::MAX);
    let open = || {
        Store::new(
            room(0, 1000),
            Some((&medium as &dyn Output, FILE.to_owned())),
        )
    };
    let store = open();
    for number in 0..3 {
        store.put(key(number), &lifted(number, number == 1));
    }
    let whole = medium.content();
    for number in 0..3 {
        assert_eq!(open().get(&key(number)), Some(lifted(number, number == 1)));
    }

    // Broken off in the last clip, which is then written anew.
    medium.replace(whole[..whole.len() - 1].to_vec());
    let store = open();
    assert!(store.has(&key(1)) && !store.has(&key(2)));
    store.put(key(2), &lifted(2, false));
    assert_eq!(medium.content(), whole);

    // A bit that is other in the numbers of the first clip.
    let mut damaged = whole.clone();
    damaged[60] ^= 1;
    medium.replace(damaged);
    let store = open();
    assert_eq!(store.get(&key(0)), None);
    assert!(!store.has(&key(0)));
    assert_eq!(store.get(&key(2)), Some(lifted(2, false)));
}

#[test]
fn a_full_disk_is_told_of_once_and_ends_nothing() {
    let medium = Medium::new(250);
    let store = Store::new(room(0, 1000), Some((&medium, FILE.to_owned())));
    for number in 0..4 {
        store.put(key(number), &lifted(number, false));
    }
    assert!(store.trouble().is_some());
    assert_eq!(store.trouble(), None);
    let kept = (0..4).filter(|number| store.get(&key(*number)).is_some());
    assert_eq!(kept.count(), 2);
}

proptest! {
    #[test]
    fn whatever_the_file_holds_is_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0_usize..300, byte: u8) {
        let medium = Medium::new(usize::MAX);
        let open = || Store::new(room(0, 1000), Some((&medium as &dyn Output, FILE.to_owned())));
        medium.replace(bytes);
        prop_assert_eq!(open().get(&key(1)), None);
        medium.replace(Vec::new());
        let store = open();
        store.put(key(1), &lifted(1, false));
        store.put(key(2), &lifted(2, true));
        let mut bytes = medium.content();
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        medium.replace(bytes);
        let store = open();
        // Either what was kept, or nothing.
        for (number, half) in [(1, false), (2, true)] {
            let found = store.get(&key(number));
            prop_assert!(found.is_none_or(|found| found == lifted(number, half)));
        }
    }
}
