//! A receiver of webhooks on loopback.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{bail, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

/// A request's head and its body.
pub type Posted = (String, String);

/// Takes whatever is posted to it on loopback: heads and bodies.
pub struct Receiver {
    port: u16,
    got: Arc<Mutex<Vec<Posted>>>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// Listens, on this port or on a free one.
    pub async fn start(port: Option<u16>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port.unwrap_or(0))).await?;
        let port = listener.local_addr()?.port();
        let got = Arc::<Mutex<Vec<_>>>::default();
        let kept = got.clone();
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (mut read, mut buffer) = (Vec::new(), [0; 4096]);
                let request = loop {
                    let count = stream.read(&mut buffer).await.unwrap_or(0);
                    read.extend_from_slice(&buffer[..count]);
                    let text = String::from_utf8_lossy(&read).into_owned();
                    let whole = text.split_once("\r\n\r\n").filter(|(head, body)| {
                        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                        length.and_then(|length| length.parse().ok()) == Some(body.len())
                    });
                    match whole {
                        Some((head, body)) => break Some((head.to_owned(), body.to_owned())),
                        None if count == 0 => break None,
                        None => {}
                    }
                };
                let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
                if stream.write_all(answer).await.is_ok() {
                    kept.lock().expect("nobody panics while holding it").extend(request);
                }
            }
        });
        Ok(Self { port, got, task })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// What has come.
    pub fn got(&self) -> Vec<Posted> {
        self.got.lock().map(|got| got.clone()).unwrap_or_default()
    }

    /// Waits until so much has come.
    pub async fn wait_for(&self, count: usize) -> Result<()> {
        for _ in 0..300 {
            if self.got().len() >= count {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("{} deliveries came, {count} were expected", self.got().len())
    }

    /// Nobody listens any more. Gives the port.
    pub fn stop(self) -> u16 {
        self.task.abort();
        self.port
    }
}
