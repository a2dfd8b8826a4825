//! What the runner is set up to do: a file, and flags that win over it.

use crate::cli::Serve;
use anyhow::{Context, bail};
use serde::Deserialize;
use shared::protocol::Limits;
use std::{
    env, fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

/// What the runner is set up to do.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Where everything of the runner is kept: store, jobs, uploads, datasets.
    pub(crate) folder: PathBuf,
    /// Where it listens; port 0 is that of the last time, or any free one.
    pub(crate) address: SocketAddr,
    /// How connections are protected.
    pub(crate) tls: Tls,
    /// Names by which it may be addressed, besides those of the loopback.
    pub(crate) allow_hosts: Vec<String>,
    /// Folders that jobs may read, absolute.
    pub(crate) data: Vec<PathBuf>,
    /// Jobs that run at once on each device.
    pub(crate) jobs_per_device: usize,
    /// What holds for every job.
    pub(crate) rules: Rules,
    /// Jobs of one user that may wait.
    pub(crate) queue_limit: usize,
    /// How long a job has to end cleanly before it is ended.
    pub(crate) cancel_grace: Duration,
    /// Bytes that uploads and datasets of one user may take.
    pub(crate) upload_quota: u64,
    /// Bytes that must stay free on the disk.
    pub(crate) free_disk: u64,
    /// How long the head of a request may take, and a connection wait for its next one.
    pub(crate) head_patience: Duration,
    /// Whether Ctrl-C ends the jobs too.
    pub(crate) stop_jobs: bool,
    /// Whether the page is opened in a browser of this machine.
    pub(crate) open: bool,
    /// How it logs.
    pub(crate) log: LogForm,
}

/// How connections are protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tls {
    /// Not at all: on the loopback, or where a flag names the risk.
    Off,
    /// By a certificate and its key, both PEM files.
    Files {
        /// The certificate with those that vouch for it.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// By a certificate that the runner makes itself and keeps in its folder.
    SelfSigned,
}

/// What holds for every job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    /// How often its process is started without somebody asking for it.
    pub(crate) max_attempts: u32,
    /// What it may use up at most; `None` is no limit.
    pub(crate) limits: Limits,
}

