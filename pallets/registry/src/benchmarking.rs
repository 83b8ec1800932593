//! Benchmarks: every call at its worst.

use alloc::vec;
use frame_benchmarking::v2::*;
use frame_support::{
    assert_ok,
    traits::{fungible, EnsureOrigin, Get},
};
use frame_system::RawOrigin;
use medrec_primitives::{
    AccountId, GatekeeperUrl, MemberId, MemberName, MemberRole, MemberStatus, StaffRole, DAY_MS,
};
use sp_runtime::traits::Bounded;

use crate::*;

/// An account with more than any deposit.
fn funded<T: Config>(index: u32) -> AccountId
where
    T::Currency: fungible::Mutate<AccountId>,
{
    let who: AccountId = account("member", index, 0);
    let _ = <T::Currency as fungible::Mutate<AccountId>>::set_balance(
        &who,
        BalanceOf::<T>::max_value() / 1_000u32.into(),
    );
    who
}

/// The longest name, distinct by index and equal to no other in normal form.
fn name(index: u32) -> MemberName {
    let mut name = vec![b'a'; 64];
    for (place, byte) in name.iter_mut().zip(index.to_le_bytes()) {
        *place = b"abcdefgh"[usize::from(byte % 8)];
    }
    name.try_into().unwrap_or_default()
}

fn url() -> GatekeeperUrl {
    let mut url = b"https://".to_vec();
    url.extend(vec![b'a'; 60]);
    url.push(b'/');
    url.resize(128, b'b');
    url.try_into().unwrap_or_default()
}

fn applied<T: Config>(index: u32) -> (AccountId, MemberId)
where
    T::Currency: fungible::Mutate<AccountId>,
{
    let who = funded::<T>(index);
    let id = NextMember::<T>::get();
    let gatekeeper = account("gatekeeper", index, 0);
    assert_ok!(Pallet::<T>::apply(
        RawOrigin::Signed(who.clone()).into(),
        MemberRole::Provider,
        name(index),
        url(),
        gatekeeper,
        [1; 32]
    ));
    (who, id)
}

fn admitted<T: Config>(index: u32) -> (AccountId, MemberId)
where
    T::Currency: fungible::Mutate<AccountId>,
{
    let (who, id) = applied::<T>(index);
    assert_ok!(Pallet::<T>::do_admit(id));
    (who, id)
}

fn consortium<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
    T::ConsortiumOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)
}

fn status<T: Config>(id: MemberId) -> MemberStatus {
    Pallet::<T>::status_of(id)
}

fn staffed<T: Config>(who: &AccountId) {
    assert_ok!(Pallet::<T>::add_staff(
        RawOrigin::Signed(who.clone()).into(),
        account("staff", 0, 0),
        StaffRole::Clinician,
        Pallet::<T>::now().saturating_add(DAY_MS),
    ));
}

fn grouped<T: Config>(who: &AccountId) -> u32 {
    let group = NextGroup::<T>::get();
    assert_ok!(Pallet::<T>::create_group(RawOrigin::Signed(who.clone()).into(), name(0)));
    group
}

