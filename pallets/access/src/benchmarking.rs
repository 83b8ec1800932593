//! Benchmarks: every call at its worst.

use frame_benchmarking::v2::*;
use frame_support::{
    assert_ok,
    traits::{fungible, Get, Time},
    weights::WeightMeter,
};
use frame_system::{Origin, RawOrigin};
use medrec_primitives::{
    access::receipt_message, AccountId, Anchor, Effect, Grant, GrantTerms, MemberRole, MemberStatus, Moment,
    Receipt, RefusalReason, RelationshipId, RequestId, RequestOutcome, RequestStatus, SealedQuestion,
    Settlement, Staff, StaffId, StaffRole, Viewer, TERMS_PLAINTEXT_BYTES,
};
use pallet_permissions::{Rule, Rules, Sharers};
use pallet_registry::{GroupsOf, GroupsOfMember, StaffKeys, StaffOf};
use pallet_relationships::{BalanceOf, KeyRecord, KeyRole, Keys, Relationships};
use sp_core::sr25519;
use sp_runtime::{
    traits::{Bounded, Zero},
    KeyTypeId,
};

use crate::*;

const ID: RelationshipId = RelationshipId::new(0, 0);
const REQUEST: RequestId = RequestId::new(0, 0);
const KEY_TYPE: KeyTypeId = KeyTypeId(*b"mdrg");

/// The member's account, the gatekeeper's key and the patient's key of an active relationship [`ID`].
fn active<T: Config>() -> (AccountId, sr25519::Public, AccountId)
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
    let gatekeeper = sp_io::crypto::sr25519_generate(KEY_TYPE, None);
    assert_ok!(pallet_registry::Pallet::<T>::apply(
        RawOrigin::Signed(who.clone()).into(),
        MemberRole::Provider,
        b"Provider".to_vec().try_into().unwrap_or_default(),
        b"https://provider.example".to_vec().try_into().unwrap_or_default(),
        gatekeeper.into(),
        [1; 32]
    ));
    pallet_registry::Members::<T>::mutate(0, |member| {
        if let Some(member) = member {
            member.status = MemberStatus::Active;
        }
    });
    let patient: AccountId = account("patient", 0, 0);
    let origin = RawOrigin::Signed(who.clone()).into();
    assert_ok!(pallet_relationships::Pallet::<T>::propose(origin, patient.clone(), [1; 16]));
    assert_ok!(pallet_relationships::Pallet::<T>::accept(RawOrigin::Signed(patient.clone()).into(), ID));
    (who, gatekeeper, patient)
}

fn question() -> SealedQuestion {
    SealedQuestion { key: 0, enc: [1; 32], ciphertext: [1; TERMS_PLAINTEXT_BYTES + 16], commitment: [1; 32] }
}

fn asker() -> AccountId {
    account("asker", 0, 0)
}

fn until<T: Config>() -> Moment {
    <T as pallet_registry::Config>::Time::now().saturating_add(T::MaxRequestTerm::get())
}

/// As many rules of each kind as a relationship may have, all about the asker, sealed ones; each that was shared onward is by a
/// person of its own. The asker is on a staff, and in as many groups as may be.
fn allow<T: Config>() {
    let (allows, denials, shared) =
        (u32::from(T::MaxAllows::get()), u32::from(T::MaxDenials::get()), u32::from(T::MaxShared::get()));
    let all = allows.saturating_add(denials).saturating_add(shared);
    for grant in 0..all {
        let parent =
            grant.checked_sub(all.saturating_sub(shared)).map(|n| n.checked_rem(allows).unwrap_or(0));
        let is_allow = grant < allows || parent.is_some();
        let rule = Grant {
            viewer: Viewer::Key(asker()),
            effect: if is_allow { Effect::Allow } else { Effect::Deny },
            terms: GrantTerms::Sealed(question()),
            not_before: None,
            not_after: None,
            may_share: is_allow,
            parent,
        };
        Rules::<T>::insert((0, 0, grant), Rule::from(rule));
        if parent.is_some() {
            Sharers::<T>::insert((0, 0, grant), person::<T>(account("sharer", grant, 0), grant));
        }
    }
    Relationships::<T>::mutate(0, 0, |record| {
        if let Some(record) = record {
            record.rules.next = all;
            record.rules.allows = T::MaxAllows::get();
            record.rules.denials = T::MaxDenials::get();
            record.rules.shared = T::MaxShared::get();
        }
    });
    person::<T>(asker(), all);
    let groups: alloc::vec::Vec<_> = (0..T::MaxGroupsPerMember::get()).collect();
    GroupsOf::<T>::insert(0, GroupsOfMember::<T>::truncate_from(groups));
}

