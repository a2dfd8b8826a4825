//! Thrift's compact protocol, in which parquet writes its headers.

/// Structs in structs that are followed.
const DEPTH: usize = 24;

/// A value of any type.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Thrift<'a> {
    Bool(bool),
    Int(i64),
    Bytes(&'a [u8]),
    List(Vec<Thrift<'a>>),
    /// Fields by their numbers.
    Struct(Vec<(i64, Thrift<'a>)>),
    /// A double or a map, which nothing here needs.
    Other,
}

impl<'a> Thrift<'a> {
    /// The field of a struct.
    pub(super) fn field(&self, number: i64) -> Option<&Self> {
        let Self::Struct(fields) = self else {
            return None;
        };
        let found = fields.iter().find(|(field, _)| *field == number);
        found.map(|(_, value)| value)
    }

    /// A field that is a whole number.
    pub(super) fn int(&self, number: i64) -> Option<i64> {
        match self.field(number)? {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// A field that is true or false.
    pub(super) fn bool(&self, number: i64) -> Option<bool> {
        match self.field(number)? {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A field that is a text.
    pub(super) fn text(&self, number: i64) -> Option<&'a str> {
        self.field(number)?.str()
    }

    /// The text itself.
    pub(super) fn str(&self) -> Option<&'a str> {
        match self {
            Self::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The members of a field that is a list.
    pub(super) fn list(&self, number: i64) -> &[Self] {
        match self.field(number) {
            Some(Self::List(items)) => items,
            _ => &[],
        }
    }
}

/// Reads a struct at the start of `bytes`; also the number of bytes that it takes.
pub(super) fn read(bytes: &[u8]) -> Option<(Thrift<'_>, usize)> {
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.fields(0)?;
    Some((value, reader.at))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    fn varint(&mut self) -> Option<u64> {
        let (value, length) = varint(self.bytes.get(self.at..)?)?;
        self.at += length;
        Some(value)
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some(((value >> 1) as i64) ^ -((value & 1) as i64))
    }

    /// A length that cannot be more than what is left, since each member takes a byte at least.
    fn length(&mut self) -> Option<usize> {
        let length = usize::try_from(self.varint()?).ok()?;
        (length <= self.bytes.len() - self.at).then_some(length)
    }

    fn fields(&mut self, depth: usize) -> Option<Thrift<'a>> {
        let mut fields = Vec::new();
        let mut number: i64 = 0;
        loop {
            let header = self.byte()?;
            if header == 0 {
                return Some(Thrift::Struct(fields));
            }
            number = match header >> 4 {
                0 => self.zigzag()?,
                delta => number.checked_add(i64::from(delta))?,
            };
            let value = match header & 15 {
                1 => Thrift::Bool(true),
                2 => Thrift::Bool(false),
                kind => self.value(kind, depth)?,
            };
            fields.push((number, value));
        }
    }

    fn value(&mut self, kind: u8, depth: usize) -> Option<Thrift<'a>> {
        if depth > DEPTH {
            return None;
        }
        Some(match kind {
            // In a list each takes a byte.
            1 | 2 => Thrift::Bool(self.byte()? == 1),
            3 => Thrift::Int(i64::from(self.byte()? as i8)),
            4..=6 => Thrift::Int(self.zigzag()?),
            7 => {
                self.take(8)?;
                Thrift::Other
            }
            8 => {
                let length = self.length()?;
                Thrift::Bytes(self.take(length)?)
            }
            9 | 10 => {
                let header = self.byte()?;
                let length = match header >> 4 {
                    15 => self.length()?,
                    length => usize::from(length),
                };
                let mut items = Vec::new();
                for _ in 0..length {
                    items.push(self.value(header & 15, depth + 1)?);
                }
                Thrift::List(items)
            }
            11 => {
                let length = self.length()?;
                if length > 0 {
                    let kinds = self.byte()?;
                    for _ in 0..length {
                        self.value(kinds >> 4, depth + 1)?;
                        self.value(kinds & 15, depth + 1)?;
                    }
                }
                Thrift::Other
            }
            12 => self.fields(depth + 1)?,
            _ => return None,
        })
    }
}

/// A number of seven bits a byte, the lowest first, and its length in bytes.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f).checked_shl(7 * index as u32)?;
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}
