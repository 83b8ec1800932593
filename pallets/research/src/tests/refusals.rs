//! Who is refused: every call by every origin that may not make it.

use frame_support::traits::GetCallName;
use medrec_primitives::{
    research::{ClaimId, DuoPurposes, StudyId},
    RelationshipId, DAY_MS,
};
use sp_runtime::DispatchError;

use crate::{mock::*, Call, Claims, Error, Event, Ledgers, NextStudy, NextTable, Rounds};

type Refused = Error<Test>;
type Member = pallet_registry::Error<Test>;

/// Who makes a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Maker {
    /// A researcher's account.
    Researcher,
    /// A researcher's account, or the consortium.
    Owner,
    /// The account of a collator.
    Collator,
    /// The consortium.
    Consortium,
    /// A provider's account, or its gatekeeper's key.
    Provider,
    /// The patient's side of the relationship.
    Patient,
    /// Whoever pays.
    Anyone,
}

/// Every call, and who makes it.
fn calls(relationship: RelationshipId, study: StudyId, claim: ClaimId) -> Vec<(Maker, Call<Test>)> {
    let answer = key(0, 0);
    let collator = account(212);
    vec![
        (Maker::Researcher, Call::register_collator { key: account(220) }),
        (Maker::Consortium, Call::approve_collator { key: collator.clone() }),
        (Maker::Owner, Call::remove_collator { key: collator }),
        (
            Maker::Researcher,
            Call::propose_study {
                purposes: DuoPurposes::BIOMEDICAL,
                protocol: [1; 32],
                until: now() + DAY_MS,
            },
        ),
        (Maker::Consortium, Call::approve_study { study }),
        (Maker::Owner, Call::end_study { study }),
        (Maker::Researcher, Call::set_bounty_study { study: Some(study) }),
        (
            Maker::Provider,
            Call::publish_plan {
                starts: now(),
                tables: vec![table(5_000, 100)].try_into().unwrap(),
                bounty: None,
            },
        ),
        (Maker::Provider, Call::withdraw_table { table: 0 }),
        (Maker::Patient, Call::set_release { relationship, choice: choice(1) }),
        (
            Maker::Provider,
            Call::place_releases { choices: vec![(relationship.index, choice(2))].try_into().unwrap() },
        ),
        (Maker::Researcher, Call::claim { study, answer }),
        (Maker::Anyone, Call::draw { steps: 1 }),
        (Maker::Provider, Call::commit { table: 0, epoch: 0, commitment: [8; 32] }),
        (Maker::Provider, Call::declare_lost { table: 0, epoch: 0 }),
        (Maker::Anyone, Call::close_claim { claim }),
        (Maker::Researcher, Call::dispute { claim, grounds: [4; 32] }),
        (Maker::Consortium, Call::resolve { claim, upheld: true }),
        (Maker::Collator, Call::accept_researcher { researcher: 1 }),
    ]
}

/// A study, a claim that is granted, and a patient.
fn all() -> Vec<(Maker, Call<Test>)> {
    let study = ready();
    let claim = granted(study, key(0, 0));
    calls(patient(50), study, claim)
}

#[test]
fn calls_should_be_refused_when_the_origin_is_no_signer_and_not_the_consortium() {
    run(|| {
        let calls = all();
        let mut names: Vec<_> = calls.iter().map(|(_, call)| call.get_call_name()).collect();
        names.sort_unstable();
        let mut every = Call::<Test>::get_call_names().to_vec();
        every.sort_unstable();
        assert_eq!(names, every, "no call is left out");
        for (maker, call) in calls {
            refused(call.clone(), RuntimeOrigin::none(), DispatchError::BadOrigin);
            if !matches!(maker, Maker::Consortium | Maker::Owner) {
                refused(call, RuntimeOrigin::root(), DispatchError::BadOrigin);
            }
        }
    });
}

