//! The names by which the runner may be addressed.
//!
//! A foreign page can make a name of its own lead to this machine (DNS rebinding), and then speaks
//! to the runner as if it were its own server. The name stands in the header `Host`.

use super::{Problem, refused};
use crate::serve::settings::{Settings, Tls};
use axum::{
    extract::Request,
    http::{Version, header, uri::Authority},
};
use shared::protocol::ProblemKind;
use std::net::{IpAddr, Ipv4Addr};

/// The names by which the runner may be addressed.
pub(super) struct Hosts {
    /// In lower case, without a port; of IPv6 addresses with brackets.
    names: Vec<String>,
    /// Addresses of pages behind a proxy that has another scheme or port, as they are in `Origin`.
    origins: Vec<String>,
    scheme: &'static str,
}

impl Hosts {
    /// Those of the loopback, the address that it listens on, and the allowed ones: each a name, an
    /// address, or the whole of a page's origin (`https://runner.lab`) where a proxy stands before.
    pub(super) fn new(settings: &Settings) -> Self {
        let mut hosts = Self {
            names: Vec::new(),
            origins: Vec::new(),
            scheme: if settings.tls == Tls::Off {
                "http"
            } else {
                "https"
            },
        };
        if !settings.address.ip().is_unspecified() {
            hosts.names.push(match settings.address.ip() {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            });
        }
        for allowed in &settings.allow_hosts {
            let allowed = allowed.trim().to_ascii_lowercase();
            let name = match allowed.split_once("://") {
                Some((_, rest)) => {
                    hosts.origins.push(allowed.trim_end_matches('/').to_owned());
                    rest.trim_end_matches('/')
                }
                None => allowed.as_str(),
            };
            hosts.names.push(name_of(name).unwrap_or(name).to_owned());
        }
        hosts
    }

    /// The origins that a page of the addressed host may have.
    ///
    /// # Errors
    /// The request is addressed to no allowed name.
    pub(super) fn check(&self, request: &Request) -> Result<Vec<String>, Problem> {
        let mut given = request.headers().get_all(header::HOST).iter();
        let host = match (given.next(), given.next()) {
            (Some(host), None) => host.to_str().unwrap_or_default(),
            (None, _) if request.version() < Version::HTTP_11 => {
                return Err(Problem::new(
                    ProblemKind::BadRequest,
                    "the header Host is missing",
                ));
            }
            _ => {
                return Err(Problem::new(
                    ProblemKind::BadRequest,
                    "there must be one header Host",
                ));
            }
        };
        let target = request.uri().authority().map(Authority::as_str);
        if !self.allows(host) || target.is_some_and(|target| !self.allows(target)) {
            let host: String = host.chars().take(80).collect();
            return Err(refused(format!(
                "`{host}` is no name of this runner; if it is yours, start it with --allow-host {}",
                name_of(&host).unwrap_or("NAME")
            )));
        }
        let mut origins = self.origins.clone();
        origins.push(format!("{}://{host}", self.scheme));
        Ok(origins)
    }

    /// Whether `host`, with or without a port, is one of the names.
    fn allows(&self, host: &str) -> bool {
        let Some(name) = name_of(host) else {
            return false;
        };
        let name = name.to_ascii_lowercase();
        name == "localhost"
            || name == "[::1]"
            || name
                .parse::<Ipv4Addr>()
                .is_ok_and(|address| address.is_loopback())
            || self.names.contains(&name)
    }
}

/// The name in `name:port` or `[address]:port`; `None` is neither.
fn name_of(host: &str) -> Option<&str> {
    let (name, port) = if host.starts_with('[') {
        let end = host.find(']')? + 1;
        (&host[..end], &host[end..])
    } else {
        let end = host.find(':').unwrap_or(host.len());
        (&host[..end], &host[end..])
    };
    let digits = port.strip_prefix(':');
    let port = match digits {
        None => port.is_empty(),
        Some(digits) => {
            digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok()
        }
    };
    (port && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{Hosts, name_of};

    fn hosts() -> Hosts {
        Hosts {
            names: vec!["runner.lab".into(), "192.168.1.5".into()],
            origins: vec![],
            scheme: "http",
        }
    }

    #[test]
    fn own_names() {
        for host in [
            "localhost",
            "localhost:8000",
            "LOCALHOST:1",
            "127.0.0.1",
            "127.0.0.1:65535",
            "127.9.8.7:80",
            "[::1]",
            "[::1]:8000",
            "runner.lab",
            "Runner.Lab:8443",
            "192.168.1.5:80",
        ] {
            assert!(hosts().allows(host), "{host}");
        }
    }

    #[test]
    fn foreign_names() {
        for host in [
            "",
            "evil.example",
            "localhost.evil",
            "evil.localhost",
            "localhost.",
            "localhost:8000.evil",
            "localhost:",
            "localhost:99999",
            "localhost:+80",
            "localhost:80:80",
            "127.0.0.1.evil",
            "127.0.0.1.",
            "127.1",
            "0177.0.0.1",
            "2130706433",
            "0x7f.1",
            "0.0.0.0",
            "128.0.0.1",
            "[::1",
            "::1",
            "[::]",
            "[::1].evil",
            "[::ffff:127.0.0.1]",
            "user@localhost",
            "localhost@evil",
            "runner.lab.evil",
            "xrunner.lab",
            "192.168.1.50",
            "localhost/",
            "localhost ",
            " localhost",
            "localhost,evil",
        ] {
            assert!(!hosts().allows(host), "{host}");
        }
    }

    #[test]
    fn names_and_ports() {
        assert_eq!(name_of("a:1"), Some("a"));
        assert_eq!(name_of("[::1]:1"), Some("[::1]"));
        assert_eq!(name_of(":1"), None);
    }
}
