//! Models of the hub by name, and uploads to it, against a server on the loopback.

use crate::{
    corpus::{self, CHECKPOINT},
    program::{Outcome, voxtune_with},
};
use fake_hub::{FakeHub, READ_TOKEN, WRITE_TOKEN};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// An address where nobody answers.
const NOBODY: &str = "http://127.0.0.1:9";
const MODEL: &str = "model.safetensors";

/// A folder with the corpus, a hub with the checkpoint, and the environment of a user.
struct World {
    folder: TempDir,
    hub: FakeHub,
    environment: Vec<(&'static str, String)>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        corpus::write(folder.path());
        let hub = FakeHub::start().expect("a server");
        let added = hub.state().add("lab/tiny", Path::new(CHECKPOINT));
        added.expect("the checkpoint");
        let environment = vec![
            ("HF_ENDPOINT", hub.endpoint().to_owned()),
            ("HF_HOME", Self::path(&folder, "hf")),
        ];
        Self {
            folder,
            hub,
            environment,
        }
    }

    fn path(folder: &TempDir, name: &str) -> String {
        let path = folder.path().join(name);
        path.to_str().expect("UTF-8").to_owned()
    }

    fn here(&self) -> &Path {
        self.folder.path()
    }

    fn set(&mut self, name: &'static str, value: &str) {
        self.environment.retain(|(found, _)| *found != name);
        if !value.is_empty() {
            self.environment.push((name, value.to_owned()));
        }
    }

    fn voxtune(&self, arguments: &[&str]) -> Outcome {
        let environment: Vec<(&str, &str)> = self
            .environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        voxtune_with(self.here(), &environment, arguments)
    }

    fn embed(&self, model: &str) -> Outcome {
        let out = ["--out", "x.safetensors", "audio/anna-low-0.wav"];
        let arguments = ["embed", "--device", "cpu", "--model", model];
        self.voxtune(&[&arguments[..], &out[..]].concat())
    }

    fn run(&self, keys: &[&str]) -> Outcome {
        let mut arguments = vec!["run", "tones.ini", "--json", "--set", "EXP.epochs=1"];
        for key in keys {
            arguments.extend(["--set", key]);
        }
        self.voxtune(&arguments)
    }

    /// Ranges that the store of large files was asked for.
    fn ranges(&self) -> Vec<String> {
        let state = self.hub.state();
        let files = state
            .seen
            .iter()
            .filter(|seen| seen.path.starts_with("/blob/"));
        files.filter_map(|seen| seen.range.clone()).collect()
    }

    fn cached(&self, path: &str) -> PathBuf {
        self.here().join("hf/hub/models--lab--tiny").join(path)
    }

    fn head(&self, id: &str) -> String {
        self.hub.state().repositories[id].head().to_owned()
    }

    /// Whether `secret` stands in any file that the program wrote, the hub's cache included.
    fn holds(&self, secret: &str) -> Option<PathBuf> {
        let mut left = vec![self.here().to_owned()];
        while let Some(path) = left.pop() {
            if path.is_dir() {
                let entries = fs::read_dir(&path).expect("a folder");
                left.extend(entries.map(|entry| entry.expect("an entry").path()));
            } else if let Ok(bytes) = fs::read(&path)
                && bytes
                    .windows(secret.len())
                    .any(|found| found == secret.as_bytes())
            {
                return Some(path);
            }
        }
        None
    }
}

fn events(outcome: &Outcome) -> Vec<Value> {
    let lines = outcome.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("an event a line"))
        .collect()
}