/// A person on the provider's staff.
fn person<T: Config>(key: AccountId, index: u32) -> StaffId {
    let id = StaffId::new(0, index);
    StaffKeys::<T>::insert(&key, id);
    StaffOf::<T>::insert(0, index, Staff { key, role: StaffRole::Clinician, from: 0, until: Moment::MAX });
    id
}

/// A request of [`asker`] that waits, as the last of as many as there may be.
fn waiting<T: Config>() {
    assert_ok!(Pallet::<T>::request(RawOrigin::Signed(asker()).into(), ID, question(), until::<T>()));
    let others = (1..T::MaxOpenPerRelationship::get()).map(|n| n.saturating_add(1_000));
    RequestsAt::<T>::mutate(0, 0, |open| others.for_each(|index| open.try_push(index).unwrap_or_default()));
    let others = (1..T::MaxOpenPerAsker::get()).map(|n| RequestId::new(1, n));
    RequestsOf::<T>::mutate(asker(), |open| others.for_each(|id| open.try_push(id).unwrap_or_default()));
}

/// As [`waiting`], and ready; made for nothing, where as many receipts of such requests are kept as may be.
fn ready<T: Config>() {
    waiting::<T>();
    let allowance = Default::default();
    Keys::<T>::insert(asker(), KeyRecord { relationship: ID, role: KeyRole::Patient, allowance });
    let at = <T as pallet_registry::Config>::Time::now();
    for index in (0..T::MaxOwnReceipts::get()).map(|n| n.saturating_add(2_000)) {
        let (relationship, asker, outcome) = (ID, asker(), RequestOutcome::Declined);
        Receipts::<T>::insert(0, index, Receipt { relationship, asker, outcome, at });
        Pallet::<T>::make_due(RequestId::new(0, index), at.saturating_add(T::ReceiptTerm::get()));
        OwnReceipts::<T>::mutate(0, 0, |own| own.try_push(index).unwrap_or_default());
    }
    Requests::<T>::mutate(0, 0, |request| {
        if let Some(request) = request {
            request.status = RequestStatus::Ready;
        }
    });
}

fn is_open<T: Config>() -> bool {
    Requests::<T>::contains_key(0, 0)
}

/// A signature under a receipt. A value of zeros where the benchmark has no keystore.
fn signature<T: Config>(key: &sr25519::Public, settlement: Settlement) -> [u8; 64] {
    let genesis =
        frame_system::Pallet::<T>::block_hash(frame_system::pallet_prelude::BlockNumberFor::<T>::zero());
    let message = receipt_message(genesis.as_ref(), REQUEST, settlement, &[1; 32]);
    sp_io::crypto::sr25519_sign(KEY_TYPE, key, &message).map_or([0; 64], |signature| signature.0)
}

