//! Several providers' answers to one definition, added up, with the error of the sum.

use medrec_primitives::research::{PartKind, Rho, TableKind};
use medrec_release::{
    interval::{combined_half_width, display_threshold, half_width, mean, quantile},
    Variance,
};

use crate::research::definition::{decimal, Definition, Values, What};

/// How often the true number lies within the error that is stated.
pub const COVERAGE: f64 = 0.95;

/// One provider's answer.
#[derive(Clone, Debug)]
pub struct Answered {
    kind: TableKind,
    parts: Vec<(PartKind, Vec<i128>, Variance)>,
}

impl Answered {
    /// Numbers, part by part, of a table of this kind and price. `None` if there cannot be one.
    pub fn new(kind: TableKind, rho: Rho, numbers: Vec<Vec<i128>>) -> Option<Self> {
        let planned = kind.parts(rho)?.into_iter().flatten();
        let part = |(part, numbers): (medrec_primitives::research::Part, Vec<i128>)| {
            Some((part.kind, numbers, Variance::of(&part)?))
        };
        Some(Self { kind, parts: planned.zip(numbers).map(part).collect::<Option<_>>()? })
    }
}

/// A number of the table, with its error.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is.
    pub name: String,
    /// The number.
    pub value: f64,
    /// Where the true number lies, [`COVERAGE`] of the time; nothing where that cannot be said.
    pub interval: Option<(f64, f64)>,
    /// Whether it is fit to be shown to the public.
    pub shown: bool,
    /// As it is written.
    pub text: String,
}

/// All numbers of a table: who releases first, then the table itself, at its end a mean or the quartiles of a histogram.
pub fn combine(definition: &Definition, answers: &[Answered]) -> Vec<Row> {
    let Some(first) = answers.first() else { return Vec::new() };
    let mut names = definition.names().into_iter();
    let mut rows = Vec::new();
    let mut sums: Vec<(PartKind, i128, Vec<Variance>)> = Vec::new();
    for (place, (kind, numbers, _)) in first.parts.iter().enumerate() {
        let variances: Vec<Variance> = answers
            .iter()
            .filter_map(|answer| answer.parts.get(place).map(|(_, _, variance)| variance.clone()))
            .collect();
        for cell in 0..numbers.len() {
            let of = |answer: &Answered| answer.parts.get(place).and_then(|part| part.1.get(cell).copied());
            let number = answers.iter().filter_map(of).fold(0i128, i128::saturating_add);
            let name = match kind {
                PartKind::Cohort => "persons who release".to_owned(),
                _ => names.next().unwrap_or_default(),
            };
            let decimals = (*kind == PartKind::Sum).then(|| definition.decimals());
            rows.push(counted(name, number, &variances, decimals));
            sums.push((*kind, number, variances.clone()));
        }
    }
    match (first.kind, definition.what()) {
        (TableKind::Mean { lower, upper }, _) => {
            rows.extend(average(definition, &sums, lower, upper, answers.len()));
        }
        (_, What::Histogram { values, edges }) => rows.extend(quartiles(values, edges, &sums)),
        _ => {}
    }
    rows
}

/// The quartiles of a histogram, each between two edges.
fn quartiles(values: &Values, edges: &[i64], sums: &[(PartKind, i128, Vec<Variance>)]) -> Vec<Row> {
    let scale = 10f64.powi(i32::try_from(values.decimals).unwrap_or_default());
    let edges: Vec<f64> = edges.iter().map(|edge| *edge as f64 / scale).collect();
    let of_cells = || sums.iter().filter(|(kind, ..)| *kind == PartKind::Cells);
    let cells: Vec<i128> = of_cells().map(|(_, number, _)| *number).collect();
    let Some(variance) = of_cells().next().and_then(|(.., variances)| total(variances)) else {
        return Vec::new();
    };
    let row = |(name, share): (&str, f64)| {
        let name = format!("{name} below");
        match quantile(&cells, &edges, &variance, share, COVERAGE) {
            Some((value, low, high)) => {
                let digits = usize::try_from(values.decimals).unwrap_or_default() + 1;
                let text = format!("{value:.digits$}");
                Row { name, value, interval: Some((low, high)), shown: true, text }
            }
            None => nobody(name),
        }
    };
    [("a quarter lies", 0.25), ("half lie", 0.5), ("three quarters lie", 0.75)].map(row).into()
}

/// A number that there is only if there is somebody, where there may be nobody.
fn nobody(name: String) -> Row {
    Row { name, value: f64::NAN, interval: None, shown: false, text: "-".to_owned() }
}

/// A number of persons, or a sum of values with so many decimals.
fn counted(name: String, number: i128, variances: &[Variance], of_values: Option<u32>) -> Row {
    let decimals = of_values.unwrap_or_default();
    let off = match variances {
        [one] => half_width(one, COVERAGE),
        several => combined_half_width(several, COVERAGE),
    };
    let scale = 10f64.powi(i32::try_from(decimals).unwrap_or_default());
    let value = number as f64 / scale;
    let threshold = total(variances).map_or(f64::INFINITY, |variance| display_threshold(&variance));
    let text = match i64::try_from(number) {
        Ok(units) => decimal(units, decimals),
        Err(_) => value.to_string(),
    };
    let interval = Some((value - off / scale, value + off / scale));
    // Sums of measured values are not small numbers of persons.
    let shown = of_values.is_some() || number as f64 >= threshold;
    Row { name, value, interval, shown, text }
}

