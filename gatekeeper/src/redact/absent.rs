//! Marks for what is not there: HL7's data-absent-reason extension.

use serde_json::{json, Map, Value};

use crate::fhir::definitions::{is_primitive, r4, Element, JsonName};

/// URL of the extension.
pub const REASON: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/// Why a value is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Not granted.
    Masked,
    /// The database has none.
    Unknown,
    /// The database has one that does not fit the type.
    Error,
    /// The database has a code that the mapping does not know.
    Unsupported,
}

impl Reason {
    /// The code in HL7's code system.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Masked => "masked",
            Self::Unknown => "unknown",
            Self::Error => "error",
            Self::Unsupported => "unsupported",
        }
    }

    /// An element that has nothing but the reason.
    pub fn extension(self) -> Value {
        json!({ "extension": [{ "url": REASON, "valueCode": self.code() }] })
    }
}

/// Puts a mark in place of every mandatory element that an object lacks.
pub fn mark_missing(object: &mut Map<String, Value>, fhir_type: &str, reason: Reason) {
    for element in r4().elements(fhir_type).iter().filter(|element| element.mandatory) {
        if !is_present(object, element) {
            insert_mark(object, element, reason);
        }
    }
}

/// Whether the element, in whatever type of a choice, is in the object, be it as a mark.
fn is_present(object: &Map<String, Value>, element: &Element) -> bool {
    element.names.iter().any(|name| object.contains_key(&name.plain) || object.contains_key(&name.marked))
}

/// Of a choice the first type, so that the mark does not tell which type the hidden value has.
fn insert_mark(object: &mut Map<String, Value>, element: &Element, reason: Reason) {
    let Some((fhir_type, JsonName { plain, marked })) = element.types.first().zip(element.names.first())
    else {
        return;
    };
    let mut mark = reason.extension();
    // A backbone element's own mandatory parts stay mandatory: the mark stands on them.
    if fhir_type.contains('.') {
        let mut parts = Map::new();
        mark_missing(&mut parts, fhir_type, reason);
        if !parts.is_empty() {
            mark = Value::Object(parts);
        }
    }
    let mark = if element.many { Value::Array(vec![mark]) } else { mark };
    if is_primitive(fhir_type) {
        if element.many {
            object.insert(plain.clone(), json!([null]));
        }
        object.insert(marked.clone(), mark);
    } else {
        object.insert(plain.clone(), mark);
    }
}

/// The object with nothing but its reason for being absent, if it is one that says so.
pub(super) fn only_reason(object: &Map<String, Value>) -> Option<Value> {
    let has_reason = |extension: &Value| extension.get("url").and_then(Value::as_str) == Some(REASON);
    let alone = object.keys().all(|key| key == "extension" || key == "id");
    let reason = object.get("extension")?.as_array()?.iter().find(|extension| has_reason(extension))?;
    let code = reason.get("valueCode")?.as_str()?;
    alone.then(|| json!({ "extension": [{ "url": REASON, "valueCode": code }] }))
}
