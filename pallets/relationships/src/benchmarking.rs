//! Benchmarks: every call at its worst.

use frame_benchmarking::v2::*;
use frame_support::{
    assert_ok,
    traits::{
        fungible::{self, Inspect as _},
        tokens::{Fortitude, Preservation},
    },
};
use frame_system::RawOrigin;
use medrec_primitives::{
    is_half_year, AccountId, Custodian, CustodianRights, MemberRole, Moment, RelationshipFlags,
    RelationshipId, RelationshipStatus, SealedLocator, DAY_MS, LOCATOR_PLAINTEXT_BYTES,
};
use pallet_registry::{Accounts, Members};
use sp_runtime::traits::{Bounded, Zero};

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

/// `n` custodians with every right, whose keys are `set`'s.
fn custodians(set: u32, n: u32, rights: CustodianRights) -> Custodians {
    let custodian = |index| Custodian {
        key: account("custodian", index, set),
        rights,
        not_before: 0,
        not_after: Some(Moment::MAX),
    };
    (0..n).map(custodian).collect::<alloc::vec::Vec<_>>().try_into().unwrap_or_default()
}

/// An active relationship with as many custodians as there can be, who may step in.
fn guarded<T: Config>(provider: &AccountId, rights: CustodianRights) -> (AccountId, RelationshipId)
where
    T::Deposits: fungible::Mutate<AccountId>,
{
    let (patient, id) = active::<T>(provider);
    let origin = || RawOrigin::Signed(patient.clone()).into();
    assert_ok!(Pallet::<T>::set_custodians(origin(), id, custodians(0, MAX_CUSTODIANS, rights)));
    assert_ok!(Pallet::<T>::set_inactivity(origin(), id, Some(*INACTIVITY_DAYS.start())));
    (patient, id)
}

/// The custodian who comes last in every search.
fn custodian() -> AccountId {
    account("custodian", MAX_CUSTODIANS.saturating_sub(1), 0)
}

const DORMANT: CustodianRights = CustodianRights(15);

/// As if the patient had been silent for the whole period.
fn silent<T: Config>(patient: &AccountId) {
    if Pallet::<T>::today() == 0 {
        // A benchmark's clock may stand at the epoch, and before the first day of all nobody can have been silent.
        let clock = frame_support::storage::storage_prefix(b"Timestamp", b"Now");
        frame_support::storage::unhashed::put(&clock, &DAY_MS);
    }
    Keys::<T>::mutate(patient, |record| {
        if let Some(record) = record {
            record.allowance = Default::default();
        }
    });
    Relationships::<T>::mutate(0, 0, |relationship| {
        if let Some(relationship) = relationship {
            relationship.inactivity = Some(0);
        }
    });
}

/// As [`guarded`], and the last custodian has asked to step in.
fn requested<T: Config>(provider: &AccountId) -> (AccountId, RelationshipId)
where
    T::Deposits: fungible::Mutate<AccountId>,
{
    let (patient, id) = guarded::<T>(provider, DORMANT);
    silent::<T>(&patient);
    StepIns::<T>::insert(0, 0, StepIn { day: u32::MAX, confirmed: false });
    (patient, id)
}

/// As [`requested`], and the provider has confirmed it.
fn stepped_in<T: Config>(provider: &AccountId) -> (AccountId, RelationshipId)
where
    T::Deposits: fungible::Mutate<AccountId>,
{
    let (patient, id) = requested::<T>(provider);
    assert_ok!(Pallet::<T>::confirm_step_in(RawOrigin::Signed(provider.clone()).into(), id));
    (patient, id)
}

/// As if custodians had managed for long. The clock of a benchmark may stand at the epoch.
fn seasoned<T: Config>() {
    Rekeys::<T>::mutate(0, 0, |rekey| {
        if let Some(rekey) = rekey {
            rekey.asked = rekey.asked.saturating_add(MIN_CUSTODY);
        }
    });
}

/// As [`stepped_in`], and the provider has asked for a rekey.
fn rekeying<T: Config>(provider: &AccountId) -> (AccountId, RelationshipId)
where
    T::Deposits: fungible::Mutate<AccountId>,
{
    let (patient, id) = stepped_in::<T>(provider);
    let origin = RawOrigin::Signed(provider.clone()).into();
    let fresh = account("fresh", 0, 0);
    assert_ok!(Pallet::<T>::request_rekey(origin, id, patient.clone(), fresh, Some([2; 16])));
    seasoned::<T>();
    (patient, id)
}

/// The first half-year that is to come.
fn next_half_year<T: Config>() -> Moment {
    let today = Moment::from(Pallet::<T>::today());
    (1..200)
        .map(|days| today.saturating_add(days).saturating_mul(DAY_MS))
        .find(|day| is_half_year(*day))
        .unwrap_or_default()
}

