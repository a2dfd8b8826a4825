//! Names for files whose contents lie in numbered slots, as in a browser, where opening a file takes
//! waiting and writing to an open one does not.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Where the content of a file lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Number of the slot.
    pub slot: u32,
    /// Bytes of the file, which are the first of the slot.
    pub size: u64,
    /// Check sum of its bytes, as zip archives have it; `None` of one that grows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crc: Option<u32>,
    /// When it was written, in RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

/// A line of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A file is there, in the place of whatever had its name.
    Put(String, Slot),
    /// A file or folder has another name.
    Moved(String, String),
    /// A file, or a folder with everything in it, is gone.
    Gone(String),
}

/// The names, as the lines of an append-only file tell them. A line that a crash has cut off is as good as
/// none: what it would have told has not happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Register {
    files: BTreeMap<String, Slot>,
}

impl Register {
    /// Reads all whole lines; gives the bytes that they take, behind which new ones belong.
    #[must_use]
    pub fn read(bytes: &[u8]) -> (Self, usize) {
        let mut register = Self::default();
        let mut read = 0;
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            let Some(line) = line.strip_suffix(b"\n") else {
                break;
            };
            let Ok(entry) = serde_json::from_slice(line) else {
                break;
            };
            register.take(&entry);
            read += line.len() + 1;
        }
        (register, read)
    }

    /// The line for `entry`.
    #[must_use]
    pub fn line(entry: &Entry) -> Vec<u8> {
        let mut line = serde_json::to_vec(entry).unwrap_or_default();
        line.push(b'\n');
        line
    }

    /// All lines that are needed to tell what is there now.
    #[must_use]
    pub fn lines(&self) -> Vec<u8> {
        let lines = self.files.iter();
        lines
            .flat_map(|(path, slot)| Self::line(&Entry::Put(path.clone(), slot.clone())))
            .collect()
    }

    /// Does what a line says; gives the slots that nothing needs any more.
    pub fn take(&mut self, entry: &Entry) -> Vec<u32> {
        match entry {
            Entry::Put(path, slot) => {
                let before = self.files.insert(path.clone(), slot.clone());
                before
                    .filter(|before| before.slot != slot.slot)
                    .map(|before| before.slot)
                    .into_iter()
                    .collect()
            }
            Entry::Moved(from, to) => {
                let mut freed = Vec::new();
                for path in self.below(from) {
                    if let Some(slot) = self.files.remove(&path) {
                        let name = format!("{to}{}", &path[from.len()..]);
                        freed.extend(self.files.insert(name, slot).map(|before| before.slot));
                    }
                }
                freed
            }
            Entry::Gone(path) => {
                let gone = self.below(path);
                gone.iter()
                    .filter_map(|path| self.files.remove(path))
                    .map(|slot| slot.slot)
                    .collect()
            }
        }
    }

    /// The file `path`, or all in the folder `path`.
    fn below(&self, path: &str) -> Vec<String> {
        let folder = format!("{path}/");
        let is_in = |name: &&String| *name == path || name.starts_with(&folder);
        self.files.keys().filter(is_in).cloned().collect()
    }

    /// Where the content of a file lies.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Slot> {
        self.files.get(path)
    }

    /// All files by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Slot)> {
        self.files.iter().map(|(path, slot)| (path.as_str(), slot))
    }

    /// All slots that files lie in.
    #[must_use]
    pub fn slots(&self) -> BTreeSet<u32> {
        self.files.values().map(|slot| slot.slot).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(slot: u32) -> Slot {
        Slot {
            slot,
            size: 1,
            crc: None,
            time: None,
        }
    }

    fn put(path: &str, number: u32) -> Entry {
        Entry::Put(path.to_owned(), slot(number))
    }

    #[test]
    fn entries_free_what_they_replace() {
        let mut register = Register::default();
        assert!(register.take(&put("a/x", 1)).is_empty());
        assert!(register.take(&put("a/y", 2)).is_empty());
        assert!(register.take(&put("ab", 3)).is_empty());
        assert_eq!(register.take(&put("a/x", 4)), [1]);
        // The same slot once more, longer.
        assert!(register.take(&put("a/x", 4)).is_empty());
        assert!(
            register
                .take(&Entry::Moved("a".into(), "old/a".into()))
                .is_empty()
        );
        let names: Vec<&str> = register.files().map(|(path, _)| path).collect();
        assert_eq!(names, ["ab", "old/a/x", "old/a/y"]);
        assert_eq!(register.take(&Entry::Gone("old".into())), [4, 2]);
        assert!(register.take(&Entry::Gone("none".into())).is_empty());
        assert_eq!(register.slots(), BTreeSet::from([3]));
    }

    #[test]
    fn a_register_cut_off_anywhere_tells_what_its_whole_lines_tell() {
        let entries = [
            put("a", 0),
            put("b/c", 1),
            Entry::Moved("b".into(), "d".into()),
            put("a", 2),
            Entry::Gone("d".into()),
        ];
        let mut bytes = Vec::new();
        let mut ends = vec![0];
        for entry in &entries {
            bytes.extend(Register::line(entry));
            ends.push(bytes.len());
        }
        for cut in 0..=bytes.len() {
            let whole = ends.iter().filter(|&&end| end <= cut && end > 0).count();
            let mut expected = Register::default();
            for entry in &entries[..whole] {
                expected.take(entry);
            }
            let (register, read) = Register::read(&bytes[..cut]);
            assert_eq!(register, expected, "{cut}");
            assert_eq!(read, ends[whole], "{cut}");
            let (again, _) = Register::read(&register.lines());
            assert_eq!(again, register);
        }
    }
}
