//! Bytes of transactions and state, beside the goals of section 8 of the design.

use std::collections::BTreeMap;

use codec::Encode;
use serde_json::{json, Value};

use super::{
    actors::{accept, grant, patient, propose, revoke, sign},
    blocks::Chain,
    world,
};

/// What came out: what, bytes, goal.
pub struct Bytes(Vec<(&'static str, i64, i64)>);

/// Counts them on a chain of its own.
pub fn measure() -> Bytes {
    let mut chain = world::with_provider(3);
    let mut rows = Vec::new();
    let provider = world::provider();

    // The first patient pays for what all share: the provider's counter and the hold on its deposit account.
    enrol(&mut chain, 0);
    let before = chain.stored();
    let mut of_enrolment = 0;
    chain.block(|| {
        let transaction = sign(&provider, propose(&patient(1)));
        of_enrolment += transaction.encoded_size();
        vec![transaction]
    });
    chain.block(|| {
        let transaction = sign(&patient(1), accept(1));
        of_enrolment += transaction.encoded_size();
        vec![transaction]
    });
    let accepted = chain.stored();
    let (mut of_grant, mut of_revoke) = (0, 0);
    chain.block(|| {
        let transaction = sign(&patient(1), grant(1, 0));
        of_grant = transaction.encoded_size();
        vec![transaction]
    });
    let granted = chain.stored();
    chain.block(|| {
        let transaction = sign(&patient(1), revoke(1, 0));
        of_revoke = transaction.encoded_size();
        vec![transaction]
    });
    let revoked = chain.stored();

    rows.push(("transactions: propose and accept", of_enrolment as i64, 270));
    rows.push(("transaction: sealed grant, until a date", of_grant as i64, 330));
    rows.push(("transaction: revoke", of_revoke as i64, 125));
    rows.push(("state: relationship with the patient's account", size(&accepted) - size(&before), 400));
    rows.push(("state: sealed grant", size(&granted) - size(&accepted), 300));
    rows.push(("state: left of a grant after revoke", size(&revoked) - size(&accepted), 0));
    Bytes(rows)
}

fn enrol(chain: &mut Chain, index: u32) {
    chain.block(|| vec![sign(&world::provider(), propose(&patient(index)))]);
    chain.block(|| vec![sign(&patient(index), accept(index))]);
}

fn size(stored: &BTreeMap<Vec<u8>, Vec<u8>>) -> i64 {
    stored.iter().map(|(key, value)| (key.len() + value.len()) as i64).sum()
}

impl Bytes {
    /// What, bytes, goal.
    #[cfg(test)]
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, i64, i64)> + '_ {
        self.0.iter().copied()
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let row =
            |(what, bytes, goal): &(&str, i64, i64)| json!({ "what": what, "bytes": bytes, "goal": goal });
        self.0.iter().map(row).collect()
    }
}

impl std::fmt::Display for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "| bytes | counted | goal |\n|---|---|---|")?;
        self.0.iter().try_for_each(|(what, bytes, goal)| writeln!(f, "| {what} | {bytes} | at most {goal} |"))
    }
}
