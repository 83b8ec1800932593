//! Benchmarks: every call at its worst.

use frame_benchmarking::v2::*;
use frame_support::{
    assert_ok,
    traits::{fungible, EnsureOrigin, Get, Time},
    weights::WeightMeter,
    BoundedVec,
};
use frame_system::RawOrigin;
use medrec_primitives::{
    research::{
        Answer, AnswerKey, AnswerStatus, Claim, ClaimStatus, Credits, DuoPurposes, Fee, Payee, Plan, Study,
        StudyStatus, Table, TableKind, TableSpec,
    },
    AccountId, Custodian, CustodianRights, MemberRole, MemberStatus, Moment, RelationshipId, SealedTerms,
    DAY_MS, TERMS_PLAINTEXT_BYTES,
};
use pallet_relationships::{OnRelationshipEnded, MAX_CUSTODIANS};
use sp_runtime::traits::Bounded;

use crate::{migrations::AcceptedCollators, *};

/// The provider.
const PROVIDER: u32 = 0;
/// The researcher.
const RESEARCHER: u32 = 1;
/// Its study.
const STUDY: u32 = 0;
/// The first epoch of the first table.
const KEY: AnswerKey = AnswerKey { provider: PROVIDER, table: 0, epoch: 0 };

/// Gives an account as much as there may be.
fn endow<T: Config>(who: &AccountId)
where
    T::Escrow: fungible::Mutate<AccountId>,
    T::Deposits: fungible::Mutate<AccountId>,
{
    let _ = <T::Escrow as fungible::Mutate<AccountId>>::set_balance(
        who,
        BalanceOf::<T>::max_value() / 1_000u32.into(),
    );
    let _ = <T::Deposits as fungible::Mutate<AccountId>>::set_balance(
        who,
        pallet_relationships::BalanceOf::<T>::max_value() / 1_000u32.into(),
    );
}

/// An admitted member with this number, which must be the next one; its account.
fn member<T: Config>(id: u32, role: MemberRole) -> AccountId
where
    T::Escrow: fungible::Mutate<AccountId>,
    T::Deposits: fungible::Mutate<AccountId>,
{
    let who: AccountId = account("member", id, 0);
    endow::<T>(&who);
    let name = if id == PROVIDER { b"Provider".to_vec() } else { b"Researcher".to_vec() };
    assert_ok!(pallet_registry::Pallet::<T>::apply(
        RawOrigin::Signed(who.clone()).into(),
        role,
        name.try_into().unwrap_or_default(),
        b"https://member.example".to_vec().try_into().unwrap_or_default(),
        account("gatekeeper", id, 0),
        [1; 32]
    ));
    pallet_registry::Members::<T>::mutate(id, |member| {
        if let Some(member) = member {
            member.status = MemberStatus::Active;
        }
    });
    who
}

fn now<T: Config>() -> Moment {
    <T as pallet_registry::Config>::Time::now()
}

/// The least that a claim costs beside credits, where it costs anything.
fn fee<T: Config>() -> BalanceOf<T> {
    <T::Escrow as fungible::Inspect<AccountId>>::minimum_balance().max(1u32.into())
}

fn spec<T: Config>() -> TableSpec<BalanceOf<T>> {
    TableSpec {
        kind: TableKind::Mean { lower: 0, upper: 100 },
        definition: [1; 32],
        purposes: DuoPurposes::ALL,
        first: now::<T>(),
        length: Rhythm::<T>::get().epoch,
        epochs: 1,
        rho: T::MinRho::get(),
        price: 1,
        fee: Some(Fee { amount: fee::<T>(), payee: Payee::Provider }),
    }
}

