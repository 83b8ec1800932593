//! npm's `@polkadot/api`, unmodified, against `medrec-node --dev` and a gatekeeper: see `js/patient.mjs`.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use medrec_policy::terms::Terms;
use medrec_tests::{
    practice::{
        people::{SUGAR, VIRUS},
        World,
    },
    process,
};
use serde_json::json;

/// Where set-up installs the packages of `js/package.json`.
fn packages() -> PathBuf {
    let folder = std::env::var_os("MEDREC_NPM").map(PathBuf::from).unwrap_or_else(|| {
        Path::new(&std::env::var_os("HOME").expect("HOME is set")).join(".cache/medrec/npm")
    });
    let modules = folder.join("node_modules");
    assert!(
        modules.join("@polkadot/api").is_dir(),
        "no @polkadot/api in {}: run `scripts/setup`",
        modules.display()
    );
    modules
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polkadot_js_should_do_all_that_a_patient_does_when_unmodified_and_without_a_balance() {
    let world = World::start("polkadot-js", &['a'], &[]).await.unwrap();
    // Scripts find their packages beside themselves.
    let scripts = world.scratch.folder("js").unwrap();
    for name in ["patient.mjs", "sealing.mjs", "wallet.mjs"] {
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("js").join(name), scripts.join(name)).unwrap();
    }
    symlink(packages(), scripts.join("node_modules")).unwrap();

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
    let said = tokio::task::spawn_blocking(move || {
        process::run(Command::new("node").arg(scripts.join("patient.mjs")).arg(input.to_string()))
    });
    let said = said.await.unwrap().unwrap();
    print!("{said}");
    assert_eq!(said.lines().last(), Some("done"), "{said}");
}
