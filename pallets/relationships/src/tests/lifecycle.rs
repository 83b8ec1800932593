//! From the proposal to the end.

use frame_support::{assert_noop, assert_ok, traits::fungible::hold::Inspect};
use medrec_primitives::{RelationshipId, RelationshipStatus, DAY_MS};

use crate::{mock::*, Error, Event, HoldReason, KeyRole, Keys};

fn held(member: u32) -> u64 {
    Balances::balance_on_hold(&HoldReason::Relationship.into(), &Relationships::deposit_account(member))
}

#[test]
fn propose_should_open_the_patients_account_and_hold_deposit_when_key_fresh() {
    run(|| {
        let member = provider(1);
        assert_ok!(Relationships::propose(signed(1), account(50), [7; 16]));
        let id = RelationshipId::new(member, 0);
        assert_event(Event::Proposed { relationship: id, patient: account(50), ticket: [7; 16] });
        assert_eq!(status(id), RelationshipStatus::Proposed);
        assert_eq!(held(member), 100);
        assert_eq!((System::sufficients(&account(50)), Balances::free_balance(account(50))), (1, 0));
        assert_eq!(proposed(101, 51), RelationshipId::new(member, 1), "the gatekeeper's key may propose");
        assert_eq!(
            Relationships::of_account(&account(51)),
            [(RelationshipId::new(member, 1), RelationshipStatus::Proposed)]
        );
    });
}

#[test]
fn propose_should_fail_when_the_key_was_used_anywhere() {
    run(|| {
        provider(1);
        provider(2);
        let id = active(1, 50);
        assert_ok!(Registry::add_staff(
            signed(2),
            account(200),
            medrec_primitives::StaffRole::Clinician,
            NOON + DAY_MS
        ));
        for key in [50, 1, 101, 200] {
            assert_noop!(
                Relationships::propose(signed(2), account(key), [0; 16]),
                pallet_registry::Error::<Test>::KeyUsed
            );
        }
        assert_ok!(Relationships::end(signed(50), id));
        assert_noop!(
            Relationships::propose(signed(1), account(50), [0; 16]),
            pallet_registry::Error::<Test>::KeyUsed
        );
        // Nor does a patient's key become anybody's on a staff.
        assert_noop!(
            Registry::add_staff(
                signed(2),
                account(50),
                medrec_primitives::StaffRole::Clinician,
                NOON + DAY_MS
            ),
            pallet_registry::Error::<Test>::KeyUsed
        );
    });
}

#[test]
fn propose_should_fail_when_not_an_active_provider() {
    run(|| {
        let member = provider(1);
        let propose = |n| Relationships::propose(signed(n), account(50), [0; 16]);
        assert_noop!(propose(9), pallet_registry::Error::<Test>::NotAMember);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), member));
        assert_noop!(propose(1), pallet_registry::Error::<Test>::WrongStatus);
    });
}

#[test]
fn propose_should_fail_when_the_deposit_account_runs_dry() {
    run(|| {
        provider(1);
        // 1,000 less the existential deposit cover nine times 100.
        for key in 50..59 {
            proposed(1, key);
        }
        assert_noop!(
            Relationships::propose(signed(1), account(59), [0; 16]),
            Error::<Test>::DepositAccountTooLow
        );
    });
}

#[test]
fn accept_should_activate_when_the_patient_signs() {
    run(|| {
        provider(1);
        let id = proposed(1, 50);
        for stranger in [1, 101, 2, 60] {
            assert_noop!(Relationships::accept(signed(stranger), id), Error::<Test>::NotAllowed);
        }
        assert_ok!(Relationships::accept(signed(50), id));
        assert_event(Event::Accepted { relationship: id });
        assert_eq!(Relationships::get(id).unwrap().ticket, None);
        assert_noop!(Relationships::accept(signed(50), id), Error::<Test>::WrongStatus);
        assert_noop!(
            Relationships::accept(signed(50), RelationshipId::new(9, 9)),
            Error::<Test>::UnknownRelationship
        );
    });
}

#[test]
fn reject_should_end_and_keep_the_tombstone_when_proposed() {
    run(|| {
        let member = provider(1);
        let id = proposed(1, 50);
        assert_noop!(Relationships::reject(signed(1), id), Error::<Test>::NotAllowed);
        assert_ok!(Relationships::reject(signed(50), id));
        assert_event(Event::Rejected { relationship: id });
        assert_eq!(status(id), RelationshipStatus::Ended);
        assert_eq!(Keys::<Test>::get(account(50)).unwrap().role, KeyRole::Retired);
        assert_eq!(held(member), 40, "what stays for ever stays paid for");
        assert_eq!(System::sufficients(&account(50)), 1, "the nonce outlives the relationship");
        assert!(Relationships::of_account(&account(50)).is_empty());
        assert_noop!(Relationships::reject(signed(50), id), Error::<Test>::WrongStatus);
    });
}

#[test]
fn reject_should_fail_when_active() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        assert_noop!(Relationships::reject(signed(50), id), Error::<Test>::WrongStatus);
    });
}

