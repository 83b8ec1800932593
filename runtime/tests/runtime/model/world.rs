//! The state of the model: plain maps, written from the pallets' READMEs.

use std::collections::{BTreeMap, BTreeSet};

use medrec_primitives::{
    AccessRequest, Anchor, Custodian, CustodianRights, Glass, GlassId, GlassReview, Grant, GroupId, Member,
    MemberId, MemberRole, MemberStatus, Moment, Pointer, Receipt, RelationshipFlags, RelationshipId,
    RelationshipStatus, RequestId, SealingKey, Staff, StaffFacts, StaffId, StaffRole, DAY_MS,
};
use medrec_runtime::{AccountId, Balance, Runtime};
use pallet_registry::Error as Registry;
use pallet_relationships::{Error as Relationships, RekeyStage};
use sp_runtime::DispatchError;

/// How long a rekey that is ready can be finished (ms).
pub const REKEY_TERM: Moment = 30 * DAY_MS;
/// For how long custodians manage before they have a say in a rekey (ms).
pub const MIN_CUSTODY: Moment = 7 * DAY_MS;

/// What a key that signs for members or their staff is, or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Signs for the member.
    Account(MemberId),
    /// The member's gatekeeper's.
    Gatekeeper(MemberId),
    /// Was one of these.
    Former,
    /// Is, or was, a person's on a staff.
    Staff(StaffId),
}

/// What a key is to its relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Patient,
    Custodian,
    Pending,
    Retired,
}

/// The free calls of one key on one day: those that do not narrow access, and those that do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    pub day: u32,
    pub calls: u8,
    pub narrowing: u8,
}

/// A request for a fresh key.
#[derive(Clone, Debug)]
pub struct Rekey {
    pub lost: AccountId,
    pub key: AccountId,
    pub provider: bool,
    /// Which custodian has approved.
    pub custodian: Option<AccountId>,
    pub asked: Moment,
    pub ready: Moment,
    pub stage: RekeyStage,
}

impl Rekey {
    /// Whether it was vetoed, and is not over since.
    pub fn is_frozen(&self) -> bool {
        self.stage != RekeyStage::Asked
    }

    /// Whether its time is over. After a veto it waits for the provider, however long.
    pub fn has_lapsed(&self, now: Moment) -> bool {
        self.stage != RekeyStage::Vetoed && self.ready + REKEY_TERM <= now
    }
}

/// A relationship, and all that hangs on it.
#[derive(Clone, Debug)]
pub struct Relationship {
    pub patient: AccountId,
    pub status: RelationshipStatus,
    pub ticket: bool,
    pub custodians: Vec<Custodian>,
    pub inactivity: Option<u16>,
    pub flags: RelationshipFlags,
    /// When a minor without a key comes of age; the patient has a key where there is none.
    pub handover: Option<Moment>,
    /// The day of the request to step in, and whether it is confirmed.
    pub step_in: Option<(u32, bool)>,
    pub rekey: Option<Rekey>,
    /// Whether the provider suspended it, and the one key that resumes it after a veto.
    pub suspension: (bool, Option<AccountId>),
    pub patient_keys: u8,
    pub custodian_keys: u8,
    pub pointers: BTreeMap<u8, Pointer>,
    pub rules: BTreeMap<u32, (Grant, Option<StaffId>)>,
    pub next_rule: u32,
    /// The custodian's key, of rules that a custodian granted; past ones among them.
    pub granted_by: BTreeMap<u32, AccountId>,
    pub glasses: Vec<Glass>,
    pub held: Balance,
}

/// A group of members.
#[derive(Clone, Debug)]
pub struct Group {
    pub owner: MemberId,
    pub members: BTreeSet<MemberId>,
}

/// What a member's staff broke.
#[derive(Clone, Debug, Default)]
pub struct Breaks {
    pub next: u32,
    pub unjustified: u32,
    pub day: u32,
    pub today: BTreeMap<u32, u8>,
}

/// What is held on a member's account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    pub member: Balance,
    pub staff: Balance,
    pub group: Balance,
}

/// Everything.
#[derive(Default)]
pub struct World {
    pub now: Moment,
    pub members: BTreeMap<MemberId, Member>,
    pub next_member: MemberId,
    /// Names in their normal form.
    pub names: BTreeMap<String, MemberId>,
    pub sealing_keys: BTreeMap<(MemberId, u8), SealingKey>,
    pub staff: BTreeMap<StaffId, Staff>,
    pub groups: BTreeMap<GroupId, Group>,
    pub next_group: GroupId,
    /// Keys of members and staff, for ever.
    pub used: BTreeMap<AccountId, Use>,
    /// Keys of patients and custodians, for ever.
    pub parts: BTreeMap<AccountId, (RelationshipId, Part)>,
    /// Free calls made, by key.
    pub spent: BTreeMap<AccountId, Spent>,
    pub relationships: BTreeMap<RelationshipId, Relationship>,
    /// Those that have not ended, oldest first.
    pub open: Vec<RelationshipId>,
    pub next_relationship: BTreeMap<MemberId, u32>,
    pub breaks: BTreeMap<MemberId, Breaks>,
    pub reviews: BTreeMap<GlassId, GlassReview>,
    pub requests: BTreeMap<RequestId, AccessRequest>,
    pub receipts: BTreeMap<RequestId, Receipt>,
    /// Requests of the patient's side's own with a receipt, oldest first.
    pub own_receipts: BTreeMap<RelationshipId, Vec<RequestId>>,
    pub next_request: BTreeMap<MemberId, u32>,
    pub anchors: BTreeMap<MemberId, Vec<Anchor>>,
    pub held: BTreeMap<AccountId, Held>,
    /// What is free on the deposit account of each member, and what is held there.
    pub deposits: BTreeMap<MemberId, (Balance, Balance)>,
    pub nonces: BTreeMap<AccountId, u32>,
    /// Who can pay fees.
    pub funded: BTreeSet<AccountId>,
    /// Who can pay fees, but no deposit.
    pub poor: BTreeSet<AccountId>,
}

