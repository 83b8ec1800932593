//! Connections: each is heard as long as it says something, and ended in good order when the gatekeeper stops.
//!
//! The head of a request has to come within a time, also the first one: who opens connections and says little, or nothing, holds none of
//! them for longer. For its body there is the time of the whole request. So many are taken at a time, and from one address; more are hung
//! up on. What is spoken is HTTP/1.1, as WebSockets need.

use std::{future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request},
    serve::Listener,
    Router,
};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::sync::watch;
use tower::ServiceExt;

use crate::limits::{AtOnce, Held};

/// Serves until `stop` comes, then takes no more connections and waits for those that there are to finish what they are at.
pub(super) async fn serve<L>(
    mut listener: L,
    router: Router,
    head: Duration,
    connections: Arc<AtOnce>,
    stop: impl Future<Output = ()> + Send + 'static,
) where
    L: Listener<Addr = SocketAddr>,
{
    // Each end that is dropped tells the other one: that it is time to stop, and that the last connection is over.
    let (stopping, until_stop) = watch::channel(());
    tokio::spawn(async move {
        stop.await;
        drop(until_stop);
    });
    let (finished, under_way) = watch::channel(());
    loop {
        let (io, peer) = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopping.closed() => break,
        };
        let Some(held) = connections.hold(peer.ip()) else { continue };
        tokio::spawn(connection(io, peer, router.clone(), head, stopping.clone(), (under_way.clone(), held)));
    }
    drop(listener);
    drop(under_way);
    finished.closed().await;
}

async fn connection(
    io: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    router: Router,
    head: Duration,
    stopping: watch::Sender<()>,
    under_way: (watch::Receiver<()>, Held),
) {
    let service =
        ServiceExt::<Request>::map_request(router, move |request: axum::http::Request<Incoming>| {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head);
    let served = builder.serve_connection(TokioIo::new(io), TowerToHyperService::new(service));
    let mut served = pin!(served.with_upgrades());
    let stopped = tokio::select! {
        // Who hangs up, or is too slow, is nobody's error.
        _ = served.as_mut() => false,
        () = stopping.closed() => true,
    };
    if stopped {
        served.as_mut().graceful_shutdown();
        let _ = served.await;
    }
    drop(under_way);
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Instant;

    use axum::routing::get;
    use tokio::{
        io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
        net::{TcpListener, TcpStream},
        sync::oneshot,
    };

    use super::*;

    /// What the tests give a request's head.
    pub const HEAD: Duration = Duration::from_millis(400);

    /// Drips a head that never ends: for how long it is heard.
    pub async fn heard(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> Duration {
        let started = Instant::now();
        let mut answer = [0; 64];
        loop {
            let dripped = stream.write_all(b"X").await.is_ok() && stream.flush().await.is_ok();
            let read = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut answer)).await;
            // Told that it was too slow, or hung up on.
            if !dripped || matches!(read, Ok(Ok(0) | Err(_))) {
                return started.elapsed();
            }
            assert!(started.elapsed() < 20 * HEAD, "whoever drips is heard for ever");
        }
    }

    async fn open(each: usize) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let routes = get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move {
            tokio::time::sleep(2 * HEAD).await;
            peer.ip().to_string()
        });
        let router = Router::new().route("/", routes);
        let connections = AtOnce::new(100, each);
        let served =
            tokio::spawn(serve(listener, router, HEAD, connections, async move { drop(stopped.await) }));
        (address, stop, served)
    }

    #[tokio::test]
    async fn connection_should_end_when_the_head_of_a_request_does_not_come() {
        let (address, _stop, _) = open(50).await;
        let mut silent = TcpStream::connect(address).await.unwrap();
        let took = heard(TcpStream::connect(address).await.unwrap()).await;
        assert!(took < 10 * HEAD, "{took:?}");
        let mut nothing = [0; 64];
        let read = tokio::time::timeout(10 * HEAD, silent.read(&mut nothing)).await;
        assert!(read.is_ok(), "who says nothing is heard for ever");
    }

    #[tokio::test]
    async fn connection_should_be_hung_up_on_when_its_address_has_too_many() {
        let (address, _stop, _) = open(2).await;
        let ask = async || {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
            let mut answer = String::new();
            let _ = stream.read_to_string(&mut answer).await;
            answer
        };
        let silent = [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
        tokio::time::sleep(HEAD / 8).await;
        assert_eq!(ask().await, "");
        drop(silent);
        tokio::time::sleep(HEAD / 8).await;
        assert!(ask().await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn request_should_be_answered_when_its_head_came_in_time_and_the_stop_after_it() {
        let (address, stop, served) = open(50).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
        tokio::time::sleep(HEAD / 4).await;
        stop.send(()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
        served.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err(), "it takes no more");
    }
}
