//! Whatever bytes come as an archive, it is refused, or unpacks within its limits to places below a folder.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::files::{Archive, ArchiveLimits};
use std::io::Cursor;

fuzz_target!(|bytes: &[u8]| {
    let limits = ArchiveLimits { members: 100, bytes: 1 << 20, file: 1 << 19, ratio: 200 };
    let Ok(archive) = Archive::open(Box::new(Cursor::new(bytes.to_vec())), &limits) else {
        return;
    };
    let mut all = 0;
    for member in archive.members() {
        let place = member.place.as_str();
        assert!(!place.starts_with('/') && !place.contains(['\\', '\0']));
        assert!(place.split('/').all(|step| !matches!(step, "" | "." | "..")));
        let mut length = 0;
        let unpacked = archive.unpack(member, |block| {
            length += block.len() as u64;
            Ok(())
        });
        assert!(length <= member.size);
        assert!(unpacked.is_err() || length == member.size);
        all += length;
    }
    assert!(all <= 1 << 20);
});
