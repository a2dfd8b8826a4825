//! From flags to a server that listens, and to its end.

use super::{
    devices::Machine,
    events,
    files::Library,
    guard::{
        connections::{answer, most},
        tls,
    },
    jobs::{self, Jobs},
    live, router,
    settings::{LogForm, Settings, Tls},
    state::{App, AppState},
    store::Store,
    users::{self, Secret, Tokens},
};
use crate::{
    cli::Serve,
    lock::{Lock, Taken},
};
use anyhow::{Context, bail};
use std::{
    env, fs,
    io::Write,
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, runtime::Builder, sync::watch};

/// How long work on threads of its own may take when the server ends.
const LAST_WORK: Duration = Duration::from_secs(2);

/// Starts the server, and comes back when it has ended.
pub(crate) fn serve(args: &Serve) -> anyhow::Result<()> {
    let settings = Settings::read(args)?;
    log(settings.log);
    let folder = &settings.folder;
    for inner in ["", "jobs", "scratch"] {
        let folder = folder.join(inner);
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    private(folder)?;
    let _lock = match Lock::try_take(folder)? {
        Taken::Mine(lock) => Some(lock),
        Taken::Held(holder) => bail!(
            "another `voxtune serve`{holder} uses {}: end it, or give another --folder",
            folder.display()
        ),
        Taken::Impossible(error) => {
            errln!(
                "warning: {} cannot be locked ({error}): see to it that no other `voxtune serve` uses it",
                folder.display()
            );
            None
        }
    };
    // What requests left behind when an earlier server was killed.
    if let Ok(entries) = fs::read_dir(folder.join("scratch")) {
        for entry in entries.flatten() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let store = Arc::new(Store::open(folder)?);
    let token = first_user(&store, folder)?;
    let program = env::current_exe().context("cannot tell where this program is")?;
    let machine = Machine::look(&program)?;
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start threads")?;
    let ended = runtime.block_on(run(settings, store, machine, program, token));
    // A report or an archive that nobody waits for any more does not hold up the end.
    runtime.shutdown_timeout(LAST_WORK);
    ended
}

async fn run(
    settings: Settings,
    store: Arc<Store>,
    machine: Machine,
    program: std::path::PathBuf,
    token: Option<std::path::PathBuf>,
) -> anyhow::Result<()> {
    let listener = listen(&settings).await?;
    let address = listener.local_addr()?;
    let protection = tls::protection(
        &settings.tls,
        &settings.folder,
        &tls::names(settings.address.ip(), &settings.allow_hosts),
    )?;
    let fingerprint = protection
        .as_ref()
        .and_then(|protection| protection.fingerprint.clone());
    let acceptor = protection.map(|protection| protection.acceptor);
    let library = Arc::new(Library::open(&settings, store.clone())?);
    let once = Secret::new()?;
    let (end, ending) = watch::channel(false);
    let stop_jobs = settings.stop_jobs;
    let patience = settings.head_patience;
    let most = most();
    let state = AppState::new(App {
        listeners: events::listeners(most),
        settings,
        store,
        library,
        jobs: Jobs::default(),
        live: Default::default(),
        tokens: Tokens::new(&once),
        machine,
        counters: Default::default(),
        started: Instant::now(),
        program,
        // Cookies know hosts and no ports: each server has its own.
        cookie: format!("voxtune-{}", address.port()),
        ending: ending.clone(),
    });
    let keeper = tokio::spawn(jobs::keep(state.clone()));
    let sessions = tokio::spawn(live::tidy(state.clone()));
    let listening = tokio::spawn(answer(
        listener,
        router(&state),
        most,
        acceptor,
        patience,
        ending,
    ));
    greet(
        &state,
        address,
        &once,
        token.as_deref(),
        fingerprint.as_deref(),
    );
    interrupted().await?;
    if stop_jobs {
        errln!(
            "ending: the jobs are asked to end with what they have; Ctrl-C again ends the server at once"
        );
        tokio::select! {
            () = jobs::stop_all(&state) => {}
            again = interrupted() => again?,
        }
    } else {
        errln!("ending: jobs that are at work go on, and are found again at the next start");
    }
    end.send_replace(true);
    let _ = listening.await;
    let _ = keeper.await;
    let _ = sessions.await;
    Ok(())
}

/// Listens where the settings say. Where they name no port, it is that of the last time, if it is
/// free: browsers keep what is in the page's editor by host and port.
async fn listen(settings: &Settings) -> anyhow::Result<TcpListener> {
    let (mut address, note) = (settings.address, settings.folder.join("port"));
    let any = address.port() == 0;
    let last = fs::read_to_string(&note).ok();
    if let Some(port) = last
        .and_then(|text| text.trim().parse().ok())
        .filter(|_| any)
    {
        address.set_port(port);
    }
    let listener = match TcpListener::bind(address).await {
        Err(_) if any => TcpListener::bind(settings.address).await,
        listener => listener,
    };
    let listener = listener.with_context(|| format!("cannot listen on {}", settings.address))?;
    if any {
        // Without it the next time has another port, and nothing else.
        let _ = fs::write(note, format!("{}\n", listener.local_addr()?.port()));
    }
    Ok(listener)
}

/// Waits for Ctrl-C, or for the signal by which a system ends services.
async fn interrupted() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed?,
            _ = terminate.recv() => {}
        }
        Ok(())
    }
    #[cfg(not(unix))]
    Ok(tokio::signal::ctrl_c().await?)
}

