//! What holds whatever the facts.

use alloc::{collections::BTreeMap, string::ToString, vec, vec::Vec};

use medrec_primitives::{
    relationship::Custodian, CustodianRights, DecisionSummary, Effect, EmergencyFacts, Facts, Grant,
    GrantFacts, GrantTerms, MemberStatus, RelationshipFlags, RelationshipStatus, StaffFacts, StaffId,
    StaffRole, Viewer,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::case::{account, sealed, Case};
use crate::{
    clock::Clock,
    decide::{decide, decide_across, summary, Decision, Opening},
    purpose::Purpose,
    scope::Action,
    terms::Terms,
    testing::{row, terms},
};

/// Times are few, so that they meet.
const TIMES: u64 = 6;

fn viewer() -> impl Strategy<Value = Viewer> {
    prop_oneof![
        5 => select(vec![2u8, 2, 2, 9]).prop_map(|number| Viewer::Key(account(number))),
        2 => (0..2u32).prop_map(Viewer::Member),
        1 => (0..2u32).prop_map(Viewer::Group),
    ]
}

fn opening() -> impl Strategy<Value = Option<Opening>> {
    prop_oneof![
        2 => Just(None),
        1 => Just(Some(Opening::Unopened)),
        1 => Just(Some(Opening::Failed)),
        6 => terms().prop_map(|terms| Some(Opening::Opened(treatment(&terms)))),
    ]
}

/// The same terms for treatment too, so that not nearly all are void.
fn treatment(terms: &Terms) -> Terms {
    let purposes = terms.purposes().iter().copied().chain([Purpose::Treatment]);
    Terms::new(terms.scopes().iter().cloned(), purposes, terms.period(), terms.staff().iter().copied())
        .unwrap()
}

fn rule() -> impl Strategy<Value = (Grant, Option<StaffId>, Option<Opening>)> {
    let effect = prop_oneof![3 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    let dates = (option::weighted(0.15, 0..TIMES), option::weighted(0.15, 0..TIMES));
    let sharer = option::weighted(0.7, (0..2u32, 0..2u32));
    let shared = (option::weighted(0.2, 0..5u32), sharer);
    (viewer(), effect, opening(), dates, any::<bool>(), shared).prop_map(
        |(viewer, effect, opening, (not_before, not_after), may_share, (parent, sharer))| {
            let terms = if opening.is_some() { sealed() } else { GrantTerms::Everything };
            let sharer = sharer.map(|(member, index)| StaffId::new(member, index));
            (Grant { viewer, effect, terms, not_before, not_after, may_share, parent }, sharer, opening)
        },
    )
}

fn staff() -> impl Strategy<Value = StaffFacts> {
    let roles = vec![StaffRole::Clinician, StaffRole::Emergency, StaffRole::Pharmacist, StaffRole::Steward];
    let statuses =
        vec![MemberStatus::Active, MemberStatus::Active, MemberStatus::Active, MemberStatus::Suspended];
    ((0..2u32, 0..2u32), select(roles), (0..TIMES, 0..TIMES), select(statuses), vec(0..2u32, 0..2)).prop_map(
        |((member, index), role, (from, until), member_status, groups)| StaffFacts {
            id: StaffId::new(member, index),
            role,
            from,
            until: until + 3,
            member_status,
            groups,
        },
    )
}

/// Some case, mostly one in which something may be permitted.
fn case() -> impl Strategy<Value = Case> {
    let purpose = prop_oneof![
        5 => Just(Purpose::Treatment),
        1 => Just(Purpose::Payment),
        1 => Just(Purpose::EmergencyTreatment),
    ];
    let action = prop_oneof![3 => Just(Action::Read), 1 => select(Action::ALL.to_vec())];
    let asked = (purpose, action, 0..TIMES, 0..TIMES, any::<bool>());
    let custodians = vec((select(vec![2u8, 9, 9, 9]), 0..8u8, 0..TIMES, option::of(0..TIMES)), 0..2);
    let state = (0..12u8, 0..4u8, option::of((0..TIMES, 0..TIMES)), 0..12u8);
    (vec(rule(), 0..6), option::of(staff()), asked, custodians, state).prop_map(
        |(
            rules,
            staff,
            (purpose, action, earliest, latest, fitting),
            custodians,
            (status, flags, emergency, patient),
        )| {
            let mut case = Case::new().purpose(purpose).action(action).clock(earliest, latest);
            case.facts.now = earliest;
            case.facts.staff = staff;
            if patient == 0 {
                case.facts.patient = case.facts.viewer.clone();
            }
            case.facts.flags = RelationshipFlags(flags);
            case.facts.emergency = emergency.map(|(from, until)| EmergencyFacts { from, until });
            match status {
                0 => case.facts.provider = MemberStatus::Suspended,
                1 => case.facts.status = RelationshipStatus::Ended,
                _ => (),
            }
            // Emergencies would hardly ever be permitted by chance.
            if purpose == Purpose::EmergencyTreatment && fitting {
                case = case.staff(StaffRole::Emergency).staff_with(|staff| staff.from = 0);
                case.facts.emergency = Some(EmergencyFacts { from: 0, until: TIMES });
                case.facts.flags = RelationshipFlags(flags & RelationshipFlags::EMERGENCY_OVER_DENIALS.0);
            }
            let custodian = |(key, rights, not_before, not_after)| {
                let (key, rights) = (account(key), CustodianRights(rights));
                Custodian { key, rights, not_before, not_after }
            };
            case.facts.custodians = custodians.into_iter().map(custodian).collect();
            for (id, (grant, sharer, opening)) in (0..).zip(rules) {
                case.openings.extend(opening.map(|opening| (id, opening)));
                case.facts.grants.push(GrantFacts { id, grant, sharer });
            }
            case
        },
    )
}

/// Adds a rule to a case.
fn add(mut case: Case, (grant, sharer, opening): (Grant, Option<StaffId>, Option<Opening>)) -> Case {
    let id = case.facts.grants.len() as u32;
    case.openings.extend(opening.map(|opening| (id, opening)));
    case.facts.grants.push(GrantFacts { id, grant, sharer });
    case
}

/// The rules that can matter to the asker at all: those about the asker, what they were shared onward from, and what is said of whoever
/// shared them.
fn about(facts: &Facts) -> Vec<GrantFacts> {
    let staff = facts.staff.as_ref();
    let mut kept: Vec<_> = facts
        .grants
        .iter()
        .filter(|rule| match &rule.grant.viewer {
            Viewer::Key(key) => *key == facts.viewer,
            Viewer::Member(member) => staff.is_some_and(|staff| staff.id.member == *member),
            Viewer::Group(group) => staff.is_some_and(|staff| staff.groups.contains(group)),
        })
        .cloned()
        .collect();
    for _ in 0..6 {
        let parents: Vec<_> = kept.iter().filter_map(|rule| rule.grant.parent).collect();
        let missing = |rule: &&GrantFacts| parents.contains(&rule.id) && !kept.contains(rule);
        let more: Vec<_> = facts.grants.iter().filter(missing).cloned().collect();
        kept.extend(more);
    }
    // What was shared onward falls with a denial of whoever shared it.
    let meant = |rule: &&GrantFacts| kept.iter().any(|other| other.grant.viewer == rule.grant.viewer);
    let others = |rule: &&GrantFacts| meant(rule) && !kept.contains(rule);
    let more: Vec<_> = facts.grants.iter().filter(others).cloned().collect();
    kept.extend(more);
    kept.sort_by_key(|rule| rule.id);
    kept
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn denial_should_never_widen_when_added(case in case(), rule in rule(), row in row()) {
        let (mut grant, sharer, opening) = rule;
        grant.effect = Effect::Deny;
        let more = add(case.clone(), (grant, sharer, opening));
        if let Decision::Permit(narrow) = more.decide() {
            let wide = case.decide();
            let wide = wide.permit().unwrap();
            let row = row.borrow();
            prop_assert!(narrow.mask(&row.row()).within(&wide.mask(&row.row())));
        }
    }

    #[test]
    fn permit_should_cover_nothing_that_it_says_is_denied(case in case(), row in row()) {
        if let Decision::Permit(permit) = case.decide() {
            let row = row.borrow();
            prop_assert!(permit.mask(&row.row()).intersect(&permit.denied(&row.row())).is_nothing());
        }
    }

    #[test]
    fn clock_should_never_permit_more_when_less_is_known_of_the_time(case in case(), widen in (0..3u64, 0..3u64)) {
        let Clock { earliest, latest } = case.request.clock;
        let (earliest, latest) = (earliest.min(latest), earliest.max(latest));
        let unsure = case.clone().clock(earliest.saturating_sub(widen.0), latest + widen.1);
        if unsure.outcome() == DecisionSummary::Permit {
            prop_assert_eq!(case.outcome(), DecisionSummary::Permit);
        }
    }

    #[test]
    fn outcome_should_be_settled_by_the_chain_alone_when_it_does_not_need_opening(case in case()) {
        let unopened = decide(&case.facts, &case.request, &|_| Opening::Unopened);
        match (unopened, case.decide()) {
            (Decision::NeedsOpening, _) => (),
            (unopened @ Decision::Permit(_), opened) => {
                prop_assert_eq!(DecisionSummary::from(&unopened), DecisionSummary::from(&opened));
            }
            (Decision::Deny(_), opened) => prop_assert!(matches!(opened, Decision::Deny(_))),
        }
    }

    #[test]
    fn summary_should_agree_with_the_decision_whatever_is_read(case in case()) {
        let mut case = case;
        case.request.clock = Clock::at(case.facts.now);
        let reads = case.request.action.only_reads() && case.request.purpose != Purpose::EmergencyTreatment;
        if reads {
            match (summary(&case.facts), case.outcome()) {
                (DecisionSummary::NeedsOpening, _) => (),
                (DecisionSummary::Permit, outcome) => prop_assert_eq!(outcome, DecisionSummary::Permit),
                (DecisionSummary::Deny(_), outcome) => prop_assert!(matches!(outcome, DecisionSummary::Deny(_))),
            }
        }
    }

    #[test]
    fn outcome_should_not_depend_on_rules_about_others(case in case(), row in row()) {
        let mut less = case.clone();
        less.facts.grants = about(&case.facts);
        prop_assert_eq!(less.outcome(), case.outcome());
        if let (Decision::Permit(one), Decision::Permit(two)) = (less.decide(), case.decide()) {
            let row = row.borrow();
            prop_assert_eq!(one.mask(&row.row()), two.mask(&row.row()));
            prop_assert!(one.grants().eq(two.grants()));
        }
    }

    #[test]
    fn permit_across_states_should_be_what_each_permits(cases in vec(case(), 1..4), row in row()) {
        // One chain: the same identifier is the same rule in every state that has it.
        let request = cases[0].request;
        let mut rules = BTreeMap::new();
        let states: Vec<Facts> = cases
            .iter()
            .map(|case| {
                let mut facts = case.facts.clone();
                for rule in &mut facts.grants {
                    let first: &GrantFacts = rules.entry(rule.id).or_insert_with(|| rule.clone());
                    *rule = first.clone();
                }
                facts
            })
            .collect();
        let open = |rule: &GrantFacts| {
            cases.iter().find_map(|case| case.openings.get(&rule.id)).cloned().unwrap_or(Opening::Unopened)
        };
        let single: Vec<Decision> = states.iter().map(|facts| decide(facts, &request, &open)).collect();
        let row = row.borrow();
        match decide_across(&states, &request, &open) {
            Decision::Permit(permit) => {
                let mut met = crate::ElementMask::All;
                for one in &single {
                    let one = one.permit().unwrap();
                    met = met.intersect(&one.mask(&row.row()));
                    prop_assert!(one.capacity() <= permit.capacity());
                    prop_assert!(one.grants().all(|id| permit.grants().any(|other| other == id)));
                }
                prop_assert_eq!(permit.mask(&row.row()), met);
            }
            Decision::Deny(reason) => {
                let first = single.iter().find(|one| matches!(one, Decision::Deny(_)));
                prop_assert_eq!(first, Some(&Decision::Deny(reason)));
            }
            Decision::NeedsOpening => {
                prop_assert!(single.iter().all(|one| !matches!(one, Decision::Deny(_))));
                prop_assert!(single.contains(&Decision::NeedsOpening));
            }
        }
    }

    #[test]
    fn decision_should_stay_the_same_when_terms_go_through_their_text(case in case()) {
        let mut again = case.clone();
        for opening in again.openings.values_mut() {
            if let Opening::Opened(terms) = opening {
                *terms = terms.to_string().parse().unwrap();
            }
        }
        prop_assert_eq!(again.decide(), case.decide());
    }
}
