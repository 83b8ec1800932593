//! A chart with error bars, as SVG: no scripts, no fonts or files from elsewhere.

use super::{combine::Row, table::rounded};
use crate::research::definition::Definition;

const WIDTH: f64 = 860.0;
/// Where bars begin: names stand before.
const LEFT: f64 = 320.0;
const RIGHT: f64 = 90.0;
const TOP: f64 = 64.0;
const LINE: f64 = 26.0;
const LONGEST_NAME: usize = 48;

/// The chart of a table. Who releases is said in words; a mean has a point, everything else a bar.
pub fn svg(definition: &Definition, rows: &[Row], answers: &[String]) -> String {
    let (cohort, numbers) = rows.split_first().map_or((None, rows), |(first, rest)| (Some(first), rest));
    let is_mean = numbers.last().is_some_and(|row| row.name.starts_with("mean"));
    // What a mean is made of has other units.
    let drawn: &[Row] = if is_mean {
        numbers.split_last().map_or(&[], |(last, _)| std::slice::from_ref(last))
    } else {
        numbers
    };
    let ends = drawn.iter().filter_map(|row| row.interval);
    let (low, high) = ends
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (from, to)| (low.min(from), high.max(to)));
    let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
    let room = ((high - low) * 0.1).max(f64::MIN_POSITIVE);
    // Bars stand on 0; a mean is shown near by.
    let (low, high) = if is_mean { (low - room, high + room) } else { (low.min(0.0), high.max(1.0)) };
    let x = |value: f64| LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT);
    let height = TOP + LINE * drawn.len() as f64 + 44.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" \
         font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n<title>{title}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"16\" y=\"26\" font-size=\"17\" fill=\"#111111\">{title}</text>\n",
        title = escaped(definition.title()),
    );
    let unit = match definition.unit() {
        "" => "persons".to_owned(),
        unit => format!("in {unit}"),
    };
    let persons = cohort.map(|row| format!("; {} ", row.text) + &row.name).unwrap_or_default();
    svg.push_str(&text(
        16.0,
        46.0,
        "start",
        "#555555",
        &format!("{unit}{persons}; bars of error: 95 times of 100"),
    ));
    let zero = x(low.max(0.0).min(high));
    for (place, row) in drawn.iter().enumerate() {
        let middle = TOP + LINE * (place as f64 + 0.5);
        svg.push_str(&text(LEFT - 10.0, middle + 4.0, "end", "#111111", &shortened(&row.name)));
        let Some((from, to)) = row.interval else { continue };
        let at = x(row.value);
        if is_mean {
            svg.push_str(&format!("<circle cx=\"{at:.1}\" cy=\"{middle:.1}\" r=\"5\" fill=\"#2f6f9f\"/>\n"));
        } else {
            let (left, width) = (at.min(zero), (at - zero).abs());
            let fill = if row.shown { "#2f6f9f" } else { "#b9c6d0" };
            svg.push_str(&format!(
                "<rect x=\"{left:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"{fill}\"/>\n",
                middle - 8.0,
                16.0
            ));
        }
        let (from, to) = (x(from), x(to));
        svg.push_str(&format!(
            "<path d=\"M{from:.1} {middle:.1}H{to:.1}M{from:.1} {top:.1}v10M{to:.1} {top:.1}v10\" stroke=\"#111111\" fill=\"none\"/>\n",
            top = middle - 5.0
        ));
        svg.push_str(&text(to.max(at) + 8.0, middle + 4.0, "start", "#111111", &row.text));
    }
    let bottom = height - 40.0;
    svg.push_str(&format!("<path d=\"M{zero:.1} {TOP:.1}V{bottom:.1}\" stroke=\"#555555\"/>\n"));
    for value in [low, high] {
        svg.push_str(&text(x(value), bottom + 16.0, "middle", "#555555", &rounded(value)));
    }
    let source = format!(
        "MedRec, answers {} (provider/table/epoch); grey: not to be shown in public",
        answers.join(", ")
    );
    svg.push_str(&text(16.0, height - 8.0, "start", "#555555", &source));
    svg.push_str("</svg>\n");
    svg
}

fn text(x: f64, y: f64, anchor: &str, colour: &str, words: &str) -> String {
    format!(
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{}</text>\n",
        escaped(words)
    )
}

fn shortened(name: &str) -> String {
    match name.chars().count() {
        length if length > LONGEST_NAME => name.chars().take(LONGEST_NAME - 1).chain(['…']).collect(),
        _ => name.to_owned(),
    }
}

/// Text that is no markup. Definitions are written by others.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod unit {
    use super::*;

    const COUNTS: &str = "version = 1\ntitle = \"<script>alert(1)</script> & more\"\nresource = \"Condition\"\nkind = \"counts\"\n\
        per_person = 1\n[[group]]\ntitle = \"One\"\ncodes = [\"s|1\"]\n";

    #[test]
    fn chart_should_hold_every_number_with_its_error_and_no_markup_of_others() {
        let definition = Definition::read(COUNTS).unwrap();
        let row = |name: &str, value: f64| Row {
            name: name.into(),
            value,
            interval: Some((value - 5.0, value + 5.0)),
            shown: value > 11.0,
            text: value.to_string(),
        };
        let chart = svg(
            &definition,
            &[row("persons who release", 900.0), row("One", 120.0), row("Two", -3.0)],
            &["0/1/2".into()],
        );
        assert!(!chart.contains("<script>") && chart.contains("&lt;script&gt;"));
        assert_eq!(chart.matches("v10M").count(), 2, "an error bar each");
        assert!(
            chart.contains(">120<") && chart.contains(">-3<") && chart.contains("900 persons who release")
        );
        assert!(!chart.contains("NaN") && !chart.contains("inf"));
        // Nothing but one element at the top, closed.
        assert!(chart.starts_with("<svg ") && chart.ends_with("</svg>\n"));
    }
}
