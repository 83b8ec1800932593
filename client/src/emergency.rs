//! Breaking the glass while the chain cannot be reached: what the card says, and what is asked and signed.
//!
//! The patient carries a card (text or QR code): which gatekeeper, by which key it is known, which relationship. It opens nothing. Emergency
//! staff ask the gatekeeper for a draft of the very transaction that breaks the glass on chain, sign it, and hand it back: the
//! gatekeeper keeps it and submits it once the chain is there again.
//!
//! | Route | Takes | Gives |
//! |---|---|---|
//! | `POST /emergency/find` | [`FindRequest`] | [`Found`] |
//! | `POST /emergency/draft` | [`DraftRequest`] | [`Draft`] |
//! | `POST /emergency/break` | [`BreakRequest`] | [`Broken`] |

use core::{fmt, str::FromStr};

use codec::Encode;
use medrec_primitives::{AccountId, Moment, ReasonDigest, RelationshipId};
use serde::{Deserialize, Serialize};
use sp_core::{crypto::Ss58Codec, H256};

use crate::text;

/// What a card begins with.
const PREFIX: &str = "medrec-card:v1:";

/// For how many blocks a drafted transaction may be included: as many as the chain remembers hashes of.
pub const MORTALITY: u64 = 4096;

/// What an emergency needs to know of a patient beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmergencyCard {
    /// The gatekeeper's address.
    pub gatekeeper: String,
    /// The key that it signs answers by.
    pub key: AccountId,
    /// The chain.
    pub genesis: H256,
    /// The relationship.
    pub relationship: RelationshipId,
}

/// The text is not a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an emergency card; it starts with medrec-card:v1: and must be copied whole")]
pub struct CardError;

impl fmt::Display for EmergencyCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { gatekeeper, key, genesis, relationship } = self;
        let (gatekeeper, key) = (text::percent_encode(gatekeeper), key.to_ss58check());
        write!(f, "{PREFIX}{gatekeeper}:{key}:{}:{relationship}", hex::encode(genesis))
    }
}

impl FromStr for EmergencyCard {
    type Err = CardError;

    fn from_str(card: &str) -> Result<Self, Self::Err> {
        let read = || {
            let mut parts = card.strip_prefix(PREFIX)?.split(':');
            let gatekeeper = text::percent_decode(parts.next()?).filter(|url| text::is_base_url(url))?;
            let key = text::account(parts.next()?)?;
            let genesis = H256(text::hex_array(parts.next()?)?);
            let relationship = parts.next()?.parse().ok()?;
            parts.next().is_none().then_some(Self { gatekeeper, key, genesis, relationship })
        };
        read().ok_or(CardError)
    }
}

/// Asks for the relationship of a patient whose record number is known to the letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindRequest {
    /// The record number, as on a wristband.
    pub record: String,
}

/// Whom a record number belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The relationship.
    pub patient: String,
}

/// Asks for a transaction to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftRequest {
    /// The relationship.
    pub patient: String,
    /// The digest of the reason: `0x` and 64 digits.
    pub reason: String,
}

/// A transaction to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The bytes that the signature is under: `0x` and digits.
    pub payload: String,
    /// Until when the glass would be broken (ms).
    pub until: Moment,
}

/// Breaks the glass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakRequest {
    /// The relationship.
    pub patient: String,
    /// The digest of the reason.
    pub reason: String,
    /// [`Draft::payload`], as it was given.
    pub payload: String,
    /// The signature under it: `0x` and digits.
    pub signature: String,
}

/// The glass is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// Until when (ms), if the chain stays away.
    pub until: Moment,
    /// The types that can be read.
    pub types: Vec<String>,
}

/// Whether a payload is that of a call which takes this relationship and this reason, on this chain and no other. Which call it is, the
/// gatekeeper's metadata says: that is what is trusted to it.
pub fn is_draft_of(
    payload: &[u8],
    relationship: RelationshipId,
    reason: &ReasonDigest,
    genesis: H256,
) -> bool {
    let arguments = [relationship.encode().as_slice(), reason.as_slice()].concat();
    let rest = payload.get(2..).and_then(|rest| rest.strip_prefix(arguments.as_slice()));
    // What is signed beside the call: era, nonce, tip, versions, two hashes, and nothing that could hold another call.
    rest.is_some_and(|rest| rest.len() < 128 && rest.windows(32).any(|hash| hash == genesis.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> EmergencyCard {
        EmergencyCard {
            gatekeeper: "https://gate.example.org:8443".into(),
            key: [3; 32].into(),
            genesis: H256::repeat_byte(7),
            relationship: RelationshipId::new(0, 3),
        }
    }

    #[test]
    fn card_should_return_unchanged_when_read() {
        assert_eq!(card().to_string().parse(), Ok(card()));
    }

    #[test]
    fn card_should_be_refused_when_anything_is_odd() {
        let text = card().to_string();
        for odd in
            ["", &text[1..], &format!("{text}:x"), &text.replace("r0-3", "r0"), &text.replace("https", "ftp")]
        {
            assert_eq!(odd.parse::<EmergencyCard>(), Err(CardError), "{odd}");
        }
    }

    #[test]
    fn draft_should_be_known_by_relationship_reason_and_chain() {
        let (id, reason, genesis) = (RelationshipId::new(0, 3), [9; 32], H256::repeat_byte(7));
        let payload = [&[7, 5][..], &id.encode(), &reason, &[0; 11], genesis.as_bytes(), &[1; 32]].concat();
        assert!(is_draft_of(&payload, id, &reason, genesis));
        assert!(!is_draft_of(&payload, RelationshipId::new(0, 4), &reason, genesis));
        assert!(!is_draft_of(&payload, id, &[8; 32], genesis));
        assert!(!is_draft_of(&payload, id, &reason, H256::repeat_byte(8)));
        assert!(!is_draft_of(&[payload, vec![0; 128]].concat(), id, &reason, genesis));
        assert!(!is_draft_of(&[1], id, &reason, genesis));
    }
}
