//! Damaged headers and tables: whatever stands in them, reading ends soon, in little memory, and with an
//! error or data. A test of its own, since it counts every allocation of the process.

use peak_alloc::PeakAlloc;
use shared::{
    config::{Mode, check_in},
    data::{list, load},
    files::{Files, Memory, ReadSeek},
};
use std::{
    fs,
    io::{self, Cursor},
    time::{Duration, Instant},
};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// The tables have a few kilobytes; a parser's tables are in it.
const MOST_MEGABYTES: f32 = 48.0;
/// Far more than any of them takes, on a slow machine with an unoptimised program.
const LONGEST: Duration = Duration::from_secs(20);
/// Damages of a file.
const ROUNDS: u32 = 24;

/// Files of memory, and the same short recording wherever one is asked for.
struct World(Memory);

impl World {
    fn recording(path: &str) -> Option<Vec<u8>> {
        let mut bytes = b"RIFF\x44\x01\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        bytes.extend(b"\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data\x20\x01\0\0");
        bytes.resize(44 + 288, 1);
        path.ends_with(".wav").then_some(bytes)
    }
}

impl Files for World {
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        match Self::recording(path) {
            Some(bytes) => Ok(Box::new(Cursor::new(bytes))),
            None => self.0.open(path),
        }
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        match Self::recording(path) {
            Some(bytes) => Ok(bytes.len() as u64),
            None => self.0.size(path),
        }
    }

    fn is_folder(&self, path: &str) -> bool {
        self.0.is_folder(path)
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        self.0.list(path)
    }
}

/// Numbers that are always the same.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

/// One of several kinds of damage.
fn damaged(bytes: &[u8], draw: &mut Draw) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=draw.below(3) {
        let at = draw.below(bytes.len());
        let end = (at + draw.below(40)).min(bytes.len());
        match draw.below(7) {
            0 => bytes.truncate(at),
            1 => bytes[at..end].fill(0xff),
            2 => bytes[at..end].fill(0),
            3 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            4 => drop(bytes.drain(at..end)),
            5 => {
                let words: [&[u8]; 8] = [
                    b"&a ",
                    b"*a",
                    b"!!str ",
                    b"[[[[",
                    b"{",
                    b"\"",
                    b"99999999999999999999",
                    b"\n",
                ];
                let word = words[draw.below(words.len())];
                bytes.splice(at..at, word.iter().copied());
            }
            _ => bytes[at] ^= 1 << draw.below(8),
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

/// Reads the database `name` as an experiment would, within time and memory.
fn read(files: &World, name: &str, target: &str, what: &str) {
    let ini = format!(
        "[EXP]\nroot = ./results/\nname = x\n[DATA]\ndatabases = ['d']\nd = ./{name}\n\
         d.split_strategy = random\ntarget = {target}\n[FEATS]\ntype = []\n[MODEL]\ntype = finetune\n"
    );
    let ini = match name.ends_with(".csv") {
        true => ini.replace(
            "target =",
            "d.type = csv\nd.absolute_path = False\ntarget =",
        ),
        false => ini,
    };
    let experiment = check_in(&ini, "", files, Mode::Text).experiment;
    let experiment = experiment.expect("a valid experiment");
    let before = HEAP.current_usage_as_mb();
    HEAP.reset_peak_usage();
    let begun = Instant::now();
    let _ = load(&experiment, files, &mut |_, _| {});
    if name.ends_with(".csv") {
        let _ = list(files, &[name.to_owned()], &mut |_, _| {});
    }
    let (took, peak) = (begun.elapsed(), HEAP.peak_usage_as_mb() - before);
    assert!(took < LONGEST, "{what}: {took:?}");
    assert!(peak < MOST_MEGABYTES, "{what}: {peak} MB");
}

/// Files of a folder of the fixtures.
fn folder(name: &str) -> Vec<(String, Vec<u8>)> {
    let path = format!(
        "{}/../tests/fixtures/audformat/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(path)
        .expect("the fixture")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let file = path.file_name().expect("a name").to_string_lossy();
            (format!("{name}/{file}"), fs::read(&path).expect("a file"))
        })
        .collect();
    files.sort();
    files
}

/// One test, since its allocations must not mix with those of others.
#[test]
fn damaged_tables_end_soon_and_in_little_memory() {
    for (name, target) in [
        ("emodb-csv", "emotion"),
        ("emodb-parquet", "emotion"),
        ("segments-csv", "arousal"),
        ("segments-parquet", "arousal"),
        ("named-parquet", "age"),
    ] {
        let whole = folder(name);
        for (index, (path, bytes)) in whole.iter().enumerate() {
            for round in 0..ROUNDS {
                let mut draw = Draw(u64::from(round) * 1000 + index as u64);
                let mut files = Memory::default();
                for (path, bytes) in &whole {
                    files.insert(path.clone(), bytes.clone());
                }
                files.insert(path.clone(), damaged(bytes, &mut draw));
                let what = format!("{path}, round {round}");
                read(&World(files), name, target, &what);
            }
        }
    }
    let table = b"file,start,end,speaker,emotion\na.wav,0,0.005,anna,joy\n\"b, c.wav\",,,\"b\"\"en\",anger\n";
    for round in 0..40 * ROUNDS {
        let mut draw = Draw(u64::from(round));
        let mut files = Memory::default();
        files.insert("t.csv", damaged(table, &mut draw));
        read(
            &World(files),
            "t.csv",
            "emotion",
            &format!("t.csv, round {round}"),
        );
    }
    bombs();
}

/// What is small and says that it is large.
fn bombs() {
    let mut yaml = "name: d\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        yaml += &format!("a{level}: &a{level} [{below}]\n");
    }
    yaml += "schemes:\n  emotion: {dtype: str, labels: *a11}\ntables: {}\n";
    let deep = format!("name: d\nschemes: {}\n", "{a: ".repeat(100_000));
    let wide = format!(
        "name: d\nschemes: {}{}\n",
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    for (index, text) in [yaml, deep, wide].into_iter().enumerate() {
        let mut files = Memory::default();
        files.insert("d/db.yaml", text.into_bytes());
        read(&World(files), "d", "emotion", &format!("bomb {index}"));
    }
    // The sizes in the footer of a parquet file, and in the headers of its pages, are varints: each of
    // its bytes once as large as can be.
    for (path, bytes) in folder("emodb-parquet") {
        if !path.ends_with("db.emotion.parquet") {
            continue;
        }
        for at in (0..bytes.len()).step_by(3) {
            let mut larger = bytes.clone();
            let end = (at + 5).min(larger.len());
            larger[at..end].copy_from_slice(&[0xfe, 0xff, 0xff, 0xff, 0x0f][..end - at]);
            let mut files = Memory::default();
            for (path, bytes) in folder("emodb-parquet") {
                files.insert(path, bytes);
            }
            files.insert(path.clone(), larger);
            read(
                &World(files),
                "emodb-parquet",
                "emotion",
                &format!("{path} from {at}"),
            );
        }
    }
}
