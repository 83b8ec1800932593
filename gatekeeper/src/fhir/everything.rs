//! `Patient/$everything`: all that the asker may see of one patient, page by page.

use std::collections::BTreeSet;

use medrec_primitives::RelationshipId;
use serde_json::{json, Value};

use super::{
    definitions::{r4, ParameterKind},
    matching::{values, DateTest},
    query::{read_count, shown, Manner, SearchError, DEFAULT_COUNT},
    Pages,
};
use crate::{
    fetch::record::DATES,
    form::{encode, pairs},
};

/// What of everything is wanted.
#[derive(Clone, Debug)]
pub struct EverythingQuery {
    types: Option<BTreeSet<&'static str>>,
    since: Option<DateTest>,
    /// The first and the last day of care.
    care: Vec<DateTest>,
    count: usize,
    after: Option<String>,
    canonical: String,
    pages: Pages,
}

/// Where the cursor says that it belongs.
fn place(relationship: RelationshipId) -> String {
    format!("{relationship}/$everything")
}

impl EverythingQuery {
    /// All of it on one page.
    pub fn whole(pages: Pages) -> Self {
        Self {
            types: None,
            since: None,
            care: Vec::new(),
            count: usize::MAX,
            after: None,
            canonical: String::new(),
            pages,
        }
    }

    /// Reads the query part of an address.
    pub fn parse(relationship: RelationshipId, raw_query: &str, manner: Manner) -> Result<Self, SearchError> {
        let pairs = pairs(raw_query).map_err(|_| SearchError::Malformed)?;
        let mut query = Self { count: DEFAULT_COUNT, ..Self::whole(manner.pages) };
        let mut seen = BTreeSet::new();
        let mut cursor = None;
        for (name, value) in &pairs {
            let bad = |reason| SearchError::Value { name: shown(name), reason };
            let known = ["_type", "_since", "start", "end", "_count", "_cursor", "_format"]
                .into_iter()
                .find(|known| known == name);
            let Some(known) = known else {
                if manner.lenient {
                    continue;
                }
                return Err(SearchError::NotSupported(shown(name)));
            };
            if !seen.insert(known) {
                return Err(SearchError::Repeated(known));
            }
            let date = |prefix: &str| {
                let plain = value.starts_with(|letter: char| letter.is_ascii_digit());
                let test = format!("{prefix}{value}").parse().ok().filter(|_| plain);
                test.ok_or_else(|| bad("is a date such as 2026-11-22, or an instant"))
            };
            match known {
                "_type" => {
                    let types = value.split(',').map(|name| r4().resource(name));
                    let types: Option<BTreeSet<&str>> = types.collect();
                    query.types = Some(types.ok_or_else(|| bad("is a list of resource types, with commas"))?);
                }
                "_since" => query.since = Some(date("ge")?),
                "start" => query.care.push(date("ge")?),
                "end" => query.care.push(date("le")?),
                "_count" => query.count = read_count(value).ok_or_else(|| bad("is a number"))?,
                "_cursor" => {
                    cursor = Some(value);
                    continue;
                }
                _ => {
                    super::query::read_format(value)?;
                }
            }
            if !query.canonical.is_empty() {
                query.canonical.push('&');
            }
            encode(name, &mut query.canonical);
            query.canonical.push('=');
            encode(value, &mut query.canonical);
        }
        if let Some(cursor) = cursor {
            let after = query.pages.after(&place(relationship), &query.canonical, cursor);
            query.after = Some(after.ok_or_else(|| SearchError::Value {
                name: "_cursor".to_owned(),
                reason: "is not a cursor of this query; take the link `next` as it is",
            })?);
        }
        Ok(query)
    }

