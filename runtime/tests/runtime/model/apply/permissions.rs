//! Rules, sharing onward, broken glasses and their review.

use std::collections::BTreeSet;

use frame_support::ensure;
use medrec_primitives::{
    CustodianRights, Effect, Glass, GlassId, GlassReview, Grant, GrantTerms, MemberStatus, RelationshipFlags,
    RelationshipId, RelationshipStatus, ReviewOutcome, StaffId, StaffRole, Viewer, DAY_MS,
};
use medrec_runtime::{AccountId, Runtime};
use pallet_permissions::Call;
use pallet_relationships::Error as RelationshipError;
use sp_runtime::{DispatchError, DispatchResult};

use super::Origin;
use crate::model::world::{is_dormant, Rekey, Relationship, World};

type Error = pallet_permissions::Error<Runtime>;

const GRANT: CustodianRights = CustodianRights::GRANT;
/// How long a broken glass opens something (ms).
const GLASS: u64 = 4 * 60 * 60 * 1000;
/// How long a grant lasts that was made by who stepped in (ms).
const STEPPED_IN: u64 = 30 * DAY_MS;

impl World {
    pub(super) fn permissions(&mut self, origin: &Origin, call: &Call<Runtime>) -> DispatchResult {
        if let Call::review_glass { glasses, outcome } = call {
            origin.ensure_consortium()?;
            return self.review(glasses, *outcome);
        }
        let who = origin.signed()?;
        match call.clone() {
            Call::grant { relationship, viewer, terms, not_before, not_after, may_share } => {
                let effect = Effect::Allow;
                let rule = Grant { viewer, effect, terms, not_before, not_after, may_share, parent: None };
                self.add_rule(who, relationship, rule)
            }
            Call::deny { relationship, viewer, terms, not_before, not_after } => {
                let effect = Effect::Deny;
                let rule =
                    Grant { viewer, effect, terms, not_before, not_after, may_share: false, parent: None };
                self.add_rule(who, relationship, rule)
            }
            Call::revoke { relationship, grant } => self.revoke(who, relationship, grant),
            Call::revoke_all { relationship, viewer } => {
                self.ensure_patient_side(who, relationship, GRANT)?;
                let record = self.relationship_mut(relationship)?;
                let gone = record.falling(|_, rule| rule.effect == Effect::Allow && rule.viewer == viewer);
                ensure!(!gone.is_empty(), Error::NothingAllowed);
                record.rules.retain(|id, _| !gone.contains(id));
                Ok(())
            }
            Call::share { relationship, parent, viewer, terms, not_before, not_after, may_share } => {
                let (effect, parent) = (Effect::Allow, Some(parent));
                let rule = Grant { viewer, effect, terms, not_before, not_after, may_share, parent };
                self.share(who, relationship, rule)
            }
            Call::break_glass { relationship, reason } => self.break_glass(who, relationship, reason),
            Call::close_glass { relationship, glass } => self.close_glass(who, relationship, glass),
            other => unreachable!("not a call of permissions: {other:?}"),
        }
    }

    fn ensure_active(&self, id: RelationshipId) -> Result<&Relationship, DispatchError> {
        let record = self.relationship(id)?;
        ensure!(self.status(record) == RelationshipStatus::Active, Error::WrongStatus);
        Ok(record)
    }

    fn ensure_rule(&self, id: RelationshipId, rule: &Grant) -> DispatchResult {
        let patient = &self.relationship(id)?.patient;
        let known = match &rule.viewer {
            Viewer::Key(key) => {
                ensure!(key != patient, Error::ViewerIsPatient);
                true
            }
            Viewer::Member(member) => self.member_status(*member) != MemberStatus::Removed,
            Viewer::Group(group) => self.groups.contains_key(group),
        };
        ensure!(known, Error::UnknownViewer);
        let starts = rule.not_before.unwrap_or(0).max(self.now);
        ensure!(rule.not_after.is_none_or(|end| starts < end), Error::BadTerm);
        if let GrantTerms::Sealed(terms) = &rule.terms {
            ensure!(self.may_seal_to(id.member, terms.key), Error::StaleSealingKey);
        }
        Ok(())
    }

    fn put_rule(&mut self, id: RelationshipId, rule: Grant, sharer: Option<StaffId>) -> DispatchResult {
        let record = self.relationship_mut(id)?;
        record.rules.insert(record.next_rule, (rule, sharer));
        record.next_rule += 1;
        Ok(())
    }

