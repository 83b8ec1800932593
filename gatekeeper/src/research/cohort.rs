//! Who counts: who released at the snapshot and still does.
//!
//! A person is a record number. A person counts if all of its relationships here that are not over release, for all purposes of the
//! table, in the state of the snapshot, in the last finalised state and in every unfinalised one that is known: a release waits for
//! finality, and taking it back works when it is first seen. What does not open releases nothing, and a withdrawal at the gatekeeper
//! beats whatever is on chain.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use medrec_client::{
    chain::research::Standing,
    research::choice::{open_choice, ReleaseContext},
    SealingSecret,
};
use medrec_primitives::{
    research::{DuoPurposes, ReleaseChoice},
    MemberId, Moment, RelationshipId, RelationshipStatus, SealedTerms, DAY_MS,
};

use crate::{
    chain::Hash,
    mapping::{model::NumberType, Mapping},
    store::research::BoundPatient,
};

/// A person in a cohort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The record number.
    pub record: String,
    /// Its relationships here that release.
    pub relationships: Vec<u32>,
}

/// What holds in one state that counts.
pub(crate) struct Snapshot {
    /// The time by which choices are judged (ms).
    pub(crate) now: Moment,
    /// Where the patients' relationships stand, in the order of the patients.
    pub(crate) standings: Vec<Option<Standing>>,
}

/// Opens choices with the provider's secrets.
#[derive(Clone)]
pub(crate) struct Opener {
    pub(crate) genesis: Hash,
    pub(crate) member: MemberId,
    /// By the number under which the chain knows their public keys.
    pub(crate) secrets: Vec<SealingSecret>,
}

impl Opener {
    fn open(&self, index: u32, sealed: &SealedTerms) -> ReleaseChoice {
        let relationship = RelationshipId::new(self.member, index);
        let context = ReleaseContext { genesis: self.genesis, relationship };
        self.secrets
            .get(usize::from(sealed.key))
            .and_then(|secret| open_choice(sealed, secret, &context).ok())
            .unwrap_or_default()
    }
}

/// What a relationship says of its person.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    /// It releases.
    Yes,
    /// It does not: nothing of the person counts.
    No,
    /// It is over, or has not begun: it says nothing.
    Nothing,
}

/// Everybody who counts in a table for these purposes, in the order of record numbers.
pub(crate) fn cohort(
    opener: &Opener,
    patients: &[BoundPatient],
    states: &[Snapshot],
    withdrawn: &BTreeSet<u32>,
    purposes: DuoPurposes,
    form: impl Fn(&str) -> String,
) -> Vec<Person> {
    let mut persons: BTreeMap<String, Option<Person>> = BTreeMap::new();
    for (place, patient) in patients.iter().enumerate() {
        let says = match withdrawn.contains(&patient.index) {
            true => Says::No,
            false => says(opener, patient, place, states, purposes),
        };
        if says == Says::Nothing {
            continue;
        }
        let person = persons
            .entry(form(&patient.record))
            .or_insert_with(|| Some(Person { record: patient.record.clone(), relationships: Vec::new() }));
        match (says, person.as_mut()) {
            (Says::Yes, Some(person)) => person.relationships.push(patient.index),
            _ => *person = None,
        }
    }
    persons.into_values().flatten().collect()
}

fn says(
    opener: &Opener,
    patient: &BoundPatient,
    place: usize,
    states: &[Snapshot],
    purposes: DuoPurposes,
) -> Says {
    let mut opened: HashMap<[u8; 32], ReleaseChoice> = HashMap::new();
    let (mut yes, mut over) = (!states.is_empty(), !states.is_empty());
    for state in states {
        let standing = state.standings.get(place).and_then(Option::as_ref);
        let live = standing.filter(|standing| {
            !matches!(standing.status, RelationshipStatus::Proposed | RelationshipStatus::Ended)
        });
        let Some(standing) = live else {
            yes = false;
            continue;
        };
        over = false;
        let active = standing.status == RelationshipStatus::Active && standing.patient == patient.account;
        let choice = match (&standing.choice, active) {
            (Some(sealed), true) => {
                *opened.entry(sealed.commitment).or_insert_with(|| opener.open(patient.index, sealed))
            }
            _ => ReleaseChoice::default(),
        };
        let day = u32::try_from(state.now / DAY_MS).unwrap_or(u32::MAX);
        yes &= choice.releases_for(purposes, day);
    }
    match (yes, over) {
        (true, _) => Says::Yes,
        (false, true) => Says::Nothing,
        (false, false) => Says::No,
    }
}

