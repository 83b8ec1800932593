//! Puts several runs into tables of ratios.

use std::{fs, path::PathBuf};

use anyhow::{bail, Context};
use clap::Args;
use serde_json::Value;

use crate::{chain::Kind, stats::Spread};

/// What to read.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Answers in JSON of `chain`, `linkage` and the EVM's side, in any order
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Prints the tables.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let (mut chain, mut evm, mut linkage) = (Vec::new(), Vec::new(), Vec::new());
    for path in &options.files {
        let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let report: Value =
            serde_json::from_slice(&text).with_context(|| format!("not JSON: {}", path.display()))?;
        match report["side"].as_str() {
            Some("chain") => chain.push(report),
            Some("evm") => evm.push(report),
            Some("linkage") => linkage.push(report),
            _ => bail!("{} is no report of these programs", path.display()),
        }
    }
    if !chain.is_empty() {
        of_chain(&chain);
    }
    if !chain.is_empty() && !evm.is_empty() {
        of_both(&chain, &evm);
    }
    linkage.iter().for_each(of_linkage);
    Ok(())
}

/// One number of each run.
fn over<'a>(reports: &'a [Value], pointer: &'a str) -> Spread {
    Spread::of(reports.iter().filter_map(move |report| report.pointer(pointer)?.as_f64()))
}

fn of_chain(chain: &[Value]) {
    println!("Time on chain, all costs in; {} runs, median (quartiles of the runs)\n", chain.len());
    println!("| call | us each | times a transfer | goal |\n|---|---|---|---|");
    for kind in Kind::ALL {
        let name = kind.name();
        let (each, ratio) = (format!("/times/{name}/us/median"), format!("/times/{name}/ratio/median"));
        let goal = if kind == Kind::Transfer { "" } else { "at most 1.2" };
        println!("| {name} | {:.1} | {:.2} | {goal} |", over(chain, &each), over(chain, &ratio));
    }
    println!("\n| bytes | counted | goal |\n|---|---|---|");
    for row in chain[0]["bytes"].as_array().into_iter().flatten() {
        println!("| {} | {} | at most {} |", row["what"].as_str().unwrap_or(""), row["bytes"], row["goal"]);
    }
    println!();
}

fn of_both(chain: &[Value], evm: &[Value]) {
    println!(
        "Operations per second beside Solidity on revm; {} runs of each, in turn\n",
        evm.len().min(chain.len())
    );
    println!("| operation | MedRec | Solidity on revm | MedRec over Solidity |\n|---|---|---|---|");
    for kind in Kind::ALL {
        let pointer = format!("/times/{}/per_second", kind.name());
        let ratios = chain.iter().zip(evm).filter_map(|(ours, theirs)| {
            Some(ours.pointer(&pointer)?.as_f64()? / theirs.pointer(&pointer)?.as_f64()?)
        });
        println!(
            "| {} | {:.0} | {:.0} | {:.2} |",
            kind.name(),
            over(chain, &pointer),
            over(evm, &pointer),
            Spread::of(ratios)
        );
    }
    println!();
}

fn of_linkage(report: &Value) {
    println!(
        "Linking one person's relationships: {} persons, {} providers, seed {}, 99 % confidence\n",
        report["persons"], report["providers"], report["seed"]
    );
    println!("| ledger | best attacker goes by | area under the curve (chance 0.5) | right at the first guess | by chance |");
    println!("|---|---|---|---|---|");
    for row in report["variants"].as_array().into_iter().flatten() {
        let mean = |name: &str, digits: usize| {
            let of = |end: &str| row["score"][name][end].as_f64().unwrap_or(f64::NAN);
            format!("{:.digits$} [{:.digits$}, {:.digits$}]", of("value"), of("low"), of("high"))
        };
        println!(
            "| {} | {} | {} | {} | {:.4} |",
            row["variant"].as_str().unwrap_or(""),
            row["score"]["means"].as_str().unwrap_or(""),
            mean("auc", 3),
            mean("first", 4),
            row["score"]["chance"].as_f64().unwrap_or(f64::NAN)
        );
    }
}
