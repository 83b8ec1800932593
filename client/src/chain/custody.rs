//! What the chain keeps of minors and lost keys. `MedRecApi` tells nothing of these, so they are read from storage; the types
//! are those of `pallet-relationships`.

use codec::{Decode, Encode};
use medrec_primitives::{AccountId, Moment, RelationshipId, TicketDigest, DAY_MS};
use sp_crypto_hashing::twox_64;

use super::{error::ChainError, state::State, storage_key};

const PALLET: &str = "Relationships";

/// How long a rekey that is ready may still be finished (ms): `REKEY_TERM` of `pallet-relationships`.
pub const REKEY_TERM: Moment = 30 * DAY_MS;

/// A request to put a fresh key in the place of a lost one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Rekey {
    /// The lost key: the patient's, or a guardian's of a minor who has none.
    pub lost: AccountId,
    /// The fresh key.
    pub key: AccountId,
    /// Digest of the ticket with which the provider has approved.
    pub ticket: Option<TicketDigest>,
    /// The custodian who has approved. It counts as long as this custodian manages the relationship.
    pub custodian: Option<AccountId>,
    /// When it was asked for (ms).
    pub asked: Moment,
    /// From when it may be finished (ms), approvals given, for [`REKEY_TERM`].
    pub ready: Moment,
    /// How far it is.
    pub stage: RekeyStage,
}

/// How far a rekey is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum RekeyStage {
    /// Asked for.
    Asked,
    /// The key that is said to be lost has vetoed it. Nothing goes on until identity is proofed anew.
    Vetoed,
    /// The provider has proofed after a veto that the fresh key goes on. Frozen as before, until it is finished.
    Reproofed,
}

impl Rekey {
    /// Whether it was vetoed, so that nothing but what narrows access goes on.
    pub fn is_frozen(&self) -> bool {
        self.stage != RekeyStage::Asked
    }

    /// When it lapses (ms), unless it is finished. One that was vetoed waits for the provider's word for ever.
    pub fn lapses(&self) -> Option<Moment> {
        (self.stage != RekeyStage::Vetoed).then(|| self.ready.saturating_add(REKEY_TERM))
    }

    /// Whether it can no longer be finished as it is.
    pub fn has_lapsed(&self, now: Moment) -> bool {
        self.lapses().is_some_and(|end| end <= now)
    }
}

/// What the chain keeps of a relationship beside its parties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Custody {
    /// The rekey that is under way.
    pub rekey: Option<Rekey>,
    /// When the minor comes of age (ms); nothing where the patient has a key.
    pub handover: Option<Moment>,
}

impl State<'_> {
    /// The rekey that is under way, and a minor's handover.
    pub async fn custody(&self, relationship: RelationshipId) -> Result<Custody, ChainError> {
        let key = hashed(relationship);
        Ok(Custody {
            rekey: self.storage(PALLET, "Rekeys", &key).await?,
            handover: self.storage(PALLET, "Handovers", &key).await?,
        })
    }
}

/// The storage key of the rekey of a relationship.
pub fn rekey_key(relationship: RelationshipId) -> Vec<u8> {
    [storage_key(PALLET, "Rekeys").as_slice(), &hashed(relationship)].concat()
}

/// The storage key of the handover of a relationship.
pub fn handover_key(relationship: RelationshipId) -> Vec<u8> {
    [storage_key(PALLET, "Handovers").as_slice(), &hashed(relationship)].concat()
}

/// What stands in the place of the patient's key while a minor has none; nobody has its key.
pub fn minor_account(relationship: RelationshipId) -> AccountId {
    // As `PalletId::into_sub_account_truncating` derives it.
    let mut account = [0; 32];
    account[..12].copy_from_slice(b"modlmdr/mino");
    account[12..16].copy_from_slice(&relationship.member.to_le_bytes());
    account[16..20].copy_from_slice(&relationship.index.to_le_bytes());
    account.into()
}

/// The hashed part of the key of a map by member and number (`Twox64Concat` twice).
pub(super) fn hashed(relationship: RelationshipId) -> Vec<u8> {
    let mut key = Vec::with_capacity(24);
    for number in [relationship.member, relationship.index] {
        let bytes = number.to_le_bytes();
        key.extend(twox_64(&bytes));
        key.extend(bytes);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rekey(stage: RekeyStage) -> Rekey {
        let [lost, key] = [[1; 32], [2; 32]].map(AccountId::new);
        Rekey { lost, key, ticket: None, custodian: None, asked: 0, ready: 10, stage }
    }

    #[test]
    fn rekey_should_lapse_a_term_after_it_was_ready_unless_it_was_vetoed() {
        for (stage, lapses) in
            [(RekeyStage::Asked, true), (RekeyStage::Vetoed, false), (RekeyStage::Reproofed, true)]
        {
            assert!(!rekey(stage).has_lapsed(9 + REKEY_TERM));
            assert_eq!(rekey(stage).has_lapsed(10 + REKEY_TERM), lapses, "{stage:?}");
        }
    }

    #[test]
    fn minors_account_should_be_another_in_each_relationship() {
        let one = minor_account(RelationshipId::new(0, 1));
        assert_ne!(one, minor_account(RelationshipId::new(1, 0)));
        assert_ne!(one, super::super::calls::balances::deposit_account(0));
    }
}
