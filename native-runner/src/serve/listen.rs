//! Taking connections until the end.

use axum::{
    Router,
    extract::{ConnectInfo, Request},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};
use tower::ServiceExt;

/// How long a client may take for the head of a request.
const HEAD: Duration = Duration::from_secs(15);
/// How long answers that are under way may take when the server ends.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Answers connections with `router` until `ending` becomes true.
pub(crate) async fn listen(
    listener: TcpListener,
    router: Router,
    mut ending: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            _ = ending.wait_for(|ending| *ending) => break,
        };
        match taken {
            Ok((stream, address)) => {
                // Events are small, and are to arrive at once.
                let _ = stream.set_nodelay(true);
                connection(&graceful, stream, address, router.clone());
            }
            // Too many files are open, for instance: waiting helps.
            Err(error) => {
                if !is_of_one_client(&error) {
                    tracing::warn!(%error, "a connection is not taken");
                    sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }
    drop(listener);
    let _ = timeout(LAST_WORDS, graceful.shutdown()).await;
}

fn connection(graceful: &GracefulShutdown, stream: TcpStream, address: SocketAddr, router: Router) {
    serve(graceful, stream, address, router);
}

fn serve<S>(graceful: &GracefulShutdown, stream: S, address: SocketAddr, router: Router)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move {
            let mut request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(ConnectInfo(address));
            router.oneshot(request).await
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // What goes wrong here is a client that went away or speaks no HTTP.
        if let Err(error) = connection.await {
            tracing::debug!(%error, %address, "a connection broke");
        }
    });
}

fn is_of_one_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
