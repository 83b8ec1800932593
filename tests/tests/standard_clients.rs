//! Clients of others, unmodified: each reads what was granted and nothing else.
//!
//! npm `fhirclient` goes through the whole SMART App Launch in Chromium (`js/smart.mjs`); npm `fhir-kit-client` (`js/kit.mjs`) and PyPI
//! `fhirpy` (`python/clients.py`) use the token that it got. What is redacted is valid all the same, say PyPI `fhir.resources` and npm
//! `@medplum/core` (`js/medplum.mjs`), the latter by HL7's own definitions.
#![allow(clippy::unwrap_used)]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use medrec_tests::{
    examples, js, ports,
    practice::{
        ask::Ask,
        people::{ANCIENT, IRON, PULSE, SUGAR, VIRUS},
        rules::Rule,
        World,
    },
    process,
};
use serde_json::{json, Value};

/// The Python that set-up gives the packages of `python/requirements.txt`.
fn python() -> PathBuf {
    let found = std::env::var_os("MEDREC_PYTHON").map(PathBuf::from).unwrap_or_else(|| {
        Path::new(&std::env::var_os("HOME").expect("HOME is set")).join(".cache/medrec/python/bin/python")
    });
    let has = Command::new(&found).args(["-c", "import fhirpy, fhir.resources"]).status();
    let has = has.is_ok_and(|status| status.success());
    assert!(has, "no fhirpy and fhir.resources for {}: run `scripts/setup`", found.display());
    found
}

fn chromium() -> &'static str {
    let found =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser"].into_iter().find(|path| Path::new(path).exists());
    found.expect("no chromium: run `scripts/setup`, or install Debian's `chromium`")
}

async fn script(folder: &Path, name: &str, asked: &Value) -> String {
    let said = js::run(folder, name, asked.clone()).await.unwrap();
    assert_eq!(said.trim_end().lines().last(), Some("done"), "{said}");
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn standard_clients_should_read_what_was_granted_and_nothing_else_when_unmodified() {
    let python = python();
    let port = ports::free_port().unwrap();
    let app = format!(
        "[{{ id = \"chart\", name = \"Growth chart\", redirect_uris = [\"http://127.0.0.1:{port}/\"] }}]"
    );
    let world = World::start("standard-clients", &['a'], &[("smart", "client", &app)]).await.unwrap();

    let scripts = world.scratch.folder("js").unwrap();
    let patient = world.admit_patient('a').await.unwrap();
    let stranger = world.admit_patient('a').await.unwrap();
    let doctor = "//Doctor//with a standard client";
    let key = medrec_client::KeyPair::from_suri(doctor, medrec_client::KeyType::Sr25519).unwrap();
    let terms = "patient/Observation.rs?category=laboratory&_elements=code,valueQuantity;purpose=TREAT";
    world.rule(&patient, &Rule::allow(&key, terms)).await.unwrap();
    // The gatekeeper may see the final block of the grant a moment after this program.
    Ask::search('a', &key, "Observation", patient.relationship).until(&world, 200).await.unwrap();

    let person = &patient.person;
    // Laboratory results without a label, code and value only.
    let mut values: Vec<f64> =
        [SUGAR, IRON, ANCIENT].iter().map(|code| person.result(code).value.parse().unwrap()).collect();
    values.sort_by(f64::total_cmp);
    let mut canaries = stranger.person.canaries();
    canaries.extend([
        person.surname.clone(),
        person.born.clone(),
        person.file_no.clone(),
        person.drug.clone(),
    ]);
    canaries.extend([person.result(SUGAR).remark.clone(), person.result(SUGAR).performer.clone()]);
    for hidden in [VIRUS, PULSE] {
        canaries.extend([person.result(hidden).name.clone(), person.result(hidden).value.clone()]);
    }
    // Codes of the hospital's are everybody's.
    canaries.retain(|canary| ![SUGAR, IRON, ANCIENT].contains(&canary.as_str()));
    let own = patient.relationship.to_string();
    let gatekeeper = world.practice('a').gatekeeper.url();
    let mut asked = json!({
        "gatekeeper": gatekeeper,
        "port": port,
        "chromiumPath": chromium(),
        "viewer": doctor,
        "patient": own,
        "purpose": "TREAT",
        "scope": "launch/patient openid fhirUser patient/*.rs",
        "refused": [
            format!("Patient/{own}"),
            format!("MedicationRequest?patient={own}"),
            format!("Observation?patient={}", stranger.relationship),
            format!("Patient/{}", stranger.relationship),
            format!("AuditEvent?patient={own}"),
        ],
        "canaries": canaries,
        "values": values,
        "token": Value::Null,
        "add": { "resourceType": "Observation", "status": "final", "code": { "text": "weight" } },
    });

    let said = script(&scripts, "smart.mjs", &asked).await;
    let token = said.lines().find(|line| line.starts_with("app.")).expect("the token that the app got");
    asked["token"] = token.into();
    script(&scripts, "kit.mjs", &asked).await;
    asked["definitions"] = examples::folder().unwrap().to_str().into();
    script(&scripts, "medplum.mjs", &asked).await;
    let mut command = Command::new(python);
    command.arg(medrec_tests::file("python/clients.py")).arg(asked.to_string());
    let said = tokio::task::spawn_blocking(move || process::run(&mut command)).await.unwrap().unwrap();
    assert_eq!(said.trim_end().lines().last(), Some("done"), "{said}");
}
