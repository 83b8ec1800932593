//! What clients ask.

use std::collections::BTreeSet;

use medrec_primitives::{
    DecisionSummary, DenyReason, GroupId, MemberId, MemberStatus, RelationshipId, RelationshipStatus,
    RequestId,
};
use medrec_runtime::{medrec_api::runtime_decl_for_med_rec_api::MedRecApiV1, AccountId, Registry, Runtime};
use pallet_registry::{GroupMembers, Groups, GroupsOf};

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

/// All emergency rooms of a large country.
const ROOMS: u32 = 2_500;

/// A group with so many members, put down as the calls would.
fn large_group() -> GroupId {
    admit_hospital();
    let name = b"Emergency rooms".to_vec().try_into().unwrap();
    submit(&hospital(), pallet_registry::Call::create_group { name }).unwrap();
    for member in 0..ROOMS {
        GroupMembers::<Runtime>::insert(0, member, ());
        GroupsOf::<Runtime>::mutate(member, |groups| groups.try_push(0).unwrap());
    }
    Groups::<Runtime>::mutate(0, |group| group.as_mut().unwrap().members = ROOMS);
    0
}

/// Follows the pages until nothing comes, as the interface says; a member leaves after each page that `leaves` names one for.
fn pages(
    group: GroupId,
    count: u32,
    mut leaves: impl FnMut(&[MemberId]) -> Option<MemberId>,
) -> Vec<MemberId> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = Runtime::group_members(group, after, count);
        assert!(page.len() <= count.min(100) as usize);
        let Some(last) = page.last() else { return all };
        after = Some(*last);
        all.extend(&page);
        if let Some(member) = leaves(&page) {
            Registry::remove_from_group(frame_system::RawOrigin::Root.into(), group, member).unwrap();
        }
    }
}

#[test]
fn group_should_be_read_page_by_page_each_member_once_when_it_is_as_large_as_a_country() {
    run(|| {
        let group = large_group();
        for count in [7, 100, u32::MAX] {
            let all = pages(group, count, |_| None);
            assert_eq!(all.len(), ROOMS as usize, "none twice");
            assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), (0..ROOMS).collect(), "none left out");
        }
        assert!(Runtime::group_members(group, None, 0).is_empty());
        assert!(Runtime::group_members(group + 1, None, 100).is_empty());

        // The very member leaves at which the next page begins.
        let mut left = 0;
        let all = pages(group, 100, |page| {
            left += 1;
            page.last().copied()
        });
        assert_eq!(left, ROOMS / 100);
        assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), (0..ROOMS).collect());
        assert_eq!(pages(group, 100, |_| None).len() as u32, ROOMS - left);
    });
}
