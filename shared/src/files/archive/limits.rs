//! How much an archive may unpack to.

/// Caps on an archive from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Most files and folders.
    pub members: u64,
    /// Most bytes of all files, unpacked.
    pub bytes: u64,
    /// Most bytes of one file, unpacked.
    pub file: u64,
    /// Most unpacked bytes for each packed one, of a file that is longer than [`Self::FREE`].
    /// Silence in a WAV file packs to about a thousandth.
    pub ratio: u64,
}

impl ArchiveLimits {
    /// Bytes that a file may have whatever it was packed to.
    pub const FREE: u64 = 64 << 20;
}

impl Default for ArchiveLimits {
    /// 200,000 files, 64 GiB, 8 GiB a file, 200 bytes for one.
    fn default() -> Self {
        Self {
            members: 200_000,
            bytes: 64 << 30,
            file: 8 << 30,
            ratio: 200,
        }
    }
}
