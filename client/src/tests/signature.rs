use proptest::prelude::*;

use crate::{
    keys::{KeyPair, KeyType},
    signature::{verify, verify_hex, wrapped, SignatureError},
    tests::account,
};

const MESSAGE: &[u8] = b"medrec test message";

/// Made with `@polkadot/keyring` 13.5.9 of `//Alice`: `pair.sign(message)`, `pair.sign(message, { withType: true })` and
/// `pair.sign(u8aWrapBytes(message))`.
const WALLET: [(KeyType, &str, [&str; 3]); 3] = [
    (
        KeyType::Sr25519,
        "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
        [
            "0x2c42f00d3400e6f481a474e38059249a90f537fe4ba9c91a2fbe2b8057acd73cd53fb39d45364cc66a2d3311ce230bb0b59612186f59ef2e414aa4f2cb81dc8c",
            "0x01fef0f1f9b2cb14ccc0cd359e7de765cf958466a1209d1e9d742f5b0bbc18241d260e9d438356b11697f45f596427582b999387536ba560cddcb7c8defc8bfb8a",
            "0x489ca2d45dd2b66529fb88fb4238f4574fe697792f6c7568afc97037521fa278874fcac0bf9d49c875306782ad28254c2a88936450d2eaa6fb4057d70bac798b",
        ],
    ),
    (
        KeyType::Ed25519,
        "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu",
        [
            "0xa9cdd8bb82f154e83a2a53c7e9e74500ccfd8e25ba5258f158e07d8769f7d29a461ed0a8721fe0b76ca86a56ea54762d57a47c92448e90c3f899a1058401760f",
            "0x00a9cdd8bb82f154e83a2a53c7e9e74500ccfd8e25ba5258f158e07d8769f7d29a461ed0a8721fe0b76ca86a56ea54762d57a47c92448e90c3f899a1058401760f",
            "0xc078e08d9784926f91699fd25cf807197b743bcfbfd963590760d7a6493019356ae9aa49c8a07eb9e0ce3be258b5a0cd49d4276e185cf549ff991b2e7e38220c",
        ],
    ),
    (
        KeyType::Ecdsa,
        "5C7C2Z5sWbytvHpuLTvzKunnnRwQxft1jiqrLD5rhucQ5S9X",
        [
            "0x1da1043ac0a7a2c103ad7951028302ecbb279db052a6e5eb05462ca27a010f2d5eaf002e4aba1139583039c3e53fe077acbfd4ecc2f444d6891f0aeb77a57f4b00",
            "0x021da1043ac0a7a2c103ad7951028302ecbb279db052a6e5eb05462ca27a010f2d5eaf002e4aba1139583039c3e53fe077acbfd4ecc2f444d6891f0aeb77a57f4b00",
            "0xcf559b2eb980da9149a4f639640cd7798f3ce97fa5a4b506c248d5d71bb389e659794dcba9162d8a3284d05623eb972b8d5b8e844ac83bbdd61e3dd84a09216700",
        ],
    ),
];

#[test]
fn signature_should_count_when_a_wallet_made_it() {
    for (key_type, address, signatures) in WALLET {
        let account = account(address);
        for signature in signatures {
            assert_eq!(
                verify_hex(&account, Some(key_type), MESSAGE, signature),
                Ok(()),
                "{key_type} {signature}"
            );
            assert_eq!(verify_hex(&account, None, MESSAGE, signature), Ok(()), "{key_type} {signature}");
        }
    }
}

#[test]
fn signature_should_count_when_made_here_raw_or_wrapped() {
    for key_type in KeyType::ALL {
        let key = KeyPair::from_suri("//Carol", key_type).unwrap();
        for signature in [key.sign(MESSAGE), key.sign_wrapped(MESSAGE)] {
            assert_eq!(signature.key_type(), key_type);
            assert_eq!(verify(&key.account(), Some(key_type), MESSAGE, signature.as_bytes()), Ok(()));
            assert_eq!(verify_hex(&key.account(), None, MESSAGE, &signature.to_hex()), Ok(()));
        }
    }
}

#[test]
fn signature_should_not_count_when_any_byte_is_flipped() {
    for (_, address, signatures) in WALLET {
        let account = account(address);
        for signature in signatures {
            let bytes = hex::decode(&signature[2..]).unwrap();
            for at in 0..bytes.len() {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1;
                assert!(verify(&account, None, MESSAGE, &flipped).is_err(), "byte {at} of {signature}");
            }
        }
    }
}

#[test]
fn signature_should_not_count_when_for_another_message_or_account() {
    for (key_type, address, signatures) in WALLET {
        for signature in signatures {
            let other = KeyPair::from_suri("//Mallory", key_type).unwrap().account();
            assert_eq!(verify_hex(&other, Some(key_type), MESSAGE, signature), Err(SignatureError::Wrong));
            let account = account(address);
            assert_eq!(
                verify_hex(&account, None, b"medrec test messagE", signature),
                Err(SignatureError::Wrong)
            );
            assert_eq!(verify_hex(&account, None, b"", signature), Err(SignatureError::Wrong));
        }
    }
}

#[test]
fn signature_should_not_count_when_of_another_key_type() {
    let sr25519 = account(WALLET[0].1);
    assert_eq!(
        verify_hex(&sr25519, Some(KeyType::Ed25519), MESSAGE, WALLET[0].2[0]),
        Err(SignatureError::Wrong)
    );
    assert_eq!(
        verify_hex(&sr25519, Some(KeyType::Ecdsa), MESSAGE, WALLET[0].2[0]),
        Err(SignatureError::WrongLength)
    );
    let ecdsa = account(WALLET[2].1);
    assert_eq!(
        verify_hex(&ecdsa, Some(KeyType::Sr25519), MESSAGE, WALLET[2].2[0]),
        Err(SignatureError::WrongLength)
    );
}

#[test]
fn signature_should_not_count_when_wrapped_twice() {
    let key = KeyPair::from_suri("//Carol", KeyType::Sr25519).unwrap();
    let twice = key.sign(&wrapped(&wrapped(MESSAGE)));
    assert_eq!(verify(&key.account(), None, MESSAGE, twice.as_bytes()), Err(SignatureError::Wrong));
}

#[test]
fn signature_should_be_refused_when_not_hex() {
    let alice = account(WALLET[0].1);
    for text in ["", "0", "2c42", "0x2", "0xzz", "0X2c42"] {
        assert_eq!(verify_hex(&alice, None, MESSAGE, text), Err(SignatureError::NotHex), "{text}");
    }
    assert_eq!(verify_hex(&alice, None, MESSAGE, "0x"), Err(SignatureError::WrongLength));
}

proptest! {
    #[test]
    fn signature_should_never_count_when_random(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        for (key_type, address, _) in WALLET {
            prop_assert!(verify(&account(address), Some(key_type), MESSAGE, &bytes).is_err());
            prop_assert!(verify(&account(address), None, MESSAGE, &bytes).is_err());
        }
    }

    #[test]
    fn signature_hex_should_never_panic_when_arbitrary(text in ".{0,160}") {
        prop_assert!(verify_hex(&account(WALLET[0].1), None, MESSAGE, &text).is_err());
    }
}
