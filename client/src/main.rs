//! The `medrec` command: see [`medrec_client::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    medrec_client::cli::main()
}
