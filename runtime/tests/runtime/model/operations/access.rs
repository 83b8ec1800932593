//! Requests on chain, receipts, anchors.

use medrec_primitives::{
    access::receipt_message, RefusalReason, RelationshipId, RequestId, RequestStatus, Settlement, DAY_MS,
};
use medrec_runtime::System;
use sp_core::Pair;

use super::{Access, Operation, GRANT, READ};
use crate::model::{
    apply::{Origin, INTERVAL},
    draw::Draw,
    world::World,
};

impl Draw {
    pub(super) fn access(&mut self, world: &mut World) -> Operation {
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
}
