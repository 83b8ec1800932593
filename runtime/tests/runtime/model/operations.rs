//! What is done next: drawn at random, so that most of it succeeds and a good part is wrong.

use frame_support::traits::Get;
use medrec_primitives::{
    access::receipt_message, is_half_year, Custodian, CustodianRights, GatekeeperUrl, GlassId, GrantTerms,
    MemberName, MemberRole, MemberStatus, Moment, RefusalReason, RelationshipFlags, RelationshipId,
    RelationshipStatus, RequestId, RequestStatus, ReviewOutcome, Settlement, StaffId, StaffRole, Viewer,
    DAY_MS,
};
use medrec_runtime::{AccountId, Runtime, RuntimeCall, System};
use pallet_relationships::RekeyStage;
use sp_core::Pair;

use super::{
    apply::{Origin, INTERVAL},
    draw::{is_quiet, Draw},
    world::{is_dormant, Rekey, World, MIN_CUSTODY},
};

type Registry = pallet_registry::Call<Runtime>;
type Relationships = pallet_relationships::Call<Runtime>;
type Permissions = pallet_permissions::Call<Runtime>;
type Access = pallet_access::Call<Runtime>;

/// A call, and who makes it.
pub type Operation = (Origin, RuntimeCall);

/// How many relationships should be open at once.
const OPEN: usize = 48;
/// How many members should be active.
const ACTIVE: usize = 9;

/// A person, where there is none to draw.
const NOBODY: StaffId = StaffId::new(0, 0);

const READ: CustodianRights = CustodianRights::READ;
const GRANT: CustodianRights = CustodianRights::GRANT;
const MANAGE: CustodianRights = CustodianRights::MANAGE;

impl Draw {
    /// The next operation.
    pub fn operation(&mut self, world: &mut World) -> Operation {
        if let Some(next) = self.script.pop_front() {
            return next;
        }
        let (origin, call) = match self.below(100) {
            0..11 => self.registry(world),
            11..46 => self.relationships(world),
            46..77 => self.permissions(world),
            77..98 => self.access(world),
            _ => {
                self.burst(world);
                return self.operation(world);
            }
        };
        // Sometimes the consortium's calls are made by others, and others' by the consortium.
        match origin {
            Origin::Consortium if self.percent(8) => (Origin::Key(self.stranger()), call),
            Origin::Key(_) if self.below(400) == 0 => (Origin::Consortium, call),
            Origin::Nobody if self.percent(3) => (Origin::Key(self.stranger()), call),
            origin => (origin, call),
        }
    }

