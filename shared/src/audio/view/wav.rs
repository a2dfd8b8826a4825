//! A recording as 16-bit WAV, which every browser plays.

/// Length of the header in bytes.
pub const WAV_HEADER: u64 = 44;

/// The header of a 16-bit WAV file; `None` if it would be longer than such a file can be (4 GB) or
/// its frames wider than the header can say.
#[must_use]
pub fn wav_header(rate: u32, channels: u16, frames: u64) -> Option<[u8; WAV_HEADER as usize]> {
    let frame = channels.checked_mul(2)?;
    let data = u32::try_from(frames.checked_mul(u64::from(frame))?).ok()?;
    let bytes_per_second = rate.checked_mul(u32::from(frame))?;
    let mut header = [0; WAV_HEADER as usize];
    let fields: [&[u8]; 13] = [
        b"RIFF",
        &data.checked_add(36)?.to_le_bytes(),
        b"WAVE",
        b"fmt ",
        &16u32.to_le_bytes(),
        &1u16.to_le_bytes(),
        &channels.to_le_bytes(),
        &rate.to_le_bytes(),
        &bytes_per_second.to_le_bytes(),
        &frame.to_le_bytes(),
        &16u16.to_le_bytes(),
        b"data",
        &data.to_le_bytes(),
    ];
    let mut at = 0;
    for field in fields {
        header[at..at + field.len()].copy_from_slice(field);
        at += field.len();
    }
    Some(header)
}

/// Appends the samples of `planes`, one slice a channel, interleaved. 16-bit samples come out as
/// they were; what is beyond full scale is cut off.
pub fn wav_samples(planes: &[&[f32]], bytes: &mut Vec<u8>) {
    let frames = planes.first().map_or(0, |plane| plane.len());
    bytes.reserve(frames * planes.len() * 2);
    for frame in 0..frames {
        for plane in planes {
            let sample = (plane[frame] * 32_768.0).round() as i16;
            bytes.extend_from_slice(&sample.to_le_bytes());
        }
    }
}
