//! Records change in a hospital's database: anchors follow, through a crash, and what is read verifies against the chain.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeSet,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{bail, Result};
use medrec_client::{
    gatekeeper::{Access, Gatekeeper},
    proven::{judge, ProvenError, Verdict},
    KeyPair,
};
use medrec_policy::purpose::Purpose;
use medrec_proof::answer::ProvenAnswer;
use medrec_tests::{
    practice::{ask::Ask, people::SUGAR, rules::Rule, Patient, World},
    verifier::run_verifier,
};
use serde_json::{json, Value};
use sp_core::crypto::Ss58Codec;
use sqlx::{sqlite::SqliteConnectOptions, AssertSqlSafe, ConnectOptions, Connection, Executor};

/// An interval is a hundred blocks of a development chain.
const BLOCK_TIME_MS: u64 = 150;

/// How long an anchor may take: two intervals, and what a loaded machine adds.
const PATIENCE: Duration = Duration::from_secs(180);

struct Scene {
    world: World,
    patient: Patient,
    viewer: KeyPair,
}

impl Scene {
    async fn client(&self) -> Gatekeeper {
        let state = self.world.chain.finalised().await.unwrap();
        Gatekeeper::of_member(&state, self.world.chain.genesis(), self.patient.relationship.member)
            .await
            .unwrap()
    }

    fn target(&self) -> String {
        format!("/fhir/Observation?patient={}&code={SUGAR}", self.patient.relationship)
    }

    async fn read(&self, sealed: bool) -> Result<ProvenAnswer> {
        let target = format!("/proof{}", self.target());
        let access = Access::Signed { key: &self.viewer, purpose: Purpose::Treatment };
        let client = self.client().await;
        let answer = match sealed {
            true => client.get_sealed(&access, &target).await?,
            false => client.get(&access, &target).await?,
        };
        Ok(ProvenAnswer::parse(std::str::from_utf8(&answer.body)?)?)
    }

    async fn judged(&self, answer: &ProvenAnswer) -> Result<Vec<(String, Verdict)>, ProvenError> {
        judge(answer, self.world.chain.genesis(), &self.world.chain.finalised().await?).await
    }

