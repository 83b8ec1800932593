#![allow(clippy::unwrap_used)]

use medrec_client::{
    sealing::{seal_terms, TermsContext},
    SealingSecret,
};
use medrec_primitives::{
    Effect, EmergencyFacts, Grant, GrantFacts, GrantTerms, MemberStatus, Moment, RelationshipFlags,
    RelationshipStatus, StaffFacts, StaffRole, Viewer,
};

use super::*;
use crate::{
    chain::simulated::{SimulatedChain, State},
    clock::ManualTime,
};

const START: Moment = 1_750_000_000_000;
const CAROL: RelationshipId = RelationshipId::new(0, 3);

fn patient() -> AccountId {
    [1; 32].into()
}

fn doctor() -> AccountId {
    [2; 32].into()
}

struct Fixture {
    time: Arc<ManualTime>,
    chain: Arc<SimulatedChain>,
    secret: SealingSecret,
    decider: Decider,
}

impl Fixture {
    fn new() -> Self {
        let time = Arc::new(ManualTime::new(START));
        let mut state = State::default();
        state.relate(CAROL, patient());
        let chain = Arc::new(SimulatedChain::new(0, time.clone(), state));
        let secret = SealingSecret::generate();
        let tolerance = Tolerance { max_finality_age_ms: 60_000, max_clock_gap_ms: 30_000 };
        let openings = Openings::new(chain.genesis(), vec![secret.clone()]);
        let decider = Decider::new(chain.clone(), time.clone(), 0, openings, tolerance);
        Self { time, chain, secret, decider }
    }

    fn sealed(&self, terms: &str) -> Grant {
        let mut grant = everything();
        let context = TermsContext::of_grant(self.chain.genesis(), CAROL, &grant);
        let terms = terms.parse().unwrap();
        grant.terms = GrantTerms::Sealed(seal_terms(&terms, &self.secret.public(), 0, &context).unwrap());
        grant
    }

    async fn ask(&self, asker: &AccountId, purpose: Purpose) -> Result<Ruling, Unavailable> {
        let question = Question {
            asker,
            relationship: CAROL,
            purpose,
            action: Action::Read,
            resource_type: "Observation",
        };
        self.decider.decide(&question).await
    }

    async fn doctor_reads(&self) -> Result<Permit, Refusal> {
        self.ask(&doctor(), Purpose::Treatment).await.unwrap().outcome
    }
}

fn everything() -> Grant {
    Grant {
        viewer: Viewer::Key(doctor()),
        effect: Effect::Allow,
        terms: GrantTerms::Everything,
        not_before: None,
        not_after: None,
        may_share: false,
        parent: None,
    }
}

fn add(id: u32, grant: Grant) -> impl FnOnce(&mut State) {
    move |state| {
        state.relationships.get_mut(&CAROL).unwrap().grants.push(GrantFacts { id, grant, sharer: None })
    }
}

fn revoke(state: &mut State) {
    state.relationships.get_mut(&CAROL).unwrap().grants.clear();
}

fn no(reason: DenyReason) -> Result<(), Refusal> {
    Err(Refusal::Policy(reason))
}

#[tokio::test]
async fn grant_should_permit_when_final() {
    let fixture = Fixture::new();
    assert_eq!(fixture.doctor_reads().await.map(|_| ()), no(DenyReason::NoGrant));
    fixture.chain.advance(add(0, everything()));
    let permit = fixture.doctor_reads().await.unwrap();
    assert_eq!(permit.capacity(), Capacity::Viewer);
    assert_eq!(permit.grants().collect::<Vec<_>>(), [0]);
}

#[tokio::test]
async fn grant_should_not_permit_when_only_in_an_unfinalised_block() {
    let fixture = Fixture::new();
    let block = fixture.chain.add(fixture.chain.finalised(), add(0, everything()));
    assert_eq!(fixture.doctor_reads().await.map(|_| ()), no(DenyReason::NoGrant));
    fixture.chain.finalise(block);
    assert!(fixture.doctor_reads().await.is_ok());
}

