//! Bytes of transactions and of the state they add, against the goals of `DESIGN.md`, section 8.

use std::collections::BTreeMap;

use codec::Encode;
use medrec_primitives::{GrantTerms, RequestId, Viewer, DAY_MS};
use medrec_runtime::{Runtime, RuntimeCall};
use sp_core::sr25519;
use sp_keyring::Sr25519Keyring;

use crate::support::*;

/// The length of a transaction with an sr25519 signature and a mortal era, as it travels in a block.
fn length(pair: &sr25519::Pair, call: impl Into<RuntimeCall>) -> usize {
    sign(pair, call).encoded_size()
}

/// How many bytes of keys and values `after` has more than `before`, the block's own entries aside.
fn added(before: &BTreeMap<Vec<u8>, Vec<u8>>, after: &BTreeMap<Vec<u8>, Vec<u8>>) -> isize {
    let size = |state: &BTreeMap<Vec<u8>, Vec<u8>>| -> isize {
        state
            .iter()
            .filter(|(key, _)| !is_of_the_block(key))
            .map(|(key, value)| (key.len() + value.len()) as isize)
            .sum()
    };
    size(after) - size(before)
}

/// Events, weights and counters of the block, which the next block clears, and the accounts of others that pay.
fn is_of_the_block(key: &[u8]) -> bool {
    let prefix =
        |pallet: &str, item: &str| frame_support::storage::storage_prefix(pallet.as_bytes(), item.as_bytes());
    [
        "Events",
        "EventCount",
        "EventTopics",
        "BlockWeight",
        "BlockSize",
        "ExtrinsicData",
        "ExecutionPhase",
        "InherentsApplied",
    ]
    .iter()
    .any(|item| key.starts_with(&prefix("System", item)))
        || key.starts_with(b":extrinsic_index")
        || key.starts_with(b":intrablock_entropy")
}

#[test]
fn transactions_should_be_no_longer_than_the_goals() {
    run(|| {
        admit_hospital();
        let patient = patient(0);
        let propose = length(&hospital(), proposal(&patient));
        submit(&hospital(), proposal(&patient)).unwrap();
        let accept = length(&patient, pallet_relationships::Call::accept { relationship: FIRST });
        let grant = length(&patient, sealed_grant());
        let revoke = length(&patient, pallet_permissions::Call::revoke { relationship: FIRST, grant: 0 });
        println!("propose {propose} B + accept {accept} B (goal 270)");
        println!("sealed grant, until a date {grant} B (goal 330); a start date takes 8 B more");
        println!("revoke {revoke} B (goal 125)");
        assert!(propose + accept <= 270);
        assert!(grant <= 330);
        assert!(revoke <= 125);
    });
}

#[test]
fn state_should_grow_no_more_than_the_goals() {
    run(|| {
        admit_hospital();
        let (first, second) = (patient(0), patient(1));
        // The first patient pays for what all share: the provider's counter and the hold on its deposit account.
        submit(&hospital(), proposal(&first)).unwrap();
        let relationship = medrec_primitives::RelationshipId::new(0, 1);

        let before = storage();
        submit(&hospital(), proposal(&second)).unwrap();
        submit(&second, pallet_relationships::Call::accept { relationship }).unwrap();
        let accepted = storage();

        let RuntimeCall::Permissions(pallet_permissions::Call::grant {
            viewer,
            terms,
            not_before,
            not_after,
            may_share,
            ..
        }) = RuntimeCall::from(sealed_grant())
        else {
            unreachable!("a grant is a grant")
        };
        submit(
            &second,
            pallet_permissions::Call::grant { relationship, viewer, terms, not_before, not_after, may_share },
        )
        .unwrap();
        let granted = storage();
        submit(&second, pallet_permissions::Call::revoke { relationship, grant: 0 }).unwrap();
        let revoked = storage();

        let (of_relationship, of_grant) = (added(&before, &accepted), added(&accepted, &granted));
        let of_revoked = added(&accepted, &revoked);
        println!("relationship with the patient's account: {of_relationship} B (goal 400)");
        println!("sealed grant: {of_grant} B (goal 300)");
        println!("after revoke: {of_revoked} B (goal 0)");
        assert!(of_relationship <= 400, "relationship: {of_relationship}");
        assert!(of_grant <= 300, "sealed grant: {of_grant}");
        assert_eq!(of_revoked, 0);
    });
}

#[test]
fn request_should_be_as_long_as_a_sealed_grant_and_leave_nothing_when_taken_back() {
    run(|| {
        let patient = enrolled_patient();
        let asker = Sr25519Keyring::Ferdie.pair();
        submit(
            &patient,
            pallet_permissions::Call::grant {
                relationship: FIRST,
                viewer: Viewer::Key(account(&asker)),
                terms: GrantTerms::Everything,
                not_before: None,
                not_after: None,
                may_share: false,
            },
        )
        .unwrap();
        let GrantTerms::Sealed(question) = sealed_terms() else { unreachable!("sealed terms are sealed") };
        let expires = pallet_timestamp::Now::<Runtime>::get() + DAY_MS;
        let request = pallet_access::Call::request { relationship: FIRST, question, expires };
        let bytes = length(&asker, request.clone());
        println!("sealed request: {bytes} B");
        assert!(bytes <= 330);

        // The first one leaves counters behind, which all share.
        submit(&asker, request.clone()).unwrap();
        submit(&asker, pallet_access::Call::cancel { request: RequestId::new(0, 0) }).unwrap();
        let before = storage();
        submit(&asker, request).unwrap();
        let asked = storage();
        submit(&asker, pallet_access::Call::cancel { request: RequestId::new(0, 1) }).unwrap();
        println!("open request: {} B", added(&before, &asked));
        assert!(added(&before, &asked) <= 600);
        assert_eq!(added(&before, &storage()), 0);
    });
}
