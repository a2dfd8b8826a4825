//! The process of a session: sound in, lines of JSON out.

use crate::{
    commands::listen::Said,
    serve::{Problem, state::AppState},
};
use shared::protocol::{LiveReply, ProblemKind};
use std::{path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// How long a model may take to load.
const LOADING: Duration = Duration::from_secs(300);
/// How long a piece of sound may take.
const HEARING: Duration = Duration::from_secs(120);
/// Bytes of the longest line that is taken from it.
const LONGEST: u64 = 16 << 20;

/// What a process is to do.
pub(super) struct Task<'a> {
    pub(super) model: &'a Path,
    pub(super) device: &'a str,
    pub(super) rate: u32,
    pub(super) window: Option<f64>,
    pub(super) hop: f64,
    pub(super) at_once: u32,
}

/// A process that has loaded its model. It ends when this is dropped, and when the server is gone.
pub(super) struct Process {
    _child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// Samples that it was told.
    samples: u64,
    /// The last piece, by where it began, and what was answered.
    last: Option<(u64, LiveReply)>,
}

impl Process {
    /// Starts one, and waits until its model is loaded; with the model's classes, and the seconds of
    /// a window.
    pub(super) async fn start(
        state: &AppState,
        task: &Task<'_>,
    ) -> Result<(Self, Vec<String>, f64), Problem> {
        let mut command = Command::new(&state.program);
        command
            .args(["listen", "--device", task.device, "--model"])
            .arg(task.model)
            .args(["--rate", &task.rate.to_string()])
            .args(["--hop", &task.hop.to_string()])
            .args(["--at-once", &task.at_once.to_string()]);
        if let Some(window) = task.window {
            command.args(["--window", &window.to_string()]);
        }
        let mut child = command
            .current_dir(&state.settings.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Problem::internal("a process without its pipes"));
        };
        let mut process = Self {
            _child: child,
            input,
            output: BufReader::new(output),
            samples: 0,
            last: None,
        };
        match process.said(LOADING).await? {
            Said::Ready(labels, window) => Ok((process, labels, window)),
            Said::Heard(_) => Err(Problem::internal("a session answered before it was asked")),
            Said::Error(error) => Err(Problem::new(ProblemKind::Unprocessable, error)),
        }
    }

    /// Tells it a piece of sound, which begins at `offset` where that is said. A piece that is sent
    /// again since its answer got lost is answered as before.
    pub(super) async fn hear(
        &mut self,
        sound: &[u8],
        offset: Option<u64>,
    ) -> Result<LiveReply, Problem> {
        if !sound.len().is_multiple_of(2) {
            let detail = "a sample has two bytes, and the last one of this piece has one";
            return Err(Problem::new(ProblemKind::Unprocessable, detail));
        }
        let count = (sound.len() / 2) as u64;
        match (offset, &self.last) {
            (Some(offset), Some((begun, reply)))
                if offset == *begun && offset < self.samples && begun + count == self.samples =>
            {
                return Ok(reply.clone());
            }
            (Some(offset), _) if offset != self.samples => {
                let detail = format!(
                    "{} samples have come, so that the next piece begins there, and not at {offset}",
                    self.samples
                );
                return Err(Problem::new(ProblemKind::Conflict, detail).about("offset"));
            }
            _ => {}
        }
        let length = u32::try_from(sound.len()).map_err(Problem::internal)?;
        let told = async {
            self.input.write_all(&length.to_le_bytes()).await?;
            self.input.write_all(sound).await?;
            self.input.flush().await
        };
        // What it says before it ends tells more than that it cannot be written to.
        let _ = timeout(HEARING, told).await;
        match self.said(HEARING).await? {
            Said::Heard(reply) => {
                self.last = Some((self.samples, reply.clone()));
                self.samples = reply.samples;
                Ok(reply)
            }
            Said::Ready(..) => Err(Problem::internal("a session began twice")),
            Said::Error(error) => Err(Problem::new(ProblemKind::Unavailable, error)),
        }
    }

    /// The next line.
    async fn said(&mut self, patience: Duration) -> Result<Said, Problem> {
        let gone = |why: &str| {
            let detail = format!("the process that listens {why}: start another session");
            Problem::new(ProblemKind::Unavailable, detail)
        };
        let mut line = Vec::new();
        let mut limited = (&mut self.output).take(LONGEST);
        match timeout(patience, limited.read_until(b'\n', &mut line)).await {
            Ok(Ok(count)) if count > 0 => serde_json::from_slice(&line).map_err(Problem::internal),
            Ok(_) => Err(gone("has ended without a word")),
            Err(_) => Err(gone("does not answer")),
        }
    }
}
