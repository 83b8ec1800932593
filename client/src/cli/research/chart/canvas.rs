//! What charts are drawn with: text that is no markup, lines, and a scale with round numbers.

/// The bars' colour, and that of what is not to be shown in public.
pub const BAR: &str = "#2f6f9f";
/// See [`BAR`].
pub const PALE: &str = "#b9c6d0";
/// Of words, and of error bars.
pub const INK: &str = "#111111";
/// Of what is beside.
pub const GREY: &str = "#555555";
const GRID: &str = "#e3e7ea";

/// Words at a place.
pub fn text(x: f64, y: f64, anchor: &str, colour: &str, words: &str) -> String {
    format!(
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{}</text>\n",
        escaped(words)
    )
}

/// A faint line from one place to another.
pub fn grid(from: (f64, f64), to: (f64, f64)) -> String {
    format!("<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"{GRID}\"/>\n", from.0, from.1, to.0, to.1)
}

/// A rectangle.
pub fn rectangle(x: f64, y: f64, width: f64, height: f64, fill: &str) -> String {
    format!("<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{fill}\"/>\n")
}

/// A line along which something is drawn.
pub fn line(path: &str, colour: &str) -> String {
    format!("<path d=\"{path}\" stroke=\"{colour}\" fill=\"none\"/>\n")
}

/// The beginning of a chart: its size, its title, a line below it.
pub fn head(width: f64, height: f64, title: &str, below: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n<title>{title}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"16\" y=\"26\" font-size=\"17\" fill=\"{INK}\">{title}</text>\n{}",
        text(16.0, 46.0, "start", GREY, below),
        title = escaped(title),
    )
}

/// Round numbers from `low` to `high` or a little within, some five of them.
pub fn ticks(low: f64, high: f64) -> Vec<f64> {
    let rough = (high - low) / 5.0;
    if !(rough > 0.0 && rough.is_finite()) {
        return vec![low];
    }
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| *step >= rough);
    let step = step.unwrap_or(rough);
    let (first, last) = ((low / step).ceil() as i64, (high / step).floor() as i64);
    (first..=last).map(|place| place as f64 * step).collect()
}

/// Text that is no markup. Definitions are written by others.
pub fn escaped(text: &str) -> String {
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

    #[test]
    fn ticks_should_be_round_numbers_within_the_ends() {
        assert_eq!(ticks(0.0, 100.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(-3.0, 11.0), [0.0, 5.0, 10.0]);
        assert_eq!(ticks(101.0, 103.0), [101.0, 101.5, 102.0, 102.5, 103.0]);
        assert_eq!(ticks(5.0, 5.0), [5.0]);
        assert!(ticks(0.0, 1e12).len() < 12);
    }
}
