//! What is always true of this pallet's storage.

#[cfg(any(test, feature = "std", feature = "try-runtime"))]
use {
    crate::{
        BalanceOf, Config, Handovers, HoldReason, KeyRole, Keys, NextIndex, Pallet, Pointers, Rekeys,
        Relationship, Relationships, StaffAllowances, StepIns, Suspension, Suspensions, INACTIVITY_DAYS,
        MAX_CUSTODIAN_KEYS, MAX_PATIENT_KEYS, MAX_POINTERS,
    },
    alloc::collections::{BTreeMap, BTreeSet},
    frame_support::{ensure, traits::fungible::hold::Inspect as _},
    medrec_primitives::{is_half_year, RelationshipFlags, RelationshipId, RelationshipStatus},
    sp_runtime::{traits::Saturating, TryRuntimeError},
};

/// How many keys of each role lead to a relationship.
#[cfg(any(test, feature = "std", feature = "try-runtime"))]
#[derive(Default)]
struct Found {
    patients: u32,
    custodians: u32,
    numbers: BTreeSet<u8>,
    pending: u32,
    all: u32,
}

#[cfg(any(test, feature = "std", feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
    /// Checks every invariant that spans items:
    ///
    /// 1. indices are below the provider's next one;
    /// 2. the patient's, custodians' and pending keys lead back to the relationship while it lasts, and are tombstones after
    ///    it; the counts of keys are right and within their bounds, custodians' numbers distinct and below them;
    /// 3. every key's account exists, for ever;
    /// 4. pointers and rules hang on relationships that last; nobody has seen a version that does not exist;
    /// 5. a ticket hangs on a proposed relationship, or on one that waits for the patient to accept an enrolment;
    /// 6. a patient without a key has a handover at a half-year, which no custodian outlasts; others have none;
    /// 7. requests to step in and to rekey hang on open relationships, vetoed ones on suspended ones, as does what resuming
    ///    needs beside the patient's side;
    /// 8. allowances of staff are those of keys that are, or were, on a member's staff;
    /// 9. what is held on each deposit account is the sum over its relationships.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut found: BTreeMap<RelationshipId, Found> = BTreeMap::new();
        for (key, record) in Keys::<T>::iter() {
            ensure!(frame_system::Pallet::<T>::sufficients(&key) > 0, "a key lost its account");
            let found = found.entry(record.relationship).or_default();
            found.all = found.all.saturating_add(1);
            let count = match record.role {
                KeyRole::Patient => &mut found.patients,
                KeyRole::Custodian(number) => {
                    found.numbers.insert(number);
                    &mut found.custodians
                }
                KeyRole::Pending => &mut found.pending,
                KeyRole::Retired => continue,
            };
            *count = count.saturating_add(1);
        }
        let mut held = BTreeMap::new();
        for (member, index, record) in Relationships::<T>::iter() {
            let id = RelationshipId::new(member, index);
            ensure!(index < NextIndex::<T>::get(member), "relationship index not below the next one");
            Self::try_state_keys(id, &record, &found.remove(&id).unwrap_or_default())?;
            Self::try_state_record(id, &record)?;
            let sum: &mut BalanceOf<T> = held.entry(member).or_default();
            *sum = sum.saturating_add(record.held);
        }
        ensure!(found.is_empty(), "a key of no relationship");
        for key in StaffAllowances::<T>::iter_keys() {
            let known = pallet_registry::StaffKeys::<T>::contains_key(&key);
            ensure!(known, "an allowance of a key that never was on a staff");
        }
        for (member, sum) in held {
            let account = Self::deposit_account(member);
            let on_hold = T::Deposits::balance_on_hold(&HoldReason::Relationship.into(), &account);
            ensure!(on_hold == sum, "what is held is not the sum over relationships");
        }
        Self::try_state_pointers()?;
        Self::try_state_requests()
    }

    fn try_state_keys(
        id: RelationshipId,
        record: &Relationship<BalanceOf<T>>,
        found: &Found,
    ) -> Result<(), TryRuntimeError> {
        let ended = record.status == RelationshipStatus::Ended;
        let leads = |key, role| Keys::<T>::get(key).is_some_and(|k| k.relationship == id && k.role == role);
        let keyless = Self::is_keyless(id, record);
        if keyless {
            ensure!(!Keys::<T>::contains_key(&record.patient), "an account of a minor has a key");
        } else {
            let role = if ended { KeyRole::Retired } else { KeyRole::Patient };
            ensure!(leads(&record.patient, role), "a patient's key leads elsewhere");
        }
        ensure!(found.patients == u32::from(!keyless && !ended), "a relationship with two patients");
        for custodian in &record.custodians {
            let number = Self::custodian_number(&custodian.key).ok_or("a custodian without a number")?;
            ensure!(leads(&custodian.key, KeyRole::Custodian(number)), "a custodian's key leads elsewhere");
            ensure!(number < record.keys.custodian, "a custodian's number not below the next one");
        }
        ensure!(found.numbers.len() == record.custodians.len(), "two custodians with one number");
        ensure!(found.custodians == record.custodians.len() as u32, "a custodian's key of no custodian");
        let rekey = Rekeys::<T>::get(id.member, id.index);
        if let Some(rekey) = &rekey {
            ensure!(leads(&rekey.key, KeyRole::Pending), "a pending key leads elsewhere");
        }
        ensure!(found.pending == u32::from(rekey.is_some()), "a pending key of no request");
        let keys = record.keys;
        let count = u32::from(keys.patient).saturating_add(u32::from(keys.custodian));
        ensure!(found.all == count, "a relationship's count of keys is wrong");
        let bounded = keys.patient <= MAX_PATIENT_KEYS && keys.custodian <= MAX_CUSTODIAN_KEYS;
        ensure!(bounded, "a relationship has had too many keys");
        Ok(())
    }

    fn try_state_record(
        id: RelationshipId,
        record: &Relationship<BalanceOf<T>>,
    ) -> Result<(), TryRuntimeError> {
        let ended = record.status == RelationshipStatus::Ended;
        match record.status {
            RelationshipStatus::Proposed => ensure!(record.ticket.is_some(), "a proposal without a ticket"),
            RelationshipStatus::Suspended => {}
            RelationshipStatus::Active | RelationshipStatus::Ended => {
                ensure!(record.ticket.is_none(), "a ticket is kept too long");
            }
        }
        if ended {
            ensure!(record.rules.total() == 0, "rules after the end");
            ensure!(record.custodians.is_empty(), "custodians after the end");
        }
        let handover = Handovers::<T>::get(id.member, id.index);
        let keyless = Self::is_keyless(id, record) && !ended;
        ensure!(handover.is_some() == keyless, "a handover without a minor, or a minor without");
        if let Some(date) = handover {
            let within = record.custodians.iter().all(|c| c.not_after.is_some_and(|end| end <= date));
            ensure!(within, "a minor's custodian outlasts the handover");
        }
        ensure!(
            record.custodians.iter().all(|c| c.rights.is_well_formed()),
            "a custodian's rights without meaning"
        );
        let period = record.inactivity.is_none_or(|days| INACTIVITY_DAYS.contains(&days));
        ensure!(period, "an inactivity period out of bounds");
        ensure!(RelationshipFlags::ALL.contains(record.flags), "a flag without meaning");
        Ok(())
    }

    fn try_state_pointers() -> Result<(), TryRuntimeError> {
        for ((member, index, slot), pointer) in Pointers::<T>::iter() {
            ensure!(slot < MAX_POINTERS, "a pointer in a slot that does not exist");
            ensure!(pointer.seen <= pointer.version, "a version seen that does not exist");
            ensure!(Self::lasts(member, index), "a pointer of a relationship that does not last");
        }
        Ok(())
    }

    fn try_state_requests() -> Result<(), TryRuntimeError> {
        for (member, index, request) in StepIns::<T>::iter() {
            ensure!(Self::lasts(member, index), "stepped in where there is nothing to do");
            ensure!(request.day <= Self::today(), "stepped in before the time");
        }
        for (member, index, rekey) in Rekeys::<T>::iter() {
            let status = Relationships::<T>::get(member, index).map(|r| r.status);
            let suspended = status == Some(RelationshipStatus::Suspended);
            ensure!(suspended || status == Some(RelationshipStatus::Active), "a rekey of what does not last");
            ensure!(suspended || !rekey.is_frozen(), "a vetoed rekey of an active relationship");
            let approved = rekey.ticket.is_some() || rekey.custodian.is_some();
            ensure!(approved || rekey.is_frozen(), "a rekey that nobody asked for");
            ensure!(rekey.asked <= Self::now(), "a rekey asked for before the time");
        }
        for (member, index, suspension) in Suspensions::<T>::iter() {
            let status = Relationships::<T>::get(member, index).map(|r| r.status);
            ensure!(status == Some(RelationshipStatus::Suspended), "a suspension of what is not suspended");
            ensure!(suspension != Suspension::default(), "a suspension that asks for nothing");
            let id = RelationshipId::new(member, index);
            let own = |key| Keys::<T>::get(key).is_some_and(|record| record.relationship == id);
            ensure!(suspension.only.is_none_or(own), "a resumption reserved for a stranger");
        }
        for (member, index, date) in Handovers::<T>::iter() {
            ensure!(Relationships::<T>::contains_key(member, index), "a handover of no relationship");
            ensure!(is_half_year(date), "a handover that is not at a half-year");
        }
        Ok(())
    }

    fn lasts(member: u32, index: u32) -> bool {
        let status = Relationships::<T>::get(member, index).map(|r| r.status);
        matches!(status, Some(RelationshipStatus::Active | RelationshipStatus::Suspended))
    }
}
