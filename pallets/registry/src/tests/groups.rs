//! Groups of members.

use frame_support::{assert_noop, assert_ok, traits::fungible::hold::Inspect};
use medrec_primitives::MemberRole;

use crate::{mock::*, Error, Event, GroupMembers, Groups, GroupsOf, HoldReason, MAX_GROUP_MEMBERS};

fn create(n: u8) -> u32 {
    let id = crate::NextGroup::<Test>::get();
    let name = b"Emergency rooms".to_vec().try_into().unwrap();
    assert_ok!(Registry::create_group(RuntimeOrigin::signed(account(n)), name));
    id
}

fn signed(n: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(n))
}

#[test]
fn group_should_list_members_when_added_and_removed() {
    run(|| {
        let (owner, member) = (provider(1), provider(2));
        let group = create(1);
        assert_event(Event::GroupCreated { group, owner });
        assert_ok!(Registry::add_to_group(signed(1), group, member));
        assert_event(Event::AddedToGroup { group, member });
        assert_eq!(GroupsOf::<Test>::get(member).into_inner(), [group]);
        assert_noop!(Registry::add_to_group(signed(1), group, member), Error::<Test>::AlreadyInGroup);
        assert_ok!(Registry::remove_from_group(signed(1), group, member));
        assert_event(Event::RemovedFromGroup { group, member });
        assert!(!GroupsOf::<Test>::contains_key(member));
        assert_noop!(Registry::remove_from_group(signed(1), group, member), Error::<Test>::NotInGroup);
    });
}

#[test]
fn group_should_be_kept_by_owner_and_consortium_only_when_changed() {
    run(|| {
        let (owner, member) = (provider(1), provider(2));
        let group = create(1);
        assert_noop!(Registry::add_to_group(signed(2), group, member), Error::<Test>::NotGroupOwner);
        assert_noop!(Registry::add_to_group(signed(9), group, member), Error::<Test>::NotAMember);
        assert_noop!(Registry::add_to_group(signed(1), 7, member), Error::<Test>::UnknownGroup);
        assert_noop!(Registry::add_to_group(signed(1), group, 99), Error::<Test>::UnknownMember);
        assert_ok!(Registry::add_to_group(RuntimeOrigin::root(), group, member));
        // The member may leave by itself, a third one may not put it out.
        provider(3);
        assert_noop!(Registry::remove_from_group(signed(3), group, member), Error::<Test>::NotGroupOwner);
        assert_ok!(Registry::remove_from_group(signed(2), group, member));
        // A suspended owner may take out, and not put in.
        assert_ok!(Registry::add_to_group(signed(1), group, member));
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), owner));
        assert_ok!(Registry::remove_from_group(signed(1), group, member));
        assert_noop!(Registry::add_to_group(signed(1), group, member), Error::<Test>::WrongStatus);
    });
}

#[test]
fn group_should_refuse_members_when_inactive_or_in_too_many() {
    run(|| {
        provider(1);
        let groups = [create(1), create(1), create(1)];
        let applicant = apply(2, MemberRole::Provider);
        assert_noop!(Registry::add_to_group(signed(1), groups[0], applicant), Error::<Test>::WrongStatus);
        assert_ok!(Registry::admit(RuntimeOrigin::root(), applicant));
        assert_ok!(Registry::add_to_group(signed(1), groups[2], applicant));
        assert_ok!(Registry::add_to_group(signed(1), groups[0], applicant));
        assert_eq!(GroupsOf::<Test>::get(applicant).into_inner(), [groups[0], groups[2]]);
        assert_noop!(Registry::add_to_group(signed(1), groups[1], applicant), Error::<Test>::TooManyGroups);
    });
}

#[test]
fn create_group_should_fail_when_applicant_or_name_malformed() {
    run(|| {
        apply(1, MemberRole::GroupOwner);
        let create =
            |n, name: &str| Registry::create_group(signed(n), name.as_bytes().to_vec().try_into().unwrap());
        assert_noop!(create(1, "Rooms"), Error::<Test>::WrongStatus);
        assert_noop!(create(9, "Rooms"), Error::<Test>::NotAMember);
        provider(2);
        assert_noop!(create(2, "\n"), Error::<Test>::NameMalformed);
    });
}