#[tokio::test]
async fn revocation_should_refuse_when_in_one_leaf_only() {
    let fixture = Fixture::new();
    let root = fixture.chain.advance(add(0, everything()));
    let kept = fixture.chain.add(root, |_| {});
    assert!(fixture.doctor_reads().await.is_ok());
    let revoked = fixture.chain.add(root, revoke);
    assert_eq!(fixture.doctor_reads().await.map(|_| ()), no(DenyReason::NoGrant));
    // The other fork grows longer: the revocation is still known, and still counts.
    let longer = fixture.chain.add(kept, |_| {});
    assert_eq!(fixture.doctor_reads().await.map(|_| ()), no(DenyReason::NoGrant));
    fixture.chain.finalise(revoked);
    assert_eq!(fixture.doctor_reads().await.map(|_| ()), no(DenyReason::NoGrant));
    assert!(!fixture.decider.heads().unwrap().0.all().any(|head| head.hash == longer));
}

#[tokio::test]
async fn reorganisation_should_not_widen_when_the_fork_with_more_is_finalised_late() {
    let fixture = Fixture::new();
    let narrow = "patient/Observation.r?_elements=code;purpose=TREAT";
    let wide = "patient/Observation.r;purpose=TREAT";
    let root = fixture.chain.advance(add(0, fixture.sealed(narrow)));
    let row = medrec_policy::Row::of("Observation");
    let before = fixture.doctor_reads().await.unwrap().mask(&row);
    let fork = fixture.chain.add(root, add(1, fixture.sealed(wide)));
    fixture.chain.add(root, |_| {});
    assert_eq!(fixture.doctor_reads().await.unwrap().mask(&row), before);
    fixture.chain.finalise(fork);
    assert_eq!(fixture.doctor_reads().await.unwrap().mask(&row), medrec_policy::ElementMask::All);
}

#[tokio::test]
async fn relationship_should_refuse_when_one_leaf_does_not_know_it() {
    let fixture = Fixture::new();
    let root = fixture.chain.advance(add(0, everything()));
    fixture.chain.add(root, |state| {
        state.relationships.remove(&CAROL);
    });
    assert_eq!(fixture.doctor_reads().await.map(|_| ()), no(DenyReason::UnknownRelationship));
}

#[tokio::test]
async fn decision_should_be_unavailable_when_finality_stands_still() {
    let fixture = Fixture::new();
    fixture.chain.advance(add(0, everything()));
    fixture.time.advance(60_000);
    assert!(fixture.doctor_reads().await.is_ok());
    fixture.time.advance(1);
    // Blocks that are not finalised do not help.
    fixture.chain.add(fixture.chain.finalised(), |_| {});
    assert_eq!(fixture.ask(&doctor(), Purpose::Treatment).await.unwrap_err(), Unavailable::Stale);
    fixture.chain.advance(|_| {});
    assert!(fixture.doctor_reads().await.is_ok());
}

#[tokio::test]
async fn decision_should_be_unavailable_when_the_clocks_are_apart() {
    for offset in [-30_001, 30_001] {
        let fixture = Fixture::new();
        fixture.chain.advance(add(0, everything()));
        fixture.time.set_wall(START.saturating_add_signed(offset));
        assert_eq!(fixture.ask(&doctor(), Purpose::Treatment).await.unwrap_err(), Unavailable::ClockGap);
    }
}

#[tokio::test]
async fn decision_should_be_unavailable_when_the_node_is_lost() {
    let fixture = Fixture::new();
    fixture.chain.advance(add(0, everything()));
    fixture.chain.connect(false);
    assert_eq!(fixture.ask(&doctor(), Purpose::Treatment).await.unwrap_err(), Unavailable::NotReady);
    fixture.chain.connect(true);
    assert!(fixture.doctor_reads().await.is_ok());
}

