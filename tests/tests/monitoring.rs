//! What `packaging/` has for Prometheus and Grafana, tried on a node, two gatekeepers and a Prometheus of the test's own.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use medrec_tests::{
    hospitals::Hospital,
    network::{Network, NetworkOptions},
    ports,
    process::{run, Process},
    scratch::Scratch,
    wire,
};
use serde_json::Value;

/// How long numbers may take until they are there.
const PATIENCE: Duration = Duration::from_secs(90);

/// The targets that `prometheus.yml` names, which stand for those of the test.
const NODE_TARGET: &str = "\"127.0.0.1:9615\"]";
const GATEKEEPER_TARGET: &str = "\"127.0.0.1:9464\"]";

fn packaging() -> PathBuf {
    medrec_tests::checkout().join("packaging")
}

fn read(name: &str) -> String {
    fs::read_to_string(packaging().join(name)).unwrap()
}

/// Debian's Prometheus with the packaged files, other targets, and a scrape each second.
struct Prometheus {
    process: Process,
    address: String,
}

impl Prometheus {
    fn start(scratch: &Arc<Scratch>, node: u16, gatekeepers: &[u16]) -> Self {
        let folder = scratch.folder("prometheus").unwrap();
        let target = |port: &u16| format!("\"127.0.0.1:{port}\"");
        let gatekeepers: Vec<String> = gatekeepers.iter().map(target).collect();
        let packaged = read("prometheus.yml");
        assert!(packaged.contains(NODE_TARGET) && packaged.contains(GATEKEEPER_TARGET), "{packaged}");
        let config = packaged
            .replace(NODE_TARGET, &format!("{}]", target(&node)))
            .replace(GATEKEEPER_TARGET, &format!("{}]", gatekeepers.join(", ")))
            .replace("_interval: 15s", "_interval: 1s");
        let file = folder.join("prometheus.yml");
        fs::write(&file, config).unwrap();
        for rules in ["medrec-node.rules.yml", "medrec-gatekeeper.rules.yml"] {
            fs::copy(packaging().join(rules), folder.join(rules)).unwrap();
        }
        let address = format!("127.0.0.1:{}", ports::free_port().unwrap());
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address={address}"));
        let process = Process::start(scratch, "prometheus", command)
            .expect("prometheus is missing (Debian package prometheus): run scripts/setup");
        Self { process, address }
    }

    /// What it answers to this question.
    async fn get(&mut self, target: &str) -> Result<Value, String> {
        self.process.ensure_running().unwrap();
        let answer = wire::get(&self.address, target).await.map_err(|error| format!("{error:#}"))?;
        let value = answer.json().map_err(|error| format!("{error:#}"))?;
        match value["status"].as_str() {
            Some("success") => Ok(value["data"].clone()),
            _ => Err(format!("{target}: {value}")),
        }
    }

    /// How many series an expression gives now.
    async fn series(&mut self, expression: &str) -> Result<usize, String> {
        let data = self.get(&format!("/api/v1/query?query={}", escaped(expression))).await?;
        Ok(data["result"].as_array().map_or(0, Vec::len))
    }

