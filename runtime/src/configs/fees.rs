//! What transactions cost those who pay.
//!
//! Patients pay nothing: [`crate::TxExtension`] skips the payment of calls that are free. Everybody else pays for the
//! scarcer of computation and proof, and for length. Fees go to the collators' pot.

use alloc::vec;

use frame_support::{
    parameter_types,
    traits::ConstU8,
    weights::{
        constants::ExtrinsicBaseWeight, ConstantMultiplier, FeePolynomial, Weight, WeightToFeeCoefficient,
        WeightToFeeCoefficients, WeightToFeePolynomial,
    },
};
use parachains_common::impls::DealWithFees;
use polkadot_runtime_common::SlowAdjustingFeeUpdate;
use sp_runtime::Perbill;

use crate::{constants::MICRO_MDR, Balance, Balances, Runtime, RuntimeEvent};

/// What the base weight of an extrinsic costs (plancks).
const BASE_FEE: Balance = 100 * MICRO_MDR;
/// How large a proof costs [`BASE_FEE`] (bytes).
const PROOF_PER_BASE_FEE: u64 = 10_000;

parameter_types! {
    /// What each byte of a transaction costs (plancks).
    pub const TransactionByteFee: Balance = MICRO_MDR;
}

/// Turns weight into a fee: the scarcer of computation time and proof size counts.
pub struct WeightToFee;

impl frame_support::weights::WeightToFee for WeightToFee {
    type Balance = Balance;

    fn weight_to_fee(weight: &Weight) -> Balance {
        let time: FeePolynomial<Balance> = TimeToFee::polynomial().into();
        let proof: FeePolynomial<Balance> = ProofToFee::polynomial().into();
        time.eval(weight.ref_time()).max(proof.eval(weight.proof_size()))
    }
}

/// Computation: proportional, the base weight of an extrinsic costs [`BASE_FEE`].
struct TimeToFee;

impl WeightToFeePolynomial for TimeToFee {
    type Balance = Balance;

    fn polynomial() -> WeightToFeeCoefficients<Balance> {
        proportional(BASE_FEE, ExtrinsicBaseWeight::get().ref_time().into())
    }
}

/// Proof: proportional, [`PROOF_PER_BASE_FEE`] bytes cost [`BASE_FEE`].
struct ProofToFee;

impl WeightToFeePolynomial for ProofToFee {
    type Balance = Balance;

    fn polynomial() -> WeightToFeeCoefficients<Balance> {
        proportional(BASE_FEE, PROOF_PER_BASE_FEE.into())
    }
}

/// The polynomial by which `units` cost `fee`.
fn proportional(fee: Balance, units: Balance) -> WeightToFeeCoefficients<Balance> {
    vec![WeightToFeeCoefficient {
        degree: 1,
        negative: false,
        coeff_integer: fee.checked_div(units).unwrap_or(fee),
        coeff_frac: Perbill::from_rational(fee.checked_rem(units).unwrap_or(0), units),
    }]
    .into()
}

impl pallet_transaction_payment::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type OnChargeTransaction = pallet_transaction_payment::FungibleAdapter<Balances, DealWithFees<Runtime>>;
    type WeightToFee = WeightToFee;
    type LengthToFee = ConstantMultiplier<Balance, TransactionByteFee>;
    type FeeMultiplierUpdate = SlowAdjustingFeeUpdate<Self>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Self>;
}

impl pallet_skip_feeless_payment::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
}
