use medrec_primitives::AccountId;
use sp_core::H256;

use crate::{
    sealed::{open_answer, seal_answer, split_key, with_key, Envelope, SealedContext, PADDING},
    SealingSecret,
};

fn envelope(body: &str) -> Envelope {
    Envelope {
        body: body.into(),
        content_type: "application/fhir+json".into(),
        date: 5,
        signature: "s".into(),
    }
}

#[test]
fn answer_should_open_for_its_asker_in_its_place_only() {
    let (secret, asker) = (SealingSecret::generate(), AccountId::new([1; 32]));
    let context = SealedContext {
        genesis: H256::zero(),
        member: 0,
        target: "/fhir/Patient/r0-0",
        asker: &asker,
        status: 200,
    };
    let sealed = seal_answer(&envelope("{}"), &secret.public(), &context).unwrap();
    assert_eq!(open_answer(sealed.as_bytes(), &secret, &context).unwrap(), envelope("{}"));
    assert!(open_answer(sealed.as_bytes(), &SealingSecret::generate(), &context).is_err());
    let other = AccountId::new([2; 32]);
    for wrong in [
        SealedContext { genesis: H256::repeat_byte(1), ..context },
        SealedContext { member: 1, ..context },
        SealedContext { target: "/fhir/Patient/r0-1", ..context },
        SealedContext { asker: &other, ..context },
        SealedContext { status: 404, ..context },
    ] {
        assert!(open_answer(sealed.as_bytes(), &secret, &wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn answers_should_be_equally_long_when_they_differ_by_little() {
    let (secret, asker) = (SealingSecret::generate(), AccountId::new([1; 32]));
    let context = SealedContext { genesis: H256::zero(), member: 0, target: "/", asker: &asker, status: 200 };
    let length = |body: &str| seal_answer(&envelope(body), &secret.public(), &context).unwrap().len();
    assert_eq!(length("{}"), length(&"x".repeat(PADDING / 2)));
    assert!(length("{}") < length(&"x".repeat(2 * PADDING)));
}

#[test]
fn key_should_be_split_from_a_query_when_there_is_one() {
    let key = [0xab; 32];
    let digits = "ab".repeat(32);
    assert_eq!(with_key("/fhir/Patient/r0-3", &key), format!("/fhir/Patient/r0-3?_sealed={digits}"));
    assert_eq!(split_key(&format!("code=1&_sealed={digits}&x=2")), Ok(("code=1&x=2".into(), Some(key))));
    assert_eq!(split_key(&format!("_sealed={digits}")), Ok((String::new(), Some(key))));
    assert_eq!(split_key("code=1"), Ok(("code=1".into(), None)));
    for odd in [
        "_sealed=",
        "_sealed=0xab",
        &format!("_sealed={digits}&_sealed={digits}"),
        &format!("_sealed={}", digits.to_uppercase()),
    ] {
        assert!(split_key(odd).is_err(), "{odd}");
    }
}
