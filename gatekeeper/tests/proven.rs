//! Answers with proofs, and anchors that follow the data, through every stop.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Mutex;

use async_trait::async_trait;
use axum::{body::to_bytes, http::header};
use common::*;
use medrec_client::{
    answer::{Answer, AnswerSignature},
    sealed::{self, open_answer, with_key, SealedContext},
    SealingSecret,
};
use medrec_gatekeeper::{
    anchor::{Step, INTERVAL},
    chain::{anchorer::Anchoring, ChainError, ProposeError},
};
use medrec_policy::Purpose;
use medrec_primitives::{Anchor, Moment, RelationshipId};
use medrec_proof::{answer::ProvenAnswer, verify::check_text, Claim};
use serde_json::Value;

/// What the chain does with anchors, by the pallet's rules.
#[derive(Default)]
struct Ledger {
    now: Mutex<Moment>,
    anchors: Mutex<Vec<Anchor>>,
    submitted: Mutex<u32>,
    /// The next submission reaches the chain, but nobody hears of it.
    lose_next_answer: Mutex<bool>,
}

impl Ledger {
    fn at(interval: u32) -> Self {
        let ledger = Self::default();
        ledger.go_to(interval);
        ledger
    }

    fn go_to(&self, interval: u32) {
        *self.now.lock().unwrap() = Moment::from(interval) * INTERVAL + 5_000;
    }

    fn anchor_of(&self, interval: u32) -> Option<Anchor> {
        self.anchors.lock().unwrap().iter().find(|anchor| anchor.interval == interval).copied()
    }
}

#[async_trait]
impl Anchoring for Ledger {
    async fn now(&self) -> Result<Moment, ChainError> {
        Ok(*self.now.lock().unwrap())
    }

    async fn anchored(&self, interval: u32) -> Result<Option<Anchor>, ChainError> {
        Ok(self.anchor_of(interval))
    }

    async fn anchor(&self, anchor: Anchor) -> Result<(), ProposeError> {
        *self.submitted.lock().unwrap() += 1;
        let current = (*self.now.lock().unwrap() / INTERVAL) as u32;
        let last = self.anchors.lock().unwrap().last().map(|anchor| anchor.interval);
        if anchor.interval + 1 != current || last >= Some(anchor.interval) {
            return Err(ProposeError::Refused("WrongInterval".into()));
        }
        self.anchors.lock().unwrap().push(anchor);
        match std::mem::take(&mut *self.lose_next_answer.lock().unwrap()) {
            true => Err(ChainError::Node("connection lost".into()).into()),
            false => Ok(()),
        }
    }
}

const HOUR_MS: Moment = 3_600_000;

async fn enrolled() -> (Fixture, RelationshipId) {
    let fixture = Fixture::new().await;
    let patient = fixture.enrol(&person("Carol"), "A-1").await;
    fixture.grant(
        patient,
        &person("Doctor"),
        "patient/Observation.rs?_elements=code,valueQuantity.value;purpose=TREAT",
    );
    (fixture, patient)
}

async fn change(fixture: &Fixture, sql: &'static str) {
    let path = fixture.folder.path().join("hospital.sqlite");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    pool.close().await;
}

async fn proven(fixture: &Fixture, who: &str, purpose: Purpose, target: &str) -> ProvenAnswer {
    let target = format!("/proof{target}");
    let response = fixture.send(fixture.signed(&person(who), purpose, &target)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[header::CONTENT_TYPE], medrec_proof::answer::MEDIA_TYPE);
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    ProvenAnswer::parse(std::str::from_utf8(&body).unwrap()).unwrap()
}

async fn as_doctor(fixture: &Fixture, patient: RelationshipId) -> ProvenAnswer {
    proven(fixture, "Doctor", Purpose::Treatment, &format!("/fhir/Observation?patient={patient}")).await
}

/// How many claims are anchored, and right; all others must be pending.
fn anchored(answer: &ProvenAnswer, ledger: &Ledger) -> usize {
    let claims = answer.check().unwrap();
    let right = |claim: &Claim| match claim {
        Claim::Anchored { member, interval, records } => {
            assert_eq!((*member, ledger.anchor_of(*interval).unwrap().records), (0, *records));
            true
        }
        Claim::Pending { pending, message } => {
            let signature = hex::decode(pending.signature.trim_start_matches("0x")).unwrap();
            medrec_client::signature::verify(&gate().account(), None, message.as_bytes(), &signature)
                .unwrap();
            false
        }
    };
    claims.iter().filter(|(_, claim)| right(claim)).count()
}