#[benchmarks(where T::Deposits: fungible::Mutate<AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn request() {
        active::<T>();
        allow::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(asker()), ID, question(), until::<T>());
        assert!(is_open::<T>());
    }

    #[benchmark]
    fn approve() {
        let (_, _, patient) = active::<T>();
        allow::<T>();
        waiting::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), REQUEST);
        assert_eq!(Pallet::<T>::get(REQUEST).map(|r| r.status), Some(RequestStatus::Ready));
    }

    #[benchmark]
    fn decline() {
        let (_, _, patient) = active::<T>();
        allow::<T>();
        waiting::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(patient), REQUEST);
        assert!(!is_open::<T>());
    }

    #[benchmark]
    fn cancel() {
        active::<T>();
        allow::<T>();
        waiting::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(asker()), REQUEST);
        assert!(!is_open::<T>());
    }

    #[benchmark]
    fn fulfil() {
        active::<T>();
        allow::<T>();
        ready::<T>();
        let origin: T::RuntimeOrigin = Origin::<T>::Authorized.into();
        #[extrinsic_call]
        _(origin, REQUEST, [1; 32], [1; 64]);
        assert!(!is_open::<T>());
    }

    #[benchmark]
    fn refuse() {
        active::<T>();
        allow::<T>();
        ready::<T>();
        let origin: T::RuntimeOrigin = Origin::<T>::Authorized.into();
        #[extrinsic_call]
        _(origin, REQUEST, RefusalReason::NotPermitted, [1; 32], [1; 64]);
        assert!(!is_open::<T>());
    }

    #[benchmark]
    fn authorize_receipt() {
        let (_, key, _) = active::<T>();
        allow::<T>();
        ready::<T>();
        let signature = signature::<T>(&key, Settlement::Fulfilled);
        let result;
        #[block]
        {
            result = Pallet::<T>::authorize_receipt(REQUEST, Settlement::Fulfilled, &[1; 32], &signature);
        }
        assert!(result.is_ok());
    }

    #[benchmark]
    fn expire() {
        active::<T>();
        allow::<T>();
        waiting::<T>();
        make_over::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(asker()), REQUEST);
        assert!(!is_open::<T>());
    }

    #[benchmark]
    fn anchor() {
        let (who, _, _) = active::<T>();
        // Before the clock has started, no interval has ended, and the call itself would refuse.
        let interval = Pallet::<T>::current_interval().saturating_sub(1);
        LastAnchored::<T>::insert(0, interval.saturating_sub(1));
        let newest = Anchor { interval, records: [1; 32], log: [2; 32] };
        #[block]
        {
            let origin = RawOrigin::Signed(who).into();
            if let Ok(member) = pallet_registry::Pallet::<T>::ensure_active_provider(origin) {
                Pallet::<T>::keep_anchor(member, newest);
            }
        }
        assert_eq!(Pallet::<T>::latest_anchor(0), Some(newest));
    }

    #[benchmark]
    fn sweep_start() {
        #[block]
        {
            Pallet::<T>::sweep(&mut WeightMeter::new());
        }
    }

    #[benchmark]
    fn sweep_entry() {
        active::<T>();
        allow::<T>();
        waiting::<T>();
        let minute = Pallet::<T>::minute(until::<T>());
        #[block]
        {
            if let Some(id) = Due::<T>::iter_key_prefix(minute).next() {
                Due::<T>::remove(minute, id);
                Pallet::<T>::remove_due(id);
            }
        }
        assert!(!is_open::<T>());
    }

    // What clients ask by runtime API. No call is charged for it: these are run only on demand (`--extra`).

    #[benchmark(extra)]
    fn api_facts() {
        active::<T>();
        allow::<T>();
        let facts;
        #[block]
        {
            facts = pallet_permissions::Pallet::<T>::facts(ID, &asker());
        }
        assert!(facts.is_some_and(|facts| !facts.grants.is_empty()));
    }

    #[benchmark(extra)]
    fn api_may_read() {
        active::<T>();
        allow::<T>();
        let answer;
        #[block]
        {
            answer = pallet_permissions::Pallet::<T>::may_read(ID, &asker());
        }
        assert_eq!(answer, medrec_primitives::DecisionSummary::NeedsOpening);
    }

    #[benchmark(extra)]
    fn api_open_requests() {
        active::<T>();
        allow::<T>();
        waiting::<T>();
        if let Some(open) = Requests::<T>::get(0, 0) {
            (1..200).for_each(|index| Requests::<T>::insert(0, index, open.clone()));
        }
        let page;
        #[block]
        {
            page = Pallet::<T>::open_requests(0, None, 100);
        }
        assert_eq!(page.len(), 100);
    }
}

/// Lets the request's time be over, in all places.
fn make_over<T: Config>() {
    Requests::<T>::mutate(0, 0, |request| {
        if let Some(request) = request {
            Pallet::<T>::not_due(REQUEST, request.expires);
            request.expires = <T as pallet_registry::Config>::Time::now();
            Pallet::<T>::make_due(REQUEST, request.expires);
        }
    });
}
