//! The tables of `docs/scale.md`.

use std::fmt::Write;

use medrec_runtime::{
    constants::{MAXIMUM_BLOCK_LENGTH, MAXIMUM_BLOCK_WEIGHT, MDR, RELAY_CHAIN_SLOT_DURATION},
    Runtime,
};

use super::{
    calls::{Calls, Taken},
    load::{self, peak, Rate, Size, SIZES},
};

/// All of them.
pub fn all(calls: &Calls) -> String {
    [block(), of_calls(calls), assumptions(), of_sizes(calls), of_cores(calls), beside_medrec(calls)]
        .join("\n")
}

/// What a core has room for.
fn block() -> String {
    let core = load::core();
    let mut text = String::from(
        "| A core has room for | in a block | of it for ordinary calls | a second |\n|---|---|---|---|\n",
    );
    let seconds = f64::from(RELAY_CHAIN_SLOT_DURATION) / 1_000.0;
    let most = MAXIMUM_BLOCK_WEIGHT;
    for (what, all, ordinary, unit) in [
        ("computation", most.ref_time() as f64 / 1e12, core.time, "s"),
        ("proof", most.proof_size() as f64 / 1e6, core.proof / 1e6, "MB"),
        ("length of transactions", f64::from(MAXIMUM_BLOCK_LENGTH) / 1e6, core.length / 1e6, "MB"),
    ] {
        row(
            &mut text,
            format_args!(
                "{what} | {all:.2} {unit} | {:.2} {unit} | {ordinary:.3} {unit}",
                ordinary * seconds
            ),
        );
    }
    text
}

fn of_calls(calls: &Calls) -> String {
    let mut text = String::from(
        "| Call | bytes | computation, us | proof, bytes | state, bytes | a core does, a second | scarce |\n|---|---|---|---|---|---|---|\n",
    );
    for (name, taken) in [
        ("propose a relationship", calls.propose),
        ("accept it", calls.accept),
        ("sealed grant", calls.grant),
        ("revoke it", calls.revoke),
        ("anchor an interval", calls.anchor),
    ] {
        let Taken { length, weight, state } = taken;
        let one = Rate {
            calls: 1.0,
            length: length as f64,
            time: weight.ref_time() as f64 / 1e12,
            proof: weight.proof_size() as f64,
        };
        let (share, scarce) = one.cores();
        let micros = weight.ref_time() as f64 / 1e6;
        row(
            &mut text,
            format_args!(
                "{name} | {length} | {micros:.0} | {} | {state} | {:.0} | {scarce}",
                weight.proof_size(),
                1.0 / share
            ),
        );
    }
    text
}

fn assumptions() -> String {
    let mut text = String::from("| Assumed | |\n|---|---|\n");
    row(&mut text, format_args!("relationships of a person | {}", load::RELATIONSHIPS));
    row(&mut text, format_args!("all are enrolled within | {} years", load::ROLL_OUT_YEARS));
    row(
        &mut text,
        format_args!("new relationships of a person in a year, after that | {}", load::NEW_RELATIONSHIPS),
    );
    row(&mut text, format_args!("grants of a person in a year | {}", load::GRANTS));
    row(&mut text, format_args!("of these, taken back | {}", load::REVOCATIONS));
    row(&mut text, format_args!("grants of a person that are stored at a time | {}", load::GRANTS_AT_A_TIME));
    let minutes = super::calls::interval_ms() / 60_000;
    row(&mut text, format_args!("anchors of a provider | one in {minutes} minutes"));
    row(&mut text, format_args!("the busiest hour over the average | {}", load::PEAK));
    text
}

fn of_sizes(calls: &Calls) -> String {
    let mut text = String::from(
        "| | persons | providers | state | blocks of a year, roll-out | blocks of a year, later | held for relationships |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for size in SIZES {
        let Size { name, persons, providers, relationships } = size;
        row(
            &mut text,
            format_args!(
                "{name} | {} | {providers} | {} | {} | {} | {} MDR",
                count(persons),
                bytes(size.state(calls)),
                bytes(load::a_year(size.roll_out(calls))),
                bytes(load::a_year(size.steady(calls))),
                count(persons * relationships * held())
            ),
        );
    }
    text
}

fn of_cores(calls: &Calls) -> String {
    let mut text = String::from(
        "| | calls a second, roll-out: average, peak | later: average, peak | cores, roll-out | cores, later | scarce | regions a year, later |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for size in SIZES {
        let (first, later) = (size.roll_out(calls), size.steady(calls));
        let ((many, _), (few, scarce)) = (peak(first).cores(), peak(later).cores());
        row(
            &mut text,
            format_args!(
                "{} | {}, {} | {}, {} | {} ({many:.2}) | {} ({few:.2}) | {scarce} | {:.0}",
                size.name,
                decimals(first.calls),
                decimals(peak(first).calls),
                decimals(later.calls),
                decimals(peak(later).calls),
                many.ceil(),
                few.ceil(),
                few.ceil() * 365.25 / 28.0
            ),
        );
    }
    text
}

fn beside_medrec(calls: &Calls) -> String {
    let relationships = 350e6 * load::RELATIONSHIPS;
    let ours = (calls.propose.length + calls.accept.length) as f64;
    let state = (calls.propose.state + calls.accept.state) as f64;
    let mut text = String::from(
        "| 350 million persons with 7 relationships each | a relationship | all of them |\n|---|---|---|\n",
    );
    for (what, each) in [
        ("MedRec 2.0: transactions that make them", load::MEDREC_RELATIONSHIP),
        ("here: transactions that make them, in blocks that old nodes may drop", ours),
        ("here: state, which every node keeps", state),
    ] {
        row(&mut text, format_args!("{what} | {each:.0} B | {}", bytes(relationships * each)));
    }
    text
}

/// Held from a provider for a relationship (MDR).
fn held() -> f64 {
    let record = <Runtime as pallet_relationships::Config>::RecordDeposit::get();
    let using = <Runtime as pallet_relationships::Config>::UseDeposit::get();
    (record + using) as f64 / MDR as f64
}

fn row(text: &mut String, cells: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = writeln!(text, "| {cells} |");
}

fn bytes(number: f64) -> String {
    match number {
        tera if tera >= 1e12 => format!("{:.1} TB", tera / 1e12),
        giga if giga >= 1e9 => format!("{:.1} GB", giga / 1e9),
        mega => format!("{:.0} MB", mega / 1e6),
    }
}

fn count(number: f64) -> String {
    match number {
        giga if giga >= 1e9 => format!("{:.1} G", giga / 1e9),
        mega if mega >= 1e6 => format!("{:.0} M", mega / 1e6),
        kilo => format!("{:.0} k", kilo / 1e3),
    }
}

fn decimals(number: f64) -> String {
    if number < 10.0 {
        format!("{number:.2}")
    } else {
        format!("{number:.0}")
    }
}
