//! What is always true of this pallet's storage.

#[cfg(any(test, feature = "std", feature = "try-runtime"))]
use {
    crate::{
        name, AccountUse, Accounts, BalanceOf, Config, GroupMembers, Groups, GroupsOf, Held, HoldReason,
        Holds, Members, Names, NextGroup, NextMember, Pallet, SealingKeys, StaffCount, StaffKeys, StaffOf,
        MAX_GROUP_MEMBERS,
    },
    frame_support::{ensure, traits::fungible::hold::Inspect as _},
    medrec_primitives::{Member, MemberId, MemberStatus},
    sp_runtime::{
        traits::{Saturating as _, Zero as _},
        TryRuntimeError,
    },
};

#[cfg(any(test, feature = "std", feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
    /// Checks every invariant that spans items:
    ///
    /// 1. identifiers are below the next one;
    /// 2. each member's account and gatekeeper's key lead back to it, and its name is held by it, unless it was turned down as an
    ///    applicant; no name is held by anybody else;
    /// 3. sealing keys 0 to the current one exist, and the current one alone is open;
    /// 4. each person's key leads back to the person, and exists as an account;
    /// 5. the staff count is the number of people;
    /// 6. the two views of group membership and the count agree, and groups exist;
    /// 7. an account or gatekeeper's key in use is one of its member's, and applicants alone may have left no record;
    /// 8. each member's account has on hold what is recorded as held for its record, its staff and its groups; nothing is
    ///    recorded for removed members' records, nor for anyone who is no member.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::try_state_members()?;
        Self::try_state_staff()?;
        Self::try_state_groups()?;
        Self::try_state_accounts()
    }

    fn try_state_accounts() -> Result<(), TryRuntimeError> {
        let next = NextMember::<T>::get();
        for (account, (id, role)) in Accounts::<T>::iter() {
            ensure!(id < next, "an account of a member that never was");
            let member = Members::<T>::get(id);
            let leads = match role {
                AccountUse::Account => member.is_some_and(|m| m.account == account),
                AccountUse::Gatekeeper => member.is_some_and(|m| m.gatekeeper == account),
                AccountUse::Retired => member.is_none_or(|m| m.account != account && m.gatekeeper != account),
            };
            ensure!(leads, "an account leads nowhere");
        }
        for (id, member) in Members::<T>::iter() {
            Self::try_state_holds(id, &member)?;
        }
        let known = Holds::<T>::iter_keys().all(Members::<T>::contains_key);
        ensure!(known, "deposits of a member that is none");
        Ok(())
    }

    fn try_state_holds(id: MemberId, member: &Member) -> Result<(), TryRuntimeError> {
        let Held { record, staff } = Holds::<T>::get(id);
        let owned = Groups::<T>::iter_values().filter(|group| group.owner == id);
        let groups = owned.fold(BalanceOf::<T>::zero(), |sum, group| sum.saturating_add(group.held));
        let gone = member.status == MemberStatus::Removed;
        ensure!(!gone || record.is_zero(), "a deposit of a removed member's is kept");
        for (reason, due) in
            [(HoldReason::Member, record), (HoldReason::Staff, staff), (HoldReason::Group, groups)]
        {
            let held = T::Currency::balance_on_hold(&reason.into(), &member.account);
            ensure!(held == due, "what a member has on hold is not what is recorded");
        }
        Ok(())
    }

    fn try_state_members() -> Result<(), TryRuntimeError> {
        let next = NextMember::<T>::get();
        for (id, member) in Members::<T>::iter() {
            ensure!(id < next, "member id not below the next one");
            ensure!(
                Accounts::<T>::get(&member.account) == Some((id, AccountUse::Account)),
                "a member's account does not lead back to it"
            );
            ensure!(
                Accounts::<T>::get(&member.gatekeeper) == Some((id, AccountUse::Gatekeeper)),
                "a gatekeeper's key does not lead back to its member"
            );
            ensure!(
                member.status == MemberStatus::Removed
                    || Names::<T>::get(name::normal_form(&member.name)) == Some(id),
                "a member does not hold its name"
            );
            for key in 0..=member.sealing_key {
                let record = SealingKeys::<T>::get(id, key).ok_or("a sealing key is missing")?;
                ensure!(
                    record.not_after.is_none() == (key == member.sealing_key),
                    "not exactly the current sealing key is open"
                );
            }
        }
        for (normal, id) in Names::<T>::iter() {
            let own = Members::<T>::get(id).is_some_and(|member| name::normal_form(&member.name) == normal);
            ensure!(own, "a name is held by nobody, or by a member with another one");
        }
        Ok(())
    }

    fn try_state_staff() -> Result<(), TryRuntimeError> {
        for (member, index, staff) in StaffOf::<T>::iter() {
            let id = medrec_primitives::StaffId::new(member, index);
            ensure!(StaffKeys::<T>::get(&staff.key) == Some(id), "a staff key does not lead back");
            ensure!(staff.from < staff.until, "a staff term is empty");
            let record = Members::<T>::get(member).ok_or("staff of an unknown member")?;
            ensure!(index < record.next_staff, "staff index not below the next one");
        }
        for (key, _) in StaffKeys::<T>::iter() {
            ensure!(frame_system::Pallet::<T>::sufficients(&key) > 0, "a staff key lost its account");
        }
        for (member, count) in StaffCount::<T>::iter() {
            ensure!(StaffOf::<T>::iter_prefix(member).count() as u32 == count, "staff count is wrong");
        }
        Ok(())
    }

    fn try_state_groups() -> Result<(), TryRuntimeError> {
        let next = NextGroup::<T>::get();
        for (group, record) in Groups::<T>::iter() {
            ensure!(group < next, "group id not below the next one");
            ensure!(Members::<T>::contains_key(record.owner), "a group is kept by nobody");
            let members = GroupMembers::<T>::iter_key_prefix(group).count() as u32;
            ensure!(members == record.members, "a group's count of members is wrong");
            ensure!(members <= MAX_GROUP_MEMBERS, "a group has too many members");
        }
        for (group, member, ()) in GroupMembers::<T>::iter() {
            ensure!(Groups::<T>::contains_key(group), "members of an unknown group");
            ensure!(GroupsOf::<T>::get(member).contains(&group), "group missing at its member");
        }
        for (member, groups) in GroupsOf::<T>::iter() {
            ensure!(!groups.is_empty(), "an empty list of groups is stored");
            ensure!(groups.is_sorted_by(|a, b| a < b), "groups of a member not ascending");
            for group in groups {
                ensure!(GroupMembers::<T>::contains_key(group, member), "member missing in its group");
            }
        }
        Ok(())
    }
}
