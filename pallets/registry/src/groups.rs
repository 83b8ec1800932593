//! Groups of members.

use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{fungible::hold::Mutate as _, tokens::Precision, EnsureOrigin, Get},
};
use frame_system::pallet_prelude::OriginFor;
use medrec_primitives::{GroupId, Member, MemberId, MemberStatus};

use crate::{
    name, Config, Error, Event, Group, GroupMembers, GroupName, Groups, GroupsOf, HoldReason, Members,
    NextGroup, Pallet, MAX_GROUP_MEMBERS,
};

impl<T: Config> Pallet<T> {
    /// Passes the consortium, and the account of the group's owner (if `active`, only while it is an active member).
    pub(crate) fn ensure_keeper(origin: OriginFor<T>, group: GroupId, active: bool) -> DispatchResult {
        let Err(origin) = T::ConsortiumOrigin::try_origin(origin) else { return Ok(()) };
        let (id, member) = Self::ensure_account(origin)?;
        let group = Groups::<T>::get(group).ok_or(Error::<T>::UnknownGroup)?;
        ensure!(group.owner == id, Error::<T>::NotGroupOwner);
        ensure!(!active || member.status == MemberStatus::Active, Error::<T>::WrongStatus);
        Ok(())
    }

    /// As [`Self::ensure_keeper`] in any status, and passes the account of `member` itself.
    pub(crate) fn ensure_keeper_or_member(
        origin: OriginFor<T>,
        group: GroupId,
        member: MemberId,
    ) -> DispatchResult {
        match Self::ensure_account(origin.clone()) {
            Ok((id, _)) if id == member => Ok(()),
            _ => Self::ensure_keeper(origin, group, false),
        }
    }

    /// A page of a group's members, at most 100 at a time: those that follow `after`, or the first ones. In no order but
    /// the storage's, each one once; the last one of a page is where the next one starts.
    pub fn group_members(group: GroupId, after: Option<MemberId>, count: u32) -> alloc::vec::Vec<MemberId> {
        let members = match after {
            Some(member) => GroupMembers::<T>::iter_key_prefix_from(
                group,
                GroupMembers::<T>::hashed_key_for(group, member),
            ),
            None => GroupMembers::<T>::iter_key_prefix(group),
        };
        members.take(count.min(100) as usize).collect()
    }

    pub(crate) fn do_create_group(id: MemberId, member: Member, name: GroupName) -> DispatchResult {
        Self::ensure_active(&member)?;
        ensure!(name::is_well_formed(&name), Error::<T>::NameMalformed);
        let group = NextGroup::<T>::get();
        let next = group.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
        let held = T::GroupDeposit::get();
        T::Currency::hold(&HoldReason::Group.into(), &member.account, held)?;
        NextGroup::<T>::put(next);
        Groups::<T>::insert(group, Group { owner: id, name, members: 0, held });
        Self::deposit_event(Event::GroupCreated { group, owner: id });
        Ok(())
    }

    pub(crate) fn do_dissolve_group(group: GroupId) -> DispatchResult {
        let record = Groups::<T>::get(group).ok_or(Error::<T>::UnknownGroup)?;
        ensure!(record.members == 0, Error::<T>::GroupNotEmpty);
        let owner = Members::<T>::get(record.owner).ok_or(Error::<T>::UnknownMember)?;
        T::Currency::release(&HoldReason::Group.into(), &owner.account, record.held, Precision::BestEffort)?;
        Groups::<T>::remove(group);
        Self::deposit_event(Event::GroupDissolved { group });
        Ok(())
    }

    pub(crate) fn do_add_to_group(group: GroupId, member: MemberId) -> DispatchResult {
        let mut record = Groups::<T>::get(group).ok_or(Error::<T>::UnknownGroup)?;
        ensure!(record.members < MAX_GROUP_MEMBERS, Error::<T>::GroupFull);
        Self::ensure_active(&Members::<T>::get(member).ok_or(Error::<T>::UnknownMember)?)?;
        GroupsOf::<T>::try_mutate(member, |groups| {
            let Err(place) = groups.binary_search(&group) else {
                return Err(Error::<T>::AlreadyInGroup);
            };
            groups.try_insert(place, group).map_err(|_| Error::<T>::TooManyGroups)
        })?;
        record.members = record.members.saturating_add(1);
        Groups::<T>::insert(group, record);
        GroupMembers::<T>::insert(group, member, ());
        Self::deposit_event(Event::AddedToGroup { group, member });
        Ok(())
    }

    pub(crate) fn do_remove_from_group(group: GroupId, member: MemberId) -> DispatchResult {
        ensure!(GroupMembers::<T>::contains_key(group, member), Error::<T>::NotInGroup);
        GroupMembers::<T>::remove(group, member);
        Groups::<T>::mutate(group, |group| {
            if let Some(group) = group {
                group.members = group.members.saturating_sub(1);
            }
        });
        GroupsOf::<T>::mutate_exists(member, |groups| {
            if let Some(list) = groups {
                list.retain(|g| *g != group);
                if list.is_empty() {
                    *groups = None;
                }
            }
        });
        Self::deposit_event(Event::RemovedFromGroup { group, member });
        Ok(())
    }
}
