//! Where a tensor's values lie in a file.

use super::DType;
use crate::files::Files;
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes that are read and converted at a time.
const CHUNK: usize = 1 << 20;

/// A tensor in a file. Whoever makes one has checked that it lies within the file and that it has
/// no more values than the bytes that it covers could hold.
#[derive(Debug, Clone)]
pub(in crate::checkpoint) struct Region {
    pub(in crate::checkpoint) path: String,
    pub(in crate::checkpoint) dtype: DType,
    pub(in crate::checkpoint) shape: Vec<usize>,
    /// Distance of neighbours in each dimension, in values; `None` is row-major without gaps.
    pub(in crate::checkpoint) strides: Option<Vec<usize>>,
    /// Position of the first value in the file, in bytes.
    pub(in crate::checkpoint) start: u64,
    /// Bytes from the first value to the end of the last.
    pub(in crate::checkpoint) bytes: usize,
}

impl Region {
    pub(super) fn read_f32(&self, files: &dyn Files) -> io::Result<Vec<f32>> {
        let mut file = files.open(&self.path)?;
        file.seek(SeekFrom::Start(self.start))?;
        let mut values = Vec::with_capacity(self.bytes / self.dtype.size());
        let mut buffer = vec![0; CHUNK.min(self.bytes)];
        let mut left = self.bytes;
        while left > 0 {
            let part = &mut buffer[..CHUNK.min(left)];
            file.read_exact(part)?;
            self.dtype.extend_f32(part, &mut values);
            left -= part.len();
        }
        Ok(match &self.strides {
            None => values,
            Some(strides) => gather(&values, &self.shape, strides),
        })
    }
}

/// Row-major values of a strided view on `values`.
fn gather(values: &[f32], shape: &[usize], strides: &[usize]) -> Vec<f32> {
    let count: usize = shape.iter().product();
    let mut index = vec![0; shape.len()];
    let mut position = 0;
    let mut out = Vec::with_capacity(count);
    for _ in 0..count {
        out.push(values[position]);
        for dim in (0..shape.len()).rev() {
            index[dim] += 1;
            position += strides[dim];
            if index[dim] < shape[dim] {
                break;
            }
            position -= strides[dim] * shape[dim];
            index[dim] = 0;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gather_transposes_and_repeats() {
        let values: Vec<f32> = (0..6).map(|v| v as f32).collect();
        assert_eq!(
            gather(&values, &[3, 2], &[1, 3]),
            [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]
        );
        assert_eq!(gather(&values, &[2, 2], &[0, 4]), [0.0, 4.0, 0.0, 4.0]);
        assert_eq!(gather(&values, &[], &[]), [0.0]);
        assert!(gather(&values, &[0, 2], &[2, 1]).is_empty());
    }
}
