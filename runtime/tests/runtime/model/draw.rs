//! Chance: numbers, keys, and whom or what a call is about.

use std::collections::{BTreeMap, VecDeque};

use frame_support::traits::fungible::Mutate;
use medrec_primitives::{
    CustodianRights, GrantTerms, MemberId, MemberRole, MemberStatus, Moment, RelationshipId,
    RelationshipStatus, SealedLocator, SealedTerms, StaffId, StaffRole, Viewer, DAY_MS,
    LOCATOR_PLAINTEXT_BYTES, TERMS_PLAINTEXT_BYTES,
};
use medrec_runtime::{
    constants::{MDR, MILLI_MDR, SLOT_DURATION},
    AccountId, Balances, RuntimeCall,
};
use sp_core::{sr25519, Pair};

use super::{
    apply::Origin,
    world::{is_dormant, Relationship, World},
};
use crate::support::account;

/// How many who are nobody's staff, patient or custodian, and can pay.
const STRANGERS: usize = 8;

/// What pays for fees, but for no deposit.
const POOR: u128 = 100 * MILLI_MDR;

/// A source of chance, and all keys made so far.
pub struct Draw {
    state: u64,
    pub pairs: BTreeMap<AccountId, sr25519::Pair>,
    keys: Vec<AccountId>,
    pub strangers: Vec<AccountId>,
    /// What comes next, in this order.
    pub script: VecDeque<(Origin, RuntimeCall)>,
}

impl Draw {
    pub fn new(seed: u64, world: &mut World) -> Self {
        let mut draw = Self {
            state: seed,
            pairs: Default::default(),
            keys: Vec::new(),
            strangers: Vec::new(),
            script: Default::default(),
        };
        draw.strangers = (0..STRANGERS).map(|_| draw.fresh(world, 1_000_000 * MDR)).collect();
        draw
    }

    /// SplitMix64.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound.max(1)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn one<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let place = self.below(of.len() as u64) as usize;
        of.get(place).cloned()
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for chunk in bytes.chunks_mut(8) {
            let number = self.number().to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
        bytes
    }

    /// A key that nobody has ever used, with so much on its account.
    pub fn fresh(&mut self, world: &mut World, funds: u128) -> AccountId {
        let pair = sr25519::Pair::from_seed(&self.bytes());
        let key = account(&pair);
        if funds > 0 {
            Balances::mint_into(&key, funds).unwrap();
            world.funded.insert(key.clone());
        }
        if (1..MDR).contains(&funds) {
            world.poor.insert(key.clone());
        }
        self.pairs.insert(key.clone(), pair);
        self.keys.push(key.clone());
        key
    }

    /// A key for a patient, a custodian or a person on a staff: mostly fresh, and mostly without a balance.
    pub fn new_key(&mut self, world: &mut World) -> AccountId {
        if self.percent(4) {
            return self.anyone();
        }
        let funds = if self.percent(30) { 1_000 * MDR } else { 0 };
        self.fresh(world, funds)
    }

    /// An account that can pay, for a member or its gatekeeper.
    pub fn new_account(&mut self, world: &mut World) -> AccountId {
        if self.percent(4) {
            return self.anyone();
        }
        let funds = if self.percent(6) { POOR } else { 1_000_000 * MDR };
        self.fresh(world, funds)
    }

    /// Whoever has enough for fees and no deposit keeps that, however many fees it paid.
    pub fn keep_paying(&self, world: &World, who: &AccountId) {
        let spent = POOR.saturating_sub(Balances::free_balance(who));
        if world.poor.contains(who) && spent > 0 {
            Balances::mint_into(who, spent).unwrap();
        }
    }

    /// Any key that was ever made.
    pub fn anyone(&mut self) -> AccountId {
        let place = self.below(self.keys.len() as u64) as usize;
        self.keys[place].clone()
    }

    pub fn stranger(&mut self) -> AccountId {
        let place = self.below(STRANGERS as u64) as usize;
        self.strangers[place].clone()
    }

