//! Hospitals with thousands of patients, all of whom are on chain and have said whether they count.
//!
//! | Module | Holds |
//! |---|---|
//! | [`people`] | who the patients are, and a seeded generator of plausible ones |
//! | [`cohorts`] | the persons of two published cohorts: SUPPORT2 and Framingham |
//! | [`load`] | puts them into databases, in bulk |
//! | [`enrol`] | relationships and release choices on chain, each signed by its patient's own key; what enrolment leaves in the gatekeeper's store |
//! | [`truth`] | what a table would say without noise, computed from the persons themselves |

pub mod cohorts;
pub mod enrol;
pub mod load;
pub mod people;
pub mod truth;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use medrec_client::{
    chain::{calls, events},
    KeyPair,
};
use medrec_primitives::{research::ReleaseChoice, MemberId, MemberRole};

use crate::{
    gatekeeper::{Gatekeeper, GatekeeperOptions},
    network::{dev_key, UNIT},
    practice::World,
};
use people::Person;

/// What a hospital's deposits for so many relationships take at most, each (plancks).
const DEPOSIT_EACH: u128 = 20 * UNIT;

/// A provider with its gatekeeper.
pub struct Hospital {
    /// Its name.
    pub name: &'static str,
    /// Signs for it on chain.
    pub key: KeyPair,
    /// Its number on chain.
    pub member: MemberId,
    /// Its gatekeeper.
    pub gatekeeper: Gatekeeper,
    /// Whom it knows.
    pub people: Vec<Person>,
}

/// What a hospital starts from.
pub struct Plan {
    /// Its name.
    pub name: &'static str,
    /// The secret URI of its account, which the chain's genesis endows.
    pub suri: &'static str,
    /// Where its database is.
    pub database_url: String,
    /// Its mapping file's text.
    pub mapping: &'static str,
    /// Whom it knows.
    pub people: Vec<Person>,
}

impl Hospital {
    /// Applies with a new gatekeeper, and is admitted. The gatekeeper does not run yet. `settings` as [`GatekeeperOptions::settings`].
    pub async fn admit(world: &World, plan: Plan, settings: &[(&str, &str, &str)]) -> Result<Self> {
        let settings: BTreeMap<_, _> = settings
            .iter()
            .map(|(section, key, value)| (((*section).to_owned(), (*key).to_owned()), (*value).to_owned()))
            .collect();
        let options = GatekeeperOptions {
            name: plan.name.to_owned(),
            chain_url: world.node.url(),
            database_url: plan.database_url,
            mapping: plan.mapping.to_owned(),
            port: None,
            settings,
        };
        let gatekeeper = Gatekeeper::init(&world.scratch, options)?;
        let (key, public) = (dev_key(plan.suri)?, &gatekeeper.public);
        let role = MemberRole::Provider;
        let call =
            calls::registry::apply(role, plan.name, &gatekeeper.url(), &public.account, public.sealing);
        let member = world.submit(&call, &key).await?.expect::<events::Applied>()?.member;
        world.council_carries(calls::registry::admit(member)).await?;
        world.fund(&public.account).await?;
        let deposits = u128::try_from(plan.people.len())? * DEPOSIT_EACH;
        let call = calls::balances::transfer_keep_alive(&calls::balances::deposit_account(member), deposits);
        world.submit(&call, &key).await.context("the deposits")?;
        Ok(Self { name: plan.name, key, member, gatekeeper, people: plan.people })
    }

    /// Those whose choice releases for the purposes of a table, on this day and for ever.
    pub fn released(&self, choice: impl Fn(usize) -> ReleaseChoice) -> impl Iterator<Item = &Person> {
        let all = self.people.iter().enumerate();
        all.filter(move |(place, _)| choice(*place).release).map(|(_, person)| person)
    }
}
