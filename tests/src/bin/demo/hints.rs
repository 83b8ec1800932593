//! What to try when the story is told.

use std::{fs, os::unix::fs::OpenOptionsExt, path::Path};

use anyhow::{Context, Result};
use medrec_tests::{
    binaries,
    hospitals::Hospital,
    network::{Network, COUNCIL},
    portal,
};
use sp_core::crypto::Ss58Codec;

use crate::{people::People, story::SCOPE};

/// An example patient of Riverside's who has not enrolled: Duck Donald.
const OTHER_PATIENT: &str = "pat1";

/// Writes the key files that the commands use, and returns the text to show.
pub fn write(network: &Network, people: &People) -> Result<String> {
    secret_file(network, "patient.key", &people.patient_phrase)?;
    secret_file(network, "doctor.key", &people.doctor_phrase)?;
    let medrec = binaries::binary(binaries::CLIENT)?;
    let (at_riverside, at_hillcrest) = people.riverside.zip(people.hillcrest).context("two relationships")?;
    let mut running = String::new();
    for hospital in Hospital::ALL {
        let provider = network.provider(hospital);
        let (name, url, records) = (hospital.name(), provider.gatekeeper.url(), provider.database.display());
        running.push_str(&format!("  {name:<18} {url:<22} records: {records}\n"));
    }
    let page = match portal::page() {
        Ok(_) => format!(
            "
The same in the browser, with polkadot.js or another wallet for Polkadot:
  {riverside}/portal/
  Import into the wallet, and let the page see these accounts:
    Pieter       the phrase in {scratch}/patient.key, with //medrec//0 and //medrec//1 derived from it
    his doctor   the phrase in {scratch}/doctor.key
    Riverside    {account}, and Hillcrest {other}; the council {council}: development accounts
  Then, as in the story:
    Home         Pieter opens his records of both hospitals
    Sharing      he shares one test, its name and value, for treatment, with {doctor}
    More         the doctor looks under \"Shared with me\" for {at_riverside}, also before and afterwards
    Sharing      he stops it with one click; \"Who looked\" tells what was read, and what was refused
    More         hospitals see their gatekeeper, add staff, and the council votes
  Somebody new enrols with a fresh account, derived as //medrec//0, and the ticket that the last command below prints.
",
            riverside = network.provider(Hospital::Riverside).gatekeeper.url(),
            scratch = network.scratch.path().display(),
            account = Hospital::Riverside.account(),
            other = Hospital::Hillcrest.account(),
            council = COUNCIL.join(", "),
            doctor = people.doctor.account().to_ss58check(),
        ),
        Err(_) => String::new(),
    };
    Ok(format!(
        "\
Still running:
  {chain:<18} {node:<22} polkadot.js Apps: https://polkadot.js.org/apps/?rpc=ws%3A%2F%2F{address}
{running}  {logs:<18} {scratch}/logs
{page}
Try, in another terminal:
  cd {scratch}; export MEDREC_NODE={node} PATH={programs}:$PATH
  medrec members
  medrec --key @patient.key relationships
  medrec --key @patient.key search {at_riverside} Observation --purpose PATRQT
  medrec --key @patient.key grant {at_riverside} --to {doctor} --purpose TREAT --until +1d \\
      --scope '{SCOPE}'
  medrec --key @doctor.key search {at_riverside} Observation --purpose TREAT
  medrec --key @patient.key revoke {at_riverside} 1
  medrec --key @patient.key log {at_riverside}
  medrec --key @patient.key search {at_hillcrest} MedicationRequest --purpose PATRQT
  curl -s {riverside}/fhir/metadata
  medrec-gatekeeper audit verify --config gatekeeper-riverside/gatekeeper.toml
  medrec-gatekeeper enrol --config gatekeeper-riverside/gatekeeper.toml --record {other}",
        other = Hospital::Riverside.record_number(OTHER_PATIENT).context("another patient")?,
        chain = "chain",
        logs = "logs",
        node = network.node.url(),
        address = network.node.address(),
        scratch = network.scratch.path().display(),
        programs = medrec.parent().context("a folder")?.display(),
        doctor = people.doctor.account().to_ss58check(),
        riverside = network.provider(Hospital::Riverside).gatekeeper.url(),
    ))
}

/// A new file that only its owner may read.
fn secret_file(network: &Network, name: &str, secret: &str) -> Result<()> {
    let path = network.scratch.join(Path::new(name));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    std::io::Write::write_all(&mut file, secret.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}