#[tokio::test]
async fn grant_should_start_by_the_earlier_and_end_by_the_later_clock() {
    // Chain time is 10 s behind the local clock.
    let fixture = Fixture::new();
    let grant = Grant { not_before: Some(START - 5_000), not_after: Some(START + 5_000), ..everything() };
    let block = fixture.chain.add_at(fixture.chain.finalised(), START - 10_000, add(0, grant));
    fixture.chain.finalise(block);
    // By the chain it has not started, although by the local clock it has.
    assert!(fixture.doctor_reads().await.is_err());
    fixture.time.advance(5_000);
    // By the chain it has just started; by the local clock it has just ended.
    assert!(fixture.doctor_reads().await.is_err());
    let longer = Grant { not_before: Some(START - 5_000), not_after: Some(START + 5_001), ..everything() };
    let block = fixture.chain.add_at(fixture.chain.finalised(), START - 5_000, add(1, longer));
    fixture.chain.finalise(block);
    assert!(fixture.doctor_reads().await.is_ok());
    fixture.time.advance(1);
    assert!(fixture.doctor_reads().await.is_err());
}

#[tokio::test]
async fn terms_should_be_void_when_they_cannot_be_opened() {
    let fixture = Fixture::new();
    let mut grant = fixture.sealed("patient/*.rs;purpose=TREAT");
    // Taken from another rule: sealed for another end.
    grant.not_after = Some(START + 1_000_000);
    fixture.chain.advance(add(0, grant));
    assert_eq!(fixture.doctor_reads().await.map(|_| ()), no(DenyReason::NoGrant));
    let denial = Grant { effect: Effect::Deny, ..fixture.sealed("patient/Condition.rs") };
    fixture.chain.advance(add(1, everything()));
    assert!(fixture.doctor_reads().await.is_ok());
    fixture.chain.advance(add(2, denial));
    assert_eq!(fixture.doctor_reads().await.map(|_| ()), no(DenyReason::Denied));
}

#[tokio::test]
async fn purpose_should_be_refused_when_the_role_may_not_claim_it() {
    let fixture = Fixture::new();
    fixture.chain.advance(|state| {
        add(0, everything())(state);
        let staff = StaffFacts {
            id: StaffId::new(0, 1),
            role: StaffRole::Clinician,
            from: 0,
            until: Moment::MAX,
            member_status: MemberStatus::Active,
            groups: Vec::new(),
        };
        state.staff.insert(doctor(), staff);
    });
    let ruling = fixture.ask(&doctor(), Purpose::Treatment).await.unwrap();
    assert!(ruling.outcome.is_ok());
    assert_eq!(ruling.staff, Some(StaffId::new(0, 1)));
    let ruling = fixture.ask(&doctor(), Purpose::Marketing).await.unwrap();
    assert_eq!(ruling.outcome.unwrap_err(), Refusal::Role);
}

#[tokio::test]
async fn patient_should_read_their_own_records_when_no_rule_allows_it() {
    let fixture = Fixture::new();
    let ruling = fixture.ask(&patient(), Purpose::PatientRequest).await.unwrap();
    assert_eq!(ruling.outcome.unwrap().capacity(), Capacity::Patient);
    assert_eq!(ruling.patient, Some(patient()));
}

#[tokio::test]
async fn relationship_should_refuse_when_ended_suspended_or_the_provider_is() {
    for status in [RelationshipStatus::Ended, RelationshipStatus::Suspended, RelationshipStatus::Proposed] {
        let fixture = Fixture::new();
        fixture.chain.advance(add(0, everything()));
        // Already when first seen.
        fixture.chain.add(fixture.chain.finalised(), |state| {
            state.relationships.get_mut(&CAROL).unwrap().status = status;
        });
        assert_eq!(fixture.doctor_reads().await.map(|_| ()), no(DenyReason::RelationshipInactive));
    }
    let fixture = Fixture::new();
    fixture.chain.advance(add(0, everything()));
    fixture.chain.add(fixture.chain.finalised(), |state| {
        state.relationships.get_mut(&CAROL).unwrap().provider = MemberStatus::Suspended;
    });
    assert_eq!(fixture.doctor_reads().await.map(|_| ()), no(DenyReason::ProviderInactive));
}

