//! `enrol`: a ticket for a record, as text and as a QR code.

use std::process::ExitCode;

use anyhow::{bail, ensure, Context};
use chrono::{NaiveDate, NaiveTime};
use clap::Args;
use medrec_primitives::{is_half_year, AccountId, MemberId, Moment, RelationshipId, DAY_MS};
use qrcode::{render::unicode::Dense1x2, QrCode};
use serde_json::json;
use sp_core::crypto::Ss58Codec;

use super::{
    identify::{identify, Identity},
    serve, WithConfig,
};
use crate::{
    clock::{SystemTimeSource, Time},
    config::Config,
    enrol::{issue_for, Issuer},
    fetch::{fetch, Pseudonyms},
    keys::Secrets,
    store::{pending_keys::TicketPurpose, Store},
};

/// No half-year is longer (days).
const HALF_YEAR_DAYS: u64 = 184;

const EXAMPLES: &str = "\
Examples:
  medrec-gatekeeper enrol --record MRN-1042                       a patient's first key
  medrec-gatekeeper enrol --record MRN-1043 --minor 2031-03-14    a child, of age on that day; for the guardian's key
  medrec-gatekeeper enrol --record MRN-1042 --rekey               a lost key, or the word on who is who after a veto
  medrec-gatekeeper enrol --record MRN-1043 --rekey --lost 5F...  one of several guardians has lost the key
  medrec-gatekeeper enrol --record MRN-1043 --of-age              the own first key of a patient who has come of age

Check the identity of whoever gets the ticket, each time anew. A new ticket for a lost key supersedes an older one.";

/// Arguments of `enrol`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Enrol {
    #[command(flatten)]
    file: WithConfig,
    /// The record number of the patient whose identity you have proofed.
    #[arg(long)]
    record: String,
    /// Issue a ticket although the record is enrolled already or has a ticket: a second relationship.
    #[arg(long)]
    again: bool,
    /// For a child, whose guardian redeems it: the day on which the child comes of age. The chain gets the next 1 January or
    /// 1 July, which tells no birthday.
    #[arg(long, value_name = "DATE")]
    minor: Option<NaiveDate>,
    /// For a fresh key in the place of a lost one; after a veto, for whichever of the two keys goes on.
    #[arg(long, conflicts_with_all = ["again", "minor"])]
    rekey: bool,
    /// With --rekey, for a child with several guardians: the address of the key that is lost.
    #[arg(long, value_name = "ADDRESS", requires = "rekey", value_parser = address)]
    lost: Option<AccountId>,
    /// For the own first key of a patient who was enrolled as a child and has come of age.
    #[arg(long, conflicts_with_all = ["again", "minor", "rekey"])]
    of_age: bool,
    /// With --rekey or --of-age, if the record has several relationships: which.
    #[arg(long, value_name = "RELATIONSHIP")]
    relationship: Option<RelationshipId>,
    /// Print the ticket as JSON.
    #[arg(long)]
    json: bool,
}

