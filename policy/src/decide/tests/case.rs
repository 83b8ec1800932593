//! A case to decide: a relationship at which nobody has done anything yet, and what a test adds to it.

use alloc::{collections::BTreeMap, vec::Vec};

use medrec_primitives::{
    relationship::Custodian, AccountId, CustodianRights, DecisionSummary, DenyReason, Effect, EmergencyFacts,
    Facts, Grant, GrantFacts, GrantId, GrantTerms, MemberStatus, Moment, RelationshipFlags, RelationshipId,
    RelationshipStatus, SealedTerms, StaffFacts, StaffId, StaffRole, Viewer, TERMS_PLAINTEXT_BYTES,
};

use crate::{
    clock::Clock,
    decide::{decide, summary, Decision, Opening, Permit, Request},
    mask::ElementMask,
    purpose::Purpose,
    row::Row,
    scope::Action,
};

pub const NOW: Moment = 1_000;
pub const PERMIT: DecisionSummary = DecisionSummary::Permit;
pub const NEEDS_OPENING: DecisionSummary = DecisionSummary::NeedsOpening;
pub const DENIED: DecisionSummary = DecisionSummary::Deny(DenyReason::Denied);
pub const NO_GRANT: DecisionSummary = DecisionSummary::Deny(DenyReason::NoGrant);
pub const NO_EMERGENCY: DecisionSummary = DecisionSummary::Deny(DenyReason::NoEmergency);

/// Terms that cover all of what [`Case::new`] asks.
pub const BROAD: &str = "patient/*.cruds;purpose=TREAT";

/// A rule's terms and what becomes of them.
#[derive(Clone, Copy, Debug)]
pub enum Terms {
    Everything,
    Unopened,
    Failed,
    Text(&'static str),
}
pub use Terms::{Everything, Failed, Text, Unopened};

pub fn account(number: u8) -> AccountId {
    AccountId::new([number; 32])
}

pub fn patient() -> AccountId {
    account(1)
}

pub fn viewer() -> AccountId {
    account(2)
}

pub fn me() -> Viewer {
    Viewer::Key(viewer())
}

#[derive(Clone, Debug)]
pub struct Case {
    pub facts: Facts,
    pub openings: BTreeMap<GrantId, Opening>,
    pub request: Request<'static>,
}

impl Case {
    /// The viewer asks to read an observation for treatment.
    pub fn new() -> Self {
        Self {
            facts: Facts {
                now: NOW,
                relationship: RelationshipId::new(7, 0),
                provider: MemberStatus::Active,
                status: RelationshipStatus::Active,
                patient: patient(),
                custodians: Vec::new(),
                flags: RelationshipFlags::default(),
                viewer: viewer(),
                staff: None,
                grants: Vec::new(),
                emergency: None,
            },
            openings: BTreeMap::new(),
            request: Request {
                purpose: Purpose::Treatment,
                action: Action::Read,
                resource_type: "Observation",
                clock: Clock::at(NOW),
            },
        }
    }

    /// The patient asks.
    pub fn by_patient() -> Self {
        let mut case = Self::new();
        case.facts.viewer = patient();
        case
    }

    /// Somebody of the emergency room asks for emergency treatment, with the glass broken.
    pub fn emergency() -> Self {
        let mut case = Self::new().purpose(Purpose::EmergencyTreatment).staff(StaffRole::Emergency);
        case.facts.emergency = Some(EmergencyFacts { from: NOW, until: NOW + 1 });
        case
    }

    pub fn purpose(mut self, purpose: Purpose) -> Self {
        self.request.purpose = purpose;
        self
    }

    pub fn action(mut self, action: Action) -> Self {
        self.request.action = action;
        self
    }

    pub fn clock(mut self, earliest: Moment, latest: Moment) -> Self {
        self.request.clock = Clock { earliest, latest };
        self
    }

    /// The viewer is person 4 of member 3, which is in groups 5 and 6.
    pub fn staff(mut self, role: StaffRole) -> Self {
        self.facts.staff = Some(StaffFacts {
            id: StaffId::new(3, 4),
            role,
            from: NOW,
            until: NOW + 1,
            member_status: MemberStatus::Active,
            groups: [5, 6].into(),
        });
        self
    }

    /// The viewer's staff record, to change it.
    pub fn staff_with(mut self, change: impl FnOnce(&mut StaffFacts)) -> Self {
        change(self.facts.staff.as_mut().unwrap());
        self
    }

    pub fn flags(mut self, flags: RelationshipFlags) -> Self {
        self.facts.flags = flags;
        self
    }

    pub fn custodian(
        mut self,
        rights: CustodianRights,
        not_before: Moment,
        not_after: Option<Moment>,
    ) -> Self {
        self.facts.custodians.push(Custodian { key: viewer(), rights, not_before, not_after });
        self
    }

    pub fn allow(self, viewer: Viewer, terms: Terms) -> Self {
        self.rule(Effect::Allow, viewer, terms)
    }

    pub fn deny(self, viewer: Viewer, terms: Terms) -> Self {
        self.rule(Effect::Deny, viewer, terms)
    }

    /// One more rule; its identifiers count from 0.
    pub fn rule(mut self, effect: Effect, viewer: Viewer, terms: Terms) -> Self {
        let id = self.facts.grants.len() as GrantId;
        let opening = match terms {
            Everything => None,
            Unopened => Some(Opening::Unopened),
            Failed => Some(Opening::Failed),
            Text(text) => Some(Opening::Opened(text.parse().unwrap())),
        };
        let terms = if opening.is_none() { GrantTerms::Everything } else { sealed() };
        self.openings.extend(opening.map(|opening| (id, opening)));
        let grant = Grant {
            viewer,
            effect,
            terms,
            not_before: None,
            not_after: None,
            may_share: false,
            parent: None,
        };
        self.facts.grants.push(GrantFacts { id, grant, sharer: None });
        self
    }

    /// The last rule, to change it.
    pub fn with(mut self, change: impl FnOnce(&mut Grant)) -> Self {
        change(&mut self.facts.grants.last_mut().unwrap().grant);
        self
    }

    /// The last rule was shared onward by this person.
    pub fn by(mut self, sharer: StaffId) -> Self {
        self.facts.grants.last_mut().unwrap().sharer = Some(sharer);
        self
    }

    pub fn decide(&self) -> Decision {
        decide(&self.facts, &self.request, &|rule| self.openings[&rule.id].clone())
    }

    pub fn outcome(&self) -> DecisionSummary {
        DecisionSummary::from(&self.decide())
    }

    pub fn summary(&self) -> DecisionSummary {
        summary(&self.facts)
    }

    pub fn permit(&self) -> Permit {
        self.decide().permit().cloned().unwrap()
    }

    /// What is permitted of an observation without anything on it.
    pub fn mask(&self) -> ElementMask {
        self.permit().mask(&Row::of("Observation"))
    }
}

pub fn sealed() -> GrantTerms {
    GrantTerms::Sealed(SealedTerms {
        key: 0,
        enc: [0; 32],
        ciphertext: [0; TERMS_PLAINTEXT_BYTES + 16],
        commitment: [0; 32],
    })
}

pub fn paths(text: &str) -> ElementMask {
    ElementMask::Paths(text.parse().unwrap())
}
