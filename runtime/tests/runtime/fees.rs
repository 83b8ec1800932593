//! What those pay who pay.

use frame_support::weights::{constants::ExtrinsicBaseWeight, Weight, WeightToFee as _};
use medrec_runtime::{
    configs::fees::WeightToFee,
    constants::{EXISTENTIAL_DEPOSIT, MICRO_MDR, MILLI_MDR},
    Address, Balances, CollatorSelection,
};
use sp_keyring::Sr25519Keyring;

use crate::support::*;

#[test]
fn weight_should_cost_the_scarcer_of_time_and_proof() {
    let time = WeightToFee::weight_to_fee(&Weight::from_parts(ExtrinsicBaseWeight::get().ref_time(), 0));
    let proof = WeightToFee::weight_to_fee(&Weight::from_parts(0, 20_000));
    let both = WeightToFee::weight_to_fee(&Weight::from_parts(ExtrinsicBaseWeight::get().ref_time(), 20_000));
    assert!(time.abs_diff(100 * MICRO_MDR) <= MICRO_MDR, "{time}");
    assert!(proof.abs_diff(200 * MICRO_MDR) <= MICRO_MDR, "{proof}");
    assert_eq!(both, proof);
}

#[test]
fn transfer_should_cost_little_and_pay_the_collators() {
    run(|| {
        let (alice, bob) = (Sr25519Keyring::Alice, Sr25519Keyring::Bob);
        let before = Balances::free_balance(alice.to_account_id());
        submit(
            &alice.pair(),
            pallet_balances::Call::transfer_keep_alive {
                dest: Address::Id(bob.to_account_id()),
                value: EXISTENTIAL_DEPOSIT,
            },
        )
        .unwrap();
        let fee = before - Balances::free_balance(alice.to_account_id()) - EXISTENTIAL_DEPOSIT;
        assert!((100 * MICRO_MDR..MILLI_MDR).contains(&fee), "{fee}");
        assert_eq!(Balances::free_balance(CollatorSelection::account_id()), fee);
    });
}