#[test]
fn a_run_fetches_its_model_once_and_works_offline_then() {
    let mut world = World::new();
    // What no training needs stays where it is.
    let more = tempfile::tempdir().expect("a folder");
    for name in ["config.json", "preprocessor_config.json", MODEL] {
        fs::copy(Path::new(CHECKPOINT).join(name), more.path().join(name)).expect("a copy");
    }
    for name in [
        "README.md",
        "pytorch_model.bin",
        "tf_model.h5",
        "optimizer.bin",
    ] {
        fs::write(more.path().join(name), "not needed").expect("a file");
    }
    world
        .hub
        .state()
        .add("lab/tiny", more.path())
        .expect("more files");
    let head = world.head("lab/tiny");

    let keys = ["FINETUNE.pretrained_model=lab/tiny"];
    let run = world.run(&keys).with_status(0);
    let events = events(&run);
    let downloads: Vec<&Value> = events
        .iter()
        .filter(|event| event["event"] == "download")
        .collect();
    assert!(downloads.iter().all(|event| event["model"] == "lab/tiny"));
    let size = fs::metadata(Path::new(CHECKPOINT).join(MODEL))
        .expect("the file")
        .len();
    let last = downloads.last().expect("events of the download");
    assert_eq!(
        (&last["file"], &last["bytes"], &last["total"]),
        (&Value::from(MODEL), &Value::from(size), &Value::from(size))
    );
    let text = fs::read_to_string(world.here().join("results/tones/results/run_0/run.json"));
    let manifest: Value = serde_json::from_str(&text.expect("the record")).expect("JSON");
    assert_eq!(manifest["model"]["pretrained"], "lab/tiny");
    assert_eq!(manifest["model"]["revision"], head.as_str());

    let snapshot = world.cached(&format!("snapshots/{head}"));
    let mut names: Vec<String> = fs::read_dir(&snapshot)
        .expect("the snapshot")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    assert_eq!(names, ["config.json", MODEL, "preprocessor_config.json"]);
    let link = fs::read_link(snapshot.join(MODEL)).expect("a link, as Python makes it");
    assert!(link.starts_with("../../blobs"), "{}", link.display());
    let main = fs::read_to_string(world.cached("refs/main")).expect("the ref");
    assert_eq!(main, head);
    let refs = fs::read_dir(world.cached("refs")).expect("refs").count();
    assert_eq!(refs, 1, "only main");

    // Nothing of it is fetched again, by name or by commit.
    world.embed("lab/tiny").with_status(0);
    world.embed(&format!("lab/tiny@{head}")).with_status(0);
    assert_eq!(world.ranges(), ["bytes=0-"]);
    let asked = world.hub.state().seen.len();
    world.set("HF_HUB_OFFLINE", "1");
    world.embed("lab/tiny").with_status(0);
    assert_eq!(world.hub.state().seen.len(), asked, "nobody was asked");
    world.set("HF_HUB_OFFLINE", "");
    world.set("HF_ENDPOINT", NOBODY);
    let outcome = world.embed("lab/tiny").with_status(0);
    for word in ["warning", NOBODY, "from the cache", &head] {
        assert!(outcome.stderr.contains(word), "{word}: {}", outcome.stderr);
    }
}

#[test]
fn a_folder_comes_before_the_hub() {
    let mut world = World::new();
    world.set("HF_ENDPOINT", NOBODY);
    let folder = world.here().join("lab/tiny");
    fs::create_dir_all(&folder).expect("a folder");
    for entry in fs::read_dir(CHECKPOINT).expect("the checkpoint") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, folder.join(path.file_name().expect("a name"))).expect("a copy");
    }
    world.embed("lab/tiny").with_status(0);
    assert!(world.hub.state().seen.is_empty());
    assert!(!world.here().join("hf").exists());
}

#[test]
fn what_cannot_be_had_is_explained() {
    let mut world = World::new();
    {
        let mut state = world.hub.state();
        for id in ["lab/closed", "lab/secret", "lab/whisper", "lab/empty"] {
            state
                .add(id, Path::new(CHECKPOINT))
                .expect("the checkpoint");
        }
        let repositories = &mut state.repositories;
        repositories.get_mut("lab/closed").expect("it").gated = true;
        repositories.get_mut("lab/secret").expect("it").private = true;
    }
    let other = tempfile::tempdir().expect("a folder");
    fs::write(
        other.path().join("config.json"),
        r#"{"model_type": "whisper"}"#,
    )
    .expect("a file");
    fs::write(other.path().join(MODEL), "weights").expect("a file");
    world
        .hub
        .state()
        .add("lab/whisper", other.path())
        .expect("it");
    fs::remove_file(other.path().join(MODEL)).expect("it is there");
    fs::copy(
        Path::new(CHECKPOINT).join("config.json"),
        other.path().join("config.json"),
    )
    .expect("a copy");
    world
        .hub
        .state()
        .add("lab/empty", other.path())
        .expect("it");

    let endpoint = world.hub.endpoint().to_owned();
    let (read, wrong) = (READ_TOKEN, "test-token-of-nobody");
    for (model, token, words) in [
        ("lab/closed", "", ["gated", "make a token"]),
        ("lab/closed", read, ["gated", "Ask for access"]),
        ("lab/absent", "", ["neither a folder", "needs a token"]),
        ("lab/absent", read, ["neither a folder", "look at the name"]),
        ("lab/secret", "", ["neither a folder", "HF_TOKEN"]),
        (
            "lab/tiny@v9",
            "",
            ["no branch, tag or commit `v9`", &endpoint],
        ),
        ("lab/tiny", wrong, ["does not know the token", "HF_TOKEN"]),
        (
            "lab/whisper",
            "",
            ["no model that can be trained", "whisper"],
        ),
        (
            "lab/empty",
            "",
            ["no model that can be trained", "model.safetensors"],
        ),
        (
            "wavlm-base",
            "",
            ["neither a folder nor", "microsoft/wavlm-base"],
        ),
        ("emotion2vec-base", "", ["FunASR", "emotion2vec"]),
        ("lab/a b", "", ["lab/a b", "only letters"]),
        ("./absent", "", ["./absent/config.json", "No such file"]),
        ("a/b/c", "", ["a/b/c/config.json", "No such file"]),
    ] {
        world.set("HF_TOKEN", token);
        let outcome = world.embed(model).with_status(1);
        for word in words {
            let said = &outcome.stderr;
            assert!(said.contains(word), "{model}: `{word}` in:\n{said}");
        }
        assert!(
            token.is_empty() || !outcome.stderr.contains(token),
            "{model}"
        );
    }
    assert!(world.ranges().is_empty(), "no weights were fetched");

    for (name, value, words) in [
        (
            "HF_ENDPOINT",
            NOBODY,
            ["not in the cache", "cannot be reached"],
        ),
        (
            "HF_HUB_OFFLINE",
            "1",
            ["not in the cache", "HF_HUB_OFFLINE"],
        ),
        ("HF_ENDPOINT", "hub", ["HF_ENDPOINT is `hub`", "no address"]),
        (
            "HF_TOKEN",
            "two words",
            ["token has characters", "HF_TOKEN"],
        ),
    ] {
        let mut environment = world.environment.clone();
        environment.retain(|(found, _)| *found != "HF_TOKEN");
        std::mem::swap(&mut environment, &mut world.environment);
        world.set(name, value);
        let outcome = world.embed("lab/tiny").with_status(1);
        for word in words {
            let said = &outcome.stderr;
            assert!(said.contains(word), "{name}: `{word}` in:\n{said}");
        }
        world.environment = environment;
    }
}

