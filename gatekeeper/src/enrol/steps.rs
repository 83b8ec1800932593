//! What comes next for a pending key, by what the finalised chain says. A pure function: whatever was interrupted is taken up again
//! by asking it once more.

use medrec_client::chain::custody::{minor_account, Custody, Rekey, RekeyStage};
use medrec_primitives::{AccountId, CustodianRights, Facts, RelationshipStatus};

use crate::{
    chain::KeyStep,
    store::pending_keys::{PendingKey, TicketPurpose},
};

/// What the last finalised block says.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// The relationship and its parties.
    pub(super) facts: Facts,
    /// Its rekey and its handover.
    pub(super) custody: Custody,
    /// The block's number.
    pub(super) number: u64,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The chain names the key: it takes its place. `is_patient` tells whether as the patient's.
    Named { is_patient: bool },
    /// The chain has to be asked for this.
    Ask(KeyStep),
    /// Others have to act, or time has to pass.
    Wait,
    /// Nothing can come of it, for this reason.
    Never(Unfit),
}

/// Why a ticket leads to nothing as things stand. Told to whoever holds the ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The relationship is over.
    #[error("the relationship has ended: ask the provider to enrol you anew")]
    Ended,
    /// The patient has never accepted it.
    #[error("the relationship was never accepted: reject it, and ask the provider to enrol you anew")]
    NotAccepted,
    /// Only one of the two keys can go on after a veto.
    #[error("the rekey was vetoed: redeem the ticket with one of the two keys that it is about")]
    OtherKey,
    /// It was taken back.
    #[error("the rekey was taken back: ask the provider for a new ticket, and take a fresh key")]
    TakenBack,
    /// It waited for too long.
    #[error("the rekey has lapsed: ask the provider for a new ticket, and take a fresh key")]
    Lapsed,
    /// Not of age yet.
    #[error("the patient is not of age yet")]
    TooEarly,
    /// Of age, and without a key.
    #[error("the patient has come of age: ask the provider for a ticket for the patient's own first key")]
    OfAge,
    /// Has a key.
    #[error("the patient has a key already: ask the provider for a ticket for a lost key")]
    HasKey,
    /// Several could be lost.
    #[error("the provider has to name which guardian's key is lost")]
    WhichKey,
}

/// What comes next for a key that came with a ticket for this.
pub(super) fn next(view: &View, purpose: &TicketPurpose, pending: &PendingKey) -> Next {
    let facts = &view.facts;
    match facts.status {
        RelationshipStatus::Ended => return Next::Never(Unfit::Ended),
        RelationshipStatus::Proposed => return Next::Never(Unfit::NotAccepted),
        RelationshipStatus::Active | RelationshipStatus::Suspended => {}
    }
    // What was asked may not be final here yet.
    if pending.asked.is_some_and(|block| view.number < block) {
        return Next::Wait;
    }
    match purpose {
        TicketPurpose::OfAge { .. } => of_age(view, pending),
        TicketPurpose::Rekey { lost, .. } => rekey(view, lost.as_ref(), pending),
        // Not for relationships that exist.
        TicketPurpose::First | TicketPurpose::Minor { .. } => Next::Never(Unfit::HasKey),
    }
}

fn of_age(view: &View, pending: &PendingKey) -> Next {
    let facts = &view.facts;
    if facts.patient == pending.account {
        return Next::Named { is_patient: true };
    }
    if is_keyless(facts) && !is_of_age(view) {
        return Next::Never(Unfit::TooEarly);
    }
    // A key that was enrolled and not accepted may have been a stranger's. The chain knows whether it was accepted.
    if !is_keyless(facts) && facts.status != RelationshipStatus::Suspended {
        return Next::Never(Unfit::HasKey);
    }
    if pending.asked.is_some() {
        return Next::Never(Unfit::TakenBack);
    }
    Next::Ask(KeyStep::Enrol { key: pending.account.clone(), ticket: pending.digest })
}

fn rekey(view: &View, lost: Option<&AccountId>, pending: &PendingKey) -> Next {
    let facts = &view.facts;
    let key = pending.account.clone();
    let ticket = pending.digest;
    let Some(open) = &view.custody.rekey else {
        if let Some(is_patient) = named(facts, &key) {
            return Next::Named { is_patient };
        }
        if is_keyless(facts) && is_of_age(view) {
            return Next::Never(Unfit::OfAge);
        }
        if pending.asked.is_some() {
            return Next::Never(Unfit::TakenBack);
        }
        return match lost.cloned().or_else(|| only_holder(facts)) {
            Some(lost) => Next::Ask(KeyStep::Request { lost, key, ticket }),
            None => Next::Never(Unfit::WhichKey),
        };
    };
    let is_fresh = open.key == key;
    if open.is_frozen() {
        if !is_fresh && open.lost != key {
            return Next::Never(Unfit::OtherKey);
        }
        // What the provider said before the veto, or has said since, needs no repeating.
        let said = open.ticket == Some(ticket) && !open.has_lapsed(facts.now);
        let stands = open.stage == RekeyStage::Reproofed && is_fresh && !open.has_lapsed(facts.now);
        return if said || stands { Next::Wait } else { Next::Ask(KeyStep::Reproof { key, ticket }) };
    }
    if !is_fresh {
        // Whoever holds the newest ticket was proofed last. What this very ticket asked for, somebody has taken back since.
        return if pending.asked.is_some() {
            Next::Never(Unfit::TakenBack)
        } else {
            Next::Ask(KeyStep::Cancel)
        };
    }
    if open.has_lapsed(facts.now) {
        return Next::Never(Unfit::Lapsed);
    }
    match open.ticket {
        None => Next::Ask(KeyStep::Approve { key, ticket }),
        Some(_) => Next::Wait,
    }
}

/// Whether the chain shows what was asked of it: then the next look will not ask for it again.
pub(super) fn shows(view: &View, step: &KeyStep) -> bool {
    let Custody { rekey, .. } = &view.custody;
    let with = |key: &AccountId, ticket: &_| {
        rekey.as_ref().is_some_and(|open: &Rekey| open.key == *key && open.ticket.as_ref() == Some(ticket))
    };
    match step {
        KeyStep::Request { key, ticket, .. } | KeyStep::Approve { key, ticket } => with(key, ticket),
        KeyStep::Reproof { key, ticket } => rekey.is_none() || with(key, ticket),
        KeyStep::Cancel => rekey.is_none(),
        KeyStep::Enrol { key, .. } => view.facts.patient == *key,
    }
}

/// Whether the key has a place: as the patient's, or as a guardian's of a minor.
fn named(facts: &Facts, key: &AccountId) -> Option<bool> {
    if facts.patient == *key {
        return Some(true);
    }
    let guards = is_keyless(facts) && facts.custodians.iter().any(|custodian| custodian.key == *key);
    guards.then_some(false)
}

fn is_keyless(facts: &Facts) -> bool {
    facts.patient == minor_account(facts.relationship)
}

fn is_of_age(view: &View) -> bool {
    view.custody.handover.is_none_or(|date| date <= view.facts.now)
}

/// The patient's key; a minor's only guardian's.
fn only_holder(facts: &Facts) -> Option<AccountId> {
    if !is_keyless(facts) {
        return Some(facts.patient.clone());
    }
    let mut managing = facts.custodians.iter().filter(|c| c.rights.contains(CustodianRights::MANAGE));
    let first = managing.next()?;
    managing.next().is_none().then(|| first.key.clone())
}