    fn registry(&mut self, world: &mut World) -> Operation {
        let active = world.members.values().filter(|m| m.status == MemberStatus::Active).count();
        let applied = |status: MemberStatus, _: MemberRole| status == MemberStatus::Applied;
        let suspended = |status: MemberStatus, _: MemberRole| status == MemberStatus::Suspended;
        let is_active = |status: MemberStatus, _: MemberRole| status == MemberStatus::Active;
        let few = active < ACTIVE;
        let (member, call) = match self.below(if few { 30 } else { 100 }) {
            0..6 => return self.application(world),
            6..16 => {
                return (Origin::Consortium, Registry::admit { member: self.member(world, applied) }.into())
            }
            16..24 => {
                let member = self.member(world, suspended);
                return (Origin::Consortium, Registry::reinstate { member }.into());
            }
            24..27 => (self.member(world, applied), Registry::withdraw {}),
            27..34 => {
                let member = self.member(world, is_active);
                (member, self.new_staff(world))
            }
            34..37 => {
                let good = self.percent(80);
                let member = self.member(world, |status, _| (status == MemberStatus::Active) == good);
                return (Origin::Consortium, Registry::suspend { member }.into());
            }
            37 => {
                let member = if self.percent(40) {
                    self.member(world, is_active)
                } else {
                    self.member(world, |status, _| status != MemberStatus::Active)
                };
                return (Origin::Consortium, Registry::remove { member }.into());
            }
            38..44 => {
                let name = if self.percent(70) { Some(self.name(world)) } else { None };
                let url = if self.percent(60) { Some(self.url()) } else { None };
                (self.member(world, |_, _| true), Registry::update { name, url })
            }
            44..50 => {
                let gatekeeper = self.new_account(world);
                (self.member(world, is_active), Registry::rotate_gatekeeper_key { gatekeeper })
            }
            50..53 => {
                let public = if self.percent(90) { self.bytes() } else { [0; 32] };
                (self.member(world, is_active), Registry::rotate_sealing_key { public })
            }
            53..68 => {
                let member = self.member(world, is_active);
                (member, self.new_staff(world))
            }
            68..75 => {
                let id = self.staff(world, |_, _| true).map(|(id, _)| id).unwrap_or(NOBODY);
                let index = if self.percent(90) { id.index } else { id.index + 1 };
                (id.member, Registry::rotate_staff_key { index, key: self.new_key(world) })
            }
            75..82 => {
                let id = self.staff(world, |_, _| true).map(|(id, _)| id).unwrap_or(NOBODY);
                (
                    id.member,
                    Registry::remove_staff { index: if self.percent(90) { id.index } else { id.index + 1 } },
                )
            }
            82..85 => {
                let name = if self.percent(85) { b"Emergency rooms".to_vec() } else { b"<b>".to_vec() };
                let name = name.try_into().unwrap_or_default();
                (self.member(world, is_active), Registry::create_group { name })
            }
            85..94 => {
                let (group, owner) = self.group(world);
                let member = self.member(world, is_active);
                let call = Registry::add_to_group { group, member };
                if self.percent(30) {
                    return (Origin::Consortium, call.into());
                }
                (owner, call)
            }
            94 | 95 => {
                let empty: Vec<_> =
                    world.groups.iter().filter(|(_, group)| group.members.is_empty()).collect();
                let empty: Vec<_> = empty.iter().map(|(id, group)| (**id, group.owner)).collect();
                let one = self.one(&empty).filter(|_| self.percent(60));
                let (group, owner) = one.unwrap_or_else(|| self.group(world));
                let call = Registry::dissolve_group { group };
                if self.percent(20) {
                    return (Origin::Consortium, call.into());
                }
                (owner, call)
            }
            _ => {
                let (group, owner) = self.group(world);
                let of: Vec<_> =
                    world.groups.get(&group).iter().flat_map(|group| group.members.iter().copied()).collect();
                let member = self.one(&of).unwrap_or(0);
                let call = Registry::remove_from_group { group, member };
                match self.below(3) {
                    0 => return (Origin::Consortium, call.into()),
                    1 => (member, call),
                    _ => (owner, call),
                }
            }
        };
        let who = self.account_of(world, member);
        let who = if self.percent(90) { who } else { self.anyone() };
        (Origin::Key(who), call.into())
    }

    fn group(&mut self, world: &World) -> (u32, u32) {
        let some: Vec<_> = world.groups.keys().take(12).copied().collect();
        let unknown = self.below(u64::from(world.next_group) + 1) as u32;
        let group = self.one(&some).filter(|_| self.percent(90)).unwrap_or(unknown);
        let owner = world.groups.get(&group).map_or(0, |group| group.owner);
        (group, if self.percent(90) { owner } else { self.member(world, |_, _| true) })
    }

    fn name(&mut self, world: &World) -> MemberName {
        let name = match self.below(20) {
            0 => String::new(),
            1 => "Hôpital".into(),
            // A look-alike of someone's.
            2 | 3 => {
                let names: Vec<_> = world.members.values().map(|m| m.name.clone()).collect();
                let name = self.one(&names).unwrap_or_default();
                String::from_utf8_lossy(&name).to_uppercase().replace('O', "0")
            }
            _ => format!("Clinic {:08x}", self.number() as u32),
        };
        name.into_bytes().try_into().unwrap_or_default()
    }

    fn url(&mut self) -> GatekeeperUrl {
        let url: &[u8] = match self.below(20) {
            0 => b"",
            1 => b"http://gatekeeper.example",
            _ => b"https://gatekeeper.example",
        };
        url.to_vec().try_into().unwrap_or_default()
    }

