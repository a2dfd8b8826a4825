//! What a parquet file says of itself at its end.

use super::thrift::{self, Thrift};

/// How values are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Physical {
    Bool,
    Int32,
    Int64,
    Float,
    Double,
    Bytes,
}

/// How pages are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    None,
    Snappy,
}

/// What a whole number means beside its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Number,
    /// Days since 1970.
    Day,
    /// Units of so many nanoseconds since 1970.
    Moment(i128),
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Leaf {
    pub(super) name: String,
    pub(super) physical: Physical,
    pub(super) meaning: Meaning,
    /// Whether values may be missing.
    pub(super) optional: bool,
}

/// The values of a column in a group of rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Chunk {
    /// Where its first page begins.
    pub(super) start: usize,
    /// Missing ones included.
    pub(super) values: usize,
    pub(super) codec: Codec,
}

/// The end of a file.
pub(super) struct Footer<'a> {
    root: Thrift<'a>,
}

impl<'a> Footer<'a> {
    /// Finds it.
    pub(super) fn read(file: &'a [u8]) -> Option<Self> {
        let body = file.strip_prefix(b"PAR1")?.strip_suffix(b"PAR1")?;
        let (body, length) = body.split_last_chunk::<4>()?;
        let start = body
            .len()
            .checked_sub(u32::from_le_bytes(*length) as usize)?;
        let (root, _) = thrift::read(&body[start..])?;
        Some(Self { root })
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> Option<usize> {
        self.root.int(3).and_then(|rows| usize::try_from(rows).ok())
    }

    /// A note of whoever wrote the file.
    pub(super) fn note(&self, key: &str) -> Option<&'a str> {
        let note = self
            .root
            .list(5)
            .iter()
            .find(|note| note.text(1) == Some(key));
        note?.text(2)
    }

    /// The names of the columns, those in groups excepted.
    pub(super) fn names(&self) -> Vec<&'a str> {
        self.elements()
            .into_iter()
            .filter_map(|element| element.text(4))
            .collect()
    }

    /// The column of a name; `None` if there is none.
    ///
    /// # Errors
    /// It is of a kind that labels are not.
    pub(super) fn leaf(&self, name: &str) -> Option<Result<Leaf, String>> {
        let elements = self.elements();
        let element = elements
            .into_iter()
            .find(|element| element.text(4) == Some(name))?;
        Some(leaf(element, name))
    }

    /// The parts of a column, one a group of rows.
    ///
    /// # Errors
    /// In words, for what cannot be read.
    pub(super) fn chunks(&self, leaf: &Leaf) -> Result<Vec<Chunk>, String> {
        let groups = self.root.list(4).iter();
        groups.map(|group| chunk(group, leaf)).collect()
    }

    /// The schema's columns.
    fn elements(&self) -> Vec<&Thrift<'a>> {
        let mut elements = self.root.list(2).iter().skip(1);
        let mut columns = Vec::new();
        while let Some(element) = elements.next() {
            columns.push(element);
            // Members of groups follow their group.
            let mut inner = element.int(5).unwrap_or(0);
            while inner > 0 {
                let Some(member) = elements.next() else { break };
                inner = (inner - 1).saturating_add(member.int(5).unwrap_or(0));
            }
        }
        columns
    }
}

fn leaf(element: &Thrift<'_>, name: &str) -> Result<Leaf, String> {
    let physical = match element.int(1) {
        Some(0) => Physical::Bool,
        Some(1) => Physical::Int32,
        Some(2) => Physical::Int64,
        Some(4) => Physical::Float,
        Some(5) => Physical::Double,
        Some(6) => Physical::Bytes,
        _ => return Err("it has groups or values of an unusual type".into()),
    };
    let optional = match element.int(3) {
        Some(0) => false,
        Some(1) => true,
        _ => return Err("it has lists".into()),
    };
    let logical = element.field(10);
    let unit = logical.and_then(|logical| logical.field(8)?.field(2));
    let unit = unit.and_then(|unit| {
        let units = [(1, 1_000_000), (2, 1000), (3, 1)];
        units
            .into_iter()
            .find(|(number, _)| unit.field(*number).is_some())
    });
    let day = logical.is_some_and(|logical| logical.field(6).is_some());
    let meaning = match (unit, element.int(6)) {
        (Some((_, unit)), _) => Meaning::Moment(unit),
        (None, Some(9)) => Meaning::Moment(1_000_000),
        (None, Some(10)) => Meaning::Moment(1000),
        (None, Some(6)) => Meaning::Day,
        (None, Some(5)) => return Err("it has decimal numbers".into()),
        _ if day => Meaning::Day,
        _ => Meaning::Number,
    };
    Ok(Leaf {
        name: name.to_owned(),
        physical,
        meaning,
        optional,
    })
}

fn chunk(group: &Thrift<'_>, leaf: &Leaf) -> Result<Chunk, String> {
    let path = |data: &Thrift<'_>| {
        let path = data.list(3);
        path.len() == 1 && path[0].str() == Some(&leaf.name)
    };
    let mut all = group.list(1).iter().filter_map(|column| column.field(3));
    let data = all.find(|data| path(data)).ok_or("it is damaged")?;
    let codec = match data.int(4) {
        Some(0) => Codec::None,
        Some(1) => Codec::Snappy,
        Some(other) => {
            let names = ["", "", "gzip", "lzo", "brotli", "lz4", "zstd", "lz4"];
            let name = usize::try_from(other)
                .ok()
                .and_then(|other| names.get(other));
            let name = name.copied().unwrap_or("an unknown way");
            return Err(format!(
                "it is compressed by {name}; audformat takes snappy"
            ));
        }
        None => return Err("it is damaged".into()),
    };
    let place = |number| {
        data.int(number)
            .and_then(|place| usize::try_from(place).ok())
    };
    let first = place(9).ok_or("it is damaged")?;
    let dictionary = place(11).filter(|place| *place > 0 && *place < first);
    Ok(Chunk {
        start: dictionary.unwrap_or(first),
        values: place(5).ok_or("it is damaged")?,
        codec,
    })
}
