//! Relationships, custodians, minors, silence, lost keys.

use frame_support::ensure;
use medrec_primitives::{
    is_half_year, Custodian, CustodianRights, MemberId, Pointer, RelationshipFlags, RelationshipId,
    RelationshipStatus, DAY_MS,
};
use medrec_runtime::{AccountId, Balance, Runtime};
use pallet_relationships::{Call, Config, RekeyStage};
use sp_runtime::{DispatchError, DispatchResult};

use crate::model::world::{in_force, is_dormant, Part, Rekey, Relationship, World, MIN_CUSTODY};

type Error = pallet_relationships::Error<Runtime>;

const MANAGE: CustodianRights = CustodianRights::MANAGE;
/// How many keys patients and custodians of a relationship may ever have, each.
const MAX_KEYS: u8 = 8;
/// How long the present key has to veto a rekey (ms).
const DELAY: u64 = 7 * DAY_MS;

/// The relationship that a call is free at, for its patient and custodians.
pub(super) fn free_for_parts(call: &Call<Runtime>) -> Option<RelationshipId> {
    match call {
        Call::accept { relationship }
        | Call::reject { relationship }
        | Call::suspend { relationship }
        | Call::resume { relationship }
        | Call::end { relationship }
        | Call::acknowledge { relationship, .. }
        | Call::set_flags { relationship, .. }
        | Call::set_custodians { relationship, .. }
        | Call::remove_custodian { relationship, .. }
        | Call::set_inactivity { relationship, .. }
        | Call::touch { relationship }
        | Call::step_in { relationship }
        | Call::step_out { relationship }
        | Call::request_rekey { relationship, .. }
        | Call::approve_rekey { relationship, .. }
        | Call::finish_rekey { relationship }
        | Call::veto_rekey { relationship } => Some(*relationship),
        _ => None,
    }
}

/// For whom someone speaks in a rekey.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Provider,
    Custodian,
}