    /// Reads until what is shown has this value and is anchored after this interval.
    async fn anchored_with(&self, value: &str, after: u32) -> Result<(ProvenAnswer, u32)> {
        let started = Instant::now();
        loop {
            let answer = self.read(false).await?;
            let verdicts = self.judged(&answer).await?;
            assert_eq!(verdicts.len(), 1);
            assert!(answer.answer.contains(&format!("\"value\":{value}}}")), "{}", answer.answer);
            if let (_, Verdict::Anchored { interval }) = verdicts[0] {
                if interval > after {
                    return Ok((answer, interval));
                }
            }
            if started.elapsed() > PATIENCE {
                bail!("no anchor: {verdicts:?}");
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    async fn change(&self, value: &str) {
        let path = self.world.scratch.join("practice-a.sqlite");
        let mut connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
        let sql = format!(
            "UPDATE result SET value = '{value}' WHERE file_no = '{}' AND code = '{SUGAR}'",
            self.patient.person.file_no
        );
        connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
        connection.close().await.unwrap();
    }

    fn keep(&self, name: &str, text: &str) -> PathBuf {
        let path = self.world.scratch.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Has the verifier in JavaScript judge an answer, all of which must be anchored; gives the intervals. It works in a folder of its own.
    async fn javascript(&self, folder: &str, answer: &ProvenAnswer) -> BTreeSet<u32> {
        let state = self.world.chain.finalised().await.unwrap();
        let member = state.member(self.patient.relationship.member).await.unwrap().unwrap();
        let verdicts = judge(answer, self.world.chain.genesis(), &state).await.unwrap();
        let intervals: BTreeSet<u32> = verdicts
            .iter()
            .map(|(what, verdict)| match verdict {
                Verdict::Anchored { interval } => *interval,
                other => panic!("{what}: {other:?}"),
            })
            .collect();
        let mut anchors = serde_json::Map::new();
        for interval in &intervals {
            let anchor = state.anchor(self.patient.relationship.member, *interval).await.unwrap().unwrap();
            anchors.insert(interval.to_string(), hex::encode(anchor.records).into());
        }
        let input = json!({
            "document": answer.to_text(),
            "genesis": format!("{:#x}", self.world.chain.genesis()),
            "gatekeeper": member.gatekeeper.to_ss58check(),
            "anchors": anchors,
        });
        let said = run_verifier(&self.world.scratch.folder(folder).unwrap(), input).await.unwrap();
        assert_eq!(said.lines().last(), Some("done"), "{said}");
        intervals
    }

    fn verify(&self, path: &PathBuf) -> std::process::Output {
        let mut command = self.world.practice('a').gatekeeper.command(&["verify"]).unwrap();
        command.arg(path).output().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn anchors_should_follow_the_data_and_proofs_verify_when_a_gatekeeper_is_killed_in_between() {
    let settings = [("anchors", "look_s", "1")];
    let world = World::start_at_pace("proofs", &['a'], &settings, BLOCK_TIME_MS).await.unwrap();
    let patient = world.admit_patient('a').await.unwrap();
    let viewer = world.key("viewer");
    world.rule(&patient, &Rule::everything(&viewer)).await.unwrap();
    let mut scene = Scene { world, patient, viewer };

    // The gatekeeper may see the final block of the grant a moment after this program.
    let relationship = scene.patient.relationship;
    Ask::search('a', &scene.viewer, "Observation", relationship).until(&scene.world, 200).await.unwrap();
    let before = scene.patient.person.result(SUGAR).value.clone();
    let (first, interval) = scene.anchored_with(&before, 0).await.unwrap();

    // A record changes: what is read is pending until the next anchor, and the gatekeeper is killed before that.
    scene.change("7.250").await;
    let changed = scene.read(true).await.unwrap();
    assert!(changed.answer.contains("\"value\":7.250}"), "{}", changed.answer);
    assert!(matches!(scene.judged(&changed).await.unwrap()[0].1, Verdict::Pending { .. }));
    scene.world.practice_mut('a').gatekeeper.kill().unwrap();
    scene.world.practice_mut('a').gatekeeper.start().await.unwrap();
    let (second, later) = scene.anchored_with("7.250", interval).await.unwrap();
    // What was kept before still leads to its own anchor.
    assert!(matches!(scene.judged(&first).await.unwrap()[0].1, Verdict::Anchored { .. }));

    // The patient's own, with a note that is withheld: that it is there is proven, too.
    let own = format!("/proof/fhir/DocumentReference?patient={}", scene.patient.relationship);
    let access = Access::Signed { key: &scene.patient.key, purpose: Purpose::PatientRequest };
    let own = scene.client().await.get(&access, &own).await.unwrap();
    let own = ProvenAnswer::parse(std::str::from_utf8(&own.body).unwrap()).unwrap();
    assert!(own.answer.contains("45 CFR 164.524"), "{}", own.answer);
    let verdicts = scene.judged(&own).await.unwrap();
    assert!(
        verdicts.len() == 2
            && verdicts.iter().all(|(_, verdict)| matches!(verdict, Verdict::Anchored { .. }))
    );

    // Kept in a file, and checked by the command.
    let text = second.to_text();
    let said = scene.verify(&scene.keep("answer.json", &text));
    let words = String::from_utf8(said.stdout).unwrap();
    assert!(said.status.success() && words.contains("anchored on chain"), "{words}");
    for place in [9, text.find("7.250").unwrap(), text.len() / 2, text.len() - 3] {
        let mut altered = text.clone().into_bytes();
        altered[place] ^= 1;
        let said = scene.verify(&scene.keep("altered.json", &String::from_utf8(altered).unwrap()));
        let words = String::from_utf8(said.stderr).unwrap();
        assert!(!said.status.success() && words.contains("NOT verified"), "{place}: {words}");
    }
    // Everything consistent but the root on chain: a forger's own tree.
    let mut forged = second.clone();
    forged.proofs = first.proofs.clone();
    assert!(scene.judged(&forged).await.is_err());

    // The same by the verifier in JavaScript.
    let intervals = scene.javascript("js", &second).await;
    assert_eq!(intervals, BTreeSet::from([later]));

    // Everything, page by page: each entry has its proof, for both verifiers.
    let mut next = Some(format!("/fhir/Patient/{}/$everything?_count=4", scene.patient.relationship));
    let (mut pages, mut shown) = (0, 0);
    while let Some(target) = next {
        let page = scene.client().await.get(&access, &format!("/proof{target}")).await.unwrap();
        let page = ProvenAnswer::parse(std::str::from_utf8(&page.body).unwrap()).unwrap();
        scene.javascript(&format!("js-{pages}"), &page).await;
        let bundle: Value = serde_json::from_str(&page.answer).unwrap();
        (pages, shown) = (pages + 1, shown + page.proofs.len());
        assert_eq!(page.proofs.len(), bundle["entry"].as_array().unwrap().len());
        let link = bundle["link"].as_array().unwrap().iter().find(|link| link["relation"] == "next");
        let url = scene.world.practice('a').gatekeeper.url();
        next = link.map(|link| link["url"].as_str().unwrap().strip_prefix(&url).unwrap().to_owned());
    }
    // The patient, five results, a prescription, a note and one that is withheld.
    assert_eq!((pages, shown), (3, 9));
}
