//! The one-time token of the printed address, and those who guess.

use super::{Hash, Secret};
use crate::serve::{Problem, state::AppState};
use axum::{
    extract::{ConnectInfo, Request},
    http::Extensions,
};
use shared::protocol::ProblemKind;
use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Wrong tokens from one address within [`WINDOW`]; what comes behind them is told to wait.
const WRONG: u32 = 10;
/// See [`WRONG`].
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses that are remembered at once.
const ADDRESSES: usize = 10_000;

/// One-time tokens and failed ones.
#[derive(Default)]
pub(crate) struct Tokens {
    once: Mutex<Option<Hash>>,
    failed: Mutex<HashMap<String, (Instant, u32)>>,
}

impl Tokens {
    /// Only `token` opens the page, once.
    pub(crate) fn new(token: &Secret) -> Self {
        Self {
            once: Mutex::new(Some(token.hash())),
            failed: Mutex::default(),
        }
    }

    /// Whether `token` is the one-time token; it counts no longer then.
    pub(crate) fn take(&self, token: &str) -> bool {
        let mut once = lock(&self.once);
        let right = once
            .as_ref()
            .is_some_and(|hash| hash.is(Secret::hash_of(token).bytes()));
        if right {
            *once = None;
        }
        right
    }

    /// A wrong token came from `address`. A right one is never refused, however many wrong ones came
    /// before it: 256 bits cannot be guessed, and all who come through `ssh` share an address.
    pub(crate) fn failed(&self, state: &AppState, address: &str) -> Problem {
        state.counters.failed_tokens.add(1);
        match self.count(address, Instant::now()) {
            Some(wait) => {
                tracing::warn!(address, "too many wrong tokens");
                Problem::new(
                    ProblemKind::TooMany,
                    format!("too many wrong tokens came from here: try again in {wait} seconds"),
                )
                .retry_after(wait)
            }
            None => Problem::new(
                ProblemKind::Unauthorized,
                "the token or cookie is not valid (any more): log in with the address that `voxtune serve` \
                 prints, or with the token that `voxtune user add` printed",
            ),
        }
    }

    /// Counts a wrong token at `now`; the seconds to wait where it is one too many.
    fn count(&self, address: &str, now: Instant) -> Option<u64> {
        let mut failed = lock(&self.failed);
        if failed.len() >= ADDRESSES {
            failed.retain(|_, (since, _)| now.duration_since(*since) < WINDOW);
            if failed.len() >= ADDRESSES {
                failed.clear();
            }
        }
        let entry = failed.entry(address.to_owned()).or_insert((now, 0));
        if now.duration_since(entry.0) >= WINDOW {
            *entry = (now, 0);
        }
        entry.1 += 1;
        let left = WINDOW.saturating_sub(now.duration_since(entry.0));
        (entry.1 > WRONG).then(|| left.as_secs().max(1))
    }
}

/// Where a request comes from.
pub(crate) fn address(request: &Request) -> String {
    address_of(request.extensions())
}

/// Where a request comes from, of which these are the extensions. Of IPv6 the network, since a
/// machine has as many addresses in it as it likes.
pub(crate) fn address_of(extensions: &Extensions) -> String {
    match extensions.get::<ConnectInfo<SocketAddr>>() {
        Some(ConnectInfo(address)) => match address.ip() {
            IpAddr::V6(ip) if ip.to_ipv4_mapped().is_none() && !ip.is_loopback() => {
                let [a, b, c, d, ..] = ip.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            ip => ip.to_canonical().to_string(),
        },
        None => String::new(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_time_token_opens_once() {
        let token = Secret::new().expect("random numbers");
        let tokens = Tokens::new(&token);
        assert!(!tokens.take("guess"));
        assert!(tokens.take(token.reveal()));
        assert!(!tokens.take(token.reveal()));
    }

    #[test]
    fn who_guesses_has_to_wait_and_nobody_else() {
        let tokens = Tokens::default();
        let start = Instant::now();
        for _ in 0..WRONG {
            assert_eq!(tokens.count("a", start), None);
        }
        assert_eq!(tokens.count("a", start), Some(60));
        assert_eq!(tokens.count("b", start), None);
        assert_eq!(tokens.count("a", start + WINDOW), None);
    }
}
