//! The story: a patient of two hospitals lets a doctor of the one see one value at the other, and takes it back.

use std::{future::Future, time::Instant};

use anyhow::{bail, ensure, Context, Result};
use codec::Decode;
use medrec_client::{
    chain::{calls, events, Submitted, Wait},
    gatekeeper::{Access, Gatekeeper, Verified},
    keys::KeyPair,
    sealing::{seal_terms, TermsContext},
};
use medrec_policy::{Date, Purpose, Terms};
use medrec_primitives::{
    AccountId, DecisionSummary, Effect, GrantTerms, RelationshipId, RelationshipStatus, StaffRole, Viewer,
    DAY_MS,
};
use medrec_tests::{
    hospitals::{Hospital, KNOWN_TO_BOTH},
    network::{Network, NetworkOptions},
    portal,
};
use serde_json::Value;
use sp_crypto_hashing::blake2_128;

use crate::{
    people::People,
    teller::{in_block, refused, Teller},
};

/// One field of one laboratory test: the glucose in the blood.
pub const SCOPE: &str =
    "patient/Observation.rs?category=laboratory&code=http://loinc.org|15074-8&_elements=code,valueQuantity";

/// Ports that people would look for.
const NODE_PORT: u16 = 9944;
const GATEKEEPER_PORTS: [u16; 2] = [8081, 8082];

/// The grant's length in days.
const GRANTED_DAYS: u64 = 30;

/// Tells the story. What it returns still runs.
pub async fn tell() -> Result<(Network, People, usize)> {
    println!(
        "Starting a development chain, and two hospitals with a database and a gatekeeper each (half a minute)."
    );
    let mut options = NetworkOptions::new("demo");
    options.node.rpc_port = Some(NODE_PORT);
    options.ports = Some(GATEKEEPER_PORTS);
    let mut network = Network::prepare(options).await?;
    if let Ok(page) = portal::page() {
        network.serve_page(&page)?;
    }
    let mut people = People::new()?;
    let mut teller = Teller::default();
    let told = chapters(&mut teller, &mut network, &mut people).await;
    if told.is_err() {
        network.scratch.keep();
    }
    told.map(|()| (network, people, teller.steps()))
}

async fn chapters(teller: &mut Teller, network: &mut Network, people: &mut People) -> Result<()> {
    teller.part("Two hospitals become providers");
    for hospital in Hospital::ALL {
        consortium(teller, network, hospital).await?;
    }
    teller.part("Pieter, who has no money, enrols at both under two keys that nothing joins");
    for hospital in Hospital::ALL {
        let relationship = enrolment(teller, network, people, hospital).await?;
        match hospital {
            Hospital::Riverside => people.riverside = Some(relationship),
            Hospital::Hillcrest => people.hillcrest = Some(relationship),
        }
    }
    let (riverside, hillcrest) = people.riverside.zip(people.hillcrest).context("two relationships")?;
    Granting { network, people, riverside, hillcrest }.tell(teller).await
}

async fn consortium(teller: &mut Teller, network: &mut Network, hospital: Hospital) -> Result<()> {
    let name = hospital.name();
    let applied = async {
        let done = network.apply(hospital).await?;
        network.fund(hospital).await?;
        let member = network.provider(hospital).member;
        Ok(((), in_block(&done, format!("member {member} applied"))))
    };
    teller.step(&format!("{name} applies"), applied).await?;
    let admitted = async {
        let done = network.admit(hospital).await?;
        let member = done.expect::<events::Admitted>()?.member;
        ensure!(member == network.provider(hospital).member, "another member was admitted");
        Ok(((), in_block(&done, format!("member {member} admitted"))))
    };
    teller.step("Alice, Bob and Charlie, the council, vote for it", admitted).await?;
    let served = async {
        let provider = network.provider_mut(hospital);
        provider.gatekeeper.start().await?;
        let filled = provider.filled;
        let answer = format!(
            "gatekeeper: ready at {}; {} patients, {} results, {} prescriptions",
            provider.gatekeeper.url(),
            filled.patients,
            filled.measurements,
            filled.prescriptions
        );
        Ok(((), answer))
    };
    teller.step("Its gatekeeper stands in front of its database", served).await
}

