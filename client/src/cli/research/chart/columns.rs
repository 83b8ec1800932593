//! Columns side by side: a histogram over the values' axis, events over the parts of an epoch.

use super::{
    canvas::{grid, head, line, rectangle, text, ticks, BAR, GREY, INK, PALE},
    Row,
};
use crate::cli::research::table::rounded;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 70.0;
const HIGH: f64 = 300.0;

/// Below columns: names of the borders between them, one more than columns, or of the columns.
pub enum Axis {
    /// Of borders.
    Borders(Vec<String>),
    /// Of columns.
    Columns(Vec<String>),
}

/// The chart. `below` stands below the title, `unit` at the axis, `source` at the bottom.
pub fn draw(title: &str, below: &str, rows: &[Row], axis: &Axis, unit: &str, source: &str) -> String {
    let ends = || rows.iter().filter_map(|row| row.interval);
    let high = ends().map(|(_, to)| to).fold(1.0, f64::max);
    let low = ends().map(|(from, _)| from).fold(0.0, f64::min);
    let y = |value: f64| TOP + (high - value) / (high - low) * HIGH;
    let each = (WIDTH - LEFT - RIGHT) / rows.len().max(1) as f64;
    let height = TOP + HIGH + 70.0;
    let mut svg = head(WIDTH, height, title, below);
    for tick in ticks(low, high) {
        svg += &grid((LEFT, y(tick)), (WIDTH - RIGHT, y(tick)));
        svg += &text(LEFT - 8.0, y(tick) + 4.0, "end", GREY, &rounded(tick));
    }
    for (place, row) in rows.iter().enumerate() {
        let Some((from, to)) = row.interval else { continue };
        let left = LEFT + each * place as f64;
        let (top, bottom) = (y(row.value.max(0.0)), y(row.value.min(0.0)));
        let fill = if row.shown { BAR } else { PALE };
        svg += &rectangle(left + 1.0, top, (each - 2.0).max(0.5), bottom - top, fill);
        let (middle, cap) = (left + each / 2.0, (each / 4.0).min(5.0));
        let (upper, lower) = (y(to), y(from));
        svg += &line(
            &format!(
                "M{middle:.1} {lower:.1}V{upper:.1}M{0:.1} {upper:.1}h{1:.1}M{0:.1} {lower:.1}h{1:.1}",
                middle - cap,
                cap * 2.0
            ),
            INK,
        );
        if each >= 44.0 {
            svg += &text(middle, upper - 6.0, "middle", INK, &row.text);
        }
    }
    svg += &line(&format!("M{LEFT:.1} {0:.1}H{1:.1}", y(0.0), WIDTH - RIGHT), GREY);
    let (names, offset) = match axis {
        Axis::Borders(names) => (names, 0.0),
        Axis::Columns(names) => (names, each / 2.0),
    };
    // No more names than there is room for.
    let step = (46.0 / each).ceil().max(1.0) as usize;
    for (place, name) in names.iter().enumerate().step_by(step) {
        svg += &text(LEFT + each * place as f64 + offset, TOP + HIGH + 18.0, "middle", GREY, name);
    }
    svg += &text(WIDTH - RIGHT, TOP + HIGH + 36.0, "end", GREY, unit);
    svg += &text(16.0, height - 10.0, "start", GREY, source);
    svg + "</svg>\n"
}
