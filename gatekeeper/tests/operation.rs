//! What operators rely on: the example configuration, metrics, alerts, readiness, an orderly stop.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeSet,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};

use axum::{
    body::{to_bytes, Body},
    http::Request,
};
use medrec_gatekeeper::{cli::serve::continue_or_invalidate, config::Config, http, metrics};
use sqlx::SqlitePool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tower::ServiceExt;

mod common;
use common::{person, Fixture, START};
use medrec_policy::Purpose;

/// The file that `init` writes, before its values are filled in.
const TEMPLATE: &str = include_str!("../src/cli/gatekeeper.toml.in");

/// The file with every key set, also those that stand as comments.
fn example() -> String {
    let filled = [
        ("{public_url}", "\"https://gate.example.org\""),
        ("{listen}", "\"127.0.0.1:8080\""),
        ("{member}", "# member = 0"),
        ("{node}", "\"ws://127.0.0.1:9944\""),
        ("{gap}", "30000"),
        ("{database}", "\"postgres://reader@db/hospital\""),
        ("{mapping}", "\"mapping.toml\""),
    ]
    .into_iter()
    .fold(TEMPLATE.to_owned(), |text, (from, to)| text.replace(from, to));
    let is_setting = |line: &str| {
        line.starts_with('[')
            || line.split_once(" = ").is_some_and(|(key, _)| {
                !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            })
    };
    let uncommented = filled.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if is_setting(rest) => rest,
        _ => line,
    });
    uncommented.collect::<Vec<_>>().join("\n")
}

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(text, Path::new("/etc/medrec/gatekeeper.toml")).map_err(|error| error.to_string())
}

/// The names that would have been accepted where one is not.
fn expected(error: &str) -> BTreeSet<String> {
    let (_, names) =
        error.split_once("expected one of ").or_else(|| error.split_once("expected ")).unwrap_or_else(|| {
            panic!("no names in {error}");
        });
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn example_should_load_when_every_key_in_it_is_set() {
    let config = parse(&example()).unwrap();
    assert!(config.tls.is_some() && config.metrics.is_some() && config.requests.is_some());
    assert!(
        config.gatekeeper.member.is_some() && config.store.marker.is_some() && config.chain.genesis.is_some()
    );
}

#[test]
fn example_should_have_every_key_that_the_configuration_takes() {
    let example = example();
    let sections = expected(&parse(&format!("nothing_of_ours = 1\n{example}")).unwrap_err());
    assert!(sections.len() > 8, "{sections:?}");
    let table: toml::Table = example.parse().unwrap();
    for section in &sections {
        let there = table.get(section).unwrap_or_else(|| panic!("[{section}] is not in the example"));
        let head = format!("\n[{section}]\n");
        let error = parse(&example.replace(&head, &format!("{head}nothing_of_ours = 1\n"))).unwrap_err();
        let keys = expected(&error);
        for key in &keys {
            assert!(there.get(key).is_some(), "{section}.{key} is not in the example");
        }
        assert_eq!(there.as_table().unwrap().len(), keys.len(), "[{section}] has what is not a key");
    }
    assert_eq!(table.len(), sections.len());
}

#[test]
fn example_should_explain_every_key() {
    let lines: Vec<&str> = TEMPLATE.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let is_key = line.split_once(" = ").is_some_and(|(key, _)| {
            let key = key.trim_start_matches("# ");
            key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        });
        // Two keys may share the words above them.
        let above =
            |steps: usize| index.checked_sub(steps).and_then(|above| lines.get(above)).copied().unwrap_or("");
        let explained =
            [above(1), above(2)].iter().any(|above| above.starts_with("# ") && !above.contains(" = "));
        assert!(!is_key || explained, "{line} is not explained");
    }
}

