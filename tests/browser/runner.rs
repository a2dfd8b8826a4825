//! A real runner under test: `voxtune serve` as it was built, killed and started again.

use crate::{site::workspace, tab::Tab};
use serde_json::{Value, json};
use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// How long a run may take; those of tests take seconds where nothing else is at work.
const PATIENCE: Duration = Duration::from_secs(600);

/// A name that must stay text wherever it is shown.
pub(crate) const ATTACK: &str = "<img src=x onerror=\"document.title='run'\"> صوت 🎤";

/// A folder, and the server that keeps everything in it.
pub(crate) struct Runner {
    folder: tempfile::TempDir,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    server: Option<Child>,
    /// Its address without a slash at its end.
    pub(crate) address: String,
    /// The address that lets one browser in.
    pub(crate) page: String,
}

impl Runner {
    /// Starts one that reads the demo only.
    pub(crate) fn start() -> Self {
        Self::with(&[], "")
    }

    /// Starts one with further arguments and a settings file.
    pub(crate) fn with(arguments: &[&str], settings: &str) -> Self {
        Self::within(arguments, settings, &[])
    }

    /// As [`Self::with`], with variables of the environment.
    pub(crate) fn within(arguments: &[&str], settings: &str, environment: &[(&str, &str)]) -> Self {
        let variable = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("settings.toml");
        fs::write(&file, settings).expect("settings");
        let mut runner = Self {
            arguments: ["--settings", &file.display().to_string()]
                .iter()
                .chain(arguments)
                .map(|&argument| argument.to_owned())
                .collect(),
            environment: environment.iter().map(variable).collect(),
            folder,
            server: None,
            address: String::new(),
            page: String::new(),
        };
        runner.start_again();
        runner
    }

    /// Starts the server, on the port of the last time.
    pub(crate) fn start_again(&mut self) {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"))
            .expect("a log");
        let mut command = Command::new(program());
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy().to_ascii_lowercase();
            if text.starts_with("hf_") || text.ends_with("_proxy") {
                command.env_remove(name);
            }
        }
        let mut server = command
            .arg("serve")
            .arg("--folder")
            .arg(self.home())
            .args(&self.arguments)
            .envs(self.environment.clone())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let mut greeting = String::new();
        let mut lines = BufReader::new(server.stdout.take().expect("its output"));
        while !greeting.contains("Ctrl-C") {
            let read = lines.read_line(&mut greeting).expect("a line");
            assert!(read > 0, "{greeting}{}", self.log());
        }
        let page = greeting
            .split_ascii_whitespace()
            .find(|word| word.contains("/login?token="))
            .expect("the page's address");
        self.page = page.to_owned();
        self.address = page.split("/login").next().unwrap_or_default().to_owned();
        self.server = Some(server);
    }

    /// Ends the server as a crash would; jobs go on.
    pub(crate) fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().expect("it is killed");
            server.wait().expect("it has ended");
        }
    }

    /// Where the server keeps everything.
    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The owner's token.
    pub(crate) fn token(&self) -> String {
        let text = fs::read_to_string(self.home().join("token")).expect("the token");
        text.trim().to_owned()
    }

    /// What a job has told, on its disk.
    pub(crate) fn events(&self, job: &str) -> Vec<Value> {
        let path = self.home().join("jobs").join(job).join("events.jsonl");
        let text = fs::read_to_string(path).unwrap_or_default();
        let lines = text.lines();
        lines
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// How many steps a job has told of, on its disk.
    pub(crate) fn steps(&self, job: &str) -> usize {
        let path = self.home().join("jobs").join(job).join("events.jsonl");
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines()
            .filter(|line| line.contains("\"audio_seconds_per_second\""))
            .count()
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.kill();
        // Jobs outlive the server, and must not outlive the test.
        let jobs = fs::read_dir(self.home().join("jobs"));
        for job in jobs.into_iter().flatten().flatten() {
            let text = fs::read_to_string(job.path().join("process.json")).unwrap_or_default();
            let process: Value = serde_json::from_str(&text).unwrap_or_default();
            let Some(pid) = process["pid"].as_u64() else {
                continue;
            };
            // Only if it is still that process.
            let own = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            if String::from_utf8_lossy(&own).contains(&*job.path().to_string_lossy()) {
                let _ = Command::new("kill")
                    .args(["-KILL", &pid.to_string()])
                    .status();
            }
        }
    }
}

