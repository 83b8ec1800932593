//! Requests one after another over several connections that stay open.

use std::time::{Duration, Instant};

use anyhow::{ensure, Context};
use futures::future::try_join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How long it may take until a new grant counts.
const PATIENCE: Duration = Duration::from_secs(30);

/// A `GET` that is sent over and over.
#[derive(Clone, Debug)]
pub struct Target {
    address: String,
    request: Vec<u8>,
}

/// What came of it: microseconds of each answer, sorted, and answers per second.
pub struct Outcome {
    /// Microseconds, sorted.
    pub micros: Vec<f64>,
    /// Answers per second.
    pub per_second: f64,
}

impl Target {
    /// `GET target` of this address with this `Authorization`.
    pub fn new(address: &str, target: &str, authorization: &str) -> Self {
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {authorization}\r\nAccept: application/json\r\n\r\n"
        );
        Self { address: address.to_owned(), request: request.into_bytes() }
    }

    /// Asks until something is shown: who granted hears of the block before the gatekeeper does.
    pub async fn until_shown(&self) -> anyhow::Result<()> {
        let begun = Instant::now();
        let mut connection = Connection::open(self).await?;
        loop {
            match connection.ask().await? {
                200 => return Ok(()),
                status => ensure!(begun.elapsed() < PATIENCE, "{} answered {status}", self.address),
            }
        }
    }

    /// Asks over so many connections for so long. Every answer must be a 200.
    pub async fn ask(&self, connections: usize, span: Duration) -> anyhow::Result<Outcome> {
        let begun = Instant::now();
        let all = try_join_all((0..connections).map(|_| async move {
            let mut connection = Connection::open(self).await?;
            let mut micros = Vec::new();
            while begun.elapsed() < span {
                let started = Instant::now();
                let status = connection.ask().await?;
                ensure!(status == 200, "{} answered {status}", self.address);
                micros.push(started.elapsed().as_secs_f64() * 1e6);
            }
            anyhow::Ok(micros)
        }))
        .await?;
        let seconds = begun.elapsed().as_secs_f64();
        let mut micros: Vec<f64> = all.into_iter().flatten().collect();
        micros.sort_by(f64::total_cmp);
        let per_second = micros.len() as f64 / seconds;
        Ok(Outcome { micros, per_second })
    }
}

/// One connection.
pub struct Connection<'a> {
    target: &'a Target,
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl<'a> Connection<'a> {
    /// Connects.
    pub async fn open(target: &'a Target) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(&target.address).await.context("cannot connect")?;
        stream.set_nodelay(true)?;
        Ok(Self { target, stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends the request and reads the whole answer; gives its status.
    pub async fn ask(&mut self) -> anyhow::Result<u16> {
        self.stream.write_all(&self.target.request).await?;
        self.buffer.clear();
        let mut whole = None;
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            ensure!(read > 0, "{} closed the connection", self.target.address);
            if whole.is_none() {
                let end = self.buffer.windows(4).position(|window| window == b"\r\n\r\n");
                whole = end.map(|end| anyhow::Ok(end + 4 + body_length(&self.buffer[..end])?)).transpose()?;
            }
            if whole.is_some_and(|whole| self.buffer.len() >= whole) {
                let status = std::str::from_utf8(self.buffer.get(9..12).unwrap_or_default())?;
                return Ok(status.parse()?);
            }
        }
    }
}

fn body_length(head: &[u8]) -> anyhow::Result<usize> {
    let head = std::str::from_utf8(head)?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find_map(|(name, value)| name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse()));
    Ok(length.context("an answer without a length")??)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn length_should_be_found_when_it_is_there() {
        assert_eq!(body_length(b"HTTP/1.1 200 OK\r\nContent-Length: 12").unwrap(), 12);
        assert!(body_length(b"HTTP/1.1 200 OK\r\nX: 12").is_err());
    }
}
