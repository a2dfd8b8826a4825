//! The bytes that the decoding library gets to see.

use super::{
    edit_list::{self, Movie},
    ogg_end, riff,
};
use crate::{
    audio::AudioError,
    files::{Files, ReadSeek},
};
use std::io::{self, Read, Seek, SeekFrom};

/// A file up to `end`, with its first bytes replaced.
pub(super) struct Source {
    inner: Box<dyn ReadSeek>,
    position: u64,
    end: u64,
    head: &'static [u8],
}

/// What of a file the decoding library does not look at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extras {
    /// Of an MP4 file.
    pub(super) movie: Option<Movie>,
    /// Length of a WAV file without a 32-bit length.
    pub(super) frames: Option<u64>,
}

impl Source {
    /// Opens `file` and reads what stands at its beginning and end.
    pub(super) fn open(files: &dyn Files, file: &str) -> Result<(Self, Extras), AudioError> {
        let read = |source| AudioError::Read {
            file: file.to_owned(),
            source,
        };
        let unclosed = |reason| AudioError::Unclosed {
            file: file.to_owned(),
            reason,
        };
        if files.is_folder(file) {
            return Err(AudioError::Folder {
                file: file.to_owned(),
            });
        }
        let size = files.size(file).map_err(read)?;
        if size == 0 {
            return Err(AudioError::Empty {
                file: file.to_owned(),
            });
        }
        let mut inner = files.open(file).map_err(read)?;
        let (mut end, mut head, mut extras): (u64, &[u8], _) = (size, &[], Extras::default());
        let beginning = bytes_at::<12>(&mut *inner, 0).unwrap_or_default();
        let [a, b, c, d, second @ .., e, f, g, h] = beginning;
        match (&[a, b, c, d], &second, &[e, f, g, h]) {
            (b"RIFF" | b"RF64" | b"BW64", _, b"WAVE") => {
                if let Some(samples) = riff::unmeasured(&mut *inner, size).map_err(read)? {
                    end = samples.bytes.end;
                    if end > size {
                        return Err(unclosed(format!(
                            "its header announces {end} bytes, it has {size}"
                        )));
                    }
                    (head, extras.frames) = (riff::HEAD, samples.frames);
                }
            }
            (_, b"ftyp", _) => {
                let movie = edit_list::read(&mut *inner, size).map_err(read)?;
                let missing = || unclosed("its table of contents (moov) is missing".to_owned());
                extras.movie = Some(movie.ok_or_else(missing)?);
            }
            (b"OggS", ..) => {
                let state = ogg_end::check(&mut *inner, size).map_err(read)?;
                state.map_err(|reason| unclosed(reason.to_owned()))?;
            }
            _ => {}
        }
        inner.seek(SeekFrom::Start(0)).map_err(read)?;
        Ok((
            Self {
                inner,
                position: 0,
                end,
                head,
            },
            extras,
        ))
    }

    /// Length in bytes.
    pub(super) fn len(&self) -> u64 {
        self.end
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let count = self.inner.read(&mut buffer[..wanted])?;
        let start = usize::try_from(self.position).unwrap_or(usize::MAX);
        if let Some(head) = self.head.get(start..) {
            let replaced = head.len().min(count);
            buffer[..replaced].copy_from_slice(&head[..replaced]);
        }
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.end.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        let position = position.ok_or(io::ErrorKind::InvalidInput)?;
        self.position = self.inner.seek(SeekFrom::Start(position))?;
        Ok(self.position)
    }
}

/// The `N` bytes from `position` on.
pub(super) fn bytes_at<const N: usize>(
    inner: &mut dyn ReadSeek,
    position: u64,
) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    inner.seek(SeekFrom::Start(position))?;
    inner.read_exact(&mut bytes)?;
    Ok(bytes)
}
