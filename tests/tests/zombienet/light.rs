//! A gatekeeper that reads the chain by a light client: alone, and beside a node that is lost. And the page, by one of its own.

use std::time::{Duration, Instant};

use medrec_tests::{
    portal::{browse, page},
    practice::{ask::Ask, rules::Rule, World},
    relay::{light::LightClient, memory_of, RelayNetwork, PATIENCE},
    scratch::Scratch,
    wire,
};
use serde_json::json;
use sp_core::crypto::Ss58Codec;

/// How old the last final block may be for the gatekeeper of this test.
const SET_AGE: Duration = Duration::from_secs(60);

/// What the peers had sent before they were killed may still be taken in.
const IMPORTING: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "starts a relay chain: scripts/network test"]
async fn gatekeeper_should_decide_by_light_client_when_there_is_no_node() {
    let page = page().unwrap();
    let scratch = Scratch::new("light").unwrap();
    let network = RelayNetwork::start(&scratch, "small").await.unwrap();
    let node_url = network.node("collator-1").rpc.url();
    let own_url = network.node("collator-2").rpc.url();
    let mut light = LightClient::start(&scratch, &network).unwrap();
    let (chain, took) = light.connect().await.unwrap();
    assert!(chain.is_light().await.unwrap());
    println!("the light client knows a final block after {:.1} s", took.as_secs_f32());

    // It tells what nodes tell, of old blocks as far as the state remembers them.
    let node = &network.node("collator-1").rpc;
    let number = chain.number(chain.finalised_head().await.unwrap()).await.unwrap();
    let hash = chain.hash_of(number - 1).await.unwrap().map(|hash| format!("{hash:?}"));
    assert_eq!(hash, node.hash(number - 1).await.unwrap());

    // The practice's gatekeeper knows nothing but the light client: it proposes, and follows what becomes final.
    let age = SET_AGE.as_millis().to_string();
    let settings = [
        ("chain", "max_finality_age_ms", age.as_str()),
        ("limits", "per_address_per_minute", "1000000"),
        ("limits", "per_account_per_minute", "1000000"),
    ];
    let mut world = World::on_node("light", network, &node_url, scratch.clone()).await.unwrap();
    world.open_practices(&[('a', &light.url())], &settings).await.unwrap();
    assert_eq!(source(&world).await, "light-client");
    let said = world.practice('a').gatekeeper.check().unwrap();
    assert!(said.contains("a light client answers at"), "{said}");

    // So does the patient's program, from here on.
    world.chain = chain;
    let patient = world.admit_patient('a').await.unwrap();
    let (stays, goes) = (world.key("keeps the right"), world.key("loses it"));
    world.rule(&patient, &Rule::everything(&stays)).await.unwrap();
    let lost = world.rule(&patient, &Rule::everything(&goes)).await.unwrap();
    let by_stays = Ask::search('a', &stays, "Observation", patient.relationship);
    let by_goes = Ask::search('a', &goes, "Observation", patient.relationship);
    by_stays.until(&world, 200).await.unwrap();
    by_goes.until(&world, 200).await.unwrap();
    let revoking = Instant::now();
    world.revoke(&patient, lost).await.unwrap();
    by_goes.until(&world, 403).await.unwrap();
    println!("revoked by light client, and refused, after {} s", revoking.elapsed().as_secs());
    by_stays.until(&world, 200).await.unwrap();
    println!(
        "in use: {} MiB by the light client, {} MiB by a collator's node",
        memory_of(light.process().id()).unwrap() / 1024,
        world.node.memory("collator-2").unwrap() / 1024
    );

    // And the page, in a browser that has no node to ask: it reads by a light client of its own, and sends what is signed in it.
    let shared = world.key("loses it in the browser");
    world.rule(&patient, &Rule::everything(&shared)).await.unwrap();
    let by_shared = Ask::search('a', &shared, "Observation", patient.relationship);
    by_shared.until(&world, 200).await.unwrap();
    let (relay, own) =
        (world.node.folder().join("westend-local.json"), world.node.folder().join("medrec-local.json"));
    let gatekeeper = &mut world.practice_mut('a').gatekeeper;
    gatekeeper.stop().unwrap();
    gatekeeper.set("portal", "dir", &format!("{page:?}")).unwrap();
    gatekeeper.set("portal", "node", "\"ws://127.0.0.1:9\"").unwrap();
    gatekeeper.set("portal.light_client", "relay_chain", &format!("{relay:?}")).unwrap();
    gatekeeper.set("portal.light_client", "parachain", &format!("{own:?}")).unwrap();
    gatekeeper.start().await.unwrap();
    let browsing = Instant::now();
    let seen = json!({
        "page": format!("{}/portal/", world.practice('a').gatekeeper.url()),
        "patient": world.secret(&World::<RelayNetwork>::patient_words(&patient.person)),
        "viewer": shared.account().to_ss58check(),
    });
    browse(&["light"], &seen).await.unwrap();
    by_shared.until(&world, 403).await.unwrap();
    println!(
        "read, revoked and refused by the browser's light client within {} s",
        browsing.elapsed().as_secs()
    );

    // Beside a node of its own, which is lost and comes back.
    let gatekeeper = &mut world.practice_mut('a').gatekeeper;
    gatekeeper.stop().unwrap();
    gatekeeper.set("chain", "url", &format!("{own_url:?}")).unwrap();
    gatekeeper.set("chain", "stand_ins", &format!("[{:?}]", light.url())).unwrap();
    gatekeeper.start().await.unwrap();
    by_stays.until(&world, 200).await.unwrap();
    assert_eq!(source(&world).await, "node");
    let line = world.node.command_line("collator-2").unwrap();
    world.node.kill("collator-2").unwrap();
    let killed = Instant::now();
    until_source(&world, "light-client-stand-in").await;
    by_stays.until(&world, 200).await.unwrap();
    by_goes.until(&world, 403).await.unwrap();
    println!("permitted by the stand-in {} s after the node was killed", killed.elapsed().as_secs());
    world.node.start_again("collator-2", &line).unwrap();
    until_source(&world, "node").await;
    by_stays.until(&world, 200).await.unwrap();

    // Without anybody who makes blocks, what is known becomes stale.
    let gatekeeper = &mut world.practice_mut('a').gatekeeper;
    gatekeeper.stop().unwrap();
    gatekeeper.set("chain", "url", &format!("{:?}", light.url())).unwrap();
    gatekeeper.set("chain", "stand_ins", "[]").unwrap();
    gatekeeper.start().await.unwrap();
    by_stays.until(&world, 200).await.unwrap();
    let names: Vec<String> = world.node.nodes().iter().map(|node| node.name.clone()).collect();
    for name in names {
        world.node.kill(&name).unwrap();
    }
    let killed = Instant::now();
    while killed.elapsed() < SET_AGE + IMPORTING {
        assert_ne!(by_goes.send(&world).await.unwrap().status, 200, "permitted what was revoked");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(by_stays.send(&world).await.unwrap().status, 503);
    light.process().stop().unwrap();
}

/// What the gatekeeper says that it reads the chain by.
async fn source(world: &World<RelayNetwork>) -> String {
    let health = wire::get(&world.practice('a').gatekeeper.address(), "/health").await.unwrap();
    health.json().unwrap()["chain"].as_str().unwrap().to_owned()
}

async fn until_source(world: &World<RelayNetwork>, expected: &str) {
    let started = Instant::now();
    loop {
        let found = source(world).await;
        if found == expected {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "{found} instead of {expected}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
