//! Release plans.

use frame_support::{assert_noop, assert_ok, BoundedVec};
use medrec_primitives::{
    research::{Budget, Fee, Payee, TableKind, TableSpec},
    DAY_MS,
};
use sp_runtime::DispatchError;

use crate::{mock::*, Error, Event, Plans, Tables, PLAN_TERM};

fn publish(n: u8, starts: u64, tables: Vec<TableSpec<u64>>) -> frame_support::dispatch::DispatchResult {
    Research::publish_plan(signed(n), starts, BoundedVec::truncate_from(tables), None)
}

/// A table of the plan that starts at `starts`.
fn table_from(starts: u64) -> TableSpec<u64> {
    TableSpec { first: starts, ..table(1_000, 10) }
}

#[test]
fn plan_should_be_readable_by_anyone_when_published() {
    run(|| {
        let id = provider(1);
        let tables = vec![table(1_000, 10), table(2_000, 20)];
        assert_ok!(publish(1, START, tables.clone()));
        assert_event(Event::PlanPublished { provider: id, first: 0, tables: 2 });
        let (plan, read) = Research::research_plan(id).unwrap();
        assert_eq!((plan.starts, plan.first, plan.tables, plan.bounty), (START, 0, 2, None));
        assert_eq!(read.iter().map(|(_, table)| table.spec).collect::<Vec<_>>(), tables);
        assert!(read.iter().all(|(_, table)| !table.withdrawn));
        assert_eq!(Research::research_budget(id), Budget { year: 0, life: 0, left: 100_000 });
        // The gatekeeper's key does as well, for another provider.
        provider(3);
        let tables = BoundedVec::truncate_from(vec![table(1_000, 10)]);
        assert_ok!(Research::publish_plan(signed(103), START, tables, Some(0)));
        assert_eq!(Plans::<Test>::get(1).unwrap().bounty, Some((0, 0)));
    });
}

#[test]
fn publishing_should_be_refused_when_not_by_an_active_provider() {
    run(|| {
        researcher(2);
        let tables = || vec![table(1_000, 10)];
        assert_noop!(publish(2, START, tables()), pallet_registry::Error::<Test>::WrongStatus);
        assert_noop!(publish(9, START, tables()), pallet_registry::Error::<Test>::NotAMember);
        let id = provider(1);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), id));
        assert_noop!(publish(1, START, tables()), pallet_registry::Error::<Test>::WrongStatus);
        let tables = BoundedVec::truncate_from(tables());
        assert_noop!(
            Research::publish_plan(RuntimeOrigin::root(), START, tables, None),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn publishing_should_be_refused_when_the_dates_do_not_fit() {
    run(|| {
        provider(1);
        let bad = |starts, table| {
            assert_noop!(publish(1, starts, vec![table]), Error::<Test>::BadTerm);
        };
        bad(START - 1, table_from(START));
        bad(START + PLAN_TERM + 1, table_from(START + PLAN_TERM + 1));
        bad(u64::MAX, table_from(u64::MAX));
        bad(START + 1, table_from(START));
        bad(START, TableSpec { epochs: 367, rho: 100, ..table_from(START) });
        bad(START, TableSpec { length: u64::MAX, ..table_from(START) });
        assert_ok!(publish(1, START, vec![TableSpec { epochs: 366, rho: 100, ..table_from(START) }]));
    });
}

#[test]
fn publishing_should_be_refused_when_a_table_has_no_meaning() {
    run(|| {
        provider(1);
        let good = table(1_000, 10);
        let fee = Some(Fee { amount: 0, payee: Payee::Fund });
        for bad in [
            TableSpec { kind: TableKind::Histogram { cells: 0 }, ..good },
            TableSpec { rho: 99, ..good },
            TableSpec { price: 0, ..good },
            TableSpec { fee, ..good },
            TableSpec { length: DAY_MS - 1, ..good },
            TableSpec { epochs: 0, ..good },
        ] {
            assert_noop!(publish(1, START, vec![good, bad]), Error::<Test>::BadTable);
        }
        let purposes = Default::default();
        assert_noop!(publish(1, START, vec![TableSpec { purposes, ..good }]), Error::<Test>::BadPurposes);
        assert_noop!(publish(1, START, vec![]), Error::<Test>::EmptyPlan);
        let tables = BoundedVec::truncate_from(vec![good]);
        assert_noop!(Research::publish_plan(signed(1), START, tables, Some(1)), Error::<Test>::UnknownTable);
    });
}

#[test]
fn publishing_should_be_refused_when_a_year_would_cost_more_than_it_may() {
    run(|| {
        provider(1);
        let tables = |rho| vec![table(5_000, 10), table(rho, 10)];
        assert_noop!(publish(1, START, tables(5_001)), Error::<Test>::OverBudget);
        assert_noop!(publish(1, START, tables(u32::MAX)), Error::<Test>::OverBudget);
        assert_ok!(publish(1, START, tables(5_000)));
    });
}

#[test]
fn plan_should_be_replaced_only_before_it_begins_or_when_its_year_is_over() {
    run(|| {
        let id = provider(1);
        let later = START + DAY_MS;
        assert_ok!(publish(1, later, vec![table_from(later), table_from(later)]));
        assert_ok!(publish(1, later, vec![table_from(later)]));
        assert_eq!(Tables::<Test>::iter_prefix(id).map(|(table, _)| table).collect::<Vec<_>>(), [2]);
        set_time(later);
        assert_noop!(publish(1, later, vec![table_from(later)]), Error::<Test>::PlanInForce);
        let next = later + PLAN_TERM;
        assert_noop!(publish(1, next - 1, vec![table_from(next)]), Error::<Test>::PlanInForce);
        assert_ok!(publish(1, next, vec![table_from(next)]));
        // The old plan's tables stay: they can still be claimed.
        assert!(Tables::<Test>::contains_key(id, 2) && Tables::<Test>::contains_key(id, 3));
    });
}

#[test]
fn table_should_not_be_claimed_any_more_when_withdrawn() {
    run(|| {
        let study = ready();
        provider(3);
        assert_noop!(Research::withdraw_table(signed(3), 0), Error::<Test>::UnknownTable);
        assert_noop!(Research::withdraw_table(signed(2), 0), pallet_registry::Error::<Test>::WrongStatus);
        assert_ok!(Research::withdraw_table(signed(1), 0));
        assert_event(Event::TableWithdrawn { provider: 0, table: 0 });
        assert_noop!(Research::withdraw_table(signed(1), 0), Error::<Test>::TableWithdrawn);
        assert_noop!(Research::claim(signed(2), study, key(0, 0)), Error::<Test>::TableWithdrawn);
    });
}
