//! Requests that are made on chain alone: answered through the off-chain worker, once, whatever is killed in between.
#![allow(clippy::unwrap_used)]

use std::{
    future::Future,
    os::unix::fs::PermissionsExt,
    pin::Pin,
    time::{Duration, Instant},
};

use anyhow::{bail, ensure, Context, Result};
use codec::Encode;
use medrec_client::{
    chain::{calls::access, events, Chain},
    gatekeeper::{self, Access},
    keys::KeyPair,
    question::{seal_question, QuestionContext},
};
use medrec_policy::purpose::Purpose;
use medrec_primitives::{
    Receipt, RefusalReason, RequestId, RequestOutcome, RequestStatus, Settlement, DAY_MS,
};
use medrec_tests::practice::{eventually, rules::Rule, Patient, World};
use serde_json::json;
use sqlx::{sqlite::SqliteConnectOptions, ConnectOptions, Connection};

/// What the node proves itself to the gatekeeper by.
const SECRET: &str = "a-secret-for-tests-of-32-characters-or-more";

/// Where the node's off-chain worker looks for its gatekeepers.
const CONFIG: &str = "medrec/access/gatekeepers";

/// The number of the pallet and of the call that carries a receipt.
const FULFIL: [u8; 2] = [43, 4];

/// How long a receipt's digest and signature are together (bytes): the end of a transaction that carries one.
const RECEIPT_TAIL: usize = 32 + 64;

const QUESTION: &str = "TREAT Observation";

/// What every step starts from: a patient, a viewer who may read everything, and one with a sealed grant.
struct Stage {
    world: World,
    patient: Patient,
    viewer: KeyPair,
    sealed: KeyPair,
    /// All requests that were fulfilled so far.
    fulfilled: Vec<RequestId>,
}

type Step = for<'a> fn(&'a mut Stage) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn request_on_chain_should_be_answered_once_whatever_is_killed_in_between() {
    let mut stage = Stage::new().await.unwrap();
    let steps: [(&str, Step); 11] = [
        ("a request that the chain knows to be permitted is answered", |stage| Box::pin(answered(stage))),
        ("a request waits for the patient, and is answered once approved", |stage| Box::pin(approved(stage))),
        ("a request that the patient declines is never answered", |stage| Box::pin(declined(stage))),
        ("a question that nobody may ask is refused", |stage| Box::pin(refused(stage))),
        ("the gatekeeper is down when the request is made", |stage| Box::pin(gatekeeper_down(stage))),
        ("the gatekeeper is killed as soon as it has settled", |stage| {
            Box::pin(killed_after_settling(stage, true, false))
        }),
        ("the node is killed as soon as the gatekeeper has settled", |stage| {
            Box::pin(killed_after_settling(stage, false, true))
        }),
        ("both are killed as soon as the gatekeeper has settled", |stage| {
            Box::pin(killed_after_settling(stage, true, true))
        }),
        ("the node is killed between request and hand-over", |stage| Box::pin(node_killed_before(stage))),
        ("the node is killed between approval and hand-over", |stage| {
            Box::pin(node_killed_after_approval(stage))
        }),
        ("every receipt is on chain once, and the log stands", |stage| Box::pin(once(stage))),
    ];
    let mut failures = Vec::new();
    for (name, step) in steps {
        let started = Instant::now();
        let outcome = step(&mut stage).await;
        let seconds = started.elapsed().as_secs_f32();
        println!("{} {name} ({seconds:.1} s)", if outcome.is_ok() { "ok    " } else { "FAILED" });
        failures.extend(outcome.err().map(|error| format!("- {name}: {error:#}")));
    }
    assert!(failures.is_empty(), "{} steps failed:\n{}", failures.len(), failures.join("\n"));
}

