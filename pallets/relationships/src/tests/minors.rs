//! Patients who have no key yet.

use frame_support::{assert_noop, assert_ok};
use medrec_primitives::{CustodianRights, Moment, RelationshipId, RelationshipStatus, DAY_MS};

use crate::{mock::*, Error, Event, Handovers, KeyRole, Keys, Pointers, MAX_MINORITY, REKEY_DELAY};

/// 1 July 2026, some two years after the day of these tests.
const HANDOVER: Moment = 20_635 * DAY_MS;

/// A proposal for a minor to the guardian's key.
fn minor(guardian: u8) -> RelationshipId {
    assert_ok!(Relationships::propose_minor(signed(1), account(guardian), HANDOVER, [7; 16]));
    Keys::<Test>::get(account(guardian)).unwrap().relationship
}

/// As [`minor`], and the guardian accepts.
fn accepted(guardian: u8) -> RelationshipId {
    let id = minor(guardian);
    assert_ok!(Relationships::accept(signed(guardian), id));
    id
}

fn enrol(n: u8, id: RelationshipId, key: u8) -> sp_runtime::DispatchResult {
    Relationships::enrol_patient(signed(n), id, account(key), [8; 16])
}

#[test]
fn propose_minor_should_let_the_guardian_alone_act_when_accepted() {
    run(|| {
        let member = provider(1);
        let id = minor(60);
        let event = Event::MinorProposed {
            relationship: id,
            guardian: account(60),
            handover: HANDOVER,
            ticket: [7; 16],
        };
        assert_event(event);
        assert_eq!(id, RelationshipId::new(member, 0));
        let record = Relationships::get(id).unwrap();
        assert_eq!(record.patient, Relationships::minor_account(id));
        assert_eq!(record.custodians.len(), 1);
        assert_eq!(record.custodians[0].rights, CustodianRights::ALL);
        assert_eq!(record.custodians[0].not_after, Some(HANDOVER));
        assert!(!System::account_exists(&record.patient), "nobody is behind the minor's account");
        assert_eq!((role(60), System::sufficients(&account(60))), (KeyRole::Custodian(0), 1));
        assert_ok!(Relationships::accept(signed(60), id));
        assert_ok!(Relationships::suspend(signed(60), id));
        assert_ok!(Relationships::resume(signed(60), id));
        // What only the patient may do, nobody may.
        for call in
            [Relationships::set_inactivity(signed(60), id, Some(30)), Relationships::touch(signed(60), id)]
        {
            assert_eq!(call, Err(Error::<Test>::NotAllowed.into()));
        }
        assert_ok!(Relationships::end(signed(60), id));
        assert_eq!((role(60), Handovers::<Test>::iter().count()), (KeyRole::Retired, 0));
    });
}

#[test]
fn minor_accounts_should_differ_when_the_relationships_do() {
    let ids = [(0, 0), (0, 1), (1, 0), (256, 0), (0, 256)].map(|(m, i)| RelationshipId::new(m, i));
    for (n, id) in ids.iter().enumerate() {
        for other in &ids[..n] {
            assert_ne!(Relationships::minor_account(*id), Relationships::minor_account(*other));
        }
    }
}

#[test]
fn propose_minor_should_fail_when_date_or_key_or_signer_or_deposit_is_wrong() {
    run(|| {
        let member = provider(1);
        let propose =
            |n, key, handover| Relationships::propose_minor(signed(n), account(key), handover, [7; 16]);
        // 1 January 2047 is more than 22 years ahead of the day of these tests, and half-years.
        let far = 28_124 * DAY_MS;
        assert!(medrec_primitives::is_half_year(far) && far > NOON + MAX_MINORITY);
        let past = 19_905 * DAY_MS;
        assert!(medrec_primitives::is_half_year(past) && past < NOON);
        for handover in [0, past, far, HANDOVER + 1, HANDOVER - 1, HANDOVER + DAY_MS, Moment::MAX] {
            assert_noop!(propose(1, 60, handover), Error::<Test>::BadHandover);
        }
        for used in [1, 101] {
            assert_noop!(propose(1, used, HANDOVER), pallet_registry::Error::<Test>::KeyUsed);
        }
        assert_noop!(propose(9, 60, HANDOVER), pallet_registry::Error::<Test>::NotAMember);
        assert_ok!(propose(101, 60, HANDOVER));
        for key in 61..69 {
            assert_ok!(propose(1, key, HANDOVER));
        }
        assert_noop!(propose(1, 69, HANDOVER), Error::<Test>::DepositAccountTooLow);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), member));
        assert_noop!(propose(1, 70, HANDOVER), pallet_registry::Error::<Test>::WrongStatus);
    });
}

