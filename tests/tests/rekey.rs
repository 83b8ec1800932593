//! Lost keys, vetoes, minors, merged records: what the chain says of keys, the gatekeeper follows, whatever is killed in between.
//!
//! The chain's delays are days and months. They pass for real on this chain, whose node is started again with its clock ahead.
#![allow(clippy::unwrap_used)]

use std::{
    future::Future,
    pin::Pin,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{bail, ensure, Context, Result};
use medrec_client::{
    chain::{
        calls::{permissions, relationships},
        custody::{minor_account, RekeyStage},
    },
    enrol::Ticket,
    keys::KeyPair,
};
use medrec_policy::purpose::Purpose;
use medrec_primitives::{
    is_half_year, AccountId, Custodian, CustodianRights, GrantId, RelationshipId, RelationshipStatus, DAY_MS,
};
use medrec_tests::{
    practice::{ask::Ask, eventually, people::Person, rules::Rule, wall_clock, Patient, World},
    process::run,
};
use sqlx::{sqlite::SqliteConnectOptions, ConnectOptions, Connection};

const DAY: Duration = Duration::from_secs(86_400);

/// Longer than any half-year with the days before it.
const LONG: Duration = Duration::from_secs(230 * 86_400);

/// The gatekeeper's clock stays behind while months pass on chain (ms).
const GAP: &str = "40000000000";

struct Stage {
    world: World,
    /// Loses the key.
    loser: Patient,
    /// Is said to have lost the key.
    defender: Patient,
    /// Has a say in the loser's rekeys.
    custodian: KeyPair,
    /// May read everything of the loser's and the defender's.
    viewer: KeyPair,
    grant: GrantId,
    /// A child: relationship, guardian's key, record.
    child: (RelationshipId, KeyPair, Person),
}

type Step = for<'a> fn(&'a mut Stage) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn gatekeeper_should_follow_the_chains_keys_when_they_change_whatever_is_killed_in_between() {
    let mut stage = Stage::new().await.unwrap();
    // In this order: time passes from step to step.
    let steps: [(&str, Step); 8] = [
        ("a fresh key waits while the old one goes on", |stage| Box::pin(asked(stage))),
        ("a veto freezes, and the key whose holder is proofed goes on", |stage| Box::pin(vetoed(stage))),
        ("only the guardian acts for a child", |stage| Box::pin(guarded(stage))),
        ("a week later the fresh key has all that was the old one's", |stage| Box::pin(finished(stage))),
        ("the old key is refused, by chain and gatekeeper", |stage| Box::pin(refused(stage))),
        ("a suspended record is shown to nobody until all have agreed", |stage| Box::pin(merged(stage))),
        ("nobody acts for a child of age until it has a key", |stage| Box::pin(of_age(stage))),
        ("the log stands", |stage| {
            Box::pin(async { stage.world.practice('a').gatekeeper.audit_verify().map(drop) })
        }),
    ];
    for (name, step) in steps {
        let started = Instant::now();
        let outcome = step(&mut stage).await;
        println!(
            "{} {name} ({:.1} s)",
            if outcome.is_ok() { "ok    " } else { "FAILED" },
            started.elapsed().as_secs_f32()
        );
        // What follows builds on it.
        outcome.with_context(|| name.to_owned()).unwrap();
    }
}

impl Stage {
    async fn new() -> Result<Self> {
        let mut world = World::start("rekey", &['a'], &[("chain", "max_clock_gap_ms", GAP)]).await?;
        let loser = world.admit_patient('a').await?;
        let defender = world.admit_patient('a').await?;
        let (custodian, viewer) = (world.key("custodian"), world.key("viewer"));
        let rights = CustodianRights::ALL;
        let appointed = Custodian { key: custodian.account(), rights, not_before: 0, not_after: None };
        let call = relationships::set_custodians(loser.relationship, &[appointed]);
        world.submit(&call, &loser.key).await?;
        let grant = world.rule(&loser, &Rule::everything(&viewer)).await?;
        world.rule(&defender, &Rule::everything(&viewer)).await?;

        let guardian = world.key("guardian");
        let person = world.practice('a').people[90].clone();
        let of_age = date(wall_clock() + 20 * DAY_MS);
        let ticket = world.practice('a').gatekeeper.ticket_for(&person.file_no, &["--minor", &of_age])?;
        let enrolled = world.practice('a').redeem(&ticket, &guardian).await?;
        ensure!(enrolled.status == 200, "{}", enrolled.text());
        let named = enrolled.json()?["relationship"].as_str().context("a relationship")?.to_owned();
        let id: RelationshipId = named.parse().map_err(|error| anyhow::anyhow!("{named}: {error}"))?;
        world.submit(&relationships::accept(id), &guardian).await?;
        // The custodian has to have managed for a week.
        world.pass_time(8 * DAY).await?;
        Ok(Self { world, loser, defender, custodian, viewer, grant, child: (id, guardian, person) })
    }