#[test]
fn group_should_refuse_members_when_full_until_one_leaves() {
    run(|| {
        let (first, second) = (provider(1), provider(2));
        let group = create(1);
        assert_ok!(Registry::add_to_group(signed(1), group, first));
        let members = || Groups::<Test>::get(group).unwrap().members;
        assert_eq!(members(), 1);
        // As if the others were there.
        Groups::<Test>::mutate(group, |g| g.as_mut().unwrap().members = MAX_GROUP_MEMBERS);
        assert_noop!(Registry::add_to_group(signed(1), group, second), Error::<Test>::GroupFull);
        assert_ok!(Registry::remove_from_group(signed(1), group, first));
        assert_eq!(members(), MAX_GROUP_MEMBERS - 1);
        Groups::<Test>::mutate(group, |g| g.as_mut().unwrap().members = 0);
        assert_ok!(Registry::add_to_group(signed(1), group, second));
        assert_eq!(members(), 1);
    });
}

#[test]
fn group_members_should_come_each_once_when_paged() {
    run(|| {
        provider(1);
        let (group, other) = (create(1), create(1));
        for member in 0..250 {
            GroupMembers::<Test>::insert(group, member, ());
            GroupMembers::<Test>::insert(other, member + 1_000, ());
        }
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = Registry::group_members(group, after, 1_000);
            assert!(page.len() <= 100);
            let Some(last) = page.last() else { break };
            after = Some(*last);
            all.extend(page);
        }
        all.sort_unstable();
        assert_eq!(all, (0..250).collect::<Vec<_>>());
        assert_eq!(Registry::group_members(group, None, 3).len(), 3);
        assert!(Registry::group_members(9, None, 3).is_empty());
        let _ = GroupMembers::<Test>::clear(u32::MAX, None);
    });
}

#[test]
fn group_should_be_gone_and_its_deposit_free_when_dissolved_empty() {
    run(|| {
        let (owner, member) = (provider(1), provider(2));
        let (group, other) = (create(1), create(1));
        let held = || Balances::balance_on_hold(&HoldReason::Group.into(), &account(1));
        assert_eq!(held(), 40);
        assert_ok!(Registry::add_to_group(signed(1), group, member));
        assert_noop!(Registry::dissolve_group(signed(1), group), Error::<Test>::GroupNotEmpty);
        assert_noop!(Registry::dissolve_group(RuntimeOrigin::root(), group), Error::<Test>::GroupNotEmpty);
        assert_ok!(Registry::remove_from_group(signed(1), group, member));
        for origin in [signed(2), RuntimeOrigin::signed(account(101)), signed(9), RuntimeOrigin::none()] {
            assert!(Registry::dissolve_group(origin, group).is_err());
        }
        assert_noop!(Registry::dissolve_group(signed(2), group), Error::<Test>::NotGroupOwner);
        assert_noop!(Registry::dissolve_group(signed(9), group), Error::<Test>::NotAMember);
        GroupDeposit::set(5);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), owner));
        assert_ok!(Registry::dissolve_group(signed(1), group));
        assert_event(Event::GroupDissolved { group });
        assert_eq!(held(), 20);
        assert!(!Groups::<Test>::contains_key(group));
        assert_noop!(Registry::dissolve_group(signed(1), group), Error::<Test>::UnknownGroup);
        assert_noop!(Registry::dissolve_group(RuntimeOrigin::root(), group), Error::<Test>::UnknownGroup);
        assert_ok!(Registry::remove(RuntimeOrigin::root(), owner));
        assert_ok!(Registry::dissolve_group(RuntimeOrigin::root(), other));
        assert_eq!(held(), 0);
        assert_eq!(create(2), other + 1, "numbers are given once");
    });
}
