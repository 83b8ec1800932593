//! Who reads in a patient's place, and who does not.

use frame_support::assert_ok;
use medrec_primitives::{
    Custodian, CustodianRights, DecisionSummary, DenyReason, GrantTerms, Moment, RelationshipId,
    RelationshipStatus, Viewer, DAY_MS,
};

use crate::mock::*;

/// 1 July 2026, some two years after the day of these tests.
const HANDOVER: Moment = 20_635 * DAY_MS;

const PERMIT: DecisionSummary = DecisionSummary::Permit;
const NO_GRANT: DecisionSummary = DecisionSummary::Deny(DenyReason::NoGrant);
const RESTS: DecisionSummary = DecisionSummary::Deny(DenyReason::RelationshipInactive);

fn custodian(key: u8, rights: CustodianRights, not_before: Moment, not_after: Option<Moment>) -> Custodian {
    Custodian { key: account(key), rights, not_before, not_after }
}

fn set_custodians(who: u8, id: RelationshipId, list: &[Custodian]) {
    assert_ok!(Relationships::set_custodians(signed(who), id, list.to_vec().try_into().unwrap()));
}

fn may_read(id: RelationshipId, key: u8) -> DecisionSummary {
    Permissions::may_read(id, &account(key))
}

/// Who of all keys of these tests may read.
fn readers(id: RelationshipId) -> Vec<u8> {
    (0..=255).filter(|key| may_read(id, *key) == PERMIT).collect()
}

/// A minor's relationship with guardian 60.
fn minor() -> RelationshipId {
    provider(1);
    assert_ok!(Relationships::propose_minor(signed(1), account(60), HANDOVER, [7; 16]));
    let id = RelationshipId::new(0, 0);
    assert_ok!(Relationships::accept(signed(60), id));
    id
}

#[test]
fn custodians_should_read_only_with_the_right_and_within_their_dates() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let (read, rest) = (CustodianRights::READ, CustodianRights(6));
        let list = [
            custodian(60, read, 0, None),
            custodian(61, rest, 0, None),
            custodian(62, read, NOON + 1, None),
            custodian(63, read, 0, Some(NOON + 1)),
        ];
        set_custodians(50, id, &list);
        assert_eq!(readers(id), [50, 60, 63]);
        set_time(NOON + 1);
        assert_eq!(readers(id), [50, 60, 62]);
        assert_ok!(Relationships::remove_custodian(signed(50), id, account(60)));
        assert_eq!(readers(id), [50, 62]);
        assert_ok!(Relationships::suspend(signed(50), id));
        assert_eq!(readers(id), [0u8; 0]);
        assert_eq!(may_read(id, 50), RESTS);
        assert_ok!(Relationships::resume(signed(50), id));
        assert_eq!(readers(id), [50, 62]);
    });
}

#[test]
fn nobody_but_custodians_should_read_when_the_patient_has_no_key() {
    run(|| {
        let id = minor();
        assert_eq!(readers(id), [60]);
        let facts = Permissions::facts(id, &account(60)).unwrap();
        assert_eq!(facts.patient, Relationships::minor_account(id));
        let mut list = facts.custodians;
        list.push(custodian(61, CustodianRights::READ, NOON + 5, Some(HANDOVER - 1)));
        set_custodians(60, id, &list);
        assert_eq!(readers(id), [60]);
        set_time(NOON + 5);
        assert_eq!(readers(id), [60, 61]);
        set_time(HANDOVER - 1);
        assert_eq!(readers(id), [60]);
    });
}

#[test]
fn nobody_should_read_from_the_handover_until_the_patient_has_accepted() {
    run(|| {
        let id = minor();
        let everything = GrantTerms::Everything;
        let doctor = Viewer::Key(account(70));
        assert_ok!(Permissions::grant(signed(60), id, doctor, everything, None, None, false));
        assert_eq!(readers(id), [60, 70]);
        set_time(HANDOVER - 1);
        assert_eq!(readers(id), [60, 70]);
        set_time(HANDOVER);
        let facts = Permissions::facts(id, &account(60)).unwrap();
        assert_eq!(facts.status, RelationshipStatus::Suspended);
        for key in [60, 70] {
            assert_eq!(may_read(id, key), RESTS);
        }
        assert_ok!(Relationships::enrol_patient(signed(1), id, account(50), [8; 16]));
        assert_eq!(readers(id), [0u8; 0]);
        Permissions::do_try_state().unwrap();
        assert_ok!(Relationships::accept(signed(50), id));
        assert_eq!(readers(id), [50, 70], "the rules are kept, the guardian is gone");
        assert_eq!(may_read(id, 60), NO_GRANT);
        set_custodians(50, id, &[custodian(61, CustodianRights::READ, 0, None)]);
        assert_eq!(readers(id), [50, 61, 70]);
    });
}

#[test]
fn heirs_should_be_no_custodians_to_the_decision_until_they_stepped_in_and_after_the_patient_is_back() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let heir = CustodianRights(CustodianRights::ALL.0 | CustodianRights::DORMANT.0);
        set_custodians(50, id, &[custodian(60, heir, 0, None)]);
        assert_ok!(Relationships::set_inactivity(signed(50), id, Some(30)));
        let shown = || Permissions::facts(id, &account(60)).unwrap().custodians;
        assert!(shown().is_empty());
        assert_eq!(readers(id), [50]);
        set_time(NOON + 30 * DAY_MS);
        assert_ok!(Relationships::step_in(signed(60), id));
        assert_eq!(readers(id), [50]);
        assert_ok!(Relationships::confirm_step_in(signed(1), id));
        assert_eq!(shown(), [custodian(60, CustodianRights::ALL, 0, None)]);
        assert_eq!(readers(id), [50, 60]);
        assert_ok!(Relationships::touch(signed(50), id));
        assert!(shown().is_empty());
        assert_eq!(readers(id), [50]);
    });
}

#[test]
fn new_key_should_read_and_the_old_one_not_when_rekeyed_and_rules_survive() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let doctor = Viewer::Key(account(70));
        assert_ok!(Permissions::grant(signed(50), id, doctor, GrantTerms::Everything, None, None, false));
        assert_ok!(Relationships::request_rekey(signed(1), id, account(50), account(51), Some([9; 16])));
        assert_eq!(readers(id), [50, 70]);
        set_time(NOON + pallet_relationships::REKEY_DELAY);
        assert_ok!(Relationships::finish_rekey(signed(51), id));
        assert_eq!(readers(id), [51, 70]);
        assert_ok!(Relationships::request_rekey(signed(1), id, account(51), account(52), Some([9; 16])));
        assert_ok!(Relationships::veto_rekey(signed(51), id));
        assert_eq!(readers(id), [0u8; 0], "frozen until identity is proofed anew");
        assert_ok!(Relationships::reproof(signed(1), id, account(52), [3; 16]));
        assert_eq!(readers(id), [0u8; 0], "until the key that goes on resumes it");
        assert_ok!(Relationships::resume(signed(52), id));
        assert_eq!(readers(id), [52, 70]);
    });
}

#[test]
fn suspension_should_close_every_relationship_of_the_provider_at_once() {
    run(|| {
        let member = provider(1);
        provider(2);
        let (first, second, other) = (active(1, 50), active(1, 51), active(2, 52));
        let who = || [readers(first), readers(second), readers(other)];
        assert_eq!(who(), [vec![50], vec![51], vec![52]]);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), member));
        assert_eq!(who(), [vec![], vec![], vec![52]]);
        assert_ok!(Registry::reinstate(RuntimeOrigin::root(), member));
        assert_eq!(who(), [vec![50], vec![51], vec![52]]);
    });
}
