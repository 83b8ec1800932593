//! Who is refused, and why: every call by every origin that may not make it, and every rule that makes no sense.

use frame_support::traits::GetCallName;
use medrec_primitives::{
    Effect, GlassId, Grant, GrantTerms, RelationshipId, ReviewOutcome, SealedTerms, StaffRole, Viewer,
    TERMS_PLAINTEXT_BYTES,
};
use pallet_relationships::Relationships as Records;
use sp_runtime::DispatchError;

use crate::{mock::*, Call, Error, Rules};

type Refused = Error<Test>;
type Custody = pallet_relationships::Error<Test>;

const ALL: GrantTerms = GrantTerms::Everything;

/// A rule by each of the three calls that make one.
fn rules(relationship: RelationshipId, rule: &Grant) -> [Call<Test>; 3] {
    let Grant { viewer, terms, not_before, not_after, .. } = rule.clone();
    [
        Call::grant {
            relationship,
            viewer: viewer.clone(),
            terms: terms.clone(),
            not_before,
            not_after,
            may_share: true,
        },
        Call::deny { relationship, viewer: viewer.clone(), terms: terms.clone(), not_before, not_after },
        Call::share { relationship, parent: 0, viewer, terms, not_before, not_after, may_share: true },
    ]
}

/// A rule about key 71.
fn good() -> Grant {
    Grant {
        viewer: key(71),
        effect: Effect::Allow,
        terms: ALL,
        not_before: None,
        not_after: None,
        may_share: true,
        parent: None,
    }
}

fn all(relationship: RelationshipId) -> Vec<Call<Test>> {
    let others = [
        Call::revoke { relationship, grant: 0 },
        Call::revoke_all { relationship, viewer: key(70) },
        Call::break_glass { relationship, reason: [1; 32] },
        Call::close_glass { relationship, glass: GlassId::new(0, 0) },
        review(),
    ];
    rules(relationship, &good()).into_iter().chain(others).collect()
}

fn review() -> Call<Test> {
    let glasses = vec![GlassId::new(0, 0)].try_into().unwrap();
    Call::review_glass { glasses, outcome: ReviewOutcome::Justified }
}

/// Patient 50 of provider 1 lets key 70 see everything and share it.
fn shared() -> RelationshipId {
    provider(1);
    let id = active(1, 50);
    Permissions::grant(signed(50), id, key(70), ALL, None, None, true).unwrap();
    id
}

/// Who makes a call that is well made: the key that holds the rule, the emergency staff, or the patient.
fn signer(call: &Call<Test>) -> u8 {
    match call.get_call_name() {
        "share" => 70,
        "break_glass" => 90,
        _ => 50,
    }
}

#[test]
fn calls_should_be_refused_when_the_origin_is_another() {
    run(|| {
        let id = shared();
        let mut names = Vec::new();
        for call in all(id) {
            names.push(call.get_call_name());
            refused(call.clone(), RuntimeOrigin::none(), DispatchError::BadOrigin);
            if call == review() {
                refused(call, signed(1), DispatchError::BadOrigin);
                continue;
            }
            refused(call.clone(), RuntimeOrigin::root(), DispatchError::BadOrigin);
            // A stranger, the provider, and its gatekeeper.
            for other in [9, 1, 101] {
                match call.get_call_name() {
                    "share" => refused(call.clone(), signed(other), Refused::NotHolder),
                    "break_glass" => refused(call.clone(), signed(other), Refused::NotEmergencyStaff),
                    _ => refused(call.clone(), signed(other), Custody::NotAllowed),
                }
            }
        }
        names.sort_unstable();
        let mut every = Call::<Test>::get_call_names().to_vec();
        every.sort_unstable();
        assert_eq!(names, every, "no call is left out");
    });
}

#[test]
fn calls_should_be_refused_when_there_is_no_such_relationship_or_it_has_ended() {
    run(|| {
        let id = shared();
        staff(1, 90, StaffRole::Emergency);
        for call in all(RelationshipId::new(0, 9)).into_iter().filter(|call| *call != review()) {
            let who = signed(signer(&call));
            refused(call, who, Custody::UnknownRelationship);
        }
        pallet_relationships::Pallet::<Test>::end(signed(50), id).unwrap();
        for call in all(id).into_iter().filter(|call| *call != review()) {
            let why = match call.get_call_name() {
                "revoke" => Refused::UnknownGrant,
                "revoke_all" => Refused::NothingAllowed,
                "close_glass" => Refused::UnknownGlass,
                _ => Refused::WrongStatus,
            };
            let who = signed(signer(&call));
            refused(call, who, why);
        }
        refused(review(), RuntimeOrigin::root(), Refused::UnknownReview);
    });
}

#[test]
fn rules_should_be_refused_when_they_make_no_sense() {
    run(|| {
        let id = shared();
        let sealed = SealedTerms {
            key: 7,
            enc: [1; 32],
            ciphertext: [1; TERMS_PLAINTEXT_BYTES + 16],
            commitment: [1; 32],
        };
        let cases = [
            (Grant { viewer: key(50), ..good() }, DispatchError::from(Refused::ViewerIsPatient)),
            (Grant { viewer: Viewer::Member(9), ..good() }, DispatchError::from(Refused::UnknownViewer)),
            (Grant { viewer: Viewer::Group(9), ..good() }, DispatchError::from(Refused::UnknownViewer)),
            (Grant { not_after: Some(NOON), ..good() }, DispatchError::from(Refused::BadTerm)),
            (
                Grant { not_before: Some(NOON + 2), not_after: Some(NOON + 2), ..good() },
                DispatchError::from(Refused::BadTerm),
            ),
            (
                Grant { terms: GrantTerms::Sealed(sealed), ..good() },
                DispatchError::from(Refused::StaleSealingKey),
            ),
        ];
        for (rule, why) in cases {
            for call in rules(id, &rule) {
                let who = signed(signer(&call));
                refused(call, who, why);
            }
        }
    });
}

#[test]
fn rules_should_be_refused_when_no_number_is_left() {
    new_test_ext().execute_with(|| {
        let id = shared();
        Records::<Test>::mutate(id.member, id.index, |record| record.as_mut().unwrap().rules.next = u32::MAX);
        for call in rules(id, &good()) {
            let who = signed(signer(&call));
            refused(call, who, Custody::IdsExhausted);
        }
    });
}

#[test]
fn share_should_be_refused_when_the_rule_is_unknown_or_a_denial_or_not_begun() {
    run(|| {
        let id = shared();
        let share = |parent, not_after| Call::share {
            relationship: id,
            parent,
            viewer: key(71),
            terms: ALL,
            not_before: None,
            not_after,
            may_share: false,
        };
        refused(share(9, None), signed(70), Refused::UnknownGrant);
        Permissions::grant(signed(50), id, key(70), ALL, None, Some(NOON + 5), false).unwrap();
        refused(share(1, Some(NOON + 5)), signed(70), Refused::MayNotShare);
        Rules::<Test>::mutate((id.member, id.index, 1), |rule| rule.as_mut().unwrap().grant.may_share = true);
        refused(share(1, None), signed(70), Refused::OutlastsParent);
        refused(share(1, Some(NOON + 6)), signed(70), Refused::OutlastsParent);
        set_time(NOON + 5);
        refused(share(1, Some(NOON + 5)), signed(70), Refused::NotInForce);
    });
}
