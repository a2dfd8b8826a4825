//! The bytes that the decoding library gets to see.

use super::{
    caf,
    edit_list::{self, Movie},
    ogg_end, riff, tags,
};
use crate::{
    audio::AudioError,
    files::{self, Files, ReadSeek},
};
use std::{
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
};

/// Bytes of a file behind a header that may be another than the file's own.
pub(super) struct Source {
    inner: Box<dyn ReadSeek>,
    /// Position in what is seen: the header, then the bytes.
    position: u64,
    seen: Seen,
}

/// What is seen of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// What stands before the bytes of the file.
    pub(super) head: Vec<u8>,
    /// The bytes of the file; may end after it.
    pub(super) body: Range<u64>,
}

impl Seen {
    /// The first `size` bytes of a file as they are.
    pub(super) fn whole(size: u64) -> Self {
        Self {
            head: Vec::new(),
            body: 0..size,
        }
    }

    fn len(&self) -> u64 {
        (self.head.len() as u64).saturating_add(self.body.end.saturating_sub(self.body.start))
    }
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
        let (mut seen, mut extras) = (Seen::whole(size), Extras::default());
        let beginning = bytes_at::<12>(&mut *inner, 0).unwrap_or_default();
        let [a, b, c, d, second @ .., e, f, g, h] = beginning;
        match (&[a, b, c, d], &second, &[e, f, g, h]) {
            (b"RIFF" | b"RF64" | b"BW64", _, b"WAVE") => {
                match riff::look(&mut *inner, size).map_err(read)? {
                    Ok(Some(samples)) => {
                        if samples.seen.body.end > size && samples.long {
                            return Err(unclosed(format!(
                                "its header announces {} bytes, it has {size}",
                                samples.seen.body.end
                            )));
                        }
                        (seen, extras.frames) = (samples.seen, samples.frames);
                        seen.body.end = seen.body.end.min(size);
                    }
                    Ok(None) => {}
                    Err(riff::Refused::Unfinished(reason)) => return Err(unclosed(reason)),
                    Err(riff::Refused::Unsupported(reason)) => {
                        return Err(AudioError::Unsupported {
                            file: file.to_owned(),
                            reason,
                        });
                    }
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
            (b"caff", ..) => {
                if let Some(clean) = caf::clean(&mut *inner, size).map_err(read)? {
                    seen = clean;
                }
            }
            (b"fLaC", ..) => seen.body.end = tags::begin(&mut *inner, size).map_err(read)?,
            _ => {}
        }
        Ok((
            Self {
                inner,
                position: 0,
                seen,
            },
            extras,
        ))
    }

    /// Length in bytes.
    pub(super) fn len(&self) -> u64 {
        self.seen.len()
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(self.position).unwrap_or(usize::MAX);
        let count = match self.seen.head.get(start..) {
            Some(head) if !head.is_empty() => {
                let count = head.len().min(buffer.len());
                buffer[..count].copy_from_slice(&head[..count]);
                count
            }
            _ => {
                let left = usize::try_from(self.len().saturating_sub(self.position));
                let wanted = buffer.len().min(left.unwrap_or(usize::MAX));
                let offset = self.position - self.seen.head.len() as u64;
                let at = self.seen.body.start.saturating_add(offset);
                if wanted == 0 {
                    0
                } else {
                    self.inner.seek(SeekFrom::Start(at))?;
                    self.inner.read(&mut buffer[..wanted])?
                }
            }
        };
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = files::seek(to, self.position, self.len())?;
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
