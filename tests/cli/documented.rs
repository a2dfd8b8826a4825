//! Every command of the README and of `docs/` is run in a small world.
//!
//! A command is a line of a fenced or indented block that begins with the name of a program. One that
//! cannot be run here stands in [`NOT_RUN`] with the reason. `voxtune ...` between backticks in a text is
//! looked at as well: its words have to be known to the program.

use crate::{corpus, program::voxtune_with};
use fake_hub::{FakeHub, WRITE_TOKEN};
use safetensors::SafeTensors;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// First words that make a line a command.
const PROGRAMS: &[&str] = &[
    "voxtune",
    "make",
    "git",
    "cd",
    "cargo",
    "rustup",
    "tensorboard",
    "python",
    "python3",
    "pip",
    "hf",
    "huggingface-cli",
    "curl",
    "ssh",
    "sbatch",
    "docker",
    "alias",
    "export",
    "sh",
    "bash",
    "sudo",
];

/// Commands that are not run, by how they begin, and why.
const NOT_RUN: &[(&str, &str)] = &[
    ("git clone", "the sources are here already"),
    ("cd voxtune", "the sources are here already"),
    ("make run", "builds the program; CI runs the demo by itself"),
    ("make test", "it is what runs this test"),
    (
        "tensorboard ",
        "a program of Python's; `tests/interop` runs it",
    ),
    ("ssh ", "it needs a second machine"),
    (
        "cargo rustc ",
        "it builds the page once more, with names; CI builds the page",
    ),
    (
        "voxtune serve",
        "it runs until it is ended; it has tests of its own",
    ),
];

/// Names in the texts that stand for the reader's own, and what they are here.
const STAND_INS: &[(&str, &str)] = &[("my-lab/", "lab/")];

/// Codes of the checker that say that a snippet of an INI is wrong by itself.
const WRONG: &[&str] = &[
    "unknown-key",
    "unknown-section",
    "unknown-value",
    "wrong-type",
    "wrong-section",
    "out-of-range",
    "not-an-option",
];

/// A database to test finished runs on.
const TESTS: &str = "[DATA]\ntests = ['others']\nothers = ./calls.csv\nothers.type = csv\nothers.absolute_path = False\n";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The README and the pages of `docs/`, by name.
fn pages() -> Vec<(String, String)> {
    let root = repository();
    let mut paths: Vec<PathBuf> = fs::read_dir(root.join("docs"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect();
    paths.sort();
    paths.insert(0, root.join("README.md"));
    let read = |path: PathBuf| {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        (name, fs::read_to_string(&path).expect("a page"))
    };
    paths.into_iter().map(read).collect()
}

/// The blocks of a page: fenced ones, and indented ones after an empty line.
fn blocks(page: &str) -> Vec<Vec<String>> {
    let mut blocks: Vec<Vec<String>> = Vec::new();
    let (mut fenced, mut indented, mut empty) = (false, false, true);
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            indented = false;
            if fenced {
                blocks.push(Vec::new());
            }
            continue;
        }
        let code = line.strip_prefix("    ");
        if fenced {
            if let Some(block) = blocks.last_mut() {
                block.push(line.to_owned());
            }
        } else if let (Some(code), true) = (code, indented || empty) {
            if !indented {
                blocks.push(Vec::new());
            }
            indented = true;
            if let Some(block) = blocks.last_mut() {
                block.push(code.to_owned());
            }
        } else if !line.trim().is_empty() {
            indented = false;
        }
        empty = line.trim().is_empty();
    }
    blocks
}

/// The commands of a page.
fn commands(page: &str) -> Vec<String> {
    let lines = blocks(page).into_iter().flatten();
    lines
        .map(|line| line.trim().trim_start_matches("$ ").to_owned())
        .filter(|line| {
            let first = line.split_whitespace().next().unwrap_or_default();
            // `name = value` is a line of an INI.
            let second = line.split_whitespace().nth(1);
            PROGRAMS.contains(&first) && second != Some("=")
        })
        .collect()
}

