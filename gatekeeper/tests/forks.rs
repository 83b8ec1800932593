//! Forks and late finality, from HTTP to the log: what a development chain never shows.
//!
//! Each case says what the finalised state is and what its unfinalised leaves are; the answer must be the narrowest of
//! them, while they are known, and what became final afterwards.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use medrec_gatekeeper::chain::{simulated::State, Hash};
use medrec_primitives::{
    Effect, Grant, GrantTerms, MemberStatus, RelationshipId, RelationshipStatus, StaffFacts, StaffId,
    StaffRole, Viewer,
};

const LABORATORY: &str = "patient/Observation.rs?category=laboratory;purpose=TREAT";
const ONE_ELEMENT: &str = "patient/Observation.rs?_elements=code;purpose=TREAT";

/// A patient whose records a doctor may read on the finalised state, and the doctor's session.
struct Ward {
    fixture: Fixture,
    patient: RelationshipId,
    token: String,
}

impl Ward {
    async fn new() -> Self {
        let ward = Self::without_grant().await;
        ward.fixture.grant(ward.patient, &person("Doctor"), LABORATORY);
        assert_eq!(ward.status().await, 200, "the control");
        ward
    }

    async fn without_grant() -> Self {
        let fixture = Fixture::new().await;
        let patient = fixture.enrol(&person("Carol"), "A-1").await;
        let token = fixture.sign_in(&person("Doctor"), "TREAT", None).await;
        Self { fixture, patient, token }
    }

    fn rule(&self, effect: Effect, terms: &str) -> Grant {
        self.fixture.rule(self.patient, &person("Doctor"), effect, terms)
    }

    /// A block on the last finalised one.
    fn leaf(&self, change: impl FnOnce(&mut State)) -> Hash {
        self.fixture.chain.add(self.fixture.chain.finalised(), change)
    }

    async fn status(&self) -> u16 {
        self.answer().await.0
    }

    async fn answer(&self) -> (u16, serde_json::Value) {
        self.fixture.get(&self.token, &format!("/fhir/Observation?patient={}", self.patient)).await
    }

    fn change(&self, change: impl FnOnce(&mut medrec_primitives::Facts)) -> impl FnOnce(&mut State) {
        let patient = self.patient;
        move |state| change(state.relationships.get_mut(&patient).unwrap())
    }
}

#[tokio::test]
async fn grant_should_permit_nothing_when_it_is_in_an_unfinalised_block_only() {
    let ward = Ward::without_grant().await;
    let granted = ward.leaf(add(ward.patient, ward.rule(Effect::Allow, LABORATORY)));
    let deep = ward.fixture.chain.add(granted, |_| {});
    let deeper = ward.fixture.chain.add(deep, |_| {});
    assert_eq!(ward.status().await, 403, "however deep it is");
    ward.fixture.chain.finalise(granted);
    assert_eq!(ward.status().await, 200);
    ward.fixture.chain.finalise(deeper);
    assert_eq!(ward.status().await, 200);
}

#[tokio::test]
async fn grant_should_permit_nothing_when_its_fork_loses() {
    let ward = Ward::without_grant().await;
    ward.leaf(add(ward.patient, ward.rule(Effect::Allow, LABORATORY)));
    let winner = ward.leaf(|_| {});
    assert_eq!(ward.status().await, 403);
    ward.fixture.chain.finalise(winner);
    assert_eq!(ward.status().await, 403);
}

#[tokio::test]
async fn grant_should_permit_nothing_when_every_leaf_has_it_and_the_finalised_state_has_not() {
    let ward = Ward::without_grant().await;
    for _ in 0..3 {
        ward.leaf(add(ward.patient, ward.rule(Effect::Allow, LABORATORY)));
    }
    assert_eq!(ward.status().await, 403);
}