#[test]
fn calls_should_be_refused_when_the_signer_is_nobody_or_another() {
    run(|| {
        for (maker, call) in all() {
            // A stranger, a patient's key, a researcher's account, a provider's, its gatekeeper's key, one of its collators.
            for who in [9, 50, 2, 1, 101, 212] {
                let member = matches!(who, 1 | 2);
                match maker {
                    Maker::Consortium => refused(call.clone(), signed(who), DispatchError::BadOrigin),
                    Maker::Anyone => {}
                    Maker::Collator if who == 212 => {}
                    Maker::Collator => refused(call.clone(), signed(who), Refused::UnknownCollator),
                    // A collator may leave.
                    Maker::Owner if who == 212 && call.get_call_name() == "remove_collator" => {}
                    Maker::Patient if who != 50 => {
                        refused(call.clone(), signed(who), pallet_relationships::Error::<Test>::NotAllowed)
                    }
                    Maker::Patient => {}
                    Maker::Provider if matches!(who, 1 | 101) => {}
                    Maker::Provider if who == 2 => refused(call.clone(), signed(who), Member::WrongStatus),
                    Maker::Provider => refused(call.clone(), signed(who), Member::NotAMember),
                    Maker::Researcher | Maker::Owner if who == 2 => {}
                    Maker::Researcher | Maker::Owner if !member => {
                        refused(call.clone(), signed(who), Member::NotAMember)
                    }
                    Maker::Owner => refused(call.clone(), signed(who), Refused::NotYours),
                    Maker::Researcher => {
                        let error = match call.get_call_name() {
                            "dispute" => Refused::NotYours,
                            _ => Refused::NotAResearcher,
                        };
                        refused(call.clone(), signed(who), error)
                    }
                }
            }
        }
    });
}

#[test]
fn calls_should_be_refused_when_the_member_is_suspended() {
    run(|| {
        let calls = all();
        for member in [0, 1] {
            Registry::suspend(RuntimeOrigin::root(), member).unwrap();
        }
        for (maker, call) in calls {
            match (maker, call.get_call_name()) {
                (Maker::Provider, _) => {
                    for who in [1, 101] {
                        refused(call.clone(), signed(who), Member::WrongStatus);
                    }
                }
                // What takes back, or complains, stays open.
                (_, "dispute") | (Maker::Owner | Maker::Consortium, _) => {}
                (Maker::Researcher, _) => refused(call.clone(), signed(2), Refused::NotAResearcher),
                (Maker::Patient | Maker::Collator | Maker::Anyone, _) => {}
            }
        }
    });
}

#[test]
fn calls_should_be_refused_when_no_number_is_left() {
    new_test_ext().execute_with(|| {
        let study = ready();
        NextStudy::<Test>::put(u32::MAX);
        let until = now() + DAY_MS;
        let proposal = Call::propose_study { purposes: DuoPurposes::BIOMEDICAL, protocol: [1; 32], until };
        refused(proposal, signed(2), Refused::IdsExhausted);
        Rounds::<Test>::insert(Research::current_window(), u32::MAX);
        refused(Call::claim { study, answer: key(0, 0) }, signed(2), Refused::IdsExhausted);
        let other = provider(3);
        NextTable::<Test>::insert(other, u32::MAX);
        let tables = vec![table(5_000, 100)].try_into().unwrap();
        refused(Call::publish_plan { starts: now(), tables, bounty: None }, signed(3), Refused::IdsExhausted);
    });
}

#[test]
fn provider_should_be_asked_once_when_a_claim_is_drawn_and_never_when_its_life_is_spent() {
    run(|| {
        let study = ready();
        granted(study, key(0, 0));
        let due = Research::answer(key(0, 0)).unwrap().due;
        System::assert_has_event(Event::Asked { answer: key(0, 0), due }.into());
        let limit = Research::limits().lifetime;
        Ledgers::<Test>::mutate(0, |ledger| ledger.lifetime = limit - 1);
        System::reset_events();
        Research::claim(signed(2), study, key(0, 1)).unwrap();
        draw();
        System::assert_has_event(Event::NotGranted { researcher: 1, answer: key(0, 1) }.into());
        assert_eq!((Claims::<Test>::iter().count(), Research::answer(key(0, 1))), (1, None));
        // Why, as the ledger says it.
        let why = Research::ask(key(0, 1), 5_000, true);
        assert_eq!(why.map_err(DispatchError::from), Err(Refused::LifetimeSpent.into()));
        // As it was, for the invariants.
        Ledgers::<Test>::mutate(0, |ledger| ledger.lifetime = 5_000);
    });
}