#[tokio::test]
async fn answer_should_have_proofs_that_lead_to_the_anchor_when_there_is_one() {
    let (fixture, patient) = enrolled().await;
    let ledger = Ledger::at(100);
    let answer = as_doctor(&fixture, patient).await;
    assert_eq!((answer.proofs.len(), anchored(&answer, &ledger)), (2, 0));
    assert_eq!(fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap(), Step::Anchored(99));
    let answer = as_doctor(&fixture, patient).await;
    assert_eq!(anchored(&answer, &ledger), 2);
    // Nothing hidden is in there: dates are not granted.
    let text = answer.to_text();
    assert!(text.contains("718-7") && !text.contains("2025-01-02") && !text.contains("laboratory"));
    // The patient's own, whole.
    let own = proven(&fixture, "Carol", Purpose::PatientRequest, &format!("/fhir/Patient/{patient}")).await;
    assert_eq!(anchored(&own, &ledger), 0, "seen for the first time");
    assert_eq!(fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap(), Step::Idle);
    ledger.go_to(101);
    assert_eq!(fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap(), Step::Anchored(100));
    let own = proven(&fixture, "Carol", Purpose::PatientRequest, &format!("/fhir/Patient/{patient}")).await;
    assert_eq!(anchored(&own, &ledger), 1);
}

#[tokio::test]
async fn everything_should_have_a_proof_for_each_entry_on_every_page() {
    let (fixture, patient) = enrolled().await;
    fixture.gatekeeper.look(patient, "A-1", HOUR_MS).await.unwrap();
    let ledger = Ledger::at(7);
    fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap();
    for (who, purpose, records) in [("Carol", Purpose::PatientRequest, 5), ("Doctor", Purpose::Treatment, 2)]
    {
        let mut next = Some(format!("/fhir/Patient/{patient}/$everything?_count=1"));
        let mut seen = 0;
        while let Some(target) = next {
            let page = proven(&fixture, who, purpose, &target).await;
            assert_eq!((page.proofs.len(), anchored(&page, &ledger)), (1, 1), "{target}");
            // The page is the one that is shown without proofs.
            let (status, plain) = fixture.get_signed(&person(who), purpose, &target).await;
            let bundle: Value = serde_json::from_str(&page.answer).unwrap();
            assert_eq!((status, &plain), (200, &bundle), "{target}");
            // Of one who sees little nothing else is in there.
            assert!(who == "Carol" || !page.to_text().contains("2025-01"), "{}", page.to_text());
            seen += entries(&bundle).len();
            let link = bundle["link"].as_array().unwrap().iter().find(|link| link["relation"] == "next");
            next = link.map(|link| link["url"].as_str().unwrap().strip_prefix(AUDIENCE).unwrap().to_owned());
        }
        assert_eq!(seen, records, "{who}");
    }
    // An operation that there is not, and what has no proofs.
    let own = |target: String| {
        let fixture = &fixture;
        async move { fixture.get_signed(&person("Carol"), Purpose::PatientRequest, &target).await.0 }
    };
    assert_eq!(own(format!("/proof/fhir/Patient/{patient}/$other")).await, 404);
    assert_eq!(own(format!("/proof/fhir/AuditEvent?patient={patient}")).await, 400);
}

#[tokio::test]
async fn plain_answer_should_stay_as_it_was_and_tell_where_its_proofs_are() {
    let (fixture, patient) = enrolled().await;
    let target = format!("/fhir/Observation?patient={patient}");
    let response = fixture.send(fixture.signed(&person("Doctor"), Purpose::Treatment, &target)).await;
    let link = response.headers()[header::LINK].to_str().unwrap().to_owned();
    assert_eq!(link, format!("<{AUDIENCE}/proof{target}>; rel=\"urn:medrec:proof\""));
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let answer = as_doctor(&fixture, patient).await;
    assert_eq!(answer.answer.as_bytes(), body);
    // Whoever may not see it gets neither.
    let proof = format!("/proof{target}");
    let refused = fixture.get_signed(&person("Mallory"), Purpose::Treatment, &proof).await;
    let plain = fixture.get_signed(&person("Mallory"), Purpose::Treatment, &target).await;
    assert_eq!((refused.0, refused), (403, plain));
    // What has no proofs does not say that there are any.
    let events = format!("/fhir/AuditEvent?patient={patient}");
    let response = fixture.send(fixture.signed(&person("Carol"), Purpose::PatientRequest, &events)).await;
    assert_eq!((response.status().as_u16(), response.headers().get(header::LINK)), (200, None));
}

