//! Tells how far a chain is, and keeps what is known of its network.

use std::time::Duration;

use serde_json::{json, Value};
use tokio::{
    sync::watch,
    time::{timeout, Instant},
};

use crate::{
    client::Session,
    kept::{self, Kept},
};

/// Between questions about peers.
const ASK: Duration = Duration::from_secs(5);

/// Between lines that only say that all is well.
const TELL: Duration = Duration::from_secs(60);

/// Without a new final block for this long, something is wrong.
const STANDSTILL: Duration = Duration::from_secs(60);

/// Between two writings of what is kept.
const KEEP: Duration = Duration::from_secs(600);

const FOLLOW: u64 = 1;
const HEALTH: u64 = 2;
const DATABASE: u64 = 3;

/// Follows a chain until `stop` says so.
pub async fn follow(name: &str, mut session: Session, kept: Option<Kept>, mut stop: watch::Receiver<bool>) {
    ask(&session, FOLLOW, "chain_subscribeFinalizedHeads", json!([]));
    let mut known = Known::new(name);
    let (mut asking, mut keeping) = (tokio::time::interval(ASK), tokio::time::interval(KEEP));
    keeping.tick().await;
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            _ = asking.tick() => {
                known.tell();
                ask(&session, HEALTH, "system_health", json!([]));
            }
            _ = keeping.tick(), if kept.is_some() => ask_for_database(&session),
            answer = session.next() => match answer.as_deref().map(serde_json::from_str::<Value>) {
                None => return,
                Some(answer) => known.hear(&answer.unwrap_or_default(), kept.as_ref()),
            },
        }
    }
    if let Some(kept) = &kept {
        ask_for_database(&session);
        let last = async {
            while let Some(answer) = session.next().await {
                let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
                known.hear(&answer, Some(kept));
                if answer["id"] == DATABASE {
                    return;
                }
            }
        };
        if timeout(Duration::from_secs(3), last).await.is_err() {
            tracing::warn!(chain = name, "what is known of the network could not be kept in time");
        }
    }
}

fn ask_for_database(session: &Session) {
    ask(session, DATABASE, "chainHead_unstable_finalizedDatabase", json!([kept::LONGEST]));
}

fn ask(session: &Session, id: u64, method: &str, params: Value) {
    let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    if session.ask(request.to_string()).is_err() {
        tracing::warn!(method, "too busy to ask for progress");
    }
}

/// What was heard of a chain.
struct Known<'a> {
    name: &'a str,
    started: Instant,
    /// The last final block, and when it was told.
    final_block: Option<(u64, Instant)>,
    peers: u64,
    /// When a line was written last.
    told: Option<Instant>,
    stands: bool,
}

impl<'a> Known<'a> {
    fn new(name: &'a str) -> Self {
        Self { name, started: Instant::now(), final_block: None, peers: 0, told: None, stands: false }
    }

    fn hear(&mut self, answer: &Value, kept: Option<&Kept>) {
        if let Some(number) = number_of(&answer["params"]["result"]) {
            self.finalised(number);
        }
        match (answer["id"].as_u64(), &answer["result"]) {
            (Some(HEALTH), health) => self.peers = health["peers"].as_u64().unwrap_or_default(),
            (Some(DATABASE), Value::String(content)) => {
                kept.inspect(|kept| kept.write(content));
            }
            _ => {}
        }
    }

    fn finalised(&mut self, number: u64) {
        if self.final_block.is_none() {
            let seconds = self.started.elapsed().as_secs_f32();
            let took = format!("{seconds:.1} s");
            tracing::info!(chain = self.name, block = number, took, peers = self.peers, "first final block");
            self.told = Some(Instant::now());
        } else if self.stands {
            tracing::info!(chain = self.name, block = number, "finality moves again");
        }
        self.stands = false;
        tracing::debug!(chain = self.name, block = number, "final");
        self.final_block = Some((number, Instant::now()));
    }

    /// A line on how it is: often while it synchronises, seldom once it goes.
    fn tell(&mut self) {
        let (chain, peers) = (self.name, self.peers);
        let due = |every: Duration| self.told.is_none_or(|told| told.elapsed() >= every);
        match self.final_block {
            None if due(2 * ASK) => {
                let since = self.started.elapsed().as_secs();
                tracing::info!(chain, peers, since, "synchronising: no final block yet");
            }
            Some((block, at)) if at.elapsed() >= STANDSTILL && due(STANDSTILL) => {
                let since = at.elapsed().as_secs();
                let advice =
                    if peers == 0 { "no node can be reached" } else { "the chain itself may stand still" };
                tracing::warn!(chain, block, peers, since, advice, "finality does not move");
                self.stands = true;
            }
            Some((block, _)) if due(TELL) => tracing::info!(chain, block, peers, "follows"),
            _ => return,
        }
        self.told = Some(Instant::now());
    }
}

/// The number of a header, as JSON-RPC spells it: in hexadecimal digits.
fn number_of(header: &Value) -> Option<u64> {
    u64::from_str_radix(header["number"].as_str()?.strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_should_be_known_when_headers_and_peers_are_told() {
        let mut known = Known::new("parachain");
        known.hear(&json!({ "id": HEALTH, "result": { "peers": 3, "isSyncing": true } }), None);
        assert_eq!((known.peers, known.final_block), (3, None));
        known.hear(&json!({ "id": FOLLOW, "result": "subscription" }), None);
        assert!(known.final_block.is_none());
        let header = json!({ "method": "chain_finalizedHead", "params": { "result": { "number": "0x1f" } } });
        known.hear(&header, None);
        assert_eq!(known.final_block.unwrap().0, 31);
    }

    #[test]
    fn progress_should_not_change_when_answers_make_no_sense() {
        let mut known = Known::new("parachain");
        for answer in [
            json!(null),
            json!([]),
            json!({ "params": { "result": { "number": "x" } } }),
            json!({ "id": "2" }),
        ] {
            known.hear(&answer, None);
        }
        assert_eq!((known.peers, known.final_block), (0, None));
    }
}
