//! What of a record may leave: an allow-list by element path, closed over what changes the meaning of what is shown.
//!
//! [`redact`] takes a full resource and an element mask and builds a new resource of what the mask names; nothing is ever
//! deleted from the old one, so that what no rule mentions stays behind. Beyond what the mask names, the answer has
//!
//! - `resourceType`, `id` (a pseudonym) and `meta.security`: the labels, which a scope must have named to reach the row,
//!   and `REDACTED`;
//! - the **modifier elements** of every object of which something is shown (`status`, `verificationStatus`,
//!   `modifierExtension`, ...), and what belongs to a **value**: its unit, comparator and system (see [`closure`]). A value
//!   without them could be read as something else. Where one of them is denied, the whole row is withheld;
//! - a mark `masked` in place of **mandatory elements** that are not granted, whether or not the row has them.
//!
//! Narrative, contained resources, attachments and extensions go even where an element above them is granted, unless the mask
//! names them or something beneath them.

use std::collections::BTreeMap;

use medrec_policy::{ElementMask, PathSet, Permit};
use serde_json::{Map, Value};

use crate::{
    fetch::Record,
    fhir::definitions::{is_primitive, r4, Property},
};

pub mod absent;
pub mod closure;
pub mod references;
#[cfg(test)]
mod tests;

/// System of the marks `REDACTED` and `SUBSETTED`.
pub const OBSERVATION_VALUE: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";

/// What a permit leaves of a record; `None` if nothing: then the record is not there.
pub fn disclose(record: &Record, permit: &Permit) -> Option<Value> {
    redact_denying(record, &record.mask(permit), &record.denied(permit))
}

/// What a mask leaves of a record, where nothing is denied besides.
pub fn redact(record: &Record, mask: &ElementMask) -> Option<Value> {
    redact_denying(record, mask, &ElementMask::Nothing)
}

/// What a mask leaves of a record. An element in `denied` is never shown, not even to make another one complete: then the row
/// is withheld.
pub fn redact_denying(record: &Record, mask: &ElementMask, denied: &ElementMask) -> Option<Value> {
    let resource = record.resource.as_object().filter(|_| !record.withheld)?;
    let (paths, denied) = match (mask, denied) {
        (ElementMask::Nothing, _) | (_, ElementMask::All) => return None,
        (ElementMask::All, ElementMask::Nothing) => return Some(record.resource.clone()),
        // The policy leaves nothing of everything less something; should it ever say otherwise, nothing is shown.
        (ElementMask::All, ElementMask::Paths(_)) => return None,
        (ElementMask::Paths(paths), ElementMask::Paths(denied)) => (paths, Tree::of(denied)),
        (ElementMask::Paths(paths), ElementMask::Nothing) => (paths, Tree::default()),
    };
    let resource_type = r4().resource(resource.get("resourceType")?.as_str()?)?;
    let granted = Tree::of(paths);
    let view = View { granted: Some(&granted), whole: granted.whole, denied: Some(&denied) };
    let mut shown = project(resource, resource_type, view).ok()??;
    let mut result = Map::new();
    for name in ["resourceType", "id"] {
        result.insert(name.to_owned(), resource.get(name)?.clone());
    }
    result.insert("meta".to_owned(), meta(resource, shown.remove("meta")));
    shown.remove("id");
    result.append(&mut shown);
    Some(Value::Object(result))
}

/// What patients and custodians see of a record that is withheld from them: that it exists, and on which ground.
pub fn withheld_notice(record: &Record) -> Option<Value> {
    let resource = record.resource.as_object().filter(|_| record.withheld)?;
    let resource_type = r4().resource(resource.get("resourceType")?.as_str()?)?;
    let mut result = Map::new();
    for name in ["resourceType", "id"] {
        result.insert(name.to_owned(), resource.get(name)?.clone());
    }
    result.insert("meta".to_owned(), serde_json::json!({ "security": [mark("REDACTED", "redacted")] }));
    let reason = serde_json::json!({
        "url": absent::REASON,
        "valueCode": absent::Reason::Masked.code(),
    });
    let ground = record
        .ground
        .as_ref()
        .map(|ground| serde_json::json!({ "url": WITHHELD_GROUND, "valueString": ground }));
    result.insert("extension".to_owned(), std::iter::once(reason).chain(ground).collect());
    absent::mark_missing(&mut result, resource_type, absent::Reason::Masked);
    Some(Value::Object(result))
}

/// Extension on a withheld record's notice: the ground on which it is withheld.
pub const WITHHELD_GROUND: &str = "urn:medrec:fhir:withheld-ground";

/// A mark in `meta.security` or `meta.tag`.
pub fn mark(code: &str, display: &str) -> Value {
    serde_json::json!({ "system": OBSERVATION_VALUE, "code": code, "display": display })
}

/// The labels that the row carries and the mark that policy cut it, with whatever else of `meta` the mask names.
fn meta(resource: &Map<String, Value>, shown: Option<Value>) -> Value {
    let mut meta = match shown {
        Some(Value::Object(meta)) => meta,
        _ => Map::new(),
    };
    let labels = resource.get("meta").and_then(|meta| meta.get("security")).and_then(Value::as_array);
    let mut security = labels.cloned().unwrap_or_default();
    security.push(mark("REDACTED", "redacted"));
    meta.insert("security".to_owned(), Value::Array(security));
    Value::Object(meta)
}

/// Paths as a tree, so that a walk down a resource carries its place in them along.
#[derive(Debug, Default)]
struct Tree {
    whole: bool,
    children: BTreeMap<String, Tree>,
}

