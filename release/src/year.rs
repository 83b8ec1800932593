//! A year's plan of a hospital that is worth having, and what its answers are worth: rho 0.1 in all.

use medrec_primitives::research::{Part, PartKind, Rho, TableKind};

use crate::{account::Variance, interval::half_width};

/// A table of the plan.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    /// What it tells.
    pub title: &'static str,
    /// What is counted or summed.
    pub kind: TableKind,
    /// How many answers there are in the year.
    pub epochs: u16,
    /// What each costs.
    pub rho: Rho,
    /// Of the patients who release, which share has something in the table in one epoch.
    pub share: f64,
    /// What a typical number of it is: a cell's share of those persons for tables, the mean for means.
    pub typical: f64,
}

/// The plan.
pub const YEAR: [Planned; 6] = [
    Planned {
        title: "persons by diagnosis group (20), each quarter",
        kind: TableKind::Counts { cells: 20, per_person: 2 },
        epochs: 4,
        rho: 4_000,
        share: 0.4,
        typical: 0.1,
    },
    Planned {
        title: "persons by diagnosis group (10), age band (6) and sex, the year",
        kind: TableKind::Counts { cells: 120, per_person: 2 },
        epochs: 1,
        rho: 30_000,
        share: 0.8,
        typical: 1.0 / 60.0,
    },
    Planned {
        title: "mean HbA1c of persons with diabetes (4.0 to 12.0 %, in tenths), the year",
        kind: TableKind::Mean { lower: 40, upper: 120 },
        epochs: 1,
        rho: 16_000,
        share: 0.06,
        typical: 72.0,
    },
    Planned {
        title: "mean systolic pressure (80 to 200 mmHg), each quarter",
        kind: TableKind::Mean { lower: 80, upper: 200 },
        epochs: 4,
        rho: 2_500,
        share: 0.3,
        typical: 131.0,
    },
    Planned {
        title: "length of stay in days (10 bins, for quantiles), the year",
        kind: TableKind::Histogram { cells: 10 },
        epochs: 1,
        rho: 8_000,
        share: 0.15,
        typical: 0.1,
    },
    Planned {
        title: "first heart failure by quarter, the year",
        kind: TableKind::Incidents { bins: 4 },
        epochs: 1,
        rho: 20_000,
        share: 0.02,
        typical: 0.25,
    },
];

impl Planned {
    /// What the table costs in the year.
    pub fn total(&self) -> u64 {
        u64::from(self.rho).saturating_mul(u64::from(self.epochs))
    }

    /// A typical number of one answer where so many patients release, and how far off it is at most, 95 times of 100.
    pub fn typical(&self, patients: u32) -> Option<(f64, f64)> {
        let persons = f64::from(patients) * self.share;
        let parts: Vec<Part> = self.kind.parts(self.rho)?.into_iter().flatten().collect();
        let off = |kind: PartKind, coverage: f64| {
            let part = parts.iter().find(|part| part.kind == kind)?;
            Some(half_width(&Variance::of(part)?, coverage))
        };
        Some(match self.kind {
            TableKind::Mean { lower, .. } => {
                // As `interval::mean` has it, where the noise happens to be 0.
                let above = self.typical - lower as f64;
                let (sum, count) = (off(PartKind::Sum, 0.975)?, off(PartKind::Count, 0.975)?);
                let most = (above * persons + sum) / (persons - count).max(1.0);
                (self.typical, most - above)
            }
            TableKind::Sum { .. } => (self.typical * persons, off(PartKind::Sum, 0.95)?),
            _ => (self.typical * persons, off(PartKind::Cells, 0.95)?),
        })
    }
}

/// The plan with its errors, as it stands in `docs/research.md`.
pub fn table() -> String {
    let mut text = String::from(
        "| Table | Answers | Rho each | Rho in the year | 10,000 patients | 100,000 patients |\n|---|---|---|---|---|---|\n",
    );
    let cell = |planned: &Planned, patients| {
        planned.typical(patients).map_or("-".into(), |(number, off)| match planned.kind {
            TableKind::Mean { .. } => format!("{number:.1} ± {off:.1}"),
            _ => format!("{number:.0} ± {off:.0}"),
        })
    };
    for planned in &YEAR {
        text += &format!(
            "| {} | {} | {:.4} | {:.3} | {} | {} |\n",
            planned.title,
            planned.epochs,
            f64::from(planned.rho) / 1e6,
            planned.total() as f64 / 1e6,
            cell(planned, 10_000),
            cell(planned, 100_000),
        );
    }
    let total: u64 = YEAR.iter().map(Planned::total).sum();
    text + &format!("| **all** | | | **{:.3}** | | |\n", total as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn year_should_fit_the_budget_and_be_well_formed() {
        assert!(YEAR.iter().map(Planned::total).sum::<u64>() <= 100_000);
        assert!(YEAR.iter().all(|planned| planned.kind.is_well_formed()));
    }

    #[test]
    fn year_should_stand_in_the_documents_as_it_is() {
        let table = table();
        println!("{table}");
        let docs = include_str!("../../docs/research.md");
        assert!(docs.contains(&table), "docs/research.md shows another plan than this:\n{table}");
    }

    #[test]
    fn year_should_be_worth_having_when_ten_or_a_hundred_thousand_release() {
        for planned in &YEAR {
            for (patients, within) in [(10_000, 3.0), (100_000, 20.0)] {
                let (number, off) = planned.typical(patients).unwrap_or((0.0, 1.0));
                assert!(off < number / within, "{}: {number} ± {off}", planned.title);
            }
        }
    }
}
