//! Rules, sharing onward, broken glasses and their review.

use medrec_primitives::{GlassId, Moment, RelationshipId, RelationshipStatus, ReviewOutcome, Viewer, DAY_MS};
use medrec_runtime::AccountId;

use super::{Operation, Permissions, GRANT, NOBODY};
use crate::model::{
    apply::Origin,
    draw::Draw,
    world::{is_dormant, World},
};

impl Draw {
    pub(super) fn permissions(&mut self, world: &mut World) -> Operation {
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
    pub(super) fn holder(&mut self, world: &World, id: RelationshipId, rule: u32) -> AccountId {
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
}

/// Until when a grant may last that this key makes: no longer than its custodian, or than who has stepped in may grant.
fn within(world: &World, id: RelationshipId, who: &AccountId, end: Option<Moment>) -> Option<Moment> {
    let custodians = world.relationships.get(&id).map(|r| r.custodians.as_slice()).unwrap_or_default();
    let own = custodians.iter().find(|custodian| custodian.key == *who);
    let stepped_in = own.filter(|own| is_dormant(own)).map(|_| world.now + 30 * DAY_MS);
    [end, own.and_then(|own| own.not_after), stepped_in].into_iter().flatten().min()
}
