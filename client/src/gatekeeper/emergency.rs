//! Breaking the glass while the chain cannot be reached, as a client does it.

use medrec_policy::purpose::Purpose;
use medrec_primitives::{ReasonDigest, RelationshipId};

use reqwest::Method;

use super::{Access, Gatekeeper, GatekeeperError};
use crate::{
    emergency::{is_draft_of, BreakRequest, Broken, Draft, DraftRequest, EmergencyCard, FindRequest, Found},
    keys::KeyPair,
    text::hex0x,
};

/// What emergencies are asked for.
const PURPOSE: Purpose = Purpose::EmergencyTreatment;

impl Gatekeeper {
    /// The gatekeeper that a card names. Nobody is asked for it: the chain may be away.
    pub fn of_card(card: &EmergencyCard) -> Result<Self, GatekeeperError> {
        Self::new(&card.gatekeeper, card.genesis, card.relationship.member, card.key.clone())
    }

    /// The card of one of this gatekeeper's patients.
    pub fn card(&self, relationship: RelationshipId) -> EmergencyCard {
        EmergencyCard {
            gatekeeper: self.base.clone(),
            key: self.key.clone(),
            genesis: self.genesis,
            relationship,
        }
    }

    /// Whose a record number is, to the letter. For emergency staff, and on the log.
    pub async fn find_in_emergency(&self, key: &KeyPair, record: &str) -> Result<Found, GatekeeperError> {
        self.emergency(key, "/emergency/find", &FindRequest { record: record.into() }).await
    }

    /// Breaks the glass without the chain: asks for the transaction, looks whether it is what was asked for, signs it.
    pub async fn break_glass(
        &self,
        key: &KeyPair,
        relationship: RelationshipId,
        reason: &ReasonDigest,
    ) -> Result<Broken, GatekeeperError> {
        let (patient, digest) = (relationship.to_string(), hex0x(reason));
        let request = DraftRequest { patient: patient.clone(), reason: digest.clone() };
        let draft: Draft = self.emergency(key, "/emergency/draft", &request).await?;
        let payload = draft.payload.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
        let payload = payload.filter(|payload| is_draft_of(payload, relationship, reason, self.genesis));
        let payload =
            payload.ok_or(GatekeeperError::Malformed("a draft of something else than was asked for"))?;
        let signature = crate::signature::sign_transaction(key, &payload).to_hex();
        let request = BreakRequest { patient, reason: digest, payload: draft.payload, signature };
        self.emergency(key, "/emergency/break", &request).await
    }

    async fn emergency<A: serde::Serialize, R: serde::de::DeserializeOwned>(
        &self,
        key: &KeyPair,
        target: &str,
        asked: &A,
    ) -> Result<R, GatekeeperError> {
        let body = serde_json::to_vec(asked)
            .map_err(|_| GatekeeperError::Malformed("a request that cannot be written"))?;
        let answered =
            self.exchange(&Access::Signed { key, purpose: PURPOSE }, Method::POST, target, body).await?;
        serde_json::from_slice(&answered).map_err(|_| GatekeeperError::Malformed("an answer in another form"))
    }
}