impl Enrol {
    /// Does it.
    pub async fn run(&self) -> anyhow::Result<ExitCode> {
        let config = self.file.load()?;
        let secrets = Secrets::load(&config.keys)?;
        let store = Store::connect(&config.store).await?;
        let identity = identify(&config, &secrets, &store).await?;
        let now = SystemTimeSource.now().wall;
        let purpose = self.purpose(&store, now).await?;
        ensure_patient(&config, *secrets.pseudonyms, &self.record, identity.member).await?;
        let lifetime_ms = 1000 * config.enrolment.ticket_s;
        let Identity { genesis, member } = identity;
        let from = Issuer { gatekeeper: &config.gatekeeper.public_url, genesis, member };
        let issued = issue_for(&store, &from, &self.record, &purpose, now, lifetime_ms).await?;
        store.close().await;
        let text = issued.ticket.to_string();
        if self.json {
            println!("{}", json!({ "ticket": text, "expires": issued.expires, "for": purpose.word() }));
        } else {
            let code = QrCode::new(text.as_bytes()).context("the ticket does not fit a QR code")?;
            // Light on dark, as terminals mostly are.
            let picture =
                code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
            println!("{picture}\n\n{text}\n");
            println!("{}\nIt works once, for {} minutes.", hand_over(&purpose), lifetime_ms / 60_000);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What the ticket is to be for, if that can be.
    async fn purpose(&self, store: &Store, now: Moment) -> anyhow::Result<TicketPurpose> {
        if store.is_suspended(&self.record).await? {
            bail!(
                "this record is suspended; medrec-gatekeeper record resume --record {} ends that",
                self.record
            );
        }
        if self.rekey || self.of_age {
            let relationship = self.bound(store).await?;
            let lost = self.lost.clone();
            return Ok(if self.rekey {
                TicketPurpose::Rekey { relationship, lost }
            } else {
                TicketPurpose::OfAge { relationship }
            });
        }
        if self.relationship.is_some() {
            bail!("--relationship goes with --rekey or --of-age: a new relationship gets its number from the chain");
        }
        if !self.again && store.is_enrolled(&self.record, now).await? {
            bail!(
                "this record is enrolled already, or has a ticket that is still good; for a lost key give --rekey, \
                 for a patient who has come of age --of-age; --again issues another ticket for a relationship more"
            );
        }
        Ok(match self.minor {
            None => TicketPurpose::First,
            Some(date) => TicketPurpose::Minor { handover: handover(date, now)? },
        })
    }

    /// The relationship that is bound to the record.
    async fn bound(&self, store: &Store) -> anyhow::Result<RelationshipId> {
        let bound = store.relationships_of(&self.record).await?;
        let list = || bound.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match (self.relationship, bound.as_slice()) {
            (_, []) => bail!("nobody is enrolled with this record: leave --rekey and --of-age away"),
            (None, [one]) => Ok(*one),
            (None, _) => {
                bail!("this record has several relationships, {}: say which by --relationship", list())
            }
            (Some(id), _) if bound.contains(&id) => Ok(id),
            (Some(id), _) => bail!("this record is not {id}'s; it has {}", list()),
        }
    }
}

/// What is to be done with a ticket.
fn hand_over(purpose: &TicketPurpose) -> &'static str {
    match purpose {
        TicketPurpose::First => "Hand this to the patient, on paper or screen.",
        TicketPurpose::Minor { .. } => "Hand this to the guardian, on paper or screen, to be redeemed with a fresh key.",
        TicketPurpose::Rekey { .. } => {
            "Hand this to whoever has lost the key, on paper or screen, to be redeemed with a fresh one. After a veto it is redeemed\n\
             with whichever of the two keys goes on: the one that this person has."
        }
        TicketPurpose::OfAge { .. } => "Hand this to the patient in person, to be redeemed with a fresh key of the patient's own.",
    }
}

/// Makes sure that the database has a patient with this record number, where the mapping maps patients.
pub(super) async fn ensure_patient(
    config: &Config,
    pseudonyms: [u8; 32],
    record: &str,
    member: MemberId,
) -> anyhow::Result<()> {
    let mapping = serve::mapping(config)?;
    if !mapping.maps("Patient") {
        return Ok(());
    }
    let database = serve::database(config).await?;
    let nobody = RelationshipId::new(member, 0);
    let pseudonyms = Pseudonyms::new(pseudonyms);
    let found =
        fetch(&database, &mapping, record, "Patient", &pseudonyms, nobody, config.database.max_rows).await;
    let found = found.context("cannot look the record up")?;
    database.close().await;
    ensure!(!found.is_empty(), "the database has no patient with the record number {record}");
    Ok(())
}

/// The first half-year that starts on this day or later (ms).
fn handover(of_age: NaiveDate, now: Moment) -> anyhow::Result<Moment> {
    let day = Moment::try_from(of_age.and_time(NaiveTime::MIN).and_utc().timestamp_millis()).unwrap_or(0);
    let date =
        (0..=HALF_YEAR_DAYS).map(|days| day.saturating_add(days * DAY_MS)).find(|day| is_half_year(*day));
    let date = date.context("this is no date that a child could come of age on")?;
    ensure!(date > now, "{of_age} is over: this patient is of age, leave --minor away");
    Ok(date)
}

fn address(text: &str) -> Result<AccountId, &'static str> {
    AccountId::from_ss58check(text).map_err(|_| "this is not an address")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const JULY_2031: Moment = 1_940_630_400_000;

    #[test]
    fn handover_should_be_the_next_half_year_when_a_child_comes_of_age() {
        let of_age = |text: &str, now| handover(text.parse().unwrap(), now);
        for day in ["2031-01-02", "2031-03-14", "2031-07-01"] {
            assert_eq!(of_age(day, 0).unwrap(), JULY_2031, "{day}");
        }
        assert_eq!(of_age("2031-07-02", 0).unwrap(), JULY_2031 + 184 * DAY_MS);
        assert!(of_age("2031-03-14", JULY_2031).is_err());
    }
}
