//! `medrec-gatekeeper`: see the library's documentation.

use std::process::ExitCode;

use clap::Parser;
use medrec_gatekeeper::cli::Cli;

/// Records are taken apart and put together in many small pieces: a fifth less of a processor for each read than with the system's
/// allocator (bench/README.md). The node has the same.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

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
