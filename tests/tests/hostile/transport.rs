//! Requests that are too large, cut off, or no HTTP.

use std::time::Duration;

use anyhow::{ensure, Context, Result};
use medrec_tests::{
    practice::ask::Ask,
    wire::{self, RawAnswer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::judge::{case, Case, Judge};

/// The gatekeepers of these tests take bodies up to this.
const BODY_BYTES: usize = 32 * 1024;

/// Sends raw bytes; the connection may also be closed without a word.
async fn refused(judge: &Judge<'_>, request: &[u8]) -> Result<()> {
    let address = judge.world.practice('a').gatekeeper.address();
    match wire::send(&address, request).await {
        Ok(answer) => judge.is_client_error(&answer),
        Err(_) => Ok(()),
    }
}

/// Sends a part of a request, and then nothing more, or the end of the connection.
async fn cut_off(address: &str, part: &[u8], close: bool) -> Result<Option<Vec<u8>>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(part).await?;
    if close {
        stream.shutdown().await?;
    }
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    read.context("a request that never comes is waited for without end")?.ok();
    Ok((!answer.is_empty()).then_some(answer))
}

/// A body that is announced and does not come.
async fn truncated(judge: &Judge<'_>, close: bool) -> Result<()> {
    let practice = judge.world.practice('a');
    let address = practice.gatekeeper.address();
    let form = format!("patient={}", judge.patient.relationship);
    let ask = Ask {
        method: "POST",
        target: "/fhir/Observation/_search".into(),
        body: Some(("application/x-www-form-urlencoded", form.into_bytes())),
        ..judge.observations(&judge.patient)
    };
    let whole = ask.sign(judge.world).0.bytes();
    ensure!(wire::send(&address, &whole).await?.status == 200, "the control");
    let whole = ask.sign(judge.world).0.bytes();
    let answer = cut_off(&address, &whole[..whole.len() - 3], close).await?.unwrap_or_default();
    let text = String::from_utf8_lossy(&answer);
    ensure!(answer.is_empty() || text.starts_with("HTTP/1.1 4"), "{text}");
    judge.shows_nothing(&RawAnswer { status: 400, headers: Vec::new(), body: answer.clone() })
}

/// The cases.
pub fn cases<'a>(judge: &'a Judge<'a>) -> Vec<Case<'a>> {
    let world = judge.world;
    let address = world.practice('a').gatekeeper.address();
    let host = address.clone();
    let raw = move |head: &str, body: &[u8]| {
        let mut bytes = head.replace('\n', "\r\n").replace("{host}", &host).into_bytes();
        bytes.extend_from_slice(body);
        bytes
    };
    let plain = |name: &'static str, request: Vec<u8>| {
        case(name, async move {
            judge.permits(&judge.observations(&judge.patient)).await?;
            refused(judge, &request).await?;
            judge.permits(&judge.observations(&judge.patient)).await.map(drop)
        })
    };
    let chunks = {
        let mut body = Vec::new();
        for _ in 0..40 {
            body.extend_from_slice(b"400\r\n");
            body.extend_from_slice(&[b'a'; 0x400]);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"0\r\n\r\n");
        body
    };
    let post =
        "POST /auth/challenge HTTP/1.1\nHost: {host}\nConnection: close\nContent-Type: application/json\n";
    vec![
        case("a body too large", async move {
            let practice = world.practice('a');
            for target in ["/auth/challenge", "/auth/session", "/enrol", "/rpc"] {
                let answer = practice.post(target, &" ".repeat(BODY_BYTES + 1)).await?;
                judge.is_refusal(&answer, 413).context(target)?;
            }
            // One byte less is read, and found to be nothing.
            let answer = practice.post("/auth/challenge", &" ".repeat(BODY_BYTES)).await?;
            judge.is_refusal(&answer, 400)
        }),
        case("a body too large, signed", async move {
            let form = |length: usize| {
                let start = format!("patient={}&code=", judge.patient.relationship);
                let padding = "a".repeat(length - start.len());
                Ask {
                    method: "POST",
                    target: "/fhir/Observation/_search".into(),
                    body: Some(("application/x-www-form-urlencoded", (start + &padding).into_bytes())),
                    ..judge.observations(&judge.patient)
                }
            };
            judge.permits(&judge.observations(&judge.patient)).await?;
            judge.is_refusal(&form(BODY_BYTES + 1).send(world).await?, 413)?;
            ensure!(form(200).send(world).await?.status == 200, "the control");
            Ok(())
        }),
        plain("a body too large, in pieces", raw(&format!("{post}Transfer-Encoding: chunked\n\n"), &chunks)),
        plain("a body announced too large", raw(&format!("{post}Content-Length: 999999999999\n\n"), b"{}")),
        plain("a body of negative length", raw(&format!("{post}Content-Length: -1\n\n"), b"{}")),
        plain("two lengths", raw(&format!("{post}Content-Length: 2\nContent-Length: 40\n\n"), b"{}")),
        plain(
            "a length and pieces",
            raw(&format!("{post}Content-Length: 4\nTransfer-Encoding: chunked\n\n"), b"zz\r\n{}\r\n0\r\n\r\n"),
        ),
        plain("a piece of no length", raw(&format!("{post}Transfer-Encoding: chunked\n\n"), b"xyz\r\n{}\r\n0\r\n\r\n")),
        plain(
            "a compressed body",
            raw(&format!("{post}Content-Encoding: gzip\nContent-Length: 4\n\n"), &[0x1f, 0x8b, 8, 0]),
        ),
        plain("another type of body", raw(
            "POST /auth/challenge HTTP/1.1\nHost: {host}\nConnection: close\nContent-Type: text/xml\nContent-Length: 2\n\n",
            b"{}",
        )),
        plain("bytes that are no text", raw(&format!("{post}Content-Length: 6\n\n"), &[0xff, 0xfe, 0, 0x80, 0xc0, 0xc1])),
        plain("no HTTP at all", vec![0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, b'\r', b'\n', b'\r', b'\n']),
        plain("a method that is none", raw("\u{1}GET /health HTTP/1.1\nHost: {host}\n\n", b"")),
        plain("a request for somebody else", raw("CONNECT evil.example:443 HTTP/1.1\nHost: {host}\nConnection: close\n\n", b"")),
        plain("an address that goes up", raw("GET /fhir/../../../etc/passwd HTTP/1.1\nHost: {host}\nConnection: close\n\n", b"")),
        plain(
            "an address that goes up in disguise",
            raw("GET /fhir/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1\nHost: {host}\nConnection: close\n\n", b""),
        ),
        plain(
            "an address that is no text",
            raw("GET /fhir/Observation/%ff%fe%00 HTTP/1.1\nHost: {host}\nConnection: close\n\n", b""),
        ),
        plain(
            "an address with broken escapes",
            raw("GET /fhir/Observation?patient=%zz%1 HTTP/1.1\nHost: {host}\nConnection: close\n\n", b""),
        ),
        plain("an address too long", {
            let long = "a".repeat(100_000);
            raw(&format!("GET /fhir/Observation?patient={long} HTTP/1.1\nHost: {{host}}\nConnection: close\n\n"), b"")
        }),
        plain("a header too long", {
            let long = "a".repeat(600_000);
            raw(&format!("GET /fhir/Observation HTTP/1.1\nHost: {{host}}\nX: {long}\nConnection: close\n\n"), b"")
        }),
        plain("headers too many", {
            let many = "X: y\n".repeat(2_000);
            raw(&format!("GET /fhir/Observation HTTP/1.1\nHost: {{host}}\n{many}Connection: close\n\n"), b"")
        }),
        case("a body cut off, and the connection with it", truncated(judge, true)),
        case("a body that does not come", truncated(judge, false)),
        case("a long query of the longest kind that is read", async move {
            let ask = judge.observations(&judge.patient);
            let long = ask.clone().and(&format!("&code={}", "a,".repeat(3_000)));
            let answer = long.send(world).await?;
            ensure!(answer.status == 200 || (400..500).contains(&answer.status), "{}", answer.text());
            judge.shows_nothing(&answer)?;
            let longer = ask.clone().and(&format!("&code={}", "a".repeat(9_000)));
            judge.is_client_error(&longer.send(world).await?)?;
            judge.permits(&ask).await.map(drop)
        }),
        case("two hundred at once", async move {
            let ask = judge.observations(&judge.patient);
            judge.permits(&ask).await?;
            let stranger = world.key("in a crowd");
            let crowd = (0..200).map(|_| {
                let ask = ask.clone().by(&stranger);
                async move { ask.send(world).await }
            });
            for answer in futures::future::join_all(crowd).await {
                // Refused, or told to come later; never shown anything, never the server's fault.
                let answer = answer?;
                ensure!([403, 429, 503].contains(&answer.status), "{} {}", answer.status, answer.text());
                judge.shows_nothing(&answer)?;
            }
            judge.permits(&ask).await.map(drop)
        }),
        case("a connection that says nothing", async move {
            let silent: Vec<_> =
                futures::future::try_join_all((0..50).map(|_| TcpStream::connect(&address))).await?;
            judge.permits(&judge.observations(&judge.patient)).await?;
            drop(silent);
            Ok(())
        }),
    ]
}
