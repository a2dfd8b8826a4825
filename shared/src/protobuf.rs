//! A small writer of Protocol Buffers, for TensorBoard's events and ONNX.

/// A message under construction. Fields are written in the order of the calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Message {
    bytes: Vec<u8>,
}

/// How a field's value is written (Protocol Buffers, "Encoding").
const VARINT: u32 = 0;
const FIXED_64: u32 = 1;
const LENGTH: u32 = 2;
const FIXED_32: u32 = 5;

impl Message {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The message's bytes.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// `int32`, `int64`, `bool` and enums; of a negative value its two's complement in 64 bits.
    pub(crate) fn number(mut self, field: u32, value: u64) -> Self {
        self.key(field, VARINT);
        self.varint(value);
        self
    }

    pub(crate) fn double(mut self, field: u32, value: f64) -> Self {
        self.key(field, FIXED_64);
        self.bytes.extend(value.to_le_bytes());
        self
    }

    pub(crate) fn float(mut self, field: u32, value: f32) -> Self {
        self.key(field, FIXED_32);
        self.bytes.extend(value.to_le_bytes());
        self
    }

    /// `bytes`, and `string` of UTF-8.
    pub(crate) fn bytes(mut self, field: u32, value: &[u8]) -> Self {
        self.key(field, LENGTH);
        self.varint(value.len() as u64);
        self.bytes.extend(value);
        self
    }

    pub(crate) fn text(self, field: u32, value: &str) -> Self {
        self.bytes(field, value.as_bytes())
    }

    pub(crate) fn message(self, field: u32, value: Self) -> Self {
        self.bytes(field, &value.bytes)
    }

    /// The key of a field of `length` bytes with that length; the bytes follow.
    #[cfg(feature = "engine")]
    pub(crate) fn length_key(field: u32, length: usize) -> Vec<u8> {
        let mut message = Self::new();
        message.key(field, LENGTH);
        message.varint(length as u64);
        message.bytes
    }

    fn key(&mut self, field: u32, kind: u32) {
        self.varint(u64::from((field << 3) | kind));
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.bytes.push(value.to_le_bytes()[0]);
    }
}
