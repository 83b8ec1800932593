//! An emergency while the node is away: read by a card, queued, and broken on chain once it is back.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use medrec_client::{
    emergency::EmergencyCard,
    gatekeeper::{Access, Gatekeeper},
};
use medrec_policy::purpose::Purpose;
use medrec_primitives::StaffRole;
use medrec_tests::{
    node::NodeOptions,
    practice::{eventually, wall_clock, World},
    scratch::Scratch,
};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn emergency_should_be_read_without_the_node_and_reach_the_chain_once() {
    let settings = [
        ("chain", "max_finality_age_ms", "4000"),
        // The role takes a day to start: the chain begins that far behind.
        ("chain", "max_clock_gap_ms", "259200000"),
    ];
    let options = NodeOptions { block_time_ms: 500, behind: 26 * HOUR, ..NodeOptions::default() };
    let mut world = World::start_on("offline", &['a'], &settings, Scratch::new("offline").unwrap(), options)
        .await
        .unwrap();
    let patient = world.admit_patient('a').await.unwrap();
    let (member, key) = (world.practice('a').member, world.practice('a').key.clone());
    let until = wall_clock() + 30 * 24 * 3_600_000;
    let doctor = world.hire(member, &key, "emergency", StaffRole::Emergency, until).await.unwrap();
    world.pass_time(26 * HOUR).await.unwrap();

    let state = world.chain.finalised().await.unwrap();
    let known = Gatekeeper::of_member(&state, world.chain.genesis(), member).await.unwrap();
    // What the patient carries, as text.
    let card: EmergencyCard = known.card(patient.relationship).to_string().parse().unwrap();
    let gatekeeper = Gatekeeper::of_card(&card).unwrap();
    let reason = [7; 32];
    let early = gatekeeper.break_glass(&doctor.key, card.relationship, &reason).await.unwrap_err();
    assert!(early.to_string().contains("the chain can be reached"), "{early}");
    // The block with the hiring is read by now, and some after it.
    world.node.wait_blocks(4).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;

    world.node.stop().unwrap();
    let broken = eventually("the glass breaks", || async {
        Ok(gatekeeper
            .break_glass(&doctor.key, card.relationship, &reason)
            .await
            .map_err(|error| error.to_string()))
    })
    .await
    .unwrap();
    assert!(broken.types.contains(&"MedicationRequest".to_owned()));
    let read = async |resource_type: &str| {
        let access = Access::Signed { key: &doctor.key, purpose: Purpose::EmergencyTreatment };
        let target = Gatekeeper::search_target(resource_type, card.relationship, &[]);
        gatekeeper.get(&access, &target).await.map(|answer| String::from_utf8(answer.body).unwrap())
    };
    assert!(read("MedicationRequest").await.unwrap().contains(&patient.person.drug));
    assert!(read("Observation").await.is_err(), "no part of the summary");

    // Gone before it could submit anything.
    world.practice_mut('a').gatekeeper.kill().unwrap();
    world.node.start_again().await.unwrap();
    world.chain = medrec_client::chain::Chain::connect(&world.node.url()).await.unwrap();
    world.practice_mut('a').gatekeeper.start().await.unwrap();
    let glasses = eventually("the break is on chain", || async {
        let glasses = world.chain.finalised().await?.glasses(card.relationship).await?;
        Ok(if glasses.is_empty() { Err("none yet".into()) } else { Ok(glasses) })
    })
    .await
    .unwrap();
    assert_eq!((glasses.len(), glasses[0].staff), (1, doctor.id));
    world.node.wait_blocks(8).await.unwrap();
    let glasses = world.chain.finalised().await.unwrap().glasses(card.relationship).await.unwrap();
    assert_eq!(glasses.len(), 1, "once");
    // The patient is told of both: that it was broken without the chain, and on it.
    let told = eventually("the patient is told", || async {
        let access = Access::Signed { key: &patient.key, purpose: Purpose::PatientRequest };
        let page = gatekeeper.notices(&access, Some(card.relationship), None).await?;
        let broken: Vec<_> = page
            .notices
            .into_iter()
            .filter(|notice| notice.kind == "glass-broken")
            .map(|notice| notice.details.outcome)
            .collect();
        Ok(if broken.len() == 2 { Ok(broken) } else { Err(format!("{broken:?}")) })
    })
    .await
    .unwrap();
    assert_eq!(told, [Some("offline".to_owned()), None]);
}
