//! What proxies may do.

use frame_support::traits::InstanceFilter;
use medrec_primitives::Viewer;
use medrec_runtime::{configs::proxies::ProxyType, Address, Runtime, RuntimeCall};
use sp_keyring::Sr25519Keyring;

use crate::support::*;

const ALL: [ProxyType; 9] = [
    ProxyType::Any,
    ProxyType::NonTransfer,
    ProxyType::CancelProxy,
    ProxyType::Narrowing,
    ProxyType::Enrolment,
    ProxyType::Staff,
    ProxyType::Governance,
    ProxyType::Collation,
    ProxyType::Research,
];

fn transfer() -> RuntimeCall {
    pallet_balances::Call::transfer_keep_alive {
        dest: Address::Id(Sr25519Keyring::Bob.to_account_id()),
        value: 1,
    }
    .into()
}

fn revoke() -> RuntimeCall {
    pallet_permissions::Call::revoke { relationship: FIRST, grant: 0 }.into()
}

#[test]
fn proxies_should_transfer_only_when_they_may_do_anything() {
    for kind in ALL {
        assert_eq!(kind.filter(&transfer()), kind == ProxyType::Any, "{kind:?}");
    }
}

#[test]
fn narrowing_proxy_should_revoke_all_and_nothing_that_widens() {
    run(|| {
        let viewer = Viewer::Key(Sr25519Keyring::Bob.to_account_id());
        let revoke_all = pallet_permissions::Call::<Runtime>::revoke_all { relationship: FIRST, viewer };
        assert!(ProxyType::Narrowing.filter(&revoke_all.into()));
        let end = pallet_relationships::Call::<Runtime>::end { relationship: FIRST };
        assert!(ProxyType::Narrowing.filter(&end.into()));
        // Of a denial it would widen.
        assert!(!ProxyType::Narrowing.filter(&revoke()));
        assert!(!ProxyType::Narrowing.filter(&sealed_grant().into()));
        let accept = pallet_relationships::Call::<Runtime>::accept { relationship: FIRST };
        assert!(!ProxyType::Narrowing.filter(&accept.into()));
        // Keys that the proxy would then have.
        let key = Sr25519Keyring::Bob.to_account_id();
        let gatekeeper = pallet_registry::Call::<Runtime>::rotate_gatekeeper_key { gatekeeper: key.clone() };
        assert!(!ProxyType::Narrowing.filter(&gatekeeper.into()));
        let staff = pallet_registry::Call::<Runtime>::rotate_staff_key { index: 0, key };
        assert!(!ProxyType::Narrowing.filter(&staff.into()));
        // A denial about a member or a group ends where the person, or the member, leaves it.
        let leave = pallet_registry::Call::<Runtime>::remove_from_group { group: 0, member: 0 };
        assert!(!ProxyType::Narrowing.filter(&leave.into()));
        let dismiss = pallet_registry::Call::<Runtime>::remove_staff { index: 0 };
        assert!(!ProxyType::Narrowing.filter(&dismiss.into()));
    });
}

#[test]
fn supersets_should_be_honest_when_compared_on_real_calls() {
    run(|| {
        let calls: Vec<RuntimeCall> = vec![
            transfer(),
            revoke(),
            sealed_grant().into(),
            proposal(&patient(0)).into(),
            application("Somebody").into(),
            pallet_registry::Call::remove_staff { index: 0 }.into(),
            pallet_utility::Call::batch { calls: vec![] }.into(),
            pallet_session::Call::purge_keys {}.into(),
            pallet_research::Call::end_study { study: 0 }.into(),
        ];
        for left in ALL {
            for right in ALL.iter().filter(|right| left.is_superset(right)) {
                for call in calls.iter().filter(|call| right.filter(call)) {
                    assert!(left.filter(call), "{left:?} is a superset of {right:?}");
                }
            }
        }
    });
}

#[test]
fn batch_should_not_widen_a_proxy() {
    run(|| {
        let (alice, bob) = (Sr25519Keyring::Alice.pair(), Sr25519Keyring::Bob.pair());
        submit(
            &alice,
            pallet_proxy::Call::add_proxy {
                delegate: Address::Id(account(&bob)),
                proxy_type: ProxyType::Staff,
                delay: 0,
            },
        )
        .unwrap();
        let before = medrec_runtime::Balances::free_balance(account(&alice));
        submit(
            &bob,
            pallet_proxy::Call::proxy {
                real: Address::Id(account(&alice)),
                force_proxy_type: None,
                call: Box::new(pallet_utility::Call::batch_all { calls: vec![transfer()] }.into()),
            },
        )
        .unwrap();
        assert_eq!(medrec_runtime::Balances::free_balance(account(&alice)), before);
    });
}
