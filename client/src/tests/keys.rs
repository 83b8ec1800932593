use sp_core::crypto::Ss58Codec;

use crate::keys::{new_phrase, patient_key, KeyError, KeyPair, KeyType, PatientKeys};

const PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

/// Made with `@polkadot/keyring` 13.5.9: `new Keyring({ type }).addFromUri(uri).address`.
const ADDRESSES: [(KeyType, &str, &str, &str); 3] = [
    (
        KeyType::Sr25519,
        "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
        "5C8LySCBT1pVRTPDSSNHtkLHvrfwtBah7XT346nA4vpJD65V",
        "5He7ikQ77RE2dV1KgGmmidUCBBcXor9VpnqjUfEZs4Nbgda7",
    ),
    (
        KeyType::Ed25519,
        "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu",
        "5EYuSBv9mKFx9p4wdd7GjZ6JMZxxX1pshoT91NS2FaTSSE9r",
        "5FHNXXUvnEtMxtMpVKyVHaPdGbCSBanegzsz9TZtD1GzseK7",
    ),
    (
        KeyType::Ecdsa,
        "5C7C2Z5sWbytvHpuLTvzKunnnRwQxft1jiqrLD5rhucQ5S9X",
        "5GuRjnoC7TEaJsiV7Y7x9hDzaDyKsP9Xjq9hsHPxgQvdYHwJ",
        "5DaViJHVtt69waig3LRVBogWXbxEDpQ5MSQLMGHAYjnMVGYa",
    ),
];

#[test]
fn keys_should_be_the_wallets_when_made_of_the_same_uri() {
    for (key_type, alice, seventh, with_password) in ADDRESSES {
        let address = |key: KeyPair| key.account().to_ss58check();
        assert_eq!(address(KeyPair::from_suri("//Alice", key_type).unwrap()), alice, "{key_type}");
        assert_eq!(address(KeyPair::patient(PHRASE, 7, key_type).unwrap()), seventh, "{key_type}");
        // The wallet takes the password last, after the junctions.
        let uri = format!("{PHRASE}///secret");
        assert_eq!(address(KeyPair::patient(&uri, 7, key_type).unwrap()), with_password, "{key_type}");
        let spelled_out = format!("{PHRASE}//medrec//7///secret");
        assert_eq!(address(KeyPair::from_suri(&spelled_out, key_type).unwrap()), with_password, "{key_type}");
    }
}

#[test]
fn patient_keys_should_differ_when_numbers_differ() {
    let keys = PatientKeys::new(PHRASE, KeyType::Sr25519).unwrap();
    let accounts: std::collections::BTreeSet<_> = (0..16).map(|n| keys.key(n).unwrap().account()).collect();
    assert_eq!(accounts.len(), 16);
    assert_eq!(keys.key(3).unwrap().account(), patient_key(PHRASE, 3).unwrap().account());
}

#[test]
fn patient_key_should_be_found_when_among_those_searched() {
    let keys = PatientKeys::new(PHRASE, KeyType::Ed25519).unwrap();
    let wanted = keys.key(5).unwrap().account();
    assert_eq!(keys.find(&wanted, 8).unwrap().0, 5);
    assert!(keys.find(&wanted, 5).is_none());
}

#[test]
fn key_should_be_refused_when_derived_softly() {
    for uri in ["//Alice/soft", "//Alice/0//1", "/soft", &format!("{PHRASE}/1")] {
        for key_type in KeyType::ALL {
            assert_eq!(KeyPair::from_suri(uri, key_type).unwrap_err(), KeyError::SoftJunction, "{uri}");
            assert_eq!(KeyPair::patient(uri, 0, key_type).unwrap_err(), KeyError::SoftJunction, "{uri}");
        }
    }
    assert!(KeyError::SoftJunction.to_string().contains("//name"));
}

#[test]
fn key_should_be_refused_without_quoting_it_when_malformed() {
    let cases = [
        ("bottom drive obey", KeyError::WrongPhrase),
        ("bottom drive obey lake curtain smoke basket hold race lonely fit fit", KeyError::WrongPhrase),
        ("0x1234", KeyError::WrongSeed),
        ("0xzz", KeyError::WrongSeed),
        ("bottom, drive", KeyError::Malformed),
        ("//", KeyError::Malformed),
    ];
    for (uri, expected) in cases {
        let error = KeyPair::from_suri(uri, KeyType::Sr25519).unwrap_err();
        assert_eq!(error, expected, "{uri}");
        assert!(!error.to_string().contains("bottom") && !format!("{error:?}").contains("bottom"));
    }
}

#[test]
fn key_should_be_the_same_when_given_as_seed() {
    let seed = [7; 32];
    for key_type in KeyType::ALL {
        let by_uri = KeyPair::from_suri(&format!("0x{}", hex::encode(seed)), key_type).unwrap();
        assert_eq!(by_uri.account(), KeyPair::from_seed(&seed, key_type).unwrap().account());
    }
}

#[test]
fn secrets_should_stay_unseen_when_keys_are_debugged() {
    let seed = [0xab; 32];
    for key_type in KeyType::ALL {
        let shown = format!("{:?}", KeyPair::from_seed(&seed, key_type).unwrap());
        assert!(!shown.contains("abab"), "{shown}");
    }
    assert_eq!(format!("{:?}", PatientKeys::new(PHRASE, KeyType::Ecdsa).unwrap()), "PatientKeys(..)");
}

#[test]
fn phrase_should_be_fresh_and_usable_when_made() {
    let (one, other) = (new_phrase(), new_phrase());
    assert_ne!(*one, *other);
    assert_eq!(one.split(' ').count(), 12);
    KeyPair::from_suri(&one, KeyType::Sr25519).unwrap();
}

#[test]
fn key_type_should_return_unchanged_when_printed_and_parsed() {
    for key_type in KeyType::ALL {
        assert_eq!(key_type.to_string().parse(), Ok(key_type));
    }
    assert_eq!("SR25519".parse::<KeyType>(), Err(KeyError::UnknownType));
}
