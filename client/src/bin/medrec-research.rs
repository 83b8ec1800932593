//! The `medrec-research` command: see [`medrec_client::cli::research`].

use std::process::ExitCode;

fn main() -> ExitCode {
    medrec_client::cli::research::main()
}