/// Adds the one user of a store that has none; where the token is that they log in with.
fn first_user(store: &Store, folder: &Path) -> anyhow::Result<Option<std::path::PathBuf>> {
    let path = folder.join("token");
    let known = store
        .read_now(users::all)
        .map_err(|problem| anyhow::anyhow!("{}", problem.0.detail))?;
    if known.iter().any(|user| user.admin) {
        return Ok(path.is_file().then_some(path));
    }
    let name = ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| env::var(name).ok())
        .filter(|name| {
            users::check_name(name).is_ok() && known.iter().all(|user| user.name != *name)
        })
        .unwrap_or_else(|| "owner".to_owned());
    let token = Secret::new()?;
    // The file first: a user whose token nobody knows would lock the owner out.
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(&path)
        .and_then(|mut file| writeln!(file, "{}", token.reveal()))
        .with_context(|| format!("cannot write {}", path.display()))?;
    users::add(store, &name, true, &token)
        .map_err(|problem| anyhow::anyhow!("{}", problem.0.detail))?;
    Ok(Some(path))
}

/// Says where the page is, how a laptop reaches it, and what there is to compute on.
fn greet(
    state: &AppState,
    address: SocketAddr,
    once: &Secret,
    token: Option<&Path>,
    fingerprint: Option<&str>,
) {
    let scheme = match state.settings.tls {
        Tls::Off => "http",
        Tls::Files { .. } | Tls::SelfSigned => "https",
    };
    let port = address.port();
    let host = if address.ip().is_unspecified() {
        state.machine.host.clone()
    } else {
        address.ip().to_string()
    };
    let shown = match address.ip() {
        ip if ip.is_loopback() && ip.is_ipv4() => "localhost".to_owned(),
        std::net::IpAddr::V6(ip) if !ip.is_unspecified() => format!("[{ip}]"),
        _ => host,
    };
    let page = format!("{scheme}://{shown}:{port}/login?token={}", once.reveal());
    outln!("the page, for one browser: {page}");
    if state.settings.open {
        open(&page);
    }
    if address.ip().is_loopback() {
        let user = ["USER", "LOGNAME"]
            .iter()
            .find_map(|name| env::var(name).ok());
        let user = user.map_or_else(String::new, |user| format!("{user}@"));
        outln!(
            "from a laptop, first:      ssh -L {port}:{shown}:{port} {user}{}",
            state.machine.host
        );
    }
    if let Some(fingerprint) = fingerprint {
        outln!("the browser will warn of the certificate; its SHA-256 must be\n  {fingerprint}");
    }
    if let Some(token) = token {
        outln!("programs send the token:   {}", token.display());
    }
    for device in &state.machine.devices {
        let note = if device.explicit_only {
            "  (only when named: slow)"
        } else {
            ""
        };
        outln!(
            "device                     {:<10} {}{note}",
            device.id,
            device.name
        );
    }
    for root in &state.settings.data {
        outln!("jobs may read              {}", root.display());
    }
    if state.settings.data.is_empty() {
        outln!(
            "jobs may read              the demo and what is uploaded: give folders with --data DIR"
        );
    }
    outln!(
        "everything is kept in      {}",
        state.settings.folder.display()
    );
    outln!("Ctrl-C ends the server");
    // A pipe keeps lines back otherwise.
    let _ = std::io::stdout().flush();
}

/// Opens an address in a browser, if there is a display. Where none opens, the address is printed
/// anyhow.
fn open(address: &str) {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let (program, arguments): (_, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else if set("DISPLAY") || set("WAYLAND_DISPLAY") {
        ("xdg-open", &[])
    } else {
        return;
    };
    let started = Command::new(program)
        .args(arguments)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Ok(mut browser) = started {
        // So that it leaves no zombie.
        std::thread::spawn(move || browser.wait());
    }
}

fn log(form: LogForm) {
    let log = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_target(false)
        .with_writer(std::io::stderr);
    match form {
        LogForm::Text => log.with_ansi(false).init(),
        LogForm::Json => log.json().flatten_event(true).init(),
    }
}

/// Lets nobody else on the machine into `folder`.
#[cfg(unix)]
fn private(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        .with_context(|| format!("cannot keep others out of {}", folder.display()))
}

#[cfg(not(unix))]
fn private(_: &Path) -> anyhow::Result<()> {
    Ok(())
}