impl World {
    pub(super) fn relationships(&mut self, who: &AccountId, call: &Call<Runtime>) -> DispatchResult {
        match call {
            Call::propose { patient, .. } => {
                let member = self.active_provider(who)?;
                self.ensure_fresh(patient)?;
                self.begin(member, |_| patient.clone())?;
                let id = *self.open.last().ok_or(Error::UnknownRelationship)?;
                self.open_key(id, patient, Part::Patient)
            }
            Call::propose_minor { guardian, handover, .. } => {
                let member = self.active_provider(who)?;
                let latest = self.now + 22 * 366 * DAY_MS;
                let good = self.now < *handover && *handover <= latest && is_half_year(*handover);
                ensure!(good, Error::BadHandover);
                self.ensure_fresh(guardian)?;
                self.begin(member, pallet_relationships::Pallet::<Runtime>::minor_account)?;
                let id = *self.open.last().ok_or(Error::UnknownRelationship)?;
                self.open_key(id, guardian, Part::Custodian)?;
                let not_before = self.now;
                let relationship = self.relationship_mut(id)?;
                relationship.handover = Some(*handover);
                relationship.custodians.push(Custodian {
                    key: guardian.clone(),
                    rights: CustodianRights::ALL,
                    not_before,
                    not_after: Some(*handover),
                });
                Ok(())
            }
            Call::enrol_patient { relationship, patient, .. } => self.enrol(who, *relationship, patient),
            Call::accept { relationship } => {
                self.ensure_patient_side(who, *relationship, MANAGE)?;
                let record = self.relationship_mut(*relationship)?;
                ensure!(record.ticket, Error::WrongStatus);
                record.ticket = false;
                let waits = record.suspension.0;
                record.status =
                    if waits { RelationshipStatus::Suspended } else { RelationshipStatus::Active };
                Ok(())
            }
            Call::reject { relationship } => {
                self.ensure_patient_side(who, *relationship, MANAGE)?;
                let proposed = self.relationship(*relationship)?.status == RelationshipStatus::Proposed;
                ensure!(proposed, Error::WrongStatus);
                self.close(*relationship)
            }
            Call::suspend { relationship } => {
                self.ensure_either_side(who, *relationship)?;
                let record = self.relationship(*relationship)?;
                let active = self.status(record) == RelationshipStatus::Active;
                if self.provider_of(who) == Some(relationship.member) {
                    // On top of the patient's suspension, once.
                    let suspended = self.status(record) == RelationshipStatus::Suspended;
                    ensure!((active || suspended) && !record.suspension.0, Error::WrongStatus);
                    self.relationship_mut(*relationship)?.suspension.0 = true;
                } else {
                    ensure!(active, Error::WrongStatus);
                }
                self.relationship_mut(*relationship)?.status = RelationshipStatus::Suspended;
                Ok(())
            }
            Call::resume { relationship } if self.provider_of(who).is_some() => {
                self.ensure_provider(who, *relationship)?;
                let stands = &mut self.relationship_mut(*relationship)?.suspension.0;
                ensure!(*stands, Error::WrongStatus);
                *stands = false;
                Ok(())
            }
            Call::resume { relationship } => {
                self.ensure_patient_side(who, *relationship, MANAGE)?;
                let record = self.relationship(*relationship)?;
                let suspended = self.status(record) == RelationshipStatus::Suspended;
                ensure!(suspended && !record.ticket, Error::WrongStatus);
                self.ensure_not_frozen(*relationship)?;
                let (provider, only) = &record.suspension;
                ensure!(!provider, Error::ProviderSuspended);
                if let Some(only) = only.as_ref().filter(|only| *only != who) {
                    let may = record.patient == *only || self.acts(record, only, MANAGE);
                    ensure!(!may, Error::NotAllowed);
                }
                let record = self.relationship_mut(*relationship)?;
                record.status = RelationshipStatus::Active;
                record.suspension = Default::default();
                Ok(())
            }
            Call::end { relationship } => {
                self.ensure_either_side(who, *relationship)?;
                if self.provider_of(who) == Some(relationship.member) {
                    self.member_of_account(who)?;
                }
                let ended = self.relationship(*relationship)?.status == RelationshipStatus::Ended;
                ensure!(!ended, Error::WrongStatus);
                self.close(*relationship)
            }
            Call::set_pointer { relationship, slot, locator, root } => {
                let member = self.active_provider(who)?;
                ensure!(member == relationship.member, Error::NotAllowed);
                ensure!(*slot < 8, Error::BadSlot);
                self.ensure_lasts(*relationship)?;
                let pointers = &mut self.relationship_mut(*relationship)?.pointers;
                let (version, seen) = pointers.get(slot).map_or((0, 0), |p| (p.version, p.seen));
                let locator = locator.clone();
                pointers.insert(*slot, Pointer { locator, root: *root, version: version + 1, seen });
                Ok(())
            }
            Call::withdraw_pointer { relationship, slot } => {
                let member = self.active_provider(who)?;
                ensure!(member == relationship.member, Error::NotAllowed);
                let record = self.relationships.get_mut(relationship).ok_or(Error::UnknownPointer)?;
                record.pointers.remove(slot).ok_or(Error::UnknownPointer)?;
                Ok(())
            }
            Call::acknowledge { relationship, slot, version } => {
                self.ensure_patient_side(who, *relationship, CustodianRights::READ)?;
                let pointers = &mut self.relationship_mut(*relationship)?.pointers;
                let pointer = pointers.get_mut(slot).ok_or(Error::UnknownPointer)?;
                ensure!(pointer.seen < *version && *version <= pointer.version, Error::BadVersion);
                pointer.seen = *version;
                Ok(())
            }
            Call::set_flags { relationship, set, clear } => self.set_flags(who, *relationship, *set, *clear),
            Call::set_custodians { relationship, custodians } => {
                self.set_custodians(who, *relationship, custodians)
            }
            Call::remove_custodian { relationship, key } => self.remove_custodian(who, *relationship, key),
            Call::set_inactivity { relationship, days } => {
                self.ensure_patient(who, *relationship)?;
                self.ensure_open(*relationship)?;
                self.ensure_not_frozen(*relationship)?;
                ensure!(days.is_none_or(|days| (30..=3_660).contains(&days)), Error::BadPeriod);
                self.come_back(who, *relationship)?;
                self.relationship_mut(*relationship)?.inactivity = *days;
                Ok(())
            }
            Call::touch { relationship } => {
                self.ensure_patient(who, *relationship)?;
                self.ensure_open(*relationship)?;
                self.come_back(who, *relationship)
            }
            Call::step_in { relationship } => self.step_in(who, *relationship),
            Call::confirm_step_in { relationship } => {
                self.ensure_provider(who, *relationship)?;
                let record = self.relationship(*relationship)?;
                let confirmed = self.standing_request(record).ok_or(Error::NotRequested)?;
                ensure!(!confirmed, Error::AlreadyApproved);
                let record = self.relationship_mut(*relationship)?;
                record.step_in = record.step_in.map(|(day, _)| (day, true));
                Ok(())
            }
            Call::step_out { relationship } => {
                self.ensure_either_side(who, *relationship)?;
                let record = self.relationship_mut(*relationship)?;
                record.step_in.take().ok_or(Error::NotRequested)?;
                if record.patient == *who {
                    self.note_life(who);
                }
                Ok(())
            }
            Call::withdraw_deposit { amount } => self.withdraw_deposit(who, *amount),
            rekey => self.rekey(who, rekey),
        }
    }

