//! `enrol`: a ticket for a record, as text and as a QR code.

use std::process::ExitCode;

use anyhow::{bail, ensure, Context};
use chrono::NaiveDate;
use clap::Args;
use medrec_primitives::{AccountId, MemberId, RelationshipId};
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
    enrol::{issue_for, wish::is_known, Issuer, Wish, WishError},
    fetch::Pseudonyms,
    keys::Secrets,
    store::{pending_keys::TicketPurpose, Store},
};

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
        let purpose = self.wish()?.purpose(&store, &self.record, now).await;
        let purpose = purpose.map_err(|error| self.told(error))?;
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

    /// What the ticket is to be for.
    fn wish(&self) -> anyhow::Result<Wish> {
        let (relationship, again) = (self.relationship, self.again);
        if self.rekey {
            return Ok(Wish::Rekey { relationship, lost: self.lost.clone() });
        }
        if self.of_age {
            return Ok(Wish::OfAge { relationship });
        }
        if relationship.is_some() {
            bail!("--relationship goes with --rekey or --of-age: a new relationship gets its number from the chain");
        }
        Ok(self.minor.map_or(Wish::First { again }, |of_age| Wish::Minor { of_age, again }))
    }

    /// What to do about it, in options of this command.
    fn told(&self, error: WishError) -> anyhow::Error {
        let advice = match &error {
            WishError::Suspended => format!("medrec-gatekeeper record resume --record {} ends that", self.record),
            WishError::Doubted => "medrec-gatekeeper record confirm says more".into(),
            WishError::Enrolled => {
                "for a lost key give --rekey, for a patient who has come of age --of-age; --again issues another ticket for a \
                 relationship more"
                    .into()
            }
            WishError::NobodyEnrolled => "leave --rekey and --of-age away".into(),
            WishError::Several(_) => "say it by --relationship".into(),
            WishError::GrownUp(_) => "leave --minor away".into(),
            _ => return error.into(),
        };
        anyhow::anyhow!("{error}; {advice}")
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
    let database = serve::database(config).await?;
    let pseudonyms = Pseudonyms::new(pseudonyms);
    let known = is_known(&database, &mapping, record, &pseudonyms, member, config.database.max_rows).await;
    database.close().await;
    ensure!(
        known.context("cannot look the record up")?,
        "the database has no patient with the record number {record}"
    );
    Ok(())
}

fn address(text: &str) -> Result<AccountId, &'static str> {
    AccountId::from_ss58check(text).map_err(|_| "this is not an address")
}
