//! Signals that a service manager sends to the program itself.
#![allow(clippy::unwrap_used)]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

#[path = "common/program.rs"]
mod program;

use program::{program, run};

const MAPPING: &str =
    "version = 1\n[[resource]]\ntype = \"Patient\"\ntable = \"patient\"\nkey = \"mrn\"\npatient = \"mrn\"\n\
                       [resource.elements]\nactive = true\n";

fn send(signal: &str, to: &Child) {
    assert!(Command::new("kill").args([signal, &to.id().to_string()]).status().unwrap().success());
}

/// `systemctl reload` of a gatekeeper behind a proxy must not end it, whatever it is at; `systemctl stop` must.
#[test]
fn program_should_go_on_when_it_is_hung_up_on_and_end_well_when_it_is_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let init = "init --dir . --public-url https://gate.example.org --node ws://127.0.0.1:1 --database sqlite:hospital.sqlite";
    let (done, said) = run(folder.path(), &init.split(' ').collect::<Vec<_>>());
    assert!(done, "{said}");
    std::fs::write(folder.path().join("hospital.sqlite"), "").unwrap();
    std::fs::write(folder.path().join("mapping.toml"), MAPPING).unwrap();
    let mut serving = program(folder.path(), &["serve"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut messages = BufReader::new(serving.stderr.take().unwrap()).lines().map_while(Result::ok);
    let waits = |line: String| line.contains("waiting for the node");
    assert!(messages.by_ref().any(waits));
    send("-HUP", &serving);
    // It says so again: it is still there.
    assert!(messages.any(waits), "it is gone");
    send("-TERM", &serving);
    assert!(serving.wait().unwrap().success());
}
