//! HTTP/1.1 by hand: the harness and hostile tests need requests that no well-behaved client sends.

use std::time::Duration;

use anyhow::{bail, Context, Result};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long any answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawAnswer {
    /// The status code.
    pub status: u16,
    /// Names (in lower case) and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body, chunks joined.
    pub body: Vec<u8>,
}

impl RawAnswer {
    /// The first header of this name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("not JSON: {}", self.text()))
    }
}

/// Sends `request` as it is to `address` (`127.0.0.1:8080`), closes the sending side, and reads to the end.
pub async fn send(address: &str, request: &[u8]) -> Result<RawAnswer> {
    let exchange = async {
        let mut stream =
            TcpStream::connect(address).await.with_context(|| format!("cannot reach {address}"))?;
        stream.write_all(request).await?;
        stream.flush().await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        read(&bytes)
    };
    timeout(PATIENCE, exchange).await.with_context(|| format!("{address} did not answer"))?
}

/// A request with the right length and `Connection: close`, for [`send`].
pub fn request(method: &str, target: &str, host: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() || method == "POST" {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// `GET target`.
pub async fn get(address: &str, target: &str) -> Result<RawAnswer> {
    send(address, &request("GET", target, address, &[], b"")).await
}

/// One JSON-RPC 2.0 call by `POST`; the result, or the error in words.
pub async fn json_rpc(address: &str, path: &str, method: &str, params: Value) -> Result<Value> {
    let body =
        serde_json::json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
    let headers = [("Content-Type", "application/json")];
    let answer = send(address, &request("POST", path, address, &headers, body.as_bytes())).await?;
    let mut value = answer.json()?;
    if let Some(error) = value.get("error") {
        bail!("{method}: {error}");
    }
    Ok(value.get_mut("result").map(Value::take).unwrap_or(Value::Null))
}

/// What the bytes of a whole answer say.
pub fn read(bytes: &[u8]) -> Result<RawAnswer> {
    let end =
        bytes.windows(4).position(|window| window == b"\r\n\r\n").context("closed without an answer")?;
    let head = std::str::from_utf8(&bytes[..end]).context("an answer's head is not text")?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|code| code.parse().ok())
        .context("an answer without a status")?;
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let rest = &bytes[end + 4..];
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked { join_chunks(rest)? } else { rest.to_vec() };
    Ok(RawAnswer { status, headers, body })
}

fn join_chunks(mut rest: &[u8]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n").context("a chunk without a length")?;
        let length = std::str::from_utf8(&rest[..end])?.split(';').next().unwrap_or_default().trim();
        let length = usize::from_str_radix(length, 16).context("a chunk's length is not a number")?;
        if length == 0 {
            return Ok(body);
        }
        let chunk = rest.get(end + 2..end + 2 + length).context("a chunk is cut off")?;
        body.extend_from_slice(chunk);
        rest = rest.get(end + 2 + length + 2..).context("a chunk is cut off")?;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn answer_should_be_read_when_chunked() {
        let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        let answer = read(bytes).unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (200, "abcde"));
    }

    #[test]
    fn answer_should_be_refused_when_cut_off() {
        assert!(read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab").is_err());
        assert!(read(b"").is_err());
    }
}