/// A world in which every command of the pages has what it speaks of.
struct World {
    folder: tempfile::TempDir,
    environment: Vec<(&'static str, String)>,
    _hub: FakeHub,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let here = folder.path();
        corpus::write(here);
        fs::rename(here.join("tones.csv"), here.join("calls.csv")).expect("the table");
        let ini = corpus::ini().replace("name = tones", "name = mine");
        let ini = ini
            .replace("tones", "calls")
            .replace("epochs = 2", "epochs = 1")
            .replace("[DATA]\n", TESTS);
        fs::write(here.join("mine.ini"), ini).expect("the INI");
        fs::remove_file(here.join("tones.ini")).expect("the INI");
        for name in [
            "new_recordings/a.wav",
            "recordings/anna.wav",
            "recordings/ben.wav",
            "one.wav",
            "long/meeting.wav",
        ] {
            let path = here.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::copy(here.join("audio/anna-low-0.wav"), path).expect("a recording");
        }
        let hub = FakeHub::start().expect("a server");
        let fixture = |name: &str| {
            repository()
                .join("tests/fixtures/parity")
                .join(name)
                .join("model")
        };
        let deep = here.join("deep");
        deepen(&fixture("wav2vec2_base"), &deep, 12);
        for (id, path) in [
            ("facebook/wav2vec2-base", deep),
            ("microsoft/wavlm-base", fixture("wavlm_base")),
        ] {
            hub.state().add(id, &path).expect("a model");
        }
        let environment = vec![
            ("HF_ENDPOINT", hub.endpoint().to_owned()),
            ("HF_HOME", here.join("hf").to_string_lossy().into_owned()),
            ("HF_TOKEN", WRITE_TOKEN.to_owned()),
            // Where `voxtune user` keeps its users.
            (
                "XDG_DATA_HOME",
                here.join("data").to_string_lossy().into_owned(),
            ),
        ];
        let world = Self {
            folder,
            environment,
            _hub: hub,
        };
        world.run(
            "voxtune run mine.ini --set EXP.runs=2 --set EXP.name=a",
            "the world",
        );
        for name in ["b", "wavlm_base", "wavlm_large"] {
            world.rename_run("a", name);
        }
        world
    }

    fn here(&self) -> &Path {
        self.folder.path()
    }

    /// A copy of an experiment under another name.
    fn rename_run(&self, from: &str, to: &str) {
        let results = self.here().join("results");
        let records = |name: &str| results.join(name).join("results");
        for run in ["run_0", "run_1"] {
            let text =
                fs::read_to_string(records(from).join(run).join("run.json")).expect("a record");
            let mut record: Value = serde_json::from_str(&text).expect("JSON");
            record["name"] = json!(to);
            let folder = records(to).join(run);
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join("run.json"), record.to_string()).expect("a record");
        }
    }

    /// Runs a line as a shell does, which has to end well.
    fn run(&self, line: &str, page: &str) {
        let program = Path::new(env!("CARGO_BIN_EXE_voxtune"));
        let mut path = OsString::from(program.parent().expect("a folder"));
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut command = Command::new("sh");
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy().to_ascii_lowercase();
            if text.starts_with("hf_") || text.starts_with("hugging") || text.ends_with("_proxy") {
                command.env_remove(name);
            }
        }
        let output = command
            .args(["-c", line])
            .current_dir(self.here())
            .env("PATH", path)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .output()
            .expect("a shell");
        assert!(
            output.status.success(),
            "{page}: `{line}` ends with {:?}\n{}\n{}",
            output.status.code(),
            String::from_utf8_lossy(&output.stderr),
            String::from_utf8_lossy(&output.stdout)
        );
    }
}

/// A checkpoint with more layers, copies of its own.
fn deepen(from: &Path, to: &Path, layers: usize) {
    fs::create_dir_all(to).expect("a folder");
    let text = fs::read_to_string(from.join("config.json")).expect("the file");
    let mut config: Value = serde_json::from_str(&text).expect("JSON");
    config["num_hidden_layers"] = json!(layers);
    fs::write(to.join("config.json"), config.to_string()).expect("the file");
    let name = "preprocessor_config.json";
    fs::copy(from.join(name), to.join(name)).expect("the file");
    let bytes = fs::read(from.join("model.safetensors")).expect("the weights");
    let weights = SafeTensors::deserialize(&bytes).expect("safetensors");
    let prefix = "encoder.layers.0.";
    let mut tensors = weights.tensors();
    let first: Vec<_> = tensors
        .iter()
        .filter_map(|(name, view)| Some((name.strip_prefix(prefix)?.to_owned(), view.clone())))
        .collect();
    tensors.retain(|(name, _)| !name.starts_with("encoder.layers."));
    for layer in 0..layers {
        let copies = first.iter();
        tensors.extend(
            copies.map(|(rest, view)| (format!("encoder.layers.{layer}.{rest}"), view.clone())),
        );
    }
    let bytes = safetensors::serialize(tensors, None).expect("the weights");
    fs::write(to.join("model.safetensors"), bytes).expect("the weights");
}

