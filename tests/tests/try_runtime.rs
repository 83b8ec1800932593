//! `medrec-try-runtime` on the state of chains that are in use.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path, process::Command};

use medrec_client::chain::calls;
use medrec_primitives::MemberRole;
use medrec_tests::{
    binaries,
    node::NodeOptions,
    practice::{rules::Rule, World},
    process::run,
    scratch::Scratch,
    upgrade::{last_release, try_runtime, with_checks, LAST_RELEASE},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "wants a blob that ordinary builds leave out: MEDREC_WASM_CHECKS=1 scripts/test runs it"]
async fn try_runtime_should_find_all_well_when_the_chain_is_in_use() {
    let world = World::start("try-runtime", &['a'], &[]).await.unwrap();
    let patient = world.admit_patient('a').await.unwrap();
    let relative = world.key("relative");
    world.rule(&patient, &Rule::everything(&relative)).await.unwrap();
    let url = world.node.url();
    let snapshot = world.scratch.path().join("state.snap");
    let snapshot = snapshot.to_str().unwrap();
    let blob = with_checks().unwrap();

    let said = try_runtime(&blob, &["--url", &url, "--snapshot", snapshot]).unwrap();
    assert!(said.contains("All migrations and checks passed"), "{said}");
    assert!(said.contains("a rehearsal"), "the chain has this version already: {said}");
    let again = try_runtime(&blob, &["--snapshot", snapshot]).unwrap();
    let block = |said: &str| said.lines().find(|line| line.starts_with("State of block")).map(str::to_owned);
    assert!(block(&said).is_some() && block(&again) == block(&said), "it is the same block: {again}");

    // Code that cannot be tried is not taken for code that was.
    let plain = blob.with_file_name("medrec_runtime.compact.compressed.wasm");
    let refused = try_runtime(&plain, &["--snapshot", snapshot]).unwrap_err().to_string();
    assert!(refused.contains("MEDREC_WASM_CHECKS=1"), "{refused}");
    // Nor is a state that is not whole taken for one that is.
    let bytes = fs::read(snapshot).unwrap();
    fs::write(snapshot, &bytes[..bytes.len() / 2]).unwrap();
    assert!(try_runtime(&blob, &["--snapshot", snapshot]).is_err());
    let missing = try_runtime(Path::new("missing.wasm"), &["--url", &url]).unwrap_err().to_string();
    assert!(missing.contains("missing.wasm"), "{missing}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "wants a blob that ordinary builds leave out: MEDREC_WASM_CHECKS=1 scripts/test runs it"]
async fn try_runtime_should_migrate_over_several_blocks_when_the_chain_runs_the_last_release() {
    let scratch = Scratch::new("try-release").unwrap();
    let spec = scratch.join("last-release.json");
    let mut build = Command::new(binaries::binary(binaries::NODE).unwrap());
    build.args(["chain-spec-builder", "-c"]).arg(&spec).args(["create", "--runtime"]).arg(last_release());
    build.args(["-n", "Last release", "-i", "last_release", "-t", "development", "-p", "1000"]);
    run(build.args(["-c", "westend-local", "named-preset", "development"])).unwrap();
    let arguments = vec!["--chain".to_owned(), spec.to_str().unwrap().to_owned()];
    let options = NodeOptions { block_time_ms: 500, arguments, ..NodeOptions::default() };
    let world = World::start_on("try-release", &[], &[], scratch, options).await.unwrap();
    assert_eq!(world.chain.spec_version().await.unwrap(), LAST_RELEASE);

    // What the migration is about: collators as the last release registered them.
    let (_, institute) = world.member("Institute", MemberRole::Researcher).await.unwrap();
    for number in 0..3 {
        let collator = world.key(&format!("collator {number}")).account();
        world.submit(&calls::research::register_collator(&collator), &institute).await.unwrap();
    }
    let said = try_runtime(&with_checks().unwrap(), &["--url", &world.node.url()]).unwrap();
    assert!(said.contains(&format!("(spec_version {LAST_RELEASE})")), "{said}");
    assert!(said.contains("All migrations and checks passed") && !said.contains("a rehearsal"), "{said}");
}