    fn ensure_patient(&self, who: &AccountId, id: RelationshipId) -> DispatchResult {
        ensure!(self.relationship(id)?.patient == *who, Error::NotAllowed);
        Ok(())
    }

    fn ensure_provider(&self, who: &AccountId, id: RelationshipId) -> DispatchResult {
        ensure!(self.active_provider(who)? == id.member, Error::NotAllowed);
        self.relationship(id).map(drop)
    }

    /// The patient's side, or the provider in any status.
    fn ensure_either_side(&self, who: &AccountId, id: RelationshipId) -> DispatchResult {
        if self.provider_of(who) == Some(id.member) {
            return self.relationship(id).map(drop);
        }
        self.ensure_patient_side(who, id, MANAGE)
    }

    fn ensure_lasts(&self, id: RelationshipId) -> DispatchResult {
        let lasts = [RelationshipStatus::Active, RelationshipStatus::Suspended];
        ensure!(lasts.contains(&self.relationship(id)?.status), Error::WrongStatus);
        Ok(())
    }

    /// Active or suspended, and not waiting for an acceptance.
    fn ensure_open(&self, id: RelationshipId) -> DispatchResult {
        self.ensure_lasts(id)?;
        ensure!(!self.relationship(id)?.ticket, Error::WrongStatus);
        Ok(())
    }

    fn ensure_not_frozen(&self, id: RelationshipId) -> DispatchResult {
        let frozen = self.relationship(id)?.rekey.as_ref().is_some_and(Rekey::is_frozen);
        ensure!(!frozen, Error::Frozen);
        Ok(())
    }

    fn deposits() -> (Balance, Balance) {
        (<Runtime as Config>::RecordDeposit::get(), <Runtime as Config>::UseDeposit::get())
    }

    fn withdraw_deposit(&mut self, who: &AccountId, amount: Option<Balance>) -> DispatchResult {
        let least = <Runtime as pallet_balances::Config>::ExistentialDeposit::get();
        let member = self.member_of_account(who)?;
        let (free, on_hold) = self.deposits.entry(member).or_default();
        // An account on which something is held must go on to exist.
        let most = if *on_hold > 0 { free.saturating_sub(least) } else { *free };
        let amount = amount.unwrap_or(most);
        ensure!(0 < amount && amount <= most, Error::NotFree);
        *free -= amount;
        Ok(())
    }

    fn begin(&mut self, member: MemberId, patient: impl Fn(RelationshipId) -> AccountId) -> DispatchResult {
        let (record, in_use) = Self::deposits();
        let held = record + in_use;
        let (free, on_hold) = self.deposits.entry(member).or_default();
        let least = <Runtime as pallet_balances::Config>::ExistentialDeposit::get();
        ensure!(*free >= held + least, Error::DepositAccountTooLow);
        *free -= held;
        *on_hold += held;
        let next = self.next_relationship.entry(member).or_default();
        let id = RelationshipId::new(member, *next);
        *next += 1;
        let relationship = Relationship {
            patient: patient(id),
            status: RelationshipStatus::Proposed,
            ticket: true,
            custodians: Vec::new(),
            inactivity: None,
            flags: RelationshipFlags::NONE,
            handover: None,
            step_in: None,
            rekey: None,
            suspension: Default::default(),
            patient_keys: 0,
            custodian_keys: 0,
            pointers: Default::default(),
            rules: Default::default(),
            next_rule: 0,
            granted_by: Default::default(),
            glasses: Vec::new(),
            held,
        };
        self.relationships.insert(id, relationship);
        self.open.push(id);
        Ok(())
    }

