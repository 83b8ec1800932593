//! What is hidden is absent: over generated databases, an answer where a hidden record is there equals the answer where it is not, byte
//! by byte, but for its date and signature.

use axum::{
    body::{to_bytes, Body},
    http::{header, HeaderName, HeaderValue, Method, Request},
};
use medrec_client::answer::{DATE_HEADER, SIGNATURE_HEADER};
use medrec_gatekeeper::fhir::definitions::{r4, ParameterKind};
use medrec_primitives::RelationshipId;
use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestRunner},
};
use serde_json::{json, Value};

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
    async fn ask(&self, way: Way, target: &str) -> (u16, Vec<(String, String)>, String) {
        let response = self.fixture.send(way.request(&self.token, target)).await;
        let status = response.status().as_u16();
        let own = [DATE_HEADER, SIGNATURE_HEADER];
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        let headers =
            headers.filter(|(name, _)| !own.iter().any(|own| name.eq_ignore_ascii_case(own))).collect();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let mut text = String::from_utf8(body.to_vec()).unwrap();
        if way == Way::Rpc {
            let mut answer: Value = serde_json::from_str(&text).unwrap();
            let told = ["/result", "/error/data"].into_iter().find(|place| answer.pointer(place).is_some());
            let told = told.and_then(|place| answer.pointer_mut(place)?.as_object_mut()).unwrap();
            assert!(told.remove("signature").is_some() && told.remove("date").is_some(), "{told:?}");
            text = answer.to_string();
        }
        (status, headers, text)
    }

    /// The ids that the patient sees.
    async fn ids(&self, resource_type: &str) -> Vec<String> {
        let token = self.fixture.sign_in(&person("Alice"), "PATRQT", None).await;
        let target = format!("/fhir/{resource_type}?patient={}", self.id);
        let (_, bundle) = self.fixture.get(&token, &target).await;
        entries(&bundle).iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
    }
}

/// How something is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Plain,
    Head,
    /// With an entity tag that some earlier answer may have had.
    IfNoneMatch(&'static str),
    IfModifiedSince,
    /// `POST _search`, where it is a search.
    Form,
    /// `medrec_search`, where it is a search.
    Rpc,
}

impl Way {
    const OTHERS: [Self; 6] = [
        Self::Head,
        Self::IfNoneMatch("*"),
        Self::IfNoneMatch("W/\"1\""),
        Self::IfModifiedSince,
        Self::Form,
        Self::Rpc,
    ];

    fn request(self, token: &str, target: &str) -> Request<Body> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let search =
            path.strip_prefix("/fhir/").filter(|rest| !rest.contains('/') && query.contains("patient="));
        let plain = with_token(Method::GET, token, target);
        let with = |name: HeaderName, value: &'static str| {
            let mut request = with_token(Method::GET, token, target);
            request.headers_mut().insert(name, HeaderValue::from_static(value));
            request
        };
        let post = |to: &str, kind: &'static str, body: String| {
            let mut request = with_token(Method::POST, token, to);
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            *request.body_mut() = Body::from(body);
            request
        };
        match (self, search) {
            (Self::Head, _) => with_token(Method::HEAD, token, target),
            (Self::IfNoneMatch(tag), _) => with(header::IF_NONE_MATCH, tag),
            (Self::IfModifiedSince, _) => with(header::IF_MODIFIED_SINCE, "Wed, 01 Jan 2025 00:00:00 GMT"),
            (Self::Form, Some(_)) => {
                post(&format!("{path}/_search"), "application/x-www-form-urlencoded", query.to_owned())
            }
            (Self::Rpc, Some(resource_type)) => {
                let (patients, rest): (Vec<&str>, Vec<&str>) =
                    query.split('&').partition(|part| part.starts_with("patient="));
                let params = json!({
                    "patient": patients[0].trim_start_matches("patient="),
                    "type": resource_type,
                    "query": rest.join("&"),
                });
                let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "medrec_search", "params": params });
                post("/rpc", "application/json", call.to_string())
            }
            (Self::Plain | Self::Form | Self::Rpc, _) => plain,
        }
    }

    /// What it is for a target: by JSON-RPC only searches are asked here.
    fn of(self, target: &str) -> Self {
        let search = target.strip_prefix("/fhir/").and_then(|rest| rest.split_once('?'));
        let search = search.is_some_and(|(name, query)| !name.contains('/') && query.contains("patient="));
        if self == Self::Rpc && !search {
            Self::Plain
        } else {
            self
        }
    }
}

