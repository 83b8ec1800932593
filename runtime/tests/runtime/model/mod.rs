//! All our pallets driven at random through the executive for years, and held against a simple model.
//!
//! The model ([`world`], [`apply`], [`rights`]) is written from the pallets' READMEs: it predicts of each operation whether it
//! enters a block, and how it ends, to the exact error. What an operation touched is compared after it, everything from
//! time to time ([`compare`]), and it is counted what was tried ([`coverage`]).
//!
//! `MODEL_SEED` and `MODEL_OPERATIONS` say what to repeat, or how long to go on.

mod apply;
mod chain;
mod compare;
mod coverage;
mod draw;
mod operations;
mod rights;
mod world;

use medrec_primitives::{Moment, RelationshipId, DAY_MS};
use medrec_runtime::{constants::SLOT_DURATION, AccountId, Balances, Runtime, RuntimeCall};
use sp_keyring::Sr25519Keyring;

use self::{
    apply::{Cost, Origin},
    coverage::Coverage,
    draw::Draw,
    world::{World, MIN_CUSTODY, REKEY_TERM},
};
use crate::support::{genesis_ext, try_state, FIRST_SLOT};

/// How many operations there are by default: a minute of them.
const OPERATIONS: u64 = 20_000;
/// How many it takes to come to everything.
const ALL: u64 = 100_000;
/// After how many of them everything is compared.
const ROUND: u64 = 1_000;
/// How many transactions a block has at most.
const PER_BLOCK: u32 = 6;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("it is a number"))
}

#[test]
fn pallets_should_agree_with_the_model_when_driven_at_random_for_years() {
    let seed = setting("MODEL_SEED", 20_261_122);
    let operations = setting("MODEL_OPERATIONS", OPERATIONS);
    println!("MODEL_SEED={seed} MODEL_OPERATIONS={operations}");
    genesis_ext("development").execute_with(|| {
        let mut run = Run::new(seed);
        let start = run.world.now;
        for number in 1..=operations {
            run.pass_time();
            run.operate(number);
            if number % ROUND == 0 || number == operations {
                compare::compare_all(&run.world);
                try_state();
            }
        }
        let years = (run.world.now - start) / (365 * DAY_MS);
        println!("{years} years, {} relationships\n{}", run.world.relationships.len(), run.coverage.table());
        if operations >= OPERATIONS {
            assert!(years * ALL >= 3 * operations.min(ALL), "only {years} years passed");
            run.coverage.assert_complete((10 * operations / ALL).min(10) as u32, operations >= ALL);
        }
    });
}

