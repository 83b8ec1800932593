//! Requests on chain, through the executive: who pays, what the pool takes, what the emergency stop cannot stop.

use frame_system::offchain::CreateAuthorizedTransaction;
use medrec_primitives::{
    access::receipt_message, Anchor, GrantTerms, RequestId, RequestOutcome, RequestStatus, Settlement,
    Viewer, DAY_MS,
};
use medrec_runtime::{
    medrec_api::runtime_decl_for_med_rec_api::MedRecApiV1, Balances, Executive, Runtime, RuntimeCall, System,
    UncheckedExtrinsic,
};
use sp_core::{sr25519, Pair};
use sp_keyring::Sr25519Keyring;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

use crate::support::*;

const REQUEST: RequestId = RequestId::new(0, 0);
const DIGEST: [u8; 32] = [4; 32];

/// Ferdie, who may read everything of the first patient.
fn viewer() -> sr25519::Pair {
    Sr25519Keyring::Ferdie.pair()
}

fn gatekeeper() -> sr25519::Pair {
    sr25519::Pair::from_string("//Dave Hospital//gatekeeper", None).unwrap()
}

fn question() -> pallet_access::Call<Runtime> {
    let GrantTerms::Sealed(question) = sealed_terms() else { unreachable!("sealed terms are sealed") };
    let expires = pallet_timestamp::Now::<Runtime>::get() + DAY_MS;
    pallet_access::Call::request { relationship: FIRST, question, expires }
}

/// A patient, and a request of [`viewer`]'s that is ready.
fn ready() -> sr25519::Pair {
    let patient = enrolled_patient();
    submit(
        &patient,
        pallet_permissions::Call::grant {
            relationship: FIRST,
            viewer: Viewer::Key(account(&viewer())),
            terms: GrantTerms::Everything,
            not_before: None,
            not_after: None,
            may_share: false,
        },
    )
    .unwrap();
    submit(&viewer(), question()).unwrap();
    assert_eq!(Runtime::request(REQUEST).map(|request| request.status), Some(RequestStatus::Ready));
    patient
}

/// The transaction that the off-chain worker makes of a receipt.
fn receipt(key: &sr25519::Pair) -> UncheckedExtrinsic {
    let genesis = System::block_hash(0);
    let message = receipt_message(genesis.as_ref(), REQUEST, Settlement::Fulfilled, &DIGEST);
    let signature = key.sign(&message).0;
    let call = pallet_access::Call::<Runtime>::fulfil { request: REQUEST, digest: DIGEST, signature };
    <Runtime as CreateAuthorizedTransaction<pallet_access::Call<Runtime>>>::create_authorized_transaction(
        RuntimeCall::from(call),
    )
}

/// What the pool says of a transaction that came from another node.
fn valid(transaction: UncheckedExtrinsic) -> Result<(), TransactionValidityError> {
    let valid = pool(transaction)?;
    assert!(valid.propagate && valid.priority > 0 && valid.longevity <= 16);
    assert_eq!(valid.provides.len(), 1);
    Ok(())
}

#[test]
fn receipt_should_travel_and_settle_once_when_nobody_signs_the_transaction() {
    run(|| {
        ready();
        let issuance = Balances::total_issuance();
        valid(receipt(&gatekeeper())).unwrap();
        Executive::apply_extrinsic(receipt(&gatekeeper())).unwrap().unwrap();
        let settled = RequestOutcome::Settled { settlement: Settlement::Fulfilled, digest: DIGEST };
        assert_eq!(Runtime::receipt(REQUEST).map(|receipt| receipt.outcome), Some(settled));
        assert_eq!(Runtime::request(REQUEST), None);
        assert_eq!(Balances::total_issuance(), issuance);

        let stale = InvalidTransaction::Stale.into();
        assert_eq!(valid(receipt(&gatekeeper())), Err(stale));
        assert_eq!(Executive::apply_extrinsic(receipt(&gatekeeper())).err(), Some(stale));
    });
}

#[test]
fn receipt_should_be_refused_by_the_pool_when_it_is_not_the_gatekeepers() {
    run(|| {
        ready();
        assert_eq!(valid(receipt(&viewer())), Err(InvalidTransaction::BadProof.into()));
        assert!(Runtime::request(REQUEST).is_some());
    });
}

#[test]
fn request_should_be_paid_for_by_its_asker_and_answered_for_nothing_by_the_patient() {
    run(|| {
        let patient = enrolled_patient();
        let viewer_key = Viewer::Key(account(&viewer()));
        submit(
            &patient,
            pallet_permissions::Call::grant {
                relationship: FIRST,
                viewer: viewer_key,
                terms: sealed_terms(),
                not_before: None,
                not_after: None,
                may_share: false,
            },
        )
        .unwrap();
        let before = Balances::free_balance(account(&viewer()));
        submit(&viewer(), question()).unwrap();
        assert!(Balances::free_balance(account(&viewer())) < before);
        assert_eq!(Runtime::requests_of(account(&viewer())).len(), 1);
        assert_eq!(Runtime::requests_at(FIRST).len(), 1);
        assert_eq!(Runtime::open_requests(0, None, 10).len(), 1);

        submit(&patient, pallet_access::Call::approve { request: REQUEST }).unwrap();
        assert_eq!(Runtime::request(REQUEST).map(|request| request.status), Some(RequestStatus::Ready));
        submit(&patient, pallet_access::Call::decline { request: REQUEST }).unwrap();
        assert_eq!(Runtime::receipt(REQUEST).map(|receipt| receipt.outcome), Some(RequestOutcome::Declined));
        assert_eq!(Balances::free_balance(account(&patient)), 0);
    });
}

#[test]
fn request_should_be_refused_when_its_asker_cannot_pay() {
    run(|| {
        enrolled_patient();
        let poor = sr25519::Pair::from_string("//Nobody", None).unwrap();
        assert!(matches!(refusal(&poor, question()), Some(TransactionValidityError::Invalid(_))));
    });
}

#[test]
fn anchor_should_be_kept_when_the_gatekeeper_signs() {
    run(|| {
        enrolled_patient();
        let funds = pallet_balances::Call::transfer_keep_alive {
            dest: medrec_runtime::Address::Id(account(&gatekeeper())),
            value: medrec_runtime::constants::MDR,
        };
        submit(&hospital(), funds).unwrap();
        let now = pallet_timestamp::Now::<Runtime>::get();
        let interval = u32::try_from(now / 600_000).unwrap() - 1;
        let anchor = pallet_access::Call::anchor { interval, records: [1; 32], log: [2; 32] };
        submit(&gatekeeper(), anchor.clone()).unwrap();
        let kept = Some(Anchor { interval, records: [1; 32], log: [2; 32] });
        assert_eq!((Runtime::latest_anchor(0), Runtime::anchor(0, interval)), (kept, kept));
        assert!(submit(&gatekeeper(), anchor).is_err());
    });
}