impl Relationship {
    pub fn is_keyless(&self, id: RelationshipId) -> bool {
        self.patient == pallet_relationships::Pallet::<Runtime>::minor_account(id)
    }

    /// How many rules are in place: allows, denials, what was shared onward.
    pub fn counts(&self) -> (u8, u8, u8) {
        let count =
            |of: &dyn Fn(&Grant) -> bool| self.rules.values().filter(|(rule, _)| of(rule)).count() as u8;
        let denies = |rule: &Grant| rule.effect == medrec_primitives::Effect::Deny;
        (
            count(&|rule| !denies(rule) && rule.parent.is_none()),
            count(&denies),
            count(&|rule| rule.parent.is_some()),
        )
    }

    /// Takes back what a custodian granted, and what was shared onward from it.
    pub fn take_back(&mut self, custodian: &AccountId) {
        let gone = self.falling(|rule, _| self.granted_by.get(&rule) == Some(custodian));
        self.rules.retain(|rule, _| !gone.contains(rule));
    }

    /// The rules that fall with those that `falls` says fall.
    pub fn falling(&self, falls: impl Fn(u32, &Grant) -> bool) -> BTreeSet<u32> {
        let mut falling = BTreeSet::new();
        for (id, (rule, _)) in &self.rules {
            if falls(*id, rule) || rule.parent.is_some_and(|parent| falling.contains(&parent)) {
                falling.insert(*id);
            }
        }
        falling
    }
}

/// Whether now lies within a custodian's dates.
pub fn in_force(custodian: &Custodian, now: Moment) -> bool {
    custodian.not_before <= now && custodian.not_after.is_none_or(|end| now < end)
}

/// Whether a custodian may act only after stepping in.
pub fn is_dormant(custodian: &Custodian) -> bool {
    custodian.rights.contains(CustodianRights::DORMANT)
}

impl World {
    pub fn today(&self) -> u32 {
        (self.now / DAY_MS) as u32
    }

    /// Whether anybody uses this key, or ever did.
    pub fn is_used(&self, key: &AccountId) -> bool {
        self.used.contains_key(key) || self.parts.contains_key(key)
    }

    pub fn ensure_fresh(&self, key: &AccountId) -> Result<(), DispatchError> {
        frame_support::ensure!(!self.is_used(key), Registry::<Runtime>::KeyUsed);
        Ok(())
    }

    /// Where a member stands; someone unknown counts as removed.
    pub fn member_status(&self, member: MemberId) -> MemberStatus {
        self.members.get(&member).map_or(MemberStatus::Removed, |member| member.status)
    }

    /// The member that an account signs for in everything.
    pub fn member_of_account(&self, who: &AccountId) -> Result<MemberId, DispatchError> {
        match self.used.get(who) {
            Some(Use::Account(member)) => Ok(*member),
            _ => Err(Registry::<Runtime>::NotAMember.into()),
        }
    }

    /// The member whose account or gatekeeper's key this is.
    pub fn provider_of(&self, who: &AccountId) -> Option<MemberId> {
        match self.used.get(who) {
            Some(Use::Account(member) | Use::Gatekeeper(member)) => Some(*member),
            _ => None,
        }
    }

    pub fn active_provider(&self, who: &AccountId) -> Result<MemberId, DispatchError> {
        let id = self.provider_of(who).ok_or(Registry::<Runtime>::NotAMember)?;
        let member = self.members.get(&id).ok_or(Registry::<Runtime>::UnknownMember)?;
        let good = member.status == MemberStatus::Active && member.role == MemberRole::Provider;
        frame_support::ensure!(good, Registry::<Runtime>::WrongStatus);
        Ok(id)
    }

    pub fn staff_facts(&self, who: &AccountId) -> Option<StaffFacts> {
        let Some(Use::Staff(id)) = self.used.get(who) else { return None };
        let staff = self.staff.get(id).filter(|staff| staff.key == *who)?;
        Some(StaffFacts {
            id: *id,
            role: staff.role,
            from: staff.from,
            until: staff.until,
            member_status: self.member_status(id.member),
            groups: self.groups_of(id.member),
        })
    }

