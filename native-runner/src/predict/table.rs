//! The table of predictions on the disk: appended to, never rewritten.

use anyhow::{Context, bail};
use std::{
    collections::HashMap,
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// A table that rows are appended to. Only one process has it at a time.
pub(crate) struct TableFile {
    file: File,
    path: PathBuf,
}

/// How many rows of a table have this file, start and end.
pub(crate) type Done = HashMap<[String; 3], usize>;

impl TableFile {
    /// Opens or makes the table.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(|| format!("cannot write {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "another voxtune is writing {}: wait until it has ended, or choose another --out",
                path.display()
            ),
            Err(TryLockError::Error(error)) => errln!(
                "warning: {} cannot be locked ({error}): see to it that nothing else writes it",
                path.display()
            ),
        }
        Ok(Self {
            file,
            path: path.to_owned(),
        })
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> anyhow::Result<bool> {
        let meta = self.file.metadata();
        Ok(meta.with_context(|| self.cannot("read"))?.len() == 0)
    }

    /// Empties the table.
    pub(crate) fn clear(&mut self) -> anyhow::Result<()> {
        self.cut(0)
    }

    /// The rows that are there, counted, if the table has these columns. A last line that is torn, as
    /// a crash leaves it, is cut off.
    pub(crate) fn heal(&mut self, columns: &[&str]) -> anyhow::Result<Done> {
        let mut bytes = Vec::new();
        self.file
            .rewind()
            .and_then(|()| self.file.read_to_end(&mut bytes))
            .with_context(|| self.cannot("read"))?;
        let Kept { length, done } = whole_rows(&bytes, columns)
            .with_context(|| format!("{} cannot be gone on with", self.path.display()))?;
        self.cut(length as u64)?;
        Ok(done)
    }

    /// Appends rows; they are on the medium when this comes back.
    pub(crate) fn append(&mut self, rows: &[u8]) -> anyhow::Result<()> {
        self.file
            .write_all(rows)
            .and_then(|()| self.file.sync_data())
            .with_context(|| self.cannot("write"))
    }

    /// Everything in it.
    pub(crate) fn read(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file
            .rewind()
            .and_then(|()| self.file.read_to_end(&mut bytes))
            .with_context(|| self.cannot("read"))?;
        Ok(bytes)
    }

    fn cut(&mut self, length: u64) -> anyhow::Result<()> {
        self.file
            .set_len(length)
            .and_then(|()| self.file.seek(SeekFrom::End(0)).map(|_| ()))
            .with_context(|| self.cannot("write"))
    }

    fn cannot(&self, verb: &str) -> String {
        format!("cannot {verb} {}", self.path.display())
    }
}

/// What of a table is whole.
#[derive(Debug, Default)]
struct Kept {
    /// Bytes up to the end of the last whole line.
    length: usize,
    done: Done,
}

/// Finds the whole rows of a table; only the last line may be torn.
fn whole_rows(bytes: &[u8], columns: &[&str]) -> anyhow::Result<Kept> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mut kept = Kept::default();
    let mut record = csv::ByteRecord::new();
    let mut torn: Option<u64> = None;
    let mut number = 0;
    while reader.read_byte_record(&mut record)? {
        number += 1;
        if let Some(line) = torn {
            bail!("its line {line} is no row of the table");
        }
        let end = usize::try_from(reader.position().byte())?;
        let texts: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
        let is_whole = bytes.get(..end).is_some_and(|all| all.ends_with(b"\n"));
        if number == 1 {
            let is_header = texts.iter().eq(columns);
            if !is_whole {
                return Ok(Kept::default());
            } else if !is_header {
                bail!(
                    "its columns are {}, and not {}",
                    texts.join(","),
                    columns.join(",")
                );
            }
        } else if is_whole && texts.len() == columns.len() {
            let key = [0, 1, 2].map(|column| texts[column].clone().into_owned());
            *kept.done.entry(key).or_default() += 1;
        } else {
            torn = Some(number);
            continue;
        }
        kept.length = end;
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::whole_rows;

    const COLUMNS: [&str; 4] = ["file", "start", "end", "x"];
    const TABLE: &str = "file,start,end,x\na.wav,0,1,5\n\"b,\n\"\"c.wav\",0,1,6\nd.wav,0,1,7\n";

    #[test]
    fn wherever_a_table_is_torn_whole_rows_stay() {
        let ends: Vec<usize> = [17, 29, 48, TABLE.len()].to_vec();
        assert!(ends.iter().all(|end| TABLE[..*end].ends_with('\n')));
        for length in 0..=TABLE.len() {
            let kept = whole_rows(&TABLE.as_bytes()[..length], &COLUMNS).unwrap();
            let whole = ends.iter().filter(|end| **end <= length).count();
            let end = if whole == 0 { 0 } else { ends[whole - 1] };
            assert_eq!(kept.length, end, "torn after {length} bytes");
            assert_eq!(kept.done.len(), whole.saturating_sub(1), "{length}");
        }
    }

    #[test]
    fn zeros_after_a_crash_are_cut_off() {
        let bytes = [TABLE.as_bytes(), &[0; 512]].concat();
        assert_eq!(whole_rows(&bytes, &COLUMNS).unwrap().length, TABLE.len());
    }

    #[test]
    fn other_tables_are_refused() {
        let error = |text: &str| {
            whole_rows(text.as_bytes(), &COLUMNS)
                .unwrap_err()
                .to_string()
        };
        assert!(error("file,start,end\na,b,c\n").contains("its columns are file,start,end"));
        let inner = TABLE.replace("a.wav,0,1,5", "a.wav");
        assert!(error(&inner).contains("its line 2 is no row"));
    }
}
