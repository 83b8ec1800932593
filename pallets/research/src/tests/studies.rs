//! Studies.

use frame_support::{assert_noop, assert_ok};
use medrec_primitives::{research::DuoPurposes, research::StudyStatus, DAY_MS};
use sp_runtime::DispatchError;

use crate::{mock::*, BountyStudies, Error, Event, Studies, StudyCount};

const UNTIL: u64 = START + 100 * DAY_MS;

#[test]
fn study_should_be_approved_by_the_consortium_when_proposed() {
    run(|| {
        let id = researcher(2);
        assert_ok!(Research::propose_study(signed(2), DuoPurposes::DISEASE, [7; 32], UNTIL));
        assert_event(Event::StudyProposed { study: 0, researcher: id });
        assert_noop!(Research::approve_study(signed(2), 0), DispatchError::BadOrigin);
        assert_ok!(Research::approve_study(RuntimeOrigin::root(), 0));
        assert_event(Event::StudyApproved { study: 0 });
        assert_noop!(Research::approve_study(RuntimeOrigin::root(), 0), Error::<Test>::WrongStatus);
        assert_noop!(Research::approve_study(RuntimeOrigin::root(), 1), Error::<Test>::UnknownStudy);
    });
}

#[test]
fn proposing_should_be_refused_when_without_purpose_over_or_one_too_many() {
    run(|| {
        provider(1);
        researcher(2);
        let propose =
            |n, purposes, until| Research::propose_study(signed(n), DuoPurposes(purposes), [7; 32], until);
        assert_noop!(propose(1, 1, UNTIL), Error::<Test>::NotAResearcher);
        assert_noop!(propose(9, 1, UNTIL), pallet_registry::Error::<Test>::NotAMember);
        assert_noop!(propose(2, 0, UNTIL), Error::<Test>::BadPurposes);
        assert_noop!(propose(2, 64, UNTIL), Error::<Test>::BadPurposes);
        assert_noop!(propose(2, 1, START), Error::<Test>::BadTerm);
        assert_ok!(propose(2, 1, UNTIL));
        assert_ok!(propose(2, 1, UNTIL));
        assert_noop!(propose(2, 1, UNTIL), Error::<Test>::TooManyStudies);
        assert_ok!(Research::end_study(signed(2), 0));
        assert_ok!(propose(2, 1, UNTIL));
        assert_noop!(
            Research::propose_study(RuntimeOrigin::root(), DuoPurposes(1), [7; 32], UNTIL),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn study_should_leave_nothing_when_ended_before_it_was_approved() {
    run(|| {
        researcher(2);
        researcher(3);
        assert_ok!(Research::propose_study(signed(2), DuoPurposes::DISEASE, [7; 32], UNTIL));
        assert_noop!(Research::end_study(signed(3), 0), Error::<Test>::NotYours);
        assert_ok!(Research::end_study(signed(2), 0));
        assert_event(Event::StudyEnded { study: 0 });
        assert!(Studies::<Test>::get(0).is_none());
        assert_noop!(Research::end_study(signed(2), 0), Error::<Test>::UnknownStudy);
    });
}

#[test]
fn study_should_stay_on_record_when_ended_after_it_was_approved() {
    run(|| {
        researcher(2);
        let study = study(2);
        assert_ok!(Research::set_bounty_study(signed(2), Some(study)));
        assert_ok!(Research::end_study(RuntimeOrigin::root(), study));
        assert_eq!(Studies::<Test>::get(study).unwrap().status, StudyStatus::Ended);
        assert_eq!(StudyCount::<Test>::iter().count(), 0);
        assert_eq!(BountyStudies::<Test>::iter().count(), 0);
        assert_noop!(Research::end_study(signed(2), study), Error::<Test>::WrongStatus);
    });
}

#[test]
fn bounty_study_should_be_refused_when_not_ones_own_and_approved() {
    run(|| {
        let id = researcher(2);
        researcher(3);
        let study = study(2);
        assert_ok!(Research::propose_study(signed(3), DuoPurposes::DISEASE, [7; 32], UNTIL));
        let set = |n, study| Research::set_bounty_study(signed(n), study);
        assert_noop!(set(3, Some(9)), Error::<Test>::UnknownStudy);
        assert_noop!(set(3, Some(study)), Error::<Test>::NotYours);
        assert_noop!(set(3, Some(study + 1)), Error::<Test>::StudyNotApproved);
        assert_noop!(set(9, None), pallet_registry::Error::<Test>::NotAMember);
        assert_ok!(set(2, Some(study)));
        assert_event(Event::BountyStudySet { researcher: id, study: Some(study) });
        assert_ok!(set(2, None));
        assert_eq!(BountyStudies::<Test>::get(id), None);
    });
}