    fn open_key(&mut self, id: RelationshipId, key: &AccountId, part: Part) -> DispatchResult {
        self.ensure_fresh(key)?;
        let record = self.relationship_mut(id)?;
        let count =
            if part == Part::Custodian { &mut record.custodian_keys } else { &mut record.patient_keys };
        ensure!(*count < MAX_KEYS, Error::TooManyKeys);
        *count += 1;
        self.parts.insert(key.clone(), (id, part));
        Ok(())
    }

    fn become_part(&mut self, key: &AccountId, part: Part) {
        if let Some((_, old)) = self.parts.get_mut(key) {
            *old = part;
        }
    }

    fn close(&mut self, id: RelationshipId) -> DispatchResult {
        let (_, in_use) = Self::deposits();
        let (free, on_hold) = self.deposits.entry(id.member).or_default();
        *free += in_use;
        *on_hold -= in_use;
        self.open.retain(|open| *open != id);
        let record = self.relationship_mut(id)?;
        record.held -= in_use;
        record.status = RelationshipStatus::Ended;
        record.ticket = false;
        record.handover = None;
        record.step_in = None;
        record.suspension = Default::default();
        record.pointers.clear();
        record.rules.clear();
        record.glasses.clear();
        let mut keys: Vec<_> = record.custodians.drain(..).map(|custodian| custodian.key).collect();
        keys.extend(record.rekey.take().map(|rekey| rekey.key));
        keys.push(record.patient.clone());
        keys.iter().for_each(|key| self.become_part(key, Part::Retired));
        Ok(())
    }

    fn enrol(&mut self, who: &AccountId, id: RelationshipId, patient: &AccountId) -> DispatchResult {
        self.ensure_provider(who, id)?;
        self.ensure_lasts(id)?;
        let record = self.relationship(id)?;
        if !record.ticket {
            let date = record.handover.ok_or(Error::WrongStatus)?;
            ensure!(date <= self.now, Error::TooEarly);
        }
        self.open_key(id, patient, Part::Patient)?;
        let record = self.relationship_mut(id)?;
        let mut gone: Vec<_> = record.custodians.drain(..).map(|custodian| custodian.key).collect();
        gone.push(core::mem::replace(&mut record.patient, patient.clone()));
        record.status = RelationshipStatus::Suspended;
        record.ticket = true;
        record.handover = None;
        record.suspension.1 = None;
        gone.extend(record.rekey.take().map(|rekey| rekey.key));
        gone.iter().for_each(|key| self.become_part(key, Part::Retired));
        Ok(())
    }

    fn set_flags(
        &mut self,
        who: &AccountId,
        id: RelationshipId,
        set: RelationshipFlags,
        clear: RelationshipFlags,
    ) -> DispatchResult {
        self.ensure_patient_side(who, id, MANAGE)?;
        ensure!(set.0 < 4 && clear.0 < 4 && set.0 & clear.0 == 0, Error::BadFlags);
        self.ensure_open(id)?;
        let call = Call::<Runtime>::set_flags { relationship: id, set, clear }.into();
        if !super::narrows(&call) {
            self.ensure_not_frozen(id)?;
        }
        let flags = &mut self.relationship_mut(id)?.flags;
        *flags = RelationshipFlags((flags.0 | set.0) & !clear.0);
        Ok(())
    }