async fn enrolment(
    teller: &mut Teller,
    network: &Network,
    people: &People,
    hospital: Hospital,
) -> Result<RelationshipId> {
    let key = people.patient(hospital);
    let name = hospital.name();
    let record = hospital.record_number(KNOWN_TO_BOTH).context("the patient of both")?;
    let enrolled = async {
        let relationship = network.enrol(hospital, &record, key).await?;
        let found = network.chain.finalised().await?.my_relationships(&key.account()).await?;
        ensure!(found == [(relationship, RelationshipStatus::Proposed)], "the chain shows {found:?}");
        let answer =
            format!("gatekeeper: proposed; chain: {relationship} proposed to {}", short(&key.account()));
        Ok((relationship, answer))
    };
    let words = format!("He redeems the ticket that {name} gave for {record}");
    let relationship = teller.step(&words, enrolled).await?;
    let accepted = async {
        let done =
            network.chain.submit(&calls::relationships::accept(relationship), key, Wait::Finalised).await?;
        let balance = balance(network, &key.account()).await?;
        ensure!(balance == 0, "the patient's account holds {balance}");
        Ok((
            (),
            in_block(&done, format!("{relationship} active, {} bytes, fee 0, his balance is 0", done.length)),
        ))
    };
    teller.step("He accepts", accepted).await?;
    let read = async {
        let gatekeeper = network.gatekeeper(hospital).await?;
        let access = Access::Signed { key, purpose: Purpose::PatientRequest };
        let patient = gatekeeper.read(&access, "Patient", &relationship.to_string()).await?.json()?;
        let results = entries(&gatekeeper.search(&access, "Observation", relationship, &[]).await?)?;
        let rx = entries(&gatekeeper.search(&access, "MedicationRequest", relationship, &[]).await?)?;
        let family = patient["name"][0]["family"].as_str().context("no name")?;
        ensure!(!results.is_empty() && !rx.is_empty(), "his records are missing");
        Ok(((), format!("gatekeeper: 200 {family}: {} results, {} prescriptions", results.len(), rx.len())))
    };
    teller.step("He reads his own records, for which he needs no grant", read).await?;
    Ok(relationship)
}

/// What follows the enrolments.
struct Granting<'a> {
    network: &'a Network,
    people: &'a People,
    riverside: RelationshipId,
    hillcrest: RelationshipId,
}