/// Whatever narrows access does so from the moment that it is first seen in any leaf.
#[tokio::test]
async fn access_should_end_when_any_one_leaf_narrows_it() {
    type Narrowing = fn(&Ward) -> Box<dyn FnOnce(&mut State)>;
    let narrowings: [(&str, Narrowing); 7] = [
        ("revoked", |ward| Box::new(revoke_all(ward.patient))),
        ("denied", |ward| {
            let mut deny = ward.rule(Effect::Deny, "patient/*.cruds");
            deny.terms = GrantTerms::Everything;
            Box::new(add(ward.patient, deny))
        }),
        ("denied by terms", |ward| {
            Box::new(add(ward.patient, ward.rule(Effect::Deny, "patient/Observation.cruds")))
        }),
        ("denied by terms that do not open", |ward| {
            let mut deny = ward.rule(Effect::Deny, "patient/Patient.r");
            let GrantTerms::Sealed(sealed) = &mut deny.terms else { unreachable!("sealed") };
            sealed.ciphertext[0] ^= 1;
            Box::new(add(ward.patient, deny))
        }),
        ("suspended", |ward| Box::new(ward.change(|facts| facts.status = RelationshipStatus::Suspended))),
        ("ended", |ward| Box::new(ward.change(|facts| facts.status = RelationshipStatus::Ended))),
        ("provider suspended", |ward| {
            Box::new(ward.change(|facts| facts.provider = MemberStatus::Suspended))
        }),
    ];
    for (name, narrowing) in narrowings {
        let ward = Ward::new().await;
        let kept = ward.leaf(|_| {});
        assert_eq!(ward.status().await, 200, "{name}: the control");
        let narrowed = ward.leaf(narrowing(&ward));
        assert_eq!(ward.status().await, 403, "{name}, in a leaf");
        let longer = ward.fixture.chain.add(kept, |_| {});
        ward.fixture.chain.add(longer, |_| {});
        assert_eq!(ward.status().await, 403, "{name}, in the shorter fork");
        // Deeper beneath it, too.
        ward.fixture.chain.add(narrowed, |_| {});
        assert_eq!(ward.status().await, 403, "{name}, beneath a leaf");
        ward.fixture.chain.finalise(narrowed);
        assert_eq!(ward.status().await, 403, "{name}, final");
    }
}

#[tokio::test]
async fn access_should_return_when_the_fork_that_narrowed_it_has_lost() {
    let ward = Ward::new().await;
    let kept = ward.leaf(|_| {});
    ward.leaf(revoke_all(ward.patient));
    assert_eq!(ward.status().await, 403);
    // What became final never revoked it.
    ward.fixture.chain.finalise(kept);
    assert_eq!(ward.status().await, 200);
}

#[tokio::test]
async fn revocation_should_hold_when_a_grant_follows_it_in_an_unfinalised_block() {
    let ward = Ward::new().await;
    let revoked = ward.leaf(revoke_all(ward.patient));
    let again = ward.fixture.chain.add(revoked, add(ward.patient, ward.rule(Effect::Allow, LABORATORY)));
    // Finalised state and leaf both permit; what is between them is no state that anybody is in.
    assert_eq!(ward.status().await, 200);
    ward.fixture.chain.finalise(revoked);
    assert_eq!(ward.status().await, 403, "the finalised state has no grant");
    ward.fixture.chain.finalise(again);
    assert_eq!(ward.status().await, 200);
}

#[tokio::test]
async fn answer_should_hold_what_all_states_allow_when_they_differ() {
    let ward = Ward::new().await;
    let whole = ward.answer().await.1;
    assert!(entries(&whole).iter().all(|entry| entry.get("valueQuantity").is_some()), "{whole}");
    // One leaf narrows the grant to an element, another leaves it.
    let narrow = ward.rule(Effect::Allow, ONE_ELEMENT);
    let patient = ward.patient;
    let narrowed = ward.leaf(|state| {
        revoke_all(patient)(state);
        add(patient, narrow)(state);
    });
    ward.leaf(|_| {});
    let (status, shown) = ward.answer().await;
    assert_eq!(status, 200);
    assert_eq!(entries(&shown).len(), entries(&whole).len());
    for entry in entries(&shown) {
        assert!(entry.get("code").is_some() && entry.get("valueQuantity").is_none(), "{entry}");
    }
    // The wider state does not win by being final.
    ward.fixture.chain.finalise(narrowed);
    assert!(entries(&ward.answer().await.1).iter().all(|entry| entry.get("valueQuantity").is_none()));
}

#[tokio::test]
async fn answer_should_not_widen_when_a_reorganisation_makes_the_wider_fork_final() {
    let ward = Ward::without_grant().await;
    ward.fixture.grant(ward.patient, &person("Doctor"), ONE_ELEMENT);
    let wide = ward.leaf(add(ward.patient, ward.rule(Effect::Allow, LABORATORY)));
    let narrow = ward.leaf(|_| {});
    let shows_values = |answer: (u16, serde_json::Value)| {
        entries(&answer.1).iter().any(|entry| entry.get("valueQuantity").is_some())
    };
    assert!(!shows_values(ward.answer().await));
    // The best block goes from one fork to the other and back; nothing is final, nothing widens.
    let wide = ward.fixture.chain.add(wide, |_| {});
    assert!(!shows_values(ward.answer().await));
    ward.fixture.chain.add(narrow, |_| {});
    assert!(!shows_values(ward.answer().await));
    ward.fixture.chain.finalise(wide);
    assert!(shows_values(ward.answer().await), "final now, and only now");
}

