//! One decision: what the runtime says by `may_read`, what the gatekeeper answers, and what the policy says with the terms
//! opened, about many random relationships, rules and askers on a live chain.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap};

use futures::{stream, StreamExt, TryStreamExt};
use medrec_client::{
    chain::{
        calls::{registry, relationships},
        events,
    },
    keys::KeyPair,
};
use medrec_policy::{clock::Clock, decide, purpose::Purpose, scope::Action, Decision, Opening, Request};
use medrec_primitives::{
    DecisionSummary, Effect, GrantId, GrantTerms, MemberRole, Moment, RelationshipId, StaffRole, Viewer,
};
use medrec_tests::practice::{ask::Ask, rules::Rule, wall_clock, Patient, World};
use rand::{rngs::StdRng, seq::SliceRandom, Rng, SeedableRng};

const DAYS: Moment = 24 * 60 * 60 * 1000;

/// Relationships with rules.
const RELATIONSHIPS: usize = 24;

/// Rules of a relationship, at most.
const RULES: usize = 6;

/// Questions about each asker at each relationship.
const QUESTIONS: usize = 4;

/// The terms that rules draw from.
const TERMS: [&str; 10] = [
    "patient/*.rs;purpose=TREAT",
    "patient/*.cruds;purpose=HRESCH,TREAT",
    "patient/Observation.rs;purpose=TREAT",
    "patient/Observation.s;purpose=TREAT",
    "patient/Observation.rs?category=laboratory&_elements=code,valueQuantity;purpose=HRESCH",
    "patient/MedicationRequest.rs patient/Patient.rs;purpose=COC,TREAT",
    "patient/Patient.rs",
    "patient/*.rs;purpose=TREAT;staff=s0-0",
    "patient/Observation.rs;purpose=TREAT;period=2020-01-01..",
    "patient/*.rs",
];

const TYPES: [&str; 3] = ["Observation", "MedicationRequest", "Patient"];
const PURPOSES: [Purpose; 3] = [Purpose::Treatment, Purpose::Research, Purpose::CareCoordination];

