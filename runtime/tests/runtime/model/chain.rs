//! The runtime that the model is held against.

use frame_support::traits::{fungible::Inspect, Get, Hooks};
use frame_system::offchain::CreateAuthorizedTransaction;
use medrec_primitives::Moment;
use medrec_runtime::{
    constants::{SESSION_PERIOD, SLOT_DURATION},
    Access, Balances, Executive, Permissions, Runtime, RuntimeCall, System,
};
use sp_runtime::ApplyExtrinsicResult;

use super::{apply::Origin, draw::Draw};
use crate::support::{jump_to_block, motion, sign, FIRST_SLOT};

/// The first moment from this one on whose block has room: a block that ends a session is taken for full.
pub fn with_room(moment: Moment) -> Moment {
    let number = moment / SLOT_DURATION - FIRST_SLOT;
    if number.is_multiple_of(SESSION_PERIOD.into()) {
        moment + SLOT_DURATION
    } else {
        moment
    }
}

/// Starts the block whose slot begins at this moment.
pub fn jump_to(moment: Moment) {
    jump_to_block((moment / SLOT_DURATION - FIRST_SLOT) as u32);
}

/// Makes a call.
pub fn apply(draw: &Draw, origin: &Origin, call: &RuntimeCall) -> ApplyExtrinsicResult {
    match origin {
        Origin::Key(who) => Executive::apply_extrinsic(sign(&draw.pairs[who], call.clone())),
        Origin::Consortium => Ok(motion(call.clone(), [true; 3]).expect("all voted for it")),
        Origin::Nobody => Executive::apply_extrinsic(<Runtime as CreateAuthorizedTransaction<
            pallet_access::Call<Runtime>,
        >>::create_authorized_transaction(call.clone())),
    }
}

/// Idle time, until all that is over is cleared away.
pub fn idle() {
    let number = System::block_number();
    let most =
        <<Runtime as frame_system::Config>::BlockWeights as Get<frame_system::limits::BlockWeights>>::get()
            .max_block;
    for blocks in 0.. {
        assert!(blocks < 1_000, "clearing rules and glasses never comes to an end");
        let used = Permissions::on_idle(number, most);
        assert!(used.all_lte(most));
        let waits = pallet_permissions::RuleCursor::<Runtime>::exists()
            || pallet_permissions::GlassCursor::<Runtime>::exists();
        if !waits {
            break;
        }
    }
    let minute = pallet_timestamp::Now::<Runtime>::get() / 60_000;
    for blocks in 0.. {
        assert!(blocks < 10_000, "clearing requests and receipts never comes to an end");
        let used = Access::on_idle(number, most);
        assert!(used.all_lte(most));
        let swept = pallet_access::Swept::<Runtime>::get();
        if swept.waiting == 0 || u64::from(swept.next) > minute {
            break;
        }
    }
}

/// All that an account has, held or not.
pub fn balance(who: &medrec_runtime::AccountId) -> u128 {
    <Balances as Inspect<_>>::total_balance(who)
}