#[benchmarks(where T::Currency: fungible::Mutate<AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn apply() {
        let who = funded::<T>(0);
        let gatekeeper = account("gatekeeper", 0, 0);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), MemberRole::Provider, name(0), url(), gatekeeper, [1; 32]);
        assert_eq!(status::<T>(0), MemberStatus::Applied);
    }

    #[benchmark]
    fn withdraw() {
        let (who, id) = applied::<T>(0);
        #[extrinsic_call]
        _(RawOrigin::Signed(who));
        assert_eq!(status::<T>(id), MemberStatus::Removed);
    }

    #[benchmark]
    fn update() {
        let (who, id) = admitted::<T>(0);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), Some(name(1)), Some(url()));
        assert_eq!(Names::<T>::get(crate::name::normal_form(&name(1))), Some(id));
    }

    #[benchmark]
    fn rotate_gatekeeper_key() {
        let (who, id) = admitted::<T>(0);
        let key: AccountId = account("new", 0, 0);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), key.clone());
        assert_eq!(Pallet::<T>::provider_of(&key), Some(id));
    }

    #[benchmark]
    fn rotate_sealing_key() {
        let (who, id) = admitted::<T>(0);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), [2; 32]);
        assert!(Pallet::<T>::may_seal_to(id, 1));
    }

    #[benchmark]
    fn add_staff() {
        let (who, id) = admitted::<T>(0);
        let until = Pallet::<T>::now().saturating_add(DAY_MS);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), account("staff", 0, 0), StaffRole::Clinician, until);
        assert_eq!(StaffCount::<T>::get(id), 1);
    }

    #[benchmark]
    fn rotate_staff_key() {
        let (who, _) = admitted::<T>(0);
        staffed::<T>(&who);
        let key: AccountId = account("staff", 1, 0);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), 0, key.clone());
        assert!(Pallet::<T>::staff_facts(&key).is_some());
    }

    #[benchmark]
    fn remove_staff() {
        let (who, id) = admitted::<T>(0);
        staffed::<T>(&who);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), 0);
        assert_eq!(StaffCount::<T>::get(id), 0);
    }

    #[benchmark]
    fn admit() -> Result<(), BenchmarkError> {
        let origin = consortium::<T>()?;
        let (_, id) = applied::<T>(0);
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, id);
        assert_eq!(status::<T>(id), MemberStatus::Active);
        Ok(())
    }

    #[benchmark]
    fn suspend() -> Result<(), BenchmarkError> {
        let origin = consortium::<T>()?;
        let (_, id) = admitted::<T>(0);
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, id);
        assert_eq!(status::<T>(id), MemberStatus::Suspended);
        Ok(())
    }

    #[benchmark]
    fn reinstate() -> Result<(), BenchmarkError> {
        let origin = consortium::<T>()?;
        let (_, id) = admitted::<T>(0);
        assert_ok!(Pallet::<T>::do_suspend(id));
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, id);
        assert_eq!(status::<T>(id), MemberStatus::Active);
        Ok(())
    }

    #[benchmark]
    fn remove() -> Result<(), BenchmarkError> {
        let origin = consortium::<T>()?;
        // Whose name is freed besides.
        let (_, id) = applied::<T>(0);
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, id);
        assert_eq!(status::<T>(id), MemberStatus::Removed);
        Ok(())
    }

    #[benchmark]
    fn create_group() {
        let (who, _) = admitted::<T>(0);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), name(0));
        assert!(Groups::<T>::contains_key(0));
    }

    #[benchmark]
    fn add_to_group() {
        let (who, _) = admitted::<T>(0);
        let (_, member) = admitted::<T>(1);
        // The member is in as many groups as it may be, but one.
        for _ in 1..T::MaxGroupsPerMember::get() {
            assert_ok!(Pallet::<T>::do_add_to_group(grouped::<T>(&who), member));
        }
        let group = grouped::<T>(&who);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), group, member);
        assert!(GroupMembers::<T>::contains_key(group, member));
    }

    #[benchmark]
    fn remove_from_group() {
        let (who, _) = admitted::<T>(0);
        let (_, member) = admitted::<T>(1);
        let mut group = 0;
        for _ in 0..T::MaxGroupsPerMember::get() {
            group = grouped::<T>(&who);
            assert_ok!(Pallet::<T>::do_add_to_group(group, member));
        }
        #[extrinsic_call]
        _(RawOrigin::Signed(who), group, member);
        assert!(!GroupMembers::<T>::contains_key(group, member));
    }

    #[benchmark]
    fn dissolve_group() {
        let (who, _) = admitted::<T>(0);
        let group = grouped::<T>(&who);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), group);
        assert!(!Groups::<T>::contains_key(group));
    }

    // What clients ask by runtime API. No call is charged for it: these are run only on demand (`--extra`).

    #[benchmark(extra)]
    fn api_members() {
        let (_, first) = applied::<T>(0);
        if let Some(member) = Members::<T>::get(first) {
            (1..100).for_each(|id| Members::<T>::insert(id, member.clone()));
        }
        NextMember::<T>::put(100);
        let page;
        #[block]
        {
            page = Pallet::<T>::members(0, 100);
        }
        assert_eq!(page.len(), 100);
    }

    #[benchmark(extra)]
    fn api_group_members() {
        for member in 0..200 {
            GroupMembers::<T>::insert(0, member, ());
        }
        let page;
        #[block]
        {
            page = Pallet::<T>::group_members(0, Some(0), 100);
        }
        assert!(!page.is_empty());
    }
}