    /// The groups of a member, ascending.
    pub fn groups_of(&self, member: MemberId) -> Vec<GroupId> {
        self.groups.iter().filter(|(_, group)| group.members.contains(&member)).map(|(id, _)| *id).collect()
    }

    /// The person behind a key, if in force now.
    pub fn active_staff(&self, who: &AccountId) -> Option<StaffFacts> {
        self.staff_facts(who).filter(|staff| {
            staff.member_status == MemberStatus::Active && staff.from <= self.now && self.now < staff.until
        })
    }

    pub fn starts(&self, role: StaffRole) -> Moment {
        self.now + if role == StaffRole::Emergency { DAY_MS } else { 0 }
    }

    pub fn may_seal_to(&self, member: MemberId, key: u8) -> bool {
        self.sealing_keys.get(&(member, key)).is_some_and(|key| key.not_after.is_none())
    }

    pub fn relationship(&self, id: RelationshipId) -> Result<&Relationship, DispatchError> {
        self.relationships.get(&id).ok_or(Relationships::<Runtime>::UnknownRelationship.into())
    }

    pub fn relationship_mut(&mut self, id: RelationshipId) -> Result<&mut Relationship, DispatchError> {
        self.relationships.get_mut(&id).ok_or(Relationships::<Runtime>::UnknownRelationship.into())
    }

    /// Where a relationship stands: one whose minor has come of age and has no key rests.
    pub fn status(&self, relationship: &Relationship) -> RelationshipStatus {
        let resting = relationship.handover.is_some_and(|date| date <= self.now);
        match relationship.status {
            RelationshipStatus::Active if resting => RelationshipStatus::Suspended,
            status => status,
        }
    }

    /// The day of the last sign of life of the patient's; nobody's where there is no key.
    pub fn last_sign(&self, relationship: &Relationship) -> Option<u32> {
        self.parts.contains_key(&relationship.patient).then(|| self.spent_of(&relationship.patient).day)
    }

    pub fn spent_of(&self, key: &AccountId) -> Spent {
        self.spent.get(key).copied().unwrap_or_default()
    }

    /// The request to step in, unless the patient has made a call since.
    pub fn standing_request(&self, relationship: &Relationship) -> Option<bool> {
        let last = self.last_sign(relationship)?;
        relationship.step_in.filter(|(day, _)| last < *day).map(|(_, confirmed)| confirmed)
    }

    pub fn is_stepped_in(&self, relationship: &Relationship) -> bool {
        self.standing_request(relationship) == Some(true)
    }

    /// Whether a custodian has a right, and may use it now.
    pub fn may_use(
        &self,
        relationship: &Relationship,
        custodian: &Custodian,
        right: CustodianRights,
    ) -> bool {
        custodian.rights.contains(right)
            && in_force(custodian, self.now)
            && (!is_dormant(custodian) || self.is_stepped_in(relationship))
    }

    /// Whether `who` is a custodian with this right, which it may use now.
    pub fn acts(&self, relationship: &Relationship, who: &AccountId, right: CustodianRights) -> bool {
        let custodian = relationship.custodians.iter().find(|custodian| custodian.key == *who);
        custodian.is_some_and(|custodian| self.may_use(relationship, custodian, right))
    }

    pub fn ensure_patient_side(
        &self,
        who: &AccountId,
        id: RelationshipId,
        right: CustodianRights,
    ) -> Result<(), DispatchError> {
        let relationship = self.relationship(id)?;
        let allowed = relationship.patient == *who || self.acts(relationship, who, right);
        frame_support::ensure!(allowed, Relationships::<Runtime>::NotAllowed);
        Ok(())
    }

    /// Day by day allowances are fresh; a clock that went back changes nothing.
    pub fn spent_today(&self, key: &AccountId) -> Spent {
        let spent = self.spent_of(key);
        if self.today() > spent.day {
            Spent { day: self.today(), calls: 0, narrowing: 0 }
        } else {
            spent
        }
    }

    /// Notes that the holder of a key lives.
    pub fn note_life(&mut self, key: &AccountId) {
        let spent = self.spent_today(key);
        self.spent.insert(key.clone(), spent);
    }

    /// Clears what idle blocks clear: rules and glasses an hour after their end, requests and receipts within the minute.
    pub fn clear_expired(&mut self) {
        const HOUR: Moment = 60 * 60 * 1000;
        const MINUTE: Moment = 60_000;
        let now = self.now;
        for id in &self.open {
            let Some(relationship) = self.relationships.get_mut(id) else { continue };
            let gone = relationship
                .falling(|_, rule| rule.not_after.is_some_and(|end| end.saturating_add(HOUR) <= now));
            relationship.rules.retain(|rule, _| !gone.contains(rule));
            relationship.glasses.retain(|glass| now < glass.until + HOUR);
        }
        let due = |moment: Moment| moment.div_ceil(MINUTE) <= now / MINUTE;
        self.requests.retain(|_, request| !due(request.expires));
        self.receipts.retain(|_, receipt| !due(receipt.at + 30 * DAY_MS));
        let receipts = &self.receipts;
        self.own_receipts.values_mut().for_each(|own| own.retain(|request| receipts.contains_key(request)));
        self.own_receipts.retain(|_, own| !own.is_empty());
    }
}
