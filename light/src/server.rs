//! The WebSocket: who may connect, and how much.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{watch, OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::{timeout, Instant},
};
use tokio_tungstenite::{
    accept_hdr_async_with_config,
    tungstenite::{
        handshake::server::{ErrorResponse, Request, Response},
        http::{header::ORIGIN, StatusCode},
        protocol::{frame::coding::CloseCode, CloseFrame, WebSocketConfig},
        Message,
    },
    WebSocketStream,
};

use crate::client::{Busy, LightClient, Session};

/// The longest request (bytes): a runtime in a transaction fits.
const LONGEST: usize = 8 * 1024 * 1024;

/// What waits to be written to one connection, at most (bytes): the longest answers are metadata.
const WRITING: usize = 32 * 1024 * 1024;

/// For the handshake, and for one message to be taken.
const PATIENCE: Duration = Duration::from_secs(15);

/// A connection on which nothing comes is asked for a sign of life each time this is over, and ended the second time.
const QUIET: Duration = Duration::from_secs(60);

/// The page with which everybody looks at chains.
const APPS: &str = "https://polkadot.js.org";

/// Accepts connections until `stop` says so, and ends them then.
pub async fn serve(
    listener: TcpListener,
    client: LightClient,
    origins: Vec<String>,
    most: usize,
    mut stop: watch::Receiver<bool>,
) {
    let origins: Arc<[String]> = origins.into();
    let places = Arc::new(Semaphore::new(most));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => continue,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot take a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            // Closed at once: who tries again later finds a place.
            tracing::warn!(most, "a connection more than --max-connections was refused");
            continue;
        };
        connections.spawn(connection(stream, peer, client.clone(), origins.clone(), place, stop.clone()));
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if timeout(Duration::from_secs(3), ended).await.is_err() {
        connections.abort_all();
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    client: LightClient,
    origins: Arc<[String]>,
    _place: OwnedSemaphorePermit,
    stop: watch::Receiver<bool>,
) {
    tracing::debug!(%peer, "connected");
    match converse(stream, client, &origins, stop).await {
        Ok(()) => tracing::debug!(%peer, "disconnected"),
        Err(error) => tracing::debug!(%peer, reason = format!("{error:#}"), "disconnected"),
    }
}

async fn converse(
    stream: TcpStream,
    client: LightClient,
    origins: &[String],
    mut stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    // Small messages, each of which somebody waits for.
    stream.set_nodelay(true)?;
    let socket = timeout(PATIENCE, accept(stream, origins)).await.context("no handshake in time")??;
    let mut session = tokio::task::spawn_blocking(move || client.session("")).await??;
    let (mut writer, mut reader) = socket.split();
    // One request, while so many wait that it is not taken: nothing more is read until it is.
    let mut waiting: Option<String> = None;
    let mut heard = Instant::now();
    let mut signs = tokio::time::interval(QUIET);
    loop {
        let answer = tokio::select! {
            message = reader.next(), if waiting.is_none() => {
                heard = Instant::now();
                match message.transpose()? {
                    Some(Message::Text(text)) => waiting = ask(&session, text.as_str().to_owned()),
                    Some(Message::Binary(bytes)) => waiting = ask(&session, String::from_utf8(bytes.to_vec())?),
                    Some(Message::Close(_)) | None => return Ok(()),
                    // The library answers pings.
                    Some(_) => {}
                }
                continue;
            }
            answer = session.next() => Message::text(answer.context("the chain was removed")?),
            _ = signs.tick() => {
                anyhow::ensure!(waiting.is_some() || heard.elapsed() < 2 * QUIET, "nothing was heard of it");
                Message::Ping(Default::default())
            }
            _ = stop.changed() => {
                let reason = "medrec-light stops".into();
                let close = Message::Close(Some(CloseFrame { code: CloseCode::Away, reason }));
                timeout(PATIENCE, writer.send(close)).await??;
                return Ok(());
            }
        };
        timeout(PATIENCE, writer.send(answer)).await.context("it does not take its answers")??;
        waiting = waiting.and_then(|request| ask(&session, request));
    }
}

fn ask(session: &Session, request: String) -> Option<String> {
    session.ask(request).err().map(|Busy(request)| request)
}

async fn accept(stream: TcpStream, origins: &[String]) -> anyhow::Result<WebSocketStream<TcpStream>> {
    #[allow(clippy::result_large_err)] // The library's own types.
    let judge = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        match request.headers().get(ORIGIN) {
            Some(origin) if !origin.to_str().is_ok_and(|origin| may_connect(origin, origins)) => {
                let mut refusal =
                    ErrorResponse::new(Some("this page's origin may not connect: --allow-origin\n".into()));
                *refusal.status_mut() = StatusCode::FORBIDDEN;
                Err(refusal)
            }
            _ => Ok(response),
        }
    };
    let limits = WebSocketConfig::default()
        .max_message_size(Some(LONGEST))
        .max_frame_size(Some(LONGEST))
        .max_write_buffer_size(WRITING);
    Ok(accept_hdr_async_with_config(stream, judge, Some(limits)).await?)
}

/// Programs name no origin. A page that does could be any page that somebody on this machine has open.
fn may_connect(origin: &str, allowed: &[String]) -> bool {
    if origin == APPS || allowed.iter().any(|known| known == origin) {
        return true;
    }
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    host.is_some_and(|host| {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.parse::<u16>().is_ok() => name,
            _ => host,
        };
        ["localhost", "127.0.0.1", "[::1]"].contains(&name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_should_connect_when_it_is_of_this_machine_or_allowed() {
        let allowed = ["https://portal.example.org".to_owned()];
        for origin in [
            APPS,
            "https://portal.example.org",
            "http://localhost",
            "http://localhost:8080",
            "http://127.0.0.1:3000",
            "http://[::1]:3000",
            "http://[::1]",
        ] {
            assert!(may_connect(origin, &allowed), "{origin}");
        }
    }

    #[test]
    fn page_should_be_refused_when_it_is_of_somewhere_else() {
        let allowed = ["https://portal.example.org".to_owned()];
        for origin in [
            "https://evil.example",
            "https://portal.example.org.evil.example",
            "http://portal.example.org",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example:80",
            "http://evil.example:127",
            "null",
            "",
            "file://",
        ] {
            assert!(!may_connect(origin, &allowed), "{origin}");
        }
    }

    async fn greet(origin: Option<&str>) -> anyhow::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(async move { accept(listener.accept().await?.0, &[]).await.map(drop) });
        let mut request = tokio_tungstenite::tungstenite::client::IntoClientRequest::into_client_request(
            format!("ws://{address}"),
        )?;
        if let Some(origin) = origin {
            request.headers_mut().insert(ORIGIN, origin.parse()?);
        }
        let stream = TcpStream::connect(address).await?;
        tokio_tungstenite::client_async(request, stream).await?;
        server.await?
    }

    #[tokio::test]
    async fn handshake_should_be_refused_when_a_foreign_page_tries() {
        greet(None).await.unwrap();
        greet(Some("http://localhost:8080")).await.unwrap();
        let refused = greet(Some("https://evil.example")).await.unwrap_err().to_string();
        assert!(refused.contains("403"), "{refused}");
    }
}
