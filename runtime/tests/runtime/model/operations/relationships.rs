//! Relationships, custodians, minors, silence, lost keys.

use medrec_primitives::{
    is_half_year, Custodian, CustodianRights, Moment, RelationshipFlags, RelationshipId, RelationshipStatus,
    DAY_MS,
};
use medrec_runtime::{AccountId, Runtime};
use pallet_relationships::RekeyStage;

use super::{Operation, Relationships, MANAGE, READ};
use crate::model::{
    apply::Origin,
    draw::{is_quiet, Draw},
    world::{is_dormant, Rekey, Relationship, World, MIN_CUSTODY},
};

/// How many relationships should be open at once.
const OPEN: usize = 48;

impl Draw {
    pub(super) fn relationships(&mut self, world: &mut World) -> Operation {
        let few = world.open.len() < OPEN;
        let kind = if few && self.percent(45) { self.below(8) } else { self.below(100) };
        match kind {
            0..6 => {
                let member = self.provider(world);
                let patient = self.new_key(world);
                let who = self.provider_key(world, member);
                let who = if self.percent(92) { who } else { self.anyone() };
                (Origin::Key(who), Relationships::propose { patient, ticket: self.bytes() }.into())
            }
            6..8 => {
                let member = self.provider(world);
                let guardian = self.new_key(world);
                let who = self.provider_key(world, member);
                let handover = if self.percent(92) { self.half_year(world) } else { self.ahead(world) };
                let call = Relationships::propose_minor { guardian, handover, ticket: self.bytes() };
                (Origin::Key(who), call.into())
            }
            8..20 => {
                let relationship = self.relationship(world, |_, r| r.ticket);
                let who = self.side(world, relationship, MANAGE);
                let call = if self.percent(88) {
                    Relationships::accept { relationship }
                } else {
                    Relationships::reject { relationship }
                };
                (self.mostly(world, who, relationship), call.into())
            }
            20..22 => {
                let old = self.percent(15);
                let favourites: Vec<_> = world.open.iter().take(4).copied().collect();
                let relationship = self.relationship(world, |id, _| {
                    world.open.len() > OPEN && (old || !favourites.contains(&id))
                });
                let who = self.either(world, relationship);
                (self.mostly(world, who, relationship), Relationships::end { relationship }.into())
            }
            22..26 => {
                let relationship = self
                    .relationship(world, |id, r| r.status == RelationshipStatus::Active && !is_quiet(id, r));
                let who = self.either(world, relationship);
                (self.mostly(world, who, relationship), Relationships::suspend { relationship }.into())
            }
            26..34 => {
                let relationship = self.relationship(world, |_, r| {
                    r.status == RelationshipStatus::Suspended
                        && !r.rekey.as_ref().is_some_and(Rekey::is_frozen)
                });
                let (provider, only) =
                    world.relationships.get(&relationship).map(|r| r.suspension.clone()).unwrap_or_default();
                let who = match only {
                    _ if provider && self.percent(75) => self.provider_key(world, relationship.member),
                    Some(only) if self.percent(75) => only,
                    _ => self.side(world, relationship, MANAGE),
                };
                (self.mostly(world, who, relationship), Relationships::resume { relationship }.into())
            }
            34..38 => {
                let relationship = self.lasting(world);
                let slot = self.below(9) as u8;
                let who = self.provider_key(world, relationship.member);
                let (locator, root) = (self.locator(), self.bytes());
                let call = Relationships::set_pointer { relationship, slot, locator, root };
                (self.mostly(world, who, relationship), call.into())
            }
            38..44 => {
                let relationship = self.relationship(world, |_, r| !r.pointers.is_empty());
                let record = world.relationships.get(&relationship);
                let slots: Vec<_> = record.iter().flat_map(|r| r.pointers.iter()).collect();
                let slots: Vec<_> = slots.iter().map(|(slot, p)| (**slot, p.version)).collect();
                let (slot, version) = self.one(&slots).unwrap_or((1, 1));
                if self.percent(30) {
                    let who = self.provider_key(world, relationship.member);
                    let call = Relationships::withdraw_pointer { relationship, slot };
                    return (self.mostly(world, who, relationship), call.into());
                }
                let version = if self.percent(85) { version } else { version + 1 };
                let who = self.side(world, relationship, READ);
                let call = Relationships::acknowledge { relationship, slot, version };
                (self.mostly(world, who, relationship), call.into())
            }
            44..50 => {
                let relationship = self.lasting(world);
                let who = self.side(world, relationship, MANAGE);
                let flag = |draw: &mut Self| RelationshipFlags(draw.one(&[0, 0, 1, 2, 2, 3, 4]).unwrap_or(0));
                let (set, clear) = match self.below(4) {
                    0 => (RelationshipFlags::EMERGENCY_OPT_OUT, RelationshipFlags::NONE),
                    1 => (RelationshipFlags::NONE, RelationshipFlags::ALL),
                    _ => (flag(self), flag(self)),
                };
                let call = Relationships::set_flags { relationship, set, clear };
                (self.mostly(world, who, relationship), call.into())
            }
            50..58 => self.custodians(world),
            58..61 => {
                let relationship = self.relationship(world, |_, r| !r.custodians.is_empty());
                let who = self.side(world, relationship, MANAGE);
                let record = world.relationships.get(&relationship);
                let keys: Vec<_> =
                    record.iter().flat_map(|r| r.custodians.iter()).map(|c| c.key.clone()).collect();
                let key = self.one(&keys).unwrap_or_else(|| self.stranger());
                let who = if self.percent(20) { key.clone() } else { who };
                let call = Relationships::remove_custodian { relationship, key };
                (self.mostly(world, who, relationship), call.into())
            }
            61..64 => {
                let relationship = self.lasting(world);
                let who = self.patient(world, relationship);
                let days = self.one(&[None, Some(30), Some(35), Some(60), Some(29), Some(3_661)]).flatten();
                let call = Relationships::set_inactivity { relationship, days };
                (self.mostly(world, who, relationship), call.into())
            }
            64..66 => {
                let relationship = self.lasting(world);
                let who = self.patient(world, relationship);
                (self.mostly(world, who, relationship), Relationships::touch { relationship }.into())
            }
            66..80 => self.silence(world),
            80..83 => {
                let relationship = self.relationship(world, |_, r| {
                    r.handover.is_some_and(|date| date <= world.now) || (r.ticket && r.patient_keys > 0)
                });
                let patient = self.new_key(world);
                let who = self.provider_key(world, relationship.member);
                let call = Relationships::enrol_patient { relationship, patient, ticket: self.bytes() };
                (self.mostly(world, who, relationship), call.into())
            }
            83 | 84 => {
                let footprint = <Runtime as pallet_relationships::Config>::RecordDeposit::get()
                    + <Runtime as pallet_relationships::Config>::UseDeposit::get();
                let amounts = [None, Some(footprint / 2), Some(2 * footprint), Some(0), Some(u128::MAX)];
                let amount = self.one(&amounts).flatten();
                let member = self.member(world, |_, _| true);
                let who = self.account_of(world, member);
                let who = if self.percent(85) { who } else { self.anyone() };
                (Origin::Key(who), Relationships::withdraw_deposit { amount }.into())
            }
            _ => self.rekey(world),
        }
    }

