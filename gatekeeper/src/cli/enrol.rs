//! `enrol`: a ticket for a record, as text and as a QR code.

use std::process::ExitCode;

use anyhow::{bail, Context};
use clap::Args;
use medrec_primitives::RelationshipId;
use qrcode::{render::unicode::Dense1x2, QrCode};
use serde_json::json;

use super::{identify::identify, serve, WithConfig};
use crate::{
    clock::{SystemTimeSource, Time},
    enrol::issue,
    fetch::{fetch, Pseudonyms},
    keys::Secrets,
    store::Store,
};

/// Arguments of `enrol`.
#[derive(Debug, Args)]
pub struct Enrol {
    #[command(flatten)]
    file: WithConfig,
    /// The record number of the patient whose identity you have proofed.
    #[arg(long)]
    record: String,
    /// Issue a ticket although the record is enrolled already or has a ticket: a lost key, a second key.
    #[arg(long)]
    again: bool,
    /// Print the ticket as JSON.
    #[arg(long)]
    json: bool,
}

impl Enrol {
    /// Does it.
    pub async fn run(&self) -> anyhow::Result<ExitCode> {
        let config = self.file.load()?;
        let secrets = Secrets::load(&config.keys)?;
        let store = Store::open(&config.store.path).await?;
        let identity = identify(&config, &secrets, &store).await?;
        let now = SystemTimeSource.now().wall;
        if !self.again && store.is_enrolled(&self.record, now).await? {
            bail!(
                "this record is enrolled already, or has a ticket that is still good; --again issues another"
            );
        }
        let mapping = serve::mapping(&config)?;
        if mapping.maps("Patient") {
            let database = serve::database(&config).await?;
            let nobody = RelationshipId::new(identity.member, 0);
            let pseudonyms = Pseudonyms::new(*secrets.pseudonyms);
            let found = fetch(
                &database,
                &mapping,
                &self.record,
                "Patient",
                &pseudonyms,
                nobody,
                config.database.max_rows,
            );
            if found.await.context("cannot look the record up")?.is_empty() {
                bail!("the database has no patient with this record number");
            }
            database.close().await;
        }
        let lifetime_ms = 1000 * config.enrolment.ticket_s;
        let url = &config.gatekeeper.public_url;
        let issued =
            issue(&store, url, identity.genesis, identity.member, &self.record, now, lifetime_ms).await?;
        store.close().await;
        let text = issued.ticket.to_string();
        if self.json {
            println!("{}", json!({ "ticket": text, "expires": issued.expires }));
        } else {
            let code = QrCode::new(text.as_bytes()).context("the ticket does not fit a QR code")?;
            // Light on dark, as terminals mostly are.
            let picture =
                code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
            println!("{picture}\n\n{text}\n");
            println!(
                "Hand this to the patient, on paper or screen. It works once, for {} minutes.",
                lifetime_ms / 60_000
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}
