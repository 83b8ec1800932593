//! `sealing-key`: a fresh key for a rotation.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use crate::keys;

/// Arguments of `sealing-key`.
#[derive(Debug, Args)]
pub struct SealingKey {
    /// Where the secret is written; nothing is overwritten.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl SealingKey {
    /// Does it.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let public = keys::generate_sealing(&self.out)?;
        println!("secret written to {}", self.out.display());
        println!("public key 0x{}", hex::encode(public));
        println!(
            "1. add the file to the end of keys.sealing, keep those before it, and restart the gatekeeper"
        );
        println!(
            "2. then publish it: medrec --key @hospital.key provider rotate-sealing-key 0x{}",
            hex::encode(public)
        );
        Ok(ExitCode::SUCCESS)
    }
}