    fn set_custodians(&mut self, who: &AccountId, id: RelationshipId, new: &[Custodian]) -> DispatchResult {
        self.ensure_patient_side(who, id, MANAGE)?;
        self.ensure_open(id)?;
        self.ensure_not_frozen(id)?;
        let record = self.relationship(id)?.clone();
        let old = &record.custodians;
        let now = self.now;
        let open = record.rekey.as_ref().is_some_and(|rekey| !rekey.has_lapsed(now));
        ensure!(!open, Error::Rekeying);
        // Nobody manages since before it was named for that.
        let mut new = new.to_vec();
        for one in new.iter_mut().filter(|one| one.rights.contains(MANAGE)) {
            let before = old.iter().find(|other| other.key == one.key && other.rights.contains(MANAGE));
            one.not_before = one.not_before.max(before.map_or(now, |before| before.not_before));
        }
        for (place, custodian) in new.iter().enumerate() {
            let twice = new.iter().take(place).any(|other| other.key == custodian.key);
            let rights = custodian.rights.0 < 16 && custodian.rights.0 & 7 != 0;
            let lasts = custodian.not_after.is_none_or(|end| now < end && custodian.not_before < end);
            ensure!(!twice && (old.contains(custodian) || (rights && lasts)), Error::BadCustodian);
        }
        if record.patient != *who {
            let me = old.iter().find(|custodian| custodian.key == *who).ok_or(Error::NotAllowed)?;
            // Others who manage are left alone.
            let kept =
                old.iter().all(|other| other.key == *who || !manages(other, now) || new.contains(other));
            let within = new.iter().all(|one| old.contains(one) || is_within(one, me));
            ensure!(kept && within, Error::NotAllowed);
        }
        let was = |key: &AccountId| old.iter().any(|custodian| custodian.key == *key);
        let fresh: Vec<_> = new.iter().map(|custodian| &custodian.key).filter(|key| !was(key)).collect();
        // All or nothing.
        for (place, key) in fresh.iter().enumerate() {
            self.ensure_fresh(key)?;
            ensure!(record.custodian_keys + (place as u8) < MAX_KEYS, Error::TooManyKeys);
        }
        for key in fresh {
            self.open_key(id, key, Part::Custodian)?;
        }
        for before in old {
            let after = new.iter().find(|new| new.key == before.key);
            if after.is_none() {
                self.become_part(&before.key, Part::Retired);
            }
            if !after.is_some_and(|after| still_grants(before, after, now)) {
                self.relationship_mut(id)?.take_back(&before.key);
            }
        }
        self.relationship_mut(id)?.custodians = new;
        Ok(())
    }

    fn remove_custodian(&mut self, who: &AccountId, id: RelationshipId, key: &AccountId) -> DispatchResult {
        let record = self.relationship(id)?;
        let custodian = record.custodians.iter().find(|custodian| custodian.key == *key);
        let itself = who == key && custodian.is_some();
        if record.patient != *who && !itself {
            ensure!(self.acts(record, who, MANAGE), Error::NotAllowed);
            ensure!(!custodian.is_some_and(|other| manages(other, self.now)), Error::NotAllowed);
        }
        let custodian = custodian.ok_or(Error::UnknownCustodian)?;
        if who != key && manages(custodian, self.now) {
            self.ensure_not_frozen(id)?;
        }
        let record = self.relationship_mut(id)?;
        record.custodians.retain(|custodian| custodian.key != *key);
        record.take_back(key);
        self.become_part(key, Part::Retired);
        Ok(())
    }

    /// The patient lives: what was done in silence is undone.
    fn come_back(&mut self, patient: &AccountId, id: RelationshipId) -> DispatchResult {
        self.note_life(patient);
        self.relationship_mut(id)?.step_in = None;
        Ok(())
    }

    fn step_in(&mut self, who: &AccountId, id: RelationshipId) -> DispatchResult {
        let record = self.relationship(id)?;
        let named = |c: &Custodian| c.key == *who && is_dormant(c) && in_force(c, self.now);
        ensure!(record.custodians.iter().any(named), Error::NotAllowed);
        self.ensure_open(id)?;
        let period = record.inactivity.ok_or(Error::NotSilent)?;
        let last = self.last_sign(record).ok_or(Error::NotSilent)?;
        let day = self.today();
        ensure!(last + u32::from(period) < day, Error::NotSilent);
        ensure!(self.standing_request(record).is_none(), Error::AlreadyRequested);
        self.relationship_mut(id)?.step_in = Some((day, false));
        Ok(())
    }

