//! Both behind HAProxy, with the configuration that operators are given.

use std::{
    fs,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use medrec_tests::{
    gatekeeper::Gatekeeper,
    haproxy::{certify, HaProxy},
    practice::{ask::Signed, eventually, rules::Rule},
    wire::RawAnswer,
};
use serde_json::{json, Value};

use super::Stage;

/// A gatekeeper that died is asked for so long at most: two checks, two seconds apart, that fail, and some time for a slow machine.
const NOTICED: Duration = Duration::from_secs(10);

/// Sign-ins from one address each minute.
const SIGN_INS: usize = 20;

/// Puts both behind HAProxy, and back.
pub async fn proxied(stage: &mut Stage) -> Result<()> {
    let before = [fs::read_to_string(stage.first().config())?, fs::read_to_string(stage.second.config())?];
    let mut sides = Vec::new();
    for gatekeeper in stage.both() {
        certify(gatekeeper.folder(), "tls")?;
        let limit = SIGN_INS.to_string();
        for (section, key, value) in [
            ("gatekeeper", "behind_proxy", "true"),
            ("gatekeeper", "proxies", "[\"127.0.0.1\"]"),
            ("gatekeeper", "stop_delay_ms", "5000"),
            ("tls", "certificate", "\"tls.pem\""),
            ("tls", "key", "\"tls.key\""),
            ("limits", "sign_ins_per_address_per_minute", limit.as_str()),
        ] {
            gatekeeper.set(section, key, value)?;
        }
        gatekeeper.stop()?;
        gatekeeper.start_without_waiting()?;
        sides.push((gatekeeper.address(), gatekeeper.folder().join("tls.pem")));
    }
    let [one, other] = <[_; 2]>::try_from(sides).ok().context("two gatekeepers")?;
    let proxy = Arc::new(HaProxy::start(&stage.world.scratch, [one, other])?);
    proxy.until_up([true; 2]).await?;
    asked_both(stage, &proxy).await?;
    handed_over_by_nobody(&proxy).await?;
    told_through_it(stage, &proxy).await?;
    stopped(stage, &proxy).await?;
    killed(stage, &proxy).await?;
    counted_by_address(stage, &proxy).await?;
    for (gatekeeper, text) in stage.both().into_iter().zip(before) {
        gatekeeper.kill()?;
        fs::write(gatekeeper.config(), text)?;
        gatekeeper.start().await?;
    }
    Ok(())
}

impl Stage {
    fn first(&self) -> &Gatekeeper {
        &self.world.practice('a').gatekeeper
    }

    fn both(&mut self) -> [&mut Gatekeeper; 2] {
        [&mut self.world.practice_mut('a').gatekeeper, &mut self.second]
    }
}

/// Requests are spread, signed for the name or by a session of either, and each counts once over both.
async fn asked_both(stage: &Stage, proxy: &HaProxy) -> Result<()> {
    for _ in 0..8 {
        let [signed, _] = stage.signed();
        let (first, again) = (proxy.send(&signed).await?, proxy.send(&signed).await?);
        ensure!(first.status == 200, "{} {}", first.status, first.text());
        ensure!(again.status == 401, "a signed request, sent again: {} {}", again.status, again.text());
    }
    let servers = proxy.servers()?;
    ensure!(servers.iter().all(|server| server.requests > 0), "one is not asked: {servers:?}");
    Ok(())
}

/// What a node hands over is for the gatekeeper beside it alone.
async fn handed_over_by_nobody(proxy: &HaProxy) -> Result<()> {
    // Without a body: HAProxy answers before it has come, and curl takes that for an error.
    let asked = Signed { method: "POST".to_owned(), ..get("/chain/requests") };
    let answer = proxy.send(&asked).await?;
    let from_gatekeeper = answer.header("content-type").is_some_and(|kind| kind.contains("json"));
    ensure!(answer.status == 404 && !from_gatekeeper, "{} {}", answer.status, answer.text());
    Ok(())
}

/// A stream of notices comes through as it is written.
async fn told_through_it(stage: &Stage, proxy: &HaProxy) -> Result<()> {
    let account = stage.patient.key.account().to_string();
    let asked = json!({ "account": account, "purpose": "PATRQT" });
    let challenge = proxy.send(&post("/auth/challenge", &asked)).await?;
    let message = challenge.json()?["message"].as_str().context("a text to sign")?.to_owned();
    let signature = format!("0x{}", hex::encode(stage.patient.key.sign(message.as_bytes()).as_bytes()));
    let session =
        proxy.send(&post("/auth/session", &json!({ "message": message, "signature": signature }))).await?;
    let token = session.json()?["token"].as_str().context("a token")?.to_owned();
    let target = format!("/notices/stream?patient={}", stage.patient.relationship);
    let asked = get(&target).with_header("Authorization", format!("Bearer {token}"));
    let stream = proxy.listen(&stage.world.scratch, "stream-of-notices", &asked)?;
    eventually("the stream is open", || async {
        Ok(if stream.log_text().contains("text/event-stream") { Ok(()) } else { Err(stream.log_text()) })
    })
    .await?;
    let before = stream.log_text().matches("granted").count();
    stage.world.rule(&stage.patient, &Rule::everything(&stage.world.key("told by a stream"))).await?;
    eventually("the stream tells of a grant", || async {
        let said = stream.log_text();
        Ok(if said.matches("granted").count() > before { Ok(()) } else { Err(said) })
    })
    .await
}

/// Whoever is stopped in good order is missed by nobody.
async fn stopped(stage: &mut Stage, proxy: &Arc<HaProxy>) -> Result<()> {
    let load = Load::start(stage, proxy);
    stage.second.stop()?;
    proxy.until_up([true, false]).await?;
    stage.second.start_without_waiting()?;
    proxy.until_up([true; 2]).await?;
    let answered = load.end().await?;
    let wrong: Vec<_> = answered.iter().filter(|(_, status)| *status != 200).collect();
    ensure!(wrong.is_empty(), "while one stopped: {wrong:?} of {}", answered.len());
    ensure!(answered.len() > 20, "little was asked: {}", answered.len());
    Ok(())
}

/// Whoever dies is missed until that is noticed, and only by those it was to answer.
async fn killed(stage: &mut Stage, proxy: &Arc<HaProxy>) -> Result<()> {
    let load = Load::start(stage, proxy);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let dead = Instant::now();
    stage.second.kill()?;
    proxy.until_up([true, false]).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    stage.second.start_without_waiting()?;
    proxy.until_up([true; 2]).await?;
    let answered = load.end().await?;
    let wrong: Vec<_> = answered.iter().filter(|(_, status)| *status != 200).collect();
    // Where a connection breaks before an answer, curl sends the same request again: it counted already, if it was taken.
    ensure!(wrong.iter().all(|(_, status)| [401, 502, 503].contains(status)), "one was killed: {wrong:?}");
    ensure!(wrong.iter().all(|(at, _)| *at < dead + NOTICED), "not noticed: {wrong:?}, dead since {dead:?}");
    let later = answered.iter().filter(|(at, status)| *at > dead && *status == 200).count();
    ensure!(later > 5, "after one died, {later} were answered");
    Ok(())
}

/// What somebody writes themselves of where they come from counts for nothing.
async fn counted_by_address(stage: &Stage, proxy: &HaProxy) -> Result<()> {
    let asked = json!({ "account": stage.viewer.account().to_string(), "purpose": "TREAT" });
    let mut refused = 0;
    for n in 0..3 * SIGN_INS {
        let forged = format!("198.51.100.{n}, 203.0.113.{n}");
        let answer =
            proxy.send(&post("/auth/challenge", &asked).with_header("X-Forwarded-For", forged)).await?;
        ensure!([200, 201, 429].contains(&answer.status), "{} {}", answer.status, answer.text());
        refused += usize::from(answer.status == 429);
    }
    // Both count by themselves, and go on giving while the minute passes.
    ensure!(refused > 0, "{} addresses of one asker's own making", 3 * SIGN_INS);
    Ok(())
}

/// Reads through HAProxy, one after the other, each signed anew.
struct Load {
    over: Arc<AtomicBool>,
    work: tokio::task::JoinHandle<Result<Vec<(Instant, u16)>>>,
}

impl Load {
    fn start(stage: &Stage, proxy: &Arc<HaProxy>) -> Self {
        let over = Arc::new(AtomicBool::default());
        // As many as are read in the longest time that this takes.
        let requests: Vec<Signed> = (0..3_000).map(|_| stage.search().sign(&stage.world).0).collect();
        let (proxy, ended) = (proxy.clone(), over.clone());
        let work = tokio::spawn(async move {
            let mut answered = Vec::new();
            for signed in requests {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                let answer: RawAnswer = proxy.send(&signed).await?;
                answered.push((Instant::now(), answer.status));
            }
            Ok(answered)
        });
        Self { over, work }
    }

    async fn end(self) -> Result<Vec<(Instant, u16)>> {
        self.over.store(true, Ordering::Relaxed);
        self.work.await?
    }
}

fn get(target: &str) -> Signed {
    Signed {
        address: String::new(),
        method: "GET".to_owned(),
        target: target.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    }
}

fn post(target: &str, body: &Value) -> Signed {
    let body = body.to_string().into_bytes();
    let with = Signed { method: "POST".to_owned(), body, ..get(target) };
    with.with_header("Content-Type", "application/json")
}