/// The model and what drives it.
struct Run {
    world: World,
    draw: Draw,
    coverage: Coverage,
    in_block: u32,
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut world = World { now: (FIRST_SLOT + 1) * SLOT_DURATION, ..Default::default() };
        chain::jump_to(world.now);
        let mut draw = Draw::new(seed, &mut world);
        for voter in [Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie] {
            use frame_support::traits::fungible::Mutate;
            draw.pairs.insert(voter.to_account_id(), voter.pair());
            Balances::mint_into(&voter.to_account_id(), 1_000_000_000 * medrec_runtime::constants::MDR)
                .unwrap();
        }
        Self { world, draw, coverage: Coverage::default(), in_block: 0 }
    }

    /// Goes on to some later block, or stays in this one.
    fn pass_time(&mut self) {
        let scripted = !self.draw.script.is_empty();
        if self.in_block < PER_BLOCK && (scripted || self.draw.percent(40)) {
            return;
        }
        let step = match self.draw.below(if scripted { 1 } else { 10_000 }) {
            0..3_000 => SLOT_DURATION,
            3_000..9_600 => self.draw.below(60 * 60_000),
            9_600..9_950 => self.draw.below(DAY_MS),
            9_950..9_990 => self.draw.below(14 * DAY_MS),
            _ => 30 * DAY_MS + self.draw.below(30 * DAY_MS),
        };
        let next = self.world.now + SLOT_DURATION;
        let mut now = (self.world.now + step.max(SLOT_DURATION)) / SLOT_DURATION * SLOT_DURATION;
        if !scripted && self.draw.percent(25) {
            // To the very moment at which something starts or ends.
            now = self.dates(now).unwrap_or(now) / SLOT_DURATION * SLOT_DURATION;
        }
        self.world.now = chain::with_room(now.max(next));
        chain::jump_to(self.world.now);
        self.in_block = 0;
        if step > DAY_MS || self.draw.percent(5) {
            chain::idle();
            self.world.clear_expired();
        }
    }

    /// Some date of some relationship's between now and then.
    fn dates(&mut self, then: Moment) -> Option<Moment> {
        let id = self.draw.one(&self.world.open)?;
        let record = self.world.relationships.get(&id)?;
        let mut dates: Vec<Moment> =
            record.custodians.iter().filter_map(|custodian| custodian.not_after).collect();
        dates.extend(record.handover);
        dates.extend(record.rekey.iter().flat_map(|rekey| [rekey.ready, rekey.ready + REKEY_TERM]));
        dates.extend(record.custodians.iter().map(|custodian| custodian.not_before + MIN_CUSTODY));
        dates.extend(record.rules.values().flat_map(|(rule, _)| [rule.not_before, rule.not_after]).flatten());
        dates.extend(record.glasses.iter().map(|glass| glass.until));
        dates.extend(self.world.staff.values().flat_map(|staff| [staff.from, staff.until]));
        dates.extend(self.world.requests.values().map(|request| request.expires));
        dates.retain(|date| self.world.now < *date && *date <= then);
        self.draw.one(&dates)
    }

    fn operate(&mut self, number: u64) {
        self.fill_deposits();
        let (origin, call) = self.draw.operation(&mut self.world);
        if origin == Origin::Consortium {
            // A motion fills a block of its own.
            self.world.now = chain::with_room(self.world.now + SLOT_DURATION);
            chain::jump_to(self.world.now);
            self.in_block = PER_BLOCK;
        }
        if let Origin::Key(who) = &origin {
            self.draw.keep_paying(&self.world, who);
        }
        let payer = match &origin {
            Origin::Key(who) => Some((who.clone(), self.world.cost(who, &call), chain::balance(who))),
            Origin::Consortium | Origin::Nobody => None,
        };
        let expected = self.world.apply(&origin, &call);
        let outcome = chain::apply(&self.draw, &origin, &call);
        assert_eq!(outcome, expected, "operation {number} at {}: {origin:?} {call:?}", self.world.now);
        self.in_block += 1;
        self.coverage.note(&call, &expected);
        if let Some((who, cost, before)) = payer {
            let after = chain::balance(&who);
            let withdraws = matches!(
                call,
                RuntimeCall::Relationships(pallet_relationships::Call::withdraw_deposit { .. })
            );
            // Whoever withdraws gets more than the fee.
            let gained = withdraws && outcome == Ok(Ok(()));
            let paid = outcome.is_ok() && cost == Cost::Fee && !gained;
            assert_eq!(after < before, paid, "operation {number}: {origin:?} {call:?}");
            compare::key(&self.world, &who);
        }
        self.compare_touched(&call);
    }

    fn compare_touched(&mut self, call: &RuntimeCall) {
        let Some(id) = compare::about(&self.world, call) else { return };
        compare::relationship(&self.world, id);
        let viewer = self.viewer(id);
        compare::rights(&self.world, id, &viewer);
    }

    /// Someone who may have something to do with a relationship.
    fn viewer(&mut self, id: RelationshipId) -> AccountId {
        let record = self.world.relationships.get(&id);
        let found = match self.draw.below(4) {
            0 => self.draw.staff(&self.world, |_, _| true).map(|(_, key)| key),
            1 => record.map(|record| record.patient.clone()),
            2 => record.and_then(|record| self.draw.one(&record.custodians)).map(|custodian| custodian.key),
            _ => None,
        };
        found.unwrap_or_else(|| self.draw.stranger())
    }

    /// Now and then somebody transfers to the deposit accounts that have run dry.
    fn fill_deposits(&mut self) {
        use frame_support::traits::fungible::Mutate;
        if !self.draw.percent(2) {
            return;
        }
        let footprint = <Runtime as pallet_relationships::Config>::RecordDeposit::get()
            + <Runtime as pallet_relationships::Config>::UseDeposit::get();
        for member in self.world.members.keys() {
            let (free, _) = self.world.deposits.entry(*member).or_default();
            if *free < footprint {
                // Half of one footprint is always left over.
                let amount = 12 * footprint + if *free == 0 { footprint / 2 } else { 0 };
                let account = pallet_relationships::Pallet::<Runtime>::deposit_account(*member);
                Balances::mint_into(&account, amount).unwrap();
                *free += amount;
            }
        }
    }
}
