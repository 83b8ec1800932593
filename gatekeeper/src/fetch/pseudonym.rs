//! Resource ids: keyed pseudonyms of row keys.

use std::fmt;

use hmac::{Hmac, Mac};
use medrec_primitives::RelationshipId;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Makes resource ids. The same row has the same id for ever within its relationship; without the secret nobody can tell the row's
/// key from its id, nor whether ids of two relationships belong to one row.
#[derive(Clone)]
pub struct Pseudonyms {
    secret: Zeroizing<[u8; 32]>,
}

impl Pseudonyms {
    /// From the gatekeeper's secret for pseudonyms.
    pub fn new(secret: [u8; 32]) -> Self {
        Self { secret: Zeroizing::new(secret) }
    }

    /// The id of a row of a mapping: `{relationship}.{32 hexadecimal digits}`. The patient's own resource has the relationship
    /// alone for its id.
    pub fn id(
        &self,
        relationship: RelationshipId,
        resource_type: &str,
        mapping: &str,
        key: &[String],
    ) -> String {
        if resource_type == "Patient" {
            return relationship.to_string();
        }
        // Keys of any length are allowed, so this cannot fail; were it to, an id of zeros would tell nothing.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.secret.as_slice()) else {
            return format!("{relationship}.{}", "0".repeat(32));
        };
        let relationship_text = relationship.to_string();
        for part in [relationship_text.as_str(), resource_type, mapping]
            .into_iter()
            .chain(key.iter().map(String::as_str))
        {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        format!("{relationship}.{}", hex::encode(&mac.finalize().into_bytes()[..16]))
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonyms")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(index: u32, resource_type: &str, mapping: &str, key: &[&str]) -> String {
        let key: Vec<String> = key.iter().map(|part| (*part).to_owned()).collect();
        Pseudonyms::new([7; 32]).id(RelationshipId::new(0, index), resource_type, mapping, &key)
    }

    #[test]
    fn id_should_be_a_fhir_id_that_begins_with_the_relationship() {
        let id = id(3, "Observation", "lab", &["1"]);
        assert!(id.starts_with("r0-3.") && id.len() <= 64);
        assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.'));
    }

    #[test]
    fn id_should_be_the_relationship_when_it_is_the_patients() {
        assert_eq!(id(3, "Patient", "patient", &["MRN-1"]), "r0-3");
    }

    #[test]
    fn id_should_differ_when_anything_differs() {
        let one = id(3, "Observation", "lab", &["1"]);
        assert_eq!(one, id(3, "Observation", "lab", &["1"]));
        let tail = |id: &str| id.split('.').next_back().map(str::to_owned);
        for other in [
            id(4, "Observation", "lab", &["1"]),
            id(3, "Condition", "lab", &["1"]),
            id(3, "Observation", "vitals", &["1"]),
            id(3, "Observation", "lab", &["2"]),
            id(3, "Observation", "lab", &["1", ""]),
            Pseudonyms::new([8; 32]).id(RelationshipId::new(0, 3), "Observation", "lab", &["1".to_owned()]),
        ] {
            assert_ne!(tail(&one), tail(&other));
        }
        assert_ne!(id(3, "Observation", "lab", &["1", "23"]), id(3, "Observation", "lab", &["12", "3"]));
    }
}
