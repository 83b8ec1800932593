//! What is hidden is absent: over generated databases, an answer where a hidden record is there equals the answer where it is not, byte
//! by byte, but for its date and signature.

use axum::{body::to_bytes, http::Method};
use medrec_client::answer::{DATE_HEADER, SIGNATURE_HEADER};
use medrec_gatekeeper::fhir::definitions::{r4, ParameterKind};
use medrec_primitives::RelationshipId;
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::Value;

use crate::common::*;

/// What the viewer may see: results of one code, and stays without a label.
const GRANT: &str = "patient/Encounter.rs patient/Observation.rs?code=718-7;purpose=TREAT";

#[derive(Clone, Debug)]
struct Rows {
    /// Code, day, value, stay.
    results: Vec<(bool, u32, u32, usize)>,
    /// Whether hidden.
    stays: Vec<bool>,
}

impl Rows {
    fn sql(&self, with_hidden: bool) -> String {
        let mut sql = "DELETE FROM result; DELETE FROM stay;".to_owned();
        for (place, hidden) in self.stays.iter().enumerate().filter(|(_, hidden)| with_hidden || !**hidden) {
            let ward = if *hidden { "PSYCHIATRY" } else { "SURGERY" };
            sql.push_str(&format!("INSERT INTO stay VALUES ({place}, 'A-1', '{ward}');"));
        }
        for (place, (hidden, day, value, stay)) in
            self.results.iter().enumerate().filter(|(_, row)| with_hidden || !row.0)
        {
            let code = if *hidden { "2345-7" } else { "718-7" };
            let stay = stay % self.stays.len();
            sql.push_str(&format!(
                "INSERT INTO result VALUES ({place}, 'A-1', '{code}', '2025-01-{day:02}', '{value}', 'g/dL', {stay});"
            ));
        }
        sql
    }
}

fn rows() -> impl Strategy<Value = Rows> {
    let result = (any::<bool>(), 1u32..29, 1u32..200, 0usize..8);
    (prop::collection::vec(result, 0..7), prop::collection::vec(any::<bool>(), 1..4))
        .prop_map(|(results, stays)| Rows { results, stays })
}

struct Side {
    fixture: Fixture,
    token: String,
    id: RelationshipId,
}

impl Side {
    async fn new(sql: &str) -> Self {
        let fixture = Fixture::with(sql).await;
        let (alice, doctor) = (person("Alice"), person("Doctor"));
        let id = fixture.enrol(&alice, "A-1").await;
        fixture.grant(id, &doctor, GRANT);
        let token = fixture.sign_in(&doctor, "TREAT", None).await;
        Self { fixture, token, id }
    }

    /// Status, headers and body, without what is each answer's own.
    async fn ask(&self, target: &str) -> (u16, Vec<(String, String)>, String) {
        let response = self.fixture.send(with_token(Method::GET, &self.token, target)).await;
        let status = response.status().as_u16();
        let own = [DATE_HEADER, SIGNATURE_HEADER];
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        let headers =
            headers.filter(|(name, _)| !own.iter().any(|own| name.eq_ignore_ascii_case(own))).collect();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, headers, String::from_utf8(body.to_vec()).unwrap())
    }

    /// The ids that the patient sees.
    async fn ids(&self, resource_type: &str) -> Vec<String> {
        let token = self.fixture.sign_in(&person("Alice"), "PATRQT", None).await;
        let target = format!("/fhir/{resource_type}?patient={}", self.id);
        let (_, bundle) = self.fixture.get(&token, &target).await;
        entries(&bundle).iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
    }
}

/// Every way to ask, with values that hidden records have among them.
fn targets(id: RelationshipId, ids: &[(&str, String)]) -> Vec<String> {
    let mut targets = vec![
        format!("/fhir/Patient/{id}/$everything"),
        format!("/fhir/Patient/{id}/$everything?_count=1"),
        format!("/fhir/Patient/{id}/$everything?_type=Encounter,Observation&start=2025-01-10"),
        format!("/fhir/Patient/{id}"),
        format!("/fhir/Patient?_id={id}"),
        "/fhir/Condition?patient=r0-0".to_owned(),
        "/fhir/Observation/r0-0.nonsense".to_owned(),
    ];
    for resource_type in ["Observation", "Encounter"] {
        let own = format!("/fhir/{resource_type}?patient={id}");
        for query in [
            "",
            "&_count=1",
            "&_count=2",
            "&_summary=count",
            "&_total=none",
            "&_elements=code,class",
            "&_elements=status",
            "&_lastUpdated=ge2000",
            "&_include=Observation:encounter",
            "&_revinclude=Observation:encounter",
            "&_has:Observation:encounter:code=2345-7",
            "&_sort=date",
            "&foo=bar",
        ] {
            targets.push(format!("{own}{query}"));
        }
        for parameter in r4().parameters(resource_type) {
            let name = parameter.name;
            match parameter.kind {
                ParameterKind::Token => {
                    let codes =
                        ["2345-7", "718-7", "http:%2f%2floinc.org%7C", "final", "finished", "IMP", "PSY"];
                    targets.extend(codes.iter().map(|code| format!("{own}&{name}={code}")));
                }
                ParameterKind::Date => {
                    let dates = ["ge2025-01-10", "lt2025-01-10", "ne2025-01-15", "ap2025-01-12", "2025"];
                    targets.extend(dates.iter().map(|date| format!("{own}&{name}={date}")));
                }
                ParameterKind::Reference => {
                    let ids = ids.iter().map(|(kind, id)| format!("{own}&{name}={kind}/{id}"));
                    targets.extend(ids);
                }
                ParameterKind::String => targets.push(format!("{own}&{name}:contains=a")),
            }
        }
    }
    for (resource_type, id) in ids {
        targets.push(format!("/fhir/{resource_type}/{id}"));
        targets.push(format!("/fhir/{resource_type}?_id={id}"));
        targets.push(format!("/fhir/{resource_type}?patient=r0-1000&_id={id}"));
    }
    targets
}

#[test]
fn answers_should_be_the_same_bytes_when_a_hidden_record_is_there_and_when_it_is_not() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner = TestRunner::new(ProptestConfig { cases: 10, ..ProptestConfig::default() });
    let compared = std::cell::Cell::new(0usize);
    let result = runner.run(&rows(), |rows| {
        runtime.block_on(async {
            let (with, without) = (Side::new(&rows.sql(true)).await, Side::new(&rows.sql(false)).await);
            assert_eq!(with.id, without.id);
            let mut ids: Vec<(&str, String)> = Vec::new();
            for resource_type in ["Observation", "Encounter"] {
                ids.extend(with.ids(resource_type).await.into_iter().map(|id| (resource_type, id)));
            }
            let mut waiting = targets(with.id, &ids);
            while let Some(target) = waiting.pop() {
                let (one, two) = (with.ask(&target).await, without.ask(&target).await);
                prop_assert_eq!(&one, &two, "{}", target);
                prop_assert!(!one.2.contains("2345-7") && !one.2.contains("PSY"), "{}", target);
                compared.set(compared.get() + 1);
                let bundle: Value = serde_json::from_str(&one.2).unwrap_or_default();
                let next = bundle["link"]
                    .as_array()
                    .and_then(|links| links.iter().find(|link| link["relation"] == "next"));
                waiting.extend(
                    next.and_then(|next| next["url"].as_str()?.strip_prefix(AUDIENCE)).map(str::to_owned),
                );
            }
            Ok(())
        })
    });
    result.unwrap();
    assert!(compared.get() > 1000, "{}", compared.get());
}