impl Rules {
    /// What a job may use up that asks for `asked`: of both the smaller.
    pub(crate) fn hold(&self, asked: Limits) -> Limits {
        let smaller = |asked: Option<u64>, most: Option<u64>| asked.into_iter().chain(most).min();
        Limits {
            seconds: smaller(asked.seconds, self.limits.seconds),
            memory: smaller(asked.memory, self.limits.memory),
            disk: smaller(asked.disk, self.limits.disk),
        }
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogForm {
    /// Lines for people.
    #[default]
    Text,
    /// A line of JSON an entry.
    Json,
}

/// The settings file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct SettingsFile {
    folder: Option<PathBuf>,
    host: Option<IpAddr>,
    port: Option<u16>,
    insecure_plain_http: bool,
    allow_host: Vec<String>,
    data: Vec<PathBuf>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    tls_self_signed: bool,
    jobs_per_device: Option<usize>,
    max_attempts: Option<u32>,
    job_hours: Option<f64>,
    job_memory_gb: Option<f64>,
    job_disk_gb: Option<f64>,
    queue_limit: Option<usize>,
    cancel_grace_seconds: Option<u64>,
    upload_quota_gb: Option<f64>,
    free_disk_gb: Option<f64>,
    head_seconds: Option<u64>,
    stop_jobs: bool,
    log: Option<LogForm>,
}

impl Settings {
    /// Reads the settings file, if one is given, and the flags.
    ///
    /// # Errors
    /// The file cannot be read, a folder is not there, or the address would be open to the network
    /// without protection.
    pub(crate) fn read(args: &Serve) -> anyhow::Result<Self> {
        let (file, base) = match &args.settings {
            Some(path) => (read_file(path)?, path.parent().unwrap_or(Path::new(""))),
            None => (SettingsFile::default(), Path::new("")),
        };
        // Paths in the file start at the file.
        let beside = |path: PathBuf| base.join(path);
        let folder = match args.folder.clone().or(file.folder.map(beside)) {
            Some(folder) => folder,
            None => default_folder()?,
        };
        let data = if args.data.is_empty() {
            file.data.into_iter().map(beside).collect()
        } else {
            args.data.clone()
        };
        let host = args
            .host
            .or(file.host)
            .unwrap_or(Ipv4Addr::LOCALHOST.into());
        let tls = tls(
            args.tls_cert.clone().or(file.tls_cert.map(beside)),
            args.tls_key.clone().or(file.tls_key.map(beside)),
            args.tls_self_signed || file.tls_self_signed,
        )?;
        let plain = args.insecure_plain_http || file.insecure_plain_http;
        if !host.is_loopback() && tls == Tls::Off && !plain {
            bail!(
                "--host {host} would let everybody on the network read tokens and data on their way: \
                 give --tls-cert and --tls-key, or --tls-self-signed, or keep to the loopback and use `ssh -L`; \
                 --insecure-plain-http takes the risk"
            );
        }
        let jobs_per_device = args.jobs_per_device.or(file.jobs_per_device).unwrap_or(1);
        if jobs_per_device == 0 {
            bail!("jobs-per-device is 0, so that no job would ever run: make it 1 or more");
        }
        Ok(Self {
            folder: std::path::absolute(&folder)
                .with_context(|| format!("{}: no such folder", folder.display()))?,
            address: SocketAddr::new(host, args.port.or(file.port).unwrap_or(0)),
            tls,
            allow_hosts: [file.allow_host, args.allow_host.clone()].concat(),
            data: data
                .iter()
                .map(|path| root(path))
                .collect::<Result<_, _>>()?,
            jobs_per_device,
            rules: Rules {
                max_attempts: file.max_attempts.unwrap_or(3).max(1),
                limits: Limits {
                    seconds: limit("job-hours", file.job_hours, 3600.0)?,
                    memory: limit("job-memory-gb", file.job_memory_gb, GIGABYTE)?,
                    disk: limit("job-disk-gb", file.job_disk_gb, GIGABYTE)?,
                },
            },
            queue_limit: file.queue_limit.unwrap_or(500),
            cancel_grace: Duration::from_secs(file.cancel_grace_seconds.unwrap_or(300)),
            upload_quota: amount(
                "upload-quota-gb",
                file.upload_quota_gb.unwrap_or(50.0),
                GIGABYTE,
            )?,
            free_disk: amount("free-disk-gb", file.free_disk_gb.unwrap_or(1.0), GIGABYTE)?,
            head_patience: Duration::from_secs(file.head_seconds.unwrap_or(30).max(1)),
            stop_jobs: args.stop_jobs || file.stop_jobs,
            open: args.open,
            log: args.log.or(file.log).unwrap_or_default(),
        })
    }
}

/// Bytes of a gigabyte.
const GIGABYTE: f64 = 1e9;

/// `number` of so many `units`.
fn amount(key: &str, number: f64, units: f64) -> anyhow::Result<u64> {
    if !(number.is_finite() && number >= 0.0) {
        bail!("{key} is {number}: write a number from 0 on");
    }
    Ok((number * units) as u64)
}

/// What a job may use up, of which it needs some.
fn limit(key: &str, number: Option<f64>, units: f64) -> anyhow::Result<Option<u64>> {
    let limit = number
        .map(|number| amount(key, number, units))
        .transpose()?;
    if limit == Some(0) {
        bail!("{key} lets no job run: make it larger, or leave it out for no limit");
    }
    Ok(limit)
}

fn read_file(path: &Path) -> anyhow::Result<SettingsFile> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is not as expected", path.display()))
}

fn tls(
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    self_signed: bool,
) -> anyhow::Result<Tls> {
    match (certificate, key, self_signed) {
        (Some(certificate), Some(key), false) => Ok(Tls::Files { certificate, key }),
        (None, None, true) => Ok(Tls::SelfSigned),
        (None, None, false) => Ok(Tls::Off),
        (_, _, true) => bail!("give either a certificate with its key, or --tls-self-signed"),
        (Some(_), None, _) => bail!("--tls-cert needs its private key too: --tls-key FILE"),
        (None, Some(_), _) => bail!("--tls-key needs its certificate too: --tls-cert FILE"),
    }
}

/// A data root as an absolute path without links in it.
fn root(path: &Path) -> anyhow::Result<PathBuf> {
    let place = path
        .canonicalize()
        .with_context(|| format!("--data {}: there is no such folder", path.display()))?;
    if !place.is_dir() {
        bail!("--data {}: that is no folder", path.display());
    }
    Ok(place)
}

/// Where data of programs belong on this system.
pub(crate) fn default_folder() -> anyhow::Result<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    let base = match (set("XDG_DATA_HOME"), set("HOME"), set("LOCALAPPDATA")) {
        (Some(data), _, _) => PathBuf::from(data),
        (None, Some(home), _) => PathBuf::from(home).join(".local/share"),
        (None, None, Some(local)) => PathBuf::from(local),
        (None, None, None) => bail!("no HOME is set: say where to keep jobs with --folder DIR"),
    };
    Ok(base.join("voxtune"))
}
