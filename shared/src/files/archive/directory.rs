//! The directory of an archive, judged as a whole.

use super::{ArchiveError, ArchiveLimits, bytes::Bytes};
use crate::files::{Place, ReadSeek};
use rawzip::{
    CompressionMethod, Error, RECOMMENDED_BUFFER_SIZE, ZipArchive, ZipArchiveEntryWayfinder,
    ZipFileHeaderRecord, ZipLocator,
};
use std::{
    collections::{HashMap, hash_map::Entry},
    io::{Seek, SeekFrom},
};

/// What programs put into archives for themselves.
const IGNORED: &[&str] = &[".DS_Store", "Thumbs.db", "desktop.ini"];

/// File types in the upper bits of a Unix mode; 0 where none is given.
const TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;

/// Bytes of all names; a directory that has more is no honest one.
const NAMES: u64 = 32 << 20;

/// A file of an archive.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its place.
    pub place: Place,
    /// Its length in bytes, as the directory says.
    pub size: u64,
    pub(super) deflated: bool,
    pub(super) wayfinder: ZipArchiveEntryWayfinder,
}

/// An archive whose directory was read and found harmless.
pub struct Archive {
    pub(super) zip: ZipArchive<Bytes>,
    members: Vec<Member>,
}

impl Archive {
    /// Reads and judges the directory.
    ///
    /// # Errors
    /// No zip, or one that is not unpacked: see [`ArchiveError`].
    pub fn open(mut file: Box<dyn ReadSeek>, limits: &ArchiveLimits) -> Result<Self, ArchiveError> {
        let packed = file.seek(SeekFrom::End(0))?;
        file.rewind()?;
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let file = Bytes::new(file);
        let zip = ZipLocator::new()
            .locate_in_reader(file, &mut buffer, packed)
            .map_err(|(_, error)| damaged(&error))?;
        let mut directory = Directory::default();
        let mut entries = zip.entries(&mut buffer);
        while let Some(entry) = entries.next_entry().map_err(|error| damaged(&error))? {
            directory.add(&entry, limits)?;
        }
        directory.check_ratio(packed, limits)?;
        let members = directory.members;
        no_overlap(&zip, &members, packed)?;
        Ok(Self { zip, members })
    }

    /// The files, in the order of the directory; what programs put into archives for themselves
    /// is left out.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Length of all files in bytes, as the directory says.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.members.iter().map(|member| member.size).sum()
    }
}

pub(super) fn damaged(error: &Error) -> ArchiveError {
    ArchiveError::Damaged(error.to_string())
}

/// What was read of a directory.
#[derive(Default)]
struct Directory {
    members: Vec<Member>,
    /// All places, and whether they are folders.
    places: HashMap<String, bool>,
    entries: u64,
    names: u64,
    bytes: u64,
}

