//! What happens to a run: kill -9, Ctrl-C, a limit on the size of files.

use crate::corpus::{self, CHECKPOINT};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Lines},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

/// A folder with an experiment of a few seconds, in which everything random is at work.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    /// With `keys` of `[FINETUNE]` besides those of the corpus.
    pub(crate) fn new(keys: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let here = folder.path();
        corpus::write(here);
        let model = here.join("model");
        fs::create_dir(&model).expect("a folder");
        for entry in fs::read_dir(CHECKPOINT).expect("the checkpoint") {
            let path = entry.expect("an entry").path();
            fs::copy(&path, model.join(path.file_name().expect("a name"))).expect("a copy");
        }
        let config = model.join("config.json");
        let text = fs::read_to_string(&config).expect("the configuration");
        let text = ["hidden_dropout", "attention_dropout", "layerdrop"]
            .iter()
            .fold(text, |text, key| {
                text.replace(&format!("\"{key}\": 0.0"), &format!("\"{key}\": 0.1"))
            })
            .replace(
                "\"apply_spec_augment\": false",
                "\"apply_spec_augment\": true",
            );
        fs::write(config, text).expect("the configuration");
        let ini = corpus::ini()
            .replace(CHECKPOINT, "./model")
            .replace("epochs = 2", "epochs = 5")
            .replace(
                "learning_rate = 0.0001",
                &format!("learning_rate = 0.005\ndrop = 0.1\ncrop = random\n{keys}"),
            )
            .replace("max_duration = 0.5", "max_duration = 0.3");
        fs::write(here.join("tones.ini"), ini).expect("the experiment");
        Self { folder }
    }

    /// The same with everything that has been written so far.
    pub(crate) fn copy(&self) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy(self.path(), folder.path());
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A path in the experiment's folder.
    pub(crate) fn result(&self, path: &str) -> PathBuf {
        self.path().join("results/tones").join(path)
    }

    /// `run.json` of a run.
    pub(crate) fn record(&self, run: u32) -> Value {
        let path = self.result(&format!("results/run_{run}/run.json"));
        serde_json::from_slice(&fs::read(path).expect("run.json")).expect("JSON")
    }

    /// Starts `voxtune run`.
    pub(crate) fn start(&self) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_voxtune"))
            .args(["run", "tones.ini", "--json"])
            .current_dir(self.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let events = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        Running { child, events }
    }

    /// Starts a run, and kills it once it has told of step `step`.
    pub(crate) fn killed_at(&self, step: u64) {
        let mut running = self.start();
        running.wait_for("step", |event| event["step"] == step);
        running.kill();
    }

    /// What a disturbed run must have in common with an undisturbed one.
    pub(crate) fn essence(&self, run: u32) -> Vec<(String, Vec<u8>)> {
        let mut record = self.record(run);
        let mut training = record["training"].take();
        let fields = training.as_object_mut().expect("an object");
        fields.remove("seconds");
        fields.remove("audio_seconds_per_second");
        // What was at hand already and how long the rest took.
        fields.remove("frozen");
        let figures = serde_json::json!([record["results"], training, record["status"]]);
        let mut found = vec![("run.json".to_owned(), figures.to_string().into_bytes())];
        let model = format!("models/run_{run}/torch/model.safetensors");
        let mut paths = vec![model];
        for entry in fs::read_dir(self.result("results")).expect("results") {
            let name = entry.expect("an entry").file_name();
            let name = name.to_string_lossy();
            if name.ends_with(".csv") && name.contains(&format!("_{run}_005")) {
                paths.push(format!("results/{name}"));
            }
        }
        paths.sort();
        assert_eq!(
            paths.len(),
            3,
            "a model and predictions of two parts: {paths:?}"
        );
        for path in paths {
            let bytes = fs::read(self.result(&path)).expect("a result");
            found.push((path, bytes));
        }
        found
    }

    /// That everything that matters is the same, to the bit.
    pub(crate) fn assert_equals(&self, expected: &Self, run: u32) {
        for (found, expected) in self.essence(run).into_iter().zip(expected.essence(run)) {
            assert_eq!(found.0, expected.0);
            assert!(found.1 == expected.1, "{} differs", found.0);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, to).expect("a copy");
        }
    }
}

/// A run at work.
pub(crate) struct Running {
    child: Child,
    events: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// Waits for an event of a kind.
    pub(crate) fn wait_for(&mut self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        for line in self.events.by_ref() {
            let line = line.expect("a line");
            let event: Value = serde_json::from_str(&line).expect("an event");
            if event["event"] == kind && wanted(&event) {
                return event;
            }
        }
        panic!("it ended without `{kind}`");
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupt(&self) {
        self.signal("-INT");
    }

    /// Lets it be where it is.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.expect("kill").success());
    }

    /// Ends it without a warning: SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Whether it has ended by itself, all having gone well.
    pub(crate) fn has_finished(&mut self) -> bool {
        match self.child.try_wait().expect("a status") {
            None => false,
            Some(status) => {
                assert!(status.success(), "{status}");
                true
            }
        }
    }

    /// Reads on until it ends, and gives its exit status.
    pub(crate) fn status(mut self) -> i32 {
        for line in self.events.by_ref() {
            line.expect("a line");
        }
        self.child.wait().expect("it ends").code().unwrap_or(-1)
    }
}
