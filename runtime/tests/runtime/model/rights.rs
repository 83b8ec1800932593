//! Who has which rights, as the model sees it.

use medrec_primitives::{
    CustodianRights, DecisionSummary, DenyReason, Effect, EmergencyFacts, Facts, Grant, GrantFacts,
    GrantTerms, MemberStatus, RelationshipId, RelationshipStatus, StaffFacts, StaffId, StaffRole, Viewer,
};
use medrec_runtime::AccountId;

use super::{
    apply::is_in_force,
    world::{is_dormant, Relationship, World},
};

impl World {
    /// What the chain should know of a viewer at a relationship.
    pub fn facts(&self, id: RelationshipId, viewer: &AccountId) -> Option<Facts> {
        let record = self.relationships.get(&id)?;
        let awake = self.is_stepped_in(record);
        let mut custodians = record.custodians.clone();
        custodians.retain(|custodian| awake || !is_dormant(custodian));
        custodians
            .iter_mut()
            .for_each(|custodian| custodian.rights = CustodianRights(custodian.rights.0 & 7));
        let staff = self.staff_facts(viewer);
        let mut about: std::collections::BTreeSet<u32> = Default::default();
        for (number, (rule, _)) in &record.rules {
            if is_about(&rule.viewer, viewer, staff.as_ref()) {
                let mut next = Some(*number);
                while let Some(one) = next {
                    about.insert(one);
                    next = record.rules.get(&one).and_then(|(rule, _)| rule.parent);
                }
            }
        }
        // What denies the keys above everything goes along.
        let above: Vec<_> = about
            .iter()
            .map(|number| &record.rules[number].0.viewer)
            .filter(|above| matches!(above, Viewer::Key(key) if key != viewer))
            .collect();
        let denials: Vec<u32> = record
            .rules
            .iter()
            .filter(|(_, (rule, _))| denies_everything(rule) && above.contains(&&rule.viewer))
            .map(|(number, _)| *number)
            .collect();
        about.extend(denials);
        let grants = record
            .rules
            .iter()
            .filter(|(number, (rule, sharer))| {
                about.contains(number) && self.is_upheld(record, rule, *sharer)
            })
            .map(|(number, (grant, sharer))| GrantFacts {
                id: *number,
                grant: grant.clone(),
                sharer: *sharer,
            })
            .collect();
        let emergency = staff.as_ref().and_then(|staff| {
            let own = record.glasses.iter().filter(|glass| glass.staff == staff.id);
            own.max_by_key(|glass| glass.until)
                .map(|glass| EmergencyFacts { from: glass.from, until: glass.until })
        });
        Some(Facts {
            now: self.now,
            relationship: id,
            provider: self.member_status(id.member),
            status: self.status(record),
            patient: record.patient.clone(),
            custodians,
            flags: record.flags,
            viewer: viewer.clone(),
            staff,
            grants,
            emergency,
        })
    }

    /// What the chain alone should say to a viewer.
    pub fn may_read(&self, id: RelationshipId, viewer: &AccountId) -> DecisionSummary {
        let Some(record) = self.relationships.get(&id) else {
            return DecisionSummary::Deny(DenyReason::UnknownRelationship);
        };
        if self.member_status(id.member) != MemberStatus::Active {
            return DecisionSummary::Deny(DenyReason::ProviderInactive);
        }
        if self.status(record) != RelationshipStatus::Active {
            return DecisionSummary::Deny(DenyReason::RelationshipInactive);
        }
        if record.patient == *viewer || self.acts(record, viewer, CustodianRights::READ) {
            return DecisionSummary::Permit;
        }
        // A denial goes by the staff record alone; an allow demands that member and role are in force.
        let denying =
            self.staff_facts(viewer).filter(|staff| staff.from <= self.now && self.now < staff.until);
        let allowing = self.active_staff(viewer).filter(|staff| staff.role != StaffRole::Steward);
        let mut sealed_denial = false;
        let mut allowed = None;
        for (rule, sharer) in record.rules.values().filter(|(rule, _)| is_in_force(rule, self.now)) {
            if rule.effect == Effect::Deny && is_about(&rule.viewer, viewer, denying.as_ref()) {
                match rule.terms {
                    GrantTerms::Everything => return DecisionSummary::Deny(DenyReason::Denied),
                    GrantTerms::Sealed(_) => sealed_denial = true,
                }
            }
            if rule.effect == Effect::Allow && is_about(&rule.viewer, viewer, allowing.as_ref()) {
                if let Some(open) = self.line_is_open(record, rule, *sharer) {
                    allowed = Some(allowed.unwrap_or(false) || open);
                }
            }
        }
        match allowed {
            None => DecisionSummary::Deny(DenyReason::NoGrant),
            Some(true) if !sealed_denial => DecisionSummary::Permit,
            Some(_) => DecisionSummary::NeedsOpening,
        }
    }

    /// Whether all terms from a rule up are open; `None` where something in the line makes it void.
    fn line_is_open(&self, record: &Relationship, rule: &Grant, sharer: Option<StaffId>) -> Option<bool> {
        if !self.is_upheld(record, rule, sharer) {
            return None;
        }
        let mut open = rule.terms == GrantTerms::Everything;
        let mut next = rule.parent;
        while let Some(number) = next {
            let (above, sharer) = record.rules.get(&number)?;
            let denied = matches!(above.viewer, Viewer::Key(_))
                && record.rules.values().any(|(denial, _)| {
                    denies_everything(denial)
                        && denial.viewer == above.viewer
                        && is_in_force(denial, self.now)
                });
            let holds = above.may_share && is_in_force(above, self.now);
            if !holds || denied || !self.is_upheld(record, above, *sharer) {
                return None;
            }
            open &= above.terms == GrantTerms::Everything;
            next = above.parent;
        }
        Some(open)
    }

    /// Whether the person who shared a rule onward still could, denials of a part and the start of its shift aside. Keys
    /// are looked at where the line is.
    fn is_upheld(&self, record: &Relationship, rule: &Grant, sharer: Option<StaffId>) -> bool {
        let Some((parent, _)) = rule.parent.and_then(|parent| record.rules.get(&parent)) else { return true };
        if matches!(parent.viewer, Viewer::Key(_)) {
            return true;
        }
        let Some(person) = sharer.and_then(|sharer| self.staff.get(&sharer)) else { return false };
        let staff = self.staff_facts(&person.key);
        staff.as_ref().is_some_and(|staff| {
            staff.member_status == MemberStatus::Active
                && self.now < staff.until
                && is_about(&parent.viewer, &person.key, Some(staff))
        }) && !self.is_denied(record, &person.key, denies_everything)
    }

    /// Whether a denial in force, one that `counts`, is about a key or the person behind it.
    pub fn is_denied(&self, record: &Relationship, who: &AccountId, counts: impl Fn(&Grant) -> bool) -> bool {
        let staff = self.staff_facts(who);
        record.rules.values().any(|(rule, _)| {
            rule.effect == Effect::Deny
                && counts(rule)
                && is_in_force(rule, self.now)
                && is_about(&rule.viewer, who, staff.as_ref())
        })
    }
}

fn denies_everything(rule: &Grant) -> bool {
    rule.effect == Effect::Deny && rule.terms == GrantTerms::Everything
}

fn is_about(rule: &Viewer, viewer: &AccountId, staff: Option<&StaffFacts>) -> bool {
    match rule {
        Viewer::Key(key) => key == viewer,
        Viewer::Member(member) => staff.is_some_and(|staff| staff.id.member == *member),
        Viewer::Group(group) => staff.is_some_and(|staff| staff.groups.contains(group)),
    }
}
