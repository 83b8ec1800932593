//! Share links from end to end: made by `medrec`, opened by `medrec` and by an unmodified viewer of SMART Health Links from npm
//! (`js/share_link.mjs`), seen in the log, taken back.
#![allow(clippy::unwrap_used)]

use std::{fs, process::Command};

use medrec_client::keys::patient_key;
use medrec_tests::{
    binaries::binary,
    hospitals::{Hospital, KNOWN_TO_BOTH},
    js,
    network::{Network, NetworkOptions},
    process,
};
use serde_json::{json, Value};

const PATIENT: &str = "//The patient of the share link";

/// A run of `medrec` as the patient.
struct Terminal {
    node: String,
    folder: tempfile::TempDir,
}

impl Terminal {
    fn medrec(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary("medrec").unwrap());
        let key = self.folder.path().join("patient.key");
        command.args(["--node", &self.node, "--json", "--key"]).arg(format!("@{}", key.display()));
        command.args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Value {
        let said = process::run(&mut self.medrec(arguments)).unwrap();
        serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"))
    }

    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.medrec(arguments).output().unwrap();
        assert!(!output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn link_should_show_what_was_granted_to_any_viewer_until_it_is_taken_back() {
    let mut options = NetworkOptions::new("share-link");
    options.node.block_time_ms = 500;
    let network = Network::start(options).await.unwrap();
    let key = patient_key(PATIENT, 0).unwrap();
    let record = Hospital::Riverside.record_number(KNOWN_TO_BOTH).unwrap();
    let relationship = network.enrol_and_accept(Hospital::Riverside, &record, &key).await.unwrap();
    let relationship = relationship.to_string();
    let folder = tempfile::tempdir().unwrap();
    let terminal = Terminal { node: network.node.url(), folder };
    // The file has the secret of all the patient's keys; the relationship's is found among them.
    let secret = terminal.folder.path().join("patient.key");
    fs::write(&secret, PATIENT).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();

    let own = terminal.run(&["search", &relationship, "Observation", "--purpose", "PATRQT"]);
    let laboratory: Vec<&Value> = own["answer"]["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["resource"])
        .filter(|resource| resource["category"].to_string().contains("laboratory"))
        .collect();
    let code = laboratory[0]["code"]["coding"][0]["code"].as_str().unwrap().to_owned();
    let scope =
        format!("patient/Observation.rs?category=laboratory&code={code}&_elements=code,valueQuantity");
    let made = terminal.run(&[
        "link",
        "make",
        &relationship,
        "--until",
        "+1d",
        "--scope",
        &scope,
        "--purpose",
        "TREAT",
        "--passcode",
        "blue horse",
        "--label",
        "For Dr Ng",
    ]);
    let (link, account) = (made["link"].as_str().unwrap(), made["account"].as_str().unwrap());

    let open = ["link", "open", link, "--recipient", "Dr Ng, Hillcrest", "--passcode"];
    let with = |passcode| [&open[..], &[passcode]].concat();
    assert!(terminal.fails(&with("brown horse")).contains("9 more"));
    let opened = terminal.run(&with("blue horse"));
    let shown = opened[0]["entry"].as_array().unwrap();
    let codes: Vec<&str> =
        shown.iter().map(|entry| entry["resource"]["code"]["coding"][0]["code"].as_str().unwrap()).collect();
    assert!(!codes.is_empty() && codes.iter().all(|shown| *shown == code), "{opened}");
    assert!(shown.iter().all(|entry| entry["resource"]["effectiveDateTime"].is_null()), "{opened}");

    let input = json!({
        "link": link, "passcode": "blue horse", "recipient": "A viewer from npm", "codes": codes,
        "canaries": [record],
    });
    let said = js::run(terminal.folder.path(), "share_link.mjs", input.clone()).await.unwrap();
    assert_eq!(said.lines().last(), Some("done"), "{said}");

    // The patient sees who opened it, and as what.
    let log = terminal.run(&["log", &relationship]).to_string();
    assert!(log.contains(account), "{log}");
    let listed = terminal.run(&["link", "list", &relationship]);
    assert_eq!(listed["links"][0]["account"], account);
    assert_eq!(listed["links"][0]["passcodeTriesLeft"], 8, "one by medrec, one by the viewer from npm");

    terminal.run(&["link", "end", &relationship, account]);
    assert!(terminal.fails(&with("blue horse")).contains("404"));
    let mut gone = input;
    gone["gone"] = true.into();
    let said = js::run(terminal.folder.path(), "share_link.mjs", gone).await.unwrap();
    assert_eq!(said.lines().last(), Some("done"), "{said}");
    let rules = terminal.run(&["rules", &relationship]).to_string();
    assert!(!rules.contains(account), "revoked on chain, too: {rules}");
}
