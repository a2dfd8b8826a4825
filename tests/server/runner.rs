//! A server under test, with its folder and data.

use crate::{
    client::{Answer, send},
    corpus,
};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// How long a state may take to come.
const PATIENCE: Duration = Duration::from_secs(300);

/// A folder with data, and the server that runs in it.
pub(crate) struct Runner {
    folder: tempfile::TempDir,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    /// File handles that the server may have; none is as many as the machine gives.
    handles: Option<u32>,
    /// Megabytes of a disk of the server's own; none is the machine's.
    disk: Option<u32>,
    server: Option<Child>,
    pub(crate) address: SocketAddr,
    /// The address that opens the page once.
    pub(crate) page: String,
    /// What it printed at its start.
    pub(crate) greeting: String,
}

impl Runner {
    /// Starts a server on an empty folder.
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// Starts a server with further arguments.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        Self::within(arguments, &[])
    }

    /// Starts a server with further arguments, in an environment with these besides.
    pub(crate) fn within(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::on(None, None, arguments, environment)
    }

    /// Starts a server whose folder is a disk of its own, of so many megabytes; `None` where the
    /// system does not let us make one.
    pub(crate) fn on_small_disk(megabytes: u32, arguments: &[&str]) -> Option<Self> {
        let probe = Command::new("unshare")
            .args(["-Urm", "sh", "-c", "mount -t tmpfs tmpfs /tmp"])
            .stderr(Stdio::null())
            .status();
        let can = probe.is_ok_and(|status| status.success());
        can.then(|| Self::on(Some(megabytes), None, arguments, &[]))
    }

    /// Starts a server that has so many file handles and no more.
    pub(crate) fn of_few_handles(handles: u32) -> Self {
        Self::on(None, Some(handles), &[], &[])
    }

    fn on(
        disk: Option<u32>,
        handles: Option<u32>,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("data")).expect("a folder");
        corpus::write(&folder.path().join("data"));
        let mut runner = Self {
            folder,
            arguments: arguments.iter().map(|&text| text.to_owned()).collect(),
            environment: environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            handles,
            disk,
            server: None,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            page: String::new(),
            greeting: String::new(),
        };
        runner.start();
        runner
    }

    /// The command that starts it, on the port that it has or a free one.
    pub(crate) fn command(&self) -> Command {
        let mut command = program();
        if let Some(handles) = self.handles {
            command = Command::new("sh");
            command
                .args([
                    "-c",
                    "ulimit -n \"$0\" && exec \"$@\"",
                    &handles.to_string(),
                ])
                .arg(program().get_program());
        }
        if let Some(megabytes) = self.disk {
            fs::create_dir_all(self.folder.path().join("home")).expect("a folder");
            let mount = "mount -t tmpfs -o size=$0m tmpfs \"$1\" && shift && exec \"$@\"";
            command = Command::new("unshare");
            command
                .args(["-Urm", "sh", "-c", mount, &megabytes.to_string()])
                .arg(self.folder.path().join("home"))
                .arg(program().get_program());
        }
        command
            .arg("serve")
            .arg("--folder")
            .arg(self.folder.path().join("home"))
            .arg("--data")
            .arg(self.data())
            .args(["--data", corpus::CHECKPOINTS])
            .args(["--port", &self.address.port().to_string()])
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts the server (again).
    pub(crate) fn start(&mut self) {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("server.log"))
            .expect("a log");
        let mut server = self
            .command()
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(server.stdout.take().expect("its output"));
        self.greeting.clear();
        loop {
            let mut line = String::new();
            let read = lines.read_line(&mut line).expect("a line");
            assert!(read > 0, "{}{}", self.greeting, self.log());
            self.greeting += &line;
            if line.starts_with("Ctrl-C") {
                break;
            }
        }
        let page = self
            .greeting
            .split_ascii_whitespace()
            .find(|word| word.contains("/login?token="))
            .expect("the page's address");
        let port = page
            .split(':')
            .nth(2)
            .and_then(|rest| rest.split('/').next());
        let port: u16 = port.and_then(|port| port.parse().ok()).expect("a port");
        self.address.set_port(port);
        self.page = page.to_owned();
        self.server = Some(server);
    }

    /// Ends the server as a crash would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().expect("it is killed");
            server.wait().expect("it has ended");
        }
    }

    /// Ends the server as Ctrl-C does; its exit status.
    pub(crate) fn interrupt(&mut self) -> Option<i32> {
        let mut server = self.server.take().expect("a server");
        signal(server.id(), "-INT");
        server.wait().expect("it has ended").code()
    }

    /// Where the server keeps everything.
    pub(crate) fn home(&self) -> PathBuf {
        let home = self.folder.path().join("home");
        match (self.disk, &self.server) {
            // Only the server sees its disk by that name.
            (Some(_), Some(server)) => Path::new("/proc")
                .join(server.id().to_string())
                .join("root")
                .join(home.strip_prefix("/").unwrap_or(&home)),
            _ => home,
        }
    }

    /// The data root.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder of a job.
    pub(crate) fn job_folder(&self, id: &str) -> PathBuf {
        self.home().join("jobs").join(id)
    }

    /// What the server has logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }

    /// The owner's token.
    pub(crate) fn token(&self) -> String {
        let text = fs::read_to_string(self.home().join("token")).expect("the token");
        text.trim().to_owned()
    }

    /// Adds a user; their token.
    pub(crate) fn add_user(&self, arguments: &[&str]) -> String {
        let output = program()
            .args(["user", "add"])
            .args(arguments)
            .arg("--folder")
            .arg(self.home())
            .output()
            .expect("the program starts");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout)
            .expect("UTF-8")
            .trim()
            .to_owned()
    }

    /// Asks with a token.
    pub(crate) fn ask_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        self.ask_with(token, method, path, &[], body)
    }

    /// Asks with a token and further headers.
    pub(crate) fn ask_with(
        &self,
        token: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let host = self.host();
        let bearer = format!("Bearer {token}");
        let mut all = vec![("Host", host.as_str()), ("Authorization", bearer.as_str())];
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        if !body.is_empty() {
            all.push(("Content-Type", "application/json"));
        }
        all.extend(headers);
        send(self.address, method, path, &all, body.as_bytes())
            .unwrap_or_else(|error| panic!("{method} {path}: {error}\n{}", self.log()))
    }

    /// `localhost:PORT`.
    pub(crate) fn host(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    /// Asks as the owner.
    pub(crate) fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.ask_as(&self.token(), method, path, body)
    }

    /// Reads as the owner.
    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, None);
        assert!(
            answer.status == 200,
            "{path}: {} {}\n{}",
            answer.status,
            answer.text(),
            self.log()
        );
        answer.json()
    }

    /// Sends bytes as the owner.
    pub(crate) fn send(&self, method: &str, path: &str, media: &str, bytes: &[u8]) -> Answer {
        let (host, bearer) = (self.host(), format!("Bearer {}", self.token()));
        let headers = [
            ("Host", host.as_str()),
            ("Authorization", bearer.as_str()),
            ("Content-Type", media),
        ];
        send(self.address, method, path, &headers, bytes)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}\n{}", self.log()))
    }

    /// Queues an experiment of so many epochs; its id.
    pub(crate) fn queue(&self, name: &str, epochs: u32) -> String {
        let body = json!({ "text": corpus::ini(&self.data(), name, epochs) });
        let job = self
            .ask("POST", "/api/jobs", Some(body))
            .with_status(201)
            .json();
        id(&job)
    }

    /// The state of a job.
    pub(crate) fn state(&self, job: &str) -> String {
        let job = self.get(&format!("/api/jobs/{job}"));
        job["state"].as_str().expect("a state").to_owned()
    }

    /// Waits until a job is in one of `states`; the job.
    pub(crate) fn wait_for(&self, job: &str, states: &[&str]) -> Value {
        let since = Instant::now();
        loop {
            let found = self.get(&format!("/api/jobs/{job}"));
            if states.contains(&found["state"].as_str().expect("a state")) {
                return found;
            }
            let log = fs::read_to_string(self.job_folder(job).join("log.txt"));
            assert!(
                since.elapsed() < PATIENCE,
                "{found:#}\n{}\n{}",
                self.log(),
                log.unwrap_or_default()
            );
            sleep(Duration::from_millis(30));
        }
    }

    /// Waits until the process of a job has made a step.
    pub(crate) fn wait_for_step(&self, job: &str) {
        let since = Instant::now();
        while self.get(&format!("/api/jobs/{job}"))["progress"]["step"]
            .as_u64()
            .is_none_or(|step| step == 0)
        {
            assert!(since.elapsed() < PATIENCE, "{}", self.log());
            sleep(Duration::from_millis(30));
        }
    }

    /// The number of a job's process.
    pub(crate) fn process(&self, job: &str) -> u32 {
        let path = self.job_folder(job).join("process.json");
        let text = fs::read_to_string(path).expect("the process");
        let process: Value = serde_json::from_str(&text).expect("JSON");
        u32::try_from(process["pid"].as_u64().expect("a number")).expect("a number")
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.kill();
        // Jobs outlive the server, and must not outlive the test.
        for entry in fs::read_dir(self.home().join("jobs"))
            .into_iter()
            .flatten()
            .flatten()
        {
            // One that has only just begun has not yet said which process it is.
            while is_locked(&entry.path()) && !entry.path().join("process.json").exists() {
                sleep(Duration::from_millis(30));
            }
            if is_locked(&entry.path()) {
                let id = entry.file_name().to_string_lossy().into_owned();
                signal(self.process(&id), "-KILL");
            }
        }
    }
}

/// Whether a process holds the lock of a job's folder.
fn is_locked(folder: &Path) -> bool {
    fs::File::options()
        .write(true)
        .open(folder.join(".lock"))
        .is_ok_and(|file| file.try_lock().is_err())
}

/// The program, which learns nothing of the machine's hub and proxies.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voxtune"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_lowercase();
        if text.starts_with("hf_") || text.starts_with("hugging") || text.ends_with("_proxy") {
            command.env_remove(name);
        }
    }
    command.env("USER", "tester");
    command
}

/// Sends a signal.
pub(crate) fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args([name, &pid.to_string()]).status();
    assert!(sent.is_ok(), "{sent:?}");
}

/// The id of a job.
pub(crate) fn id(job: &Value) -> String {
    job["id"].as_str().expect("an id").to_owned()
}