    /// A relationship that is active, or was, and is not one in which the patient should be silent.
    fn lasting(&mut self, world: &World) -> RelationshipId {
        self.relationship(world, |id, r| r.status != RelationshipStatus::Proposed && !is_quiet(id, r))
    }

    fn either(&mut self, world: &World, id: RelationshipId) -> AccountId {
        if self.percent(30) {
            self.provider_key(world, id.member)
        } else {
            self.side(world, id, MANAGE)
        }
    }

    /// One of the next half-years.
    fn half_year(&mut self, world: &World) -> Moment {
        let which = self.below(3) as usize;
        let days = (world.now / DAY_MS + 1..).map(|day| day * DAY_MS).filter(|day| is_half_year(*day));
        days.take(which + 1).last().unwrap_or(0)
    }

    pub(super) fn custodian(&mut self, world: &mut World, limit: Option<Moment>) -> Custodian {
        let key = self.new_key(world);
        let rights = match self.below(12) {
            0 => self.below(32) as u8,
            1..5 => 8 + 1 + self.below(7) as u8,
            5..9 => 7,
            _ => 1 + self.below(7) as u8,
        };
        let not_before = if self.percent(85) { world.now.saturating_sub(DAY_MS) } else { self.ahead(world) };
        let not_after = match limit {
            Some(end) if self.percent(90) => Some(end),
            _ if self.percent(60) => None,
            _ => Some(self.ahead(world)),
        };
        Custodian { key, rights: CustodianRights(rights), not_before, not_after }
    }

