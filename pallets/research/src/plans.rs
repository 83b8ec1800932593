//! Release plans: what a provider is ready to answer in a year, decided before anyone asks.

use alloc::vec::Vec;

use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{fungible::Inspect, Get},
    BoundedVec,
};
use medrec_primitives::{
    research::{Budget, Plan, Table, TableId, TableSpec},
    MemberId, Moment, DAY_MS,
};
use sp_runtime::traits::One;

use crate::{
    ledger::Limits, BalanceOf, Config, Error, Event, Ledgers, NextTable, Pallet, Plans, Rhythm, Tables,
    PLAN_TERM,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_publish_plan(
        provider: MemberId,
        starts: Moment,
        tables: BoundedVec<TableSpec<BalanceOf<T>>, T::MaxTables>,
        bounty: Option<u32>,
    ) -> DispatchResult {
        let now = Self::now();
        let last = starts.checked_add(PLAN_TERM).ok_or(Error::<T>::BadTerm)?;
        // Not in the past: what is known already must not decide what is planned. Not so far ahead that nobody would look.
        ensure!(now <= starts && starts <= now.saturating_add(PLAN_TERM), Error::<T>::BadTerm);
        ensure!(!tables.is_empty(), Error::<T>::EmptyPlan);
        let mut rho: u64 = 0;
        for spec in &tables {
            Self::ensure_table(spec, starts, last)?;
            rho = rho.saturating_add(spec.total_rho());
        }
        ensure!(rho <= u64::from(T::YearlyRho::get()), Error::<T>::OverBudget);
        let count = u32::try_from(tables.len()).map_err(|_| Error::<T>::EmptyPlan)?;
        ensure!(bounty.is_none_or(|place| place < count), Error::<T>::UnknownTable);

        if let Some(old) = Plans::<T>::get(provider) {
            if now < old.starts {
                // Nothing of it can have been claimed.
                for table in Self::tables_of(&old) {
                    Tables::<T>::remove(provider, table);
                }
            } else {
                ensure!(old.starts.saturating_add(PLAN_TERM) <= starts, Error::<T>::PlanInForce);
            }
        }
        let first = NextTable::<T>::get(provider);
        NextTable::<T>::insert(provider, first.checked_add(count).ok_or(Error::<T>::IdsExhausted)?);
        for (table, spec) in (first..).zip(tables) {
            Tables::<T>::insert(provider, table, Table { spec, withdrawn: false });
        }
        let bounty = bounty.map(|place| (first.saturating_add(place), 0));
        Plans::<T>::insert(provider, Plan { starts, first, tables: count, bounty });
        Self::deposit_event(Event::PlanPublished { provider, first, tables: count });
        Ok(())
    }

    fn ensure_table(spec: &TableSpec<BalanceOf<T>>, starts: Moment, last: Moment) -> Result<(), Error<T>> {
        // Less could not be paid to an account that has nothing, and its claim never be closed.
        let least_fee = T::Escrow::minimum_balance().max(One::one());
        ensure!(spec.kind.is_well_formed(), Error::<T>::BadTable);
        ensure!(spec.purposes.is_well_formed(), Error::<T>::BadPurposes);
        ensure!(spec.rho >= T::MinRho::get() && spec.kind.parts(spec.rho).is_some(), Error::<T>::BadTable);
        ensure!(spec.price > 0 && spec.fee.is_none_or(|fee| fee.amount >= least_fee), Error::<T>::BadTable);
        ensure!(spec.length >= Rhythm::<T>::get().epoch && spec.epochs > 0, Error::<T>::BadTable);
        let ends = spec.epochs.checked_sub(1).and_then(|epoch| spec.ends(epoch));
        let within = starts <= spec.first && ends.is_some_and(|ends| ends <= last);
        ensure!(within, Error::<T>::BadTerm);
        Ok(())
    }

    pub(crate) fn do_withdraw_table(provider: MemberId, table: TableId) -> DispatchResult {
        Tables::<T>::try_mutate(provider, table, |record| {
            let record = record.as_mut().ok_or(Error::<T>::UnknownTable)?;
            ensure!(!record.withdrawn, Error::<T>::TableWithdrawn);
            record.withdrawn = true;
            Ok::<_, Error<T>>(())
        })?;
        Self::deposit_event(Event::TableWithdrawn { provider, table });
        Ok(())
    }

    /// The tables of a plan.
    pub(crate) fn tables_of(plan: &Plan) -> impl Iterator<Item = TableId> {
        plan.first..plan.first.saturating_add(plan.tables)
    }

    /// A provider's plan with its tables.
    #[allow(clippy::type_complexity)] // Said once, and read by clients.
    pub fn research_plan(provider: MemberId) -> Option<(Plan, Vec<(TableId, Table<BalanceOf<T>>)>)> {
        let plan = Plans::<T>::get(provider)?;
        let tables = Self::tables_of(&plan)
            .filter_map(|table| Tables::<T>::get(provider, table).map(|record| (table, record)));
        Some((plan, tables.collect()))
    }

    /// What a provider's answers have cost in privacy, and what is left.
    pub fn research_budget(provider: MemberId) -> Budget {
        let (ledger, today, limits) = (Ledgers::<T>::get(provider), Self::today(), Self::limits());
        Budget {
            year: ledger.spent(today, &limits),
            life: ledger.lifetime,
            left: ledger.left(today, &limits),
        }
    }

    /// The limits of every provider's ledger.
    pub fn limits() -> Limits {
        Limits {
            // 365 days in full, whatever the hour: 366 by date.
            window: T::AnswerDays::get().saturating_add(366),
            yearly: T::YearlyRho::get(),
            lifetime: T::LifetimeRho::get(),
        }
    }

    /// Days since the Unix epoch.
    pub(crate) fn today() -> u32 {
        Self::count_of(DAY_MS)
    }
}
