//! Custodians, guardians and fresh keys act without a balance, through signed transactions.

use medrec_primitives::{Custodian, CustodianRights, RelationshipFlags, RelationshipStatus, DAY_MS};
use medrec_runtime::{Relationships, Runtime, Timestamp};
use pallet_relationships::Call;
use sp_core::sr25519;

use crate::support::*;

fn wait(days: u64) {
    next_block();
    pallet_timestamp::Now::<Runtime>::put(Timestamp::get() + days * DAY_MS);
}

fn status() -> RelationshipStatus {
    Relationships::relationship(FIRST).unwrap().1
}

fn custodian(pair: &sr25519::Pair, rights: u8) -> Custodian {
    Custodian { key: account(pair), rights: CustodianRights(rights), not_before: 0, not_after: None }
}

#[test]
fn guardian_should_act_without_balance_when_proposed_for_a_minor() {
    run(|| {
        admit_hospital();
        let guardian = patient(0);
        // The first half-year to come.
        let today = Timestamp::get() / DAY_MS;
        let handover =
            (today + 1..).map(|day| day * DAY_MS).find(|day| medrec_primitives::is_half_year(*day)).unwrap();
        let call = Call::propose_minor { guardian: account(&guardian), handover, ticket: TICKET };
        submit(&hospital(), call).unwrap();
        submit(&guardian, Call::accept { relationship: FIRST }).unwrap();
        submit(&guardian, Call::suspend { relationship: FIRST }).unwrap();
        submit(&guardian, Call::resume { relationship: FIRST }).unwrap();
        wait((handover - Timestamp::get()).div_ceil(DAY_MS));
        assert_eq!(status(), RelationshipStatus::Suspended);
        let grown = patient(1);
        let call = Call::enrol_patient { relationship: FIRST, patient: account(&grown), ticket: TICKET };
        submit(&hospital(), call).unwrap();
        assert!(
            try_submit(&guardian, Call::end { relationship: FIRST }).is_err(),
            "it is nobody's key any more"
        );
        submit(&grown, Call::accept { relationship: FIRST }).unwrap();
        assert_eq!(status(), RelationshipStatus::Active);
    });
}

#[test]
fn heir_should_be_out_when_the_patient_makes_any_call() {
    run(|| {
        let carol = enrolled_patient();
        let heir = patient(1);
        let custodians = vec![custodian(&heir, 15)].try_into().unwrap();
        submit(&carol, Call::set_custodians { relationship: FIRST, custodians }).unwrap();
        submit(&carol, Call::set_inactivity { relationship: FIRST, days: Some(30) }).unwrap();
        assert!(submit(&heir, Call::step_in { relationship: FIRST }).is_err());
        wait(31);
        submit(&heir, Call::step_in { relationship: FIRST }).unwrap();
        submit(&hospital(), Call::confirm_step_in { relationship: FIRST }).unwrap();
        submit(&heir, Call::suspend { relationship: FIRST }).unwrap();
        // Nothing to accept: the call fails, and shows that she lives.
        assert!(submit(&carol, Call::accept { relationship: FIRST }).is_err());
        assert!(submit(&heir, Call::resume { relationship: FIRST }).is_err());
        submit(&carol, Call::resume { relationship: FIRST }).unwrap();
    });
}

#[test]
fn fresh_key_should_go_on_without_balance_when_the_old_one_was_lost() {
    run(|| {
        let (lost, fresh) = (enrolled_patient(), patient(1));
        let call = Call::request_rekey {
            relationship: FIRST,
            lost: account(&lost),
            key: account(&fresh),
            ticket: Some([9; 16]),
        };
        submit(&hospital(), call).unwrap();
        wait(7);
        submit(&fresh, Call::finish_rekey { relationship: FIRST }).unwrap();
        assert!(try_submit(&lost, Call::end { relationship: FIRST }).is_err());
        let (set, clear) = (RelationshipFlags::EMERGENCY_OPT_OUT, RelationshipFlags::NONE);
        submit(&fresh, Call::set_flags { relationship: FIRST, set, clear }).unwrap();
        assert_eq!(Relationships::of_account(&account(&fresh)).len(), 1);
    });
}
