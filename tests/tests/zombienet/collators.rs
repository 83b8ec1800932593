//! Blocks, and who makes them.

use std::collections::BTreeSet;

use medrec_primitives::AccountId;
use medrec_tests::{
    relay::{RelayNetwork, PATIENCE},
    scratch::Scratch,
};

/// How many final blocks are looked at.
const BLOCKS: u64 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "starts a relay chain: scripts/network test"]
async fn collators_should_take_turns_when_one_was_killed_and_started_again() {
    let scratch = Scratch::new("collators").unwrap();
    let mut network = RelayNetwork::start(&scratch, "small").await.unwrap();
    let first = network.node("collator-1").account().unwrap();
    let second = network.node("collator-2").account().unwrap();

    // Validators finalise the blocks of both.
    let authors = next_authors(&network, "collator-1").await;
    assert!(authors.contains(&first) && authors.contains(&second), "{authors:?}");
    agree(&network).await;

    // One goes on alone.
    let line = network.command_line("collator-2").unwrap();
    network.kill("collator-2").unwrap();
    let best = network.node("collator-1").rpc.best_number().await.unwrap();
    network.node("collator-1").rpc.wait_finalised(best + 2, PATIENCE).await.unwrap();
    let authors = next_authors(&network, "collator-1").await;
    assert_eq!(authors, [first.clone()].into());

    // The other takes part again, on the database that it had.
    network.start_again("collator-2", &line).unwrap();
    let mut authors = BTreeSet::new();
    while !authors.contains(&second) {
        authors = next_authors(&network, "collator-1").await;
    }
    assert!(authors.contains(&first));
    agree(&network).await;
}

/// Who made the next final blocks.
async fn next_authors(network: &RelayNetwork, name: &str) -> BTreeSet<AccountId> {
    let rpc = &network.node(name).rpc;
    let from = rpc.finalised_number().await.unwrap() + 1;
    rpc.wait_finalised(from + BLOCKS - 1, PATIENCE).await.unwrap();
    let mut authors = BTreeSet::new();
    for number in from..from + BLOCKS {
        authors.insert(rpc.author(number).await.unwrap());
    }
    println!("blocks {from} to {}: {} collators", from + BLOCKS - 1, authors.len());
    authors
}

/// Both collators hold the same chain final.
async fn agree(network: &RelayNetwork) {
    let goal = network.node("collator-1").rpc.finalised_number().await.unwrap();
    let mut hashes = BTreeSet::new();
    for collator in network.collators() {
        collator.rpc.wait_finalised(goal, PATIENCE).await.unwrap();
        hashes.insert(collator.rpc.hash(goal).await.unwrap().unwrap());
    }
    assert_eq!(hashes.len(), 1, "block {goal}: {hashes:?}");
}
