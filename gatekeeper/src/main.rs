//! `medrec-gatekeeper`: see the library's documentation.

use std::process::ExitCode;

use clap::Parser;
use medrec_gatekeeper::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("medrec-gatekeeper: {error:#}");
            ExitCode::FAILURE
        }
    }
}