    /// The one who should, or in some cases anybody else.
    pub fn mostly(&mut self, world: &World, who: AccountId, id: RelationshipId) -> Origin {
        if self.percent(86) {
            return Origin::Key(who);
        }
        let other = match self.below(6) {
            0 => self.stranger(),
            1 => world.relationships.get(&id).and_then(|r| self.custodian_of(r)).unwrap_or(who),
            2 => self.provider_key(world, id.member),
            3 => self.staff(world, |_, _| true).map_or(who, |(_, key)| key),
            4 => world.relationships.get(&id).map_or(who, |r| r.patient.clone()),
            _ => self.anyone(),
        };
        // Nobody has the key of the account that stands for a minor.
        Origin::Key(if self.pairs.contains_key(&other) { other } else { self.stranger() })
    }

    fn custodian_of(&mut self, relationship: &Relationship) -> Option<AccountId> {
        self.one(&relationship.custodians).map(|custodian| custodian.key)
    }

    /// A relationship that is not over, if possible one of which this is true; sometimes any other.
    pub fn relationship(
        &mut self,
        world: &World,
        good: impl Fn(RelationshipId, &Relationship) -> bool,
    ) -> RelationshipId {
        if self.percent(2) || world.open.is_empty() {
            let member = self.below(u64::from(world.next_member) + 1) as u32;
            let next = world.next_relationship.get(&member).copied().unwrap_or(0);
            return RelationshipId::new(member, self.below(u64::from(next) + 1) as u32);
        }
        let mut last = world.open[0];
        for _ in 0..24 {
            // The oldest ones are favourites, so that much can come together at them.
            let among = if self.percent(35) { world.open.len().min(4) } else { world.open.len() };
            last = world.open[self.below(among as u64) as usize];
            if world.relationships.get(&last).is_some_and(|relationship| good(last, relationship)) {
                return last;
            }
        }
        last
    }

    /// The patient, or a custodian with this right.
    pub fn side(&mut self, world: &World, id: RelationshipId, right: CustodianRights) -> AccountId {
        let Some(relationship) = world.relationships.get(&id) else { return self.anyone() };
        let able: Vec<_> = relationship
            .custodians
            .iter()
            .filter(|custodian| world.may_use(relationship, custodian, right))
            .map(|custodian| custodian.key.clone())
            .collect();
        let keyed = self.pairs.contains_key(&relationship.patient);
        let silent = is_quiet(id, relationship) && !self.percent(2);
        if (keyed && !silent && self.percent(65)) || able.is_empty() {
            return if keyed && !silent { relationship.patient.clone() } else { self.stranger() };
        }
        self.one(&able).unwrap_or_else(|| self.stranger())
    }

    pub fn patient(&mut self, world: &World, id: RelationshipId) -> AccountId {
        let patient = world.relationships.get(&id).map(|relationship| relationship.patient.clone());
        patient.filter(|key| self.pairs.contains_key(key)).unwrap_or_else(|| self.stranger())
    }

    /// A member, if possible one of which this is true; sometimes none at all.
    pub fn member(&mut self, world: &World, good: impl Fn(MemberStatus, MemberRole) -> bool) -> MemberId {
        let all: Vec<_> = world
            .members
            .iter()
            .filter(|(_, member)| good(member.status, member.role))
            .map(|(id, _)| *id)
            .collect();
        if self.percent(4) {
            return self.below(u64::from(world.next_member) + 1) as u32;
        }
        self.one(&all).unwrap_or(0)
    }

    pub fn provider(&mut self, world: &World) -> MemberId {
        self.member(world, |status, role| status == MemberStatus::Active && role == MemberRole::Provider)
    }

    pub fn account_of(&mut self, world: &World, member: MemberId) -> AccountId {
        world.members.get(&member).map_or_else(|| self.stranger(), |member| member.account.clone())
    }

    /// The member's account, or its gatekeeper's key.
    pub fn provider_key(&mut self, world: &World, member: MemberId) -> AccountId {
        let gatekeeper = self.percent(40);
        match world.members.get(&member) {
            Some(member) if gatekeeper => member.gatekeeper.clone(),
            Some(member) => member.account.clone(),
            None => self.stranger(),
        }
    }