impl Granting<'_> {
    async fn tell(&self, teller: &mut Teller) -> Result<()> {
        let gatekeeper = self.network.gatekeeper(Hospital::Riverside).await?;
        teller.part("He lets a doctor at Hillcrest see one laboratory value that Riverside keeps");
        teller.step("Hillcrest has a new doctor", self.hire()).await?;
        teller.step("The doctor asks Riverside before anything is granted", self.asks(&gatekeeper)).await?;
        let grant =
            teller.step("Pieter grants: the glucose value, for treatment, for 30 days", self.grant()).await?;
        teller.step("Anybody asks the chain what the doctor may see", self.chain_knows()).await?;
        teller.step("The doctor asks again", self.reads(&gatekeeper)).await?;
        teller.part("And nothing else");
        let treatment = Purpose::Treatment;
        let search =
            |key, purpose, kind, parameters| self.search(&gatekeeper, key, purpose, kind, parameters);
        let doctor = &self.people.doctor;
        let stranger = search(&self.people.stranger, treatment, "Observation", vec![]);
        teller.step("A stranger asks for the same", refusal(stranger)).await?;
        let research = search(doctor, Purpose::Research, "Observation", vec![]);
        teller.step("The doctor asks for it for research", refusal(research)).await?;
        let drugs = search(doctor, treatment, "MedicationRequest", vec![]);
        teller.step("The doctor asks for the prescriptions", refusal(drugs)).await?;
        teller
            .step("The doctor reads another laboratory result by its id", self.other_result(&gatekeeper))
            .await?;
        teller
            .step("The doctor searches by a field that was not granted", self.hidden_field(&gatekeeper))
            .await?;
        teller.step("The doctor asks Hillcrest, where nothing was granted", self.elsewhere()).await?;
        teller.part("He takes it back");
        let (revoked, since) = teller.step("Pieter revokes", self.revoke(grant)).await?;
        let late = self.refused_at_once(&gatekeeper, &revoked, since);
        teller.step("The doctor asks once more, at once", late).await?;
        teller.step("Pieter reads who asked for his records", self.log(&gatekeeper)).await?;
        teller.step("Riverside verifies that its log is whole", self.audit()).await?;
        teller.step("Pieter looks at his accounts", self.balances()).await
    }

    async fn hire(&self) -> Result<((), String)> {
        let hillcrest = self.network.provider(Hospital::Hillcrest);
        let chain = &self.network.chain;
        let until = chain.finalised().await?.timestamp().await? + 365 * DAY_MS;
        let call = calls::registry::add_staff(&self.people.doctor.account(), StaffRole::Clinician, until);
        let done = chain.submit(&call, &hillcrest.key, Wait::Finalised).await?;
        let staff = done.expect::<events::StaffAdded>()?.staff;
        Ok(((), in_block(&done, format!("{staff} is a clinician of Hillcrest"))))
    }

    async fn asks(&self, gatekeeper: &Gatekeeper) -> Result<((), String)> {
        let asked = self.search(gatekeeper, &self.people.doctor, Purpose::Treatment, "Observation", vec![]);
        refusal(asked).await
    }

    async fn grant(&self) -> Result<(u32, String)> {
        let chain = &self.network.chain;
        let state = chain.finalised().await?;
        let until = state.timestamp().await? / DAY_MS * DAY_MS + (GRANTED_DAYS + 1) * DAY_MS;
        let terms: Terms =
            format!("{SCOPE};purpose=TREAT").parse().map_err(|error| anyhow::anyhow!("{error}"))?;
        let viewer = Viewer::Key(self.people.doctor.account());
        let (id, key) = state.current_sealing_key(self.riverside.member).await?.context("no sealing key")?;
        let place = TermsContext {
            genesis: chain.genesis(),
            relationship: self.riverside,
            viewer: viewer.clone(),
            effect: Effect::Allow,
            not_before: None,
            not_after: Some(until),
            may_share: false,
        };
        let sealed = GrantTerms::Sealed(seal_terms(&terms, &key.public, id, &place)?);
        let call = calls::permissions::grant(self.riverside, &viewer, &sealed, None, Some(until), false);
        let done = chain.submit(&call, &self.people.at_riverside, Wait::Finalised).await?;
        let grant = done.expect::<events::Granted>()?.grant;
        let date = i32::try_from(until / DAY_MS).ok().and_then(Date::from_days).context("a date")?;
        let said = format!("grant {grant} until {date}, terms sealed, {} bytes, fee 0", done.length);
        Ok((grant, in_block(&done, said)))
    }

    async fn chain_knows(&self) -> Result<((), String)> {
        let state = self.network.chain.finalised().await?;
        let summary = state.may_read(self.riverside, &self.people.doctor.account()).await?;
        ensure!(summary == DecisionSummary::NeedsOpening, "the chain says {summary:?}");
        Ok(((), "chain: it depends on terms that only Riverside can open".to_owned()))
    }

    async fn reads(&self, gatekeeper: &Gatekeeper) -> Result<((), String)> {
        let access = Access::Signed { key: &self.people.doctor, purpose: Purpose::Treatment };
        let answer = gatekeeper.search(&access, "Observation", self.riverside, &[]).await?;
        let found = entries(&answer)?;
        let [glucose] = found.as_slice() else { bail!("{} results instead of one", found.len()) };
        let value = &glucose["valueQuantity"];
        let shown = value["value"].to_string();
        ensure!(shown == "6.3", "the value is {shown}");
        ensure!(glucose["code"]["coding"][0]["code"] == "15074-8", "the code is {}", glucose["code"]);
        for hidden in ["effectiveDateTime", "interpretation", "referenceRange", "note", "subject"] {
            ensure!(glucose[hidden].is_null(), "{hidden} was not granted, and is there");
        }
        let name = glucose["code"]["text"].as_str().unwrap_or("it");
        let unit = value["unit"].as_str().unwrap_or_default();
        Ok(((), format!("gatekeeper: 200 {name}: 6.3 {unit}, nothing else, signed by Riverside")))
    }

    async fn other_result(&self, gatekeeper: &Gatekeeper) -> Result<((), String)> {
        let own = Access::Signed { key: &self.people.at_riverside, purpose: Purpose::PatientRequest };
        let all = entries(&gatekeeper.search(&own, "Observation", self.riverside, &[]).await?)?;
        let other = all
            .iter()
            .find(|result| result["code"]["coding"][0]["code"] == "718-7")
            .context("haemoglobin")?;
        let id = other["id"].as_str().context("an id")?;
        let access = Access::Signed { key: &self.people.doctor, purpose: Purpose::Treatment };
        let hidden = refused(gatekeeper.read(&access, "Observation", id).await, 404)?;
        let invented = format!("{}.{}", self.riverside, "0".repeat(32));
        let nothing = refused(gatekeeper.read(&access, "Observation", &invented).await, 404)?;
        ensure!(hidden == nothing, "what is hidden and what does not exist are told apart");
        Ok(((), format!("{}, as for one that does not exist", hidden.1)))
    }

    async fn hidden_field(&self, gatekeeper: &Gatekeeper) -> Result<((), String)> {
        let by_date = vec![("date".to_owned(), "ge1900-01-01".to_owned())];
        let doctor = &self.people.doctor;
        let answer = self.search(gatekeeper, doctor, Purpose::Treatment, "Observation", by_date).await?;
        let found = entries(&answer)?;
        ensure!(found.is_empty(), "a search by the date found {}", found.len());
        Ok(((), "gatekeeper: 200, nothing found: what is hidden is as if it were not there".to_owned()))
    }

    async fn elsewhere(&self) -> Result<((), String)> {
        let hillcrest = self.network.gatekeeper(Hospital::Hillcrest).await?;
        let access = Access::Signed { key: &self.people.doctor, purpose: Purpose::Treatment };
        refused(hillcrest.search(&access, "Observation", self.hillcrest, &[]).await, 403)
    }

    async fn revoke(&self, grant: u32) -> Result<((Submitted, Instant), String)> {
        let call = calls::permissions::revoke(self.riverside, grant);
        let done = self.network.chain.submit(&call, &self.people.at_riverside, Wait::InBlock).await?;
        let said = in_block(&done, format!("grant {grant} revoked, {} bytes, fee 0", done.length));
        Ok(((done, Instant::now()), said))
    }

    async fn refused_at_once(
        &self,
        gatekeeper: &Gatekeeper,
        revoked: &Submitted,
        since: Instant,
    ) -> Result<((), String)> {
        let doctor = &self.people.doctor;
        // The gatekeeper hears of the block when everybody does, so a very quick question may still come before it.
        let (said, elapsed, blocks) = loop {
            let asked = self.search(gatekeeper, doctor, Purpose::Treatment, "Observation", vec![]).await;
            let elapsed = since.elapsed().as_millis();
            let blocks = self.network.node.best_number().await?.saturating_sub(revoked.block_number);
            if asked.is_err() || blocks > 1 {
                break (refused(asked, 403)?.1, elapsed, blocks);
            }
        };
        ensure!(blocks <= 1, "it took {blocks} blocks");
        Ok(((), format!("{said}, {elapsed} ms after that block")))
    }

    async fn log(&self, gatekeeper: &Gatekeeper) -> Result<((), String)> {
        let own = Access::Signed { key: &self.people.at_riverside, purpose: Purpose::PatientRequest };
        let page = gatekeeper.log(&own, self.riverside).await?;
        let by = |account: &AccountId| {
            let account = address(account);
            let (yes, no): (Vec<_>, Vec<_>) = page
                .entries
                .iter()
                .filter(|entry| entry.account == account)
                .partition(|entry| entry.permitted);
            (yes.len(), no.len())
        };
        let (doctor, stranger) = (by(&self.people.doctor.account()), by(&self.people.stranger.account()));
        ensure!(
            doctor.0 > 0 && doctor.1 >= 4 && stranger == (0, 1),
            "the log shows {doctor:?} and {stranger:?}"
        );
        let said = format!(
            "gatekeeper: {} entries; doctor: {} answered, {} refused; stranger: {} refused",
            page.entries.len(),
            doctor.0,
            doctor.1,
            stranger.1
        );
        Ok(((), said))
    }

    async fn audit(&self) -> Result<((), String)> {
        let said = self.network.provider(Hospital::Riverside).gatekeeper.audit_verify()?;
        let said = said.lines().next().unwrap_or_default().split(", head").next().unwrap_or_default();
        Ok(((), format!("gatekeeper: {said}")))
    }

    async fn balances(&self) -> Result<((), String)> {
        let mut transactions = 0;
        for key in [&self.people.at_riverside, &self.people.at_hillcrest] {
            ensure!(balance(self.network, &key.account()).await? == 0, "there is money in it");
            transactions += account_info(self.network, &key.account()).await?.nonce;
        }
        Ok(((), format!("chain: {transactions} transactions, and there never was any money in them")))
    }

    async fn search(
        &self,
        gatekeeper: &Gatekeeper,
        key: &KeyPair,
        purpose: Purpose,
        resource_type: &str,
        parameters: Vec<(String, String)>,
    ) -> Result<Verified, medrec_client::gatekeeper::GatekeeperError> {
        gatekeeper.search(&Access::Signed { key, purpose }, resource_type, self.riverside, &parameters).await
    }
}

