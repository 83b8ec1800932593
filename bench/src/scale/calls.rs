//! What one of each call takes: bytes in a block, weight, bytes of state.

use codec::Encode;
use frame_support::weights::Weight;
use medrec_runtime::{constants::SLOT_DURATION, Runtime, RuntimeCall, System};

use crate::chain::{
    actors::{accept, grant, patient, propose, revoke, sign},
    blocks::Chain,
    world,
};

/// What a call takes.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// As it travels, in a block (bytes).
    pub length: u64,
    /// Everything that the block is charged for it, once what was not used is given back. What the proof turns out smaller than at
    /// worst is not given back here, as it is on a real chain.
    pub weight: Weight,
    /// Keys and values that it adds to the state, or takes away (bytes).
    pub state: i64,
}

/// What each takes of the calls that there are many of.
#[derive(Clone, Copy, Debug)]
pub struct Calls {
    /// A provider proposes a relationship to a new key.
    pub propose: Taken,
    /// The patient accepts.
    pub accept: Taken,
    /// A grant of sealed terms, until a date.
    pub grant: Taken,
    /// The same taken back.
    pub revoke: Taken,
    /// A provider anchors an interval, after it has anchored one before.
    pub anchor: Taken,
}

/// Makes one of each.
pub fn measure() -> Calls {
    let mut chain = world::with_provider(3);
    // The first of each pays for what all share: counters, the hold on the provider's deposit account.
    take(&mut chain, || sign(&world::provider(), propose(&patient(0))));
    take(&mut chain, || sign(&patient(0), accept(0)));
    take(&mut chain, anchor);

    let propose = take(&mut chain, || sign(&world::provider(), propose(&patient(1))));
    let accept = take(&mut chain, || sign(&patient(1), accept(1)));
    let grant = take(&mut chain, || sign(&patient(1), grant(1, 0)));
    let revoke = take(&mut chain, || sign(&patient(1), revoke(1, 0)));
    // Into the next interval.
    for _ in 0..interval_ms() / SLOT_DURATION {
        chain.prepare(|| ());
    }
    let anchor = take(&mut chain, anchor);
    Calls { propose, accept, grant, revoke, anchor }
}

/// How long an interval lasts that providers anchor (ms).
pub fn interval_ms() -> u64 {
    <<Runtime as pallet_access::Config>::AnchorInterval as frame_support::traits::Get<u64>>::get()
}

fn anchor() -> medrec_runtime::UncheckedExtrinsic {
    let ended = pallet_timestamp::Now::<Runtime>::get() / interval_ms() - 1;
    let call = pallet_access::Call::<Runtime>::anchor {
        interval: u32::try_from(ended).expect("for some tens of thousands of years"),
        records: [1; 32],
        log: [2; 32],
    };
    sign(&world::provider(), RuntimeCall::from(call))
}

fn take(chain: &mut Chain, make: impl FnOnce() -> medrec_runtime::UncheckedExtrinsic) -> Taken {
    chain.block(Vec::new);
    let empty = chain.look(|| System::block_weight().total());
    let before = size(chain);
    let mut length = 0;
    chain.block(|| {
        let transaction = make();
        length = transaction.encoded_size() as u64;
        vec![transaction]
    });
    let weight = chain.look(|| System::block_weight().total()).saturating_sub(empty);
    Taken { length, weight, state: size(chain) - before }
}

fn size(chain: &mut Chain) -> i64 {
    chain.stored().iter().map(|(key, value)| (key.len() + value.len()) as i64).sum()
}