    /// A person on some staff.
    pub fn staff(
        &mut self,
        world: &World,
        good: impl Fn(StaffId, &medrec_primitives::Staff) -> bool,
    ) -> Option<(StaffId, AccountId)> {
        let all: Vec<_> = world
            .staff
            .iter()
            .filter(|(id, staff)| good(**id, staff))
            .map(|(id, staff)| (*id, staff.key.clone()))
            .collect();
        self.one(&all)
    }

    /// A key of emergency staff who may act now.
    pub fn emergency(&mut self, world: &World) -> AccountId {
        let ready = |staff: &medrec_primitives::Staff| {
            staff.role == StaffRole::Emergency && staff.from <= world.now && world.now < staff.until
        };
        let active = |id: StaffId| world.member_status(id.member) == MemberStatus::Active;
        let one = self.staff(world, |id, staff| ready(staff) && active(id));
        one.map_or_else(|| self.stranger(), |(_, key)| key)
    }

    pub fn viewer(&mut self, world: &World, id: RelationshipId) -> Viewer {
        match self.below(20) {
            0..8 => Viewer::Key(self.stranger()),
            8 => Viewer::Key(self.patient(world, id)),
            9 => Viewer::Key(self.anyone()),
            10..15 => Viewer::Member(self.member(world, |status, _| status == MemberStatus::Active)),
            15 => Viewer::Member(self.member(world, |_, _| true)),
            _ => Viewer::Group(self.below(u64::from(world.next_group) + 1) as u32),
        }
    }

    pub fn sealed(&mut self, world: &World, member: MemberId) -> SealedTerms {
        let current = world.members.get(&member).map_or(0, |member| member.sealing_key);
        let key = if self.percent(93) { current } else { self.below(u64::from(current) + 2) as u8 };
        SealedTerms {
            key,
            enc: self.bytes(),
            ciphertext: [self.below(256) as u8; TERMS_PLAINTEXT_BYTES + 16],
            commitment: self.bytes(),
        }
    }

    pub fn terms(&mut self, world: &World, member: MemberId) -> GrantTerms {
        if self.percent(40) {
            GrantTerms::Everything
        } else {
            GrantTerms::Sealed(self.sealed(world, member))
        }
    }

    pub fn locator(&mut self) -> SealedLocator {
        SealedLocator {
            key: 0,
            enc: self.bytes(),
            ciphertext: [self.below(256) as u8; LOCATOR_PLAINTEXT_BYTES + 16],
        }
    }

    /// A stretch of time from one slot to some months.
    pub fn stretch(&mut self) -> Moment {
        let longest = match self.below(10) {
            0..2 => 10 * SLOT_DURATION,
            2..5 => DAY_MS / 4,
            5..8 => 20 * DAY_MS,
            _ => 200 * DAY_MS,
        };
        (1 + self.below(longest / SLOT_DURATION)) * SLOT_DURATION
    }

    /// Some moment ahead, in a few cases behind.
    pub fn ahead(&mut self, world: &World) -> Moment {
        let stretch = self.stretch();
        if self.percent(93) {
            world.now + stretch
        } else {
            world.now.saturating_sub(stretch)
        }
    }

    /// The dates of a rule.
    pub fn dates(&mut self, world: &World) -> (Option<Moment>, Option<Moment>) {
        let not_before = if self.percent(15) { Some(self.ahead(world)) } else { None };
        let not_after = if self.percent(60) {
            Some(
                self.ahead(world)
                    + if self.percent(80) { not_before.unwrap_or(0).saturating_sub(world.now) } else { 0 },
            )
        } else {
            None
        };
        (not_before, not_after)
    }
}

/// Whether this relationship's patient makes calls so seldom that dormant custodians can step in.
pub fn is_quiet(id: RelationshipId, relationship: &Relationship) -> bool {
    id.index.is_multiple_of(3)
        && relationship.status == RelationshipStatus::Active
        && relationship.inactivity.is_some()
        && relationship.custodians.iter().any(is_dormant)
}
