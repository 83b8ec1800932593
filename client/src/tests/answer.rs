use proptest::prelude::*;
use sp_core::H256;

use crate::{
    answer::{Answer, AnswerError, AnswerSignature},
    tests::{account, alice, bob, mutations, ALICE, BOB, GENESIS},
};

const BODY: &[u8] = br#"{"resourceType":"Bundle"}"#;

fn with<T>(act: impl FnOnce(Answer<'_>) -> T) -> T {
    let asker = account(BOB);
    act(Answer {
        genesis: GENESIS,
        member: 3,
        target: "/fhir/Observation?patient=r3-17",
        asker: &asker,
        status: 200,
        body: BODY,
        date: 1_795_359_845_000,
    })
}

#[test]
fn answer_should_be_this_text_when_signed() {
    let expected = "medrec-answer-v1\n\
        0x1111111111111111111111111111111111111111111111111111111111111111\n\
        3\n\
        /fhir/Observation?patient=r3-17\n\
        5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty\n\
        200\n\
        397c79e6ce479194f75f390584db99271bf14440c24cb11200db8694f4e9f254\n\
        1795359845000";
    with(|answer| assert_eq!(answer.message(), expected));
}

#[test]
fn answer_should_count_when_the_gatekeeper_signed_it() {
    with(|answer| {
        let signature = answer.sign(&alice());
        assert_eq!(AnswerSignature::parse(&signature.to_string()), Ok(signature.clone()));
        assert_eq!(answer.verify(&account(ALICE), &signature), Ok(()));
    });
}

#[test]
fn answer_should_not_count_when_any_part_differs() {
    with(|answer| {
        let signature = answer.sign(&alice());
        let other_asker = account(ALICE);
        for other in [
            Answer { genesis: H256([0x12; 32]), ..answer },
            Answer { member: 4, ..answer },
            Answer { target: "/fhir/Observation?patient=r3-18", ..answer },
            Answer { asker: &other_asker, ..answer },
            Answer { status: 404, ..answer },
            Answer { body: b"{}", ..answer },
            Answer { date: answer.date + 1, ..answer },
        ] {
            let refused = other.verify(&account(ALICE), &signature);
            assert!(matches!(refused, Err(AnswerError::Signature(_))), "{other:?}");
        }
    });
}

#[test]
fn answer_should_not_count_when_another_key_signed_it() {
    with(|answer| {
        let by_bob = answer.sign(&bob());
        assert_eq!(answer.verify(&account(ALICE), &by_bob), Err(AnswerError::OtherKey));
        let pretended = AnswerSignature { account: account(ALICE), ..by_bob };
        assert!(matches!(answer.verify(&account(ALICE), &pretended), Err(AnswerError::Signature(_))));
    });
}

#[test]
fn header_should_be_refused_or_differ_when_any_character_changes() {
    let header = with(|answer| answer.sign(&alice())).to_string();
    for changed in mutations(&header) {
        if let Ok(parsed) = AnswerSignature::parse(&changed) {
            assert_eq!(parsed.to_string(), changed);
            with(|answer| assert!(answer.verify(&account(ALICE), &parsed).is_err(), "{changed}"));
        }
    }
}

proptest! {
    #[test]
    fn header_should_never_panic_when_arbitrary(text in "(?s).{0,200}") {
        prop_assert_eq!(AnswerSignature::parse(&text), Err(AnswerError::Malformed));
        let with_account = format!("account=\"{ALICE}\",signature=\"0x{text}");
        if let Ok(parsed) = AnswerSignature::parse(&with_account) {
            prop_assert_eq!(parsed.to_string(), with_account);
        }
    }
}
