//! `medrec custodian`, `inactivity`, `touch`, `step-in`, `step-out`: who acts in a patient's place, and when.

use core::str::FromStr;

use anyhow::ensure;
use clap::{Args, Subcommand};
use medrec_primitives::{is_half_year, Custodian, CustodianRights, Moment, RelationshipId};

use super::{
    args::{Address, When},
    context::Context,
    output::{time, Output},
    relationships::act,
    spread::{spread, Spread},
};
use crate::chain::calls;

/// Those who act for a patient.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set the whole list of custodians
    #[command(after_help = "\
Examples:
  medrec --key @carol.key custodian set r0-3 5FHneW46...:read,grant,manage
  medrec --key @carol.key custodian set r0-3 5FHneW46...:read:2031-07-01 5DAAnrj7...:read,manage,dormant
  medrec --key @carol.key custodian set r0-3                                  nobody any more

Rights: read, grant (grants, denies, revokes), manage (accepts, suspends, resumes, ends, appoints custodians); with
dormant only after stepping in. Whoever is not on the list is removed. Each custodian needs a key of its own for this
relationship, used nowhere else. Ends are 1 January or 1 July, so that they tell no birthday.")]
    Set {
        /// The relationship, such as r0-3
        relationship: RelationshipId,
        /// ADDRESS:RIGHTS, or ADDRESS:RIGHTS:UNTIL, or ADDRESS:RIGHTS:FROM..UNTIL; at most four
        #[arg(value_name = "CUSTODIAN")]
        custodians: Vec<CustodianArg>,
    },
    /// Remove a custodian, or resign as one
    #[command(after_help = "Examples:\n  medrec --key @carol.key custodian remove r0-3 5FHneW46...")]
    Remove {
        /// The relationship, such as r0-3
        relationship: RelationshipId,
        /// The custodian's address
        custodian: Address,
    },
}

/// Set after how many days of your silence dormant custodians may step in.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @carol.key inactivity r0-3 --days 365
  medrec --key @carol.key inactivity r0-3              never")]
pub struct Inactivity {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// How many days, 30 to 3660; without it, custodians never step in
    #[arg(long, value_name = "N")]
    days: Option<u16>,
}

/// Give a sign of life; every other call of yours is one too.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @carol.key touch r0-3
  medrec --key @carol.key touch r0-3 r1-7 r2-0        spread over a week")]
pub struct Touch {
    /// The relationship, such as r0-3, or several
    #[arg(required = true, value_name = "RELATIONSHIP")]
    relationships: Vec<RelationshipId>,
    #[command(flatten)]
    spread: Spread,
}

/// Ask to step in for a patient who has been silent.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @heir.key step-in r0-3

The provider confirms it. You are out again the moment the patient makes any call.")]
pub struct StepIn {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
}

/// Undo stepping in.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec --key @carol.key step-out r0-3")]
pub struct StepOut {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
}

/// A custodian as written on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustodianArg {
    address: Address,
    rights: CustodianRights,
    from: Option<When>,
    until: Option<When>,
}

impl FromStr for CustodianArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WORDS: &str =
            "write ADDRESS:RIGHTS, with rights such as read,grant,manage,dormant, and perhaps :UNTIL";
        let mut parts = text.splitn(3, ':');
        let (Some(address), Some(rights)) = (parts.next(), parts.next()) else { return Err(WORDS) };
        let mut bits = 0;
        for right in rights.split(',') {
            bits |= match right {
                "read" => CustodianRights::READ.0,
                "grant" => CustodianRights::GRANT.0,
                "manage" => CustodianRights::MANAGE.0,
                "dormant" => CustodianRights::DORMANT.0,
                _ => return Err(WORDS),
            };
        }
        let rights = CustodianRights(bits);
        if !rights.is_well_formed() {
            return Err("dormant alone is no right: add read, grant or manage");
        }
        let when = |text: &str| (!text.is_empty()).then(|| text.parse()).transpose();
        let (from, until) = match parts.next() {
            None => (None, None),
            Some(dates) => match dates.split_once("..") {
                Some((from, until)) => (when(from)?, when(until)?),
                None => (None, Some(dates.parse()?)),
            },
        };
        Ok(Self { address: address.parse()?, rights, from, until })
    }
}

