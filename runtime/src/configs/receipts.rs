//! Transactions that nobody signs, because their calls carry the signature that counts: receipts.

use frame_system::offchain::{CreateAuthorizedTransaction, CreateTransaction, CreateTransactionBase};
use sp_runtime::generic::Era;

use crate::{Runtime, RuntimeCall, TxExtension, UncheckedExtrinsic};

impl<LocalCall> CreateTransactionBase<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    type RuntimeCall = RuntimeCall;
    type Extrinsic = UncheckedExtrinsic;
}

impl<LocalCall> CreateTransaction<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    type Extension = TxExtension;

    fn create_transaction(call: RuntimeCall, extension: TxExtension) -> UncheckedExtrinsic {
        UncheckedExtrinsic::new_transaction(call, extension)
    }
}

impl<LocalCall> CreateAuthorizedTransaction<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    /// Era, nonce and tip say nothing where nobody signs. The pool's own longevity bounds such a transaction.
    fn create_extension() -> TxExtension {
        TxExtension::new((
            frame_system::AuthorizeCall::new(),
            frame_system::CheckNonZeroSender::new(),
            frame_system::CheckSpecVersion::new(),
            frame_system::CheckTxVersion::new(),
            frame_system::CheckGenesis::new(),
            pallet_relationships::extension::FreeCalls::new(Era::Immortal, 0),
            frame_system::CheckWeight::new(),
            pallet_transaction_payment::ChargeTransactionPayment::from(0).into(),
            frame_metadata_hash_extension::CheckMetadataHash::new(false),
        ))
    }
}
