//! What clients ask.

use medrec_primitives::{
    DecisionSummary, DenyReason, MemberStatus, RelationshipId, RelationshipStatus, RequestId,
};
use medrec_runtime::{medrec_api::runtime_decl_for_med_rec_api::MedRecApiV1, AccountId, Registry, Runtime};

use crate::support::*;

const DOCTOR: AccountId = AccountId::new([9; 32]);

#[test]
fn api_should_answer_nothing_when_there_is_nothing() {
    run(|| {
        assert_eq!(Runtime::member(0), None);
        assert_eq!(Runtime::members(0, 10), []);
        assert_eq!(Runtime::sealing_keys(0), []);
        assert_eq!(Runtime::member_of(DOCTOR), None);
        assert!(Runtime::group_members(0, None, 10).is_empty());
        assert_eq!(Runtime::relationship(FIRST), None);
        assert_eq!(Runtime::my_relationships(DOCTOR), []);
        assert_eq!(Runtime::facts(FIRST, DOCTOR), None);
        assert_eq!(Runtime::rules(FIRST), []);
        assert_eq!(Runtime::glasses(FIRST), []);
        assert_eq!(Runtime::open_reviews(0, 0, 10), []);
        assert_eq!(Runtime::request(RequestId::new(0, 0)), None);
        assert_eq!(Runtime::receipt(RequestId::new(0, 0)), None);
        assert_eq!(Runtime::open_requests(0, None, 10), []);
        assert_eq!(Runtime::requests_of(DOCTOR), []);
        assert_eq!(Runtime::requests_at(FIRST), []);
        assert_eq!(Runtime::latest_anchor(0), None);
        assert_eq!(Runtime::anchor(0, 0), None);
        assert_eq!(Runtime::may_read(FIRST, DOCTOR), DecisionSummary::Deny(DenyReason::UnknownRelationship));
    });
}

#[test]
fn api_should_follow_the_main_job() {
    run(|| {
        let patient = enrolled_patient();
        let member = Runtime::member(0).unwrap();
        assert_eq!(member.status, MemberStatus::Active);
        assert_eq!(Runtime::members(0, 10), [(0, member.clone())]);
        assert_eq!(Runtime::sealing_keys(0).len(), 1);
        assert_eq!(Runtime::member_of(account(&hospital())), Some(0));
        assert_eq!(Runtime::member_of(member.gatekeeper), Some(0));
        assert_eq!(Runtime::my_relationships(account(&patient)), [(FIRST, RelationshipStatus::Active)]);
        assert_eq!(Runtime::relationship(FIRST), Some((account(&patient), RelationshipStatus::Active)));
        assert_eq!(Runtime::may_read(FIRST, account(&patient)), DecisionSummary::Permit);
        assert_eq!(Runtime::may_read(FIRST, DOCTOR), DecisionSummary::Deny(DenyReason::NoGrant));

        submit(&patient, sealed_grant()).unwrap();
        assert_eq!(Runtime::may_read(FIRST, DOCTOR), DecisionSummary::NeedsOpening);
        assert_eq!(Runtime::facts(FIRST, DOCTOR).unwrap().grants.len(), 1);
        assert_eq!(Runtime::rules(FIRST), Runtime::facts(FIRST, DOCTOR).unwrap().grants);

        decide(pallet_registry::Call::suspend { member: 0 }).unwrap();
        assert_eq!(Registry::status_of(0), MemberStatus::Suspended);
        assert_eq!(Runtime::may_read(FIRST, DOCTOR), DecisionSummary::Deny(DenyReason::ProviderInactive));
        assert_eq!(
            Runtime::may_read(RelationshipId::new(1, 0), DOCTOR),
            DecisionSummary::Deny(DenyReason::UnknownRelationship)
        );
    });
}
