//! What to try when the story is told.

use std::{fs, os::unix::fs::OpenOptionsExt, path::Path};

use anyhow::{Context, Result};
use medrec_tests::{binaries, hospitals::Hospital, network::Network};
use sp_core::crypto::Ss58Codec;

use crate::{
    people::People,
    story::{RECORD, SCOPE},
};

/// Writes the key files that the commands use, and returns the text to show.
pub fn write(network: &Network, people: &People) -> Result<String> {
    let patient = secret_file(network, "patient.key", &people.patient_phrase)?;
    let doctor = secret_file(network, "doctor.key", &people.doctor_phrase)?;
    let medrec = binaries::binary(binaries::CLIENT)?;
    let gatekeeper_program = binaries::binary(binaries::GATEKEEPER)?;
    let riverside = &network.provider(Hospital::Riverside).gatekeeper;
    let hillcrest = &network.provider(Hospital::Hillcrest).gatekeeper;
    let (at_riverside, at_hillcrest) = people.riverside.zip(people.hillcrest).context("two relationships")?;
    let node = network.node.url();
    let address = network.node.address();
    let scratch = network.scratch.path().display();
    let medrec = format!("{} --node {node}", medrec.display());
    Ok(format!(
        "\
Still running:
  chain       {node}    https://polkadot.js.org/apps/?rpc=ws%3A%2F%2F{address}
  {riverside_name}  {riverside_url}    records in {scratch}/riverside.sqlite
  {hillcrest_name}   {hillcrest_url}    records in {scratch}/hillcrest.sqlite
  logs        {scratch}/logs

Try, in another terminal:
  {medrec} members
  {medrec} --key @{patient} relationships
  {medrec} --key @{patient} search {at_riverside} Observation --purpose PATRQT
  {medrec} --key @{patient} grant {at_riverside} --to {doctor_account} --scope '{SCOPE}' --purpose TREAT --until +1d
  {medrec} --key @{doctor} search {at_riverside} Observation --purpose TREAT
  {medrec} --key @{patient} revoke {at_riverside} 1
  {medrec} --key @{patient} log {at_riverside}
  {medrec} --key @{patient} search {at_hillcrest} MedicationRequest --purpose PATRQT
  curl -s {riverside_url}/fhir/metadata
  {gatekeeper_program} enrol --again --config {config} --record {RECORD}",
        riverside_name = Hospital::Riverside.name(),
        hillcrest_name = Hospital::Hillcrest.name(),
        riverside_url = riverside.url(),
        hillcrest_url = hillcrest.url(),
        patient = patient.display(),
        doctor = doctor.display(),
        doctor_account = people.doctor.account().to_ss58check(),
        gatekeeper_program = gatekeeper_program.display(),
        config = riverside.config().display(),
    ))
}

/// A new file that only its owner may read.
fn secret_file(network: &Network, name: &str, secret: &str) -> Result<std::path::PathBuf> {
    let path = network.scratch.join(Path::new(name));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    std::io::Write::write_all(&mut file, secret.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