#[tokio::test]
async fn relationship_should_refuse_when_it_is_another_providers() {
    let fixture = Fixture::new();
    let theirs = RelationshipId::new(1, 0);
    fixture.chain.advance(|state| state.relate(theirs, patient()));
    let question = Question {
        asker: &patient(),
        relationship: theirs,
        purpose: Purpose::PatientRequest,
        action: Action::Read,
        resource_type: "Observation",
    };
    let ruling = fixture.decider.decide(&question).await.unwrap();
    assert_eq!(ruling.outcome.unwrap_err(), Refusal::OtherProvider);
}

fn emergency_room() -> AccountId {
    [3; 32].into()
}

/// A person of member 7's emergency room.
fn on_duty(role: StaffRole) -> impl FnOnce(&mut State) {
    move |state| {
        let staff = StaffFacts {
            id: StaffId::new(7, 0),
            role,
            from: 0,
            until: Moment::MAX,
            member_status: MemberStatus::Active,
            groups: Vec::new(),
        };
        state.staff.insert(emergency_room(), staff);
    }
}

fn broken(from: Moment, until: Moment) -> impl FnOnce(&mut State) {
    move |state| {
        state.glasses.insert((CAROL, emergency_room()), EmergencyFacts { from, until });
    }
}

async fn emergency(fixture: &Fixture) -> Result<Permit, Refusal> {
    fixture.ask(&emergency_room(), Purpose::EmergencyTreatment).await.unwrap().outcome
}

#[tokio::test]
async fn emergency_should_permit_as_emergency_when_the_glass_is_broken() {
    let fixture = Fixture::new();
    fixture.chain.advance(on_duty(StaffRole::Emergency));
    assert_eq!(emergency(&fixture).await.map(|_| ()), no(DenyReason::NoEmergency));
    fixture.chain.advance(broken(START, START + 10_000));
    let ruling = fixture.ask(&emergency_room(), Purpose::EmergencyTreatment).await.unwrap();
    let permit = ruling.outcome.unwrap();
    assert_eq!((permit.capacity(), permit.grants().count()), (Capacity::Emergency, 0));
    assert_eq!(ruling.staff, Some(StaffId::new(7, 0)));
    assert_eq!(permit.mask(&medrec_policy::Row::of("Observation")), medrec_policy::ElementMask::All);
    // For no other purpose, and for nobody else.
    let treatment = fixture.ask(&emergency_room(), Purpose::Treatment).await.unwrap().outcome;
    assert_eq!(treatment.map(|_| ()), no(DenyReason::NoGrant));
    let other = fixture.ask(&doctor(), Purpose::EmergencyTreatment).await.unwrap().outcome;
    assert_eq!(other.map(|_| ()), no(DenyReason::NoEmergency));
    // Until its time is over.
    fixture.time.advance(10_000);
    assert_eq!(emergency(&fixture).await.map(|_| ()), no(DenyReason::NoEmergency));
}

#[tokio::test]
async fn emergency_should_wait_for_finality_and_end_when_first_seen_closed() {
    let fixture = Fixture::new();
    let root = fixture.chain.advance(on_duty(StaffRole::Emergency));
    let block = fixture.chain.add(root, broken(START, START + 10_000));
    assert_eq!(emergency(&fixture).await.map(|_| ()), no(DenyReason::NoEmergency));
    fixture.chain.finalise(block);
    assert!(emergency(&fixture).await.is_ok());
    fixture.chain.add(block, |state| state.glasses.clear());
    assert_eq!(emergency(&fixture).await.map(|_| ()), no(DenyReason::NoEmergency));
}