#[test]
fn a_former_name_is_followed() {
    let mut world = World::new();
    let moved = ("lab/former".to_owned(), "lab/tiny".to_owned());
    world.hub.state().moved.extend([moved]);
    world.set("HF_TOKEN", READ_TOKEN);
    let outcome = world.embed("lab/former").with_status(0);
    assert!(
        outcome.stderr.contains("is named lab/tiny"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_broken_download_goes_on_where_it_ended() {
    let world = World::new();
    world.hub.state().cuts = vec![10_000, 20_000];
    world.embed("lab/tiny").with_status(0);
    assert_eq!(
        world.ranges(),
        ["bytes=0-", "bytes=10000-", "bytes=30000-"],
        "in the same call"
    );

    let world = World::new();
    world.hub.state().cuts = vec![10_000; 4];
    let outcome = world.embed("lab/tiny").with_status(1);
    assert!(
        outcome.stderr.contains("cannot be reached"),
        "{}",
        outcome.stderr
    );
    world.embed("lab/tiny").with_status(0);
    assert_eq!(
        world.ranges().last().map(String::as_str),
        Some("bytes=40000-"),
        "in the next call"
    );
}

#[test]
fn what_arrives_damaged_is_not_kept() {
    let world = World::new();
    world.hub.state().damaged = true;
    let outcome = world.embed("lab/tiny").with_status(1);
    for word in ["arrived damaged", MODEL, "hash"] {
        assert!(outcome.stderr.contains(word), "{}", outcome.stderr);
    }
    world.hub.state().damaged = false;
    world.embed("lab/tiny").with_status(0);
}

#[test]
fn a_token_goes_to_the_hub_alone() {
    let mut world = World::new();
    world.set("HF_TOKEN", READ_TOKEN);
    world
        .hub
        .state()
        .repositories
        .get_mut("lab/tiny")
        .expect("it")
        .private = true;
    world.embed("lab/tiny").with_status(0);
    let state = world.hub.state();
    for seen in &state.seen {
        let wanted = (!seen.path.starts_with("/blob/")).then(|| format!("Bearer {READ_TOKEN}"));
        assert_eq!(seen.authorization, wanted, "{} {}", seen.method, seen.path);
    }
}

#[test]
fn a_model_is_uploaded_and_used_by_its_name() {
    let mut world = World::new();
    world.set("HF_TOKEN", WRITE_TOKEN);
    world.hub.state().part_size = Some(50_000);
    // Once in a while the hub has a bad moment.
    world.hub.state().faults = vec![("/preupload/".to_owned(), 503)];
    let run = world.run(&["FINETUNE.push_to_hub=True"]).with_status(0);
    let events = events(&run);
    let published = events.last().expect("an event");
    assert_eq!(published["event"], "published", "{published}");
    assert_eq!(published["model"], "tester/tones");
    assert_eq!(published["private"], true);
    assert_eq!(published["revision"], world.head("tester/tones").as_str());
    assert!(events.iter().any(|event| event["event"] == "upload"));

    let model = world.here().join("results/tones/models/run_0/torch");
    {
        let state = world.hub.state();
        let repository = &state.repositories["tester/tones"];
        assert!(repository.private && repository.is_large(MODEL));
        assert!(!repository.is_large("config.json"));
        let files = repository.files();
        let count = fs::read_dir(&model).expect("the folder").count();
        assert_eq!(files.len(), count);
        for (name, bytes) in files {
            assert_eq!(
                bytes,
                fs::read(model.join(&name)).expect("the file"),
                "{name}"
            );
        }
    }
    let predict = [
        "predict",
        "--device",
        "cpu",
        "--model",
        "tester/tones",
        "audio",
    ];
    let outcome = world.voxtune(&predict).with_status(0);
    assert!(outcome.stdout.starts_with("file,"), "{}", outcome.stdout);

    fs::write(model.join("README.md"), "# Tones\n").expect("a card");
    let folder = "results/tones/models/run_0/torch";
    let push = world.voxtune(&["push", folder, "--to", "lab/shown", "--public"]);
    let push = push.with_status(0);
    assert!(push.stderr.contains("everybody sees it"), "{}", push.stderr);
    let state = world.hub.state();
    let shown = &state.repositories["lab/shown"];
    assert!(!shown.private);
    assert_eq!(shown.files()["README.md"], b"# Tones\n");
    let uploads = state
        .seen
        .iter()
        .filter(|seen| seen.path.starts_with("/upload/"));
    assert_eq!(uploads.count(), 3, "the same weights were not sent twice");
    drop(state);

    for said in [&run.stdout, &run.stderr, &push.stdout, &push.stderr] {
        assert!(!said.contains(WRITE_TOKEN), "{said}");
    }
    assert_eq!(world.holds(WRITE_TOKEN), None);
}

#[test]
fn what_hinders_an_upload_is_said_before_the_training() {
    let mut world = World::new();
    world
        .hub
        .state()
        .add("lab/open", Path::new(CHECKPOINT))
        .expect("it");
    let push = "FINETUNE.push_to_hub=True";
    for (token, keys, words) in [
        ("", vec![push], ["needs a token that may write", "HF_TOKEN"]),
        (READ_TOKEN, vec![push], ["may only read", "settings"]),
        (
            "test-token-of-nobody",
            vec![push],
            ["does not know the token", "HF_TOKEN"],
        ),
        (
            WRITE_TOKEN,
            vec![push, "EXP.name=my tones"],
            ["my tones", "hub_model_id = tester/NAME"],
        ),
        (
            WRITE_TOKEN,
            vec![push, "FINETUNE.hub_model_id=stranger/tones"],
            ["refuses to make the repository stranger/tones", "rights"],
        ),
        (
            WRITE_TOKEN,
            vec![push, "FINETUNE.hub_model_id=lab/open"],
            ["everybody sees it", "hub_private_repo = False"],
        ),
    ] {
        world.set("HF_TOKEN", token);
        let outcome = world.run(&keys).with_status(1);
        for word in words {
            let said = &outcome.stderr;
            assert!(said.contains(word), "`{word}` in:\n{said}");
        }
        assert!(token.is_empty() || !outcome.stderr.contains(token));
        assert!(
            !outcome.stdout.contains("\"started\""),
            "{}",
            outcome.stdout
        );
    }
    world.set("HF_HUB_OFFLINE", "1");
    let outcome = world.run(&[push]).with_status(1);
    assert!(
        outcome.stderr.contains("HF_HUB_OFFLINE"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_failed_upload_leaves_the_results_and_says_how_to_go_on() {
    let mut world = World::new();
    world.set("HF_TOKEN", WRITE_TOKEN);
    world.hub.state().faults = vec![("/commit/".to_owned(), 500)];
    let outcome = world.run(&["FINETUNE.push_to_hub=True"]).with_status(1);
    let said = &outcome.stderr;
    let (_, rest) = said.split_once("`voxtune ").expect("what to do");
    let (command, _) = rest.split_once('`').expect("its end");
    let again: Vec<&str> = command.split_whitespace().collect();
    assert!(said.contains("500"), "{said}");
    world.voxtune(&again).with_status(0);
    let files = world.hub.state().repositories["tester/tones"].files();
    assert!(files.contains_key(MODEL));
}

#[test]
fn an_ini_says_neither_whom_to_ask_nor_with_what_token() {
    let world = World::new();
    for (key, code) in [
        ("FINETUNE.hf_endpoint=http://127.0.0.1:1", "endpoint"),
        ("MODEL.endpoint=http://127.0.0.1:1", "endpoint"),
        ("MODEL.hf_token=hf_abc", "secret"),
    ] {
        let outcome = world.run(&["FINETUNE.pretrained_model=lab/tiny", key]);
        let outcome = outcome.with_status(3);
        let code = format!("error[{code}]");
        assert!(outcome.stderr.contains(&code), "{}", outcome.stderr);
    }
    let seen = &world.hub.state().seen;
    assert!(seen.is_empty(), "nobody was asked: {seen:?}");
}
