use medrec_primitives::{
    research::{AnswerKey, DuoPurposes, ReleaseChoice, TableKind},
    RelationshipId,
};

use super::{
    choice::{open_choice, seal_choice, ReleaseContext},
    definition::{decimal, Definition, Pattern},
    messages::{digest, part_name, AnswerBody, AnswerProblem, PartBody},
};
use crate::{sealing::SealingError, tests::GENESIS, SealingSecret};

const CONTEXT: ReleaseContext = ReleaseContext { genesis: GENESIS, relationship: RelationshipId::new(2, 7) };

fn yes() -> ReleaseChoice {
    ReleaseChoice { release: true, excluded: DuoPurposes::COMMERCIAL, until: Some(21_000) }
}

#[test]
fn choice_should_open_with_the_providers_key_in_its_place_and_nowhere_else() {
    let secret = SealingSecret::generate();
    let sealed = seal_choice(yes(), &secret.public(), 3, &CONTEXT).unwrap();
    assert_eq!(sealed.key, 3);
    assert_eq!(open_choice(&sealed, &secret, &CONTEXT), Ok(yes()));
    let elsewhere = ReleaseContext { relationship: RelationshipId::new(2, 8), ..CONTEXT };
    assert_eq!(open_choice(&sealed, &secret, &elsewhere), Err(SealingError::DoesNotOpen));
    let other = SealingSecret::generate();
    assert_eq!(open_choice(&sealed, &other, &CONTEXT), Err(SealingError::DoesNotOpen));
    let mut changed = sealed;
    changed.commitment[0] ^= 1;
    assert_eq!(open_choice(&changed, &secret, &CONTEXT), Err(SealingError::WrongCommitment));
}

const COUNTS: &str = r#"
version = 1
title = "Persons by diagnosis group"
resource = "Condition"
kind = "counts"
per_person = 2
ages = [0, 18, 65]
sexes = ["female", "male"]
[[group]]
title = "Diabetes mellitus"
codes = ["http://hl7.org/fhir/sid/icd-10|E10*", "http://hl7.org/fhir/sid/icd-10|E11*"]
[[group]]
title = "Hypertension"
codes = ["http://hl7.org/fhir/sid/icd-10|I10"]
"#;

const MEAN: &str = r#"
version = 1
title = "Mean HbA1c"
resource = "Observation"
kind = "mean"
codes = ["http://loinc.org|4548-4"]
unit = "%"
decimals = 1
lower = 40
upper = 120
"#;

const HISTOGRAM: &str = r#"
version = 1
title = "Length of stay"
resource = "Encounter"
kind = "histogram"
codes = ["http://terminology.hl7.org/CodeSystem/v3-ActCode|IMP"]
value = "days"
edges = [0, 2, 5, 30]
merge = "greatest"
"#;

const INCIDENTS: &str = r#"
version = 1
title = "First heart failure"
resource = "Condition"
kind = "incidents"
codes = ["http://hl7.org/fhir/sid/icd-10|I50*"]
bins = 4
"#;

#[test]
fn definition_should_be_what_the_chain_knows_the_table_as() {
    for (text, kind, names) in [
        (COUNTS, TableKind::Counts { cells: 12, per_person: 2 }, 12),
        (MEAN, TableKind::Mean { lower: 40, upper: 120 }, 2),
        (HISTOGRAM, TableKind::Histogram { cells: 3 }, 3),
        (INCIDENTS, TableKind::Incidents { bins: 4 }, 4),
    ] {
        let definition = Definition::read(text).unwrap();
        assert_eq!(definition.kind(), Some(kind));
        assert_eq!(definition.names().len(), names);
        assert_eq!(definition.text(), text);
        assert_ne!(definition.digest(), Definition::read(&format!("{text}\n")).unwrap().digest());
    }
    let names = Definition::read(COUNTS).unwrap().names();
    assert_eq!(names[3], "Diabetes mellitus, 18 to 64 years, male");
    assert_eq!(names[11], "Hypertension, 65 years or older, male");
    assert_eq!(Definition::read(HISTOGRAM).unwrap().names()[2], "5 to 30");
}

