//! What other chains may not do here.

use frame_support::weights::Weight;
use medrec_runtime::{
    configs::xcm::{Barrier, XcmConfig},
    RuntimeCall,
};
use sp_keyring::Sr25519Keyring;
use xcm::latest::prelude::*;
use xcm_executor::traits::{ConvertOrigin, Properties, ShouldExecute};

use crate::support::*;

fn is_let_in(origin: Location, message: Vec<Instruction<RuntimeCall>>) -> bool {
    let mut message = message;
    let mut properties = Properties { weight_credit: Weight::zero(), message_id: None };
    Barrier::should_execute(&origin, &mut message, Weight::MAX, &mut properties).is_ok()
}

fn paid_transact() -> Vec<Instruction<RuntimeCall>> {
    let fee: Asset = (Here, 1_000_000_000_000u128).into();
    vec![
        WithdrawAsset(fee.clone().into()),
        BuyExecution { fees: fee, weight_limit: Unlimited },
        Transact { origin_kind: OriginKind::Superuser, fallback_max_weight: None, call: vec![].into() },
    ]
}

#[test]
fn messages_should_be_refused_when_they_pay_transact_or_ask_for_free_execution() {
    run(|| {
        let free = vec![UnpaidExecution { weight_limit: Unlimited, check_origin: None }];
        for origin in [Location::parent(), Location::new(1, [Parachain(2_000)])] {
            assert!(!is_let_in(origin.clone(), paid_transact()));
            assert!(!is_let_in(origin, free.clone()));
        }
    });
}

#[test]
fn announcements_of_channels_should_be_let_in_when_from_the_relay_chain() {
    run(|| {
        let announcement = || vec![HrmpChannelAccepted { recipient: 2_000 }];
        assert!(is_let_in(Location::parent(), announcement()));
        assert!(!is_let_in(Location::new(1, [Parachain(2_000)]), announcement()));
    });
}

#[test]
fn relay_chain_should_not_be_root() {
    run(|| {
        for kind in [OriginKind::Superuser, OriginKind::Native, OriginKind::SovereignAccount, OriginKind::Xcm]
        {
            let origin = <XcmConfig as xcm_executor::Config>::OriginConverter::convert_origin(
                Location::parent(),
                kind,
            );
            if let Ok(origin) = origin {
                assert!(frame_system::ensure_root(origin.clone()).is_err());
                assert!(frame_system::ensure_signed(origin).is_err());
            }
        }
    });
}

#[test]
fn sending_should_be_refused_when_not_root() {
    run(|| {
        let send = pallet_xcm::Call::<medrec_runtime::Runtime>::send {
            dest: Box::new(Location::parent().into()),
            message: Box::new(xcm::VersionedXcm::from(Xcm(vec![ClearOrigin]))),
        };
        assert_eq!(
            submit(&Sr25519Keyring::Alice.pair(), send.clone()),
            Err(sp_runtime::DispatchError::BadOrigin)
        );
        assert_eq!(decide(send), Err(sp_runtime::DispatchError::BadOrigin));
    });
}
