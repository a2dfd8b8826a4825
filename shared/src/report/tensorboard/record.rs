//! TFRecord: how TensorFlow strings messages together in a file.
//!
//! A record is the length of its data (64 bits), a checksum of the length, the data, and a checksum
//! of the data; numbers are little-endian.

/// CRC-32C (Castagnoli, RFC 3720) of `bytes`.
#[must_use]
pub fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    let crc = bytes.iter().fold(u32::MAX, |crc, byte| {
        (crc >> 8) ^ TABLE[usize::from(crc.to_le_bytes()[0] ^ byte)]
    });
    !crc
}

/// The remainders of all bytes, of the reflected polynomial.
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0x82f6_3b78
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

/// The checksum as records have it: turned by 15 bits and shifted by a constant, so that a checksum
/// over data with checksums inside means something.
#[must_use]
pub fn masked_crc32c(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Appends a record with `data` to `file`.
pub fn push_record(file: &mut Vec<u8>, data: &[u8]) {
    let length = (data.len() as u64).to_le_bytes();
    file.extend(length);
    file.extend(masked_crc32c(&length).to_le_bytes());
    file.extend(data);
    file.extend(masked_crc32c(data).to_le_bytes());
}

/// The data of every record of `file`, in order; `None` where a record is cut off or a checksum is
/// wrong.
#[must_use]
pub fn records(file: &[u8]) -> Option<Vec<&[u8]>> {
    let mut rest = file;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (length, after) = rest.split_at_checked(8)?;
        let (length_crc, after) = after.split_at_checked(4)?;
        let size = usize::try_from(u64::from_le_bytes(length.try_into().ok()?)).ok()?;
        let (data, after) = after.split_at_checked(size)?;
        let (data_crc, after) = after.split_at_checked(4)?;
        for (bytes, crc) in [(length, length_crc), (data, data_crc)] {
            if masked_crc32c(bytes) != u32::from_le_bytes(crc.try_into().ok()?) {
                return None;
            }
        }
        found.push(data);
        rest = after;
    }
    Some(found)
}
