//! Archives byte by byte, honest and not.

use flate2::{Compression, write::DeflateEncoder};
use std::io::Write;

/// A file of an archive as its headers tell of it.
#[derive(Debug, Clone)]
pub(super) struct Forged {
    pub(super) name: Vec<u8>,
    pub(super) data: Vec<u8>,
    pub(super) size: u32,
    pub(super) crc: u32,
    pub(super) method: u16,
    pub(super) flags: u16,
    /// Upper half: the Unix mode.
    pub(super) attributes: u32,
    /// Where the directory says that it lies, instead of where it does.
    pub(super) at: Option<u32>,
}

impl Forged {
    /// A file that is stored as it is.
    pub(super) fn stored(name: &str, content: &[u8]) -> Self {
        Self {
            name: name.into(),
            data: content.to_vec(),
            size: content.len() as u32,
            crc: rawzip::crc32(content),
            method: 0,
            flags: 0x800,
            attributes: 0o100_644 << 16,
            at: None,
        }
    }

    /// A file that is compressed.
    pub(super) fn deflated(name: &str, content: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        Self {
            data: encoder.finish().unwrap(),
            method: 8,
            ..Self::stored(name, content)
        }
    }
}

/// The archive.
pub(super) fn archive(files: &[Forged]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for file in files {
        let at = bytes.len() as u32;
        let common = |out: &mut Vec<u8>| {
            out.extend(20u16.to_le_bytes());
            out.extend(file.flags.to_le_bytes());
            out.extend(file.method.to_le_bytes());
            out.extend([0; 4]);
            out.extend(file.crc.to_le_bytes());
            out.extend((file.data.len() as u32).to_le_bytes());
            out.extend(file.size.to_le_bytes());
            out.extend((file.name.len() as u16).to_le_bytes());
            out.extend(0u16.to_le_bytes());
        };
        bytes.extend(b"PK\x03\x04");
        common(&mut bytes);
        bytes.extend(&file.name);
        bytes.extend(&file.data);
        directory.extend(b"PK\x01\x02");
        // Made on Unix.
        directory.extend([20, 3]);
        common(&mut directory);
        directory.extend([0; 6]);
        directory.extend(file.attributes.to_le_bytes());
        directory.extend(file.at.unwrap_or(at).to_le_bytes());
        directory.extend(&file.name);
    }
    let at = bytes.len() as u32;
    let count = (files.len() as u16).to_le_bytes();
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count);
    bytes.extend(count);
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(at.to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}
