//! Interleaved repetitions and their ratios.

use serde_json::{json, Value};

use super::{
    actors::{self, account, grant, patient, payer, revoke, sign, transfer},
    blocks::{Chain, Taken},
    world, Options,
};
use crate::stats::Spread;

/// Repetitions that only warm up.
const WARM_UP: u32 = 3;

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `balances.transfer_keep_alive`.
    Transfer,
    /// `permissions.grant` of sealed terms.
    Grant,
    /// `permissions.revoke`.
    Revoke,
}

impl Kind {
    /// In the order of tables.
    pub const ALL: [Self; 3] = [Self::Transfer, Self::Grant, Self::Revoke];

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Grant => "grant",
            Self::Revoke => "revoke",
        }
    }
}

/// One repetition: a block of each kind, in the order of [`Kind::ALL`].
type Round = [Taken; 3];

/// What came out.
pub struct Times {
    rounds: Vec<Round>,
    block: u32,
}

/// Fills a state, and makes blocks of each kind in turn. Of two repetitions one begins with the transfers and one ends with
/// them; a grant always comes before its revocation.
pub fn measure(options: &Options) -> Times {
    let mut chain = world::filled(options.accounts);
    let mut rounds = Vec::new();
    for round in 0..WARM_UP + options.repetitions {
        let chosen = chosen(round, options);
        let transfers_first = round % 2 == 0;
        let before = transfers_first.then(|| transfers(&mut chain, &chosen, options.accounts));
        let granted =
            chain.block(|| chosen.iter().map(|&index| sign(&patient(index), grant(index, round))).collect());
        let numbers = chain.look(|| chosen.iter().map(|&index| newest_rule(index)).collect::<Vec<_>>());
        let revoked = chain.block(|| {
            let each = chosen.iter().zip(&numbers);
            each.map(|(&index, &rule)| sign(&patient(index), revoke(index, rule))).collect()
        });
        let transferred = match before {
            Some(taken) => taken,
            None => transfers(&mut chain, &chosen, options.accounts),
        };
        if round >= WARM_UP {
            rounds.push([transferred, granted, revoked]);
        }
    }
    Times { rounds, block: options.block }
}

fn transfers(chain: &mut Chain, chosen: &[u32], accounts: u32) -> Taken {
    chain.block(|| {
        let to = |index: u32| account(&payer((index + accounts / 2) % accounts));
        chosen.iter().map(|&index| sign(&payer(index), transfer(to(index)))).collect()
    })
}

/// Whose turn it is: others each round as long as there are any, so that no free call's allowance is used up.
fn chosen(round: u32, options: &Options) -> Vec<u32> {
    let first = round.wrapping_mul(options.block);
    (0..options.block).map(|place| first.wrapping_add(place) % options.accounts).collect()
}

fn newest_rule(index: u32) -> u32 {
    pallet_permissions::Rules::<medrec_runtime::Runtime>::iter_key_prefix((actors::MEMBER, index))
        .max()
        .expect("a rule was just made")
}

impl Times {
    /// Microseconds of one operation, its share of the block's start and root in it.
    pub fn of(&self, kind: Kind) -> Spread {
        self.spread(kind, Taken::total)
    }

    /// Operations per second.
    pub fn rate(&self, kind: Kind) -> f64 {
        1e6 / self.of(kind).median
    }

    /// Its time over a transfer's, of each repetition.
    pub fn ratio(&self, kind: Kind) -> Spread {
        let ratio =
            |round: &Round| round[kind as usize].total().as_secs_f64() / round[0].total().as_secs_f64();
        Spread::of(self.rounds.iter().map(ratio))
    }

    fn spread(&self, kind: Kind, part: impl Fn(&Taken) -> std::time::Duration) -> Spread {
        let each = |round: &Round| part(&round[kind as usize]).as_secs_f64() * 1e6 / f64::from(self.block);
        Spread::of(self.rounds.iter().map(each))
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let kinds = Kind::ALL.map(|kind| {
            let about = json!({
                "us": self.of(kind).json(),
                "root_us": self.spread(kind, |taken| taken.root).json(),
                "per_second": self.rate(kind),
                "ratio": self.ratio(kind).json(),
            });
            (kind.name().to_owned(), about)
        });
        Value::Object(kinds.into_iter().collect())
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "| call | us each | of it the root | operations/s | times a transfer |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        for kind in Kind::ALL {
            writeln!(
                f,
                "| {} | {:.1} | {:.1} | {:.0} | {:.2} |",
                kind.name(),
                self.of(kind),
                self.spread(kind, |taken| taken.root),
                self.rate(kind),
                self.ratio(kind)
            )?;
        }
        Ok(())
    }
}