/// Record numbers that stand for the same rows in any of the mapping's tables get one form, so that nobody counts twice.
pub(crate) fn form_of(mapping: &Mapping) -> impl Fn(&str) -> String {
    let kinds: Vec<NumberType> = mapping.resources().iter().map(|map| map.number_type).collect();
    move |record: &str| {
        let mut form = record.to_owned();
        if kinds.contains(&NumberType::Char) {
            form.truncate(form.trim_end_matches(' ').len());
        }
        if kinds.contains(&NumberType::Uuid) {
            form.make_ascii_lowercase();
        }
        form
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use medrec_client::research::choice::seal_choice;
    use medrec_primitives::AccountId;

    use super::*;

    const PURPOSES: DuoPurposes = DuoPurposes::BIOMEDICAL;
    const NOW: Moment = 20_000 * DAY_MS;

    fn opener() -> Opener {
        Opener { genesis: Hash::zero(), member: 0, secrets: vec![SealingSecret::from_bytes([7; 32])] }
    }

    fn key(index: u32) -> AccountId {
        [index as u8; 32].into()
    }

    fn sealed(index: u32, choice: ReleaseChoice) -> SealedTerms {
        let context = ReleaseContext { genesis: Hash::zero(), relationship: RelationshipId::new(0, index) };
        seal_choice(choice, &opener().secrets[0].public(), 0, &context).unwrap()
    }

    fn yes() -> ReleaseChoice {
        ReleaseChoice { release: true, ..ReleaseChoice::default() }
    }

    fn standing(index: u32, choice: ReleaseChoice) -> Option<Standing> {
        Some(Standing {
            patient: key(index),
            status: RelationshipStatus::Active,
            choice: Some(sealed(index, choice)),
        })
    }

    fn patient(index: u32, record: &str) -> BoundPatient {
        BoundPatient { index, record: record.into(), account: key(index) }
    }

    fn records(patients: &[BoundPatient], states: &[Snapshot], withdrawn: &[u32]) -> Vec<String> {
        let withdrawn = withdrawn.iter().copied().collect();
        let all =
            cohort(&opener(), patients, states, &withdrawn, PURPOSES, |record| record.trim_end().into());
        all.into_iter().map(|person| person.record).collect()
    }

    fn state(standings: Vec<Option<Standing>>) -> Snapshot {
        Snapshot { now: NOW, standings }
    }

    #[test]
    fn person_should_count_when_every_state_says_so_and_not_otherwise() {
        let one = [patient(1, "A")];
        let of = |states: Vec<Option<Standing>>| {
            records(&one, &states.into_iter().map(|standing| state(vec![standing])).collect::<Vec<_>>(), &[])
        };
        let released = || standing(1, yes());
        assert_eq!(of(vec![released(), released()]), ["A"]);
        let nobody: [&str; 0] = [];
        assert_eq!(of(vec![released(), standing(1, ReleaseChoice::default())]), nobody);
        assert_eq!(of(vec![standing(1, ReleaseChoice::default()), released()]), nobody);
        assert_eq!(of(vec![released(), None]), nobody);
        assert_eq!(of(vec![]), nobody);
        for broken in [
            Standing { choice: None, ..released().unwrap() },
            // Sealed for another relationship, or to a key that is not held.
            Standing { choice: Some(sealed(2, yes())), ..released().unwrap() },
            Standing { choice: Some(SealedTerms { key: 1, ..sealed(1, yes()) }), ..released().unwrap() },
            Standing { status: RelationshipStatus::Suspended, ..released().unwrap() },
            Standing { status: RelationshipStatus::Ended, ..released().unwrap() },
            Standing { status: RelationshipStatus::Proposed, ..released().unwrap() },
            // Another key than the one that was enrolled.
            Standing { patient: key(9), ..released().unwrap() },
        ] {
            assert_eq!(of(vec![released(), Some(broken)]), nobody);
        }
    }

    #[test]
    fn person_should_not_count_when_a_purpose_is_excluded_or_the_choice_is_over() {
        let of = |choice| records(&[patient(1, "A")], &[state(vec![standing(1, choice)])], &[]).len();
        assert_eq!(of(ReleaseChoice { excluded: DuoPurposes::COMMERCIAL, ..yes() }), 1);
        assert_eq!(of(ReleaseChoice { excluded: PURPOSES, ..yes() }), 0);
        assert_eq!(of(ReleaseChoice { until: Some(20_001), ..yes() }), 1);
        assert_eq!(of(ReleaseChoice { until: Some(20_000), ..yes() }), 0);
    }

    #[test]
    fn person_should_count_once_and_only_if_all_of_its_relationships_release() {
        let two = [patient(1, "A"), patient(2, "A  "), patient(3, "B")];
        let of = |second: Option<Standing>, withdrawn: &[u32]| {
            records(&two, &[state(vec![standing(1, yes()), second, standing(3, yes())])], withdrawn)
        };
        assert_eq!(of(standing(2, yes()), &[]), ["A", "B"]);
        assert_eq!(of(standing(2, ReleaseChoice::default()), &[]), ["B"]);
        // One that is over says nothing any more; one that was withdrawn here speaks for the person.
        let over = Standing { status: RelationshipStatus::Ended, ..standing(2, yes()).unwrap() };
        assert_eq!(of(Some(over), &[]), ["A", "B"]);
        assert_eq!(of(standing(2, yes()), &[2]), ["B"]);
        assert_eq!(of(standing(2, yes()), &[1, 2, 3]).len(), 0);
    }
}