    fn ensure_side(
        &self,
        who: &AccountId,
        id: RelationshipId,
        lost: &AccountId,
    ) -> Result<Side, DispatchError> {
        if self.provider_of(who).is_some() {
            return self.ensure_provider(who, id).map(|()| Side::Provider);
        }
        let manages = self.acts(self.relationship(id)?, who, MANAGE);
        ensure!(manages && who != lost, Error::NotAllowed);
        Ok(Side::Custodian)
    }

    fn pending(&self, id: RelationshipId) -> Result<Rekey, DispatchError> {
        let rekey = self.relationships.get(&id).and_then(|record| record.rekey.clone());
        rekey.ok_or(Error::NotRequested.into())
    }

    /// The custodians whose approval a rekey needs, any one's of them.
    pub fn have_a_say(&self, record: &Relationship, rekey: &Rekey) -> Vec<AccountId> {
        let say = record.custodians.iter().filter(|custodian| {
            custodian.key != rekey.lost
                && custodian.not_before + MIN_CUSTODY <= rekey.asked
                && self.may_use(record, custodian, MANAGE)
        });
        say.map(|custodian| custodian.key.clone()).collect()
    }

    fn approve(
        &self,
        who: &AccountId,
        record: &Relationship,
        rekey: &mut Rekey,
        side: Side,
        ticket: bool,
    ) -> DispatchResult {
        ensure!(ticket == (side == Side::Provider), Error::BadTicket);
        if side == Side::Provider {
            ensure!(!rekey.provider, Error::AlreadyApproved);
            rekey.provider = true;
        } else {
            let say = self.have_a_say(record, rekey);
            ensure!(say.contains(who), Error::TooNew);
            let approved = rekey.custodian.as_ref().is_some_and(|key| say.contains(key));
            ensure!(!approved, Error::AlreadyApproved);
            rekey.custodian = Some(who.clone());
        }
        rekey.ready = self.now + DELAY;
        Ok(())
    }

    /// Puts the fresh key in the place of the lost one.
    fn replace_key(&mut self, id: RelationshipId, rekey: &Rekey) -> DispatchResult {
        let record = self.relationship_mut(id)?;
        let mut part = Part::Patient;
        if record.patient == rekey.lost {
            record.patient = rekey.key.clone();
        } else {
            part = Part::Custodian;
            let guardian = record.custodians.iter_mut().find(|custodian| custodian.key == rekey.lost);
            guardian.ok_or(Error::UnknownCustodian)?.key = rekey.key.clone();
            record
                .granted_by
                .values_mut()
                .filter(|key| **key == rekey.lost)
                .for_each(|key| *key = rekey.key.clone());
        }
        self.become_part(&rekey.lost, Part::Retired);
        self.become_part(&rekey.key, part);
        self.note_life(&rekey.key);
        Ok(())
    }