    fn add_rule(&mut self, who: &AccountId, id: RelationshipId, rule: Grant) -> DispatchResult {
        self.ensure_patient_side(who, id, GRANT)?;
        let record = self.relationship(id)?;
        let denies = rule.effect == Effect::Deny;
        let open = match self.status(record) {
            RelationshipStatus::Active => true,
            RelationshipStatus::Suspended => denies && !record.ticket,
            _ => false,
        };
        ensure!(open, Error::WrongStatus);
        self.ensure_rule(id, &rule)?;
        if !denies && record.patient != *who {
            self.ensure_within_custodian(record, who, &rule)?;
        }
        let (allows, denials, _) = record.counts();
        match rule.effect {
            Effect::Allow => ensure!(allows < 64, RelationshipError::<Runtime>::TooManyAllows),
            Effect::Deny => ensure!(denials < 16, RelationshipError::<Runtime>::TooManyDenials),
        }
        let custodian = (!denies && record.patient != *who).then(|| who.clone());
        let number = record.next_rule;
        self.put_rule(id, rule, None)?;
        self.relationship_mut(id)?.granted_by.extend(custodian.map(|key| (number, key)));
        Ok(())
    }

    /// A custodian lets others see what it sees itself, and for no longer.
    fn ensure_within_custodian(
        &self,
        record: &Relationship,
        who: &AccountId,
        rule: &Grant,
    ) -> DispatchResult {
        let reads = self.acts(record, who, CustodianRights::READ) && self.acts(record, who, GRANT);
        ensure!(reads, Error::GranterMayNotRead);
        let own = record.custodians.iter().find(|custodian| custodian.key == *who);
        let own = own.ok_or(Error::GranterMayNotRead)?;
        let mut latest = own.not_after.unwrap_or(u64::MAX);
        if is_dormant(own) {
            latest = latest.min((self.now + STEPPED_IN).next_multiple_of(DAY_MS));
        }
        ensure!(rule.not_after.unwrap_or(u64::MAX) <= latest, Error::OutlastsGranter);
        Ok(())
    }

    fn revoke(&mut self, who: &AccountId, id: RelationshipId, grant: u32) -> DispatchResult {
        if let Err(error) = self.ensure_patient_side(who, id, GRANT) {
            ensure!(self.shared(who, id, grant), error);
        }
        let record = self.relationship_mut(id)?;
        let (rule, _) = record.rules.get(&grant).ok_or(Error::UnknownGrant)?;
        let frozen = record.rekey.as_ref().is_some_and(Rekey::is_frozen);
        ensure!(rule.effect == Effect::Allow || !frozen, RelationshipError::<Runtime>::Frozen);
        let gone = record.falling(|one, _| one == grant);
        record.rules.retain(|one, _| !gone.contains(one));
        Ok(())
    }

    /// Whether `who` shared this rule onward: the same person, with whatever key and in whatever status.
    fn shared(&self, who: &AccountId, id: RelationshipId, grant: u32) -> bool {
        let Some(record) = self.relationships.get(&id) else { return false };
        let Some((rule, sharer)) = record.rules.get(&grant) else { return false };
        let Some((parent, _)) = rule.parent.and_then(|parent| record.rules.get(&parent)) else {
            return false;
        };
        match &parent.viewer {
            Viewer::Key(key) => key == who,
            _ => sharer.is_some() && *sharer == self.staff_facts(who).map(|staff| staff.id),
        }
    }

