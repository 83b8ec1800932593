//! Who made the block, and what for.

use medrec_runtime::{Authorship, Balances, CollatorSelection, Runtime, System};
use sp_keyring::Sr25519Keyring;

use crate::support::*;

#[test]
fn author_should_be_found_by_slot_and_noted() {
    run(|| {
        let alice = Sr25519Keyring::Alice.to_account_id();
        assert_eq!(Authorship::author(), Some(alice.clone()));
        assert_eq!(
            pallet_collator_selection::LastAuthoredBlock::<Runtime>::get(&alice),
            System::block_number()
        );
    });
}

#[test]
fn author_should_be_paid_from_the_pot() {
    run(|| {
        let alice = Sr25519Keyring::Alice.to_account_id();
        submit(&hospital(), application("Dave Hospital")).unwrap();
        let pot = Balances::free_balance(CollatorSelection::account_id());
        assert!(pot > 0);
        let before = Balances::free_balance(&alice);
        next_block();
        assert!(Balances::free_balance(&alice) > before);
    });
}
