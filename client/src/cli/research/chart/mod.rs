//! Charts with error bars, as SVG: no scripts, no fonts or files from elsewhere.
//!
//! | Module | Draws |
//! |---|---|
//! | [`bars`] | tables and sums: a bar for each number, beside its name; means: a point |
//! | [`columns`] | histograms and incidents: columns over an axis |
//! | [`canvas`] | text and lines |

mod bars;
mod canvas;
mod columns;

use super::{combine::Row, table::rounded};
use crate::research::definition::{decimal, Definition, What};
use columns::Axis;

/// The chart of a table. Who releases is said in words.
pub fn svg(definition: &Definition, rows: &[Row], answers: &[String]) -> String {
    let (cohort, numbers) = rows.split_first().map_or((None, rows), |(first, rest)| (Some(first), rest));
    let unit = match definition.unit() {
        "" => "persons".to_owned(),
        unit => format!("in {unit}"),
    };
    let persons = cohort.map(|row| format!("; {} ", row.text) + &row.name).unwrap_or_default();
    let counted = match definition.what() {
        What::Histogram { .. } => "persons",
        _ => unit.as_str(),
    };
    let below = format!("{counted}{persons}; bars of error: 95 times of 100");
    let source = format!(
        "MedRec, answers {} (provider/table/epoch); grey: not to be shown in public",
        answers.join(", ")
    );
    let title = definition.title();
    match definition.what() {
        What::Histogram { values, edges } => {
            let axis = Axis::Borders(edges.iter().map(|edge| decimal(*edge, values.decimals)).collect());
            // Quartiles stand below.
            let (bins, quartiles) = numbers.split_at(numbers.len().min(edges.len().saturating_sub(1)));
            let words = |row: &Row| match row.interval {
                Some((low, high)) => {
                    format!("{} {} ({} to {})", row.name, row.text, rounded(low), rounded(high))
                }
                None => format!("{}: nobody may have a value", row.name),
            };
            let quartiles: Vec<String> = quartiles.iter().map(words).collect();
            let unit = format!("{unit}; {}", quartiles.join("; "));
            columns::draw(title, &below, bins, &axis, unit.trim_end_matches("; "), &source)
        }
        What::Incidents { bins, .. } => {
            let axis = Axis::Columns((1..=*bins).map(|bin| bin.to_string()).collect());
            columns::draw(title, &below, numbers, &axis, "parts of the epoch", &source)
        }
        // What a mean is made of has other units.
        What::Mean(_) => {
            let mean = numbers.split_last().map_or(&[][..], |(last, _)| std::slice::from_ref(last));
            bars::draw(title, &below, mean, true, &source)
        }
        What::Counts { .. } | What::Sum(_) => bars::draw(title, &below, numbers, false, &source),
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    const HEAD: &str = "version = 1\ntitle = \"<script>alert(1)</script> & more\"\n";
    const COUNTS: &str =
        "resource = \"Condition\"\nkind = \"counts\"\nper_person = 1\n[[group]]\ntitle = \"One\"\ncodes = [\"s|1\"]\n";
    const VALUE: &str = "resource = \"Observation\"\ncodes = [\"s|1\"]\nunit = \"%\"\ndecimals = 1\n";

    fn row(name: &str, value: f64) -> Row {
        Row {
            name: name.into(),
            value,
            interval: Some((value - 5.0, value + 5.0)),
            shown: value > 11.0,
            text: value.to_string(),
        }
    }

    /// The chart of these numbers after 900 persons, which must be one closed element without markup of others.
    fn chart(definition: &str, numbers: &[Row]) -> String {
        let definition = Definition::read(&format!("{HEAD}{definition}")).unwrap();
        let rows: Vec<Row> =
            [row("persons who release", 900.0)].into_iter().chain(numbers.iter().cloned()).collect();
        let chart = svg(&definition, &rows, &["0/1/2".into()]);
        assert!(!chart.contains("<script>") && chart.contains("&lt;script&gt;"));
        assert!(chart.contains("900 persons who release"));
        assert!(!chart.contains("NaN") && !chart.contains("inf"));
        assert!(chart.starts_with("<svg ") && chart.ends_with("</svg>\n"));
        chart
    }

    #[test]
    fn chart_should_hold_every_number_with_its_error_and_no_markup_of_others() {
        let chart = chart(COUNTS, &[row("One", 120.0), row("Two", -3.0)]);
        assert_eq!(chart.matches("v10M").count(), 2, "an error bar each");
        assert!(chart.contains(">120<") && chart.contains(">-3<"));
    }

    #[test]
    fn chart_should_have_columns_over_their_edges_when_it_is_a_histogram() {
        let histogram = format!("kind = \"histogram\"\n{VALUE}edges = [40, 65, 90, 120]\n");
        let chart = chart(
            &histogram,
            &[row("a", 300.0), row("b", 150.0), row("c", 4.0), row("half lie below", 6.25)],
        );
        assert_eq!(chart.matches('V').count(), 3, "an error bar each");
        for text in [">4.0<", ">6.5<", ">9.0<", ">12.0<", ">300<", ">in %; half lie below 6.25 (", "#b9c6d0"]
        {
            assert!(chart.contains(text), "{text}");
        }
    }

    #[test]
    fn chart_should_have_columns_over_time_when_it_is_of_incidents() {
        let incidents = "resource = \"Condition\"\nkind = \"incidents\"\nbins = 4\ncodes = [\"s|1\"]\n";
        let chart = chart(incidents, &[1.0, 20.0, 30.0, 40.0].map(|value| row("part", value)));
        assert!(chart.contains("parts of the epoch") && chart.contains(">4<"));
    }

    #[test]
    fn chart_should_be_a_point_near_its_value_when_it_is_a_mean() {
        let mean = format!("kind = \"mean\"\n{VALUE}lower = 40\nupper = 120\n");
        let chart =
            chart(&mean, &[row("persons with a value", 800.0), row("sum", 9_000.0), row("mean", 72.0)]);
        assert_eq!(chart.matches("<circle").count(), 1);
        assert!(chart.contains(">72<") && !chart.contains(">800<") && !chart.contains(">0<"));
    }
}