    /// Waits until every expression gives something.
    async fn wait_for_all(&mut self, expressions: &BTreeSet<String>) {
        let started = Instant::now();
        loop {
            let mut missing = Vec::new();
            for expression in expressions {
                match self.series(expression).await {
                    Ok(0) => missing.push(expression.clone()),
                    Ok(_) => {}
                    // It may not be up yet; what it does not understand, it never will.
                    Err(said) if said.contains("parse error") => panic!("{said}"),
                    Err(said) => missing.push(said),
                }
            }
            if missing.is_empty() {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "nothing for {missing:#?}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

/// As a part of an address.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// The names of our numbers in an expression.
fn names(expression: &str) -> impl Iterator<Item = &str> {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    expression.split(word).filter(|name| {
        *name == "up" || ["substrate_", "medrec_gatekeeper_"].iter().any(|own| name.starts_with(own))
    })
}

/// Every expression of the dashboard.
fn dashboard() -> BTreeSet<String> {
    let dashboard: Value = serde_json::from_str(&read("medrec.dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "panels share numbers");
    let with_targets = panels.iter().filter(|panel| panel["type"] != "row");
    with_targets
        .flat_map(|panel| {
            let targets = panel["targets"].as_array().unwrap();
            assert!(!targets.is_empty(), "{} shows nothing", panel["title"]);
            targets.iter().map(|target| target["expr"].as_str().unwrap().to_owned())
        })
        .collect()
}

#[test]
fn monitoring_files_should_hold_together_when_promtool_reads_them() {
    for arguments in [
        ["check", "config", "prometheus.yml"].as_slice(),
        &["check", "rules", "medrec-node.rules.yml"],
        &["test", "rules", "medrec-node.rules.test.yml"],
    ] {
        run(Command::new("promtool").args(arguments).current_dir(packaging())).unwrap();
    }
}

#[test]
fn every_alert_should_have_a_test_when_rules_change() {
    for kind in ["node", "gatekeeper"] {
        let (rules, tests) =
            (read(&format!("medrec-{kind}.rules.yml")), read(&format!("medrec-{kind}.rules.test.yml")));
        let alerts: Vec<&str> =
            rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
        assert!(!alerts.is_empty());
        for alert in alerts {
            let fires =
                tests.contains(&format!("alertname: {alert}\n        exp_alerts:\n          - exp_labels"));
            assert!(fires, "no test sees {alert} fire");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dashboard_and_alerts_should_find_their_numbers_when_node_and_gatekeepers_run() {
    let node_port = ports::free_port().unwrap();
    let mut options = NetworkOptions::new("monitoring");
    options.node.prometheus_port = Some(node_port);
    let mut network = Network::prepare(options).await.unwrap();
    let mut gatekeeper_ports = Vec::new();
    for hospital in Hospital::ALL {
        network.apply(hospital).await.unwrap();
        network.fund(hospital).await.unwrap();
        network.admit(hospital).await.unwrap();
        let port = ports::free_port().unwrap();
        let gatekeeper = &mut network.provider_mut(hospital).gatekeeper;
        gatekeeper.set("metrics", "listen", &format!("\"127.0.0.1:{port}\"")).unwrap();
        gatekeeper.start().await.unwrap();
        gatekeeper_ports.push(port);
    }
    let mut prometheus = Prometheus::start(&network.scratch, node_port, &gatekeeper_ports);

    // All three targets are scraped, and none fails.
    let up = |job: &str, count: usize| format!("sum(up{{job=\"{job}\"}}) == {count}");
    prometheus.wait_for_all(&[up("medrec-node", 1), up("medrec-gatekeeper", 2)].into()).await;

    // Every panel shows something.
    let panels = dashboard();
    prometheus.wait_for_all(&panels).await;

    // Every number that an alert is made of is there, and every alert could be computed.
    let rules = prometheus.get("/api/v1/rules?type=alert").await.unwrap();
    let rules: Vec<Value> = rules["groups"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|group| group["rules"].as_array().unwrap().clone())
        .collect();
    let packaged = read("medrec-node.rules.yml") + &read("medrec-gatekeeper.rules.yml");
    assert_eq!(rules.len(), packaged.matches("- alert: ").count());
    let mut numbers = BTreeSet::new();
    for rule in &rules {
        assert_eq!(rule["health"], "ok", "{rule}");
        let of_rule: Vec<String> = names(rule["query"].as_str().unwrap()).map(str::to_owned).collect();
        assert!(!of_rule.is_empty(), "{rule}");
        numbers.extend(of_rule);
    }
    assert!(numbers.len() > 10, "{numbers:?}");
    prometheus.wait_for_all(&numbers).await;

    // And one is noticed to be wrong: a gatekeeper that ends.
    network.provider_mut(Hospital::ALL[0]).gatekeeper.stop().unwrap();
    prometheus.wait_for_all(&["ALERTS{alertname=\"GatekeeperDown\"}".to_owned()].into()).await;
}