/// A provider and a researcher, a table whose epoch is over, an approved study, a purse with as many lots as there may be, a ledger with
/// as many days. The two accounts.
fn ready<T: Config>() -> (AccountId, AccountId)
where
    T::Escrow: fungible::Mutate<AccountId>,
    T::Deposits: fungible::Mutate<AccountId>,
{
    let provider = member::<T>(PROVIDER, MemberRole::Provider);
    let researcher = member::<T>(RESEARCHER, MemberRole::Researcher);
    // The clock may not have started: epochs of no length are over at once.
    let over = TableSpec { first: 0, length: 0, ..spec::<T>() };
    Tables::<T>::insert(PROVIDER, 0, Table { spec: over, withdrawn: false });
    NextTable::<T>::insert(PROVIDER, 1);
    Plans::<T>::insert(PROVIDER, Plan { starts: 0, first: 0, tables: 1, bounty: Some((0, 0)) });
    let study = Study {
        owner: RESEARCHER,
        purposes: DuoPurposes::GENERAL,
        protocol: [1; 32],
        until: Moment::MAX,
        status: StudyStatus::Approved,
    };
    Studies::<T>::insert(STUDY, study);
    StudyCount::<T>::insert(RESEARCHER, 1);
    NextStudy::<T>::put(1);
    BountyStudies::<T>::insert(RESEARCHER, STUDY);
    let era = Pallet::<T>::current_era();
    let lots = (0..=T::CreditLife::get()).map(|n| Lot { era: era.saturating_add(n), credits: 1 });
    let lots = BoundedVec::truncate_from(lots.collect());
    Purses::<T>::insert(RESEARCHER, Purse { lots, set_aside: 0 });
    let today = Pallet::<T>::today();
    let days = (1..ledger::MAX_WINDOW).rev().map(|back| (today.saturating_sub(back), 1));
    let days = BoundedVec::truncate_from(days.collect());
    Ledgers::<T>::insert(PROVIDER, ledger::Ledger { lifetime: ledger::MAX_WINDOW, days });
    (provider, researcher)
}

/// A claim that was paid for.
fn paying<T: Config>() -> Claimant<BalanceOf<T>> {
    let fee = spec::<T>().fee;
    if let Some(fee) = fee {
        hold::<T>(fee);
    }
    Claimant::Paying { researcher: RESEARCHER, study: STUDY, credits: 1, era: 0, fee }
}

/// Holds what a claim costs beside credits, in the researcher's account.
fn hold<T: Config>(fee: Fee<BalanceOf<T>>) {
    let account = account("member", RESEARCHER, 0);
    let _ = <T::Escrow as fungible::hold::Mutate<AccountId>>::hold(
        &HoldReason::Claim.into(),
        &account,
        fee.amount,
    );
}

/// Several eras after the first that is remembered, and what settles there at the greatest cost: blocks of the last era, and a lot that has
/// expired. The clock of a benchmark may stand at the epoch.
fn settling<T: Config>() -> u32 {
    let era = T::CreditLife::get().saturating_add(2);
    let work = Work { era: era.saturating_sub(1), blocks: 1 };
    WorkOf::<T>::insert(RESEARCHER, work);
    EraTotals::<T>::insert(Pallet::<T>::era_place(work.era), work);
    era
}

/// The credits of a purse are so many that what is given back finds no room.
fn fill_purse<T: Config>(set_aside: Credits) {
    Purses::<T>::mutate(RESEARCHER, |purse| {
        purse.set_aside = set_aside;
        for lot in purse.lots.iter_mut() {
            lot.credits = Credits::MAX;
        }
    });
}

/// Two claims by this claimant are in a window, and this seed takes the one that was entered first.
fn entered<T: Config>(claimant: Claimant<BalanceOf<T>>) -> [u8; 32] {
    for _ in 0..2 {
        assert_ok!(Pallet::<T>::enter(0, Entry { claimant, answer: KEY }));
    }
    let first = |seed: &[u8; 32]| lottery::below(seed, &(b"entry", 2u32), 2) == 0;
    (0..=u8::MAX).map(|byte| [byte; 32]).find(first).unwrap_or_default()
}

/// An answer that is due now, or was committed to.
fn answer<T: Config>(status: AnswerStatus) {
    let answer = Answer {
        rho: T::MinRho::get(),
        day: Pallet::<T>::today(),
        attempt: 1,
        due: 0,
        deadline: Moment::MAX,
        snapshot: 1,
        status,
    };
    Answers::<T>::insert((PROVIDER, 0, 0), answer);
}

/// Claim 0, of an answer that failed, so that all is given back; with what was held for it.
fn claim_to_close<T: Config>(status: ClaimStatus) -> Claim<BalanceOf<T>> {
    answer::<T>(AnswerStatus::Failed);
    let held = spec::<T>().fee;
    if let Some(fee) = held {
        hold::<T>(fee);
    }
    fill_purse::<T>(1);
    let claim = Claim {
        researcher: RESEARCHER,
        study: STUDY,
        answer: KEY,
        attempt: 1,
        credits: 1,
        era: 0,
        fee: held,
        at: 0,
        status,
    };
    Claims::<T>::insert(0, claim);
    NextClaim::<T>::put(1);
    claim
}

fn choice() -> SealedTerms {
    SealedTerms { key: 0, enc: [1; 32], ciphertext: [1; TERMS_PLAINTEXT_BYTES + 16], commitment: [1; 32] }
}

