//! Newcomers.

use medrec_tests::{
    ports,
    process::{run, Process},
    relay::{handbook, RelayNetwork, PATIENCE},
    rpc::Rpc,
    scratch::Scratch,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "starts a relay chain: scripts/network test"]
async fn third_collator_should_make_blocks_when_the_handbook_is_followed() {
    let scratch = Scratch::new("joining").unwrap();
    let network = RelayNetwork::start(&scratch, "small").await.unwrap();
    let folder = scratch.folder("third").unwrap();
    let blocks = handbook::blocks("A third collator on a network of this machine").unwrap();
    let [start, join] = &blocks[..] else { panic!("{blocks:#?}") };

    // It comes to what the others hold final: the relay chain by warp sync, the parachain from its first block.
    let shell = handbook::shell(start, &folder, network.folder(), &[]).unwrap();
    let mut node = Process::start(&scratch, "third", shell).unwrap();
    let third = Rpc::new("127.0.0.1:9954");
    let others = &network.node("collator-1").rpc;
    let goal = others.finalised_number().await.unwrap();
    third.wait_finalised(goal, PATIENCE).await.unwrap();
    assert_eq!(third.hash(goal).await.unwrap(), others.hash(goal).await.unwrap());
    node.ensure_running().unwrap();

    // Session keys, and the vote.
    let said = tokio::task::block_in_place(|| {
        run(&mut handbook::shell(join, &folder, network.folder(), &[]).unwrap())
    });
    println!("{}", said.unwrap());

    // Its turn comes with the session after the next; what it makes becomes final.
    // Blocks tell session keys: the others' are their accounts', the newcomer's is a new one.
    let known: Vec<_> = network.collators().map(|node| node.account().unwrap()).collect();
    let mut number = others.finalised_number().await.unwrap();
    let most = number + 120;
    loop {
        number += 1;
        assert!(number < most, "no block of the third collator among 120");
        others.wait_finalised(number, PATIENCE).await.unwrap();
        if !known.contains(&others.author(number).await.unwrap()) {
            break;
        }
    }
    println!("block {number} is the newcomer's");
    assert!(node.log_text().contains("Prepared block for proposing"));
    node.stop().unwrap();
    // Ports of the handbook are its own, and free again.
    assert_eq!(ports::port_or_free(9954).unwrap(), 9954);
}