#[tokio::test]
async fn emergency_should_be_refused_when_the_role_is_another_or_the_patient_opted_out() {
    for role in [StaffRole::Clinician, StaffRole::Pharmacist, StaffRole::Steward] {
        let fixture = Fixture::new();
        fixture.chain.advance(on_duty(role));
        fixture.chain.advance(broken(START, START + 10_000));
        assert_eq!(emergency(&fixture).await.map(|_| ()), no(DenyReason::NoEmergency), "{role:?}");
    }
    let fixture = Fixture::new();
    fixture.chain.advance(on_duty(StaffRole::Emergency));
    fixture.chain.advance(broken(START, START + 10_000));
    fixture.chain.advance(|state| {
        let facts = state.relationships.get_mut(&CAROL).unwrap();
        facts.flags = RelationshipFlags::EMERGENCY_OPT_OUT;
    });
    assert_eq!(emergency(&fixture).await.map(|_| ()), no(DenyReason::NoEmergency));
}

#[tokio::test]
async fn emergency_should_heed_sealed_denials_when_the_patient_did_not_choose_otherwise() {
    let fixture = Fixture::new();
    fixture.chain.advance(on_duty(StaffRole::Emergency));
    fixture.chain.advance(broken(START, START + 10_000));
    let mut denial = Grant { viewer: Viewer::Member(7), effect: Effect::Deny, ..everything() };
    let context = TermsContext::of_grant(fixture.chain.genesis(), CAROL, &denial);
    let terms = "patient/Observation.rs".parse().unwrap();
    let sealed = seal_terms(&terms, &fixture.secret.public(), 0, &context).unwrap();
    denial.terms = GrantTerms::Sealed(sealed);
    fixture.chain.advance(add(0, denial));
    assert_eq!(emergency(&fixture).await.map(|_| ()), no(DenyReason::Denied));
    fixture.chain.advance(|state| {
        let facts = state.relationships.get_mut(&CAROL).unwrap();
        facts.flags = RelationshipFlags::EMERGENCY_OVER_DENIALS;
    });
    assert!(emergency(&fixture).await.is_ok());
}

#[tokio::test]
async fn shared_grant_should_permit_what_all_opened_terms_of_its_line_permit() {
    let fixture = Fixture::new();
    let (nurse, third) = (AccountId::from([4; 32]), AccountId::from([5; 32]));
    let seal = |mut grant: Grant, terms: &str| {
        let context = TermsContext::of_grant(fixture.chain.genesis(), CAROL, &grant);
        let sealed = seal_terms(&terms.parse().unwrap(), &fixture.secret.public(), 0, &context).unwrap();
        grant.terms = GrantTerms::Sealed(sealed);
        grant
    };
    let parent = Grant { may_share: true, ..everything() };
    fixture
        .chain
        .advance(add(0, seal(parent, "patient/Observation.r?_elements=code,valueQuantity;purpose=TREAT")));
    let child =
        Grant { viewer: Viewer::Key(nurse.clone()), may_share: true, parent: Some(0), ..everything() };
    // More than was given.
    fixture.chain.advance(add(1, seal(child, "patient/*.rs?_elements=code,note;purpose=TREAT")));
    let grandchild = Grant { viewer: Viewer::Key(third.clone()), parent: Some(1), ..everything() };
    fixture.chain.advance(add(2, grandchild));
    for asker in [nurse, third] {
        let permit = fixture.ask(&asker, Purpose::Treatment).await.unwrap().outcome.unwrap();
        let mask = permit.mask(&medrec_policy::Row::of("Observation"));
        let covers = |path: &str| mask.covers(&path.parse().unwrap());
        assert_eq!(["code", "valueQuantity", "note"].map(covers), [true, false, false]);
    }
    fixture.chain.advance(revoke);
    assert!(fixture.doctor_reads().await.is_err());
}
