//! SHA-256 of each file of a checkpoint, in the form of `sha256sum`.

use crate::run::{NewFile, Output};
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};

/// The file's name.
pub(super) const NAME: &str = "SHA256SUMS";

/// Files that were written, with what they should be read as.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sums(Vec<(String, String)>);

/// A file in the making whose bytes are counted in.
pub(super) struct Summed<'a> {
    file: Box<dyn NewFile + 'a>,
    hash: Sha256,
}

impl Write for Summed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Sums {
    /// Begins the file `path`.
    pub(super) fn create<'a>(output: &'a dyn Output, path: &str) -> io::Result<Summed<'a>> {
        Ok(Summed {
            file: output.create(path)?,
            hash: Sha256::new(),
        })
    }

    /// Ends a file that is called `name` in the checkpoint.
    pub(super) fn finish(&mut self, name: &str, file: Summed<'_>) -> io::Result<()> {
        file.file.finish()?;
        self.0.push((name.to_owned(), hex(file.hash)));
        Ok(())
    }

    /// The text to be written.
    pub(super) fn text(&self) -> String {
        let lines = self
            .0
            .iter()
            .map(|(name, hash)| format!("{hash}  {name}\n"));
        lines.collect()
    }

    /// Reads the sums of the checkpoint in `folder` and compares every file with them.
    ///
    /// # Errors
    /// What is wrong, in words: a file that is missing, torn, or has no sum though it is `needed`.
    pub(super) fn verify(output: &dyn Output, folder: &str, needed: &[&str]) -> Result<(), String> {
        let text = output
            .read(&format!("{folder}/{NAME}"))
            .map_err(|error| format!("{NAME}: {error}"))?;
        let text = String::from_utf8_lossy(&text);
        let listed: Vec<(&str, &str)> = text
            .lines()
            .filter_map(|line| line.split_once("  "))
            .collect();
        for name in needed {
            if !listed.iter().any(|(_, listed)| listed == name) {
                return Err(format!("{NAME} does not name {name}"));
            }
        }
        for (sum, name) in listed {
            let found = sum_of(output, &format!("{folder}/{name}"))
                .map_err(|error| format!("{name}: {error}"))?;
            if found != sum {
                return Err(format!(
                    "{name} is not what was written (its SHA-256 differs)"
                ));
            }
        }
        Ok(())
    }
}

fn sum_of(output: &dyn Output, path: &str) -> io::Result<String> {
    let mut file = output.open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex(hash));
        }
        hash.update(&buffer[..read]);
    }
}

/// A digest in hexadecimal digits.
fn hex(hash: Sha256) -> String {
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