#[test]
fn every_command_of_the_pages_runs() {
    let world = World::new();
    let mut seen = BTreeSet::new();
    let mut run = 0;
    for (name, text) in pages() {
        for command in commands(&text) {
            if !seen.insert(command.clone())
                || NOT_RUN.iter().any(|(begin, _)| command.starts_with(begin))
            {
                continue;
            }
            assert!(
                command.starts_with("voxtune "),
                "{name}: `{command}` is no command of ours: say in NOT_RUN why it is not run"
            );
            let own = STAND_INS
                .iter()
                .fold(command, |line, (there, here)| line.replace(there, here));
            world.run(&own, &name);
            run += 1;
        }
    }
    assert!(
        run > 25,
        "{run} commands are few: are the blocks still found?"
    );
}

#[test]
fn reasons_are_of_commands_that_stand_there() {
    let all: Vec<String> = pages()
        .iter()
        .flat_map(|(_, text)| commands(text))
        .collect();
    for (begin, reason) in NOT_RUN {
        assert!(!reason.is_empty());
        // Pages come and go; `voxtune serve` need not have one yet.
        if *begin != "voxtune serve" {
            assert!(
                all.iter().any(|command| command.starts_with(begin)),
                "no page says `{begin}`"
            );
        }
    }
}

#[test]
fn words_of_commands_in_texts_are_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut found = 0;
    for (name, text) in pages() {
        // Between backticks on one line, outside of blocks.
        for line in text.lines().filter(|line| !line.starts_with("    ")) {
            for span in line.split('`').skip(1).step_by(2) {
                let Some(arguments) = span.strip_prefix("voxtune ") else {
                    continue;
                };
                let words: Vec<&str> = arguments.split_whitespace().chain(["--help"]).collect();
                let outcome = voxtune_with(folder.path(), &[], &words);
                assert_eq!(outcome.status, 0, "{name}: `{span}`: {}", outcome.stderr);
                found += 1;
            }
        }
    }
    assert!(found > 8, "{found} are few");
}

/// Keys of the snippets of INI files are put into an experiment, one snippet after the other.
#[test]
fn keys_of_the_pages_are_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    corpus::write(here);
    let ini = corpus::ini().replace("tones", "calls");
    fs::write(here.join("mine.ini"), ini).expect("the INI");
    let mut snippets = 0;
    for (name, text) in pages() {
        for block in blocks(&text) {
            let mut section = String::new();
            let mut sets: Vec<String> = Vec::new();
            for line in &block {
                let line = line.trim();
                if let Some(header) = line
                    .strip_prefix('[')
                    .and_then(|line| line.strip_suffix(']'))
                {
                    section = header.to_owned();
                } else if let (Some((key, value)), false) =
                    (line.split_once(" = "), section.is_empty())
                {
                    sets.extend([
                        "--set".to_owned(),
                        format!("{section}.{}={value}", key.trim()),
                    ]);
                }
            }
            if sets.is_empty() {
                continue;
            }
            snippets += 1;
            let first = ["check", "mine.ini", "--json"].map(str::to_owned);
            let outcome = voxtune_with(here, &[], first.iter().chain(&sets));
            let found = outcome.json();
            let findings = found["diagnostics"].as_array().expect("a list");
            for finding in findings {
                let code = finding["code"].as_str().unwrap_or_default();
                assert!(!WRONG.contains(&code), "{name}: {sets:?}: {finding}");
            }
        }
    }
    assert!(snippets >= 5, "{snippets} snippets are few");
}