/// The mean: of what lies above the lower bound, and the lower bound.
fn average(
    definition: &Definition,
    sums: &[(PartKind, i128, Vec<Variance>)],
    lower: i64,
    upper: i64,
    providers: usize,
) -> Option<Row> {
    let of = |wanted: PartKind| {
        let (_, number, variances) = sums.iter().find(|(kind, ..)| *kind == wanted)?;
        Some((*number, total(variances)?))
    };
    let (count, count_variance) = of(PartKind::Count)?;
    let (sum, sum_variance) = of(PartKind::Sum)?;
    let scale = 10f64.powi(i32::try_from(definition.decimals()).unwrap_or_default());
    let found = mean((count, &count_variance), (sum, &sum_variance), lower, upper, COVERAGE);
    let name = match providers {
        1 => "mean".to_owned(),
        several => format!("mean over {several} providers"),
    };
    Some(match found {
        Some((mean, low, high)) => {
            let value = mean / scale;
            let digits = usize::try_from(definition.decimals()).unwrap_or_default() + 1;
            let text = format!("{value:.digits$}");
            Row { name, value, interval: Some((low / scale, high / scale)), shown: true, text }
        }
        None => nobody(name),
    })
}

/// The variance of independent noises together.
fn total(variances: &[Variance]) -> Option<Variance> {
    let (first, rest) = variances.split_first()?;
    Some(rest.iter().fold(first.clone(), |sum, next| sum.plus(next)))
}

#[cfg(test)]
mod unit {
    use super::*;

    const MEAN: &str = "version = 1\ntitle = \"Mean HbA1c\"\nresource = \"Observation\"\nkind = \"mean\"\n\
        codes = [\"http://loinc.org|4548-4\"]\nunit = \"%\"\ndecimals = 1\nlower = 40\nupper = 120\n";
    const COUNTS: &str =
        "version = 1\ntitle = \"Persons\"\nresource = \"Condition\"\nkind = \"counts\"\nper_person = 1\n\
        [[group]]\ntitle = \"One\"\ncodes = [\"s|1\"]\n[[group]]\ntitle = \"Two\"\ncodes = [\"s|2\"]\n";

    fn answered(definition: &Definition, numbers: Vec<Vec<i128>>) -> Answered {
        Answered::new(definition.kind().unwrap(), 10_000, numbers).unwrap()
    }

    #[test]
    fn numbers_should_add_and_variances_too_when_there_are_several_providers() {
        let definition = Definition::read(COUNTS).unwrap();
        let one = answered(&definition, vec![vec![1_000], vec![400, -3]]);
        let alone = combine(&definition, std::slice::from_ref(&one));
        let both = combine(&definition, &[one.clone(), one.clone()]);
        let names: Vec<&str> = both.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["persons who release", "One", "Two"]);
        assert_eq!(both.iter().map(|row| row.value).collect::<Vec<_>>(), [2_000.0, 800.0, -6.0]);
        let off = |row: &Row| row.interval.unwrap().1 - row.value;
        // Variance 1 / rho = 111.1 each: 1.96 sigma is 20.7, and 29.2 for two.
        assert!((off(&alone[1]) - 21.0).abs() <= 1.0 && (off(&both[1]) - 30.0).abs() <= 1.0);
        assert!(both[1].shown && !both[2].shown);
    }

    #[test]
    fn quartiles_should_lie_between_edges_when_it_is_a_histogram_and_nowhere_when_there_may_be_nobody() {
        let histogram = "version = 1\ntitle = \"HbA1c\"\nresource = \"Observation\"\nkind = \"histogram\"\n\
            codes = [\"s|1\"]\nunit = \"%\"\ndecimals = 1\nedges = [40, 60, 80, 120]\n";
        let definition = Definition::read(histogram).unwrap();
        let of = |cells: Vec<i128>| combine(&definition, &[answered(&definition, vec![vec![9_000], cells])]);
        let rows = of(vec![2_000, 4_000, 2_000]);
        let quartiles: Vec<_> =
            rows[4..].iter().map(|row| (row.text.as_str(), row.interval.unwrap())).collect();
        // A quarter is right at an edge: it may lie on either side.
        assert_eq!(quartiles, [("6.00", (4.0, 8.0)), ("7.00", (6.0, 8.0)), ("8.00", (6.0, 12.0))]);
        assert!(of(vec![3, -5, 4])[4..].iter().all(|row| row.interval.is_none() && !row.shown));
    }

    #[test]
    fn sum_of_values_should_be_shown_however_small_it_is() {
        let days =
            "version = 1\ntitle = \"Days\"\nresource = \"Encounter\"\nkind = \"sum\"\nvalue = \"days\"\n\
            codes = [\"s|1\"]\nlower = -5\nupper = 30\n";
        let definition = Definition::read(days).unwrap();
        let rows = combine(&definition, &[answered(&definition, vec![vec![3], vec![-40]])]);
        assert_eq!(
            rows.iter().map(|row| (row.value, row.shown)).collect::<Vec<_>>(),
            [(3.0, false), (-40.0, true)]
        );
    }

    #[test]
    fn mean_should_be_of_all_providers_persons_together() {
        let definition = Definition::read(MEAN).unwrap();
        let one = answered(&definition, vec![vec![5_000], vec![1_000], vec![30_000]]);
        let two = answered(&definition, vec![vec![5_000], vec![3_000], vec![30_000]]);
        let rows = combine(&definition, &[one, two]);
        let mean = rows.last().unwrap();
        // (40 + 60000 / 4000) tenths.
        assert!((mean.value - 5.5).abs() < 1e-9 && mean.text == "5.50", "{mean:?}");
        let (low, high) = mean.interval.unwrap();
        assert!(low < 5.5 && 5.5 < high && high - low < 0.5);
        let nobody = answered(&definition, vec![vec![0], vec![2], vec![5]]);
        assert_eq!(combine(&definition, &[nobody]).last().unwrap().interval, None);
    }
}
