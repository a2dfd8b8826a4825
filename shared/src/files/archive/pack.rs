//! A zip archive of files that are stored as they are, in pieces between which the files themselves go: so
//! that a browser can put it together without reading them.

pub use rawzip::Crc32;

/// UTF-8 in names.
const FLAGS: u16 = 1 << 11;
/// The version that a reader needs.
const VERSION: u16 = 20;
/// 1980-01-01, since times would make two archives of the same files different.
const DATE: u16 = (1 << 5) | 1;
/// What 32-bit fields take.
const MOST: u64 = u32::MAX as u64;

/// An archive in the making.
#[derive(Debug, Clone, Default)]
pub struct Pack {
    directory: Vec<u8>,
    count: u16,
    /// Bytes so far, with those of the files.
    at: u64,
}

/// More files, or more bytes, than an archive takes that every program can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an archive takes at most 4 GB and 65,535 files; save the files one by one")]
pub struct PackFull;

impl Pack {
    /// The bytes that stand before the content of a file: `size` bytes, with the check sum `crc`. Its name
    /// is below 64 KB.
    ///
    /// # Errors
    /// There is no room for it.
    pub fn file(&mut self, name: &str, size: u64, crc: u32) -> Result<Vec<u8>, PackFull> {
        let length = u16::try_from(name.len()).map_err(|_| PackFull)?;
        let (Ok(bytes), Ok(offset)) = (u32::try_from(size), u32::try_from(self.at)) else {
            return Err(PackFull);
        };
        self.count = self.count.checked_add(1).ok_or(PackFull)?;
        let mut common = Vec::new();
        for field in [VERSION, FLAGS, 0, 0, DATE] {
            common.extend(field.to_le_bytes());
        }
        for field in [crc, bytes, bytes] {
            common.extend(field.to_le_bytes());
        }
        common.extend(length.to_le_bytes());
        common.extend([0, 0]);

        let mut head = b"PK\x03\x04".to_vec();
        head.extend(&common);
        head.extend(name.as_bytes());

        let directory = &mut self.directory;
        directory.extend(b"PK\x01\x02");
        directory.extend(VERSION.to_le_bytes());
        directory.extend(&common);
        // Comment, disk, and attributes, of which there are none.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());

        self.at += head.len() as u64 + size;
        if self.at + directory.len() as u64 > MOST {
            return Err(PackFull);
        }
        Ok(head)
    }

    /// The bytes that stand at the end.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let mut end = self.directory;
        let length = end.len() as u32;
        end.extend(b"PK\x05\x06\0\0\0\0");
        end.extend(self.count.to_le_bytes());
        end.extend(self.count.to_le_bytes());
        end.extend(length.to_le_bytes());
        end.extend((self.at as u32).to_le_bytes());
        end.extend([0, 0]);
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Archive, ArchiveLimits, Member};
    use std::io::Cursor;

    #[test]
    fn what_is_packed_unpacks() {
        let files = [
            ("run/model.safetensors", &b"weights"[..]),
            ("run/gr\u{fc}n.txt", b""),
        ];
        let mut pack = Pack::default();
        let mut bytes = Vec::new();
        for (name, content) in files {
            let mut crc = Crc32::new();
            crc.update(content);
            bytes.extend(
                pack.file(name, content.len() as u64, crc.checksum())
                    .expect("room"),
            );
            bytes.extend(content);
        }
        bytes.extend(pack.finish());
        let archive = Archive::open(Box::new(Cursor::new(bytes)), &ArchiveLimits::default());
        let archive = archive.expect("a zip");
        let members = archive.members();
        assert_eq!(members.len(), 2);
        for (name, content) in files {
            let is_it = |member: &&Member| member.place.as_str() == name;
            let member = members.iter().find(is_it).expect("its name");
            assert_eq!(archive.read(member, 1000).expect("it unpacks"), content);
        }
    }

    #[test]
    fn what_no_reader_takes_is_refused() {
        let mut pack = Pack::default();
        assert!(pack.file("a", MOST - 10, 0).is_err());
        let mut pack = Pack::default();
        assert!(pack.file("a", MOST / 2, 0).is_ok());
        assert!(pack.file("b", MOST / 2, 0).is_err());
    }
}
