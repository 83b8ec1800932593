// MedRec node. Copyright (C) the MedRec authors.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// This program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public
// License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any later
// version. It is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied
// warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU General Public License for more details.

//! The node from outside: its chain specs, and a chain of its own.
#![allow(clippy::unwrap_used)]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::{json, Value};

/// The program under test.
const NODE: &str = env!("CARGO_BIN_EXE_medrec-node");

fn run(arguments: &[&str]) -> Output {
    Command::new(NODE).args(arguments).output().unwrap()
}

/// What the program prints, which must succeed.
fn printed(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn chain_spec(chain: &str) -> Value {
    serde_json::from_str(&printed(&["export-chain-spec", "--chain", chain])).unwrap()
}

#[test]
fn chain_specs_should_say_what_wallets_need() {
    for (chain, id, kind) in [("dev", "medrec_dev", "Development"), ("local", "medrec_local", "Local")] {
        let spec = chain_spec(chain);
        assert_eq!(spec["id"], id);
        assert_eq!(spec["chainType"], kind);
        assert_eq!(spec["properties"]["tokenSymbol"], "MDR");
        assert_eq!(spec["properties"]["tokenDecimals"], 12);
        assert_eq!(spec["properties"]["ss58Format"], 42);
        assert_eq!(spec["para_id"], 1000);
        assert_eq!(spec["relay_chain"], "rococo-local");
    }
}

#[test]
fn genesis_should_be_the_same_when_read_from_the_exported_file() {
    let folder = tempfile::tempdir().unwrap();
    let named = printed(&["export-genesis-head", "--chain", "local"]);
    for raw in [&[][..], &["--raw"]] {
        let file = folder.path().join(format!("spec{}.json", raw.len()));
        let file = file.to_str().unwrap();
        printed(&[&["export-chain-spec", "--chain", "local", "--output", file], raw].concat());
        assert_eq!(printed(&["export-genesis-head", "--chain", file]), named);
    }
}

/// `dev` builds its genesis natively, and must not differ from what the blob builds.
#[test]
fn development_genesis_should_be_the_one_that_the_blob_builds() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (blob, spec) = (path("blob.wasm"), path("spec.json"));
    printed(&["export-genesis-wasm", "--chain", "dev", "--raw", &blob]);
    let create = ["create", "--relay-chain", "rococo-local", "--para-id", "1000", "--runtime", &blob];
    printed(
        &[&["chain-spec-builder", "--chain-spec-path", &spec], &create[..], &["named-preset", "development"]]
            .concat(),
    );
    assert_eq!(
        printed(&["export-genesis-head", "--chain", &spec]),
        printed(&["export-genesis-head", "--chain", "dev"])
    );
}

#[test]
fn node_should_say_what_to_do_when_no_chain_is_named() {
    let output = run(&["export-genesis-head"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--chain local"));
}

/// A development node, ended when dropped.
struct Node {
    process: Child,
    port: u16,
}

impl Node {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(NODE)
            .args(["--dev", "--tmp", "--dev-block-time", "500", "--no-prometheus"])
            .args(["--no-hardware-benchmarks", "--no-mdns", "--port", "0", "--rpc-port", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { process, port }
    }

    /// The result of a JSON-RPC call, or `None` while the node does not answer.
    fn call(&self, method: &str, parameters: Value) -> Option<Value> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters }).to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let answer: Value = serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()?;
        answer.get("result").cloned()
    }

    /// The number of the last finalised block.
    fn finalised(&self) -> Option<u64> {
        let hash = self.call("chain_getFinalizedHead", json!([]))?;
        let header = self.call("chain_getHeader", json!([hash]))?;
        u64::from_str_radix(header["number"].as_str()?.strip_prefix("0x")?, 16).ok()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn development_node_should_finalise_blocks_and_answer_our_api() {
    let node = Node::start();
    let deadline = Instant::now() + Duration::from_secs(300);
    while node.finalised().unwrap_or(0) < 3 {
        assert!(Instant::now() < deadline, "no third finalised block within five minutes");
        std::thread::sleep(Duration::from_millis(200));
    }
    // No members yet: an empty list. From 0, ten at most.
    let members = node.call("state_call", json!(["MedRecApi_members", "0x000000000a000000"]));
    assert_eq!(members, Some(json!("0x00")));
    assert_eq!(node.call("system_chain", json!([])), Some(json!("MedRec Development")));
}
