//! Benchmarks: every call at its worst.

use frame_benchmarking::v2::*;
use frame_support::{assert_ok, traits::fungible};
use frame_system::RawOrigin;
use medrec_primitives::{
    AccountId, MemberRole, RelationshipId, RelationshipStatus, SealedLocator, LOCATOR_PLAINTEXT_BYTES,
};
use pallet_registry::{Accounts, Members};
use sp_runtime::traits::Bounded;

use crate::*;

fn fund<T: Config>(who: &AccountId)
where
    T::Deposits: fungible::Mutate<AccountId>,
{
    let _ = <T::Deposits as fungible::Mutate<AccountId>>::set_balance(
        who,
        BalanceOf::<T>::max_value() / 1_000u32.into(),
    );
}

/// The account of an admitted provider, member 0, whose deposit account is funded.
fn provider<T: Config>() -> AccountId
where
    T::Deposits: fungible::Mutate<AccountId>,
{
    let who: AccountId = account("provider", 0, 0);
    fund::<T>(&who);
    fund::<T>(&Pallet::<T>::deposit_account(0));
    assert_ok!(pallet_registry::Pallet::<T>::apply(
        RawOrigin::Signed(who.clone()).into(),
        MemberRole::Provider,
        b"Provider".to_vec().try_into().unwrap_or_default(),
        b"https://provider.example".to_vec().try_into().unwrap_or_default(),
        account("gatekeeper", 0, 0),
        [1; 32]
    ));
    Members::<T>::mutate(0, |member| {
        if let Some(member) = member {
            member.status = medrec_primitives::MemberStatus::Active;
        }
    });
    assert!(Accounts::<T>::contains_key(&who));
    who
}

fn proposed<T: Config>(provider: &AccountId) -> (AccountId, RelationshipId) {
    let patient: AccountId = account("patient", 0, 0);
    let origin = RawOrigin::Signed(provider.clone()).into();
    assert_ok!(Pallet::<T>::propose(origin, patient.clone(), [1; 16]));
    (patient, RelationshipId::new(0, 0))
}

fn active<T: Config>(provider: &AccountId) -> (AccountId, RelationshipId) {
    let (patient, id) = proposed::<T>(provider);
    assert_ok!(Pallet::<T>::accept(RawOrigin::Signed(patient.clone()).into(), id));
    (patient, id)
}

fn locator() -> SealedLocator {
    SealedLocator { key: 0, enc: [1; 32], ciphertext: [1; LOCATOR_PLAINTEXT_BYTES + 16] }
}

fn status<T: Config>(id: RelationshipId) -> Option<RelationshipStatus> {
    Pallet::<T>::get(id).map(|r| r.status)
}

#[benchmarks(where T::Deposits: fungible::Mutate<AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn propose() {
        let who = provider::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(who), account("patient", 0, 0), [1; 16]);
        assert_eq!(status::<T>(RelationshipId::new(0, 0)), Some(RelationshipStatus::Proposed));
    }

    #[benchmark]
    fn accept() {
        let (patient, id) = proposed::<T>(&provider::<T>());
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), id);
        assert_eq!(status::<T>(id), Some(RelationshipStatus::Active));
    }

    #[benchmark]
    fn reject() {
        let (patient, id) = proposed::<T>(&provider::<T>());
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), id);
        assert_eq!(status::<T>(id), Some(RelationshipStatus::Ended));
    }

    /// All pointers set. The rules that hang on the relationship are weighed by [`OnRelationshipEnded::weight`].
    #[benchmark]
    fn end() {
        let who = provider::<T>();
        let (patient, id) = active::<T>(&who);
        for slot in 0..MAX_POINTERS {
            let origin = RawOrigin::Signed(who.clone()).into();
            assert_ok!(Pallet::<T>::set_pointer(origin, id, slot, locator(), [1; 32]));
        }
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), id);
        assert_eq!(status::<T>(id), Some(RelationshipStatus::Ended));
    }

    #[benchmark]
    fn set_pointer() {
        let who = provider::<T>();
        let (_, id) = active::<T>(&who);
        let origin = RawOrigin::Signed(who.clone()).into();
        assert_ok!(Pallet::<T>::set_pointer(origin, id, 0, locator(), [1; 32]));
        #[extrinsic_call]
        _(RawOrigin::Signed(who), id, 0, locator(), [2; 32]);
        assert_eq!(Pointers::<T>::get((0, 0, 0)).map(|p| p.version), Some(2));
    }

    #[benchmark]
    fn withdraw_pointer() {
        let who = provider::<T>();
        let (_, id) = active::<T>(&who);
        let origin = RawOrigin::Signed(who.clone()).into();
        assert_ok!(Pallet::<T>::set_pointer(origin, id, 0, locator(), [1; 32]));
        #[extrinsic_call]
        _(RawOrigin::Signed(who), id, 0);
        assert!(!Pointers::<T>::contains_key((0, 0, 0)));
    }
}