/// A step that is told as a refusal.
async fn refusal<T>(
    asked: impl Future<Output = Result<T, medrec_client::gatekeeper::GatekeeperError>>,
) -> Result<((), String)> {
    refused(asked.await, 403)
}

/// What a searchset holds, outcomes aside.
fn entries(answer: &Verified) -> Result<Vec<Value>> {
    let bundle = answer.json()?;
    ensure!(bundle["resourceType"] == "Bundle", "not a Bundle: {bundle}");
    let entries = bundle["entry"].as_array().into_iter().flatten();
    let resources = entries.map(|entry| entry["resource"].clone());
    Ok(resources.filter(|resource| resource["resourceType"] != "OperationOutcome").collect())
}

/// The part of `System.Account` that the story looks at.
#[derive(Decode, Default)]
struct AccountInfo {
    nonce: u32,
    _consumers: u32,
    _providers: u32,
    _sufficients: u32,
    free: u128,
    reserved: u128,
    _frozen: u128,
    _flags: u128,
}

async fn account_info(network: &Network, account: &AccountId) -> Result<AccountInfo> {
    let key = [blake2_128(account.as_ref()).as_slice(), account.as_ref()].concat();
    Ok(network.chain.finalised().await?.storage("System", "Account", &key).await?.unwrap_or_default())
}

async fn balance(network: &Network, account: &AccountId) -> Result<u128> {
    account_info(network, account).await.map(|info| info.free + info.reserved)
}

/// An account's address.
fn address(account: &AccountId) -> String {
    sp_core::crypto::Ss58Codec::to_ss58check(account)
}

/// The beginning of an account's address.
fn short(account: &AccountId) -> String {
    address(account).chars().take(8).collect::<String>() + "..."
}
