//! Search by reference.

use serde_json::Value;

use super::definitions::r4;

/// A reference to be found: `type/id`, or an id of any type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceTest {
    resource_type: Option<String>,
    id: String,
}

/// Whether this can be the id of a resource at all, by FHIR.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

impl ReferenceTest {
    /// `Encounter/r0-3.00ff`, or `r0-3.00ff` with or without the type as modifier. Addresses of other servers lead nowhere here.
    pub fn new(modifier: Option<&str>, text: &str) -> Option<Self> {
        let (own, id) = match text.split_once('/') {
            Some((resource_type, id)) => (Some(resource_type), id),
            None => (None, text),
        };
        let resource_type = match (own, modifier) {
            (Some(own), Some(modifier)) if own != modifier => return None,
            (own, modifier) => own.or(modifier),
        };
        // Practitioners and the like are no types of a patient's records, but may be referred to.
        let named = resource_type.is_none_or(|name| {
            r4().resource(name).is_some() || name.bytes().all(|byte| byte.is_ascii_alphabetic())
        });
        (is_id(id) && named)
            .then(|| Self { resource_type: resource_type.map(str::to_owned), id: id.to_owned() })
    }

    /// Whether a reference, or one of several, leads there.
    pub fn matches(&self, value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().any(|item| self.matches(item)),
            Value::Object(object) => {
                let target = object.get("reference").and_then(Value::as_str);
                target.and_then(|target| target.split_once('/')).is_some_and(|(resource_type, id)| {
                    id == self.id
                        && self.resource_type.as_deref().is_none_or(|wanted| wanted == resource_type)
                })
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn reference_should_match_by_id_and_type() {
        let value = json!([{ "display": "x" }, { "reference": "Encounter/r0-3.a" }]);
        for (modifier, text) in [(None, "Encounter/r0-3.a"), (None, "r0-3.a"), (Some("Encounter"), "r0-3.a")]
        {
            assert!(ReferenceTest::new(modifier, text).unwrap().matches(&value), "{text}");
        }
        for (modifier, text) in [(None, "Condition/r0-3.a"), (None, "r0-3.b"), (Some("Condition"), "r0-3.a")]
        {
            assert!(!ReferenceTest::new(modifier, text).unwrap().matches(&value), "{text}");
        }
        for (modifier, text) in
            [(None, ""), (None, "https://x/Encounter/a"), (Some("Condition"), "Encounter/a"), (None, "a b")]
        {
            assert_eq!(ReferenceTest::new(modifier, text), None, "{text}");
        }
    }
}
