//! What chains start from.

use frame_support::traits::GetCallMetadata;
use medrec_runtime::{genesis, ParachainInfo, Registry, Runtime, RuntimeCall};
use sp_keyring::Sr25519Keyring;

use crate::support::*;

#[test]
fn presets_should_build() {
    assert_eq!(genesis::preset_names().len(), 2);
    for name in genesis::preset_names() {
        genesis_ext(name.as_ref()).execute_with(|| {
            assert_eq!(u32::from(ParachainInfo::parachain_id()), genesis::DEVELOPMENT_PARA_ID);
            let council = seats();
            assert_eq!(council.len(), 3);
            for member in [Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie] {
                assert!(council.contains(&member.to_account_id()));
            }
            assert_eq!(Registry::members(0, 10), []);
            for who in ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"] {
                let who: Sr25519Keyring = who.parse().unwrap();
                let balance = medrec_runtime::Balances::free_balance(who.to_account_id());
                assert!(balance >= 1_000 * medrec_runtime::constants::MDR);
            }
        });
    }
}

#[test]
fn presets_should_have_the_collators_that_they_say() {
    for (name, collators) in [
        ("development", vec![Sr25519Keyring::Alice]),
        ("local_testnet", vec![Sr25519Keyring::Alice, Sr25519Keyring::Bob]),
    ] {
        genesis_ext(name).execute_with(|| {
            let authorities = pallet_aura::Authorities::<Runtime>::get();
            assert_eq!(authorities.len(), collators.len());
            assert!(collators.iter().all(|key| authorities.contains(&key.public().into())));
            let invulnerables = pallet_collator_selection::Invulnerables::<Runtime>::get();
            assert_eq!(invulnerables.len(), collators.len());
            assert_eq!(pallet_collator_selection::DesiredCandidates::<Runtime>::get(), 0);
        });
    }
}

#[test]
fn preset_should_be_none_when_unknown() {
    assert_eq!(genesis::get_preset(&"staging".into()), None);
}

#[test]
fn runtime_should_have_no_superuser() {
    for pallet in RuntimeCall::get_module_names() {
        assert!(!pallet.to_lowercase().contains("sudo"));
    }
}
