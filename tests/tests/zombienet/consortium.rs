//! Three providers and a researcher, each with a collator; the providers with a gatekeeper each, on its own collator.

use std::collections::BTreeSet;

use medrec_client::chain::{calls, Chain, Wait};
use medrec_primitives::{DecisionSummary, MemberRole, MemberStatus, StaffRole, Viewer};
use medrec_tests::{
    practice::{ask::Ask, rules::Rule, wall_clock, World},
    relay::{RelayNetwork, PATIENCE},
    scratch::Scratch,
};

/// How long colleagues are on the staff (ms).
const DAY: u64 = 24 * 60 * 60 * 1_000;

/// The collators on which the three gatekeepers stand.
const PROVIDERS: [(char, &str); 3] = [('a', "provider-1"), ('b', "provider-2"), ('c', "provider-3")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "starts a relay chain: scripts/network test"]
async fn consortium_should_agree_admit_and_credit_when_each_member_has_its_own_node() {
    let scratch = Scratch::new("consortium").unwrap();
    let network = RelayNetwork::start(&scratch, "consortium").await.unwrap();
    let urls = PROVIDERS.map(|(letter, node)| (letter, network.node(node).rpc.url()));
    let collator = network.node("researcher").key().unwrap();
    let collators: BTreeSet<_> = network.collators().map(|node| node.account().unwrap()).collect();
    let mut world = World::on_node("consortium", network, &urls[0].1, scratch).await.unwrap();

    // Two providers are members from the start. The researcher's collator is approved, and earns from now on.
    let at = |n: usize| (urls[n].0, urls[n].1.as_str());
    world.open_practices(&[at(0), at(1)], &[]).await.unwrap();
    let (institute, institute_key) = world.member("Institute", MemberRole::Researcher).await.unwrap();
    let account = collator.account();
    world.fund(&account).await.unwrap();
    world.submit(&calls::research::register_collator(&account), &institute_key).await.unwrap();
    world.submit(&calls::research::accept_researcher(institute), &collator).await.unwrap();
    world.council_carries(calls::research::approve_collator(&account)).await.unwrap();

    // The third applies and is voted in while all of it runs.
    let third = world.apply_for_practice('c', at(2).1, &[]).await.unwrap();
    let found = world.chain.finalised().await.unwrap().member(third).await.unwrap().unwrap();
    assert_eq!(found.status, MemberStatus::Applied);
    world.council_carries(calls::registry::admit(third)).await.unwrap();
    world.practice_mut('c').gatekeeper.start().await.unwrap();
    // Each keeps its records in another kind of database; the first in a file.
    let _servers = (world.move_to_postgres('b').await.unwrap(), world.move_to_mariadb('c').await.unwrap());
    let found = world.chain.finalised().await.unwrap().member(third).await.unwrap().unwrap();
    assert_eq!(found.status, MemberStatus::Active);

    gatekeepers_agree(&world, &urls.map(|(_, url)| url)).await;

    // All four make blocks.
    let rpc = &world.node.node("provider-1").rpc;
    let last = rpc.finalised_number().await.unwrap();
    let mut authors = BTreeSet::new();
    for number in last.saturating_sub(12)..=last {
        authors.insert(rpc.author(number).await.unwrap());
    }
    assert_eq!(authors, collators);

    // An era of five minutes after the approval, its blocks have become credits.
    let started = std::time::Instant::now();
    loop {
        let earnings = world.chain.finalised().await.unwrap().earnings(institute).await.unwrap();
        if earnings.spendable > 0 {
            println!("the researcher may spend {} credits", earnings.spendable);
            break;
        }
        assert!(started.elapsed() < PATIENCE, "no credits: {earnings:?}");
        tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    }
}

/// Each practice's gatekeeper, on its own node, says of everybody what every node's runtime says: about another provider's staff, who came
/// to the chain through another node, as about its own.
async fn gatekeepers_agree(world: &World<RelayNetwork>, urls: &[String; 3]) {
    let mut chains = Vec::new();
    for url in urls {
        chains.push(Chain::connect(url).await.unwrap());
    }
    let letters = PROVIDERS.map(|(letter, _)| letter);
    let mut askers = vec![("a stranger", world.key("stranger")), ("a relative", world.key("relative"))];
    for letter in letters {
        let practice = world.practice(letter);
        let words = format!("clinician of {letter}");
        let until = wall_clock() + DAY;
        let colleague =
            world.hire(practice.member, &practice.key, &words, StaffRole::Clinician, until).await.unwrap();
        askers.push(("a clinician", colleague.key));
    }
    let relative = world.key("relative");
    let mut outcomes = BTreeSet::new();
    let mut first = None;
    for (index, letter) in letters.into_iter().enumerate() {
        // Each lets the next practice's clinicians read, except that the relative is denied at every second.
        let patient = world.admit_patient(letter).await.unwrap();
        let next = world.practice(letters[(index + 1) % letters.len()]).member;
        world.rule(&patient, &Rule::everything(Viewer::Member(next))).await.unwrap();
        let grant = world.rule(&patient, &Rule::everything(&relative)).await.unwrap();
        if index % 2 == 1 {
            world.rule(&patient, &Rule::deny_everything(&relative)).await.unwrap();
        }
        // What the practice's own node holds final, its gatekeeper goes by.
        let last = world.node.node(PROVIDERS[0].1).rpc.finalised_number().await.unwrap();
        for (_, node) in PROVIDERS {
            world.node.node(node).rpc.wait_finalised(last, PATIENCE).await.unwrap();
        }
        let own = world.practice(letter);
        for (who, key) in &askers {
            let mut said = BTreeSet::new();
            for chain in &chains {
                let state = chain.finalised().await.unwrap();
                let summary = state.may_read(patient.relationship, &key.account()).await.unwrap();
                said.insert(format!("{summary:?}"));
            }
            let state = chains[index].finalised().await.unwrap();
            let summary = state.may_read(patient.relationship, &key.account()).await.unwrap();
            assert_eq!(said.len(), 1, "{who} at {}: {said:?}", own.letter);
            let permitted = match summary {
                DecisionSummary::Permit => 200,
                DecisionSummary::Deny(_) => 403,
                DecisionSummary::NeedsOpening => panic!("no terms are sealed here"),
            };
            let ask = Ask::search(letter, key, "Observation", patient.relationship);
            // The gatekeeper may be a moment behind its node.
            ask.until(world, permitted).await.unwrap();
            assert_eq!(ask.send(world).await.unwrap().status, permitted, "{who} at {letter}");
            outcomes.insert(permitted);
        }
        first.get_or_insert((patient, grant));
    }
    assert_eq!(outcomes, [200, 403].into(), "not vacuous");

    // What is taken back through the third node, the first one's gatekeeper refuses.
    let (patient, grant) = first.unwrap();
    let by_relative = Ask::search('a', &relative, "Observation", patient.relationship);
    assert_eq!(by_relative.send(world).await.unwrap().status, 200);
    let call = calls::permissions::revoke(patient.relationship, grant);
    chains[2].submit(&call, &patient.key, Wait::Finalised).await.unwrap();
    by_relative.until(world, 403).await.unwrap();
}