/// `promtool`, with something to read.
fn promtool(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new("promtool")
        .args(arguments)
        .current_dir("../packaging")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is missing (Debian package prometheus): run scripts/setup");
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn alerts_should_fire_when_something_is_wrong_and_only_then() {
    for arguments in [
        ["check", "rules", "medrec-gatekeeper.rules.yml"],
        ["test", "rules", "medrec-gatekeeper.rules.test.yml"],
    ] {
        let done = promtool(&arguments, b"");
        let said =
            String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{arguments:?}: {said}");
    }
}

async fn metrics_of(fixture: &Fixture) -> String {
    let router = metrics::router(fixture.gatekeeper.clone());
    let response = router.oneshot(Request::get("/metrics").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

/// The value of a series.
fn value(metrics: &str, series: &str) -> f64 {
    let line =
        metrics.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')));
    let line = line.unwrap_or_else(|| panic!("{series} is not in {metrics}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn metrics_should_count_by_outcome_and_name_nobody_when_requests_were_answered() {
    let fixture = Fixture::new().await;
    let patient = fixture.enrol(&person("Alice"), "A-1").await;
    let doctor = person("Doctor");
    fixture.grant(patient, &doctor, "patient/Observation.rs;purpose=TREAT");
    let search = format!("/fhir/Observation?patient={patient}");
    for (asker, status) in [("Doctor", 200), ("Doctor", 200), ("Stranger", 403)] {
        assert_eq!(fixture.get_signed(&person(asker), Purpose::Treatment, &search).await.0, status);
    }
    let text = metrics_of(&fixture).await;
    let decisions =
        |outcome: &str| value(&text, &format!("medrec_gatekeeper_decisions_total{{outcome=\"{outcome}\"}}"));
    assert_eq!((decisions("permitted"), decisions("denied"), decisions("failed")), (2.0, 1.0, 0.0));
    assert_eq!(value(&text, "medrec_gatekeeper_decision_seconds_count"), 3.0);
    assert!(value(&text, "medrec_gatekeeper_log_commit_seconds_count") >= 1.0);
    assert_eq!(value(&text, "medrec_gatekeeper_ready"), 1.0);
    assert_eq!(value(&text, "medrec_gatekeeper_log_queue"), 0.0);
    assert_eq!(value(&text, "medrec_gatekeeper_pool_connections_max{pool=\"store\"}"), 5.0);
    let done = promtool(&["check", "metrics"], text.as_bytes());
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{said}");
    for private in [patient.to_string(), "5".repeat(5), "Observation".into(), "TREAT".into(), "A-1".into()] {
        assert!(!text.contains(&private), "{private} in {text}");
    }
    let account = sp_core::crypto::Ss58Codec::to_ss58check(&doctor.account());
    assert!(!text.contains(&account));
}

#[tokio::test]
async fn metrics_should_tell_that_the_chain_is_old_when_it_stands_still() {
    let fixture = Fixture::new().await;
    fixture.time.advance(61_000);
    let text = metrics_of(&fixture).await;
    assert_eq!(value(&text, "medrec_gatekeeper_ready"), 0.0);
    assert_eq!(value(&text, "medrec_gatekeeper_chain_known"), 1.0);
    assert!(value(&text, "medrec_gatekeeper_chain_finality_age_seconds") >= 61.0);
}

#[tokio::test]
async fn ready_should_say_no_and_why_when_something_that_is_needed_is_gone() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.gatekeeper.ready().await, Ok(()));
    fixture.store.close().await;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert!(fixture.gatekeeper.ready().await.unwrap_err().contains("log"));
    let fixture = Fixture::new().await;
    fixture.time.set_wall(START + 3_600_000);
    assert!(fixture.gatekeeper.ready().await.unwrap_err().contains("clock"));
    let fixture = Fixture::new().await;
    fixture.gatekeeper.about_to_stop();
    assert!(fixture.gatekeeper.ready().await.unwrap_err().contains("stop"));
}

#[tokio::test]
async fn request_should_be_answered_when_it_is_on_its_way_as_the_gatekeeper_stops() {
    let fixture = Fixture::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stopped = async move { drop(stopped.await) };
    let served = tokio::spawn(http::serve(listener, None, fixture.gatekeeper.clone(), None, stopped));
    // Half of a request has come.
    let mut slow = TcpStream::connect(address).await.unwrap();
    let head = "POST /auth/challenge HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n";
    slow.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    drop(stop);
    tokio::time::sleep(Duration::from_millis(200)).await;
    // Nobody new is let in; who is in is answered.
    assert!(TcpStream::connect(address).await.is_err());
    slow.write_all(b"{}").await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    served.await.unwrap().unwrap();
}

#[tokio::test]
async fn record_should_be_withheld_when_a_restored_back_up_does_not_know_that_it_was_suspended() {
    let fixture = Fixture::new().await;
    let (alice, bob) = (person("Alice"), person("Bob"));
    let (patient, other) = (fixture.enrol(&alice, "A-1").await, fixture.enrol(&bob, "B-2").await);
    let targets = [&patient, &other].map(|id| format!("/fhir/Patient/{id}"));
    let config = common::config(fixture.folder.path()).store;
    continue_or_invalidate(&fixture.store, &config.marker(), START, 300).await.unwrap();
    fixture.gatekeeper.look_at_all(0).await.unwrap();
    let versions = fixture.store.current_versions(patient).await.unwrap().len();
    assert!(versions > 0);
    let copy = fixture.folder.path().join("copy.sqlite");
    let file = SqlitePool::connect(&format!("sqlite:{}", config.path.display())).await.unwrap();
    sqlx::query("VACUUM INTO ?").bind(copy.to_str().unwrap()).execute(&file).await.unwrap();
    file.close().await;
    // As the gatekeeper does while it runs; nothing is anchored meanwhile.
    for _ in 0..2 {
        fixture.store.renew_marker(&config.marker(), START).await.unwrap();
    }
    fixture.store.suspend_record("A-1", "split", START).await.unwrap();
    assert_eq!(fixture.get_signed(&alice, Purpose::Treatment, &targets[0]).await.0, 403);
    assert_eq!(fixture.get_signed(&bob, Purpose::Treatment, &targets[1]).await.0, 200);

    let fixture = fixture.restore(&copy).await;
    fixture.time.advance(400_000);
    fixture.chain.advance(|_| ());
    for (person, target) in [(&alice, &targets[0]), (&bob, &targets[1])] {
        assert_eq!(fixture.get_signed(person, Purpose::Treatment, target).await.0, 403);
    }
    // What cannot be looked at is not gone.
    fixture.gatekeeper.look_at_all(0).await.unwrap();
    assert_eq!(fixture.store.current_versions(patient).await.unwrap().len(), versions);
    // Nor does another start end the doubt.
    let fixture = fixture.restart().await;
    assert_eq!(fixture.get_signed(&bob, Purpose::Treatment, &targets[1]).await.0, 403);
    fixture.store.suspend_record("A-1", "split", START).await.unwrap();
    assert!(fixture.store.confirm_records().await.unwrap());
    assert_eq!(fixture.get_signed(&alice, Purpose::Treatment, &targets[0]).await.0, 403);
    assert_eq!(fixture.get_signed(&bob, Purpose::Treatment, &targets[1]).await.0, 200);
}
