//! The inbox: what patients and viewers add to the records.
//!
//! Nothing is ever written to the provider's database. What is sent is checked ([`validate`]) and kept in the gatekeeper's own store;
//! stewards accept or reject it, by command or at the desk; what they accepted is served beside the database's records ([`served`]), by the same rules,
//! redacted like everything else, and marked as what it is.

use medrec_primitives::RelationshipId;
use serde_json::{json, Map, Value};

use crate::{
    fetch::{OwnedCoding, OwnedRow, Pseudonyms, Record},
    store::inbox::Item,
};

pub mod validate;

/// Where an accepted item comes from, as `meta.source` has it.
pub const SOURCE: &str = "urn:medrec:inbox";

/// System of the mark that tells who sent it.
pub const SENT_BY: &str = "urn:medrec:sent-by";

/// Items of one relationship that may be pending at a time, but for what comes in the same moment.
pub const MOST_PENDING: u32 = 100;

/// Part of what pseudonyms are made of; no mapping can have this name.
const NAME: &str = "$inbox";

/// Whether a text is a security label: `system|code`.
pub fn is_label(text: &str) -> bool {
    let parts = text.split_once('|');
    parts.is_some_and(|(system, code)| !system.is_empty() && !code.is_empty())
        && !text.contains(char::is_whitespace)
}

/// What an item is served as once it is accepted: `Type/id`.
pub fn reference(item: &Item, relationship: RelationshipId, pseudonyms: &Pseudonyms) -> String {
    format!("{}/{}", item.sent.resource_type, id(item, relationship, pseudonyms))
}

fn id(item: &Item, relationship: RelationshipId, pseudonyms: &Pseudonyms) -> String {
    pseudonyms.id(relationship, &item.sent.resource_type, NAME, &[item.number.to_string()])
}

/// An accepted item as a record. `None` if the store holds no resource there.
pub fn served(item: &Item, relationship: RelationshipId, pseudonyms: &Pseudonyms) -> Option<Record> {
    let Value::Object(mut resource) = serde_json::from_str(&item.sent.resource).ok()? else { return None };
    let id = id(item, relationship, pseudonyms);
    let labels: Vec<OwnedCoding> = item
        .labels
        .iter()
        .filter_map(|label| label.split_once('|'))
        .map(|(system, code)| OwnedCoding { system: Some(system.to_owned()), code: code.to_owned() })
        .collect();
    let security = labels.iter().map(|label| json!({ "system": label.system, "code": label.code }));
    let security: Vec<Value> = security.collect();
    let mut meta = Map::new();
    if let Some(updated) = item.decided.and_then(instant) {
        meta.insert("lastUpdated".to_owned(), updated.into());
    }
    if !security.is_empty() {
        meta.insert("security".to_owned(), security.into());
    }
    resource.insert("id".to_owned(), id.into());
    resource.insert("meta".to_owned(), meta.into());
    let resource = Value::Object(resource);
    let mut attributes = OwnedRow::of(&resource)?;
    attributes.labels = labels;
    Some(Record { resource, attributes, withheld: false, ground: None })
}

/// Marks what is shown of an accepted item: without that, it would pass for the provider's own. As what it was sent is for whoever owns the
/// records to know (`to_owner`): a viewer would learn that there are other viewers.
pub fn mark(shown: &mut Value, item: &Item, to_owner: bool) {
    let Some(object) = shown.as_object_mut() else { return };
    let meta = object.entry("meta").or_insert_with(|| json!({}));
    let Some(meta) = meta.as_object_mut() else { return };
    meta.insert("source".to_owned(), SOURCE.into());
    if !to_owner {
        return;
    }
    let tags = meta.entry("tag").or_insert_with(|| json!([]));
    if let Some(tags) = tags.as_array_mut() {
        tags.push(json!({ "system": SENT_BY, "code": item.sent.capacity }));
    }
}

/// A FHIR `instant`.
fn instant(time: u64) -> Option<String> {
    let time = chrono::DateTime::from_timestamp_millis(i64::try_from(time).ok()?)?;
    Some(time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
}
