#![allow(clippy::unwrap_used)]
use proptest::prelude::*;
use serde_json::{json, Value};

use super::*;
use crate::{fhir::search::subset, redact::absent::REASON};

const BASE: &str = "https://gatekeeper.example/fhir";

fn observation(id: u32, code: &str, day: u32, status: &str) -> Value {
    json!({
        "resourceType": "Observation", "id": format!("r0-3.{id:04}"), "status": status,
        "category": [{ "coding": [{ "system": "cat", "code": "laboratory" }] }],
        "code": { "coding": [{ "system": "http://loinc.org", "code": code }] },
        "effectiveDateTime": format!("2026-01-{day:02}"), "valueString": "secret"
    })
}

fn search(raw: &str, resources: &[Value]) -> Value {
    run(&parse_query("Observation", raw).unwrap(), resources.to_vec(), BASE)
}

fn ids(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries.iter().map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect()
}

fn next(bundle: &Value) -> Option<String> {
    let links = bundle["link"].as_array().unwrap();
    let url = links.iter().find(|link| link["relation"] == "next")?["url"].as_str().unwrap();
    Some(url.split_once('?').unwrap().1.to_owned())
}

/// All pages of a search, from the first to the last.
fn pages(raw: &str, resources: &[Value]) -> Vec<Value> {
    let mut pages = vec![search(raw, resources)];
    while let Some(query) = next(pages.last().unwrap()) {
        pages.push(search(&query, resources));
        assert!(pages.len() < 100);
    }
    pages
}

#[test]
fn search_should_find_by_each_parameter() {
    let all = [
        observation(1, "718-7", 1, "final"),
        observation(2, "8480-6", 5, "amended"),
        observation(3, "718-7", 9, "final"),
    ];
    for (raw, expected) in [
        ("", vec!["r0-3.0001", "r0-3.0002", "r0-3.0003"]),
        ("code=718-7", vec!["r0-3.0001", "r0-3.0003"]),
        ("code=http%3A%2F%2Floinc.org%7C8480-6", vec!["r0-3.0002"]),
        ("code=other%7C8480-6", vec![]),
        ("date=ge2026-01-05&date=lt2026-01-09", vec!["r0-3.0002"]),
        ("status=final&code=718-7,8480-6", vec!["r0-3.0001", "r0-3.0003"]),
        ("_id=r0-3.0003,r0-3.0001", vec!["r0-3.0001", "r0-3.0003"]),
        ("category=cat%7Claboratory&_count=2", vec!["r0-3.0001", "r0-3.0002"]),
        ("_lastUpdated=gt2000", vec![]),
    ] {
        assert_eq!(ids(&search(raw, &all)), expected, "{raw}");
    }
}

#[test]
fn bundle_should_have_no_entries_and_total_nought_when_nothing_matches() {
    let bundle = search("code=none", &[observation(1, "718-7", 1, "final")]);
    assert_eq!(bundle["total"], 0);
    assert!(bundle.get("entry").is_none() && next(&bundle).is_none());
}

#[test]
fn pages_should_hold_every_match_once_when_followed() {
    let all: Vec<Value> = (0..23).map(|id| observation(id, "718-7", 1, "final")).collect();
    let pages = pages("code=718-7&_count=5", &all);
    assert_eq!(pages.len(), 5);
    let found: Vec<String> = pages.iter().flat_map(ids).collect();
    assert_eq!(found.len(), 23);
    assert!(pages.iter().all(|page| page["total"] == 23));
}

#[test]
fn masked_elements_should_match_nothing() {
    let masked = json!({ "extension": [{ "url": REASON, "valueCode": "masked" }] });
    let hidden = json!({ "resourceType": "Observation", "id": "r0-3.1", "_status": masked, "code": masked });
    for raw in [
        "status=final",
        "status=masked",
        "code=718-7",
        "code=masked",
        "code=http%3A%2F%2Floinc.org%7C",
        "date=ne2026",
        "date=lt9999",
        "category=laboratory",
    ] {
        assert_eq!(search(raw, std::slice::from_ref(&hidden))["total"], 0, "{raw}");
    }
}

#[test]
fn subset_should_keep_what_is_asked_with_what_it_needs() {
    let mut resource = observation(1, "718-7", 1, "final");
    resource["modifierExtension"] = json!([{ "url": "http://m" }]);
    let shown = subset(resource, &["effective".to_owned()].into());
    assert_eq!(shown["effectiveDateTime"], "2026-01-01");
    assert_eq!(shown["status"], "final");
    assert!(shown.get("code").is_some() && shown.get("modifierExtension").is_some());
    assert!(shown.get("valueString").is_none() && shown.get("category").is_none());
    assert_eq!(shown["meta"]["tag"][0]["code"], "SUBSETTED");
}