/// Terms that were sealed, or `None` where what was sealed opens nowhere.
type Sealed = HashMap<(RelationshipId, GrantId), Option<String>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runtime_and_gatekeeper_should_agree_when_grants_are_random() {
    let seed = std::env::var("MEDREC_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_260_915);
    println!("MEDREC_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let unlimited = |key| ("limits", key, "1000000");
    let settings = [
        unlimited("per_address_per_minute"),
        unlimited("per_account_per_minute"),
        ("limits", "denial_quantum_ms", "0"),
    ];
    let world = World::start("agreement", &['a', 'b'], &settings).await.unwrap();
    let (askers, subjects) = cast(&world).await;

    // Somewhere between proposed and ended, with random rules.
    let mut patients = world.admit_patients('a', RELATIONSHIPS).await.unwrap();
    patients.push(world.enrol('a').await.unwrap());
    let mut sealed = Sealed::new();
    let plans: Vec<_> = patients.iter().map(|_| plan(&mut random, &subjects)).collect();
    let made =
        patients[..RELATIONSHIPS].iter().zip(&plans).map(|(patient, plan)| make(&world, patient, plan));
    for terms in stream::iter(made).buffer_unordered(12).try_collect::<Vec<_>>().await.unwrap() {
        sealed.extend(terms);
    }
    world.submit(&relationships::end(patients[0].relationship), &patients[0].key).await.unwrap();
    // Whoever sees this last rule has seen them all.
    let last = world.key("sees the last rule");
    world.rule(&patients[1], &Rule::everything(&last)).await.unwrap();
    Ask::search('a', &last, "Observation", patients[1].relationship).until(&world, 200).await.unwrap();

    let mut questions = Vec::new();
    for patient in &patients {
        let everybody = askers.iter().cloned().chain([("the patient".to_owned(), patient.key.clone())]);
        for (name, key) in everybody {
            for _ in 0..QUESTIONS {
                let question = Question {
                    relationship: patient.relationship,
                    asker: name.clone(),
                    key: key.clone(),
                    purpose: *PURPOSES.choose(&mut random).unwrap(),
                    resource_type: TYPES.choose(&mut random).unwrap(),
                    action: *[Action::Read, Action::Search].choose(&mut random).unwrap(),
                };
                questions.push(question);
            }
        }
    }
    let count = questions.len();
    let found: Vec<_> = stream::iter(questions)
        .map(|question| ask(&world, &sealed, question))
        .buffer_unordered(8)
        .collect()
        .await;
    let mut tally: BTreeMap<(String, bool), usize> = BTreeMap::new();
    let mut differences = Vec::new();
    for outcome in found {
        *tally.entry((format!("{:?}", outcome.summary), outcome.permitted)).or_default() += 1;
        differences.extend(outcome.difference);
    }
    println!("{count} questions; what the chain said, and whether the gatekeeper permitted:");
    for ((summary, permitted), times) in &tally {
        println!("  {summary} {permitted}: {times}");
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    // Not vacuous: the chain alone knew some of each, and the rest went both ways once opened.
    for (summary, permitted) in [
        ("Permit", true),
        ("Deny(NoGrant)", false),
        ("Deny(Denied)", false),
        ("Deny(RelationshipInactive)", false),
        ("NeedsOpening", true),
        ("NeedsOpening", false),
    ] {
        assert!(
            tally.contains_key(&(summary.to_owned(), permitted)),
            "none that is {summary} and {permitted}"
        );
    }
}

struct Question {
    relationship: RelationshipId,
    asker: String,
    key: KeyPair,
    purpose: Purpose,
    resource_type: &'static str,
    action: Action,
}

struct Outcome {
    summary: DecisionSummary,
    permitted: bool,
    difference: Option<String>,
}

/// Asks runtime, gatekeeper and policy the same.
async fn ask(world: &World, sealed: &Sealed, question: Question) -> Outcome {
    let Question { relationship, asker, key, purpose, resource_type, action } = question;
    let account = key.account();
    let state = world.chain.finalised().await.unwrap();
    let summary = state.may_read(relationship, &account).await.unwrap();
    let facts = state.facts(relationship, &account).await.unwrap().unwrap();

    let target = match (action, resource_type) {
        (Action::Search, "Patient") => format!("/fhir/Patient?_id={relationship}"),
        (Action::Search, _) => format!("/fhir/{resource_type}?patient={relationship}"),
        (_, "Patient") => format!("/fhir/Patient/{relationship}"),
        // No record has this id: who may read is told so, and nobody else.
        _ => format!("/fhir/{resource_type}/{relationship}.{}", "0".repeat(32)),
    };
    let answer = Ask::get('a', &key, target).purpose(purpose).send(world).await.unwrap();
    let permitted = match answer.status {
        200 | 404 => true,
        403 => false,
        status => panic!("{status} {}", answer.text()),
    };

    let request = Request { purpose, action, resource_type, clock: Clock::between(facts.now, wall_clock()) };
    let expected = decide(&facts, &request, &|rule| match sealed.get(&(relationship, rule.id)) {
        Some(Some(terms)) => Opening::Opened(terms.parse().unwrap()),
        _ => Opening::Failed,
    });
    let expected_permit = matches!(expected, Decision::Permit(_));
    let agrees = permitted == expected_permit
        && match summary {
            DecisionSummary::Permit => permitted,
            DecisionSummary::Deny(_) => !permitted,
            DecisionSummary::NeedsOpening => true,
        };
    let difference = (!agrees).then(|| {
        format!(
            "- {asker} at {relationship}, {action:?} {resource_type} for {purpose}: the runtime says {summary:?}, the \
             gatekeeper {}, the policy {expected:?}, by {facts:?}",
            answer.status
        )
    });
    Outcome { summary, permitted, difference }
}

/// Who asks, and whom rules are about.
async fn cast(world: &World) -> (Vec<(String, KeyPair)>, Vec<Viewer>) {
    let until = wall_clock() + 30 * DAYS;
    let practice = world.practice('a');
    let mut askers = Vec::new();
    for (words, role) in [
        ("clinician", StaffRole::Clinician),
        ("pharmacist", StaffRole::Pharmacist),
        ("steward", StaffRole::Steward),
        ("emergency, not yet active", StaffRole::Emergency),
    ] {
        let colleague = world.hire(practice.member, &practice.key, words, role, until).await.unwrap();
        askers.push((words.to_owned(), colleague.key));
    }
    // Staff of a member in a group, of one suspended, and of one in no group.
    let (owner, owner_key) = world.member("Owner", MemberRole::GroupOwner).await.unwrap();
    let group = world.submit(&registry::create_group("Group"), &owner_key).await.unwrap();
    let group = group.expect::<events::GroupCreated>().unwrap().group;
    let mut subjects = vec![Viewer::Member(practice.member), Viewer::Group(group), Viewer::Member(owner)];
    for words in ["in the group", "suspended, in the group", "in no group"] {
        let (member, key) = world.member(&format!("Member {words}"), MemberRole::Provider).await.unwrap();
        let colleague = world.hire(member, &key, words, StaffRole::Clinician, until).await.unwrap();
        askers.push((words.to_owned(), colleague.key));
        subjects.push(Viewer::Member(member));
        if words.ends_with("the group") {
            world.submit(&registry::add_to_group(group, member), &owner_key).await.unwrap();
        }
        if words.starts_with("suspended") {
            world.council_carries(registry::suspend(member)).await.unwrap();
        }
    }
    for words in ["family", "friend"] {
        let key = world.key(words);
        // Named twice as often as the others: without them rules would seldom meet.
        subjects.extend([Viewer::Key(key.account()), Viewer::Key(key.account())]);
        askers.push((words.to_owned(), key));
    }
    askers.push(("stranger".to_owned(), world.key("stranger")));
    (askers, subjects)
}

/// A rule, whether its terms are spoilt, and whether it is taken back.
struct Planned {
    rule: Rule,
    spoilt: bool,
    revoked: bool,
}

fn plan(random: &mut StdRng, subjects: &[Viewer]) -> Vec<Planned> {
    let now = wall_clock();
    (0..random.gen_range(0..=RULES))
        .map(|_| {
            let viewer = subjects.choose(random).unwrap().clone();
            // Far from both clocks, so that which of them counts makes no difference here.
            let starts = [None, None, Some(now - 30 * DAYS), Some(now + 30 * DAYS)];
            let ends = [None, None, Some(now + 60 * DAYS)];
            let rule = Rule {
                viewer,
                effect: if random.gen_ratio(1, 4) { Effect::Deny } else { Effect::Allow },
                terms: random.gen_ratio(3, 4).then(|| (*TERMS.choose(random).unwrap()).to_owned()),
                not_before: *starts.choose(random).unwrap(),
                not_after: *ends.choose(random).unwrap(),
            };
            Planned { rule, spoilt: random.gen_ratio(1, 10), revoked: random.gen_ratio(1, 8) }
        })
        .collect()
}

async fn make(world: &World, patient: &Patient, plan: &[Planned]) -> anyhow::Result<Sealed> {
    let mut sealed = Sealed::new();
    for Planned { rule, spoilt, revoked } in plan {
        let mut kept = rule.terms.clone();
        let terms = match &rule.terms {
            None => GrantTerms::Everything,
            Some(_) => {
                let mut terms = rule.seal(world, patient)?;
                if *spoilt {
                    terms.ciphertext[3] ^= 1;
                    kept = None;
                }
                GrantTerms::Sealed(terms)
            }
        };
        let grant = world.rule_with(patient, rule, &terms).await?;
        sealed.insert((patient.relationship, grant), kept);
        if *revoked {
            world.revoke(patient, grant).await?;
        }
    }
    Ok(sealed)
}
