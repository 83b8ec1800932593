//! The delay that nobody can vote away.

use core::marker::PhantomData;

use frame_support::traits::{Contains, EnsureOrigin};

use crate::{constants::SCHEDULING_DELAY, RuntimeCall, RuntimeOrigin, System};

/// Lets pass what `Inner` lets pass, but only while the scheduler works off its agenda, which is before any extrinsic
/// of the block.
///
/// Together with [`SchedulesWithDelay`] this means: scheduled by a vote, at least [`SCHEDULING_DELAY`] blocks ago.
pub struct Scheduled<Inner>(PhantomData<Inner>);

impl<Inner: EnsureOrigin<RuntimeOrigin>> EnsureOrigin<RuntimeOrigin> for Scheduled<Inner> {
    type Success = Inner::Success;

    fn try_origin(origin: RuntimeOrigin) -> Result<Self::Success, RuntimeOrigin> {
        if System::inherents_applied() {
            return Err(origin);
        }
        Inner::try_origin(origin)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
        Inner::try_successful_origin()
    }
}

/// Refuses to schedule anything earlier than [`SCHEDULING_DELAY`] blocks ahead. Root is above call filters.
pub struct SchedulesWithDelay;

impl Contains<RuntimeCall> for SchedulesWithDelay {
    fn contains(call: &RuntimeCall) -> bool {
        use pallet_scheduler::Call::{schedule, schedule_after, schedule_named, schedule_named_after};

        match call {
            RuntimeCall::Scheduler(schedule { when, .. } | schedule_named { when, .. }) => {
                *when >= System::block_number().saturating_add(SCHEDULING_DELAY)
            }
            RuntimeCall::Scheduler(schedule_after { after, .. } | schedule_named_after { after, .. }) => {
                *after >= SCHEDULING_DELAY
            }
            _ => true,
        }
    }
}
