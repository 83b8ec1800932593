//! How large the chain gets, and how many cores it needs, from one hospital to a country.
//!
//! | Module | Does |
//! |---|---|
//! | [`calls`] | makes one of each call on a chain in memory: its bytes, its weight, the state it leaves |
//! | [`load`] | what people and providers are assumed to do, and what that adds up to |
//! | [`tables`] | the tables of `docs/scale.md` |
//!
//! Nothing is timed: weights are those that `scripts/weights` measured, limits are those of the runtime. So the tables are the same on
//! every machine, and a test holds the document to them.

mod calls;
mod load;
mod tables;

use clap::Args;

/// Nothing to choose: the assumptions are constants in `load.rs`, so that document and program cannot differ.
#[derive(Clone, Debug, Args)]
pub struct Options {}

/// Computes, and prints the tables.
pub fn run(_: &Options) -> anyhow::Result<()> {
    print!("{}", tables::all(&calls::measure()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in the document between these lines was printed by the program.
    const START: &str = "<!-- printed by: medrec-bench scale -->\n";
    const END: &str = "<!-- end of what was printed -->";

    #[test]
    fn document_should_say_what_the_program_prints() {
        let document = include_str!("../../../docs/scale.md");
        let (_, rest) = document.split_once(START).expect("the line that starts the tables");
        let (stands, _) = rest.split_once(END).expect("the line that ends the tables");
        let printed = tables::all(&calls::measure());
        assert_eq!(stands.trim(), printed.trim(), "docs/scale.md: put in what `medrec-bench scale` prints");
    }
}