    fn custodians(&mut self, world: &mut World) -> Operation {
        let relationship = self.lasting(world);
        let who = self.side(world, relationship, MANAGE);
        let record = world.relationships.get(&relationship).cloned();
        let mut list = record.as_ref().map(|record| record.custodians.clone()).unwrap_or_default();
        let me = list.iter().find(|custodian| custodian.key == who).cloned();
        match self.below(6) {
            0 if !list.is_empty() => {
                let place = self.below(list.len() as u64) as usize;
                list.remove(place);
            }
            1 if !list.is_empty() => {
                let place = self.below(list.len() as u64) as usize;
                list[place].rights = CustodianRights(1 + self.below(15) as u8);
            }
            2 if !list.is_empty() => {
                let place = self.below(list.len() as u64) as usize;
                list[place].not_after = Some(self.ahead(world));
            }
            3 if self.percent(10) && !list.is_empty() => list.push(list[0].clone()),
            _ if list.len() < 4 => {
                let limit = me.and_then(|custodian| custodian.not_after);
                let one = self.custodian(world, limit);
                list.push(one);
            }
            _ => {
                list.pop();
            }
        }
        list.truncate(4);
        let custodians = list.try_into().unwrap_or_default();
        let call = Relationships::set_custodians { relationship, custodians };
        (self.mostly(world, who, relationship), call.into())
    }

    /// Stepping in and out.
    fn silence(&mut self, world: &mut World) -> Operation {
        let silent = |r: &Relationship| {
            let last = world.last_sign(r).unwrap_or(u32::MAX);
            r.custodians.iter().any(is_dormant)
                && r.inactivity.is_some_and(|days| last.saturating_add(days.into()) < world.today())
        };
        let requested = |r: &Relationship| world.standing_request(r).is_some();
        match self.below(10) {
            0..4 => {
                let relationship = self.relationship(world, |_, r| silent(r) && !requested(r));
                let record = world.relationships.get(&relationship);
                let keys: Vec<_> = record
                    .iter()
                    .flat_map(|r| r.custodians.iter().filter(|c| is_dormant(c)))
                    .map(|c| c.key.clone())
                    .collect();
                let who = self.one(&keys).unwrap_or_else(|| self.patient(world, relationship));
                (self.mostly(world, who, relationship), Relationships::step_in { relationship }.into())
            }
            4..7 => {
                let relationship = self.relationship(world, |_, r| world.standing_request(r) == Some(false));
                let who = self.provider_key(world, relationship.member);
                (
                    self.mostly(world, who, relationship),
                    Relationships::confirm_step_in { relationship }.into(),
                )
            }
            7 => {
                let relationship = self.relationship(world, |_, r| r.step_in.is_some());
                let who = self.either(world, relationship);
                (self.mostly(world, who, relationship), Relationships::step_out { relationship }.into())
            }
            _ => {
                // A relationship in which the patient will be silent.
                let relationship = self.relationship(world, |id, r| {
                    id.index % 3 == 0
                        && r.status == RelationshipStatus::Active
                        && (r.inactivity.is_none() || !r.custodians.iter().any(is_dormant))
                        && r.custodian_keys < 7
                        && r.handover.is_none()
                });
                let who = self.patient(world, relationship);
                let days = Some(30 + self.below(10) as u16);
                let inactivity = Relationships::set_inactivity { relationship, days };
                self.script.push_back((Origin::Key(who.clone()), inactivity.into()));
                let key = self.fresh(world, 0);
                let rights = CustodianRights(8 + 7);
                let custodian =
                    Custodian { key, rights, not_before: world.now.saturating_sub(DAY_MS), not_after: None };
                let custodians = vec![custodian].try_into().unwrap_or_default();
                (Origin::Key(who), Relationships::set_custodians { relationship, custodians }.into())
            }
        }
    }