/// The program, as it is built beside these tests.
fn program() -> PathBuf {
    let own = env::current_exe().expect("this program");
    let folder = own.ancestors().nth(2).unwrap_or(Path::new(""));
    let program = folder.join("voxtune");
    assert!(
        program.is_file(),
        "{} is missing: `cargo build --release` makes it, after `scripts/build-page.sh`",
        program.display()
    );
    program
}

/// The demo with so many epochs, as the page has it.
pub(crate) fn demo(epochs: u32) -> String {
    fs::read_to_string(workspace().join("static/demo/demo.ini"))
        .expect("the demo")
        .replace("./static/demo/", "dataset:demo/")
        .replace("epochs = 30", &format!("epochs = {epochs}"))
}

/// Recordings of which every name and label is an attack or at least not ASCII; an INI that trains on them.
pub(crate) fn hostile(folder: &Path) -> String {
    let mut table = "file,speaker,emotion\n".to_owned();
    let clips = workspace().join("static/demo/audio");
    let names = [ATTACK.replace('"', "'"), "ذهب 🎤 ü".to_owned()];
    for speaker in ["f01", "f02", "f03", "m01", "m02", "m03"] {
        for (emotion, label) in [
            ("anger", "<img src=x onerror=document.title=1>"),
            ("sadness", "حزن"),
        ] {
            let takes =
                (0..20).map(|take| clips.join(format!("{speaker}_{emotion}_{take:02}.flac")));
            for (from, name) in takes.filter(|take| take.is_file()).zip(&names) {
                let file = format!("{name} {speaker} {emotion}.flac").replace('/', "-");
                fs::copy(from, folder.join(&file)).expect("a recording");
                table += &format!("\"{file}\",\"{ATTACK_SPEAKER} {speaker}\",\"{label}\"\n");
            }
        }
    }
    let path = folder.join("صوت.csv");
    fs::File::create(&path)
        .and_then(|mut file| file.write_all(table.as_bytes()))
        .expect("the table");
    demo(1)
        .replace("dataset:demo/demo.csv", &path.display().to_string())
        .replace(
            "labels = ['anger', 'happiness', 'neutral', 'sadness']\n",
            "",
        )
        .replace("demo.test_size = 25", "demo.test_size = 34")
        .replace("name = demo", "name = <b onclick=alert(1)>صوت 🎤")
}

const ATTACK_SPEAKER: &str = "<svg onload=document.title=2>";

/// Asks the runner as the page does, with the cookie of the browser.
pub(crate) async fn ask(tab: &Tab, method: &str, path: &str, body: Option<Value>) -> Value {
    let script = "const [[method, path, body], done] = arguments;
        fetch(path, {method, headers: body ? {'Content-Type': 'application/json'} : {}, body: body && JSON.stringify(body)})
            .then(async answer => done({status: answer.status, body: JSON.parse(await answer.text() || 'null')}), error => done({status: 0, body: String(error)}));";
    let answer = tab
        .client
        .execute_async(script, vec![json!([method, path, body])])
        .await
        .expect("an answer");
    let status = answer["status"].as_u64().unwrap_or(0);
    assert!((200..300).contains(&status), "{method} {path}: {answer:#}");
    answer["body"].clone()
}

/// Queues an experiment; its id.
pub(crate) async fn queue(tab: &Tab, text: &str, name: &str) -> String {
    let job = ask(
        tab,
        "POST",
        "/api/jobs",
        Some(json!({"text": text, "name": name})),
    )
    .await;
    job["id"].as_str().expect("an id").to_owned()
}

/// Waits until a job has ended; its state.
pub(crate) async fn ended(tab: &Tab, job: &str) -> String {
    let since = Instant::now();
    loop {
        let found = ask(tab, "GET", &format!("/api/jobs/{job}"), None).await;
        let state = found["state"].as_str().unwrap_or_default();
        if matches!(state, "finished" | "failed" | "cancelled") {
            return state.to_owned();
        }
        assert!(since.elapsed() < PATIENCE, "{found:#}");
        sleep(Duration::from_millis(200)).await;
    }
}
