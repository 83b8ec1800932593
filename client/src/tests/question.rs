use medrec_policy::purpose::Purpose;
use medrec_primitives::{RelationshipId, SealedQuestion};
use sp_core::H256;

use crate::{
    question::{
        answer_digest, open_question, seal_question, Question, QuestionContext, QuestionError,
        MAX_QUESTION_BYTES,
    },
    sealing::{SealingError, SealingSecret},
    tests::GENESIS,
};

fn secret() -> SealingSecret {
    SealingSecret::from_bytes([7; 32])
}

fn context() -> QuestionContext {
    QuestionContext {
        genesis: GENESIS,
        relationship: RelationshipId::new(3, 17),
        asker: [0x22; 32].into(),
        expires: 1_800_000_000_000,
    }
}

fn question() -> Question {
    "TREAT Observation?category=laboratory".parse().unwrap()
}

fn sealed() -> SealedQuestion {
    seal_question(&question(), &secret().public(), 2, &context()).unwrap()
}

#[test]
fn question_should_be_read_when_in_its_one_form() {
    let search = question();
    assert_eq!((search.purpose, search.resource_type.as_str()), (Purpose::Treatment, "Observation"));
    assert_eq!((search.id, search.query.as_str()), (None, "category=laboratory"));
    let read: Question = "TREAT Observation/r0-3.0a0b?_elements=code".parse().unwrap();
    assert_eq!((read.id.as_deref(), read.query.as_str()), (Some("r0-3.0a0b"), "_elements=code"));
    for text in ["TREAT Patient", "PATRQT AuditEvent", "TREAT Patient/r0-3"] {
        assert_eq!(text.parse::<Question>().unwrap().to_string(), text);
    }
}

#[test]
fn question_should_be_refused_when_anything_is_odd() {
    for text in [
        "",
        "TREAT",
        "TREAT ",
        "treat Patient",
        "CURIOSITY Patient",
        " TREAT Patient",
        "TREAT  Patient",
        "TREAT Patient?",
        "TREAT Patient/",
        "TREAT /r0-3",
        "TREAT Patient/r0-3/x",
        "TREAT Patient/../x",
        "TREAT Patient?a=b?c",
        "TREAT Patient?a=b#c",
        "TREAT Patient?a=b c",
        "TREAT Pati\u{e9}nt",
        "TREAT Patient\nTREAT",
    ] {
        assert_eq!(text.parse::<Question>(), Err(QuestionError::Malformed), "{text}");
    }
    let longest = format!("TREAT {}", "a".repeat(MAX_QUESTION_BYTES - 6));
    assert!(longest.parse::<Question>().is_ok());
    assert_eq!(format!("{longest}a").parse::<Question>(), Err(QuestionError::TooLong));
}

#[test]
fn question_should_return_unchanged_when_sealed_and_opened() {
    assert_eq!(open_question(&sealed(), &secret(), &context()), Ok(question()));
    let longest: Question = format!("TREAT {}", "a".repeat(MAX_QUESTION_BYTES - 6)).parse().unwrap();
    let sealed = seal_question(&longest, &secret().public(), 0, &context()).unwrap();
    assert_eq!(open_question(&sealed, &secret(), &context()), Ok(longest));
}

#[test]
fn question_should_not_open_when_taken_to_another_place_or_by_another_key() {
    let this = context();
    for other in [
        QuestionContext { genesis: H256([0x12; 32]), ..this.clone() },
        QuestionContext { relationship: RelationshipId::new(3, 18), ..this.clone() },
        QuestionContext { relationship: RelationshipId::new(4, 17), ..this.clone() },
        QuestionContext { asker: [0x23; 32].into(), ..this.clone() },
        QuestionContext { expires: 1_800_000_000_001, ..this.clone() },
    ] {
        assert_eq!(open_question(&sealed(), &secret(), &other), Err(SealingError::DoesNotOpen));
    }
    let other = SealingSecret::from_bytes([8; 32]);
    assert_eq!(open_question(&sealed(), &other, &this), Err(SealingError::DoesNotOpen));
    let swapped = SealedQuestion { commitment: [0; 32], ..sealed() };
    assert_eq!(open_question(&swapped, &secret(), &this), Err(SealingError::WrongCommitment));
}

#[test]
fn digest_should_change_when_salt_or_body_does() {
    let digest = answer_digest(&[1; 32], b"{}");
    assert_eq!(digest, answer_digest(&[1; 32], b"{}"));
    assert_ne!(digest, answer_digest(&[2; 32], b"{}"));
    assert_ne!(digest, answer_digest(&[1; 32], b"{ }"));
}