impl Stage {
    async fn new() -> Result<Self> {
        let mut world = World::start("requests", &['a'], &[]).await?;
        let gatekeeper = &mut world.practice_mut('a').gatekeeper;
        gatekeeper.stop()?;
        let secret = gatekeeper.folder().join("hand-over.key");
        std::fs::write(&secret, SECRET)?;
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600))?;
        gatekeeper.set("requests", "secret", "\"hand-over.key\"")?;
        gatekeeper.start().await?;
        let practice = world.practice('a');
        let line = format!("{} {} {SECRET}", practice.member, practice.gatekeeper.url());
        let hex = |text: &str| format!("0x{}", hex::encode(text));
        world.node.rpc("offchain_localStorageSet", json!(["PERSISTENT", hex(CONFIG), hex(&line)])).await?;

        let patient = world.admit_patient('a').await?;
        let (viewer, sealed) = (world.key("viewer"), world.key("viewer with a sealed grant"));
        for asker in [&viewer, &sealed] {
            world.fund(&asker.account()).await?;
        }
        world.rule(&patient, &Rule::everything(&viewer)).await?;
        world.rule(&patient, &Rule::allow(&sealed, "patient/Observation.rs;purpose=TREAT")).await?;
        Ok(Self { world, patient, viewer, sealed, fulfilled: Vec::new() })
    }

    /// Makes a request, and waits until it is final.
    async fn request(&self, asker: &KeyPair, question: &str) -> Result<RequestId> {
        let chain = &self.world.chain;
        let relationship = self.patient.relationship;
        // A development chain's time is hours behind the clock that the gatekeeper goes by, too.
        let expires = chain.finalised().await?.timestamp().await? + DAY_MS;
        let context =
            QuestionContext { genesis: chain.genesis(), relationship, asker: asker.account(), expires };
        let public = self.world.practice('a').gatekeeper.public.sealing;
        let question = question.parse().map_err(|error| anyhow::anyhow!("{question}: {error}"))?;
        let sealed = seal_question(&question, &public, 0, &context)?;
        let call = access::request(relationship, &sealed, expires);
        Ok(self.world.submit(&call, asker).await?.expect::<events::Requested>()?.request)
    }

    async fn status(&self, id: RequestId) -> Result<Option<RequestStatus>> {
        Ok(self.world.chain.finalised().await?.request(id).await?.map(|request| request.status))
    }

    /// The receipt, once it is final.
    async fn receipt(&self, id: RequestId) -> Result<Receipt> {
        eventually(&format!("a receipt of {id}"), || async {
            // A node that is being started again is not there yet.
            let receipt = match self.world.chain.finalised().await {
                Ok(state) => state.receipt(id).await.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            Ok(receipt.and_then(|receipt| receipt.ok_or_else(|| "none".to_owned())))
        })
        .await
    }

    /// The request is fulfilled, and whoever asked picks up what the receipt is about.
    async fn comes_to_be_fulfilled(&mut self, id: RequestId, asker: &KeyPair) -> Result<()> {
        let receipt = self.receipt(id).await?;
        let RequestOutcome::Settled { settlement: Settlement::Fulfilled, digest } = receipt.outcome else {
            bail!("{:?}", receipt.outcome);
        };
        ensure!(receipt.asker == asker.account(), "{receipt:?}");
        self.fulfilled.push(id);
        self.world.practice_mut('a').gatekeeper.wait_until_ready().await?;
        let state = self.world.chain.finalised().await?;
        let member = self.world.practice('a').member;
        let gatekeeper =
            gatekeeper::Gatekeeper::of_member(&state, self.world.chain.genesis(), member).await?;
        let access = Access::Signed { key: asker, purpose: Purpose::Treatment };
        let (answer, same) = gatekeeper.pick_up(&access, id, &digest).await?;
        ensure!(same, "the answer is not the one in the receipt");
        let text = String::from_utf8(answer.body)?;
        ensure!(text.contains(&self.patient.person.result("QX-SUGAR").value), "{text}");
        Ok(())
    }

    /// For some blocks, the request has no receipt and stays as it is.
    async fn stays(&self, id: RequestId, status: RequestStatus) -> Result<()> {
        self.world.node.wait_blocks(6).await?;
        let found = self.status(id).await?;
        ensure!(found == Some(status), "{found:?}");
        Ok(())
    }

    fn kill_gatekeeper(&mut self) -> Result<()> {
        self.world.practice_mut('a').gatekeeper.kill()
    }

    async fn start_gatekeeper(&mut self) -> Result<()> {
        self.world.practice_mut('a').gatekeeper.start().await
    }

    async fn kill_node(&mut self) -> Result<()> {
        self.world.node.process().kill().map(drop)
    }

    async fn start_node(&mut self) -> Result<()> {
        self.world.node.start_again().await?;
        self.world.chain = Chain::connect(&self.world.node.url()).await?;
        Ok(())
    }

    /// Waits until the gatekeeper has settled a request in its own file.
    async fn wait_until_settled(&self, id: RequestId) -> Result<()> {
        let path = self.world.practice('a').gatekeeper.folder().join("gatekeeper.sqlite");
        let mut file = SqliteConnectOptions::new().filename(&path).read_only(true).connect().await?;
        let started = Instant::now();
        loop {
            let found: Option<i64> = sqlx::query_scalar("SELECT number FROM requests WHERE number = ?")
                .bind(i64::from(id.index))
                .fetch_optional(&mut file)
                .await?;
            if found.is_some() {
                return Ok(file.close().await?);
            }
            ensure!(started.elapsed() < Duration::from_secs(30), "the gatekeeper does not settle {id}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// How many transactions with a receipt of this request are on chain.
    async fn receipts_on_chain(&self, id: RequestId) -> Result<usize> {
        let start = [FULFIL.as_slice(), &id.encode()].concat();
        let mut count = 0;
        for number in 1..=self.world.node.finalised_number().await? {
            let hash = self.world.node.rpc("chain_getBlockHash", json!([number])).await?;
            let block = self.world.node.rpc("chain_getBlock", json!([hash])).await?;
            let extrinsics = block["block"]["extrinsics"].as_array().context("extrinsics")?.clone();
            for extrinsic in extrinsics {
                let bytes = hex::decode(extrinsic.as_str().context("hex")?.trim_start_matches("0x"))?;
                let call = bytes.len().checked_sub(RECEIPT_TAIL).map(|end| &bytes[..end]);
                count += usize::from(call.is_some_and(|call| call.ends_with(&start)));
            }
        }
        Ok(count)
    }
}

async fn answered(stage: &mut Stage) -> Result<()> {
    let viewer = stage.viewer.clone();
    let id = stage.request(&viewer, QUESTION).await?;
    stage.comes_to_be_fulfilled(id, &viewer).await
}

async fn approved(stage: &mut Stage) -> Result<()> {
    let sealed = stage.sealed.clone();
    let id = stage.request(&sealed, QUESTION).await?;
    stage.stays(id, RequestStatus::Waiting).await?;
    stage.world.submit(&access::approve(id), &stage.patient.key).await?;
    stage.comes_to_be_fulfilled(id, &sealed).await
}

async fn declined(stage: &mut Stage) -> Result<()> {
    let id = stage.request(&stage.sealed, QUESTION).await?;
    stage.world.submit(&access::decline(id), &stage.patient.key).await?;
    let receipt = stage.receipt(id).await?;
    ensure!(receipt.outcome == RequestOutcome::Declined, "{receipt:?}");
    stage.world.node.wait_blocks(6).await?;
    ensure!(stage.receipt(id).await? == receipt, "it changed");
    ensure!(stage.receipts_on_chain(id).await? == 0, "a receipt of a declined request");
    Ok(())
}

async fn refused(stage: &mut Stage) -> Result<()> {
    // The sealed terms say treatment, which the chain cannot know.
    let id = stage.request(&stage.sealed, "HRESCH Observation").await?;
    stage.world.submit(&access::approve(id), &stage.patient.key).await?;
    let receipt = stage.receipt(id).await?;
    let RequestOutcome::Settled { settlement, .. } = receipt.outcome else { bail!("{receipt:?}") };
    ensure!(settlement == Settlement::Refused(RefusalReason::NotPermitted), "{settlement:?}");
    Ok(())
}

async fn gatekeeper_down(stage: &mut Stage) -> Result<()> {
    let viewer = stage.viewer.clone();
    stage.kill_gatekeeper()?;
    let id = stage.request(&viewer, QUESTION).await?;
    stage.stays(id, RequestStatus::Ready).await?;
    stage.start_gatekeeper().await?;
    stage.comes_to_be_fulfilled(id, &viewer).await
}

async fn killed_after_settling(stage: &mut Stage, gatekeeper: bool, node: bool) -> Result<()> {
    let viewer = stage.viewer.clone();
    let id = stage.request(&viewer, QUESTION).await?;
    stage.wait_until_settled(id).await?;
    if node {
        stage.kill_node().await?;
    }
    if gatekeeper {
        stage.kill_gatekeeper()?;
    }
    if node {
        stage.start_node().await?;
    }
    if gatekeeper {
        stage.start_gatekeeper().await?;
    }
    stage.comes_to_be_fulfilled(id, &viewer).await
}

async fn node_killed_before(stage: &mut Stage) -> Result<()> {
    let viewer = stage.viewer.clone();
    // Without the gatekeeper, so that nothing is handed over yet.
    stage.kill_gatekeeper()?;
    let id = stage.request(&viewer, QUESTION).await?;
    stage.kill_node().await?;
    stage.start_node().await?;
    ensure!(stage.status(id).await? == Some(RequestStatus::Ready), "the request is gone");
    stage.start_gatekeeper().await?;
    stage.comes_to_be_fulfilled(id, &viewer).await
}

async fn node_killed_after_approval(stage: &mut Stage) -> Result<()> {
    let sealed = stage.sealed.clone();
    stage.kill_gatekeeper()?;
    let id = stage.request(&sealed, QUESTION).await?;
    stage.world.submit(&access::approve(id), &stage.patient.key).await?;
    stage.kill_node().await?;
    stage.start_node().await?;
    stage.start_gatekeeper().await?;
    stage.comes_to_be_fulfilled(id, &sealed).await
}

async fn once(stage: &mut Stage) -> Result<()> {
    ensure!(stage.fulfilled.len() >= 8, "{:?}", stage.fulfilled);
    // What a receipt that came twice would need to come again.
    stage.world.node.wait_blocks(20).await?;
    for id in &stage.fulfilled {
        let found = stage.receipts_on_chain(*id).await?;
        ensure!(found == 1, "{found} receipts of {id}");
    }
    stage.world.practice('a').gatekeeper.audit_verify()?;
    Ok(())
}