impl CustodianArg {
    /// The custodian, if the chain's present is `now`.
    fn custodian(&self, now: Moment) -> anyhow::Result<Custodian> {
        let not_before = self.from.map_or(0, |from| from.rounded(now));
        let not_after = self.until.map(|until| until.rounded(now));
        if let Some(end) = not_after {
            ensure_half_year(end)?;
            ensure!(end > now && end > not_before, "a custodian's term would be over before it starts");
        }
        Ok(Custodian { key: self.address.0.clone(), rights: self.rights, not_before, not_after })
    }
}

/// Refuses dates that would tell a birthday.
pub fn ensure_half_year(date: Moment) -> anyhow::Result<()> {
    ensure!(
        is_half_year(date),
        "{} is neither 1 January nor 1 July, 00:00 UTC: round it, so that nobody learns a birthday from it",
        time(date)
    );
    Ok(())
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<Output> {
    match command {
        Command::Set { relationship, custodians } => {
            let now = context.chain().await?.finalised().await?.timestamp().await?;
            let list = custodians.iter().map(|c| c.custodian(now)).collect::<Result<Vec<_>, _>>()?;
            let call = calls::relationships::set_custodians(relationship, &list);
            act(context, relationship, call, "custodians set").await
        }
        Command::Remove { relationship, custodian } => {
            let call = calls::relationships::remove_custodian(relationship, &custodian.0);
            act(context, relationship, call, "custodian removed").await
        }
    }
}

pub async fn inactivity(context: &Context, command: Inactivity) -> anyhow::Result<Output> {
    let call = calls::relationships::set_inactivity(command.relationship, command.days);
    let done = match command.days {
        Some(days) => format!("inactivity period set to {days} days"),
        None => "inactivity period unset".to_owned(),
    };
    act(context, command.relationship, call, &done).await
}

pub async fn touch(context: &Context, command: Touch) -> anyhow::Result<Output> {
    spread(context, &command.relationships, &command.spread, async |context, id| {
        act(context, id, calls::relationships::touch(id), "touched").await
    })
    .await
}

pub async fn step_in(context: &Context, command: StepIn) -> anyhow::Result<Output> {
    let call = calls::relationships::step_in(command.relationship);
    act(context, command.relationship, call, "step-in requested").await
}

pub async fn step_out(context: &Context, command: StepOut) -> anyhow::Result<Output> {
    let call = calls::relationships::step_out(command.relationship);
    act(context, command.relationship, call, "stepped out").await
}

#[cfg(test)]
mod unit {
    use super::*;

    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    /// 1 July 2026.
    const JULY: Moment = 1_782_864_000_000;

    fn read(text: &str) -> Result<CustodianArg, String> {
        format!("{ALICE}{text}").parse().map_err(|error: &str| error.to_owned())
    }

    #[test]
    fn custodian_should_be_read_when_well_formed() {
        let plain = read(":read,grant").unwrap().custodian(5).unwrap();
        assert_eq!((plain.rights, plain.not_before, plain.not_after), (CustodianRights(3), 0, None));
        let until = read(":manage,dormant:2026-07-01").unwrap().custodian(5).unwrap();
        assert_eq!((until.rights, until.not_after), (CustodianRights(12), Some(JULY)));
        let both = read(":read:+10s..2026-07-01T00:00:00Z").unwrap().custodian(5).unwrap();
        assert_eq!((both.not_before, both.not_after), (60_000, Some(JULY)));
        let from = read(":read:+10s..").unwrap().custodian(5).unwrap();
        assert_eq!((from.not_before, from.not_after), (60_000, None));
    }

    #[test]
    fn custodian_should_be_refused_when_malformed() {
        for text in
            ["", ":", ":write", ":read,", ":dormant", ":read:", ":read:soon", ":read:2026-07-01..then"]
        {
            assert!(read(text).is_err(), "{text}");
        }
        assert!("nobody:read".parse::<CustodianArg>().is_err());
    }

    #[test]
    fn custodian_should_be_refused_when_the_end_is_no_half_year_or_comes_too_early() {
        let until = |text: &str, now| read(text).unwrap().custodian(now);
        assert!(until(":read:2026-07-02", 0).is_err());
        assert!(until(":read:2026-07-01", JULY).is_err());
        assert!(until(":read:2026-07-01..2026-07-01", 0).is_err());
        assert!(until(":read:2026-07-01", JULY - 1).is_ok());
    }
}