    fn share(&mut self, who: &AccountId, id: RelationshipId, rule: Grant) -> DispatchResult {
        let record = self.ensure_active(id)?;
        let rules = &record.rules;
        let number = rule.parent.ok_or(Error::UnknownGrant)?;
        let (parent, _) = rules.get(&number).ok_or(Error::UnknownGrant)?;
        let staff = self.active_staff(who).filter(|staff| staff.role != StaffRole::Steward);
        let (holds, sharer) = match &parent.viewer {
            Viewer::Key(key) => (key == who, None),
            Viewer::Member(member) => {
                (staff.as_ref().is_some_and(|s| s.id.member == *member), staff.map(|s| s.id))
            }
            Viewer::Group(group) => {
                (staff.as_ref().is_some_and(|s| s.groups.contains(group)), staff.map(|s| s.id))
            }
        };
        ensure!(holds, Error::NotHolder);
        ensure!(parent.effect == Effect::Allow && parent.may_share, Error::MayNotShare);
        ensure!(is_in_force(parent, self.now), Error::NotInForce);
        let end = |rule: &Grant| rule.not_after.unwrap_or(u64::MAX);
        ensure!(end(&rule) <= end(parent), Error::OutlastsParent);
        self.ensure_rule(id, &rule)?;
        ensure!(!self.is_denied(record, who, |_| true), Error::SharerDenied);
        let mut above = BTreeSet::new();
        let mut next = parent.parent;
        while let Some(one) = next {
            above.insert(one);
            next = rules.get(&one).and_then(|(rule, _)| rule.parent);
        }
        ensure!(above.len() < 4, Error::TooFarOnward);
        let children = rules.values().filter(|(rule, _)| rule.parent == Some(number)).count();
        ensure!(children < 8, Error::TooManyChildren);
        ensure!(record.counts().2 < 32, RelationshipError::<Runtime>::TooManyShared);
        self.put_rule(id, rule, sharer)
    }

    fn break_glass(&mut self, who: &AccountId, id: RelationshipId, reason: [u8; 32]) -> DispatchResult {
        let staff = self.active_staff(who).filter(|staff| staff.role == StaffRole::Emergency);
        let staff = staff.ok_or(Error::NotEmergencyStaff)?.id;
        let record = self.ensure_active(id)?;
        ensure!(self.member_status(id.member) == MemberStatus::Active, Error::ProviderInactive);
        let out = record.flags.contains(RelationshipFlags::EMERGENCY_OPT_OUT);
        ensure!(!out, Error::OptedOut);
        let (from, until) = (self.now, self.now + GLASS);
        let mut glasses = record.glasses.clone();
        glasses.retain(|glass| from < glass.until);
        ensure!(glasses.iter().all(|glass| glass.staff != staff), Error::AlreadyBroken);
        ensure!(glasses.len() < 8, Error::TooManyGlasses);
        let today = self.today();
        let breaks = self.breaks.entry(staff.member).or_default();
        let mut by = if today > breaks.day { Default::default() } else { breaks.today.clone() };
        let own = by.entry(staff.index).or_default();
        ensure!(*own < 24, Error::StaffQuotaUsedUp);
        *own += 1;
        breaks.today = by;
        breaks.day = breaks.day.max(today);
        let glass = GlassId::new(staff.member, breaks.next);
        breaks.next += 1;
        glasses.push(Glass { id: glass, staff, from, until });
        self.relationship_mut(id)?.glasses = glasses;
        self.reviews.insert(glass, GlassReview { relationship: id, staff, from, until, reason });
        Ok(())
    }

    fn close_glass(&mut self, who: &AccountId, id: RelationshipId, glass: GlassId) -> DispatchResult {
        let found = self.relationships.get(&id).and_then(|r| r.glasses.iter().find(|g| g.id == glass));
        if let Err(error) = self.ensure_patient_side(who, id, GRANT) {
            let person = self.staff_facts(who).map(|staff| staff.id);
            ensure!(person.is_some() && person == found.map(|glass| glass.staff), error);
        }
        ensure!(found.is_some(), Error::UnknownGlass);
        self.relationship_mut(id)?.glasses.retain(|other| other.id != glass);
        Ok(())
    }

    fn review(&mut self, glasses: &[GlassId], outcome: ReviewOutcome) -> DispatchResult {
        // All or nothing, each once.
        let once: BTreeSet<_> = glasses.iter().collect();
        let known = glasses.iter().all(|glass| self.reviews.contains_key(glass));
        ensure!(known && once.len() == glasses.len(), Error::UnknownReview);
        for glass in glasses {
            let Some(review) = self.reviews.remove(glass) else { continue };
            if outcome == ReviewOutcome::Unjustified {
                self.breaks.entry(glass.member).or_default().unjustified += 1;
                let record = self.relationship_mut(review.relationship)?;
                record.glasses.retain(|other| other.id != *glass);
            }
        }
        Ok(())
    }
}

/// Whether now lies within a rule's dates.
pub fn is_in_force(rule: &Grant, now: u64) -> bool {
    rule.not_before.is_none_or(|start| start <= now) && rule.not_after.is_none_or(|end| now < end)
}
