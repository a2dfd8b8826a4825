//! Parquet's hybrid of run lengths and packed bits, in which it writes levels, indices and
//! booleans.

use super::thrift::varint;

/// Decodes `count` numbers of `width` bits, 0 to 32.
pub(super) fn decode(mut bytes: &[u8], width: usize, count: usize) -> Option<Vec<u32>> {
    if width > 32 {
        return None;
    }
    let mut values = Vec::new();
    while values.len() < count {
        let (header, length) = varint(bytes)?;
        bytes = &bytes[length..];
        let left = count - values.len();
        let run = usize::try_from(header >> 1).ok()?;
        if header & 1 == 0 {
            let length = width.div_ceil(8);
            let value = bytes.get(..length)?;
            let value = value
                .iter()
                .rev()
                .fold(0_u32, |value, byte| (value << 8) | u32::from(*byte));
            bytes = &bytes[length..];
            // A run of nothing would never end.
            if run == 0 {
                return None;
            }
            values.resize(values.len() + run.min(left), value);
        } else {
            let wanted = run.checked_mul(8)?;
            if wanted == 0 {
                return None;
            }
            let packed = bytes.get(..run.checked_mul(width)?)?;
            bytes = &bytes[packed.len()..];
            values.extend((0..wanted.min(left)).map(|index| bits(packed, index * width, width)));
        }
    }
    Some(values)
}

/// The number in `width` bits from the bit `from` on, the lowest bit of each byte first.
fn bits(packed: &[u8], from: usize, width: usize) -> u32 {
    (0..width).fold(0, |value, bit| {
        let place = from + bit;
        value | (u32::from((packed[place / 8] >> (place % 8)) & 1) << bit)
    })
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn runs_and_packed_bits() {
        // The format's own example: 0 to 7 in three bits each.
        let packed = [0x03, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        assert_eq!(decode(&packed, 3, 8), Some((0..8).collect()));
        assert_eq!(decode(&packed, 3, 5), Some((0..5).collect()));
        assert_eq!(
            decode(&[0x08, 0x02, 0x02, 0x01], 8, 5),
            Some(vec![2, 2, 2, 2, 1])
        );
        assert_eq!(decode(&[0x04, 0x01, 0x02], 9, 2), Some(vec![513, 513]));
        assert_eq!(decode(&[0x06], 0, 3), Some(vec![0, 0, 0]));
        assert_eq!(decode(&[], 1, 0), Some(vec![]));
    }

    #[test]
    fn what_ends_too_early_is_refused() {
        for (bytes, width, count) in [
            (&[][..], 1, 1),
            (&[0x08], 8, 4),
            (&[0x00, 0x01], 8, 4),
            (&[0x01], 8, 4),
            (&[0x03, 0xff], 3, 8),
            (&[0xff; 12], 8, 4),
            (&[0x02, 0x00], 33, 1),
        ] {
            assert_eq!(decode(bytes, width, count), None, "{bytes:?}");
        }
    }
}