#[tokio::test]
async fn look_should_find_new_changed_and_deleted_records() {
    let (fixture, patient) = enrolled().await;
    let look = || fixture.gatekeeper.look(patient, "A-1", HOUR_MS);
    assert_eq!(look().await.unwrap(), (5, 0));
    assert_eq!(look().await.unwrap(), (0, 0));
    change(&fixture, "UPDATE result SET value = '7.20' WHERE id = 1; DELETE FROM result WHERE id = 2;
        INSERT INTO result VALUES (9, 'A-1', '1-1', '2025-02-01', '1', 'x', NULL), (10, 'B-2', '1-1', NULL, '1', 'x', NULL)").await;
    assert_eq!(look().await.unwrap(), (2, 1));
    let ledger = Ledger::at(50);
    fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap();
    let answer = as_doctor(&fixture, patient).await;
    assert_eq!((answer.proofs.len(), anchored(&answer, &ledger)), (2, 2));
    // A change is pending until the next anchor, the others stay anchored.
    change(&fixture, "UPDATE result SET value = '7.3' WHERE id = 1").await;
    let answer = as_doctor(&fixture, patient).await;
    assert_eq!((answer.proofs.len(), anchored(&answer, &ledger)), (2, 1));
    ledger.go_to(51);
    fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap();
    assert_eq!(anchored(&as_doctor(&fixture, patient).await, &ledger), 2);
}

#[tokio::test]
async fn interval_should_be_anchored_once_whatever_stops_in_between() {
    let (mut fixture, patient) = enrolled().await;
    fixture.gatekeeper.look(patient, "A-1", HOUR_MS).await.unwrap();
    let ledger = Ledger::at(7);
    // Stopped when the roots were kept, before they were submitted: the same roots go to the chain afterwards.
    let prepared = fixture.gatekeeper.anchors().prepare(6).await.unwrap();
    fixture = fixture.restart().await;
    change(&fixture, "UPDATE result SET value = '8' WHERE id = 1").await;
    fixture.gatekeeper.look(patient, "A-1", HOUR_MS).await.unwrap();
    assert_eq!(fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap(), Step::Anchored(6));
    assert_eq!(ledger.anchor_of(6), Some(prepared));
    assert_eq!(anchored(&as_doctor(&fixture, patient).await, &ledger), 1, "the change came later");
    // Stopped after the submission: it is found on chain and not submitted again.
    ledger.go_to(8);
    *ledger.lose_next_answer.lock().unwrap() = true;
    assert_eq!(fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap(), Step::Failed(7));
    fixture = fixture.restart().await;
    assert_eq!(fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap(), Step::Anchored(7));
    assert_eq!(*ledger.submitted.lock().unwrap(), 2);
    assert_eq!(anchored(&as_doctor(&fixture, patient).await, &ledger), 2);
    // Found later than in the next interval, too. An interval that passed meanwhile cannot be anchored any more.
    ledger.go_to(9);
    *ledger.lose_next_answer.lock().unwrap() = true;
    fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap();
    fixture = fixture.restart().await;
    ledger.go_to(12);
    assert_eq!(fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap(), Step::Anchored(11));
    let all: Vec<u32> = ledger.anchors.lock().unwrap().iter().map(|anchor| anchor.interval).collect();
    assert_eq!(all, [6, 7, 8, 11]);
    let rows = fixture.store.interval(8).await.unwrap().unwrap();
    assert!(rows.state == medrec_gatekeeper::store::proofs::IntervalState::Anchored);
    // Every interval has other roots, though nothing changed.
    let roots: Vec<[u8; 32]> = ledger.anchors.lock().unwrap().iter().map(|anchor| anchor.records).collect();
    assert_eq!(roots.iter().collect::<std::collections::BTreeSet<_>>().len(), roots.len());
}

#[tokio::test]
async fn interval_should_be_anchored_when_nobody_is_enrolled() {
    let fixture = Fixture::new().await;
    let ledger = Ledger::at(7);
    assert_eq!(fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap(), Step::Anchored(6));
    ledger.go_to(8);
    assert_eq!(fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap(), Step::Anchored(7));
    assert_ne!(ledger.anchor_of(6).unwrap().records, ledger.anchor_of(7).unwrap().records);
    assert_ne!(ledger.anchor_of(6).unwrap().log, ledger.anchor_of(7).unwrap().log);
}

#[tokio::test]
async fn proof_should_not_tell_of_the_rest_when_another_record_is_hidden() {
    let (fixture, patient) = enrolled().await;
    fixture.gatekeeper.look(patient, "A-1", HOUR_MS).await.unwrap();
    let ledger = Ledger::at(7);
    fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap();
    let before = as_doctor(&fixture, patient).await.to_text().len();
    change(&fixture, "INSERT INTO stay VALUES (3, 'A-1', 'PSYCHIATRY'), (4, 'A-1', 'SURGERY')").await;
    fixture.gatekeeper.look(patient, "A-1", HOUR_MS).await.unwrap();
    ledger.go_to(8);
    fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap();
    assert_eq!(as_doctor(&fixture, patient).await.to_text().len(), before);
}

#[tokio::test]
async fn every_altered_byte_of_an_answer_should_be_found() {
    let (fixture, patient) = enrolled().await;
    fixture.gatekeeper.look(patient, "A-1", HOUR_MS).await.unwrap();
    let ledger = Ledger::at(7);
    fixture.gatekeeper.anchors().step(&ledger, None).await.unwrap();
    let answer = as_doctor(&fixture, patient).await;
    let bundle: Value = serde_json::from_str(&answer.answer).unwrap();
    let resource = medrec_proof::canonical::text(entries(&bundle)[0]);
    let proof = answer.proofs[0].to_text();
    check_text(&resource, &proof).unwrap();
    for place in 0..resource.len() {
        let mut altered = resource.clone().into_bytes();
        altered[place] ^= 1;
        let altered = String::from_utf8(altered).unwrap_or_default();
        assert!(check_text(&altered, &proof).is_err(), "{place}: {altered}");
    }
}

#[tokio::test]
async fn answer_should_be_sealed_to_the_key_in_the_address_and_signed_inside_and_outside() {
    let (fixture, patient) = enrolled().await;
    let secret = SealingSecret::generate();
    let doctor = person("Doctor").account();
    let plain = format!("/fhir/Observation?patient={patient}");
    for (path, status, who) in
        [(plain.clone(), 200, "Doctor"), (format!("/proof{plain}"), 200, "Doctor"), (plain, 403, "Mallory")]
    {
        let target = with_key(&path, &secret.public());
        let response = fixture.send(fixture.signed(&person(who), Purpose::Treatment, &target)).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], sealed::MEDIA_TYPE);
        let asker = person(who).account();
        let (found, body) = fixture.verified(response, &asker, &target).await;
        assert_eq!(found, status);
        assert!(!body.to_string().contains("718-7"));
        let genesis = medrec_gatekeeper::chain::ChainState::genesis(&*fixture.chain);
        let context = SealedContext { genesis, member: 0, target: &target, asker: &asker, status };
        let envelope = open_answer(body.to_string().as_bytes(), &secret, &context).unwrap();
        assert_eq!(envelope.body.contains("718-7"), status == 200);
        let inner = Answer {
            genesis,
            member: 0,
            target: &target,
            asker: &asker,
            status,
            body: envelope.body.as_bytes(),
            date: envelope.date,
        };
        inner.verify(&gate().account(), &AnswerSignature::parse(&envelope.signature).unwrap()).unwrap();
        let other = SealedContext { asker: &doctor, status: 404, ..context };
        assert!(open_answer(body.to_string().as_bytes(), &secret, &other).is_err());
    }
    for odd in ["_sealed=", "_sealed=00", &format!("_sealed={}", "g".repeat(64))] {
        let target = format!("/fhir/Observation?patient={patient}&{odd}");
        assert_eq!(fixture.get_signed(&person("Doctor"), Purpose::Treatment, &target).await.0, 400, "{odd}");
    }
    // The key is covered by the request's own signature.
    let signed = fixture.signed(
        &person("Doctor"),
        Purpose::Treatment,
        &with_key("/fhir/Patient/r0-1000", &secret.public()),
    );
    let (mut parts, body) = signed.into_parts();
    parts.uri = with_key("/fhir/Patient/r0-1000", &SealingSecret::generate().public()).parse().unwrap();
    let swapped = axum::http::Request::from_parts(parts, body);
    assert_eq!(fixture.send(swapped).await.status(), 401);
}