/// A minor's relationship with as many custodians as there can be.
fn minor<T: Config>(provider: &AccountId) -> RelationshipId
where
    T::Deposits: fungible::Mutate<AccountId>,
{
    let guardian: AccountId = account("custodian", 0, 0);
    let (handover, id) = (next_half_year::<T>(), RelationshipId::new(0, 0));
    let origin = RawOrigin::Signed(provider.clone()).into();
    assert_ok!(Pallet::<T>::propose_minor(origin, guardian.clone(), handover, [1; 16]));
    let origin = || RawOrigin::Signed(guardian.clone()).into();
    assert_ok!(Pallet::<T>::accept(origin(), id));
    let mut list = custodians(0, MAX_CUSTODIANS, CustodianRights::ALL);
    for custodian in list.iter_mut() {
        custodian.not_after = Some(handover);
    }
    assert_ok!(Pallet::<T>::set_custodians(origin(), id, list));
    id
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

    /// All pointers set, all custodians, stepped in, a rekey under way. The rules that hang on the relationship are weighed by [`OnRelationshipEnded::weight`].
    #[benchmark]
    fn end() {
        let who = provider::<T>();
        let (_, id) = rekeying::<T>(&who);
        for slot in 0..MAX_POINTERS {
            let origin = RawOrigin::Signed(who.clone()).into();
            assert_ok!(Pallet::<T>::set_pointer(origin, id, slot, locator(), [1; 32]));
        }
        #[extrinsic_call]
        _(RawOrigin::Signed(custodian()), id);
        assert_eq!(status::<T>(id), Some(RelationshipStatus::Ended));
    }

    #[benchmark]
    fn set_pointer() {
        let who = provider::<T>();
        let id = minor::<T>(&who);
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

    #[benchmark]
    fn suspend() {
        let (_, id) = stepped_in::<T>(&provider::<T>());
        #[extrinsic_call]
        _(RawOrigin::Signed(custodian()), id);
        assert_eq!(status::<T>(id), Some(RelationshipStatus::Suspended));
    }

    #[benchmark]
    fn resume() {
        let (_, id) = stepped_in::<T>(&provider::<T>());
        assert_ok!(Pallet::<T>::suspend(RawOrigin::Signed(custodian()).into(), id));
        Suspensions::<T>::insert(0, 0, Suspension { provider: false, only: Some(custodian()) });
        #[extrinsic_call]
        _(RawOrigin::Signed(custodian()), id);
        assert_eq!(status::<T>(id), Some(RelationshipStatus::Active));
    }

    #[benchmark]
    fn acknowledge() {
        let who = provider::<T>();
        let (_, id) = stepped_in::<T>(&who);
        assert_ok!(Pallet::<T>::set_pointer(RawOrigin::Signed(who).into(), id, 0, locator(), [1; 32]));
        #[extrinsic_call]
        _(RawOrigin::Signed(custodian()), id, 0, 1);
        assert_eq!(Pointers::<T>::get((0, 0, 0)).map(|p| p.seen), Some(1));
    }

    /// All that were there go, `n` others come.
    #[benchmark]
    fn set_custodians(n: Linear<0, MAX_CUSTODIANS>) {
        let (patient, id) = guarded::<T>(&provider::<T>(), CustodianRights::ALL);
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), id, custodians(1, n, CustodianRights::ALL));
        assert_eq!(Pallet::<T>::get(id).map(|r| r.custodians.len() as u32), Some(n));
    }

    /// A custodian who has stepped in removes one who does not manage.
    #[benchmark]
    fn remove_custodian() {
        let (_, id) = stepped_in::<T>(&provider::<T>());
        let other: AccountId = account("custodian", 0, 0);
        Relationships::<T>::mutate(0, 0, |relationship| {
            let custodians = relationship.iter_mut().flat_map(|r| r.custodians.iter_mut());
            for custodian in custodians.filter(|c| c.key == other) {
                custodian.rights = CustodianRights::READ;
            }
        });
        #[extrinsic_call]
        _(RawOrigin::Signed(custodian()), id, other.clone());
        assert_eq!(Keys::<T>::get(other).map(|k| k.role), Some(KeyRole::Retired));
    }

    #[benchmark]
    fn set_flags() {
        let (_, id) = stepped_in::<T>(&provider::<T>());
        #[extrinsic_call]
        _(RawOrigin::Signed(custodian()), id, RelationshipFlags::ALL, RelationshipFlags::NONE);
        assert_eq!(Pallet::<T>::get(id).map(|r| r.flags), Some(RelationshipFlags::ALL));
    }

    #[benchmark]
    fn set_inactivity() {
        let (patient, id) = stepped_in::<T>(&provider::<T>());
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), id, None);
        assert!(!StepIns::<T>::contains_key(0, 0));
    }

    #[benchmark]
    fn touch() {
        let (patient, id) = stepped_in::<T>(&provider::<T>());
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), id);
        assert!(!StepIns::<T>::contains_key(0, 0));
    }

    #[benchmark]
    fn step_in() {
        let (patient, id) = guarded::<T>(&provider::<T>(), DORMANT);
        silent::<T>(&patient);
        #[extrinsic_call]
        _(RawOrigin::Signed(custodian()), id);
        assert!(StepIns::<T>::contains_key(0, 0));
    }

    #[benchmark]
    fn confirm_step_in() {
        let who = provider::<T>();
        let (_, id) = requested::<T>(&who);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), id);
        assert_eq!(StepIns::<T>::get(0, 0).map(|s| s.confirmed), Some(true));
    }

    #[benchmark]
    fn step_out() {
        let (patient, id) = stepped_in::<T>(&provider::<T>());
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), id);
        assert!(!StepIns::<T>::contains_key(0, 0));
    }

    #[benchmark]
    fn propose_minor() {
        let (who, handover) = (provider::<T>(), next_half_year::<T>());
        #[extrinsic_call]
        _(RawOrigin::Signed(who), account("guardian", 0, 0), handover, [1; 16]);
        assert_eq!(Handovers::<T>::get(0, 0), Some(handover));
    }

    #[benchmark]
    fn enrol_patient() {
        let who = provider::<T>();
        let id = minor::<T>(&who);
        // As if time had passed.
        Handovers::<T>::insert(0, 0, 0);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), id, account("patient", 0, 0), [2; 16]);
        assert!(!Handovers::<T>::contains_key(0, 0));
    }

    #[benchmark]
    fn request_rekey() {
        let who = provider::<T>();
        let (patient, id) = stepped_in::<T>(&who);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), id, patient, account("fresh", 0, 0), Some([2; 16]));
        assert!(Rekeys::<T>::contains_key(0, 0));
    }

    #[benchmark]
    fn approve_rekey() {
        let (_, id) = rekeying::<T>(&provider::<T>());
        #[extrinsic_call]
        _(RawOrigin::Signed(custodian()), id, account("fresh", 0, 0), None);
        assert_eq!(Rekeys::<T>::get(0, 0).and_then(|r| r.custodian), Some(custodian()));
    }

    /// After a veto.
    #[benchmark]
    fn finish_rekey() {
        let who = provider::<T>();
        let (patient, id) = rekeying::<T>(&who);
        assert_ok!(Pallet::<T>::veto_rekey(RawOrigin::Signed(patient).into(), id));
        let origin = RawOrigin::Signed(who).into();
        assert_ok!(Pallet::<T>::reproof(origin, id, account("fresh", 0, 0), [3; 16]));
        let origin = RawOrigin::Signed(custodian()).into();
        assert_ok!(Pallet::<T>::approve_rekey(origin, id, account("fresh", 0, 0), None));
        // As if time had passed.
        Rekeys::<T>::mutate(0, 0, |rekey| {
            if let Some(rekey) = rekey {
                rekey.ready = rekey.ready.saturating_sub(REKEY_DELAY);
            }
        });
        #[extrinsic_call]
        _(RawOrigin::Signed(custodian()), id);
        assert_eq!(Pallet::<T>::get(id).map(|r| r.patient), Some(account("fresh", 0, 0)));
    }

    #[benchmark]
    fn veto_rekey() {
        let (patient, id) = rekeying::<T>(&provider::<T>());
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), id);
        assert_eq!(Rekeys::<T>::get(0, 0).map(|r| r.stage), Some(RekeyStage::Vetoed));
    }

    #[benchmark]
    fn reproof() {
        let who = provider::<T>();
        let (patient, id) = rekeying::<T>(&who);
        assert_ok!(Pallet::<T>::veto_rekey(RawOrigin::Signed(patient.clone()).into(), id));
        #[extrinsic_call]
        _(RawOrigin::Signed(who), id, patient.clone(), [3; 16]);
        assert_eq!(Suspensions::<T>::get(0, 0).only, Some(patient));
    }

    #[benchmark]
    fn cancel_rekey() {
        let who = provider::<T>();
        let (_, id) = rekeying::<T>(&who);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), id);
        assert!(!Rekeys::<T>::contains_key(0, 0));
    }

    /// From an account that a deposit is held on.
    #[benchmark]
    fn withdraw_deposit() {
        let who = provider::<T>();
        let (_, id) = active::<T>(&who);
        let account = Pallet::<T>::deposit_account(id.member);
        let free = || T::Deposits::reducible_balance(&account, Preservation::Expendable, Fortitude::Polite);
        assert!(!free().is_zero());
        #[extrinsic_call]
        _(RawOrigin::Signed(who), None);
        assert!(free().is_zero());
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);

    /// What the transaction extension does for a free call, beside mortality and nonce.
    #[benchmark]
    fn charge() {
        let provider = provider::<T>();
        let (patient, _) = active::<T>(&provider);
        let charged;
        #[block]
        {
            charged = Pallet::<T>::remaining(&patient).of(true) > 0 && Pallet::<T>::spend(&patient, true);
        }
        assert!(charged);
    }
}