#[test]
fn propose_minor_should_fail_when_the_handover_is_now() {
    run(|| {
        provider(1);
        set_time(HANDOVER);
        let propose = || Relationships::propose_minor(signed(1), account(60), HANDOVER, [7; 16]);
        assert_noop!(propose(), Error::<Test>::BadHandover);
        set_time(HANDOVER - 1);
        assert_ok!(propose());
    });
}

#[test]
fn guardian_should_appoint_within_the_handover_alone_when_the_patient_has_no_key() {
    run(|| {
        provider(1);
        let id = accepted(60);
        let guardian = Relationships::get(id).unwrap().custodians[0].clone();
        let list = |end| vec![guardian.clone(), custodian(61, 7, 0, end)];
        for end in [None, Some(HANDOVER + 1)] {
            assert_noop!(set_custodians(60, id, &list(end)), Error::<Test>::NotAllowed);
        }
        assert_ok!(set_custodians(60, id, &list(Some(HANDOVER))));
        assert_ok!(Relationships::suspend(signed(61), id));
    });
}

#[test]
fn relationship_should_rest_when_the_handover_has_come() {
    run(|| {
        provider(1);
        let id = accepted(60);
        set_time(HANDOVER - 1);
        assert_eq!(status(id), RelationshipStatus::Active);
        assert_noop!(enrol(1, id, 50), Error::<Test>::TooEarly);
        set_time(HANDOVER);
        assert_eq!(status(id), RelationshipStatus::Suspended);
        let shown = Some((Relationships::minor_account(id), RelationshipStatus::Suspended));
        assert_eq!(Relationships::relationship(id), shown);
        for call in [
            Relationships::suspend(signed(60), id),
            Relationships::resume(signed(60), id),
            Relationships::end(signed(60), id),
            Relationships::acknowledge(signed(60), id, 0, 1),
            set_custodians(60, id, &[]),
        ] {
            assert_eq!(call, Err(Error::<Test>::NotAllowed.into()));
        }
        assert_ok!(Relationships::suspend(signed(1), id));
        assert_ok!(Relationships::end(signed(1), id));
    });
}

#[test]
fn enrol_patient_should_hand_over_with_history_when_the_patient_accepts() {
    run(|| {
        provider(1);
        let id = accepted(60);
        let locator = medrec_primitives::SealedLocator { key: 0, enc: [1; 32], ciphertext: [1; 64] };
        assert_ok!(Relationships::set_pointer(signed(1), id, 0, locator, [1; 32]));
        set_time(HANDOVER);
        assert_ok!(enrol(1, id, 50));
        assert_event(Event::PatientEnrolled { relationship: id, patient: account(50), ticket: [8; 16] });
        let record = Relationships::get(id).unwrap();
        assert_eq!((record.patient, record.status), (account(50), RelationshipStatus::Suspended));
        assert!(record.custodians.is_empty());
        assert_eq!((role(50), role(60)), (KeyRole::Patient, KeyRole::Retired));
        assert_eq!(Handovers::<Test>::iter().count(), 0);
        for call in [
            Relationships::resume(signed(50), id),
            set_custodians(50, id, &[]),
            Relationships::set_inactivity(signed(50), id, None),
            Relationships::touch(signed(50), id),
            Relationships::reject(signed(50), id),
            Relationships::request_rekey(signed(1), id, account(50), account(51), Some([9; 16])),
        ] {
            assert_eq!(call, Err(Error::<Test>::WrongStatus.into()), "not before the patient accepts");
        }
        for stranger in [1, 60, 2] {
            assert_noop!(Relationships::accept(signed(stranger), id), Error::<Test>::NotAllowed);
        }
        assert_ok!(Relationships::accept(signed(50), id));
        assert_event(Event::Accepted { relationship: id });
        assert_eq!(status(id), RelationshipStatus::Active);
        assert_eq!(Relationships::get(id).unwrap().ticket, None);
        assert_eq!(Pointers::<Test>::iter().count(), 1, "the history is kept");
        assert_noop!(enrol(1, id, 51), Error::<Test>::WrongStatus);
    });
}

