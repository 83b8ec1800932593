//! A whole answer with the proofs of all that it shows, as a gatekeeper hands it out and as it is kept in a file.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    canonical,
    disclose::Proof,
    verify::{check, Altered, Claim},
};

/// The media type of [`ProvenAnswer`].
pub const MEDIA_TYPE: &str = "application/vnd.medrec.proof+json";

/// The form of [`ProvenAnswer`] that this library writes and reads.
pub const VERSION: u8 = 1;

/// An answer with the gatekeeper's signature under it, and a proof for each resource in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvenAnswer {
    /// [`VERSION`].
    pub version: u8,
    /// The chain: `0x` and 64 hexadecimal digits.
    pub genesis: String,
    /// Whose gatekeeper answered.
    pub member: u32,
    /// Path and query that were asked for.
    pub target: String,
    /// Who asked: SS58.
    pub asker: String,
    /// The HTTP status.
    pub status: u16,
    /// When (ms).
    pub date: u64,
    /// The header `MedRec-Signature` that belongs to the answer.
    pub signature: String,
    /// The answer itself, byte for byte.
    pub answer: String,
    /// For each resource of the answer its proof, in the answer's order.
    pub proofs: Vec<Proof>,
}

impl ProvenAnswer {
    /// Its one spelling.
    pub fn to_text(&self) -> String {
        canonical::text(&serde_json::to_value(self).unwrap_or_default())
    }

    /// Of a text in that spelling, and no other. A line break at the end, which editors add, is nobody's alteration.
    pub fn parse(text: &str) -> Result<Self, Altered> {
        let value = canonical::parse(text.strip_suffix('\n').unwrap_or(text))?;
        let parsed: Self = serde_json::from_value(value).map_err(|_| Altered::Form)?;
        if parsed.version == VERSION {
            Ok(parsed)
        } else {
            Err(Altered::Form)
        }
    }

    /// Checks every resource against its proof, and gives what the chain, or the gatekeeper's key, must confirm for each. The
    /// signature under the answer is for the caller to check.
    pub fn check(&self) -> Result<Vec<(String, Claim)>, Altered> {
        let answer = canonical::parse(&self.answer)?;
        let resources = resources(&answer);
        if resources.len() != self.proofs.len() {
            return Err(Altered::Unproven);
        }
        let mut claims = Vec::with_capacity(resources.len());
        for (resource, proof) in resources.into_iter().zip(&self.proofs) {
            let claim = check(resource, proof)?;
            let member = match &claim {
                Claim::Anchored { member, .. } => *member,
                Claim::Pending { pending, .. } if pending.genesis != self.genesis => {
                    return Err(Altered::Form)
                }
                Claim::Pending { pending, .. } => pending.member,
            };
            if member != self.member {
                return Err(Altered::Form);
            }
            claims.push((proof.resource.clone(), claim));
        }
        Ok(claims)
    }
}

/// The records in an answer: of a Bundle its entries but for what the search itself has to say, else the answer.
pub fn resources(answer: &Value) -> Vec<&Value> {
    let is_record =
        |resource: &&Value| resource.get("resourceType").is_some_and(|name| name != "OperationOutcome");
    if answer.get("resourceType").is_some_and(|name| name == "Bundle") {
        let entries = answer.get("entry").and_then(Value::as_array).into_iter().flatten();
        entries.filter_map(|entry| entry.get("resource")).filter(is_record).collect()
    } else {
        std::iter::once(answer).filter(is_record).collect()
    }
}
