//! Types of values in files.

use half::{bf16, f16};

/// The type of a tensor's values in a file (little-endian).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DType {
    /// IEEE single.
    F32,
    /// IEEE half.
    F16,
    /// bfloat16.
    Bf16,
    /// IEEE double.
    F64,
    /// Signed, 64 bits.
    I64,
    /// Signed, 32 bits.
    I32,
    /// Signed, 16 bits.
    I16,
    /// Signed, 8 bits.
    I8,
    /// Unsigned, 8 bits.
    U8,
    /// One byte, 0 or 1.
    Bool,
    /// A type that is not read: unsigned beyond a byte, 8-bit floats, complex numbers and the like.
    Other,
}

impl DType {
    /// Types with their words in safetensors' header and as PyTorch's storage class.
    const WORDS: &[(Self, &str, &str)] = &[
        (Self::F32, "F32", "FloatStorage"),
        (Self::F16, "F16", "HalfStorage"),
        (Self::Bf16, "BF16", "BFloat16Storage"),
        (Self::F64, "F64", "DoubleStorage"),
        (Self::I64, "I64", "LongStorage"),
        (Self::I32, "I32", "IntStorage"),
        (Self::I16, "I16", "ShortStorage"),
        (Self::I8, "I8", "CharStorage"),
        (Self::U8, "U8", "ByteStorage"),
        (Self::Bool, "BOOL", "BoolStorage"),
    ];

    pub(super) fn from_safetensors(word: &str) -> Option<Self> {
        Self::WORDS
            .iter()
            .find(|(_, name, _)| *name == word)
            .map(|&(dtype, ..)| dtype)
    }

    pub(super) fn from_torch(storage: &str) -> Option<Self> {
        Self::WORDS
            .iter()
            .find(|(_, _, name)| *name == storage)
            .map(|&(dtype, ..)| dtype)
    }

    /// Whether the values are real numbers that weights may be.
    #[must_use]
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F16 | Self::Bf16 | Self::F64)
    }

    /// Bytes of a value; of another type its bytes count one by one.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::F64 | Self::I64 => 8,
            Self::F32 | Self::I32 => 4,
            Self::F16 | Self::Bf16 | Self::I16 => 2,
            Self::I8 | Self::U8 | Self::Bool | Self::Other => 1,
        }
    }

    /// Appends the values in `bytes`, whole ones only, to `out`.
    ///
    /// Doubles are rounded to the nearest single; integers beyond 2^24 too.
    pub(super) fn extend_f32(self, bytes: &[u8], out: &mut Vec<f32>) {
        fn each<const N: usize>(bytes: &[u8], out: &mut Vec<f32>, value: impl Fn([u8; N]) -> f32) {
            out.extend(bytes.as_chunks::<N>().0.iter().map(|chunk| value(*chunk)));
        }
        match self {
            Self::F32 => each(bytes, out, f32::from_le_bytes),
            Self::F16 => each(bytes, out, |b| f16::from_le_bytes(b).to_f32()),
            Self::Bf16 => each(bytes, out, |b| bf16::from_le_bytes(b).to_f32()),
            Self::F64 => each(bytes, out, |b| f64::from_le_bytes(b) as f32),
            Self::I64 => each(bytes, out, |b| i64::from_le_bytes(b) as f32),
            Self::I32 => each(bytes, out, |b| i32::from_le_bytes(b) as f32),
            Self::I16 => each(bytes, out, |b| f32::from(i16::from_le_bytes(b))),
            Self::I8 => each(bytes, out, |b| f32::from(i8::from_le_bytes(b))),
            Self::U8 | Self::Bool | Self::Other => each(bytes, out, |[b]: [u8; 1]| f32::from(b)),
        }
    }
}