#[test]
fn outcome_of_refusal_should_be_an_operation_outcome() {
    let outcome = parse_query("Observation", "_include=Observation:encounter").unwrap_err().outcome();
    assert_eq!(outcome["resourceType"], "OperationOutcome");
    assert_eq!(outcome["issue"][0]["code"], "not-supported");
}

#[test]
fn capability_should_name_what_is_mapped_and_nothing_else() {
    let text = "version = 1\n[[resource]]\ntype = \"Encounter\"\ntable = \"stay\"\nkey = \"id\"\npatient = \"mrn\"\n[resource.elements]\nstatus = \"finished\"\n\"class.code\" = \"AMB\"\n";
    let mapping = crate::mapping::Mapping::from_toml(text, std::path::Path::new("m.toml")).unwrap();
    let statement = capability(&mapping, BASE);
    assert_eq!((&statement["fhirVersion"], &statement["format"]), (&json!("4.0.1"), &json!(["json"])));
    let resources = statement["rest"][0]["resource"].as_array().unwrap();
    let types: Vec<&Value> = resources.iter().map(|resource| &resource["type"]).collect();
    assert_eq!(types, ["Encounter", "AuditEvent"]);
    for parameter in resources[0]["searchParam"].as_array().unwrap() {
        let name = parameter["name"].as_str().unwrap();
        let value = match (name, parameter["type"].as_str().unwrap()) {
            ("patient", _) => "r0-3",
            (_, "date") => "2026",
            _ => "x",
        };
        assert!(parse_query("Encounter", &format!("{name}={value}")).is_ok(), "{name}");
    }
}

fn any_observation() -> impl Strategy<Value = (Value, bool)> {
    let code = prop::sample::select(vec!["718-7", "8480-6", "1-1"]);
    let status = prop::sample::select(vec!["final", "amended"]);
    (0u32..5000, code, 1u32..28, status, any::<bool>())
        .prop_map(|(id, code, day, status, hidden)| (observation(id, code, day, status), hidden))
}

fn any_query() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "code=718-7",
        "code=http%3A%2F%2Floinc.org%7C8480-6,1-1",
        "status=final",
        "date=ge2026-01-10",
        "date=ne2026-01-05",
        "category=laboratory",
        "_lastUpdated=gt2020",
        "_id=r0-3.0001,r0-3.0002",
        "date=sa2026-01-02",
        "combo-code=1-1",
    ]);
    let count = prop::option::of(0usize..6).prop_map(|count| count.map(|count| format!("_count={count}")));
    (prop::collection::vec(part, 0..3), count).prop_map(|(parts, count)| {
        parts.into_iter().map(str::to_owned).chain(count).collect::<Vec<_>>().join("&")
    })
}

proptest! {
    #[test]
    fn hidden_rows_should_leave_no_trace_in_any_page(rows in prop::collection::vec(any_observation(), 0..24), raw in any_query()) {
        use crate::{fetch::{OwnedRow, Record}, redact::redact};
        use medrec_policy::ElementMask;
        let mut rows = rows;
        rows.sort_by_key(|(row, _)| row["id"].as_str().unwrap().to_owned());
        rows.dedup_by_key(|(row, _)| row["id"].as_str().unwrap().to_owned());
        let show = |row: &Value, hidden: bool| {
            let record = Record { resource: row.clone(), attributes: OwnedRow::default(), withheld: false, ground: None };
            redact(&record, if hidden { &ElementMask::Nothing } else { &ElementMask::All })
        };
        let with: Vec<Value> = rows.iter().filter_map(|(row, hidden)| show(row, *hidden)).collect();
        let without: Vec<Value> = rows.iter().filter(|(_, hidden)| !hidden).filter_map(|(row, _)| show(row, false)).collect();
        let answer = pages(&raw, &with);
        prop_assert_eq!(&answer, &pages(&raw, &without));
        // What is counted is what is shown.
        if !raw.contains("_count=0") {
            let shown: usize = answer.iter().map(|page| ids(page).len()).sum();
            prop_assert_eq!(answer[0]["total"].as_u64().unwrap() as usize, shown);
        }
    }
}