#[test]
fn end_should_work_for_either_side_when_open() {
    run(|| {
        let member = provider(1);
        for (patient, who) in [(50, 50), (51, 1), (52, 101)] {
            let id = active(1, patient);
            assert_noop!(Relationships::end(signed(2), id), Error::<Test>::NotAllowed);
            assert_ok!(Relationships::end(signed(who), id));
            assert_event(Event::Ended { relationship: id });
            assert_eq!(status(id), RelationshipStatus::Ended);
            assert_noop!(Relationships::end(signed(who), id), Error::<Test>::WrongStatus);
        }
        let id = proposed(1, 53);
        // A suspended provider may still let go.
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), member));
        assert_ok!(Relationships::end(signed(1), id));
    });
}

#[test]
fn end_should_fail_when_another_provider_signs() {
    run(|| {
        provider(1);
        provider(2);
        let id = active(1, 50);
        assert_noop!(Relationships::end(signed(2), id), Error::<Test>::NotAllowed);
        assert_noop!(Relationships::end(signed(102), id), Error::<Test>::NotAllowed);
    });
}

#[test]
fn suspend_should_work_for_either_side_and_resume_for_the_patients_alone() {
    run(|| {
        let member = provider(1);
        provider(2);
        let id = active(1, 50);
        set_custodians(50, id, &[custodian(60, 4, 0, None), custodian(61, 3, 0, None)]).unwrap();
        for (suspends, resumes) in [(50, 60), (60, 50), (1, 50), (101, 50)] {
            assert_ok!(Relationships::suspend(signed(suspends), id));
            assert_event(Event::Suspended { relationship: id });
            assert_eq!(status(id), RelationshipStatus::Suspended);
            assert_noop!(Relationships::suspend(signed(suspends), id), Error::<Test>::WrongStatus);
            for stranger in [1, 101, 2, 61, 70] {
                assert_noop!(Relationships::resume(signed(stranger), id), Error::<Test>::NotAllowed);
            }
            assert_ok!(Relationships::resume(signed(resumes), id));
            assert_event(Event::Resumed { relationship: id });
            assert_noop!(Relationships::resume(signed(resumes), id), Error::<Test>::WrongStatus);
        }
        for stranger in [2, 102, 61, 70] {
            assert_noop!(Relationships::suspend(signed(stranger), id), Error::<Test>::NotAllowed);
        }
        // A suspended provider may still close its doors.
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), member));
        assert_ok!(Relationships::suspend(signed(1), id));
        assert_ok!(Relationships::end(signed(50), id));
        assert_noop!(Relationships::suspend(signed(50), id), Error::<Test>::WrongStatus);
        assert_noop!(Relationships::resume(signed(50), id), Error::<Test>::WrongStatus);
        let unknown = RelationshipId::new(9, 9);
        assert_noop!(Relationships::suspend(signed(50), unknown), Error::<Test>::UnknownRelationship);
        assert_noop!(Relationships::resume(signed(50), unknown), Error::<Test>::UnknownRelationship);
    });
}

#[test]
fn proposal_should_not_be_suspended_or_resumed_when_unanswered() {
    run(|| {
        provider(1);
        let id = proposed(1, 50);
        assert_noop!(Relationships::suspend(signed(50), id), Error::<Test>::WrongStatus);
        assert_noop!(Relationships::resume(signed(50), id), Error::<Test>::WrongStatus);
    });
}

#[test]
fn origins_that_sign_nothing_should_be_refused_when_they_call() {
    use sp_runtime::DispatchError::BadOrigin;
    run(|| {
        provider(1);
        let id = active(1, 50);
        let (key, ticket) = (account(51), [7; 16]);
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
            let o = || origin.clone();
            assert_noop!(Relationships::suspend(o(), id), BadOrigin);
            assert_noop!(Relationships::resume(o(), id), BadOrigin);
            assert_noop!(Relationships::acknowledge(o(), id, 0, 1), BadOrigin);
            assert_noop!(Relationships::set_custodians(o(), id, Default::default()), BadOrigin);
            assert_noop!(Relationships::remove_custodian(o(), id, key.clone()), BadOrigin);
            assert_noop!(
                Relationships::set_flags(o(), id, Default::default(), Default::default()),
                BadOrigin
            );
            assert_noop!(Relationships::set_inactivity(o(), id, None), BadOrigin);
            assert_noop!(Relationships::touch(o(), id), BadOrigin);
            assert_noop!(Relationships::step_in(o(), id), BadOrigin);
            assert_noop!(Relationships::confirm_step_in(o(), id), BadOrigin);
            assert_noop!(Relationships::step_out(o(), id), BadOrigin);
            assert_noop!(Relationships::propose_minor(o(), key.clone(), NOON, ticket), BadOrigin);
            assert_noop!(Relationships::enrol_patient(o(), id, key.clone(), ticket), BadOrigin);
            assert_noop!(
                Relationships::request_rekey(o(), id, account(50), key.clone(), Some(ticket)),
                BadOrigin
            );
            assert_noop!(Relationships::approve_rekey(o(), id, key.clone(), Some(ticket)), BadOrigin);
            assert_noop!(Relationships::finish_rekey(o(), id), BadOrigin);
            assert_noop!(Relationships::veto_rekey(o(), id), BadOrigin);
            assert_noop!(Relationships::reproof(o(), id, key.clone(), ticket), BadOrigin);
            assert_noop!(Relationships::cancel_rekey(o(), id), BadOrigin);
        }
    });
}
