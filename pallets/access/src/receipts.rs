//! Receipts: signed by the gatekeeper's key, carried by anyone.
//!
//! A receipt enters the pool only while its request is open and ready, and only one for each request at a time. So there are
//! never more of them than requests, each of which was paid for, and a finished request takes none.

use alloc::vec::Vec;
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    pallet_prelude::{
        InvalidTransaction, TransactionValidityError, TransactionValidityWithRefund, ValidTransaction, Weight,
    },
};
use frame_system::{ensure_authorized, pallet_prelude::OriginFor};
use medrec_primitives::{
    access::receipt_message, MemberId, MemberStatus, RequestId, RequestOutcome, RequestStatus, Settlement,
};
use pallet_relationships::extension::FREE_PRIORITY;
use sp_core::sr25519;
use sp_runtime::traits::Zero;

use crate::{Call, Config, Error, Event, Pallet};

/// For how many blocks a receipt may wait in the pool. The off-chain worker brings it again.
pub const LONGEVITY: u64 = 16;

impl<T: Config> Pallet<T> {
    /// Whether this receipt may enter the pool or a block. The cheap questions come first, the signature last.
    pub(crate) fn authorize_receipt(
        id: RequestId,
        settlement: Settlement,
        digest: &[u8; 32],
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let open = Self::get(id).is_some_and(|r| r.status == RequestStatus::Ready && Self::now() < r.expires);
        ensure!(open, TransactionValidityError::from(InvalidTransaction::Stale));
        let message = Self::receipt_message(id, settlement, digest);
        let key = Self::gatekeeper_key(id.member, settlement)
            .ok_or(TransactionValidityError::from(InvalidTransaction::BadSigner))?;
        let signed = sp_io::crypto::sr25519_verify(&sr25519::Signature::from_raw(*signature), &message, &key);
        ensure!(signed, TransactionValidityError::from(InvalidTransaction::BadProof));
        ValidTransaction::with_tag_prefix("MedRecAccess")
            .priority(FREE_PRIORITY)
            .and_provides(id)
            .longevity(LONGEVITY)
            .propagate(true)
            .build()
            .map(|valid| (valid, Weight::zero()))
    }

    /// The key whose receipts count. A member that was suspended can refuse, and nothing else.
    fn gatekeeper_key(member: MemberId, settlement: Settlement) -> Option<sr25519::Public> {
        let member = pallet_registry::Members::<T>::get(member)?;
        let counts = member.status == MemberStatus::Active || settlement != Settlement::Fulfilled;
        counts.then(|| sr25519::Public::from_raw(member.gatekeeper.into()))
    }

    /// What the gatekeeper signs on this chain.
    pub fn receipt_message(id: RequestId, settlement: Settlement, digest: &[u8; 32]) -> Vec<u8> {
        let genesis =
            frame_system::Pallet::<T>::block_hash(frame_system::pallet_prelude::BlockNumberFor::<T>::zero());
        receipt_message(genesis.as_ref(), id, settlement, digest)
    }

    /// The call that carries a receipt.
    pub(crate) fn call(receipt: medrec_primitives::SignedReceipt) -> Call<T> {
        let medrec_primitives::SignedReceipt { request, settlement, digest, signature } = receipt;
        match settlement {
            Settlement::Fulfilled => Call::fulfil { request, digest, signature },
            Settlement::Refused(reason) => Call::refuse { request, reason, digest, signature },
        }
    }

    pub(crate) fn do_settle(
        origin: OriginFor<T>,
        id: RequestId,
        settlement: Settlement,
        digest: [u8; 32],
    ) -> DispatchResult {
        ensure_authorized(origin)?;
        let request = Self::ensure_open(id)?;
        ensure!(request.status == RequestStatus::Ready, Error::<T>::NotReady);
        ensure!(Self::now() < request.expires, Error::<T>::RequestExpired);
        Self::end(id, request, RequestOutcome::Settled { settlement, digest });
        Self::deposit_event(match settlement {
            Settlement::Fulfilled => Event::Fulfilled { request: id },
            Settlement::Refused(_) => Event::Refused { request: id },
        });
        Ok(())
    }
}
