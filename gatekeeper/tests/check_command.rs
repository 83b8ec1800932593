//! What `check` says of the files around a gatekeeper, by the program itself.
#![allow(clippy::unwrap_used)]

use std::{fs::Permissions, os::unix::fs::PermissionsExt, path::Path, process::Command};

#[path = "common/program.rs"]
mod program;

use program::run;

/// A folder as `init` leaves it, but for its patience with databases that do not answer.
fn made(database: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let init = "init --dir . --public-url https://gate.example.org:8443 --node ws://127.0.0.1:1 --database";
    let (done, said) = run(folder.path(), &init.split(' ').chain([database]).collect::<Vec<_>>());
    assert!(done, "{said}");
    let path = folder.path().join("gatekeeper.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, text.replace("timeout_ms = 5000", "timeout_ms = 100")).unwrap();
    folder
}

#[test]
fn check_should_fail_when_others_can_read_the_databases_password() {
    const WORDS: &str = "holds the database's password and can be read by others";
    for (database, secret) in [
        ("postgres://reader:hunter2@127.0.0.1:1/hospital", true),
        ("postgres:///hospital?host=/nowhere&user=reader&password=hunter2", true),
        ("postgres://reader@127.0.0.1:1/hospital", false),
    ] {
        let folder = made(database);
        let config = folder.path().join("gatekeeper.toml");
        assert!(!run(folder.path(), &["check"]).1.contains(WORDS), "{database}: it is its owner's alone");
        std::fs::set_permissions(&config, Permissions::from_mode(0o640)).unwrap();
        let (_, said) = run(folder.path(), &["check"]);
        assert_eq!(said.contains(WORDS), secret, "{database}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn check_should_note_when_old_blocks_would_count() {
    const WORDS: &str = "note  chain.max_clock_gap_ms lets clocks differ by 86400 s";
    let folder = made("sqlite:hospital.sqlite");
    assert!(!run(folder.path(), &["check"]).1.contains(WORDS));
    let path = folder.path().join("gatekeeper.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("max_clock_gap_ms = 30000", "max_clock_gap_ms = 86400000")).unwrap();
    let (_, said) = run(folder.path(), &["check"]);
    assert!(said.contains(WORDS), "{said}");
}

fn openssl(folder: &Path, host: &str, days: &str) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-subj", "/CN=gate", "-addext", &format!("subjectAltName=DNS:{host}"), "-days", days])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "tls.key", "-out", "tls.pem"])
        .current_dir(folder)
        .output()
        .expect("openssl is missing: run scripts/setup");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::set_permissions(folder.join("tls.key"), Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn check_should_judge_the_certificate_as_clients_do() {
    let folder = made("sqlite:hospital.sqlite");
    let path = folder.path().join("gatekeeper.toml");
    let plain = std::fs::read_to_string(&path).unwrap();
    let tls = "\n[tls]\ncertificate = \"tls.pem\"\nkey = \"tls.key\"\n";
    let proxied = plain.replace("behind_proxy = false", "behind_proxy = true");
    for (config, host, days, words) in [
        (&plain, "gate.example.org", "90", "ok    the TLS certificate is one for gate.example.org"),
        (&plain, "gate.example.org", "3", "note  renew the TLS certificate: in 14 days"),
        (&plain, "a.internal", "90", "FAIL  clients of gate.example.org will not take the TLS certificate"),
        (
            &proxied,
            "a.internal",
            "90",
            "note  clients of gate.example.org would not take the TLS certificate",
        ),
    ] {
        openssl(folder.path(), host, days);
        std::fs::write(&path, format!("{config}{tls}")).unwrap();
        let (_, said) = run(folder.path(), &["check"]);
        assert!(said.contains(words), "{host} {days}: {said}");
    }
}