    /// Whether records of a type are wanted.
    pub fn wants(&self, resource_type: &str) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(resource_type))
    }

    /// One page of what the asker sees of this patient.
    pub fn run(&self, relationship: RelationshipId, shown: Vec<Value>, base_url: &str) -> Value {
        let mut matches: Vec<(String, Value)> = shown
            .into_iter()
            .filter(|resource| self.matches(resource))
            .filter_map(|resource| {
                let (kind, id) = (resource.get("resourceType")?.as_str()?, resource.get("id")?.as_str()?);
                Some((format!("{kind}/{id}"), resource))
            })
            .collect();
        matches.sort_by(|(one, _), (two, _)| one.cmp(two));
        let total = matches.len();
        let begin =
            self.after.as_ref().map_or(0, |after| matches.partition_point(|(place, _)| place <= after));
        let page: Vec<(String, Value)> = matches.into_iter().skip(begin).take(self.count).collect();
        let own = format!("{base_url}/Patient/{relationship}/$everything");
        let link = |relation: &str, after: Option<&str>| {
            let cursor = after.map(|after| self.pages.cursor(&place(relationship), &self.canonical, after));
            let parts: Vec<String> = Some(self.canonical.clone())
                .filter(|part| !part.is_empty())
                .into_iter()
                .chain(cursor.map(|cursor| format!("_cursor={cursor}")))
                .collect();
            let query = if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) };
            json!({ "relation": relation, "url": format!("{own}{query}") })
        };
        let mut links = vec![link("self", self.after.as_deref())];
        if let Some((last, _)) = page.last().filter(|_| total > begin + page.len()) {
            links.push(link("next", Some(last)));
        }
        let entries: Vec<Value> = page
            .into_iter()
            .map(|(place, resource)| {
                json!({
                    "fullUrl": format!("{base_url}/{place}"),
                    "resource": resource,
                    "search": { "mode": "match" },
                })
            })
            .collect();
        let mut bundle =
            json!({ "resourceType": "Bundle", "type": "searchset", "total": total, "link": links });
        if !entries.is_empty() {
            bundle["entry"] = Value::Array(entries);
        }
        bundle
    }

    fn matches(&self, resource: &Value) -> bool {
        let Some(object) = resource.as_object() else { return false };
        let updated = object.get("meta").and_then(|meta| meta.get("lastUpdated"));
        // Of what nobody says when it changed, it may have been since.
        let since = self.since.is_none_or(|test| updated.is_none_or(|updated| test.matches(updated)));
        let kind = object.get("resourceType").and_then(Value::as_str).and_then(|name| r4().resource(name));
        let Some(kind) = kind.filter(|kind| self.wants(kind)) else { return false };
        // Who the patient is has no date of care.
        let care = kind == "Patient" || self.care.is_empty() || {
            let dates =
                r4().parameters(kind).iter().filter(|parameter| parameter.kind == ParameterKind::Date);
            let mut dates: Vec<&Value> = dates
                .flat_map(|parameter| &parameter.paths)
                .flat_map(|path| values(object, kind, path))
                .collect();
            // Some have dates of care beside the one that is searched by.
            dates.extend(DATES.iter().filter_map(|name| object.get(*name)));
            // What has no date may be of any.
            dates.is_empty() || dates.iter().any(|date| self.care.iter().all(|test| test.matches(date)))
        };
        since && care
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ID: RelationshipId = RelationshipId::new(0, 3);

    fn all() -> Vec<Value> {
        let mut all = vec![json!({ "resourceType": "Patient", "id": "r0-3", "birthDate": "1950-01-01" })];
        for day in 1..8 {
            let id = format!("r0-3.{day}");
            let date = format!("2026-01-0{day}");
            let meta = json!({ "lastUpdated": format!("2026-02-0{day}T00:00:00Z") });
            all.push(
                json!({ "resourceType": "Observation", "id": id, "effectiveDateTime": date, "meta": meta }),
            );
            all.push(json!({ "resourceType": "Condition", "id": id, "recordedDate": date }));
        }
        all.push(json!({
            "resourceType": "Condition", "id": "r0-3.8", "onsetDateTime": "2020-05-17", "recordedDate": "2026-05-01"
        }));
        all.push(json!({ "resourceType": "Encounter", "id": "r0-3.9", "status": "planned" }));
        all
    }

    fn page(raw: &str) -> Value {
        EverythingQuery::parse(ID, raw, Manner::default()).unwrap().run(ID, all(), "https://x/fhir")
    }

    #[test]
    fn everything_should_be_filtered_when_asked() {
        for (raw, total) in [
            ("", 17),
            ("_type=Condition", 8),
            ("_type=Condition,Patient", 9),
            ("_type=Encounter", 1),
            ("_type=Goal", 0),
            ("start=2026-01-03&end=2026-01-04", 6),
            // Since when it has been so, and not when somebody wrote it down.
            ("start=2020-05-01&end=2020-06-01&_type=Condition", 1),
            ("end=1900&_type=Encounter", 1),
            // The patient and the conditions do not say when they changed.
            ("_since=2026-02-03T00:00:00Z", 15),
        ] {
            assert_eq!(page(raw)["total"], total, "{raw}");
        }
        for raw in [
            "_type=Foo",
            "_type=",
            "start=yesterday",
            "start=ge2026",
            "_since=now",
            "_count=x",
            "x=1",
            "_cursor=a",
        ] {
            assert!(EverythingQuery::parse(ID, raw, Manner::default()).is_err(), "{raw}");
        }
    }

    #[test]
    fn everything_should_be_counted_alone_when_no_entries_are_asked_for() {
        let page = page("_count=0");
        assert_eq!((&page["total"], page.get("entry")), (&json!(17), None));
        assert_eq!(page["link"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn pages_should_hold_everything_once_when_followed() {
        let (mut raw, mut found) = ("_count=4".to_owned(), Vec::new());
        loop {
            let page = page(&raw);
            let entries = page["entry"].as_array().unwrap().clone();
            found.extend(entries.iter().map(|entry| entry["fullUrl"].as_str().unwrap().to_owned()));
            let next =
                page["link"].as_array().unwrap().iter().find(|link| link["relation"] == "next").cloned();
            let Some(next) = next else { break };
            raw = next["url"].as_str().unwrap().split_once('?').unwrap().1.to_owned();
        }
        let distinct: BTreeSet<&String> = found.iter().collect();
        assert_eq!((found.len(), distinct.len()), (17, 17));
    }
}
