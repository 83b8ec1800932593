//! Wallets of all three schemes, signing raw and `<Bytes>`-wrapped: sessions, single requests, enrolment, and the chain.
#![allow(clippy::unwrap_used)]

use anyhow::{ensure, Result};
use medrec_client::{
    chain::{
        calls::{balances, registry, relationships},
        Chain, Wait,
    },
    enrol,
    keys::{KeyPair, KeyType},
};
use medrec_tests::{
    network::UNIT,
    practice::{ask::Ask, rules::Rule, Patient, World},
};
use serde_json::json;
use subxt::rpcs::rpc_params;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wallet_should_be_accepted_everywhere_when_sr25519_ed25519_or_ecdsa_raw_or_wrapped() {
    let world = World::start("keys", &['a'], &[]).await.unwrap();
    let mut failures = Vec::new();
    for key_type in KeyType::ALL {
        for wrapped in [false, true] {
            let name = format!("{key_type}, {}", if wrapped { "wrapped" } else { "raw" });
            let outcome = whole_life(&world, key_type, wrapped).await;
            println!("{} {name}", if outcome.is_ok() { "ok    " } else { "FAILED" });
            failures.extend(outcome.err().map(|error| format!("- {name}: {error:#}")));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    two_programs(&world).await.unwrap();
}

/// Two programs sign with one key at the same time, calls of which the pool puts one first, whichever comes first: each comes through, once.
async fn two_programs(world: &World) -> Result<()> {
    const ROUNDS: u64 = 8;
    let key = &world.practice('a').key;
    let [one, other] = [Chain::connect(&world.node.url()).await?, Chain::connect(&world.node.url()).await?];
    let sent = || async {
        let asked = rpc_params![key.account().to_string()];
        anyhow::Ok(world.chain.rpc_client().request::<u64>("system_accountNextIndex", asked).await?)
    };
    let before = sent().await?;
    for round in 0..ROUNDS {
        let pay = balances::transfer_keep_alive(&world.key("paid").account(), UNIT);
        let rename = registry::update(Some(&format!("Practice with its name number {round}")), None);
        let (paid, renamed) =
            tokio::join!(one.submit(&pay, key, Wait::Finalised), other.submit(&rename, key, Wait::Finalised));
        ensure!(paid.is_ok() && renamed.is_ok(), "round {round}: {:?}, {:?}", paid.err(), renamed.err());
    }
    ensure!(sent().await? == before + 2 * ROUNDS, "each once: {before}, {}", sent().await?);
    Ok(())
}

/// Enrols, accepts, reads by session and by single request, grants to another key of the scheme, who reads.
async fn whole_life(world: &World, key_type: KeyType, wrapped: bool) -> Result<()> {
    let practice = world.practice('a');
    let sign = |key: &KeyPair, message: &str| {
        let signature =
            if wrapped { key.sign_wrapped(message.as_bytes()) } else { key.sign(message.as_bytes()) };
        signature.to_hex()
    };
    // Enrol.
    let place = KeyType::ALL.iter().position(|known| *known == key_type).unwrap() * 2 + usize::from(wrapped);
    let person = practice.people[place].clone();
    let key = world.key_of_type(&format!("patient {place}"), key_type);
    let account = key.account();
    let ticket = practice.gatekeeper.ticket(&person.file_no)?;
    let message = enrol::message(ticket.genesis, ticket.member, &ticket.secret, &account);
    let body = json!({
        "ticket": ticket.secret.expose_hex(),
        "account": account.to_string(),
        "signature": sign(&key, &message),
    });
    let enrolled = practice.post("/enrol", &body.to_string()).await?;
    ensure!(enrolled.status == 200, "enrol: {} {}", enrolled.status, enrolled.text());
    let relationship = enrolled.json()?["relationship"].as_str().unwrap().parse().unwrap();
    let patient = Patient { key: key.clone(), relationship, person };
    // Accept on chain, without a balance.
    world.submit(&relationships::accept(relationship), &key).await?;
    // Read by a single signed request.
    let own = Ask::search('a', &key, "Observation", relationship);
    let shown = own.until(world, 200).await?;
    ensure!(shown.text().contains(&patient.person.result("QX-SUGAR").value), "{}", shown.text());
    // Sign in and read.
    for (who, purpose) in [(&key, "PATRQT"), (&key, "TREAT")] {
        ensure!(
            by_session(world, who, purpose, key_type, &own, sign).await? == 200,
            "a session for {purpose}"
        );
    }
    // A viewer with a key of the same scheme.
    let viewer = world.key_of_type(&format!("viewer {place}"), key_type);
    ensure!(own.clone().by(&viewer).send(world).await?.status == 403, "before the grant");
    ensure!(
        by_session(world, &viewer, "TREAT", key_type, &own, sign).await? == 403,
        "a session without a grant"
    );
    let grant = world.rule(&patient, &Rule::allow(&viewer, "patient/Observation.rs;purpose=TREAT")).await?;
    own.clone().by(&viewer).until(world, 200).await?;
    ensure!(
        by_session(world, &viewer, "TREAT", key_type, &own, sign).await? == 200,
        "a session with a grant"
    );
    world.revoke(&patient, grant).await?;
    own.by(&viewer).until(world, 403).await?;
    Ok(())
}

/// The status that somebody gets who signs in and asks.
async fn by_session(
    world: &World,
    key: &KeyPair,
    purpose: &str,
    key_type: KeyType,
    ask: &Ask,
    sign: impl Fn(&KeyPair, &str) -> String,
) -> Result<u16> {
    let practice = world.practice('a');
    let asked = json!({ "account": key.account().to_string(), "purpose": purpose });
    let challenge = practice.post("/auth/challenge", &asked.to_string()).await?.json()?;
    let message = challenge["message"].as_str().unwrap();
    // Wallets do not say which scheme they use; programs may.
    let mut answer = json!({ "message": message, "signature": sign(key, message) });
    if purpose == "TREAT" {
        answer["type"] = json!(key_type.to_string());
    }
    let session = practice.post("/auth/session", &answer.to_string()).await?;
    ensure!(session.status == 200, "session: {} {}", session.status, session.text());
    let token = session.json()?["token"].as_str().unwrap().to_owned();
    let (signed, _) = ask.sign(world);
    Ok(signed.with_header("Authorization", format!("Bearer {token}")).send().await?.status)
}