#[test]
fn enrol_patient_should_work_again_when_not_yet_accepted() {
    run(|| {
        provider(1);
        let id = accepted(60);
        set_time(HANDOVER);
        assert_ok!(enrol(1, id, 50));
        assert_ok!(enrol(101, id, 51));
        assert_eq!((role(50), role(51)), (KeyRole::Retired, KeyRole::Patient));
        assert_noop!(Relationships::accept(signed(50), id), Error::<Test>::NotAllowed);
        for key in 52..58 {
            assert_ok!(enrol(1, id, key));
        }
        assert_noop!(enrol(1, id, 58), Error::<Test>::TooManyKeys);
        assert_ok!(Relationships::end(signed(57), id));
        assert_eq!(role(57), KeyRole::Retired);
    });
}

#[test]
fn enrol_patient_should_fail_when_key_or_signer_or_relationship_is_wrong() {
    run(|| {
        let member = provider(1);
        provider(2);
        let (id, unanswered, grown) = (accepted(60), minor(61), active(1, 40));
        set_time(HANDOVER);
        for used in [60, 40, 1, 101] {
            assert_noop!(enrol(1, id, used), pallet_registry::Error::<Test>::KeyUsed);
        }
        assert_noop!(enrol(2, id, 50), Error::<Test>::NotAllowed);
        for stranger in [60, 9] {
            assert_noop!(enrol(stranger, id, 50), pallet_registry::Error::<Test>::NotAMember);
        }
        assert_noop!(enrol(1, unanswered, 50), Error::<Test>::WrongStatus);
        assert_noop!(enrol(1, grown, 50), Error::<Test>::WrongStatus);
        assert_noop!(enrol(1, RelationshipId::new(member, 9), 50), Error::<Test>::UnknownRelationship);
        // Nobody accepts what was proposed for a minor who has come of age.
        assert_noop!(Relationships::accept(signed(61), unanswered), Error::<Test>::NotAllowed);
        assert_ok!(Relationships::end(signed(1), unanswered));
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), member));
        assert_noop!(enrol(1, id, 50), pallet_registry::Error::<Test>::WrongStatus);
    });
}

/// The provider asks that key `fresh` follows key `lost`.
fn request(id: RelationshipId, lost: u8, fresh: u8) -> sp_runtime::DispatchResult {
    Relationships::request_rekey(signed(1), id, account(lost), account(fresh), Some([9; 16]))
}

#[test]
fn guardian_should_go_on_with_a_fresh_key_when_the_old_one_was_lost() {
    run(|| {
        provider(1);
        let id = accepted(60);
        assert_ok!(request(id, 60, 61));
        assert_eq!(role(61), KeyRole::Pending);
        set_time(NOON + REKEY_DELAY);
        assert_ok!(Relationships::finish_rekey(signed(61), id));
        assert_event(Event::RekeyConcluded { relationship: id, key: account(61) });
        assert_eq!((role(60), role(61)), (KeyRole::Retired, KeyRole::Custodian(0)));
        let record = Relationships::get(id).unwrap();
        assert_eq!(record.patient, Relationships::minor_account(id));
        let guardian = &record.custodians[0];
        assert_eq!((guardian.key.clone(), guardian.not_after), (account(61), Some(HANDOVER)));
        assert_noop!(Relationships::suspend(signed(60), id), Error::<Test>::NotAllowed);
        assert_ok!(Relationships::suspend(signed(61), id));
    });
}