    fn application(&mut self, world: &mut World) -> Operation {
        let role = match self.below(8) {
            0 => MemberRole::Researcher,
            1 => MemberRole::GroupOwner,
            _ => MemberRole::Provider,
        };
        let account = self.new_account(world);
        let gatekeeper = if self.percent(3) { account.clone() } else { self.new_account(world) };
        let sealing_key = if self.percent(95) { self.bytes() } else { [0; 32] };
        let call = Registry::apply { role, name: self.name(world), url: self.url(), gatekeeper, sealing_key };
        (Origin::Key(account), call.into())
    }

    fn new_staff(&mut self, world: &mut World) -> Registry {
        let role = match self.below(8) {
            0..4 => StaffRole::Emergency,
            4..6 => StaffRole::Clinician,
            6 => StaffRole::Pharmacist,
            _ => StaffRole::Steward,
        };
        let until = match self.below(20) {
            0 => self.ahead(world),
            1 => world.now + 900 * DAY_MS,
            _ => world.now + (2 + self.below(729)) * DAY_MS,
        };
        Registry::add_staff { key: self.new_key(world), role, until }
    }

    fn relationships(&mut self, world: &mut World) -> Operation {
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

    fn active(&mut self, world: &World) -> RelationshipId {
        self.relationship(world, |_, r| world.status(r) == RelationshipStatus::Active)
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

    fn custodian(&mut self, world: &mut World, limit: Option<Moment>) -> Custodian {
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
        let silent = |r: &super::world::Relationship| {
            let last = world.last_sign(r).unwrap_or(u32::MAX);
            r.custodians.iter().any(is_dormant)
                && r.inactivity.is_some_and(|days| last.saturating_add(days.into()) <= world.today())
        };
        let requested = |r: &super::world::Relationship| world.standing_request(r).is_some();
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
        let frozen = |r: &super::world::Relationship| r.rekey.as_ref().is_some_and(Rekey::is_frozen);
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

    fn permissions(&mut self, world: &mut World) -> Operation {
        match self.below(100) {
            0..22 => {
                let relationship = self.active(world);
                let who = self.side(world, relationship, GRANT);
                let (viewer, terms) =
                    (self.viewer(world, relationship), self.terms(world, relationship.member));
                let (not_before, mut not_after) = self.dates(world);
                if self.percent(85) {
                    not_after = within(world, relationship, &who, not_after);
                }
                let may_share = self.percent(60);
                let call =
                    Permissions::grant { relationship, viewer, terms, not_before, not_after, may_share };
                (self.mostly(world, who, relationship), call.into())
            }
            22..32 => {
                let suspended = self.percent(20);
                let relationship = if suspended {
                    self.relationship(world, |_, r| world.status(r) == RelationshipStatus::Suspended)
                } else {
                    self.active(world)
                };
                let who = self.side(world, relationship, GRANT);
                let (viewer, terms) =
                    (self.viewer(world, relationship), self.terms(world, relationship.member));
                let (not_before, not_after) = self.dates(world);
                let call = Permissions::deny { relationship, viewer, terms, not_before, not_after };
                (self.mostly(world, who, relationship), call.into())
            }
            32..46 => {
                let relationship = self.relationship(world, |_, r| !r.rules.is_empty());
                let record = world.relationships.get(&relationship);
                let rules: Vec<_> = record
                    .iter()
                    .flat_map(|r| r.rules.iter())
                    .map(|(id, (rule, _))| (*id, rule.parent))
                    .collect();
                let (grant, parent) = self.one(&rules).unwrap_or((7, None));
                let grant = if self.percent(93) { grant } else { grant + 1 };
                let mut who = self.side(world, relationship, GRANT);
                if let Some(parent) = parent.filter(|_| self.percent(50)) {
                    who = self.holder(world, relationship, parent);
                }
                (self.mostly(world, who, relationship), Permissions::revoke { relationship, grant }.into())
            }
            46..51 => {
                let relationship = self.relationship(world, |_, r| !r.rules.is_empty());
                let record = world.relationships.get(&relationship);
                let viewers: Vec<_> = record
                    .iter()
                    .flat_map(|r| r.rules.values())
                    .map(|(rule, _)| rule.viewer.clone())
                    .collect();
                let viewer = self.one(&viewers).unwrap_or(Viewer::Member(0));
                let who = self.side(world, relationship, GRANT);
                (
                    self.mostly(world, who, relationship),
                    Permissions::revoke_all { relationship, viewer }.into(),
                )
            }
            51..72 => {
                let relationship = self.relationship(world, |_, r| {
                    world.status(r) == RelationshipStatus::Active
                        && r.rules.values().any(|(rule, _)| rule.may_share)
                });
                let record = world.relationships.get(&relationship);
                let rules: Vec<_> = record
                    .iter()
                    .flat_map(|r| r.rules.iter())
                    .map(|(id, (rule, _))| (*id, rule.may_share, rule.not_after))
                    .collect();
                let good: Vec<_> = rules.iter().copied().filter(|(_, may_share, _)| *may_share).collect();
                let among = if self.percent(92) && !good.is_empty() { good } else { rules };
                let (parent, _, end) = self.one(&among).unwrap_or((3, true, None));
                let who = self.holder(world, relationship, parent);
                let (viewer, terms) =
                    (self.viewer(world, relationship), self.terms(world, relationship.member));
                let (not_before, mut not_after) = self.dates(world);
                if self.percent(80) {
                    not_after = end;
                }
                let may_share = self.percent(60);
                let call = Permissions::share {
                    relationship,
                    parent,
                    viewer,
                    terms,
                    not_before,
                    not_after,
                    may_share,
                };
                (self.mostly(world, who, relationship), call.into())
            }
            72..87 => {
                let relationship = self.active(world);
                let who = self.emergency(world);
                let reason = self.bytes();
                let origin = self.mostly(world, who, relationship);
                (origin, Permissions::break_glass { relationship, reason }.into())
            }
            87..94 => {
                let relationship = self.relationship(world, |_, r| !r.glasses.is_empty());
                let record = world.relationships.get(&relationship);
                let glasses: Vec<_> = record.iter().flat_map(|r| r.glasses.iter()).collect();
                let glasses: Vec<_> = glasses.iter().map(|glass| (glass.id, glass.staff)).collect();
                let (glass, staff) = self.one(&glasses).unwrap_or((GlassId::new(0, 0), NOBODY));
                let person = world.staff.get(&staff).map(|staff| staff.key.clone());
                let who = match person {
                    Some(key) if self.percent(60) => key,
                    _ => self.side(world, relationship, GRANT),
                };
                let glass =
                    if self.percent(94) { glass } else { GlassId::new(glass.member, glass.index + 1) };
                (
                    self.mostly(world, who, relationship),
                    Permissions::close_glass { relationship, glass }.into(),
                )
            }
            _ => {
                let mut glasses: Vec<_> = world.reviews.keys().rev().take(30).copied().collect();
                let count = 1 + self.below(8) as usize;
                while glasses.len() > count {
                    let place = self.below(glasses.len() as u64) as usize;
                    glasses.remove(place);
                }
                if self.percent(6) {
                    glasses.push(GlassId::new(0, self.below(50) as u32));
                }
                let outcome =
                    if self.percent(60) { ReviewOutcome::Justified } else { ReviewOutcome::Unjustified };
                let glasses = glasses.try_into().unwrap_or_default();
                (Origin::Consortium, Permissions::review_glass { glasses, outcome }.into())
            }
        }
    }

    /// Someone whom a rule is about.
    fn holder(&mut self, world: &World, id: RelationshipId, rule: u32) -> AccountId {
        let rule = world.relationships.get(&id).and_then(|r| r.rules.get(&rule));
        let groups = |member| world.groups_of(member);
        let found = match rule.map(|(rule, _)| &rule.viewer) {
            Some(Viewer::Key(key)) => self.pairs.contains_key(key).then(|| key.clone()),
            Some(Viewer::Member(member)) => {
                self.staff(world, |id, _| id.member == *member).map(|(_, key)| key)
            }
            Some(Viewer::Group(group)) => {
                self.staff(world, |id, _| groups(id.member).contains(group)).map(|(_, key)| key)
            }
            None => None,
        };
        found.unwrap_or_else(|| self.stranger())
    }

    fn access(&mut self, world: &mut World) -> Operation {
        let nowhere = RequestId::new(0, 0);
        match self.below(100) {
            0..32 => {
                let relationship = self.active(world);
                let asker = match self.below(10) {
                    0..4 => self.staff(world, |_, _| true).map(|(_, key)| key),
                    4 => Some(self.side(world, relationship, READ)),
                    5..9 => {
                        let record = world.relationships.get(&relationship);
                        let rules: Vec<u32> = record.iter().flat_map(|r| r.rules.keys().copied()).collect();
                        let rule = self.one(&rules).unwrap_or(0);
                        Some(self.holder(world, relationship, rule))
                    }
                    _ => None,
                };
                let asker = asker.unwrap_or_else(|| self.stranger());
                let question = self.sealed(world, relationship.member);
                let expires = match self.below(10) {
                    0 => self.ahead(world),
                    1..4 => world.now + DAY_MS,
                    _ => world.now + 6_000 * (1 + self.below(30 * 14_400)),
                };
                (Origin::Key(asker), Access::request { relationship, question, expires }.into())
            }
            32..54 => {
                let waiting = self.request(world, |status| status == RequestStatus::Waiting);
                let request = waiting.unwrap_or(nowhere);
                let about = world.requests.get(&request).map(|r| r.relationship);
                let id = about.unwrap_or(RelationshipId::new(0, 0));
                let who = self.side(world, id, GRANT);
                let call =
                    if self.percent(75) { Access::approve { request } } else { Access::decline { request } };
                (self.mostly(world, who, id), call.into())
            }
            54..59 => {
                let request = self.request(world, |_| true).unwrap_or(nowhere);
                let asker = world.requests.get(&request).map(|request| request.asker.clone());
                let asker = asker.filter(|_| self.percent(85)).unwrap_or_else(|| self.anyone());
                (Origin::Key(asker), Access::cancel { request }.into())
            }
            59..64 => {
                let now = world.now;
                let over: Vec<_> =
                    world.requests.iter().filter(|(_, r)| r.expires <= now).map(|(id, _)| *id).collect();
                let request = self.one(&over).or_else(|| self.request(world, |_| true)).unwrap_or(nowhere);
                (Origin::Key(self.stranger()), Access::expire { request }.into())
            }
            64..84 => {
                let request = self.request(world, |status| status == RequestStatus::Ready).unwrap_or(nowhere);
                (Origin::Nobody, self.receipt(world, request).into())
            }
            _ => {
                let last = (world.now / INTERVAL).saturating_sub(1) as u32;
                let anchored = world
                    .anchors
                    .iter()
                    .filter(|(_, anchors)| anchors.last().is_some_and(|anchor| anchor.interval == last));
                let anchored: Vec<_> = anchored.map(|(member, _)| *member).collect();
                let again = self.one(&anchored).filter(|_| self.percent(50));
                let member = again.unwrap_or_else(|| self.provider(world));
                let interval = if self.percent(92) { last } else { last + self.below(3) as u32 - 1 };
                let who = self.provider_key(world, member);
                let who = if self.percent(93) { who } else { self.anyone() };
                (
                    Origin::Key(who),
                    Access::anchor { interval, records: self.bytes(), log: self.bytes() }.into(),
                )
            }
        }
    }

    fn request(&mut self, world: &World, good: impl Fn(RequestStatus) -> bool) -> Option<RequestId> {
        if self.percent(4) {
            let past: Vec<_> = world.receipts.keys().copied().collect();
            return self.one(&past);
        }
        let of = |good: &dyn Fn(RequestStatus) -> bool| -> Vec<_> {
            world.requests.iter().filter(|(_, r)| good(r.status)).map(|(id, _)| *id).collect()
        };
        let among = if self.percent(92) { of(&good) } else { of(&|_| true) };
        self.one(&among)
    }

    /// A receipt, mostly signed by the right key.
    fn receipt(&mut self, world: &World, request: RequestId) -> Access {
        let settlement = match self.below(4) {
            0 => Settlement::Refused(RefusalReason::NotPermitted),
            1 => Settlement::Refused(RefusalReason::NotUnderstood),
            _ => Settlement::Fulfilled,
        };
        let digest = self.bytes();
        let gatekeeper = world.members.get(&request.member).map(|member| member.gatekeeper.clone());
        let signer = gatekeeper.filter(|_| self.percent(94)).unwrap_or_else(|| self.anyone());
        let genesis = System::block_hash(0);
        let message = receipt_message(genesis.as_ref(), request, settlement, &digest);
        let signature = self.pairs[&signer].sign(&message).0;
        match settlement {
            Settlement::Fulfilled => Access::fulfil { request, digest, signature },
            Settlement::Refused(reason) => Access::refuse { request, reason, digest, signature },
        }
    }

    /// Many calls at once, until some limit is reached.
    fn burst(&mut self, world: &mut World) {
        let id = self.active(world);
        let Some(record) = world.relationships.get(&id).cloned() else { return };
        let patient = self.side(world, id, MANAGE);
        let by = |who: &AccountId, call: RuntimeCall| (Origin::Key(who.clone()), call);
        let everything = GrantTerms::Everything;
        let grant = |viewer: Viewer| Permissions::grant {
            relationship: id,
            viewer,
            terms: everything.clone(),
            not_before: None,
            not_after: None,
            may_share: true,
        };
        let share = |parent: u32, viewer: Viewer| Permissions::share {
            relationship: id,
            parent,
            viewer,
            terms: everything.clone(),
            not_before: None,
            not_after: None,
            may_share: true,
        };
        match self.below(13) {
            // Slots of allows, and the day's allowance.
            0 | 1 => {
                let favourite = world.open.first().copied().unwrap_or(id);
                let who = self.side(world, favourite, GRANT);
                for _ in 0..34 {
                    let call = Permissions::grant {
                        relationship: favourite,
                        viewer: Viewer::Key(self.stranger()),
                        terms: everything.clone(),
                        not_before: None,
                        not_after: None,
                        may_share: false,
                    };
                    self.script.push_back(by(&who, call.into()));
                }
            }
            2 => {
                for _ in 0..18 {
                    let call = Permissions::deny {
                        relationship: id,
                        viewer: Viewer::Key(self.stranger()),
                        terms: everything.clone(),
                        not_before: None,
                        not_after: Some(world.now + DAY_MS),
                    };
                    self.script.push_back(by(&patient, call.into()));
                }
            }
            // A line that becomes too long.
            3 => {
                let first = record.next_rule;
                let line = self.strangers.clone();
                self.script.push_back(by(&patient, grant(Viewer::Key(line[0].clone())).into()));
                for (above, pair) in (first..).zip(line.windows(2)).take(6) {
                    let call = share(above, Viewer::Key(pair[1].clone()));
                    self.script.push_back(by(&pair[0], call.into()));
                }
            }
            // Too many from one, and too many in all.
            4 | 5 => {
                let first = record.next_rule;
                let holder = self.stranger();
                let parents = 1 + self.below(5) as u32;
                for _ in 0..parents {
                    self.script.push_back(by(&holder, RuntimeCall::from(grant(Viewer::Key(holder.clone())))));
                    if let Some(last) = self.script.back_mut() {
                        last.0 = Origin::Key(patient.clone());
                    }
                }
                for parent in (first..).take(parents as usize) {
                    for _ in 0..9 {
                        let call = share(parent, Viewer::Key(self.stranger()));
                        self.script.push_back(by(&holder, call.into()));
                    }
                }
            }
            // A person's quota of a day.
            6 => {
                let who = self.emergency(world);
                let Some(staff) = world.staff_facts(&who) else { return };
                let next = world.breaks.get(&staff.id.member).map_or(0, |breaks| breaks.next);
                for count in 0..26 {
                    let call = Permissions::break_glass { relationship: id, reason: self.bytes() };
                    self.script.push_back(by(&who, call.into()));
                    let glass = GlassId::new(staff.id.member, next + count);
                    let call = Permissions::close_glass { relationship: id, glass };
                    self.script.push_back(by(&who, call.into()));
                }
            }
            // Too many persons at one relationship.
            7 => {
                for _ in 0..24 {
                    let who = self.emergency(world);
                    let call = Permissions::break_glass { relationship: id, reason: self.bytes() };
                    self.script.push_back(by(&who, call.into()));
                }
            }
            // The day's allowance of what narrows access.
            8 => {
                let who = self.patient(world, id);
                for _ in 0..if self.percent(20) { 124 } else { 10 } {
                    let call = Permissions::revoke { relationship: id, grant: u32::MAX };
                    self.script.push_back(by(&who, call.into()));
                }
            }
            // More groups than a member may be in.
            9 => {
                let member = self.member(world, |status, _| status == MemberStatus::Active);
                let account = self.account_of(world, member);
                if world.groups.len() < 40 {
                    for _ in 0..8 {
                        let name = b"Group".to_vec().try_into().unwrap_or_default();
                        self.script.push_back(by(&account, Registry::create_group { name }.into()));
                    }
                } else if self.percent(30) {
                    for group in world.groups.keys().take(34).copied() {
                        let call = Registry::add_to_group { group, member };
                        self.script.push_back((Origin::Consortium, call.into()));
                    }
                }
            }
            // More open requests than there may be, at one relationship or of one asker.
            10 | 11 => {
                // Who asks without a grant is on a staff, and must pay.
                let asks = |key: &AccountId| world.active_staff(key).is_some() && world.funded.contains(key);
                let asker = if self.percent(50) {
                    self.staff(world, |_, staff| asks(&staff.key)).map(|(_, key)| key)
                } else {
                    None
                };
                let everywhere = asker.is_some() && self.percent(70);
                let asker = asker.unwrap_or_else(|| self.stranger());
                if !everywhere {
                    self.script.push_back(by(&patient, grant(Viewer::Key(asker.clone())).into()));
                }
                for _ in 0..if everywhere { 60 } else { 18 } {
                    let relationship = if everywhere { self.active(world) } else { id };
                    let question = self.sealed(world, relationship.member);
                    let expires = world.now + DAY_MS;
                    let call = Access::request { relationship, question, expires };
                    self.script.push_back(by(&asker, call.into()));
                }
            }
            // All keys that patient and custodians may have.
            _ => {
                let provider = self.provider_key(world, id.member);
                for _ in 0..9 {
                    let key = self.fresh(world, 0);
                    let ticket = Some(self.bytes());
                    let call = Relationships::request_rekey {
                        relationship: id,
                        lost: record.patient.clone(),
                        key,
                        ticket,
                    };
                    self.script.push_back(by(&provider, call.into()));
                    let call = Relationships::cancel_rekey { relationship: id };
                    self.script.push_back(by(&provider, call.into()));
                }
                for _ in 0..9 {
                    let one = self.custodian(world, None);
                    let custodians = vec![one].try_into().unwrap_or_default();
                    let call = Relationships::set_custodians { relationship: id, custodians };
                    self.script.push_back(by(&patient, call.into()));
                }
            }
        }
    }
}

/// Until when a grant may last that this key makes: no longer than its custodian, or than who has stepped in may grant.
fn within(world: &World, id: RelationshipId, who: &AccountId, end: Option<Moment>) -> Option<Moment> {
    let custodians = world.relationships.get(&id).map(|r| r.custodians.as_slice()).unwrap_or_default();
    let own = custodians.iter().find(|custodian| custodian.key == *who);
    let stepped_in = own.filter(|own| is_dormant(own)).map(|_| world.now + 30 * DAY_MS);
    [end, own.and_then(|own| own.not_after), stepped_in].into_iter().flatten().min()
}