/// Active relationship `index` of the provider; its patient.
fn relationship<T: Config>(provider: &AccountId, index: u32) -> AccountId
where
    T::Escrow: fungible::Mutate<AccountId>,
    T::Deposits: fungible::Mutate<AccountId>,
{
    endow::<T>(&pallet_relationships::Pallet::<T>::deposit_account(PROVIDER));
    let patient: AccountId = account("patient", index, 0);
    let origin = RawOrigin::Signed(provider.clone()).into();
    assert_ok!(pallet_relationships::Pallet::<T>::propose(origin, patient.clone(), [1; 16]));
    let id = RelationshipId::new(PROVIDER, index);
    assert_ok!(pallet_relationships::Pallet::<T>::accept(RawOrigin::Signed(patient.clone()).into(), id));
    patient
}

/// A custodian who stepped in for the patient, the last of as many as there can be.
fn stepped_in<T: Config>(patient: &AccountId, id: RelationshipId) -> AccountId {
    let key = |index| account("custodian", index, 0);
    let custodian = |index| Custodian {
        key: key(index),
        rights: CustodianRights(CustodianRights::ALL.0 | CustodianRights::DORMANT.0),
        not_before: 0,
        not_after: Some(Moment::MAX),
    };
    let custodians = BoundedVec::truncate_from((0..MAX_CUSTODIANS).map(custodian).collect());
    let origin = RawOrigin::Signed(patient.clone()).into();
    assert_ok!(pallet_relationships::Pallet::<T>::set_custodians(origin, id, custodians));
    let step_in = pallet_relationships::StepIn { day: u32::MAX, confirmed: true };
    pallet_relationships::StepIns::<T>::insert(id.member, id.index, step_in);
    key(MAX_CUSTODIANS.saturating_sub(1))
}

/// The consortium's origin, where a benchmark can have it.
fn consortium<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
    <T as pallet_registry::Config>::ConsortiumOrigin::try_successful_origin()
        .map_err(|_| BenchmarkError::Weightless)
}

