//! Bars below one another, each with its name; a point instead of a bar for a mean.

use super::{
    canvas::{grid, head, line, rectangle, text, ticks, BAR, GREY, INK, PALE},
    Row,
};
use crate::cli::research::table::rounded;

const WIDTH: f64 = 860.0;
/// Where bars begin: names stand before.
const LEFT: f64 = 320.0;
const RIGHT: f64 = 90.0;
const TOP: f64 = 64.0;
const LINE: f64 = 26.0;
const LONGEST_NAME: usize = 42;

/// The chart. `below` stands below the title, `source` at the bottom.
pub fn draw(title: &str, below: &str, rows: &[Row], is_mean: bool, source: &str) -> String {
    let ends = rows.iter().filter_map(|row| row.interval);
    let (low, high) = ends
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (from, to)| (low.min(from), high.max(to)));
    let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
    let room = ((high - low) * 0.1).max(f64::MIN_POSITIVE);
    // Bars stand on 0; a mean is shown near by.
    let (low, high) = if is_mean { (low - room, high + room) } else { (low.min(0.0), high.max(1.0)) };
    let x = |value: f64| LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT);
    let height = TOP + LINE * rows.len() as f64 + 52.0;
    let bottom = height - 48.0;
    let mut svg = head(WIDTH, height, title, below);
    for tick in ticks(low, high) {
        svg += &grid((x(tick), TOP), (x(tick), bottom));
        svg += &text(x(tick), bottom + 16.0, "middle", GREY, &rounded(tick));
    }
    let zero = x(low.max(0.0).min(high));
    for (place, row) in rows.iter().enumerate() {
        let middle = TOP + LINE * (place as f64 + 0.5);
        svg += &text(LEFT - 10.0, middle + 4.0, "end", INK, &shortened(&row.name));
        let Some((from, to)) = row.interval else { continue };
        let at = x(row.value);
        if is_mean {
            svg += &format!("<circle cx=\"{at:.1}\" cy=\"{middle:.1}\" r=\"5\" fill=\"{BAR}\"/>\n");
        } else {
            let fill = if row.shown { BAR } else { PALE };
            svg += &rectangle(at.min(zero), middle - 8.0, (at - zero).abs(), 16.0, fill);
        }
        let (from, to, top) = (x(from), x(to), middle - 5.0);
        svg +=
            &line(&format!("M{from:.1} {middle:.1}H{to:.1}M{from:.1} {top:.1}v10M{to:.1} {top:.1}v10"), INK);
        svg += &text(to.max(at) + 8.0, middle + 4.0, "start", INK, &row.text);
    }
    if !is_mean {
        svg += &line(&format!("M{zero:.1} {TOP:.1}V{bottom:.1}"), GREY);
    }
    svg += &text(16.0, height - 10.0, "start", GREY, source);
    svg + "</svg>\n"
}

fn shortened(name: &str) -> String {
    match name.chars().count() {
        length if length > LONGEST_NAME => name.chars().take(LONGEST_NAME - 1).chain(['…']).collect(),
        _ => name.to_owned(),
    }
}
