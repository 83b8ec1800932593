//! Fills the state with accounts and relationships.

use frame_support::traits::fungible::Mutate;
use medrec_primitives::MemberRole;
use medrec_runtime::{
    configs::governance::CouncilCollective, AccountId, Balances, Runtime, RuntimeCall, RuntimeOrigin,
};
use pallet_collective::RawOrigin;
use sp_keyring::Sr25519Keyring;
use sp_runtime::traits::Dispatchable;

use super::{actors, blocks::Chain};

/// How many are set up in one block.
const STEP: u32 = 1_000;

/// What every payer has (plancks).
const FUNDS: u128 = 1_000_000_000_000_000;

/// Who signs for the provider.
pub fn provider() -> sp_core::sr25519::Pair {
    Sr25519Keyring::Dave.pair()
}

/// A chain with one admitted provider, whose deposit account can cover `relationships` of them.
pub fn with_provider(relationships: u32) -> Chain {
    let mut chain = Chain::new();
    chain.prepare(|| {
        let apply = pallet_registry::Call::<Runtime>::apply {
            role: MemberRole::Provider,
            name: bounded(b"Benchmark Hospital"),
            url: bounded(b"https://gatekeeper.example"),
            gatekeeper: actors::account(&actors::key("gatekeeper", 0)),
            sealing_key: [7; 32],
        };
        dispatch(RuntimeOrigin::signed(actors::account(&provider())), apply.into());
        let admit = pallet_registry::Call::<Runtime>::admit { member: actors::MEMBER };
        dispatch(RawOrigin::<AccountId, CouncilCollective>::Members(3, 3).into(), admit.into());
        let each = <Runtime as pallet_relationships::Config>::RecordDeposit::get()
            + <Runtime as pallet_relationships::Config>::UseDeposit::get();
        let deposits = pallet_relationships::Pallet::<Runtime>::deposit_account(actors::MEMBER);
        mint(&deposits, each * u128::from(relationships + 1));
    });
    chain
}

/// The same with that many payers and active relationships.
pub fn filled(count: u32) -> Chain {
    let mut chain = with_provider(count);
    for first in (0..count).step_by(STEP as usize) {
        chain.prepare(|| {
            for index in first..count.min(first + STEP) {
                mint(&actors::account(&actors::payer(index)), FUNDS);
                let patient = actors::patient(index);
                dispatch(RuntimeOrigin::signed(actors::account(&provider())), actors::propose(&patient));
                dispatch(RuntimeOrigin::signed(actors::account(&patient)), actors::accept(index));
            }
        });
    }
    chain
}

fn dispatch(origin: RuntimeOrigin, call: RuntimeCall) {
    call.dispatch(origin).expect("setting up succeeds");
}

fn mint(who: &AccountId, amount: u128) {
    Balances::mint_into(who, amount).expect("an amount above the existential deposit");
}

fn bounded<T: TryFrom<Vec<u8>>>(text: &[u8]) -> T {
    T::try_from(text.to_vec()).unwrap_or_else(|_| panic!("short enough"))
}
