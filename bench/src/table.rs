//! Puts several runs into tables of ratios.

use std::{fs, path::PathBuf};

use anyhow::{bail, Context};
use clap::Args;
use serde_json::Value;

use crate::{chain::Kind, stats::Spread};

/// What to read.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Answers in JSON of the measurements and of the sides in workspaces of their own, in any order
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Prints the tables.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let (mut chain, mut evm, mut linkage) = (Vec::new(), Vec::new(), Vec::new());
    let (mut decision, mut cedar, mut gatekeeper) = (Vec::new(), Vec::new(), Vec::new());
    for path in &options.files {
        let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let report: Value =
            serde_json::from_slice(&text).with_context(|| format!("not JSON: {}", path.display()))?;
        match report["side"].as_str() {
            Some("chain") => chain.push(report),
            Some("evm") => evm.push(report),
            Some("linkage") => linkage.push(report),
            Some("decision") => decision.push(report),
            Some("cedar") => cedar.push(report),
            Some("gatekeeper") => gatekeeper.push(report),
            _ => bail!("{} is no report of these programs", path.display()),
        }
    }
    if !chain.is_empty() {
        of_chain(&chain);
    }
    if !chain.is_empty() && !evm.is_empty() {
        of_both(&chain, &evm);
    }
    if !decision.is_empty() {
        of_decisions(&decision, &cedar);
        decision.iter().take(1).for_each(of_memory);
    }
    if !gatekeeper.is_empty() {
        of_gatekeeper(&gatekeeper);
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

/// Decisions of ours, beside Cedar's where these were measured.
pub fn of_decisions(ours: &[Value], cedar: &[Value]) {
    println!("Time of a decision (us): median of {} runs\n", ours.len());
    println!("| grants | MedRec p50 | p99 | terms opened for the first time | Cedar, all policies in one set, p50 | times MedRec | Cedar, the relationship's policies only, p50 | times MedRec | goal |");
    println!("|---|---|---|---|---|---|---|---|---|");
    let rows = ours.first().and_then(|report| report["rows"].as_array()).map_or(0, Vec::len);
    for row in 0..rows {
        let of = |name: &str| format!("/rows/{row}/{name}");
        let p50 = over(ours, &of("p50")).median;
        let theirs = |name: &str| match cedar {
            [] => "| | ".to_owned(),
            cedar => {
                let found = over(cedar, &of(name)).median;
                format!("| {found:.1} | {:.0} ", found / p50)
            }
        };
        println!(
            "| {} | {p50:.2} | {:.2} | {:.0} {}{}| at least 10 times; below 5 us |",
            ours[0]["rows"][row]["grants"],
            over(ours, &of("p99")).median,
            over(ours, &of("first_p50")).median,
            theirs("whole_us/p50"),
            theirs("sliced_us/p50"),
        );
    }
    println!();
}

/// What is remembered of rights.
pub fn of_memory(report: &Value) {
    println!("| remembered between requests | bytes each | at most | MB at most |\n|---|---|---|---|");
    for (what, each, most) in [
        ("facts of the current blocks", "facts_bytes", "facts_most"),
        ("opened terms", "opening_bytes", "openings_most"),
    ] {
        let number = |name: &str| report["memory"][name].as_u64().unwrap_or(0);
        let all = (number(each) * number(most)) as f64 / 1e6;
        println!("| {what} | {} | {} | {all:.0} |", number(each), number(most));
    }
    println!();
}

/// The gatekeeper on its node.
pub fn of_gatekeeper(reports: &[Value]) {
    println!("Authorised reads and the same SQL through bare axum; {} runs, median\n", reports.len());
    println!("| connections | | gatekeeper | bare | ratio (quartiles) | goal |\n|---|---|---|---|---|---|");
    let rows = reports[0]["reads"].as_array().map_or(0, Vec::len);
    for row in 0..rows {
        for (what, name, ratio, goal) in [
            ("p50 (us)", "p50_us", "p50", "at most 1.15"),
            ("p99 (us)", "p99_us", "p99", "at most 1.15"),
            ("a second", "per_second", "per_second", "at least 0.85"),
        ] {
            let of = |side: &str| over(reports, &format!("/reads/{row}/{side}/{name}/median")).median;
            let end = |end: &str| over(reports, &format!("/reads/{row}/ratio/{ratio}/{end}")).median;
            println!(
                "| {} | {what} | {:.0} | {:.0} | {:.2} ({:.2} to {:.2}) | {goal} |",
                reports[0]["reads"][row]["connections"],
                of("gatekeeper"),
                of("bare"),
                end("median"),
                end("q1"),
                end("q3"),
            );
        }
    }
    let one = |pointer: &str| over(reports, pointer).median;
    println!("\n| | measured | goal |\n|---|---|---|");
    println!(
        "| from a block with a revocation to the first refusal (ms): median, worst | {:.0}, {:.0} | below 100 |",
        one("/revocation/first_refusal_ms/median"),
        one("/revocation/worst_ms")
    );
    println!(
        "| from that block to the last answer that showed something (ms): median | {:.0} | |",
        one("/revocation/last_permit_ms/median")
    );
    println!(
        "| from the start of a killed gatekeeper to its first answer (ms), a block each {:.0} ms | {:.0} | below 10000 |",
        one("/block_ms"),
        one("/restart/first_answer_ms/median")
    );
    println!(
        "| gatekeeper in memory (MB): started, after the load | {:.0}, {:.0} | |",
        one("/restart/resident_bytes") / 1e6,
        one("/restart/resident_after_load_bytes") / 1e6
    );
    println!(
        "| asking the node for facts (us): p50, p99 | {:.0}, {:.0} | |\n",
        one("/restart/node/p50_us"),
        one("/restart/node/p99_us")
    );
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
