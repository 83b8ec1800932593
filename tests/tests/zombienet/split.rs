//! A network cut in two: validators, collators and one provider on one side, another provider's node and gatekeeper on the other.

use std::time::{Duration, Instant};

use medrec_client::KeyPair;
use medrec_tests::{
    practice::{ask::Ask, rules::Rule, World},
    process::Process,
    relay::{handbook, namespace::Namespace, RelayNetwork, PATIENCE},
    scratch::Scratch,
    wire,
};
use serde_json::json;

/// How old the last final block may be for the gatekeepers of this test.
const SET_AGE: Duration = Duration::from_secs(30);

/// What had come through the cable when it was cut may still be imported.
const IMPORTING: Duration = Duration::from_secs(5);

/// How long the network stays cut.
const CUT: Duration = Duration::from_secs(120);

/// The node beyond the cable, at the port that the handbook gives it.
const FAR_NODE: &str = "127.0.0.1:9954";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "starts a relay chain: scripts/network test"]
async fn gatekeeper_should_permit_nothing_when_its_chain_stands_still() {
    let scratch = Scratch::new("split").unwrap();
    let network = RelayNetwork::start(&scratch, "small").await.unwrap();
    let (url, other_url) = (network.node("collator-1").rpc.url(), network.node("collator-2").rpc.url());
    let age = SET_AGE.as_millis().to_string();
    let settings = [
        ("chain", "max_finality_age_ms", age.as_str()),
        // As operated: what a node catches up with is old when it comes, and nothing is decided by that. `init --development` allows more.
        ("chain", "max_clock_gap_ms", "30000"),
        ("limits", "per_address_per_minute", "1000000"),
        ("limits", "per_account_per_minute", "1000000"),
    ];
    let mut world = World::on_node("split", network, &url, scratch.clone()).await.unwrap();
    world.open_practices(&[('a', &url), ('b', &other_url)], &settings).await.unwrap();
    let near = world.admit_patient('a').await.unwrap();
    let far = world.admit_patient('b').await.unwrap();
    let (stays, goes) = (world.key("keeps the right"), world.key("loses it while the network is cut"));
    world.rule(&near, &Rule::everything(&stays)).await.unwrap();
    world.rule(&far, &Rule::everything(&stays)).await.unwrap();
    let lost = world.rule(&far, &Rule::everything(&goes)).await.unwrap();
    let by_stays = Ask::search('b', &stays, "Observation", far.relationship);
    let by_goes = Ask::search('b', &goes, "Observation", far.relationship);
    let at_near = Ask::search('a', &stays, "Observation", near.relationship);
    by_goes.until(&world, 200).await.unwrap();

    // The second practice moves beyond the cable, with a node of its own.
    let namespace = Namespace::new(&scratch).unwrap();
    let mut node = start_beyond(&world, &namespace);
    let goal = world.node.node("collator-1").rpc.finalised_number().await.unwrap();
    wait_far_finalised(&namespace, &mut node, goal).await;
    let gatekeeper = &mut world.practice_mut('b').gatekeeper;
    gatekeeper.stop().unwrap();
    gatekeeper.set("chain", "url", &format!("\"ws://{FAR_NODE}\"")).unwrap();
    gatekeeper.run_by(namespace.prefix());
    gatekeeper.start_without_waiting().unwrap();
    until_permitted(&world, &namespace, &by_stays).await;
    until_permitted(&world, &namespace, &by_goes).await;

    // Cut. Right after that the patient, on the other side, takes a grant back.
    let before = world.node.node("collator-1").rpc.finalised_number().await.unwrap();
    namespace.cut().unwrap();
    let cut = Instant::now();
    let revoke = async {
        world.revoke(&far, lost).await.unwrap();
        println!("revoked on the side that goes on, {} s after the cut", cut.elapsed().as_secs());
    };
    let ask = async {
        let mut late = Vec::new();
        let (mut permits, mut refusals) = (0, 0);
        while cut.elapsed() < CUT {
            for ask in [&by_stays, &by_goes] {
                let asked = cut.elapsed();
                match status(&world, &namespace, ask).await {
                    200 => {
                        permits += 1;
                        late.extend((asked > SET_AGE + IMPORTING).then_some(asked));
                    }
                    503 => refusals += 1,
                    status => panic!("{status}, although nothing new can be known"),
                }
            }
            // The other side goes on, and permits.
            assert_eq!(at_near.send(&world).await.unwrap().status, 200);
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        (late, permits, refusals)
    };
    let ((), (late, permits, refusals)) = tokio::join!(revoke, ask);
    println!(
        "while cut: {permits} permits within the set age, {refusals} refusals, {} late permits",
        late.len()
    );
    assert!(late.is_empty(), "permits from the stale side, so long after the cut: {late:?}");
    assert!(refusals > 0);
    let after = world.node.node("collator-1").rpc.finalised_number().await.unwrap();
    assert!(after > before + 5, "the side with the validators stood still: {before} to {after}");

    // Mended, it recovers by itself, and what was revoked meanwhile is never permitted again.
    namespace.heal().unwrap();
    let healed = Instant::now();
    while status(&world, &namespace, &by_stays).await != 200 {
        assert_ne!(status(&world, &namespace, &by_goes).await, 200, "permitted what was revoked");
        assert!(healed.elapsed() < PATIENCE, "no recovery:\n{}", node.log_text());
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    println!("recovered {} s after it was mended", healed.elapsed().as_secs());
    assert_eq!(status(&world, &namespace, &by_goes).await, 403);
    let goal = world.node.node("collator-1").rpc.finalised_number().await.unwrap();
    wait_far_finalised(&namespace, &mut node, goal).await;
}

/// Starts the handbook's node beyond the cable, where the others have another address.
fn start_beyond(world: &World<RelayNetwork>, namespace: &Namespace) -> Process {
    let folder = world.scratch.folder("beyond").unwrap();
    let variables = std::fs::read_to_string(world.node.folder().join("network.env")).unwrap();
    let variables = variables.replace("127.0.0.1", namespace.near_address());
    std::fs::write(folder.join("network.env"), variables).unwrap();
    let blocks = handbook::blocks("A third collator on a network of this machine").unwrap();
    let shell = handbook::shell(&blocks[0], &folder, &folder, &namespace.prefix()).unwrap();
    Process::start(&world.scratch, "beyond", shell).unwrap()
}

/// Waits until the node beyond the cable holds this block final.
async fn wait_far_finalised(namespace: &Namespace, node: &mut Process, goal: u64) {
    let started = Instant::now();
    loop {
        node.ensure_running().unwrap();
        let found = far_finalised(namespace).await;
        if found.as_ref().is_ok_and(|number| *number >= goal) {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "block {goal} does not come: {found:?}\n{}", node.log_text());
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

async fn far_finalised(namespace: &Namespace) -> anyhow::Result<u64> {
    let call = |method: &str, params: serde_json::Value| {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let headers = [("Content-Type", "application/json")];
        wire::request("POST", "/", FAR_NODE, &headers, body.as_bytes())
    };
    let head = namespace.send(FAR_NODE, &call("chain_getFinalizedHead", json!([]))).await?.json()?;
    let header = call("chain_getHeader", json!([head["result"]]));
    let header = namespace.send(FAR_NODE, &header).await?.json()?;
    let number = header["result"]["number"].as_str().unwrap_or_default().trim_start_matches("0x").to_owned();
    Ok(u64::from_str_radix(&number, 16)?)
}

/// The status of the answer to this, asked beyond the cable; 503 also where nobody listens.
async fn status(world: &World<RelayNetwork>, namespace: &Namespace, ask: &Ask) -> u16 {
    let signed = ask.sign(world).0;
    match namespace.send(&signed.address, &signed.bytes()).await {
        Ok(answer) => answer.status,
        Err(_) => 503,
    }
}

async fn until_permitted(world: &World<RelayNetwork>, namespace: &Namespace, ask: &Ask) {
    let started = Instant::now();
    loop {
        let status = status(world, namespace, ask).await;
        if status == 200 {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "{status} for {}", who(&ask.key));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn who(key: &KeyPair) -> String {
    key.account().to_string()
}
