//! Running a search over what the asker may see.

use std::collections::BTreeSet;

use serde_json::{json, Map, Value};

use super::{
    definitions::{r4, Parameter},
    matching::values,
    outcome::{information, IssueCode},
    query::{Filter, SearchQuery},
};
use crate::redact::mark;

/// The answer to a search: a page of the resources that match, in the order of their ids. `total` counts what the asker can see,
/// on all pages; nothing in the answer depends on anything else. `base_url` is the address of the FHIR server.
pub fn run(query: &SearchQuery, redacted: Vec<Value>, base_url: &str) -> Value {
    let mut matches: Vec<(String, Value)> = redacted
        .into_iter()
        .filter(|resource| is_match(query, resource))
        .filter_map(|resource| Some((resource.get("id")?.as_str()?.to_owned(), resource)))
        .collect();
    matches.sort_by(|(one, _), (two, _)| one.cmp(two));
    let total = matches.len();
    // A page begins after an id, wherever that is now: it needs no count of what came before.
    let begin = query.after.as_ref().map_or(0, |after| matches.partition_point(|(id, _)| id <= after));
    let page: Vec<(String, Value)> = matches.into_iter().skip(begin).take(query.count).collect();
    let more = query.count > 0 && total > begin + page.len();

    let own = format!("{base_url}/{}", query.resource_type);
    let mut links = vec![link("self", &own, query, query.after.as_deref())];
    if let Some((last, _)) = page.last().filter(|_| more) {
        links.push(link("next", &own, query, Some(last)));
    }
    let entries: Vec<Value> = page
        .into_iter()
        .map(|(id, resource)| {
            let resource = match &query.elements {
                Some(elements) => subset(resource, elements),
                None => resource,
            };
            json!({ "fullUrl": format!("{own}/{id}"), "resource": resource, "search": { "mode": "match" } })
        })
        .collect();
    let mut bundle = json!({ "resourceType": "Bundle", "type": "searchset", "link": links });
    if query.total {
        bundle["total"] = json!(total);
    }
    if !entries.is_empty() {
        bundle["entry"] = Value::Array(entries);
    }
    match query.ignored.is_empty() {
        true => bundle,
        false => with_outcome(bundle, ignored(&query.ignored)),
    }
}

/// What was left out of a query, where the asker wants leniency.
fn ignored(names: &[String]) -> Value {
    information(IssueCode::NotSupported, &format!("left out, since not supported: {}", names.join(", ")))
}

/// Adds an OperationOutcome to a Bundle, beside what matched.
pub fn with_outcome(mut bundle: Value, outcome: Value) -> Value {
    let entry = json!({ "resource": outcome, "search": { "mode": "outcome" } });
    match bundle.get_mut("entry").and_then(Value::as_array_mut) {
        Some(entries) => entries.push(entry),
        None => bundle["entry"] = Value::Array(vec![entry]),
    }
    bundle
}

/// What the asker wants of a resource: the elements named, and those without which it would be wrong or misread. Marked
/// `SUBSETTED`.
pub fn subset(resource: Value, elements: &BTreeSet<String>) -> Value {
    let Value::Object(object) = resource else { return resource };
    let resource_type =
        object.get("resourceType").and_then(Value::as_str).and_then(|name| r4().resource(name));
    let Some(resource_type) = resource_type else { return Value::Object(object) };
    let wanted = |name: &str| {
        let name = name.strip_prefix('_').unwrap_or(name);
        let Some(property) = r4().property(resource_type, name) else { return name == "resourceType" };
        let element = property.element;
        matches!(name, "id" | "meta")
            || element.mandatory
            || element.modifier
            || elements.contains(name)
            || elements.contains(element.name)
    };
    let mut kept: Map<String, Value> = object.into_iter().filter(|(name, _)| wanted(name)).collect();
    let meta = kept.entry("meta").or_insert_with(|| Value::Object(Map::new()));
    if let Some(meta) = meta.as_object_mut() {
        let tags = meta.entry("tag").or_insert_with(|| Value::Array(Vec::new()));
        if let Some(tags) = tags.as_array_mut() {
            tags.push(mark("SUBSETTED", "subsetted"));
        }
    }
    Value::Object(kept)
}

fn link(relation: &str, own: &str, query: &SearchQuery, after: Option<&str>) -> Value {
    let mut url = own.to_owned();
    let cursor = after.map(|after| format!("_cursor={}", query.cursor(after)));
    let parts: Vec<&str> = [query.canonical.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .chain(cursor.as_deref())
        .collect();
    if !parts.is_empty() {
        url.push('?');
        url.push_str(&parts.join("&"));
    }
    json!({ "relation": relation, "url": url })
}

fn is_match(query: &SearchQuery, resource: &Value) -> bool {
    let Some(object) = resource.as_object() else { return false };
    let of_type = object.get("resourceType").and_then(Value::as_str) == Some(query.resource_type);
    let found = |parameter: &Parameter, object| -> Vec<&Value> {
        parameter.paths.iter().flat_map(|path| values(object, query.resource_type, path)).collect()
    };
    of_type
        && query.filters.iter().all(|filter| match filter {
            Filter::Ids(ids) => object
                .get("id")
                .and_then(Value::as_str)
                .is_some_and(|id| ids.iter().any(|wanted| wanted == id)),
            Filter::LastUpdated(tests) => {
                let updated = object.get("meta").and_then(|meta| meta.get("lastUpdated"));
                updated.is_some_and(|updated| tests.iter().any(|test| test.matches(updated)))
            }
            Filter::Token(parameter, tests) => parameter.paths.iter().any(|path| {
                let element = r4().element(query.resource_type, path);
                let mut values = values(object, query.resource_type, path).into_iter();
                values.any(|value| tests.iter().any(|test| test.matches(value, element)))
            }),
            Filter::Date(parameter, tests) => {
                found(parameter, object).into_iter().any(|value| tests.iter().any(|test| test.matches(value)))
            }
            Filter::Reference(parameter, tests) => {
                found(parameter, object).into_iter().any(|value| tests.iter().any(|test| test.matches(value)))
            }
            Filter::Text(parameter, tests) => {
                found(parameter, object).into_iter().any(|value| tests.iter().any(|test| test.matches(value)))
            }
        })
}
