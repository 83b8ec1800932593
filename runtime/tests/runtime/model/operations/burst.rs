//! Many calls at once, until some limit is reached.

use medrec_primitives::{GlassId, GrantTerms, MemberStatus, Viewer, DAY_MS};
use medrec_runtime::{AccountId, RuntimeCall};

use super::{Access, Permissions, Registry, Relationships, GRANT, MANAGE};
use crate::model::{apply::Origin, draw::Draw, world::World};

impl Draw {
    /// Many calls at once, until some limit is reached.
    pub(super) fn burst(&mut self, world: &mut World) {
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
