//! The verifier in JavaScript over the vectors that the one in Rust made.
#![allow(clippy::unwrap_used)]

use medrec_tests::verifier::run_verifier;
use serde_json::{json, Value};

#[tokio::test]
async fn javascript_verifier_should_say_what_the_one_in_rust_says() {
    let vectors: Value = serde_json::from_str(include_str!("../../proof/vectors/vectors.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let said = run_verifier(folder.path(), json!({ "vectors": vectors })).await.unwrap();
    assert_eq!(said.lines().last(), Some("done"), "{said}");
}
