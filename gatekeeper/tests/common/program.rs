//! The program itself, as staff and operators call it.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// The program in a folder.
pub fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_medrec-gatekeeper"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs it. Gives whether it succeeded, and all that it said.
pub fn run(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = program(folder, arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}