#[test]
fn definition_should_be_refused_when_something_in_it_has_no_meaning() {
    for (text, from, to) in [
        (COUNTS, "version = 1", "version = 2"),
        (COUNTS, "per_person = 2", ""),
        (COUNTS, "per_person = 2", "per_person = 13"),
        (COUNTS, "[0, 18, 65]", "[0, 65, 18]"),
        (COUNTS, "\"male\"", "\"female\""),
        (COUNTS, "\"male\"", "\"man\""),
        (COUNTS, "|I10", "|I*0"),
        (COUNTS, "http://hl7.org/fhir/sid/icd-10|I10", "I10"),
        (COUNTS, "per_person = 2", "per_person = 2\nbins = 3"),
        (COUNTS, "kind = \"counts\"", "kind = \"median\""),
        (MEAN, "unit = \"%\"", ""),
        (MEAN, "lower = 40", "lower = 120"),
        (MEAN, "upper = 120", ""),
        (MEAN, "decimals = 1", "decimals = 10"),
        (MEAN, "kind = \"mean\"", "kind = \"sum\""),
        (MEAN, "codes = [\"http://loinc.org|4548-4\"]", "codes = []"),
        (MEAN, "decimals = 1", "decimal = 1"),
        (HISTOGRAM, "[0, 2, 5, 30]", "[0]"),
        (HISTOGRAM, "[0, 2, 5, 30]", "[0, 5, 2, 30]"),
        (HISTOGRAM, "merge = \"greatest\"", "unit = \"d\""),
        (INCIDENTS, "bins = 4", "bins = 0"),
        (INCIDENTS, "bins = 4", "bins = 4\nrows = \"so-far\""),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(Definition::read(&text.replace(from, to)).is_err(), "{from} -> {to}");
    }
}

#[test]
fn pattern_should_match_its_codes_only() {
    let pattern = |text: &str| Pattern::try_from(text.to_owned()).unwrap();
    assert!(pattern("s|E11*").matches("s", "E11.9") && pattern("s|E11*").matches("s", "E11"));
    assert!(!pattern("s|E11*").matches("t", "E11.9") && !pattern("s|E11*").matches("s", "e11"));
    assert!(pattern("s|E11").matches("s", "E11") && !pattern("s|E11").matches("s", "E11.9"));
    assert!(pattern("s|*").matches("s", "anything"));
    for text in ["", "s", "|E11", "s|", "s|E 1", "s|a|b"] {
        assert!(Pattern::try_from(text.to_owned()).is_err(), "{text}");
    }
}

#[test]
fn decimal_should_show_units_as_people_write_them() {
    assert_eq!(
        ["65", "-6.5", "0.05", "-0.5"],
        [decimal(65, 0).as_str(), &decimal(-65, 1), &decimal(5, 2), &decimal(-5, 1)]
    );
}

#[test]
fn answer_should_be_believed_when_it_is_what_was_committed_to_and_not_otherwise() {
    let key = AnswerKey { provider: 1, table: 2, epoch: 3 };
    let (kind, rho, salt) = (TableKind::Histogram { cells: 2 }, 1_000, [9; 32]);
    let numbers = vec![vec![12], vec![-3, i128::MAX]];
    let commitment = digest(GENESIS, key, &salt, &numbers);
    let planned = kind.parts(rho).unwrap();
    let parts = planned.iter().flatten().zip(&numbers).map(|(part, numbers)| PartBody {
        part: part_name(part.kind).into(),
        numbers: numbers.iter().map(ToString::to_string).collect(),
        variance: ["1".into(), "1".into()],
    });
    let body = AnswerBody {
        version: 1,
        provider: 1,
        table: 2,
        epoch: 3,
        rho,
        definition: String::new(),
        salt: hex::encode(salt),
        parts: parts.collect(),
    };
    let verified = |body: &AnswerBody| body.verified(GENESIS, key, kind, rho, &commitment);
    assert_eq!(verified(&body), Ok(numbers));
    let mut other = body.clone();
    other.parts[1].numbers[0] = "-4".into();
    assert_eq!(verified(&other), Err(AnswerProblem::OtherNumbers));
    let mut other = body.clone();
    other.parts[1].numbers.pop();
    assert_eq!(verified(&other), Err(AnswerProblem::OtherParts));
    let mut other = body.clone();
    other.parts[0].numbers[0] = "+12".into();
    assert_eq!(verified(&other), Err(AnswerProblem::Form));
    assert_eq!(verified(&AnswerBody { epoch: 4, ..body.clone() }), Err(AnswerProblem::OtherAnswer));
    assert_eq!(verified(&AnswerBody { salt: "00".into(), ..body }), Err(AnswerProblem::Form));
}

proptest::proptest! {
    /// Researchers read definitions that strangers wrote.
    #[test]
    fn definition_should_be_read_or_refused_whatever_it_holds(
        which in 0usize..4, at in 0usize..400, changed in "[\\PC]{0,12}|[0-9\\[\\],*|.\"=-]{0,12}"
    ) {
        let text = [COUNTS, MEAN, HISTOGRAM, INCIDENTS][which];
        let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let text = format!("{}{changed}{}", &text[..at], &text[at..]);
        if let Ok(definition) = Definition::read(&text) {
            let width = definition.kind().map(|kind| usize::from(kind.width()));
            proptest::prop_assert_eq!(width, Some(definition.names().len()));
        }
    }
}
