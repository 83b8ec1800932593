//! The verifier of proofs in JavaScript, in Node.js.

use std::{fs, path::Path};

use anyhow::Result;
use serde_json::Value;

use crate::js;

/// Runs `js/proof.mjs` with this input, in a folder of its own, and gives what it said.
pub async fn run_verifier(folder: &Path, input: Value) -> Result<String> {
    // The script finds the verifier beside itself.
    let proof = folder.join("proof");
    fs::create_dir_all(&proof)?;
    for name in ["index.js", "package.json"] {
        fs::copy(crate::checkout().join("proof/js").join(name), proof.join(name))?;
    }
    js::run(folder, "proof.mjs", input).await
}
