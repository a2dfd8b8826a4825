//! Unpacking one file.

use super::{Archive, ArchiveError, Member, directory::damaged};
use flate2::read::DeflateDecoder;
use std::io::{self, BufReader, Read};

/// Bytes that are read of the archive at once.
const BUFFER: usize = 64 << 10;
/// Bytes that are handed on at once.
const BLOCK: usize = 64 << 10;

impl Archive {
    /// Unpacks `member` and hands its bytes to `sink`, block by block: never more than the directory
    /// says, and at the end only if they are as many, with the right checksum.
    ///
    /// # Errors
    /// It does not unpack to what the directory says, or an error of `sink`.
    pub fn unpack(
        &self,
        member: &Member,
        mut sink: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<(), ArchiveError> {
        let content = |reason: String| ArchiveError::Content {
            name: member.place.to_string(),
            reason,
        };
        let entry = self
            .zip
            .get_entry(member.wayfinder)
            .map_err(|error| damaged(&error))?;
        let packed = BufReader::with_capacity(BUFFER, entry.reader());
        let plain: Box<dyn Read + '_> = if member.deflated {
            Box::new(DeflateDecoder::new(packed))
        } else {
            Box::new(packed)
        };
        // One byte more than there may be, so that a longer file is noticed.
        let mut reader = entry
            .verifying_reader(plain)
            .take(member.size.saturating_add(1));
        let mut block = vec![0; BLOCK];
        let mut done = 0;
        loop {
            let count = match reader.read(&mut block) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(content(error.to_string())),
            };
            done += count as u64;
            if done > member.size {
                let reason = format!(
                    "it is longer than the {} bytes that it should have",
                    member.size
                );
                return Err(content(reason));
            }
            sink(&block[..count])?;
        }
        if done < member.size {
            return Err(content(format!(
                "it has {done} bytes instead of {}",
                member.size
            )));
        }
        Ok(())
    }

    /// The whole of a file that has at most `most` bytes.
    ///
    /// # Errors
    /// As [`Self::unpack`], or it is longer.
    pub fn read(&self, member: &Member, most: u64) -> Result<Vec<u8>, ArchiveError> {
        if member.size > most {
            return Err(ArchiveError::Limit {
                what: "the length of a file that is read at once",
                found: member.size,
                limit: most,
                hint: "leave it out",
            });
        }
        let mut bytes = Vec::new();
        self.unpack(member, |block| {
            bytes.extend_from_slice(block);
            Ok(())
        })?;
        Ok(bytes)
    }
}
