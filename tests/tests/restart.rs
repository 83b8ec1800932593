//! What is lost and what stands when gatekeeper and node stop, crash, come back, or come back as something else.
#![allow(clippy::unwrap_used)]

use std::{
    future::Future,
    os::unix::fs::PermissionsExt,
    pin::Pin,
    time::{Duration, Instant},
};

use anyhow::{bail, ensure, Context, Result};
use medrec_client::{chain::Chain, keys::KeyPair};
use medrec_primitives::RelationshipStatus;
use medrec_tests::{
    practice::{ask::Ask, eventually, rules::Rule, Patient, World},
    wire::{self, RawAnswer},
};
use serde_json::json;
use sqlx::{sqlite::SqliteConnectOptions, ConnectOptions, Connection};

/// The gatekeepers of this test take finality for stale after this.
const STALE_MS: u64 = 4_000;

/// What every step starts from: a patient, and a viewer who may read everything.
struct Stage {
    world: World,
    patient: Patient,
    viewer: KeyPair,
}

type Step = for<'a> fn(&'a mut Stage) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn gatekeeper_should_refuse_rather_than_guess_when_it_or_its_node_restarts() {
    let stale = STALE_MS.to_string();
    let world =
        World::start("restart", &['a', 'b'], &[("chain", "max_finality_age_ms", &stale)]).await.unwrap();
    let patient = world.admit_patient('a').await.unwrap();
    let viewer = world.key("viewer");
    world.rule(&patient, &Rule::everything(&viewer)).await.unwrap();
    let mut stage = Stage { world, patient, viewer };
    stage.ask().until(&stage.world, 200).await.unwrap();

    let steps: [(&str, Step); 14] = [
        ("a signed request is not accepted again after a restart", |stage| Box::pin(replay(stage, false))),
        ("nor after a crash", |stage| Box::pin(replay(stage, true))),
        ("sign-ins count once across a restart", |stage| Box::pin(sign_in_again(stage))),
        ("a ticket that was used stays used after a restart", |stage| Box::pin(used_ticket(stage))),
        ("an enrolment that a crash interrupts is finished afterwards, once", |stage| {
            Box::pin(enrol_crash(stage))
        }),
        ("the log stands after a crash, and shows what was altered", |stage| Box::pin(log_stands(stage))),
        ("too many requests are told to come later", |stage| Box::pin(too_many(stage))),
        ("clocks too far apart refuse everything", |stage| Box::pin(clock_gap(stage))),
        ("a key that others can read is refused", |stage| Box::pin(open_key(stage))),
        ("a revocation while the gatekeeper was down counts", |stage| Box::pin(revoked_while_down(stage))),
        ("a node that stands still is stale, and no more when it goes on", |stage| {
            Box::pin(node_paused(stage))
        }),
        ("a node that stops is stale, and no more when it comes back", |stage| Box::pin(node_stopped(stage))),
        // A node takes its time to start, so that what follows does not go back to the first one.
        ("a node on another genesis is refused", |stage| Box::pin(other_chain(stage, "local"))),
        // The same genesis, and a chain that has been started anew: what was final is unknown to it.
        ("a node with another history is refused", |stage| Box::pin(other_chain(stage, "dev"))),
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
    /// What the viewer may ask.
    fn ask(&self) -> Ask {
        Ask::search('a', &self.viewer, "Observation", self.patient.relationship)
    }

    /// The viewer reads, in the end.
    async fn permits(&self) -> Result<()> {
        let answer = self.ask().until(&self.world, 200).await?;
        ensure!(answer.text().contains(&self.patient.person.result("QX-SUGAR").value), "{}", answer.text());
        Ok(())
    }

    /// Everybody is refused, in the end, since the chain cannot be relied on, and told nothing.
    async fn comes_to_be_unavailable(&self) -> Result<()> {
        let answer = self.ask().until(&self.world, 503).await?;
        ensure!(answer.header("retry-after").is_some(), "{:?}", answer.headers);
        self.shows_nothing(&answer)?;
        let own = self.ask().by(&self.patient.key).send(&self.world).await?;
        ensure!(own.status == 503, "the patient: {} {}", own.status, own.text());
        let stranger = self.ask().by(&self.world.key("stranger")).send(&self.world).await?;
        ensure!(stranger.status == 503, "a stranger: {} {}", stranger.status, stranger.text());
        let ready = wire::get(&self.world.practice('a').gatekeeper.address(), "/ready").await?;
        ensure!(ready.status == 503, "/ready: {} {}", ready.status, ready.text());
        self.shows_nothing(&ready)
    }

    fn shows_nothing(&self, answer: &RawAnswer) -> Result<()> {
        let text = format!("{:?} {}", answer.headers, answer.text());
        match self.world.practice('a').canaries().into_iter().find(|canary| text.contains(canary)) {
            Some(leak) => bail!("{leak} leaks: {text}"),
            None => Ok(()),
        }
    }

    async fn restart(&mut self, crash: bool) -> Result<()> {
        let gatekeeper = &mut self.world.practice_mut('a').gatekeeper;
        if crash {
            gatekeeper.kill()?;
        } else {
            gatekeeper.stop()?;
        }
        gatekeeper.start().await
    }

    /// Restarts the gatekeeper with another setting, lets `check` look, and puts it back.
    async fn with_setting(
        &mut self,
        (section, key, value, usual): (&str, &str, &str, &str),
        check: impl AsyncFn(&Self) -> Result<()>,
    ) -> Result<()> {
        let gatekeeper = &mut self.world.practice_mut('a').gatekeeper;
        gatekeeper.stop()?;
        gatekeeper.set(section, key, value)?;
        gatekeeper.start_without_waiting()?;
        let address = gatekeeper.address();
        eventually("the gatekeeper answers", || async {
            Ok(wire::get(&address, "/health").await.map_err(|error| format!("{error:#}")))
        })
        .await?;
        let checked = check(self).await;
        let gatekeeper = &mut self.world.practice_mut('a').gatekeeper;
        gatekeeper.stop()?;
        gatekeeper.set(section, key, usual)?;
        gatekeeper.start().await?;
        self.permits().await?;
        checked
    }

    /// Whoever asks, for some seconds in which blocks are made, is refused or not answered at all.
    async fn permits_nothing_for_a_while(&self) -> Result<()> {
        let address = self.world.practice('a').gatekeeper.address();
        for _ in 0..20 {
            if let Ok(ready) = wire::get(&address, "/ready").await {
                ensure!(ready.status == 503, "/ready: {} {}", ready.status, ready.text());
                self.shows_nothing(&ready)?;
            }
            if let Ok(answer) = self.ask().send(&self.world).await {
                ensure!(answer.status == 503, "{} {}", answer.status, answer.text());
                self.shows_nothing(&answer)?;
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        Ok(())
    }
}

async fn replay(stage: &mut Stage, crash: bool) -> Result<()> {
    let (signed, _) = stage.ask().sign(&stage.world);
    ensure!(signed.send().await?.status == 200, "the first time counts");
    stage.restart(crash).await?;
    stage.permits().await?;
    let again = signed.send().await?;
    ensure!(again.status == 401, "{} {}", again.status, again.text());
    stage.shows_nothing(&again)
}

async fn sign_in_again(stage: &mut Stage) -> Result<()> {
    let key = stage.viewer.clone();
    let sign_in = async |stage: &Stage, message: &str| {
        let answer = json!({ "message": message, "signature": key.sign(message.as_bytes()).to_hex() });
        stage.world.practice('a').post("/auth/session", &answer.to_string()).await
    };
    let challenge = async |stage: &Stage| {
        let asked = json!({ "account": key.account().to_string(), "purpose": "TREAT" });
        let answer = stage.world.practice('a').post("/auth/challenge", &asked.to_string()).await?.json()?;
        Ok::<_, anyhow::Error>(answer["message"].as_str().context("a message")?.to_owned())
    };
    let (used, open) = (challenge(stage).await?, challenge(stage).await?);
    let session = sign_in(stage, &used).await?;
    ensure!(session.status == 200, "{} {}", session.status, session.text());
    let token = session.json()?["token"].as_str().context("a token")?.to_owned();
    let with_token = async |stage: &Stage, token: &str| {
        let (signed, _) = stage.ask().sign(&stage.world);
        signed.with_header("Authorization", format!("Bearer {token}")).send().await
    };
    ensure!(with_token(stage, &token).await?.status == 200, "the control");
    stage.restart(false).await?;
    stage.permits().await?;
    ensure!(sign_in(stage, &used).await?.status == 401, "a sign-in that was used counts again");
    // One that was given and not used is refused or accepted once, never twice.
    let statuses = [sign_in(stage, &open).await?.status, sign_in(stage, &open).await?.status];
    ensure!([[401, 401], [200, 401]].contains(&statuses), "{statuses:?}");
    // A session goes on, or has to be opened anew; a made-up one never counts.
    ensure!([200, 401].contains(&with_token(stage, &token).await?.status), "a session after a restart");
    ensure!(
        with_token(stage, &token.chars().rev().collect::<String>()).await?.status == 401,
        "a made-up token"
    );
    Ok(())
}

async fn used_ticket(stage: &mut Stage) -> Result<()> {
    let person = stage.world.practice('a').people.last().unwrap().clone();
    let ticket = stage.world.practice('a').gatekeeper.ticket(&person.file_no)?;
    let first = stage.world.practice('a').redeem(&ticket, &stage.world.key("first")).await?;
    ensure!(first.status == 200, "{} {}", first.status, first.text());
    stage.restart(false).await?;
    let second = stage.world.practice('a').redeem(&ticket, &stage.world.key("second")).await?;
    ensure!((400..500).contains(&second.status), "{} {}", second.status, second.text());
    stage.shows_nothing(&second)
}

async fn enrol_crash(stage: &mut Stage) -> Result<()> {
    let practice = stage.world.practice('a');
    let person = practice.people[practice.people.len() - 2].clone();
    let ticket = practice.gatekeeper.ticket(&person.file_no)?;
    let key = stage.world.key("interrupted");
    // The chain stands still, so that the gatekeeper is between the binding and the end of the proposal.
    stage.world.node.process().pause()?;
    let practice = stage.world.practice('a');
    let unheard = tokio::time::timeout(Duration::from_secs(2), practice.redeem(&ticket, &key)).await;
    let heard = unheard.is_ok_and(|answer| answer.is_ok_and(|answer| answer.status == 200));
    stage.world.practice_mut('a').gatekeeper.kill()?;
    stage.world.node.process().resume()?;
    ensure!(!heard, "enrolled without a chain");
    stage.world.practice_mut('a').gatekeeper.start().await?;
    let practice = stage.world.practice('a');
    let thief = practice.redeem(&ticket, &stage.world.key("thief of the interrupted")).await?;
    ensure!((400..500).contains(&thief.status), "the ticket is bound: {} {}", thief.status, thief.text());
    // Asking again with the same key finishes it, whatever had been done before.
    let enrolled = eventually("the enrolment is finished", || async {
        let answer = practice.redeem(&ticket, &key).await?;
        Ok(if answer.status == 200 {
            Ok(answer)
        } else {
            Err(format!("{} {}", answer.status, answer.text()))
        })
    })
    .await?;
    let relationship = enrolled.json()?["relationship"].as_str().context("a relationship")?.to_owned();
    let mine = eventually("the proposal is final", || async {
        let mine = stage.world.chain.finalised().await?.my_relationships(&key.account()).await?;
        Ok(if mine.is_empty() { Err("none".to_owned()) } else { Ok(mine) })
    })
    .await?;
    ensure!(mine.len() == 1 && mine[0].1 == RelationshipStatus::Proposed, "{mine:?}");
    ensure!(mine[0].0.to_string() == relationship, "{mine:?} and {relationship}");
    // The binding is that of the ticket.
    let patient = Patient { key, relationship: mine[0].0, person };
    stage
        .world
        .submit(&medrec_client::chain::calls::relationships::accept(patient.relationship), &patient.key)
        .await?;
    let own =
        Ask::search('a', &patient.key, "Observation", patient.relationship).until(&stage.world, 200).await?;
    ensure!(own.text().contains(&patient.person.result("QX-SUGAR").value), "{}", own.text());
    Ok(())
}

async fn log_stands(stage: &mut Stage) -> Result<()> {
    let log = Ask::get('a', &stage.patient.key, format!("/log?patient={}", stage.patient.relationship));
    let count = async |stage: &Stage| {
        let answer = log.until(&stage.world, 200).await?.json()?;
        let entries = answer["entries"].as_array().context("entries")?;
        let account = stage.viewer.account().to_string();
        Ok::<_, anyhow::Error>(entries.iter().filter(|entry| entry["account"] == account).count())
    };
    let before = count(stage).await?;
    // Whatever was answered is on the log, though the power fails at once.
    for _ in 0..10 {
        ensure!(stage.ask().send(&stage.world).await?.status == 200, "the control");
    }
    stage.world.practice_mut('a').gatekeeper.kill()?;
    stage.world.practice('a').gatekeeper.audit_verify()?;
    // One entry altered in the file.
    let store = stage.world.practice('a').gatekeeper.folder().join("gatekeeper.sqlite");
    let mut file = SqliteConnectOptions::new().filename(&store).connect().await?;
    let last: i64 = sqlx::query_scalar("SELECT MAX(number) FROM log").fetch_one(&mut file).await?;
    let alter = "UPDATE log SET entry = REPLACE(entry, ?, ?) WHERE number = ?";
    let (truth, lie) = (r#""time":1"#, r#""time":2"#);
    let altered = sqlx::query(alter).bind(truth).bind(lie).bind(last).execute(&mut file).await?;
    ensure!(altered.rows_affected() == 1, "nothing was altered");
    ensure!(stage.world.practice('a').gatekeeper.audit_verify().is_err(), "an altered entry goes unnoticed");
    sqlx::query(alter).bind(lie).bind(truth).bind(last).execute(&mut file).await?;
    stage.world.practice('a').gatekeeper.audit_verify()?;
    // One entry taken out.
    sqlx::query("CREATE TEMP TABLE kept AS SELECT * FROM log WHERE number = ?")
        .bind(last - 3)
        .execute(&mut file)
        .await?;
    sqlx::query("DELETE FROM log WHERE number = ?").bind(last - 3).execute(&mut file).await?;
    ensure!(stage.world.practice('a').gatekeeper.audit_verify().is_err(), "a missing entry goes unnoticed");
    sqlx::query("INSERT INTO log SELECT * FROM kept").execute(&mut file).await?;
    stage.world.practice('a').gatekeeper.audit_verify()?;
    file.close().await?;
    stage.world.practice_mut('a').gatekeeper.start().await?;
    let after = count(stage).await?;
    ensure!(after >= before + 10, "{before} entries before, {after} after");
    Ok(())
}

async fn too_many(stage: &mut Stage) -> Result<()> {
    stage
        .with_setting(("limits", "per_account_per_minute", "3", "1000000"), async |stage| {
            // Until it follows the chain it tells everybody to come later, for another reason.
            let address = stage.world.practice('a').gatekeeper.address();
            eventually("the gatekeeper is ready", || async {
                let ready = wire::get(&address, "/ready").await.map_err(|error| format!("{error:#}"));
                Ok(ready.and_then(|ready| match ready.status {
                    200 => Ok(()),
                    other => Err(other.to_string()),
                }))
            })
            .await?;
            let stranger = stage.ask().by(&stage.world.key("in a hurry"));
            let mut told = None;
            for _ in 0..40 {
                let answer = stranger.send(&stage.world).await?;
                stage.shows_nothing(&answer)?;
                if answer.status == 429 {
                    told = Some(answer);
                    break;
                }
            }
            let told = told.context("nobody is ever told to come later")?;
            ensure!(told.header("retry-after").is_some(), "{:?}", told.headers);
            // Others are served meanwhile.
            stage.permits().await
        })
        .await
}

async fn clock_gap(stage: &mut Stage) -> Result<()> {
    // A development chain's clock is hours behind.
    stage
        .with_setting(("chain", "max_clock_gap_ms", "60000", "86400000"), async |stage| {
            stage.comes_to_be_unavailable().await
        })
        .await
}

async fn open_key(stage: &mut Stage) -> Result<()> {
    let gatekeeper = &mut stage.world.practice_mut('a').gatekeeper;
    gatekeeper.stop()?;
    let key = gatekeeper.folder().join("signing.key");
    let mode = |mode| std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode));
    mode(0o644)?;
    let served = gatekeeper.command(&["serve"])?.output()?;
    mode(0o600)?;
    ensure!(!served.status.success(), "it serves with a key that others can read");
    let said =
        String::from_utf8_lossy(&served.stderr).into_owned() + &String::from_utf8_lossy(&served.stdout);
    ensure!(said.contains("signing.key"), "it says which: {said}");
    gatekeeper.start().await?;
    stage.permits().await
}

async fn node_paused(stage: &mut Stage) -> Result<()> {
    stage.permits().await?;
    stage.world.node.process().pause()?;
    let checked = async {
        let started = Instant::now();
        stage.comes_to_be_unavailable().await?;
        ensure!(
            started.elapsed().as_millis() >= u128::from(STALE_MS) / 2,
            "stale after {:?}",
            started.elapsed()
        );
        Ok(())
    }
    .await;
    stage.world.node.process().resume()?;
    checked?;
    stage.permits().await
}

async fn node_stopped(stage: &mut Stage) -> Result<()> {
    stage.permits().await?;
    stage.world.node.stop()?;
    let checked = async {
        stage.comes_to_be_unavailable().await?;
        // A gatekeeper that starts before its node waits for it, and permits nothing meanwhile.
        stage.world.practice_mut('a').gatekeeper.stop()?;
        stage.world.practice_mut('a').gatekeeper.start_without_waiting()?;
        stage.permits_nothing_for_a_while().await
    }
    .await;
    stage.world.node.start_again().await?;
    stage.world.chain = Chain::connect(&stage.world.node.url()).await?;
    checked?;
    stage.world.practice_mut('a').gatekeeper.wait_until_ready().await?;
    // The other practice's gatekeeper ran through it all.
    stage.world.practice_mut('b').gatekeeper.wait_until_ready().await?;
    stage.permits().await
}

async fn revoked_while_down(stage: &mut Stage) -> Result<()> {
    let other = stage.world.key("granted and revoked");
    let grant = stage.world.rule(&stage.patient, &Rule::everything(&other)).await?;
    let ask = stage.ask().by(&other);
    ask.until(&stage.world, 200).await?;
    stage.world.practice_mut('a').gatekeeper.stop()?;
    stage.world.revoke(&stage.patient, grant).await?;
    stage.world.practice_mut('a').gatekeeper.start().await?;
    // From its first answer on.
    let answer = ask.send(&stage.world).await?;
    ensure!(answer.status == 403, "{} {}", answer.status, answer.text());
    stage.permits().await
}

/// What `/ready` says. A gatekeeper that was started without a node listens only once it has found one.
async fn listening(address: &str) -> Result<RawAnswer> {
    let started = Instant::now();
    loop {
        match wire::get(address, "/ready").await {
            Err(_) if started.elapsed() < Duration::from_secs(20) => {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            answer => return answer,
        }
    }
}

async fn other_chain(stage: &mut Stage, id: &str) -> Result<()> {
    stage.world.node.stop()?;
    stage.world.node.start_other_chain(id).await?;
    // Both gatekeepers ran when the chain behind their node became another.
    for letter in ['a', 'b'] {
        let ready = listening(&stage.world.practice(letter).gatekeeper.address()).await?;
        ensure!(ready.status == 503, "/ready of {letter}: {} {}", ready.status, ready.text());
    }
    stage.permits_nothing_for_a_while().await?;
    // One that starts beside it does not rely on it either: what it relied on before is in its store.
    let gatekeeper = &mut stage.world.practice_mut('a').gatekeeper;
    gatekeeper.stop()?;
    gatekeeper.start_without_waiting()?;
    stage.permits_nothing_for_a_while().await
}