#[benchmarks(where T::Escrow: fungible::Mutate<AccountId>, T::Deposits: fungible::Mutate<AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn note_author() {
        ready::<T>();
        let key: AccountId = account("collator", 0, 0);
        Collators::<T>::insert(&key, Collator { member: RESEARCHER, status: CollatorStatus::Approved });
        let era = settling::<T>();
        #[block]
        {
            let _ = Pallet::<T>::current_era();
            Pallet::<T>::count_block(&key, era);
        }
        assert_eq!(WorkOf::<T>::get(RESEARCHER), Work { era, blocks: 1 });
        assert!(Issuance::<T>::get().minted > 0 && Issuance::<T>::get().expired > 0);
    }

    #[benchmark]
    fn register_collator() {
        let (_, researcher) = ready::<T>();
        let key: AccountId = account("collator", 0, 0);
        #[extrinsic_call]
        _(RawOrigin::Signed(researcher), key.clone());
        assert!(Collators::<T>::contains_key(key));
    }

    #[benchmark]
    fn approve_collator() -> Result<(), BenchmarkError> {
        let origin = consortium::<T>()?;
        let (_, researcher) = ready::<T>();
        let key: AccountId = account("collator", 0, 0);
        assert_ok!(Pallet::<T>::register_collator(RawOrigin::Signed(researcher).into(), key.clone()));
        assert_ok!(Pallet::<T>::accept_researcher(RawOrigin::Signed(key.clone()).into(), RESEARCHER));
        // Whether providers have collators enough depends on the runtime: what is measured is looking.
        #[block]
        {
            let _ = Pallet::<T>::approve_collator(origin, key);
        }
        Ok(())
    }

    #[benchmark]
    fn remove_collator() {
        let (_, researcher) = ready::<T>();
        let key: AccountId = account("collator", 0, 0);
        let origin = RawOrigin::Signed(researcher);
        assert_ok!(Pallet::<T>::register_collator(origin.clone().into(), key.clone()));
        Collators::<T>::insert(&key, Collator { member: RESEARCHER, status: CollatorStatus::Approved });
        ApprovedCollators::<T>::put(1);
        #[extrinsic_call]
        _(origin, key.clone());
        assert!(!Collators::<T>::contains_key(key));
    }

    #[benchmark]
    fn accept_researcher() {
        let (_, researcher) = ready::<T>();
        let key: AccountId = account("collator", 0, 0);
        assert_ok!(Pallet::<T>::register_collator(RawOrigin::Signed(researcher).into(), key.clone()));
        #[extrinsic_call]
        _(RawOrigin::Signed(key.clone()), RESEARCHER);
        assert!(Collators::<T>::get(key).is_some_and(|found| found.status == CollatorStatus::Accepted));
    }

    #[benchmark]
    fn forget_collator() {
        let (_, researcher) = ready::<T>();
        let key: AccountId = account("collator", 0, 0);
        assert_ok!(Pallet::<T>::register_collator(RawOrigin::Signed(researcher).into(), key.clone()));
        #[block]
        {
            AcceptedCollators::<T>::forget_next(None);
        }
        assert!(!Collators::<T>::contains_key(key));
    }

    #[benchmark]
    fn propose_study() {
        let (_, researcher) = ready::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(researcher), DuoPurposes::ALL, [1; 32], Moment::MAX);
        assert!(Studies::<T>::contains_key(1));
    }

    #[benchmark]
    fn approve_study() -> Result<(), BenchmarkError> {
        let origin = consortium::<T>()?;
        let (_, researcher) = ready::<T>();
        let by = RawOrigin::Signed(researcher).into();
        assert_ok!(Pallet::<T>::propose_study(by, DuoPurposes::ALL, [1; 32], Moment::MAX));
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, 1);
        assert_eq!(Studies::<T>::get(1).map(|study| study.status), Some(StudyStatus::Approved));
        Ok(())
    }

    #[benchmark]
    fn end_study() {
        let (_, researcher) = ready::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(researcher), STUDY);
        assert_eq!(Studies::<T>::get(STUDY).map(|study| study.status), Some(StudyStatus::Ended));
    }

    #[benchmark]
    fn set_bounty_study() {
        let (_, researcher) = ready::<T>();
        BountyStudies::<T>::remove(RESEARCHER);
        #[extrinsic_call]
        _(RawOrigin::Signed(researcher), Some(STUDY));
        assert_eq!(BountyStudies::<T>::get(RESEARCHER), Some(STUDY));
    }

    #[benchmark]
    fn publish_plan(n: Linear<1, 64>) {
        let (provider, _) = ready::<T>();
        // The plan that is replaced has as many tables as there may be.
        let max = T::MaxTables::get();
        for table in 0..max {
            Tables::<T>::insert(PROVIDER, table, Table { spec: spec::<T>(), withdrawn: false });
        }
        NextTable::<T>::insert(PROVIDER, max);
        let starts = now::<T>().saturating_add(DAY_MS);
        Plans::<T>::insert(PROVIDER, Plan { starts, first: 0, tables: max, bounty: None });
        let spec = TableSpec { first: starts, ..spec::<T>() };
        let tables = BoundedVec::truncate_from(alloc::vec![spec; n as usize]);
        #[extrinsic_call]
        _(RawOrigin::Signed(provider), starts, tables, Some(0));
        assert_eq!(Plans::<T>::get(PROVIDER).map(|plan| plan.first), Some(max));
    }

    #[benchmark]
    fn withdraw_table() {
        let (provider, _) = ready::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(provider), 0);
        assert!(Tables::<T>::get(PROVIDER, 0).is_some_and(|table| table.withdrawn));
    }

    #[benchmark]
    fn set_release() {
        let (provider, _) = ready::<T>();
        let patient = relationship::<T>(&provider, 0);
        let id = RelationshipId::new(PROVIDER, 0);
        let custodian = stepped_in::<T>(&patient, id);
        #[extrinsic_call]
        _(RawOrigin::Signed(custodian), id, choice());
        assert!(Pallet::<T>::release(id).is_some());
    }

    #[benchmark]
    fn place_releases(n: Linear<1, MAX_PLACED>) {
        let (provider, _) = ready::<T>();
        for index in 0..n {
            relationship::<T>(&provider, index);
        }
        let choices = Placed::truncate_from((0..n).map(|index| (index, choice())).collect());
        #[extrinsic_call]
        _(RawOrigin::Signed(provider), choices);
        assert_eq!(Releases::<T>::iter_prefix(PROVIDER).count(), n as usize);
    }

    #[benchmark]
    fn claim() {
        let (_, researcher) = ready::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(researcher), STUDY, KEY);
        assert_eq!(Draws::<T>::get().waiting, 1);
    }

    #[benchmark]
    fn settle_work() {
        ready::<T>();
        let era = settling::<T>();
        #[block]
        {
            Pallet::<T>::settle_work(RESEARCHER, era);
        }
        assert!(Issuance::<T>::get().minted > 0 && Issuance::<T>::get().expired > 0);
    }

    #[benchmark]
    fn draw_start() {
        ready::<T>();
        let beacon;
        #[block]
        {
            beacon = T::Beacon::get();
            Pallet::<T>::run_draw(&mut WeightMeter::new(), 1);
            // What was seen of the beacon.
            Draws::<T>::mutate(|draw| draw.next = draw.next.saturating_add(1));
        }
        let _ = beacon;
    }

    #[benchmark]
    fn draw_granted() {
        ready::<T>();
        Authors::<T>::insert(Pallet::<T>::parity(0), 0, RESEARCHER);
        let seed = entered::<T>(Claimant::Author { era: 0, blocks: 1 });
        #[block]
        {
            Pallet::<T>::draw_one(&seed, 0, 2);
        }
        assert_eq!((Rounds::<T>::get(0), NextClaim::<T>::get()), (1, 1));
    }

    #[benchmark]
    fn draw_refused() {
        ready::<T>();
        Ledgers::<T>::mutate(PROVIDER, |ledger| ledger.lifetime = T::LifetimeRho::get());
        let seed = entered::<T>(paying::<T>());
        fill_purse::<T>(2);
        #[block]
        {
            Pallet::<T>::draw_one(&seed, 0, 2);
        }
        assert_eq!((Rounds::<T>::get(0), NextClaim::<T>::get()), (1, 0));
        assert!(Issuance::<T>::get().expired > 0);
    }

    #[benchmark]
    fn commit() {
        let (provider, _) = ready::<T>();
        answer::<T>(AnswerStatus::Awaited);
        #[extrinsic_call]
        _(RawOrigin::Signed(provider), 0, 0, [1; 32]);
        let status = Pallet::<T>::answer(KEY).map(|answer| answer.status);
        assert!(matches!(status, Some(AnswerStatus::Committed { .. })));
    }

    #[benchmark]
    fn declare_lost() {
        let (provider, _) = ready::<T>();
        answer::<T>(AnswerStatus::Awaited);
        #[extrinsic_call]
        _(RawOrigin::Signed(provider), 0, 0);
        assert!(Pallet::<T>::is_failed(KEY));
    }

    #[benchmark]
    fn close_claim() {
        let (_, researcher) = ready::<T>();
        claim_to_close::<T>(ClaimStatus::Open);
        #[extrinsic_call]
        _(RawOrigin::Signed(researcher), 0);
        assert!(!Claims::<T>::contains_key(0));
    }

    #[benchmark]
    fn pay_claim() {
        ready::<T>();
        let record = claim_to_close::<T>(ClaimStatus::Open);
        #[block]
        {
            let _ = Claims::<T>::get(0).map(|record| Pallet::<T>::outcome(&record));
            assert_ok!(Pallet::<T>::settle_claim(0, record, true));
        }
        assert!(!Claims::<T>::contains_key(0));
    }

    #[benchmark]
    fn dispute() {
        let (_, researcher) = ready::<T>();
        claim_to_close::<T>(ClaimStatus::Open);
        answer::<T>(AnswerStatus::Committed { commitment: [1; 32], at: 0 });
        #[extrinsic_call]
        _(RawOrigin::Signed(researcher), 0, [1; 32]);
        let status = Claims::<T>::get(0).map(|record| record.status);
        assert_eq!(status, Some(ClaimStatus::Disputed { grounds: [1; 32] }));
    }

    #[benchmark]
    fn resolve() -> Result<(), BenchmarkError> {
        let origin = consortium::<T>()?;
        ready::<T>();
        claim_to_close::<T>(ClaimStatus::Disputed { grounds: [1; 32] });
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, 0, true);
        assert!(!Claims::<T>::contains_key(0));
        Ok(())
    }

    #[benchmark]
    fn on_anchored() {
        ready::<T>();
        let era = Pallet::<T>::current_era();
        EraTotals::<T>::insert(Pallet::<T>::era_place(era), Work { era, blocks: 1 });
        #[block]
        {
            Pallet::<T>::carry(PROVIDER);
        }
        assert_eq!(Draws::<T>::get().waiting, 1);
    }

    #[benchmark]
    fn on_ended() {
        Releases::<T>::insert(PROVIDER, 0, choice());
        #[block]
        {
            <Pallet<T> as OnRelationshipEnded>::on_ended(RelationshipId::new(PROVIDER, 0));
        }
        assert!(!Releases::<T>::contains_key(PROVIDER, 0));
    }
}