    fn rekey(&mut self, world: &mut World) -> Operation {
        let frozen = |r: &Relationship| r.rekey.as_ref().is_some_and(Rekey::is_frozen);
        match self.below(17) {
            0..5 => {
                let (now, contested) = (world.now, self.percent(60));
                let relationship = self.relationship(world, |id, r| {
                    let old =
                        |c: &Custodian| c.not_before + MIN_CUSTODY <= now && world.may_use(r, c, MANAGE);
                    r.rekey.is_none()
                        && !r.ticket
                        && r.patient_keys < 8
                        && !is_quiet(id, r)
                        && (!contested || r.custodians.iter().any(old))
                });
                let by_provider = self.percent(60);
                let lost = self.lost(world, relationship);
                let key = self.new_key(world);
                let (who, ticket) = self.approver(world, relationship, by_provider);
                let call = Relationships::request_rekey { relationship, lost, key, ticket };
                (self.mostly(world, who, relationship), call.into())
            }
            5..9 => {
                let custodian = self.percent(70);
                let relationship = self.relationship(world, |_, r| {
                    r.rekey.as_ref().is_some_and(|rekey| {
                        let wanting = rekey.custodian.is_none() && !world.have_a_say(r, rekey).is_empty();
                        !rekey.has_lapsed(world.now)
                            && if custodian { wanting } else { !rekey.is_frozen() && !rekey.provider }
                    })
                });
                let rekey = world.relationships.get(&relationship).and_then(|r| r.rekey.clone());
                let named = rekey.as_ref().map(|rekey| rekey.key.clone());
                let key = named.filter(|_| self.percent(94)).unwrap_or_else(|| self.stranger());
                let by_provider = !custodian || self.percent(5);
                let (who, ticket) = self.approver(world, relationship, by_provider);
                let call = Relationships::approve_rekey { relationship, key, ticket };
                (self.mostly(world, who, relationship), call.into())
            }
            9..13 => {
                let now = world.now;
                let relationship = self.relationship(world, |_, r| {
                    r.rekey.as_ref().is_some_and(|rekey| {
                        rekey.provider && rekey.ready <= now && rekey.stage != RekeyStage::Vetoed
                    })
                });
                let rekey = world.relationships.get(&relationship).and_then(|r| r.rekey.clone());
                let who = match rekey {
                    Some(rekey) if self.percent(60) => rekey.key,
                    _ if self.percent(50) => self.provider_key(world, relationship.member),
                    _ => self.side(world, relationship, MANAGE),
                };
                (self.mostly(world, who, relationship), Relationships::finish_rekey { relationship }.into())
            }
            13 => {
                let relationship = self.relationship(world, |_, r| r.rekey.is_some());
                let rekey = world.relationships.get(&relationship).and_then(|r| r.rekey.clone());
                let who = rekey.map_or_else(|| self.stranger(), |rekey| rekey.lost);
                (self.mostly(world, who, relationship), Relationships::veto_rekey { relationship }.into())
            }
            14 | 15 => {
                let relationship = self.relationship(world, |_, r| frozen(r));
                let record = world.relationships.get(&relationship);
                let rekey = record.and_then(|r| r.rekey.clone());
                let keys: Vec<_> = rekey.into_iter().flat_map(|rekey| [rekey.lost, rekey.key]).collect();
                let key = self.one(&keys).filter(|_| self.percent(94)).unwrap_or_else(|| self.stranger());
                let who = self.provider_key(world, relationship.member);
                let call = Relationships::reproof { relationship, key, ticket: self.bytes() };
                (self.mostly(world, who, relationship), call.into())
            }
            _ => {
                let relationship = self.relationship(world, |_, r| r.rekey.is_some());
                let who = self.provider_key(world, relationship.member);
                (self.mostly(world, who, relationship), Relationships::cancel_rekey { relationship }.into())
            }
        }
    }

    /// The key that is lost: the patient's, or a custodian's of a minor.
    fn lost(&mut self, world: &World, id: RelationshipId) -> AccountId {
        let Some(relationship) = world.relationships.get(&id) else { return self.stranger() };
        let keyless = relationship.is_keyless(id);
        let keys: Vec<_> = relationship.custodians.iter().map(|custodian| custodian.key.clone()).collect();
        let custodian = self.one(&keys).filter(|_| keyless || self.percent(5));
        custodian.unwrap_or_else(|| relationship.patient.clone())
    }

    /// Who speaks for one side in a rekey, and what it shows.
    fn approver(
        &mut self,
        world: &World,
        id: RelationshipId,
        by_provider: bool,
    ) -> (AccountId, Option<[u8; 16]>) {
        let who = if by_provider {
            self.provider_key(world, id.member)
        } else {
            let relationship = world.relationships.get(&id);
            let able: Vec<_> = relationship
                .iter()
                .flat_map(|r| r.custodians.iter().filter(|c| world.may_use(r, c, MANAGE)))
                .map(|c| c.key.clone())
                .collect();
            self.one(&able).unwrap_or_else(|| self.stranger())
        };
        let right = self.percent(94);
        (who, (by_provider == right).then(|| self.bytes()))
    }
}