impl Directory {
    fn add(
        &mut self,
        entry: &ZipFileHeaderRecord<'_>,
        limits: &ArchiveLimits,
    ) -> Result<(), ArchiveError> {
        self.entries += 1;
        let smaller = "make several smaller archives";
        limit("the number of files", self.entries, limits.members, smaller)?;
        let name = entry.file_path();
        let name = name.as_bytes();
        self.names += name.len() as u64;
        limit("the length of all names", self.names, NAMES, smaller)?;
        let Ok(name) = str::from_utf8(name) else {
            let shown = String::from_utf8_lossy(name).into_owned();
            return Err(ArchiveError::Encoding(shown));
        };
        let folder = name.strip_suffix('/');
        let place = Place::parse(folder.unwrap_or(name)).map_err(|reason| ArchiveError::Name {
            name: name.chars().take(200).collect(),
            reason,
        })?;
        let named = || place.to_string();
        let kind = (entry.external_attributes() >> 16) & TYPE;
        let wanted = if folder.is_some() { FOLDER } else { REGULAR };
        if entry.mode().is_symlink() || kind != 0 && kind != wanted {
            return Err(ArchiveError::Link(named()));
        }
        if folder.is_some() && entry.uncompressed_size_hint() > 0 {
            return Err(ArchiveError::Twice(named()));
        }
        self.occupy(&place, folder.is_some())?;
        if folder.is_some() || is_ignored(&place) {
            return Ok(());
        }
        let flags = entry.flags();
        if flags.is_encrypted() || flags.has_strong_encryption() || flags.is_masked() {
            return Err(ArchiveError::Encrypted(named()));
        }
        let deflated = match entry.compression_method() {
            CompressionMethod::STORE => false,
            CompressionMethod::DEFLATE => true,
            other => {
                return Err(ArchiveError::Method {
                    name: named(),
                    method: other.as_u16(),
                });
            }
        };
        let size = entry.uncompressed_size_hint();
        let packed = entry.compressed_size_hint();
        limit("the length of a file", size, limits.file, "leave it out")?;
        if !deflated && size != packed {
            return Err(ArchiveError::Content {
                name: named(),
                reason: format!("it is not compressed, and has {packed} bytes instead of {size}"),
            });
        }
        if size > ArchiveLimits::FREE {
            let ratio = size / packed.max(1);
            let hint = "such files are taken for attacks: send this one by itself";
            limit("the compression ratio of a file", ratio, limits.ratio, hint)?;
        }
        self.bytes = self.bytes.saturating_add(size);
        limit("the length of all files", self.bytes, limits.bytes, smaller)?;
        self.members.push(Member {
            place,
            size,
            deflated,
            wayfinder: entry.wayfinder(),
        });
        Ok(())
    }

    /// A place is a file once, or a folder, and what is above it are folders.
    fn occupy(&mut self, place: &Place, folder: bool) -> Result<(), ArchiveError> {
        let twice = || ArchiveError::Twice(place.to_string());
        for above in place.folders() {
            if !*self.places.entry(above.to_owned()).or_insert(true) {
                return Err(twice());
            }
        }
        match self.places.entry(place.to_string()) {
            Entry::Vacant(free) => {
                free.insert(folder);
                Ok(())
            }
            Entry::Occupied(taken) if folder && *taken.get() => Ok(()),
            Entry::Occupied(_) => Err(twice()),
        }
    }

    /// Many small files can make a bomb as well as a large one.
    fn check_ratio(&self, packed: u64, limits: &ArchiveLimits) -> Result<(), ArchiveError> {
        if self.bytes <= 16 * ArchiveLimits::FREE {
            return Ok(());
        }
        let ratio = self.bytes / packed.max(1);
        let hint = "such archives are taken for attacks: send the files one by one";
        limit("the compression ratio", ratio, limits.ratio, hint)
    }
}

fn limit(
    what: &'static str,
    found: u64,
    limit: u64,
    hint: &'static str,
) -> Result<(), ArchiveError> {
    if found > limit {
        return Err(ArchiveError::Limit {
            what,
            found,
            limit,
            hint,
        });
    }
    Ok(())
}

fn is_ignored(place: &Place) -> bool {
    place.as_str().starts_with("__MACOSX/") || IGNORED.contains(&place.name())
}

/// No two files lie on the same bytes, and none reaches beyond the archive.
fn no_overlap(
    zip: &ZipArchive<Bytes>,
    members: &[Member],
    packed: u64,
) -> Result<(), ArchiveError> {
    let mut ranges = Vec::with_capacity(members.len());
    for member in members {
        let entry = zip
            .get_entry(member.wayfinder)
            .map_err(|error| damaged(&error))?;
        let (start, end) = entry.compressed_data_range();
        if end > packed || start > end {
            let reason = "it ends beyond the archive".to_owned();
            let name = member.place.to_string();
            return Err(ArchiveError::Content { name, reason });
        }
        if start < end {
            ranges.push((start, end, &member.place));
        }
    }
    ranges.sort_by_key(|(start, ..)| *start);
    let shared = ranges.windows(2).find(|pair| pair[1].0 < pair[0].1);
    shared.map_or(Ok(()), |pair| {
        Err(ArchiveError::Overlap(pair[1].2.to_string()))
    })
}