#[tokio::test]
async fn staff_should_be_refused_when_any_leaf_has_removed_rotated_or_regrouped_them() {
    let doctor = person("Doctor");
    let staff = StaffFacts {
        id: StaffId::new(5, 0),
        role: StaffRole::Clinician,
        from: 0,
        until: u64::MAX,
        member_status: MemberStatus::Active,
        groups: vec![3],
    };
    for viewer in [Viewer::Member(5), Viewer::Group(3)] {
        type Change = fn(&mut StaffFacts);
        let changes: [(&str, Option<Change>); 4] = [
            ("removed, or with another key", None),
            ("over", Some(|staff| staff.until = START)),
            ("of a suspended member", Some(|staff| staff.member_status = MemberStatus::Suspended)),
            (
                "of another member in no group",
                Some(|staff| {
                    staff.id = StaffId::new(6, 0);
                    staff.groups.clear();
                }),
            ),
        ];
        for (name, change) in changes {
            let ward = Ward::without_grant().await;
            let rule = Grant {
                viewer: viewer.clone(),
                terms: GrantTerms::Everything,
                ..ward.rule(Effect::Allow, LABORATORY)
            };
            let (account, facts) = (doctor.account(), staff.clone());
            ward.fixture.chain.advance(|state| drop(state.staff.insert(account.clone(), facts)));
            ward.fixture.chain.advance(add(ward.patient, rule));
            assert_eq!(ward.status().await, 200, "the control");
            ward.leaf(|_| {});
            let left = ward.leaf(|state| match change {
                None => drop(state.staff.remove(&account)),
                Some(change) => change(state.staff.get_mut(&account).unwrap()),
            });
            assert_eq!(ward.status().await, 403, "{viewer:?}, {name}");
            ward.fixture.chain.finalise(left);
            assert_eq!(ward.status().await, 403, "{viewer:?}, {name}, final");
        }
    }
}

#[tokio::test]
async fn staff_should_wait_for_finality_when_hired_in_an_unfinalised_block() {
    let ward = Ward::without_grant().await;
    let rule = Grant {
        viewer: Viewer::Member(5),
        terms: GrantTerms::Everything,
        ..ward.rule(Effect::Allow, LABORATORY)
    };
    ward.fixture.chain.advance(add(ward.patient, rule));
    let staff = StaffFacts {
        id: StaffId::new(5, 0),
        role: StaffRole::Clinician,
        from: 0,
        until: u64::MAX,
        member_status: MemberStatus::Active,
        groups: Vec::new(),
    };
    let hired = ward.leaf(|state| drop(state.staff.insert(person("Doctor").account(), staff)));
    assert_eq!(ward.status().await, 403);
    ward.fixture.chain.finalise(hired);
    assert_eq!(ward.status().await, 200);
}

#[tokio::test]
async fn patient_should_be_refused_when_any_leaf_has_ended_the_relationship() {
    let ward = Ward::new().await;
    let own = ward.fixture.sign_in(&person("Carol"), "PATRQT", None).await;
    let target = format!("/fhir/Observation?patient={}", ward.patient);
    assert_eq!(ward.fixture.get(&own, &target).await.0, 200);
    ward.leaf(ward.change(|facts| facts.status = RelationshipStatus::Ended));
    assert_eq!(ward.fixture.get(&own, &target).await.0, 403);
}

#[tokio::test]
async fn everything_should_be_refused_when_finality_is_late_though_blocks_come() {
    let ward = Ward::new().await;
    // A block every six seconds, none of them final.
    let mut head = ward.fixture.chain.finalised();
    for _ in 0..11 {
        ward.fixture.time.advance(6_000);
        head = ward.fixture.chain.add(head, |_| {});
    }
    assert_eq!(ward.status().await, 503, "a minute without finality");
    ward.fixture.chain.finalise(head);
    assert_eq!(ward.status().await, 200);
}

