//! What one account may let another do in its name.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::{GetCallMetadata, InstanceFilter};
use scale_info::TypeInfo;

use super::pausing::is_narrowing;
use crate::RuntimeCall;

/// What a proxy may do. Calls through a proxy are never free.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum ProxyType {
    /// Everything.
    #[default]
    Any,
    /// Everything but moving balances or messages out.
    NonTransfer,
    /// Reject announced calls of other proxies.
    CancelProxy,
    /// Only what narrows access whatever its arguments: safe to hand to someone who should be able to stop things. Not single
    /// revocations, which may be of denials, nor taking members and staff out, whom a denial may be about, nor fresh keys.
    Narrowing,
    /// A provider's desk: propose relationships, keep their pointers, place what is released by default.
    Enrolment,
    /// A member's staff office: add, rotate and remove staff.
    Staff,
    /// Vote in the Council and note preimages.
    Governance,
    /// Run a collator.
    Collation,
    /// A researcher's desk: propose and end studies, claim, dispute, close.
    Research,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        match self {
            Self::Any => true,
            Self::NonTransfer => !matches!(call, RuntimeCall::Balances(..) | RuntimeCall::PolkadotXcm(..)),
            Self::CancelProxy => {
                matches!(call, RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. }))
            }
            Self::Narrowing => {
                let name = call.get_call_metadata();
                is_narrowing(name.pallet_name, name.function_name)
            }
            Self::Enrolment => matches!(
                call,
                RuntimeCall::Utility(..)
                    | RuntimeCall::Relationships(
                        pallet_relationships::Call::propose { .. }
                            | pallet_relationships::Call::propose_minor { .. }
                            | pallet_relationships::Call::enrol_patient { .. }
                            | pallet_relationships::Call::set_pointer { .. }
                            | pallet_relationships::Call::withdraw_pointer { .. }
                    )
                    | RuntimeCall::Research(pallet_research::Call::place_releases { .. })
            ),
            Self::Staff => matches!(
                call,
                RuntimeCall::Utility(..)
                    | RuntimeCall::Registry(
                        pallet_registry::Call::add_staff { .. }
                            | pallet_registry::Call::rotate_staff_key { .. }
                            | pallet_registry::Call::remove_staff { .. }
                    )
            ),
            Self::Governance => matches!(
                call,
                RuntimeCall::Utility(..) | RuntimeCall::Council(..) | RuntimeCall::Preimage(..)
            ),
            Self::Collation => matches!(
                call,
                RuntimeCall::Utility(..) | RuntimeCall::CollatorSelection(..) | RuntimeCall::Session(..)
            ),
            Self::Research => matches!(
                call,
                RuntimeCall::Utility(..)
                    | RuntimeCall::Research(
                        pallet_research::Call::propose_study { .. }
                            | pallet_research::Call::end_study { .. }
                            | pallet_research::Call::set_bounty_study { .. }
                            | pallet_research::Call::claim { .. }
                            | pallet_research::Call::dispute { .. }
                            | pallet_research::Call::close_claim { .. }
                    )
            ),
        }
    }

    fn is_superset(&self, other: &Self) -> bool {
        match (self, other) {
            (left, right) if left == right => true,
            (Self::Any, _) => true,
            (_, Self::Any) => false,
            (Self::NonTransfer, _) => true,
            _ => false,
        }
    }
}
