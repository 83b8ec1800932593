//! npm's `@polkadot/api`, unmodified, against `medrec-node --dev` and a gatekeeper: see `js/patient.mjs`.
#![allow(clippy::unwrap_used)]

use medrec_policy::terms::Terms;
use medrec_tests::{
    js,
    practice::{
        people::{SUGAR, VIRUS},
        World,
    },
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polkadot_js_should_do_all_that_a_patient_does_when_unmodified_and_without_a_balance() {
    let world = World::start("polkadot-js", &['a'], &[]).await.unwrap();
    let scripts = world.scratch.folder("js").unwrap();
    for imported in ["sealing.mjs", "wallet.mjs"] {
        js::copy(&scripts, imported).unwrap();
    }

    let practice = world.practice('a');
    let person = &practice.people[0];
    let ticket = practice.gatekeeper.ticket(&person.file_no).unwrap();
    let terms: Terms =
        "patient/Observation.rs?category=laboratory&_elements=code,valueQuantity;purpose=TREAT"
            .parse()
            .unwrap();
    // What the doctor must not see: everything but code and value of the laboratory results without a label.
    let mut canaries =
        vec![person.surname.clone(), person.born.clone(), person.file_no.clone(), person.drug.clone()];
    canaries.extend([person.result(SUGAR).remark.clone(), person.result(SUGAR).performer.clone()]);
    canaries.extend(person.result(VIRUS).canaries());
    let input = json!({
        "node": world.node.url(),
        "gatekeeper": practice.gatekeeper.url(),
        "member": practice.member,
        "ticket": ticket.secret.expose_hex(),
        "doctor": "//Doctor//of the browser",
        "terms": format!("0x{}", hex::encode(terms.pack().unwrap())),
        "canaries": canaries,
    });
    let said = js::run(&scripts, "patient.mjs", input).await.unwrap();
    print!("{said}");
    assert_eq!(said.lines().last(), Some("done"), "{said}");
}
