//! Benchmarks: every call at its worst.

use frame_benchmarking::v2::*;
use frame_support::{assert_ok, traits::fungible};
use frame_system::RawOrigin;
use medrec_primitives::{
    AccountId, Effect, Grant, GrantTerms, MemberRole, MemberStatus, Moment, RelationshipId, SealedTerms,
    Viewer, TERMS_PLAINTEXT_BYTES,
};
use pallet_relationships::{BalanceOf, OnRelationshipEnded as _};
use sp_runtime::traits::Bounded;

use crate::*;

const ID: RelationshipId = RelationshipId::new(0, 0);

/// An active relationship [`ID`]; answers with the patient's key.
fn active<T: Config>() -> AccountId
where
    T::Deposits: fungible::Mutate<AccountId>,
{
    let who: AccountId = account("provider", 0, 0);
    let deposits = pallet_relationships::Pallet::<T>::deposit_account(0);
    for account in [&who, &deposits] {
        let _ = <T::Deposits as fungible::Mutate<AccountId>>::set_balance(
            account,
            BalanceOf::<T>::max_value() / 1_000u32.into(),
        );
    }
    assert_ok!(pallet_registry::Pallet::<T>::apply(
        RawOrigin::Signed(who.clone()).into(),
        MemberRole::Provider,
        b"Provider".to_vec().try_into().unwrap_or_default(),
        b"https://provider.example".to_vec().try_into().unwrap_or_default(),
        account("gatekeeper", 0, 0),
        [1; 32]
    ));
    pallet_registry::Members::<T>::mutate(0, |member| {
        if let Some(member) = member {
            member.status = MemberStatus::Active;
        }
    });
    let patient: AccountId = account("patient", 0, 0);
    let origin = RawOrigin::Signed(who).into();
    assert_ok!(pallet_relationships::Pallet::<T>::propose(origin, patient.clone(), [1; 16]));
    assert_ok!(pallet_relationships::Pallet::<T>::accept(RawOrigin::Signed(patient.clone()).into(), ID));
    patient
}

fn terms() -> GrantTerms {
    GrantTerms::Sealed(SealedTerms {
        key: 0,
        enc: [1; 32],
        ciphertext: [1; TERMS_PLAINTEXT_BYTES + 16],
        commitment: [1; 32],
    })
}

fn rule(effect: Effect) -> Grant {
    Grant {
        viewer: Viewer::Key(account("viewer", 0, 0)),
        effect,
        terms: terms(),
        not_before: Some(0),
        not_after: Some(Moment::MAX),
        may_share: false,
        parent: None,
    }
}

#[benchmarks(where T::Deposits: fungible::Mutate<AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn grant() {
        let patient = active::<T>();
        let viewer = Viewer::Member(0);
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), ID, viewer, terms(), Some(0), Some(Moment::MAX), true);
        assert!(Rules::<T>::contains_key((0, 0, 0)));
    }

    #[benchmark]
    fn deny() {
        let patient = active::<T>();
        let viewer = Viewer::Member(0);
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), ID, viewer, terms(), Some(0), Some(Moment::MAX));
        assert!(Rules::<T>::contains_key((0, 0, 0)));
    }

    #[benchmark]
    fn revoke() {
        let patient = active::<T>();
        assert_ok!(Pallet::<T>::add(RawOrigin::Signed(patient.clone()).into(), ID, rule(Effect::Allow)));
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), ID, 0);
        assert!(!Rules::<T>::contains_key((0, 0, 0)));
    }

    #[benchmark]
    fn on_ended(n: Linear<0, 96>) {
        active::<T>();
        for grant in 0..n {
            Rules::<T>::insert((0, 0, grant), rule(Effect::Allow));
        }
        #[block]
        {
            Pallet::<T>::on_ended(ID);
        }
        assert_eq!(
            Rules::<T>::iter_prefix((0, 0)).count() as u32,
            n.saturating_sub(Pallet::<T>::max_rules())
        );
    }
}
