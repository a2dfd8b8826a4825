//! The memory of this machine, or of the part of it that a container or a batch system leaves to this program.

use shared::protocol::DeviceMemory;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Bytes of memory that this program can have, and of those in use; `None` where the system does not say.
pub(crate) fn memory() -> Option<DeviceMemory> {
    below(Path::new("/"))
}

fn below(root: &Path) -> Option<DeviceMemory> {
    let whole = whole(&fs::read_to_string(root.join("proc/meminfo")).ok()?)?;
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let bounds = groups.lines().flat_map(|line| bounds(root, line));
    Some(bounds.fold(whole, |least, bound| {
        // Each group above may have a bound of its own, and the smallest holds.
        if bound.total < least.total {
            bound
        } else {
            least
        }
    }))
}

/// Reads `/proc/meminfo`.
fn whole(text: &str) -> Option<DeviceMemory> {
    let of = |name: &str| -> Option<u64> {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes * 1024)
    };
    let total = of("MemTotal:")?;
    Some(DeviceMemory {
        total,
        used: total.saturating_sub(of("MemAvailable:")?),
    })
}

/// The bounds of a control group and of those above it; `line` is one of `/proc/self/cgroup`, as cgroups(7) has it.
fn bounds(root: &Path, line: &str) -> Vec<DeviceMemory> {
    let mut fields = line.splitn(3, ':').skip(1);
    let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else {
        return Vec::new();
    };
    let (base, most, current, cache) = if controllers.is_empty() {
        ("", "memory.max", "memory.current", "inactive_file ")
    } else if controllers.split(',').any(|name| name == "memory") {
        (
            "memory",
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
            "total_inactive_file ",
        )
    } else {
        return Vec::new();
    };
    let base: PathBuf = root.join("sys/fs/cgroup").join(base);
    let own = base.join(path.trim_start_matches('/'));
    own.ancestors()
        .take_while(|folder| folder.starts_with(&base))
        .filter_map(|folder| {
            let number = |name: &str| -> Option<u64> {
                let text = fs::read_to_string(folder.join(name)).ok()?;
                text.trim().parse().ok()
            };
            let stat = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
            // What the system only keeps of files it gives back when somebody wants the place.
            let given_back: u64 = stat
                .lines()
                .find_map(|line| line.strip_prefix(cache)?.trim().parse().ok())
                .unwrap_or(0);
            Some(DeviceMemory {
                total: number(most)?,
                used: number(current)?.saturating_sub(given_back),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMINFO: &str =
        "MemTotal:       24000000 kB\nMemFree:         1000 kB\nMemAvailable:   20000000 kB\n";

    fn machine(files: &[(&str, &str)]) -> Option<DeviceMemory> {
        let root = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            fs::write(path, text).expect("a file");
        }
        below(root.path())
    }

    fn memory(total: u64, used: u64) -> Option<DeviceMemory> {
        Some(DeviceMemory { total, used })
    }

    #[test]
    fn without_groups_it_is_the_whole_machine() {
        let whole = memory(24_576_000_000, 4_096_000_000);
        assert_eq!(machine(&[("proc/meminfo", MEMINFO)]), whole);
        assert_eq!(
            machine(&[
                ("proc/meminfo", MEMINFO),
                ("proc/self/cgroup", "0::/user\n"),
                ("sys/fs/cgroup/user/memory.max", "max\n"),
                ("sys/fs/cgroup/user/memory.current", "1000\n"),
            ]),
            whole
        );
        assert_eq!(machine(&[]), None);
    }

    #[test]
    fn the_smallest_bound_of_all_groups_above_holds() {
        let found = machine(&[
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "0::/batch/job/step\n"),
            ("sys/fs/cgroup/batch/memory.max", "9000000000\n"),
            ("sys/fs/cgroup/batch/memory.current", "5000000000\n"),
            ("sys/fs/cgroup/batch/job/memory.max", "2000000000\n"),
            ("sys/fs/cgroup/batch/job/memory.current", "900000000\n"),
            (
                "sys/fs/cgroup/batch/job/memory.stat",
                "anon 5\ninactive_file 400000000\n",
            ),
            ("sys/fs/cgroup/batch/job/step/memory.max", "max\n"),
            ("sys/fs/cgroup/batch/job/step/memory.current", "1\n"),
        ]);
        assert_eq!(found, memory(2_000_000_000, 500_000_000));
    }

    #[test]
    fn the_older_hierarchy_is_read_too() {
        let found = machine(&[
            ("proc/meminfo", MEMINFO),
            (
                "proc/self/cgroup",
                "9:name=systemd:/\n4:cpu,memory:/box\n0::/\n",
            ),
            // No bound is written as the largest number of pages.
            (
                "sys/fs/cgroup/memory/memory.limit_in_bytes",
                "9223372036854771712\n",
            ),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "1\n"),
            (
                "sys/fs/cgroup/memory/box/memory.limit_in_bytes",
                "500000000\n",
            ),
            (
                "sys/fs/cgroup/memory/box/memory.usage_in_bytes",
                "400000000\n",
            ),
            (
                "sys/fs/cgroup/memory/box/memory.stat",
                "total_inactive_file 100000000\n",
            ),
        ]);
        assert_eq!(found, memory(500_000_000, 300_000_000));
    }
}