    fn ticket(&self, person: &Person, purpose: &[&str]) -> Result<Ticket> {
        self.world.practice('a').gatekeeper.ticket_for(&person.file_no, purpose)
    }

    async fn redeem(&self, ticket: &Ticket, key: &KeyPair) -> Result<(u16, String)> {
        let answer = self.world.practice('a').redeem(ticket, key).await?;
        Ok((answer.status, answer.text().to_owned()))
    }

    /// Redeems a ticket and kills the gatekeeper as soon as it has used it up; then starts it again.
    async fn redeem_and_kill(&mut self, ticket: &Ticket, key: &KeyPair, id: RelationshipId) -> Result<()> {
        let account = key.account();
        tokio::select! {
            // As good: it is killed right after it answered.
            _ = self.redeem(ticket, key) => {}
            found = self.wait_until_pending(id, &account) => found?,
        }
        self.world.practice_mut('a').gatekeeper.kill()?;
        self.world.practice_mut('a').gatekeeper.start().await
    }

    async fn wait_until_pending(&self, id: RelationshipId, key: &AccountId) -> Result<()> {
        let bytes: &[u8] = key.as_ref();
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(30) {
            let mut file = self.store().await?;
            let found: Option<i64> = sqlx::query_scalar(
                "SELECT 1 FROM pending_keys WHERE account = ? AND number = ? AND ended IS NULL",
            )
            .bind(bytes)
            .bind(i64::from(id.index))
            .fetch_optional(&mut file)
            .await?;
            file.close().await?;
            if found.is_some() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        bail!("no ticket is used up for {id}")
    }

    async fn store(&self) -> Result<sqlx::SqliteConnection> {
        let path = self.world.practice('a').gatekeeper.folder().join("gatekeeper.sqlite");
        Ok(SqliteConnectOptions::new().filename(&path).read_only(true).connect().await?)
    }

    /// The key in the gatekeeper's binding.
    async fn bound(&self, id: RelationshipId) -> Result<AccountId> {
        let mut file = self.store().await?;
        let key: Vec<u8> = sqlx::query_scalar("SELECT account FROM bindings WHERE number = ?")
            .bind(i64::from(id.index))
            .fetch_one(&mut file)
            .await?;
        file.close().await?;
        AccountId::try_from(key.as_slice()).map_err(|()| anyhow::anyhow!("{id} is bound to no key"))
    }

    /// Waits until the finalised chain has a rekey with this key in this stage.
    async fn rekeying(&self, id: RelationshipId, key: &KeyPair, stage: RekeyStage) -> Result<()> {
        eventually(&format!("a rekey of {id}, {stage:?}"), || async {
            let rekey = self.world.chain.finalised().await?.custody(id).await?.rekey;
            let is = rekey.as_ref().is_some_and(|rekey| {
                rekey.key == key.account() && rekey.stage == stage && rekey.ticket.is_some()
            });
            Ok(if is { Ok(()) } else { Err(format!("{rekey:?}")) })
        })
        .await
    }

    async fn patient_on_chain(&self, id: RelationshipId) -> Result<(AccountId, RelationshipStatus)> {
        self.world.chain.finalised().await?.relationship(id).await?.context("a relationship")
    }

    async fn reads(&self, key: &KeyPair, id: RelationshipId, status: u16) -> Result<String> {
        let ask = Ask::search('a', key, "Observation", id).purpose(Purpose::PatientRequest);
        let ask = if key.account() == self.viewer.account() { ask.purpose(Purpose::Treatment) } else { ask };
        let who = key.account();
        let answer = ask.until(&self.world, status).await.with_context(|| format!("{who} in {id}"))?;
        Ok(answer.text().to_owned())
    }
}

async fn asked(stage: &mut Stage) -> Result<()> {
    let (id, old, fresh) = (stage.loser.relationship, stage.loser.key.clone(), stage.world.key("fresh"));
    let before = stage.reads(&old, id, 200).await?;
    ensure!(before.contains(&stage.loser.person.results[0].value), "{before}");
    stage.reads(&stage.viewer, id, 200).await?;
    let ticket = stage.ticket(&stage.loser.person, &["--rekey"])?;
    stage.redeem_and_kill(&ticket, &fresh, id).await?;
    stage.rekeying(id, &fresh, RekeyStage::Asked).await?;
    // Asking again tells the same, and asks the chain for nothing more.
    let (status, said) = stage.redeem(&ticket, &fresh).await?;
    ensure!(status == 200 && said.contains("waiting"), "{status} {said}");
    let (status, said) = stage.redeem(&ticket, &stage.world.key("somebody else")).await?;
    ensure!(status == 403, "{status} {said}");

    ensure!(stage.bound(id).await? == old.account(), "the binding changed before the chain did");
    stage.reads(&old, id, 200).await?;
    stage.reads(&fresh, id, 403).await?;
    stage.reads(&stage.viewer, id, 200).await?;
    stage.world.submit(&relationships::approve_rekey(id, &fresh.account(), None), &stage.custodian).await?;
    let early = stage.world.submit(&relationships::finish_rekey(id), &fresh).await;
    ensure!(early.is_err(), "finished before a week has passed");
    stage.reads(&old, id, 200).await.map(drop)
}

async fn vetoed(stage: &mut Stage) -> Result<()> {
    let (id, old) = (stage.defender.relationship, stage.defender.key.clone());
    let (thief, third) = (stage.world.key("thief"), stage.world.key("third"));
    let ticket = stage.ticket(&stage.defender.person, &["--rekey"])?;
    let (status, said) = stage.redeem(&ticket, &thief).await?;
    ensure!(status == 200, "{status} {said}");
    stage.world.submit(&relationships::veto_rekey(id), &old).await?;
    for key in [&old, &thief, &stage.viewer] {
        stage.reads(key, id, 403).await?;
    }
    stage.world.practice_mut('a').gatekeeper.kill()?;
    stage.world.practice_mut('a').gatekeeper.start().await?;
    stage.rekeying(id, &thief, RekeyStage::Vetoed).await?;
    ensure!(stage.world.submit(&relationships::resume(id), &old).await.is_err(), "a veto does not freeze");

    // Identity is proofed anew. A third key is not what it was about, and does not use the ticket up.
    let ticket = stage.ticket(&stage.defender.person, &["--rekey"])?;
    let (status, said) = stage.redeem(&ticket, &third).await?;
    ensure!(status == 409 && said.contains("vetoed"), "{status} {said}");
    stage.redeem_and_kill(&ticket, &old, id).await?;
    eventually("the end of the rekey", || async {
        let custody = stage.world.chain.finalised().await?.custody(id).await?;
        Ok(custody.rekey.map_or(Ok(()), |rekey| Err(format!("{rekey:?}"))))
    })
    .await?;
    let (status, said) = stage.redeem(&ticket, &old).await?;
    ensure!(status == 200 && said.contains("named"), "{status} {said}");
    stage.reads(&old, id, 403).await?;
    stage.world.submit(&relationships::resume(id), &old).await?;
    stage.reads(&old, id, 200).await?;
    stage.reads(&stage.viewer, id, 200).await?;
    stage.reads(&thief, id, 403).await?;
    ensure!(stage.bound(id).await? == old.account(), "another key is bound");
    Ok(())
}

async fn guarded(stage: &mut Stage) -> Result<()> {
    let (id, guardian, person) = stage.child.clone();
    ensure!(stage.bound(id).await? == minor_account(id), "a child has no key");
    let handover = stage.world.chain.finalised().await?.custody(id).await?.handover.context("a handover")?;
    ensure!(is_half_year(handover), "{handover} tells a birthday");
    let shown = stage.reads(&guardian, id, 200).await?;
    ensure!(shown.contains(&person.results[0].value), "{shown}");
    let ticket = stage.ticket(&person, &["--of-age"])?;
    let (status, said) = stage.redeem(&ticket, &stage.world.key("child, too early")).await?;
    ensure!(status == 409 && said.contains("not of age"), "{status} {said}");
    stage.reads(&stage.world.key("child, too early"), id, 403).await.map(drop)
}

async fn finished(stage: &mut Stage) -> Result<()> {
    let (id, old, fresh) = (stage.loser.relationship, stage.loser.key.clone(), stage.world.key("fresh"));
    stage.world.pass_time(8 * DAY).await?;
    stage.reads(&old, id, 200).await?;
    // The gatekeeper is away when it happens.
    stage.world.practice_mut('a').gatekeeper.kill()?;
    stage.world.submit(&relationships::finish_rekey(id), &fresh).await?;
    ensure!(stage.bound(id).await? == old.account(), "bound to the fresh key by nobody");
    stage.world.practice_mut('a').gatekeeper.start().await?;
    let shown = stage.reads(&fresh, id, 200).await?;
    ensure!(shown.contains(&stage.loser.person.results[0].value), "{shown}");
    ensure!(stage.bound(id).await? == fresh.account(), "the binding did not follow");
    // Grants of before the rekey hold, and the log of before is the patient's.
    stage.reads(&stage.viewer, id, 200).await?;
    let log = Ask::get('a', &fresh, format!("/log?patient={id}")).purpose(Purpose::PatientRequest);
    let log = log.until(&stage.world, 200).await?.text().to_owned();
    for key in [&old, &stage.viewer] {
        ensure!(log.contains(&key.account().to_string()), "{log}");
    }
    Ok(())
}

async fn refused(stage: &mut Stage) -> Result<()> {
    let (id, old, fresh) = (stage.loser.relationship, stage.loser.key.clone(), stage.world.key("fresh"));
    ensure!(stage.patient_on_chain(id).await? == (fresh.account(), RelationshipStatus::Active));
    stage.reads(&old, id, 403).await?;
    ensure!(
        stage.world.submit(&permissions::revoke(id, stage.grant), &old).await.is_err(),
        "the old key revokes"
    );
    // Nor does it come back by a ticket.
    let ticket = stage.ticket(&stage.loser.person, &["--rekey"])?;
    let (status, said) = stage.redeem(&ticket, &old).await?;
    ensure!(status == 409, "{status} {said}");
    stage.reads(&fresh, id, 200).await?;
    stage.world.submit(&permissions::revoke(id, stage.grant), &fresh).await?;
    stage.reads(&stage.viewer, id, 403).await.map(drop)
}

async fn merged(stage: &mut Stage) -> Result<()> {
    let (id, key) = (stage.defender.relationship, stage.defender.key.clone());
    let record = stage.defender.person.file_no.clone();
    let said = stage.command(&["record", "suspend", "--record", &record, "--ground", "merge"])?;
    ensure!(said.contains("record resume --record") && said.contains("suspended on chain"), "{said}");
    stage.reads(&key, id, 403).await?;
    stage.reads(&stage.viewer, id, 403).await?;
    ensure!(
        stage.world.practice('a').gatekeeper.ticket_for(&record, &["--rekey"]).is_err(),
        "a ticket for it"
    );
    ensure!(
        stage.world.submit(&relationships::resume(id), &key).await.is_err(),
        "resumed without the provider"
    );
    ensure!(stage.command(&["record", "list"])?.contains(&record));
    let said = stage.command(&["record", "resume", "--record", &record])?;
    ensure!(said.contains("medrec resume"), "{said}");
    stage.reads(&key, id, 403).await?;
    stage.world.submit(&relationships::resume(id), &key).await?;
    stage.reads(&key, id, 200).await?;
    stage.reads(&stage.viewer, id, 200).await.map(drop)
}

async fn of_age(stage: &mut Stage) -> Result<()> {
    let (id, guardian, person) = stage.child.clone();
    stage.world.pass_time(LONG).await?;
    stage.reads(&guardian, id, 403).await?;
    let own = stage.world.key("child, of age");
    // Not by a ticket for a guardian's lost key.
    let ticket = stage.ticket(&person, &["--rekey"])?;
    let (status, said) = stage.redeem(&ticket, &stage.world.key("guardian's second")).await?;
    ensure!(status == 409 && said.contains("of age"), "{status} {said}");
    let ticket = stage.ticket(&person, &["--of-age"])?;
    stage.redeem_and_kill(&ticket, &own, id).await?;
    let (status, said) = stage.redeem(&ticket, &own).await?;
    ensure!(status == 200 && said.contains("named"), "{status} {said}");
    ensure!(stage.bound(id).await? == own.account(), "the binding did not follow");
    for key in [&own, &guardian] {
        stage.reads(key, id, 403).await?;
    }
    stage.world.submit(&relationships::accept(id), &own).await?;
    let shown = stage.reads(&own, id, 200).await?;
    ensure!(shown.contains(&person.results[0].value), "{shown}");
    stage.reads(&guardian, id, 403).await.map(drop)
}

impl Stage {
    fn command(&self, arguments: &[&str]) -> Result<String> {
        let mut command: Command = self.world.practice('a').gatekeeper.command(arguments)?;
        run(&mut command)
    }
}

/// The date of a moment, as people write it.
fn date(moment: u64) -> String {
    let stamp = moment / 1000;
    let out = Command::new("date").args(["-u", "-d", &format!("@{stamp}"), "+%Y-%m-%d"]).output().unwrap();
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}
