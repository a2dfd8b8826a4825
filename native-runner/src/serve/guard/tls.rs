//! Encrypted connections.

use crate::serve::settings::Tls;
use anyhow::{Context, bail};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, version},
};

/// How long a certificate of our own is good for, in days; longer ones are refused by some browsers.
const DAYS: u64 = 397;

/// How connections are encrypted.
pub(crate) struct Protection {
    /// Takes connections.
    pub(crate) acceptor: TlsAcceptor,
    /// SHA-256 of a certificate of our own, for people to compare with what their browser shows.
    pub(crate) fingerprint: Option<String>,
}

/// What `tls` asks for; `None` is nothing. A certificate of our own is kept in `folder`, made out
/// to `names` (those of the loopback come with them), and made anew when they change or it expires.
///
/// # Errors
/// A file cannot be read or written, or is no certificate or key.
pub(crate) fn protection(
    tls: &Tls,
    folder: &Path,
    names: &[String],
) -> anyhow::Result<Option<Protection>> {
    let (certificate, key, own) = match tls {
        Tls::Off => return Ok(None),
        Tls::Files { certificate, key } => (certificate.clone(), key.clone(), false),
        Tls::SelfSigned => {
            let (certificate, key) = own_certificate(folder, names)?;
            (certificate, key, true)
        }
    };
    let chain = certificates(&certificate)?;
    let fingerprint = own.then(|| fingerprint(&chain)).flatten();
    let secret = PrivateKeyDer::from_pem_file(&key)
        .with_context(|| format!("{}: no private key (PEM) can be read", key.display()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .with_context(|| {
            format!(
                "{} and {} do not belong together",
                certificate.display(),
                key.display()
            )
        })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(Protection {
        acceptor: TlsAcceptor::from(Arc::new(config)),
        fingerprint,
    }))
}

fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .with_context(|| format!("{}: no certificate (PEM) can be read", path.display()))?;
    if chain.is_empty() {
        bail!("{}: there is no certificate (PEM) in it", path.display());
    }
    Ok(chain)
}

fn fingerprint(chain: &[CertificateDer<'_>]) -> Option<String> {
    let digest = Sha256::digest(chain.first()?);
    let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    Some(pairs.join(":"))
}

/// The files of a certificate that is made out to `names` and signed by nobody else.
fn own_certificate(folder: &Path, names: &[String]) -> anyhow::Result<(PathBuf, PathBuf)> {
    let folder = folder.join("tls");
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    let mut names: Vec<String> =
        [names, &["localhost", "127.0.0.1", "::1"].map(String::from)].concat();
    names.sort();
    names.dedup();
    // What it was made out to, and when, so that it need not be parsed.
    let (made_for, note) = (folder.join("made-for"), names.join("\n"));
    let fresh = fs::metadata(&certificate)
        .and_then(|meta| meta.modified())
        .is_ok_and(|made| {
            made.elapsed()
                .is_ok_and(|age| age.as_secs() < (DAYS - 30) * 86_400)
        });
    if fresh && key.exists() && fs::read_to_string(&made_for).is_ok_and(|before| before == note) {
        return Ok((certificate, key));
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut wanted = rcgen::CertificateParams::new(names)
        .context("a name of --allow-host cannot stand in a certificate")?;
    wanted.distinguished_name = rcgen::DistinguishedName::new();
    wanted
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Voxtune runner");
    let now = std::time::SystemTime::now();
    let day = std::time::Duration::from_secs(86_400);
    (wanted.not_before, wanted.not_after) =
        ((now - day).into(), (now + day * (DAYS as u32 - 1)).into());
    let secret = rcgen::KeyPair::generate()?;
    let signed = wanted.self_signed(&secret)?;
    write_secret(&key, &secret.serialize_pem())?;
    fs::write(&certificate, signed.pem())
        .with_context(|| format!("cannot write {}", certificate.display()))?;
    fs::write(&made_for, note)?;
    Ok((certificate, key))
}

/// Writes a file that only its owner reads.
fn write_secret(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if path.exists() {
        fs::remove_file(path)?;
    }
    let mut file = options
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

/// The names and addresses that a certificate of our own is made out to.
pub(crate) fn names(address: IpAddr, allowed: &[String]) -> Vec<String> {
    let mut names = Vec::new();
    if !address.is_unspecified() {
        names.push(address.to_string());
    }
    for allowed in allowed {
        let name = allowed
            .split_once("://")
            .map_or(allowed.as_str(), |(_, rest)| rest);
        let name = name.trim_end_matches('/');
        let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
        names.push(name.trim_matches(['[', ']']).to_owned());
    }
    names
}