#[tokio::test]
async fn revocation_should_count_at_once_when_finality_is_late_but_not_stale() {
    let ward = Ward::new().await;
    let mut head = ward.fixture.chain.finalised();
    for _ in 0..3 {
        ward.fixture.time.advance(6_000);
        head = ward.fixture.chain.add(head, |_| {});
    }
    assert_eq!(ward.status().await, 200, "the control");
    ward.fixture.chain.add(head, revoke_all(ward.patient));
    assert_eq!(ward.status().await, 403);
}

#[tokio::test]
async fn access_should_go_on_when_a_stand_in_tells_the_same() {
    let ward = Ward::new().await;
    let leaf = ward.leaf(|_| {});
    assert!(ward.fixture.chain.switch(ward.fixture.chain.finalised(), &[leaf]));
    assert_eq!(ward.status().await, 200);
    ward.fixture.chain.finalise(leaf);
    assert_eq!(ward.status().await, 200);
    // And back.
    assert!(ward.fixture.chain.switch(leaf, &[]));
    assert_eq!(ward.status().await, 200);
}

#[tokio::test]
async fn revocation_should_hold_when_what_stands_in_does_not_know_its_block() {
    let ward = Ward::new().await;
    let revoked = ward.leaf(revoke_all(ward.patient));
    assert_eq!(ward.status().await, 403);
    let other = ward.fixture.chain.add_elsewhere(ward.fixture.chain.finalised(), |_| {});
    assert!(ward.fixture.chain.switch(ward.fixture.chain.finalised(), &[other]));
    assert_eq!(ward.status().await, 403, "it was seen, and its fork has not lost");
    ward.fixture.chain.finalise(revoked);
    assert_eq!(ward.status().await, 403);
}

#[tokio::test]
async fn revocation_should_count_at_once_when_only_what_stands_in_knows_it() {
    let ward = Ward::new().await;
    let finalised = ward.fixture.chain.finalised();
    let revoked = ward.fixture.chain.add_elsewhere(finalised, revoke_all(ward.patient));
    assert_eq!(ward.status().await, 200, "the control");
    assert!(ward.fixture.chain.switch(finalised, &[revoked]));
    assert_eq!(ward.status().await, 403);
}

#[tokio::test]
async fn everything_should_be_refused_when_what_stands_in_is_behind() {
    let ward = Ward::new().await;
    let before = ward.fixture.chain.finalised();
    let last = ward.fixture.chain.advance(|_| {});
    assert_eq!(ward.status().await, 200);
    assert!(ward.fixture.chain.switch(before, &[]));
    assert_eq!(ward.status().await, 503);
    assert!(ward.fixture.chain.switch(before, &[last]));
    assert_eq!(ward.status().await, 503, "until it is final there, too");
    ward.fixture.chain.finalise(last);
    assert_eq!(ward.status().await, 200);
}

#[tokio::test]
async fn everything_should_be_refused_when_what_stands_in_holds_another_block_final() {
    let ward = Ward::new().await;
    let before = ward.fixture.chain.finalised();
    ward.fixture.chain.advance(|_| {});
    let other = ward.fixture.chain.add_elsewhere(before, |_| {});
    assert!(!ward.fixture.chain.switch(other, &[]));
    assert_eq!(ward.status().await, 503);
}

#[tokio::test]
async fn age_of_finality_should_be_counted_on_when_a_stand_in_begins() {
    let ward = Ward::new().await;
    ward.fixture.time.advance(50_000);
    let finalised = ward.fixture.chain.finalised();
    let fresh = ward.fixture.chain.add(finalised, |_| {});
    assert_eq!(ward.status().await, 200, "the control");
    assert!(ward.fixture.chain.switch(finalised, &[fresh]));
    ward.fixture.time.advance(11_000);
    assert_eq!(ward.status().await, 503, "that it began shows no finality that moves");
    ward.fixture.chain.finalise(fresh);
    assert_eq!(ward.status().await, 200);
}

#[tokio::test]
async fn grant_should_end_by_the_clock_when_no_block_comes() {
    let ward = Ward::without_grant().await;
    let now = medrec_gatekeeper::clock::Time::now(&*ward.fixture.time).wall;
    let rule = Grant {
        terms: GrantTerms::Everything,
        not_after: Some(now + 30_000),
        ..ward.rule(Effect::Allow, LABORATORY)
    };
    ward.fixture.chain.advance(add(ward.patient, rule));
    assert_eq!(ward.status().await, 200);
    ward.fixture.time.advance(29_000);
    assert_eq!(ward.status().await, 200);
    ward.fixture.time.advance(1_000);
    assert_eq!(ward.status().await, 403, "not stale yet, and over all the same");
}
