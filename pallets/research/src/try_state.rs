//! What must always hold.

use alloc::collections::{BTreeMap, BTreeSet};

use frame_support::{ensure, traits::Get};
use medrec_primitives::{
    research::{AnswerKey, AnswerStatus, StudyStatus},
    MemberId,
};
use sp_runtime::TryRuntimeError;

use crate::{
    Answers, ApprovedCollators, BountyStudies, Claimant, Claims, CollatorCount, CollatorStatus, Collators,
    Config, Draws, Entries, EraTotals, Issuance, Ledgers, NextClaim, NextStudy, NextTable, Pallet, Plans,
    Purses, Releases, Rounds, Studies, StudyCount, Tables, WorkOf,
};

impl<T: Config> Pallet<T> {
    /// Checks every invariant of this pallet:
    ///
    /// 1. collators and studies are counted as they are;
    /// 2. all credits that were made are in purses, spent, or expired; what purses set aside is what claims cost; no purse holds more
    ///    than the cap; no more were made than eras have had pools;
    /// 3. an era's total is the sum of its researchers' blocks, where these are not credits yet, or more;
    /// 4. every ledger says what the provider's answers cost, and no window and no life costs more than it may;
    /// 5. tables are below the next number, plans have theirs;
    /// 6. claims are below the next number, about answers that were asked for, and of no later attempt;
    /// 7. the claims that wait are counted, stand in one row, and not in a window that was drawn;
    /// 8. choices are of relationships that there are.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_collators_and_studies()?;
        Self::check_credits()?;
        Self::check_ledgers()?;
        Self::check_claims()?;
        for (member, index, _) in Releases::<T>::iter() {
            let there = pallet_relationships::Relationships::<T>::contains_key(member, index);
            ensure!(there, "a choice without a relationship");
        }
        Ok(())
    }

    fn check_collators_and_studies() -> Result<(), TryRuntimeError> {
        let mut counted: BTreeMap<MemberId, u32> = BTreeMap::new();
        let mut approved = 0u32;
        for (_, collator) in Collators::<T>::iter() {
            *counted.entry(collator.member).or_default() += 1;
            approved = approved.saturating_add((collator.status == CollatorStatus::Approved).into());
        }
        ensure!(counted == CollatorCount::<T>::iter().collect(), "collators are miscounted");
        ensure!(approved == ApprovedCollators::<T>::get(), "approved collators are miscounted");
        ensure!(counted.values().all(|n| *n <= T::MaxCollators::get()), "too many collators");
        counted.clear();
        for (id, study) in Studies::<T>::iter() {
            ensure!(id < NextStudy::<T>::get(), "a study not below the next one");
            ensure!(study.purposes.is_well_formed(), "a study for nothing");
            if study.status != StudyStatus::Ended {
                *counted.entry(study.owner).or_default() += 1;
            }
        }
        ensure!(counted == StudyCount::<T>::iter().collect(), "studies are miscounted");
        for (owner, study) in BountyStudies::<T>::iter() {
            let named = Studies::<T>::get(study);
            let fits = named.is_some_and(|s| s.owner == owner && s.status == StudyStatus::Approved);
            ensure!(fits, "a study for bounties that is not its researcher's");
        }
        Ok(())
    }

    fn check_credits() -> Result<(), TryRuntimeError> {
        let mut set_aside: BTreeMap<MemberId, u128> = BTreeMap::new();
        for (_, _, entry) in Entries::<T>::iter() {
            if let Claimant::Paying { researcher, credits, .. } = entry.claimant {
                *set_aside.entry(researcher).or_default() += u128::from(credits);
            }
        }
        for (_, claim) in Claims::<T>::iter().filter(|(_, claim)| claim.credits > 0) {
            *set_aside.entry(claim.researcher).or_default() += u128::from(claim.credits);
        }
        let totals = Issuance::<T>::get();
        let mut all = totals.spent.saturating_add(totals.expired);
        for (member, purse) in Purses::<T>::iter() {
            ensure!(purse.lots.iter().all(|lot| lot.credits > 0), "an empty lot");
            ensure!(purse.lots.windows(2).all(|two| two[0].era < two[1].era), "lots out of order");
            let aside = set_aside.remove(&member).unwrap_or(0);
            ensure!(u128::from(purse.set_aside) == aside, "what is set aside is not what claims cost");
            ensure!(purse.all() <= u128::from(T::CreditCap::get()), "a purse above the cap");
            all = all.saturating_add(purse.all());
        }
        ensure!(set_aside.is_empty(), "claims that nobody set anything aside for");
        ensure!(all == totals.minted, "credits are not where they went");
        let eras = totals
            .since
            .map_or(0, |since| u128::from(Self::current_era().saturating_sub(since)).saturating_add(1));
        let pools = eras.saturating_mul(u128::from(T::EraPool::get()));
        ensure!(totals.minted <= pools, "more credits than eras had pools");
        let mut blocks: BTreeMap<u32, u32> = BTreeMap::new();
        for (_, work) in WorkOf::<T>::iter() {
            *blocks.entry(work.era).or_default() += work.blocks;
        }
        for (era, blocks) in blocks {
            let total = EraTotals::<T>::get(Self::era_place(era)).filter(|total| total.era == era);
            // An era that the ring has forgotten is one whose credits have expired.
            ensure!(total.is_none_or(|total| blocks <= total.blocks), "more blocks than the era had");
        }
        Ok(())
    }

    fn check_ledgers() -> Result<(), TryRuntimeError> {
        let mut cost: BTreeMap<MemberId, u64> = BTreeMap::new();
        for ((provider, table, epoch), answer) in Answers::<T>::iter() {
            *cost.entry(provider).or_default() += u64::from(answer.rho);
            let planned = Tables::<T>::get(provider, table).ok_or("an answer to no table")?;
            ensure!(epoch < planned.spec.epochs, "an answer to no epoch");
            ensure!(answer.rho == planned.spec.rho, "an answer at another price");
            ensure!(answer.attempt > 0 && answer.due < answer.deadline, "an answer that is never due");
            if let AnswerStatus::Committed { at, .. } = answer.status {
                ensure!(answer.due <= at && at < answer.deadline, "a commitment out of time");
            }
        }
        let limits = Self::limits();
        for (provider, ledger) in Ledgers::<T>::iter() {
            let answers = cost.remove(&provider).unwrap_or(0);
            ensure!(u64::from(ledger.lifetime) == answers, "a ledger does not say what answers cost");
            ensure!(ledger.lifetime <= limits.lifetime, "more than a life's rho");
            ensure!(ledger.days.windows(2).all(|two| two[0].0 < two[1].0), "days out of order");
            let sum: u64 = ledger.days.iter().map(|(_, rho)| u64::from(*rho)).sum();
            ensure!(sum <= u64::from(ledger.lifetime), "days cost more than life");
            for (day, _) in &ledger.days {
                ensure!(ledger.spent(*day, &limits) <= limits.yearly, "more than a year's rho");
            }
        }
        ensure!(cost.is_empty(), "answers that no ledger knows of");
        for (provider, table, record) in Tables::<T>::iter() {
            ensure!(table < NextTable::<T>::get(provider), "a table not below the next one");
            ensure!(record.spec.kind.is_well_formed(), "a table without meaning");
        }
        for (provider, plan) in Plans::<T>::iter() {
            let there = Self::tables_of(&plan).all(|table| Tables::<T>::contains_key(provider, table));
            ensure!(there, "a plan without its tables");
        }
        Ok(())
    }

    fn check_claims() -> Result<(), TryRuntimeError> {
        for (id, claim) in Claims::<T>::iter() {
            ensure!(id < NextClaim::<T>::get(), "a claim not below the next one");
            let answer = Self::answer(claim.answer).ok_or("a claim to no answer")?;
            ensure!(claim.attempt <= answer.attempt, "a claim to an attempt that was not made");
        }
        let draw = Draws::<T>::get();
        let mut places: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for (window, place, entry) in Entries::<T>::iter() {
            places.entry(window).or_default().insert(place);
            let AnswerKey { provider, table, .. } = entry.answer;
            ensure!(Tables::<T>::contains_key(provider, table), "a claim of no table waits");
        }
        let mut waiting = 0u32;
        for (window, places) in &places {
            ensure!(*window >= draw.next, "a claim waits in a window that was drawn");
            let count = Rounds::<T>::get(window);
            ensure!(places.iter().copied().eq(0..count), "waiting claims out of their row");
            waiting = waiting.saturating_add(count);
        }
        ensure!(Rounds::<T>::iter().count() == places.len(), "a row of nothing");
        ensure!(waiting == draw.waiting, "waiting claims are miscounted");
        Ok(())
    }
}