#[test]
fn guardians_rekey_should_need_the_other_guardian_when_there_is_one() {
    run(|| {
        provider(1);
        let id = accepted(60);
        let mut list = Relationships::get(id).unwrap().custodians.into_inner();
        list.extend([custodian(61, 4, 0, Some(HANDOVER)), custodian(62, 3, 0, Some(HANDOVER))]);
        assert_ok!(set_custodians(60, id, &list));
        let asked = NOON + crate::MIN_CUSTODY;
        set_time(asked);
        // Neither the minor, nor one who does not manage, nor a stranger has lost a key.
        let minor = Relationships::minor_account(id);
        for lost in [minor, account(62), account(70)] {
            assert_noop!(
                Relationships::request_rekey(signed(1), id, lost, account(63), Some([9; 16])),
                Error::<Test>::WrongKey
            );
        }
        assert_noop!(
            Relationships::request_rekey(signed(60), id, account(60), account(63), None),
            Error::<Test>::NotAllowed
        );
        assert_ok!(request(id, 60, 63));
        assert_noop!(
            Relationships::approve_rekey(signed(60), id, account(63), None),
            Error::<Test>::NotAllowed
        );
        set_time(asked + REKEY_DELAY);
        assert_noop!(Relationships::finish_rekey(signed(1), id), Error::<Test>::NotApproved);
        assert_noop!(Relationships::finish_rekey(signed(60), id), Error::<Test>::NotAllowed);
        assert_ok!(Relationships::approve_rekey(signed(61), id, account(63), None));
        set_time(asked + 2 * REKEY_DELAY);
        assert_ok!(Relationships::finish_rekey(signed(61), id));
        assert_eq!((role(60), role(63)), (KeyRole::Retired, KeyRole::Custodian(0)));
    });
}

#[test]
fn guardian_should_veto_when_the_key_is_not_lost() {
    run(|| {
        provider(1);
        let id = accepted(60);
        assert_noop!(Relationships::veto_rekey(signed(60), id), Error::<Test>::NotRequested);
        assert_ok!(request(id, 60, 61));
        assert_noop!(Relationships::veto_rekey(signed(61), id), Error::<Test>::NotAllowed);
        assert_ok!(Relationships::veto_rekey(signed(60), id));
        assert_noop!(Relationships::resume(signed(60), id), Error::<Test>::Frozen);
        assert_ok!(Relationships::reproof(signed(1), id, account(60), [3; 16]));
        assert_eq!((role(60), role(61)), (KeyRole::Custodian(0), KeyRole::Retired));
        assert_ok!(Relationships::resume(signed(60), id));
    });
}

#[test]
fn guardians_rekey_should_come_to_nothing_when_the_guardian_is_gone() {
    run(|| {
        provider(1);
        let (resigned, vetoed) = (accepted(60), accepted(65));
        assert_ok!(request(resigned, 60, 61));
        assert_ok!(Relationships::remove_custodian(signed(60), resigned, account(60)));
        set_time(NOON + REKEY_DELAY);
        assert_noop!(Relationships::finish_rekey(signed(1), resigned), Error::<Test>::UnknownCustodian);
        assert_ok!(Relationships::cancel_rekey(signed(1), resigned));
        assert_eq!(role(61), KeyRole::Retired);
        // A veto that nobody has answered does not bind the patient who has come of age.
        assert_ok!(request(vetoed, 65, 66));
        assert_ok!(Relationships::veto_rekey(signed(65), vetoed));
        set_time(HANDOVER);
        assert_ok!(enrol(1, vetoed, 50));
        assert_eq!((role(65), role(66)), (KeyRole::Retired, KeyRole::Retired));
        assert_ok!(Relationships::accept(signed(50), vetoed));
        assert_ok!(set_custodians(50, vetoed, &[]));
    });
}

#[test]
fn guardian_should_reject_when_proposed() {
    run(|| {
        provider(1);
        let id = minor(60);
        assert_ok!(Relationships::reject(signed(60), id));
        assert_eq!((status(id), role(60)), (RelationshipStatus::Ended, KeyRole::Retired));
    });
}

#[test]
fn accept_should_leave_it_suspended_when_the_provider_suspended_it() {
    run(|| {
        provider(1);
        let id = accepted(60);
        assert_ok!(Relationships::suspend(signed(101), id));
        set_time(HANDOVER);
        assert_ok!(enrol(1, id, 50));
        assert_ok!(Relationships::accept(signed(50), id));
        assert_eq!(status(id), RelationshipStatus::Suspended);
        assert_noop!(Relationships::resume(signed(50), id), Error::<Test>::ProviderSuspended);
        assert_ok!(Relationships::resume(signed(1), id));
        assert_ok!(Relationships::resume(signed(50), id));
    });
}

#[test]
fn invariants_should_be_seen_broken_when_a_handover_is_at_no_half_year() {
    new_test_ext().execute_with(|| {
        provider(1);
        let id = accepted(60);
        assert_ok!(Relationships::do_try_state());
        crate::Handovers::<Test>::insert(id.member, id.index, HANDOVER + DAY_MS);
        assert_eq!(Relationships::do_try_state(), Err("a handover that is not at a half-year".into()));
    });
}