impl Tree {
    fn of(paths: &PathSet) -> Self {
        let mut root = Self::default();
        for path in paths.iter() {
            let mut node = &mut root;
            for name in path.as_str().split('.') {
                node = node.children.entry(name.to_owned()).or_default();
            }
            node.whole = true;
        }
        root
    }
}

/// Where a walk stands: what is granted here and beneath, and what is denied.
#[derive(Clone, Copy)]
struct View<'a> {
    /// The place in the tree of granted paths, if a path leads through here or ends here.
    granted: Option<&'a Tree>,
    /// Whether this element or one above it is granted.
    whole: bool,
    /// The place in the tree of denied paths.
    denied: Option<&'a Tree>,
}

impl<'a> View<'a> {
    fn child(self, name: &str) -> Self {
        let granted = self.granted.and_then(|tree| tree.children.get(name));
        let denied = self.denied.and_then(|tree| tree.children.get(name));
        Self { granted, whole: self.whole || granted.is_some_and(|tree| tree.whole), denied }
    }

    /// The child, as something that completes what is shown.
    fn completing(self, name: &str) -> Result<Self, Withheld> {
        let child = self.child(name);
        match child.denied {
            Some(_) => Err(Withheld),
            None => Ok(Self { whole: true, ..child }),
        }
    }

    fn shows(self, property: &Property) -> bool {
        let named = self.granted.is_some();
        // Of what can hold anything at all, only what the mask names.
        let free = matches!(property.fhir_type, "Narrative" | "Resource" | "Attachment" | "Extension");
        let allowed = if free { named } else { named || self.whole };
        // Masks do not name denied elements; should one ever, the denial holds.
        allowed && !self.denied.is_some_and(|tree| tree.whole)
    }
}

/// The row cannot be shown without something that is denied.
struct Withheld;

/// What is shown of an object; `None` if none of its granted elements is there.
fn project(
    object: &Map<String, Value>,
    fhir_type: &str,
    view: View<'_>,
) -> Result<Option<Map<String, Value>>, Withheld> {
    let mut shown = Map::new();
    for (name, property) in properties(object, fhir_type) {
        let child = view.child(name);
        if child.shows(&property) {
            show(object, name, &property, child, &mut shown)?;
        }
    }
    if shown.is_empty() {
        return Ok(None);
    }
    for (name, property) in properties(object, fhir_type) {
        let there = shown.contains_key(name) || shown.contains_key(&format!("_{name}"));
        if !there && closure::completes(fhir_type, &property, &shown) {
            show(object, name, &property, view.completing(name)?, &mut shown)?;
        }
    }
    absent::mark_missing(&mut shown, fhir_type, absent::Reason::Masked);
    Ok(Some(shown))
}

/// Known properties of an object, by the name without underscore, each once.
fn properties<'a>(
    object: &'a Map<String, Value>,
    fhir_type: &'a str,
) -> impl Iterator<Item = (&'a str, Property)> {
    object.keys().filter_map(move |key| {
        let name = match key.strip_prefix('_') {
            Some(name) if object.contains_key(name) => return None,
            Some(name) => name,
            None => key.as_str(),
        };
        r4().property(fhir_type, name).map(|property| (name, property))
    })
}

/// Copies one element, with what its own parts may show.
fn show(
    object: &Map<String, Value>,
    name: &str,
    property: &Property,
    view: View<'_>,
    shown: &mut Map<String, Value>,
) -> Result<(), Withheld> {
    if is_primitive(property.fhir_type) {
        if let Some(value) = object.get(name).filter(|value| is_plain(value)) {
            shown.insert(name.to_owned(), value.clone());
        }
        let sibling = format!("_{name}");
        if let Some(value) = object.get(&sibling).and_then(|value| siblings(value, view)) {
            shown.insert(sibling, value);
        }
        return Ok(());
    }
    let value = match object.get(name) {
        Some(Value::Array(items)) => {
            let mut kept = Vec::new();
            for item in items {
                kept.extend(part(item, property.fhir_type, view)?);
            }
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        Some(value) => part(value, property.fhir_type, view)?,
        None => None,
    };
    if let Some(value) = value {
        shown.insert(name.to_owned(), value);
    }
    Ok(())
}

/// What is shown of one value of a complex type.
fn part(value: &Value, fhir_type: &str, view: View<'_>) -> Result<Option<Value>, Withheld> {
    let Some(object) = value.as_object() else { return Ok(None) };
    // Contained resources, narrative and extensions are shown as they are, or not at all.
    if matches!(fhir_type, "Resource" | "Narrative" | "Extension") {
        return Ok(view.whole.then(|| value.clone()));
    }
    if let Some(extension) = absent::only_reason(object) {
        return Ok(Some(extension));
    }
    Ok(project(object, fhir_type, view)?.map(Value::Object))
}

/// Primitives are never objects; whatever claims to be one is not copied.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(items) => items.iter().all(|item| !item.is_object() && !item.is_array()),
        _ => true,
    }
}

/// The extensions of a primitive: all if the mask names them, else only the reason why a value is absent.
fn siblings(value: &Value, view: View<'_>) -> Option<Value> {
    if view.granted.is_some_and(|tree| tree.children.get("extension").is_some_and(|tree| tree.whole)) {
        return Some(value.clone());
    }
    match value {
        Value::Object(object) => absent::only_reason(object),
        Value::Array(items) => {
            let kept: Vec<Value> = items
                .iter()
                .map(|item| item.as_object().and_then(absent::only_reason).unwrap_or(Value::Null))
                .collect();
            kept.iter().any(|item| !item.is_null()).then_some(Value::Array(kept))
        }
        _ => None,
    }
}
