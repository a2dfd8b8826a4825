//! Taking connections: so many, so patient, encrypted where that is asked for.

use super::{patience::Impatient, share::Shares};
use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// Connections at once where the system has as many file handles; more have to wait until one ends.
const CONNECTIONS: usize = 2_000;
/// File handles that stay for everything else: the store, jobs, uploads, recordings.
const OTHER_HANDLES: u64 = 256;
/// How long it may take to agree on a key.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Bytes of a request's headers.
const LONGEST_HEADERS: usize = 64 << 10;
/// How long requests may take to end when the runner does.
const FAREWELL: Duration = Duration::from_secs(5);

/// How many connections there can be at once, of as many file handles as the system lets this process have.
pub(crate) fn most() -> usize {
    let handles = handles().unwrap_or(u64::MAX);
    // Of few handles the half.
    let free = handles.saturating_sub(OTHER_HANDLES).max(handles / 2);
    usize::try_from(free).map_or(CONNECTIONS, |free| free.clamp(1, CONNECTIONS))
}

/// The file handles that this process may have: all that it may ask for.
#[cfg(unix)]
fn handles() -> Option<u64> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let before = limit.current;
        // Some systems say "no limit", and do not take it.
        limit.current = Some(limit.maximum.unwrap_or(u64::MAX).min(1 << 16));
        if limit.current > before && setrlimit(Resource::Nofile, limit).is_err() {
            limit.current = before;
        }
    }
    limit.current
}

#[cfg(not(unix))]
fn handles() -> Option<u64> {
    None
}

/// Answers what comes to `listener` until `ending` becomes true, `most` connections at once and three quarters of them of one address.
/// The head of a request may take `patience`.
pub(crate) async fn answer(
    listener: TcpListener,
    router: Router,
    most: usize,
    tls: Option<TlsAcceptor>,
    patience: Duration,
    mut ending: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(most));
    let shares = Shares::new(most, most.div_ceil(4) * 3);
    let graceful = GracefulShutdown::new();
    loop {
        let place = tokio::select! {
            _ = ending.wait_for(|ending| *ending) => break,
            place = places.clone().acquire_owned() => place,
        };
        let (Ok(place), Some((stream, peer))) = (
            place,
            tokio::select! {
                _ = ending.wait_for(|ending| *ending) => break,
                accepted = accept(&listener) => accepted,
            },
        ) else {
            continue;
        };
        // Nothing is said to it, since that would take a place too.
        let Ok(share) = shares.take(peer.ip()) else {
            continue;
        };
        let (router, tls, watcher) = (router.clone(), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _place = (place, share);
            match tls {
                None => converse(stream, peer, router, patience, watcher).await,
                Some(tls) => {
                    // One that does not come to an end, or speaks something else, is no request.
                    if let Ok(Ok(stream)) = timeout(HANDSHAKE, tls.accept(stream)).await {
                        converse(stream, peer, router, patience, watcher).await;
                    }
                }
            }
        });
    }
    drop(listener);
    let _ = timeout(FAREWELL, graceful.shutdown()).await;
}

/// The next connection; `None` where the system had none to give after all.
async fn accept(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Events are short, and must not wait for more of them.
            let _ = stream.set_nodelay(true);
            Some((stream, peer))
        }
        Err(error) => {
            if !matches!(
                error.kind(),
                io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
            ) {
                // Out of file handles: those that end give some back.
                tracing::warn!(%error, "cannot take a connection");
                sleep(Duration::from_millis(200)).await;
            }
            None
        }
    }
}

/// Answers the requests of one connection; the head of each may take `patience`, and so may the
/// pause before it.
async fn converse<T>(
    stream: T,
    peer: SocketAddr,
    router: Router,
    patience: Duration,
    watcher: Watcher,
) where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(LONGEST_HEADERS)
        .serve_connection(TokioIo::new(Impatient::new(stream)), service);
    // Who goes away in the middle of an answer is no error of ours.
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, %peer, "a connection broke");
    }
}
