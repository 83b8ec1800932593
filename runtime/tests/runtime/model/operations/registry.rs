//! Members, their keys, their staff, groups.

use medrec_primitives::{GatekeeperUrl, MemberName, MemberRole, MemberStatus, StaffRole, DAY_MS};

use super::{Operation, Registry, NOBODY};
use crate::model::{apply::Origin, draw::Draw, world::World};

/// How many members should be active.
const ACTIVE: usize = 9;

impl Draw {
    pub(super) fn registry(&mut self, world: &mut World) -> Operation {
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
}