    fn rekey(&mut self, who: &AccountId, call: &Call<Runtime>) -> DispatchResult {
        match call {
            Call::request_rekey { relationship, lost, key, ticket } => {
                let side = self.ensure_side(who, *relationship, lost)?;
                self.ensure_open(*relationship)?;
                let record = self.relationship(*relationship)?;
                let good = if record.is_keyless(*relationship) {
                    self.acts(record, lost, MANAGE)
                } else {
                    record.patient == *lost
                };
                ensure!(good, Error::WrongKey);
                ensure!(record.rekey.is_none(), Error::AlreadyRequested);
                let mut rekey = Rekey {
                    lost: lost.clone(),
                    key: key.clone(),
                    provider: false,
                    custodian: None,
                    asked: self.now,
                    ready: 0,
                    stage: RekeyStage::Asked,
                };
                self.approve(who, record, &mut rekey, side, ticket.is_some())?;
                self.open_key(*relationship, key, Part::Pending)?;
                self.relationship_mut(*relationship)?.rekey = Some(rekey);
            }
            Call::approve_rekey { relationship, key, ticket } => {
                let mut rekey = self.pending(*relationship)?;
                let side = self.ensure_side(who, *relationship, &rekey.lost)?;
                ensure!(!rekey.is_frozen() || side == Side::Custodian, Error::Frozen);
                ensure!(rekey.key == *key, Error::WrongKey);
                ensure!(!rekey.has_lapsed(self.now), Error::Lapsed);
                let record = self.relationship(*relationship)?;
                self.approve(who, record, &mut rekey, side, ticket.is_some())?;
                self.relationship_mut(*relationship)?.rekey = Some(rekey);
            }
            Call::finish_rekey { relationship } => {
                let rekey = self.pending(*relationship)?;
                if rekey.key != *who {
                    self.ensure_side(who, *relationship, &rekey.lost)?;
                }
                ensure!(rekey.stage != RekeyStage::Vetoed, Error::Frozen);
                let say = self.have_a_say(self.relationship(*relationship)?, &rekey);
                let agreed = say.is_empty() || rekey.custodian.as_ref().is_some_and(|key| say.contains(key));
                ensure!(rekey.provider && agreed, Error::NotApproved);
                ensure!(rekey.ready <= self.now, Error::TooEarly);
                ensure!(!rekey.has_lapsed(self.now), Error::Lapsed);
                self.replace_key(*relationship, &rekey)?;
                let record = self.relationship_mut(*relationship)?;
                record.rekey = None;
                if rekey.is_frozen() {
                    record.suspension.1 = Some(rekey.key);
                }
            }
            Call::veto_rekey { relationship } => {
                let record = self.relationship(*relationship)?;
                let rekey = self.pending(*relationship)?;
                let present = record.patient == *who
                    || record.is_keyless(*relationship) && self.acts(record, who, MANAGE);
                ensure!(rekey.lost == *who && present, Error::NotAllowed);
                ensure!(!rekey.is_frozen(), Error::Frozen);
                let record = self.relationship_mut(*relationship)?;
                record.status = RelationshipStatus::Suspended;
                record.rekey = Some(Rekey { stage: RekeyStage::Vetoed, custodian: None, ..rekey });
            }
            Call::reproof { relationship, key, .. } => {
                self.ensure_provider(who, *relationship)?;
                let rekey = self.pending(*relationship)?;
                ensure!(rekey.is_frozen(), Error::NotFrozen);
                if rekey.key == *key {
                    // The provider's approval, and no more.
                    let (stage, ready) = (RekeyStage::Reproofed, self.now + DELAY);
                    let rekey = Rekey { provider: true, stage, ready, ..rekey };
                    self.relationship_mut(*relationship)?.rekey = Some(rekey);
                } else {
                    ensure!(rekey.lost == *key, Error::WrongKey);
                    self.become_part(&rekey.key, Part::Retired);
                    self.note_life(key);
                    let record = self.relationship_mut(*relationship)?;
                    record.rekey = None;
                    record.suspension.1 = Some(key.clone());
                }
            }
            Call::cancel_rekey { relationship } => {
                self.ensure_provider(who, *relationship)?;
                let rekey = self.pending(*relationship)?;
                ensure!(!rekey.is_frozen(), Error::Frozen);
                self.become_part(&rekey.key, Part::Retired);
                self.relationship_mut(*relationship)?.rekey = None;
            }
            other => unreachable!("not about a rekey: {other:?}"),
        }
        Ok(())
    }
}

/// Whether what a custodian granted stays when it is changed: it may do all that it needed to, and for as long.
fn still_grants(before: &Custodian, after: &Custodian, now: u64) -> bool {
    let end = |custodian: &Custodian| custodian.not_after.unwrap_or(u64::MAX);
    let rights = after.rights.0 & 3 == 3 && (is_dormant(before) || !is_dormant(after));
    before == after || (rights && after.not_before <= now && end(before) <= end(after))
}

/// Whether a custodian manages the relationship, and has not come to its end.
fn manages(custodian: &Custodian, now: u64) -> bool {
    custodian.rights.contains(MANAGE) && custodian.not_after.is_none_or(|end| now < end)
}

/// No right beyond, no day longer, and dormant if the other is.
fn is_within(one: &Custodian, me: &Custodian) -> bool {
    let end = |custodian: &Custodian| custodian.not_after.unwrap_or(u64::MAX);
    let rights = one.rights.0 & 7 & !me.rights.0 == 0;
    rights && end(one) <= end(me) && (is_dormant(one) || !is_dormant(me))
}
