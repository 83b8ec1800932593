//! Who asks, and which rules are about this asker.

use medrec_primitives::{
    CustodianRights, Effect, Facts, Grant, GrantTerms, MemberStatus, RelationshipFlags, StaffFacts, StaffId,
    StaffRole, Viewer,
};

use super::Capacity;
use crate::{clock::Clock, terms::Terms};

/// The asker at a time: rule 6 worked out once.
pub(super) struct Asker<'a> {
    /// What the chain knows.
    pub facts: &'a Facts,
    /// The time.
    pub clock: Clock,
    /// The staff record, if it makes the asker active staff.
    active: Option<&'a StaffFacts>,
    /// The staff record, if allows may go by it: active, and no steward's.
    allowing: Option<&'a StaffFacts>,
    /// The staff record, if denials go by it: perhaps in force.
    denying: Option<&'a StaffFacts>,
}

impl<'a> Asker<'a> {
    pub fn new(facts: &'a Facts, clock: Clock) -> Self {
        let staff = facts.staff.as_ref();
        let active = staff.filter(|staff| {
            staff.member_status == MemberStatus::Active
                && clock.surely_within(Some(staff.from), Some(staff.until))
        });
        let allowing = active.filter(|staff| staff.role != StaffRole::Steward);
        let denying = staff.filter(|staff| clock.maybe_within(Some(staff.from), Some(staff.until)));
        Self { facts, clock, active, allowing, denying }
    }

    /// Whether the asker is the patient or a custodian who reads in the patient's place (rules 3 and 4).
    pub fn owns(&self) -> Option<Capacity> {
        let Facts { viewer, patient, custodians, .. } = self.facts;
        if viewer == patient {
            return Some(Capacity::Patient);
        }
        let reads = custodians.iter().any(|custodian| {
            custodian.key == *viewer
                && custodian.rights.contains(CustodianRights::READ)
                && self.clock.surely_within(Some(custodian.not_before), custodian.not_after)
        });
        reads.then_some(Capacity::Custodian)
    }

    /// Whether emergency treatment is open to the asker (rule 5).
    pub fn may_break_glass(&self) -> bool {
        let broken = |glass: &medrec_primitives::EmergencyFacts| {
            self.clock.surely_within(Some(glass.from), Some(glass.until))
        };
        self.active.is_some_and(|staff| staff.role == StaffRole::Emergency)
            && self.facts.emergency.as_ref().is_some_and(broken)
            && !self.facts.flags.contains(RelationshipFlags::EMERGENCY_OPT_OUT)
    }

    /// Whether the patient wants an emergency to beat denials.
    pub fn overrides_denials(&self) -> bool {
        self.facts.flags.contains(RelationshipFlags::EMERGENCY_OVER_DENIALS)
    }

    /// Whether `grant` is an allow in force about the asker.
    pub fn is_allowed_by(&self, grant: &Grant) -> bool {
        self.is_in_force(grant) && self.is_viewer(&grant.viewer, self.allowing)
    }

    /// Whether `grant` is an allow in force, whoever it is about.
    pub fn is_in_force(&self, grant: &Grant) -> bool {
        grant.effect == Effect::Allow && self.clock.surely_within(grant.not_before, grant.not_after)
    }

    /// Whether `grant` is a denial in force about the asker.
    pub fn is_denied_by(&self, grant: &Grant) -> bool {
        grant.effect == Effect::Deny
            && self.clock.maybe_within(grant.not_before, grant.not_after)
            && self.is_viewer(&grant.viewer, self.denying)
    }

    /// Whether `viewer` is a key that a denial in force denies everything. Sealed denials are about their viewer alone.
    pub fn is_key_denied(&self, viewer: &Viewer) -> bool {
        let denies = |grant: &Grant| {
            grant.effect == Effect::Deny
                && grant.terms == GrantTerms::Everything
                && grant.viewer == *viewer
                && self.clock.maybe_within(grant.not_before, grant.not_after)
        };
        matches!(viewer, Viewer::Key(_)) && self.facts.grants.iter().any(|rule| denies(&rule.grant))
    }

    fn is_viewer(&self, viewer: &Viewer, staff: Option<&StaffFacts>) -> bool {
        match viewer {
            Viewer::Key(key) => *key == self.facts.viewer,
            Viewer::Member(member) => staff.is_some_and(|staff| staff.id.member == *member),
            Viewer::Group(group) => staff.is_some_and(|staff| staff.groups.contains(group)),
        }
    }

    /// Whether the staff list of allowing terms leaves the asker in.
    pub fn is_staff_allowed_by(&self, terms: &Terms) -> bool {
        terms.admits_staff(self.allowing.map(id))
    }

    /// Whether the staff list of denying terms means the asker. Who was denied by name stays denied, in force or not.
    pub fn is_staff_denied_by(&self, terms: &Terms) -> bool {
        terms.admits_staff(self.facts.staff.as_ref().map(id))
    }
}

fn id(staff: &StaffFacts) -> StaffId {
    staff.id
}
