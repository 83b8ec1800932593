//! A table as lines, as JSON and as CSV (RFC 4180).

use serde_json::{json, Value};

use super::combine::Row;

/// For people.
pub fn line(row: &Row) -> String {
    let hidden = if row.shown { "" } else { "   (not to be shown in public)" };
    match row.interval {
        Some((low, high)) => {
            format!("{:>12}   {} to {}   {}{hidden}", row.text, rounded(low), rounded(high), row.name)
        }
        None => format!("{:>12}   (nobody may have a value)   {}", row.text, row.name),
    }
}

/// For programs.
pub fn json(row: &Row) -> Value {
    json!({
        "name": row.name,
        "value": row.interval.map(|_| row.value),
        "low": row.interval.map(|(low, _)| low),
        "high": row.interval.map(|(_, high)| high),
        "shown": row.shown,
    })
}

/// For spreadsheets.
pub fn csv(rows: &[Row]) -> String {
    let mut text = "name,value,low95,high95,show in public\r\n".to_owned();
    for row in rows {
        let (low, high) =
            row.interval.map_or_else(Default::default, |(low, high)| (rounded(low), rounded(high)));
        let shown = if row.shown { "yes" } else { "no" };
        let value = if row.interval.is_some() { row.text.as_str() } else { "" };
        text.push_str(&format!("{},{value},{low},{high},{shown}\r\n", quoted(&row.name)));
    }
    text
}

/// A field that spreadsheets take for text, whatever it begins with.
fn quoted(field: &str) -> String {
    let safe = if field.starts_with(['=', '+', '-', '@']) { format!("'{field}") } else { field.to_owned() };
    format!("\"{}\"", safe.replace('"', "\"\""))
}

/// A number with as many decimals as mean something.
pub fn rounded(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn csv_should_be_read_as_written_whatever_names_hold() {
        let row = |name: &str, interval| Row {
            name: name.into(),
            value: 12.0,
            interval,
            shown: false,
            text: "12".into(),
        };
        let rows = [row("a, \"b\"", Some((10.0, 14.5))), row("=SUM(A1)", None)];
        let expected = "name,value,low95,high95,show in public\r\n\"a, \"\"b\"\"\",12,10,14.50,no\r\n\"'=SUM(A1)\",,,,no\r\n";
        assert_eq!(csv(&rows), expected);
    }
}
