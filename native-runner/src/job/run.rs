//! `voxtune run --job DIR`: the process of a job.

use super::{Exit, JobFolder, Order, Process, limits};
use crate::failure::ExitCode;
use crate::{
    cli,
    commands::run::{Run, carry_out},
    event_log::Line,
    failure::{FAILED, INTERRUPTED, InvalidConfig},
    lock::{Lock, Taken},
    serve::Sight,
};
use anyhow::{Context, bail};
use shared::protocol::{Event, FailureKind, Status};
use std::{
    cell::{Cell, RefCell},
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    panic::{self, AssertUnwindSafe},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// Carries out the job in `folder`, if `attempt` is what it waits for.
pub(crate) fn run(folder: &Path, attempt: Option<u32>) -> anyhow::Result<ExitCode> {
    let begun = Instant::now();
    let folder = JobFolder::new(std::path::absolute(folder)?);
    // Held to the end; the server sees by it that the process is alive.
    let _lock = match Lock::try_take(folder.path())? {
        Taken::Mine(lock) => Some(lock),
        Taken::Held(holder) => bail!(
            "another voxtune{holder} is at work on the job in {}",
            folder.path().display()
        ),
        Taken::Impossible(_) => None,
    };
    let order = folder.order()?;
    if attempt.is_some_and(|attempt| attempt != order.attempt) {
        // The server has started anew since, and so is this process not wanted any more.
        return Ok(ExitCode::SUCCESS);
    }
    folder
        .write_process(&Process::this(order.attempt))
        .context("cannot write which process this is")?;
    let broken = limits::watch(&folder, &order, begun);
    let (status, error) = guarded(&folder, &order);
    let (mut failure, mut message) = (None, error.as_ref().map(|error| format!("{error:#}")));
    if let Some(error) = &error {
        crate::failure::report(error);
        if error.is::<InvalidConfig>() {
            failure = Some(FailureKind::Config);
        }
    }
    if let Some((kind, why)) = broken.get()
        && status != Status::Finished
    {
        (failure, message) = (Some(kind), Some(why));
    }
    folder
        .write_exit(&Exit {
            attempt: order.attempt,
            status,
            failure,
            message,
            seconds: begun.elapsed().as_secs_f64(),
        })
        .context("cannot write how the job ended")?;
    Ok(match status {
        Status::Finished => ExitCode::SUCCESS,
        Status::Interrupted => INTERRUPTED.into(),
        Status::Failed => FAILED.into(),
    })
}

/// Runs the experiment; a panic, which is how drivers say that there is no memory, is a failure.
fn guarded(folder: &JobFolder, order: &Order) -> (Status, Option<anyhow::Error>) {
    let said = Arc::new(Mutex::new(None::<String>));
    let hook = {
        let (said, before) = (said.clone(), panic::take_hook());
        move |info: &panic::PanicHookInfo<'_>| {
            let text = info.payload_as_str().unwrap_or("no message").to_owned();
            // The first one is the cause of the others.
            said.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert(text);
            before(info);
        }
    };
    panic::set_hook(Box::new(hook));
    match panic::catch_unwind(AssertUnwindSafe(|| experiment(folder, order))) {
        Ok(Ok((status, message))) => (status, message.map(anyhow::Error::msg)),
        Ok(Err(error)) => (Status::Failed, Some(error)),
        Err(_) => {
            let said = said.lock().unwrap_or_else(PoisonError::into_inner).take();
            let said = said.unwrap_or_default();
            (
                Status::Failed,
                Some(anyhow::anyhow!("the run panicked: {said}")),
            )
        }
    }
}

/// Runs the experiment: how it ended, and why.
fn experiment(folder: &JobFolder, order: &Order) -> anyhow::Result<(Status, Option<String>)> {
    let run = folder.run();
    let root = run.to_str().context("the job's path is not UTF-8")?;
    let given = Run {
        config: cli::Config {
            config: folder.ini(),
            // The INI may say what it likes of where results go.
            set: vec![format!("EXP.root={root}")],
        },
        device: Some(order.device.clone()),
        dry_run: false,
        json: false,
        force: false,
        files: Arc::new(Sight::open(&order.sight).context("cannot read the data roots")?),
    };
    let events = EventFile::open(&folder.events())?;
    let ended = RefCell::new(None);
    let status = carry_out(&given, &|event| {
        events.take(event);
        if let Event::Ended { error, .. } = event {
            ended.borrow_mut().clone_from(error);
        }
    })?;
    Ok((status, ended.take()))
}

/// Where the last line with an end has its end.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    let mut end = file.metadata()?.len();
    let mut piece = Vec::new();
    while end > 0 {
        let from = end.saturating_sub(1 << 16);
        piece.clear();
        file.seek(SeekFrom::Start(from))?;
        file.take(end - from).read_to_end(&mut piece)?;
        if let Some(at) = piece.iter().rposition(|byte| *byte == b'\n') {
            return Ok(from + at as u64 + 1);
        }
        end = from;
    }
    Ok(0)
}

/// The file of events, to which one line is added with one call.
struct EventFile {
    file: RefCell<File>,
    /// Whether the last line has no end: the disk was full, and the piece could not be taken back.
    torn: Cell<bool>,
}

impl EventFile {
    fn open(path: &Path) -> anyhow::Result<Self> {
        let open = || -> io::Result<File> {
            let mut file = File::options()
                .create(true)
                .read(true)
                .append(true)
                .open(path)?;
            // What a process left of a line when it was killed is none.
            let whole = whole_lines(&mut file)?;
            if file.metadata()?.len() > whole {
                file.set_len(whole)?;
            }
            Ok(file)
        };
        let file = open().with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self {
            file: RefCell::new(file),
            torn: Cell::new(false),
        })
    }

    fn take(&self, event: &Event) {
        let written = Line::now_millis(event).and_then(|mut line| {
            if self.torn.get() {
                line.insert(0, b'\n');
            }
            let mut file = self.file.borrow_mut();
            let before = file.metadata()?.len();
            file.write_all(&line).inspect_err(|_| {
                // The piece that still fitted is taken back: nobody could read it.
                self.torn.set(file.set_len(before).is_err());
            })?;
            self.torn.set(false);
            Ok(())
        });
        if let Err(error) = written {
            errln!("warning: an event is not written: {error}");
        }
    }
}