/// Every parameter with every modifier, as what is included, and as an order: most are refused, and refusals must be the same, too.
fn modified(id: RelationshipId, ids: &[(&str, String)]) -> Vec<String> {
    let mut targets = Vec::new();
    for resource_type in ["Observation", "Encounter"] {
        let own = format!("/fhir/{resource_type}?patient={id}");
        for parameter in r4().parameters(resource_type) {
            let name = parameter.name;
            for modifier in
                ["missing=true", "missing=false", "not=2345-7", "exact=2345-7", "text=a", "in=a", "above=a"]
            {
                targets.push(format!("{own}&{name}:{modifier}"));
            }
            for (kind, id) in ids {
                targets.push(format!("{own}&{name}:{kind}={id}"));
            }
            targets.push(format!("{own}&{name}:identifier=a|1"));
            targets.push(format!("{own}&{name}.code=2345-7"));
            targets.push(format!("{own}&_sort={name}"));
            targets.push(format!("{own}&_sort=-{name}&_count=1"));
            for include in ["_include", "_include:iterate", "_revinclude"] {
                targets.push(format!("{own}&{include}={resource_type}:{name}"));
            }
            targets.push(format!("{own}&_has:{resource_type}:{name}:code=2345-7"));
        }
        for all in [
            "_total=accurate",
            "_total=estimate",
            "_summary=true",
            "_summary=data",
            "_count=0",
            "_count=1000",
            "_lastUpdated=lt2100&_count=1",
            "_security=PSY",
            "_tag=a",
            "_text=a",
            "_content=2345-7",
            "_filter=code%20eq%202345-7",
            "_list=a",
            "_contained=both",
            "_cursor=AAAA",
        ] {
            targets.push(format!("{own}&{all}"));
        }
    }
    for (resource_type, own) in ids {
        for rest in ["/_history", "/_history/1", "/$everything", "?_elements=status", "?_summary=text"] {
            targets.push(format!("/fhir/{resource_type}/{own}{rest}"));
        }
        // One that may be hidden, beside one that is not there.
        targets.push(format!("/fhir/{resource_type}?patient={id}&_id={own},{id}.{}", "0".repeat(32)));
    }
    for query in ["_since=2000-01-01", "end=2025-01-10", "_type=Encounter&_count=1", "_type=Condition", "x=1"]
    {
        targets.push(format!("/fhir/Patient/{id}/$everything?{query}"));
    }
    targets
}

/// Every parameter, page, total and reference, with values that hidden records have among them.
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

/// The two databases, and every id in the one that has hidden records.
async fn sides(rows: &Rows) -> (Side, Side, Vec<(&'static str, String)>) {
    let (with, without) = (Side::new(&rows.sql(true)).await, Side::new(&rows.sql(false)).await);
    assert_eq!(with.id, without.id);
    let mut ids = Vec::new();
    for resource_type in ["Observation", "Encounter"] {
        ids.extend(with.ids(resource_type).await.into_iter().map(|id| (resource_type, id)));
    }
    (with, without, ids)
}

/// Asks both the same, follows pages to their end, and gives how many answers were compared.
async fn same(with: &Side, without: &Side, mut waiting: Vec<(Way, String)>) -> Result<usize, TestCaseError> {
    let mut compared = 0;
    while let Some((way, target)) = waiting.pop() {
        let (one, two) = (with.ask(way, &target).await, without.ask(way, &target).await);
        prop_assert_eq!(&one, &two, "{:?} {}", way, target);
        for hidden in ["2345-7", "PSY"] {
            // What was asked for stands in the link to the page itself.
            prop_assert!(target.contains(hidden) || !one.2.contains(hidden), "{:?} {}", way, target);
        }
        compared += 1;
        let bundle: Value = serde_json::from_str(&one.2).unwrap_or_default();
        let next = bundle["link"]
            .as_array()
            .and_then(|links| links.iter().find(|link| link["relation"] == "next"))
            .and_then(|next| next["url"].as_str()?.strip_prefix(AUDIENCE));
        waiting.extend(next.map(|next| (way, next.to_owned())));
    }
    Ok(compared)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn answers_should_be_the_same_bytes_when_a_hidden_record_is_there_and_when_it_is_not() {
    let runtime = runtime();
    let mut runner = TestRunner::new(ProptestConfig { cases: 10, ..ProptestConfig::default() });
    let all = std::cell::Cell::new(0usize);
    let result = runner.run(&rows(), |rows| {
        runtime.block_on(async {
            let (with, without, ids) = sides(&rows).await;
            let plain = targets(with.id, &ids).into_iter().map(|target| (Way::Plain, target)).collect();
            all.set(all.get() + same(&with, &without, plain).await?);
            Ok(())
        })
    });
    result.unwrap();
    assert!(all.get() > 1000, "{}", all.get());
}

#[test]
fn refusals_orders_includes_and_other_ways_to_ask_should_not_tell_of_a_hidden_record() {
    let runtime = runtime();
    // One database of each kind of row; what is asked of it is all that there is to ask.
    let results = vec![(true, 3, 90, 0), (false, 5, 7, 1), (true, 9, 95, 1), (false, 12, 8, 0)];
    let rows = Rows { results, stays: vec![true, false] };
    runtime.block_on(async {
        let (with, without, ids) = sides(&rows).await;
        let modified = modified(with.id, &ids).into_iter().map(|target| (Way::Plain, target));
        let every = targets(with.id, &ids);
        // By every way, but each target by one of them: the ways do not depend on the target.
        let others = every.iter().enumerate().map(|(place, target)| {
            let way = Way::OTHERS[place % Way::OTHERS.len()];
            (way.of(target), target.clone())
        });
        let compared = same(&with, &without, modified.chain(others).collect()).await.unwrap();
        assert!(compared > 500, "{compared}");
    });
}

#[test]
fn answers_should_be_the_same_by_whichever_way_when_a_hidden_record_is_there_and_when_it_is_not() {
    let runtime = runtime();
    let mut runner = TestRunner::new(ProptestConfig { cases: 4, ..ProptestConfig::default() });
    let result = runner.run(&rows(), |rows| {
        runtime.block_on(async {
            let (with, without, ids) = sides(&rows).await;
            let id = with.id;
            let mut waiting = Vec::new();
            let own = ids.iter().map(|(kind, id)| format!("/fhir/{kind}/{id}"));
            let searches = [
                format!("/fhir/Observation?patient={id}"),
                format!("/fhir/Encounter?patient={id}&_count=1"),
                format!("/fhir/Observation?patient={id}&code=2345-7"),
                format!("/fhir/Patient/{id}/$everything?_count=1"),
            ];
            for target in own.chain(searches) {
                waiting.extend(Way::OTHERS.map(|way| (way.of(&target), target.clone())));
            }
            same(&with, &without, waiting).await.map(drop)
        })
    });
    result.unwrap();
}
