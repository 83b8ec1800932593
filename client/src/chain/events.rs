//! Events that the pallets of MedRec deposit, as types.

use codec::{Decode, DecodeAll};
use medrec_primitives::{
    research::StudyId, AccountId, GlassId, GrantId, GroupId, MemberId, Moment, ReasonDigest, RelationshipId,
    RequestId, ReviewOutcome, SealingKeyId, StaffId, StaffRole, TicketDigest, Viewer,
};

use sp_core::H256;

use super::{connect::Chain, error::ChainError};

/// An event as it stands in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The pallet's name.
    pub pallet: String,
    /// The event's name.
    pub name: String,
    /// Its fields, SCALE-encoded one after the other.
    pub fields: Vec<u8>,
}

/// A kind of event.
pub trait Kind: Decode {
    /// The pallet's name.
    const PALLET: &'static str;
    /// The event's name.
    const NAME: &'static str;
}

impl Event {
    /// This event as a `K`, or nothing where it is another.
    pub fn as_kind<K: Kind>(&self) -> Option<Result<K, ChainError>> {
        (self.pallet == K::PALLET && self.name == K::NAME).then(|| {
            K::decode_all(&mut self.fields.as_slice())
                .map_err(|error| ChainError::undecodable(format!("{}.{}", K::PALLET, K::NAME), error))
        })
    }
}

impl Chain {
    /// Every event of a block, in its order.
    pub async fn events(&self, block: H256) -> Result<Vec<Event>, ChainError> {
        let failed = |reason: String| ChainError::Rpc { what: "for a block's events".into(), reason };
        let at = self.connection().at_block(block).await.map_err(|error| failed(error.to_string()))?;
        let deposited = at.events().fetch().await.map_err(|error| failed(error.to_string()))?;
        let read = deposited.iter().map(|event| {
            let event = event.map_err(|error| ChainError::undecodable("a block's events", error))?;
            Ok(Event {
                pallet: event.pallet_name().into(),
                name: event.event_name().into(),
                fields: event.field_bytes().to_vec(),
            })
        });
        read.collect()
    }
}

macro_rules! events {
    ($($pallet:literal $name:ident $what:literal { $($field:ident: $type:ty, $about:literal;)* })*) => {
        $(
            #[doc = $what]
            #[derive(Clone, Debug, PartialEq, Eq, Decode)]
            pub struct $name {
                $(#[doc = $about] pub $field: $type,)*
            }

            impl Kind for $name {
                const PALLET: &'static str = $pallet;
                const NAME: &'static str = stringify!($name);
            }
        )*
    };
}

events! {
    "Registry" Applied "Someone applied for membership." {
        member: MemberId, "The applicant.";
        account: AccountId, "Who signs for it.";
    }
    "Registry" Admitted "The consortium admitted an applicant." {
        member: MemberId, "The new member.";
    }
    "Registry" SealingKeyRotated "A member has a new sealing key." {
        member: MemberId, "The member.";
        key: SealingKeyId, "The new key's number.";
    }
    "Registry" StaffAdded "A person joined a member's staff." {
        staff: StaffId, "The person.";
        key: AccountId, "The person's key.";
        role: StaffRole, "What the person may act as.";
    }
    "Registry" GroupCreated "A group was opened." {
        group: GroupId, "The group.";
        owner: MemberId, "The member that keeps it.";
    }
    "Relationships" DepositWithdrawn "A member took back what nothing was held for." {
        member: MemberId, "The member.";
        amount: u128, "How much (plancks).";
    }
    "Relationships" Proposed "A provider proposed a relationship." {
        relationship: RelationshipId, "The relationship.";
        patient: AccountId, "The patient's key in it.";
        ticket: TicketDigest, "Digest of the enrolment ticket that the patient presented.";
    }
    "Relationships" MinorProposed "A provider proposed a relationship for a minor." {
        relationship: RelationshipId, "The relationship.";
        guardian: AccountId, "The guardian's key in it.";
        handover: Moment, "When the minor comes of age (ms).";
        ticket: TicketDigest, "Digest of the enrolment ticket that the guardian presented.";
    }
    "Relationships" Accepted "A patient accepted a relationship." {
        relationship: RelationshipId, "The relationship.";
    }
    "Relationships" Rejected "A patient rejected a relationship." {
        relationship: RelationshipId, "The relationship.";
    }
    "Relationships" Resumed "The patient's side made a suspended relationship active again." {
        relationship: RelationshipId, "The relationship.";
    }
    "Relationships" ResumptionAllowed "The provider consents to the patient's side resuming what it had suspended." {
        relationship: RelationshipId, "The relationship.";
    }
    "Relationships" Ended "A relationship ended." {
        relationship: RelationshipId, "The relationship.";
    }
    "Research" StudyProposed "A researcher proposed a study." {
        study: StudyId, "The study.";
        researcher: MemberId, "The researcher.";
    }
    "Permissions" Granted "A patient allowed something." {
        relationship: RelationshipId, "The relationship.";
        grant: GrantId, "The rule.";
        viewer: Viewer, "Whom it is about.";
    }
    "Permissions" Denied "A patient denied something." {
        relationship: RelationshipId, "The relationship.";
        grant: GrantId, "The rule.";
        viewer: Viewer, "Whom it is about.";
    }
    "Permissions" Revoked "A patient took a rule back." {
        relationship: RelationshipId, "The relationship.";
        grant: GrantId, "The rule.";
    }
    "Permissions" Shared "A viewer shared onward what it was given." {
        relationship: RelationshipId, "The relationship.";
        grant: GrantId, "The rule.";
        parent: GrantId, "The rule that it was shared from, with which it falls.";
        viewer: Viewer, "Whom it is about.";
    }
    "Permissions" Expired "A rule was cleared away: its time was over." {
        relationship: RelationshipId, "The relationship.";
        grant: GrantId, "The rule.";
    }
    "Permissions" GlassBroken "Someone broke the glass." {
        relationship: RelationshipId, "The relationship.";
        glass: GlassId, "The break.";
        staff: StaffId, "Who.";
        until: Moment, "Until when (ms), unless closed earlier.";
        reason: ReasonDigest, "Digest of the reason.";
    }
    "Permissions" GlassClosed "A broken glass opens nothing any more." {
        relationship: RelationshipId, "The relationship.";
        glass: GlassId, "The break.";
    }
    "Permissions" GlassReviewed "The consortium reviewed a break." {
        relationship: RelationshipId, "The relationship.";
        glass: GlassId, "The break.";
        outcome: ReviewOutcome, "What it found.";
    }
    "Access" Requested "Someone asked on chain." {
        request: RequestId, "The request.";
        relationship: RelationshipId, "Whose records.";
    }
}
