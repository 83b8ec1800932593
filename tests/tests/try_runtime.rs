//! `medrec-try-runtime` on the state of a chain that is in use.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use medrec_tests::{
    practice::{rules::Rule, World},
    upgrade::{try_runtime, with_checks},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "wants a blob that ordinary builds leave out: MEDREC_WASM_CHECKS=1; .ci/run runs it"]
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
