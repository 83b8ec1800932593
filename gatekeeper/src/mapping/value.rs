//! From a column's text to a FHIR value.

use base64::{engine::general_purpose::STANDARD, Engine};
use chrono::{
    DateTime, Datelike, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc,
};
use serde_json::{Number, Value};

/// The text does not fit the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// The time zone of timestamps that carry none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// A fixed distance from UTC.
    Fixed(FixedOffset),
    /// A zone of the IANA database.
    Named(chrono_tz::Tz),
}

impl Zone {
    /// Reads `UTC`, `+01:00` or `Europe/Berlin`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "UTC" | "Z" => Some(Self::Fixed(Utc.fix())),
            _ if text.starts_with(['+', '-']) => offset(text).map(Self::Fixed),
            _ => text.parse().ok().map(Self::Named),
        }
    }

    /// The point in time of a local time; `None` where daylight saving makes it ambiguous or impossible.
    fn resolve(self, local: NaiveDateTime) -> Option<DateTime<FixedOffset>> {
        let fixed = match self {
            Self::Fixed(offset) => offset.from_local_datetime(&local),
            Self::Named(zone) => zone.from_local_datetime(&local).map(|time| time.fixed_offset()),
        };
        match fixed {
            LocalResult::Single(time) => Some(time),
            LocalResult::Ambiguous(..) | LocalResult::None => None,
        }
    }
}

/// How a date or time is written in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// ISO 8601, as databases print it.
    Iso,
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMillis,
    /// `strftime`.
    Pattern(String),
}

/// How to read one column.
#[derive(Clone, Debug)]
pub struct Reading {
    /// How dates and times are written.
    pub format: Format,
    /// The zone of those without one.
    pub zone: Option<Zone>,
}

impl Default for Reading {
    fn default() -> Self {
        Self { format: Format::Iso, zone: None }
    }
}

/// A value of a primitive type from a column's text; `Ok(None)` if that says nothing.
pub fn read(fhir_type: &str, text: &str, reading: &Reading) -> Result<Option<Value>, Malformed> {
    let text = if matches!(fhir_type, "string" | "markdown") { text.trim_end() } else { text.trim() };
    if text.trim().is_empty() {
        return Ok(None);
    }
    let value = match fhir_type {
        "boolean" => Value::Bool(boolean(text).ok_or(Malformed)?),
        "decimal" => Value::Number(decimal(text).ok_or(Malformed)?),
        "integer" => Value::Number(integer(text, i32::MIN).ok_or(Malformed)?),
        "unsignedInt" => Value::Number(integer(text, 0).ok_or(Malformed)?),
        "positiveInt" => Value::Number(integer(text, 1).ok_or(Malformed)?),
        "date" | "dateTime" | "instant" => {
            return time(fhir_type, text, reading).map(|time| time.map(Value::String))
        }
        "time" => Value::String(time_of_day(text).ok_or(Malformed)?),
        "base64Binary" => Value::String(STANDARD.encode(text)),
        "code" => Value::String(code(text).ok_or(Malformed)?),
        "id" => Value::String(text_if(text, text.len() <= 64 && text.bytes().all(is_id_byte))?),
        "uri" | "url" | "canonical" | "oid" | "uuid" => {
            Value::String(text_if(text, !text.contains(char::is_whitespace))?)
        }
        // Control characters are not allowed in FHIR text, but for tab and line ends.
        _ => {
            let allowed = |c: &char| !c.is_control() || matches!(c, '\t' | '\r' | '\n');
            let text: String = text.chars().filter(allowed).collect();
            if text.trim().is_empty() {
                return Ok(None);
            }
            Value::String(text)
        }
    };
    Ok(Some(value))
}

/// `true` or `false` as databases write it.
pub fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        // The last one is what a BIT column of MySQL gives.
        "1" | "t" | "true" | "y" | "yes" | "\u{1}" => Some(true),
        "0" | "f" | "false" | "n" | "no" | "\u{0}" => Some(false),
        _ => None,
    }
}

/// A comparator at the beginning of a number, as laboratories write it, and the rest.
pub fn comparator(text: &str) -> (Option<&'static str>, &str) {
    let text = text.trim();
    for (written, code) in [("<=", "<="), (">=", ">="), ("≤", "<="), ("≥", ">="), ("<", "<"), (">", ">")]
    {
        if let Some(rest) = text.strip_prefix(written) {
            return (Some(code), rest.trim_start());
        }
    }
    (None, text)
}

fn text_if(text: &str, valid: bool) -> Result<String, Malformed> {
    if valid {
        Ok(text.to_owned())
    } else {
        Err(Malformed)
    }
}

fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')
}

/// Single blanks inside, no other white space.
fn code(text: &str) -> Option<String> {
    let single = text
        .split(' ')
        .all(|part| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control()));
    single.then(|| text.to_owned())
}

/// A decimal with all its digits. JSON wants a digit before the point and no plus sign.
fn decimal(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = if text.starts_with('-') { "-" } else { "" };
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], &unsigned[at..]),
        None => (unsigned, ""),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let some_digit = !whole.is_empty() || fraction.is_some_and(|fraction| !fraction.is_empty());
    if !some_digit || !digits(whole) || !fraction.is_none_or(digits) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction
        .filter(|fraction| !fraction.is_empty())
        .map(|fraction| format!(".{fraction}"))
        .unwrap_or_default();
    serde_json::from_str(&format!("{sign}{whole}{fraction}{exponent}")).ok()
}

fn integer(text: &str, least: i32) -> Option<Number> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let number: i32 = text.parse().ok()?;
    (number >= least && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| number.into())
}

fn time_of_day(text: &str) -> Option<String> {
    let time = clock(text)?;
    Some(with_fraction(time.format("%H:%M:%S").to_string(), text))
}

/// `HH:MM`, `HH:MM:SS` or with a fraction.
fn clock(text: &str) -> Option<NaiveTime> {
    let shape = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'))
        && text.get(2..3) == Some(":");
    if !shape {
        return None;
    }
    let formats = ["%H:%M:%S%.f", "%H:%M"];
    formats.iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok())
}

/// Keeps the fraction of a second as it was written, unless it is nothing but zeros.
fn with_fraction(printed: String, written: &str) -> String {
    match written.split_once('.') {
        Some((_, fraction)) if fraction.bytes().any(|byte| byte != b'0') => format!("{printed}.{fraction}"),
        _ => printed,
    }
}

fn time(fhir_type: &str, text: &str, reading: &Reading) -> Result<Option<String>, Malformed> {
    let moment = match &reading.format {
        Format::Iso => iso(text)?,
        Format::Unix | Format::UnixMillis => {
            let number: i64 = text.parse().map_err(|_| Malformed)?;
            let time = match reading.format {
                Format::Unix => Utc.timestamp_opt(number, 0),
                _ => Utc.timestamp_millis_opt(number),
            };
            Moment::Zoned(time.single().ok_or(Malformed)?.fixed_offset(), String::new())
        }
        Format::Pattern(pattern) => by_pattern(text, pattern)?,
    };
    moment.print(fhir_type, reading.zone)
}

/// A date or time as precise as the column has it. Fractions of a second keep their digits.
enum Moment {
    /// A year or month, as written.
    Coarse(String),
    Day(NaiveDate),
    Local(NaiveDateTime, String),
    Zoned(DateTime<FixedOffset>, String),
}

impl Moment {
    fn print(self, fhir_type: &str, zone: Option<Zone>) -> Result<Option<String>, Malformed> {
        let (time, fraction) = match self {
            Self::Coarse(text) => {
                return if fhir_type == "instant" { Err(Malformed) } else { Ok(Some(text)) }
            }
            Self::Day(day) => {
                return if fhir_type == "instant" { Err(Malformed) } else { Ok(Some(print_day(day)?)) }
            }
            Self::Local(local, _) if fhir_type == "date" => return print_day(local.date()).map(Some),
            Self::Local(local, fraction) => match zone.and_then(|zone| zone.resolve(local)) {
                Some(time) => (time, fraction),
                // A dateTime may be as coarse as a day; an instant may not.
                None if fhir_type == "instant" => return Ok(None),
                None => return print_day(local.date()).map(Some),
            },
            Self::Zoned(time, fraction) => (time, fraction),
        };
        // A date is a day where the hospital is, if we know where that is.
        let local = match zone {
            Some(Zone::Named(zone)) => time.with_timezone(&zone).fixed_offset(),
            Some(Zone::Fixed(offset)) => time.with_timezone(&offset),
            None => time,
        };
        if fhir_type == "date" {
            return print_day(local.date_naive()).map(Some);
        }
        // FHIR writes offsets in hours and minutes; clocks before standard time were off by seconds, too.
        let local = match local.offset().local_minus_utc() % 60 {
            0 => local,
            _ => local.with_timezone(&Utc).fixed_offset(),
        };
        print_day(local.date_naive())?;
        let zone = if local.offset().local_minus_utc() == 0 {
            "Z".to_owned()
        } else {
            local.format("%:z").to_string()
        };
        Ok(Some(format!("{}{fraction}{zone}", local.format("%Y-%m-%dT%H:%M:%S"))))
    }
}

fn print_day(day: NaiveDate) -> Result<String, Malformed> {
    if (1..=9999).contains(&day.year()) {
        Ok(day.format("%Y-%m-%d").to_string())
    } else {
        Err(Malformed)
    }
}

/// `2026`, `2026-11`, `2026-11-22`, or with a time after a blank or `T`, and with or without a zone.
fn iso(text: &str) -> Result<Moment, Malformed> {
    if !text.is_ascii() {
        return Err(Malformed);
    }
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (text.len() == 4 && digits(text)) || (text.len() == 7 && digits(&text[..4])) {
        let month = text.get(5..).map_or(Ok(1), |month| month.parse::<u32>().map_err(|_| Malformed))?;
        let year: i32 = text[..4].parse().map_err(|_| Malformed)?;
        let shape = text.len() == 4 || (text.as_bytes()[4] == b'-' && digits(&text[5..]));
        let valid = shape && NaiveDate::from_ymd_opt(year, month, 1).is_some() && year > 0;
        return if valid { Ok(Moment::Coarse(text.to_owned())) } else { Err(Malformed) };
    }
    let of_a_day = |day: &&str| digits(&day[..4]) && digits(&day[5..7]) && digits(&day[8..]);
    let day = text.get(..10).filter(of_a_day).ok_or(Malformed)?;
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|_| Malformed)?;
    let Some(rest) = text.get(10..).filter(|rest| !rest.is_empty()) else { return Ok(Moment::Day(day)) };
    let rest = rest.strip_prefix(['T', 't', ' ']).ok_or(Malformed)?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.')).unwrap_or(rest.len());
    let (clock_text, zone) = rest.split_at(end);
    let local = day.and_time(clock(clock_text).ok_or(Malformed)?);
    let fraction = with_fraction(String::new(), clock_text);
    match zone.trim() {
        "" => Ok(Moment::Local(local, fraction)),
        zone => {
            let time = offset(zone)
                .and_then(|offset| offset.from_local_datetime(&local).single())
                .ok_or(Malformed)?;
            Ok(Moment::Zoned(time, fraction))
        }
    }
}

/// `Z`, `+01`, `+01:00` or `+0100`.
fn offset(text: &str) -> Option<FixedOffset> {
    if matches!(text, "Z" | "z") {
        return Some(Utc.fix());
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    let shape = digits.bytes().all(|byte| byte.is_ascii_digit()) && matches!(digits.len(), 2 | 4);
    let hours: i32 = digits.get(..2).filter(|_| shape)?.parse().ok()?;
    let minutes: i32 =
        digits.get(2..).filter(|minutes| !minutes.is_empty()).map_or(Ok(0), str::parse).ok()?;
    let valid = hours <= 14 && minutes < 60;
    FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60)).filter(|_| valid)
}

fn by_pattern(text: &str, pattern: &str) -> Result<Moment, Malformed> {
    if let Ok(time) = DateTime::parse_from_str(text, pattern) {
        return Ok(Moment::Zoned(time, fraction(time.timestamp_subsec_nanos())));
    }
    if let Ok(time) = NaiveDateTime::parse_from_str(text, pattern) {
        return Ok(Moment::Local(time, fraction(time.and_utc().timestamp_subsec_nanos())));
    }
    NaiveDate::parse_from_str(text, pattern).map(Moment::Day).map_err(|_| Malformed)
}

/// Whether what is written by a `strftime` pattern tells a day at least, and is read by it.
pub fn tells_a_day(pattern: &str) -> bool {
    use std::fmt::Write;
    let sample =
        FixedOffset::east_opt(0).and_then(|utc| utc.with_ymd_and_hms(2001, 12, 30, 14, 25, 36).single());
    let mut written = String::new();
    let items = chrono::format::StrftimeItems::new(pattern);
    let known = sample.is_some_and(|sample| write!(written, "{}", sample.format_with_items(items)).is_ok());
    known && by_pattern(&written, pattern).is_ok()
}

fn fraction(nanoseconds: u32) -> String {
    match nanoseconds {
        0 => String::new(),
        _ => format!(".{}", format!("{nanoseconds:09}").trim_end_matches('0')),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn read_iso(fhir_type: &str, text: &str, zone: Option<&str>) -> Result<Option<String>, Malformed> {
        let reading = Reading { format: Format::Iso, zone: zone.map(|zone| Zone::parse(zone).unwrap()) };
        read(fhir_type, text, &reading).map(|value| value.map(|value| value.as_str().unwrap().to_owned()))
    }

    fn plain(fhir_type: &str, text: &str) -> Option<String> {
        read(fhir_type, text, &Reading::default()).unwrap().map(|value| value.to_string())
    }

    fn malformed(fhir_type: &str, text: &str) -> bool {
        read(fhir_type, text, &Reading::default()) == Err(Malformed)
    }

    #[test]
    fn decimal_should_keep_its_digits_when_read() {
        for text in ["7.40", "0.10", "-0.000", "100", "123456789012345678901234567890.1234567890"] {
            assert_eq!(plain("decimal", text).unwrap(), text);
        }
        assert_eq!(plain("decimal", "1.0e3").unwrap(), "1.0e+3");
        assert_eq!(plain("decimal", ".5").unwrap(), "0.5");
        assert_eq!(plain("decimal", "+7.").unwrap(), "7");
        assert_eq!(plain("decimal", "007.0").unwrap(), "7.0");
    }

    #[test]
    fn decimal_should_be_malformed_when_it_is_no_number() {
        for text in ["<5", "5 mg", "NaN", "Infinity", "1,5", ".", "-", "1e", "--1", "0x10", "1.2.3"] {
            assert!(malformed("decimal", text), "{text}");
        }
    }

    #[test]
    fn integer_should_respect_its_least_value() {
        assert_eq!(plain("integer", "-3").unwrap(), "-3");
        assert!(
            malformed("unsignedInt", "-1") && malformed("positiveInt", "0") && malformed("integer", "1.0")
        );
        assert!(malformed("integer", "2147483648") && malformed("integer", "+1"));
    }

    #[test]
    fn boolean_should_read_what_databases_write() {
        for text in ["1", "t", "TRUE", "Y", "yes", "\u{1}"] {
            assert_eq!(boolean(text), Some(true), "{text}");
        }
        for text in ["0", "F", "false", "n", "No", "\u{0}"] {
            assert_eq!(boolean(text), Some(false), "{text}");
        }
        assert!(malformed("boolean", "2"));
    }

    #[test]
    fn date_time_should_get_the_zone_of_the_day_when_it_carries_none() {
        let berlin = Some("Europe/Berlin");
        let read = |text| read_iso("dateTime", text, berlin).unwrap().unwrap();
        assert_eq!(read("2026-01-05 08:30:00"), "2026-01-05T08:30:00+01:00");
        assert_eq!(read("2026-07-05T08:30"), "2026-07-05T08:30:00+02:00");
        assert_eq!(read("2026-07-05 08:30:00.120"), "2026-07-05T08:30:00.120+02:00");
        assert_eq!(read("2026-07-05 08:30:00.000000"), "2026-07-05T08:30:00+02:00");
        assert_eq!(read("2026-07-05 08:30:00+00"), "2026-07-05T10:30:00+02:00");
        assert_eq!(read("2026-07"), "2026-07");
        assert_eq!(read("2026"), "2026");
        assert_eq!(read("2026-07-05"), "2026-07-05");
    }

    #[test]
    fn date_time_should_be_a_day_when_daylight_saving_or_a_missing_zone_hides_the_hour() {
        let berlin = Some("Europe/Berlin");
        for text in ["2026-10-25 02:30:00", "2026-03-29 02:30:00"] {
            assert_eq!(read_iso("dateTime", text, berlin).unwrap().unwrap(), &text[..10]);
            assert_eq!(read_iso("instant", text, berlin), Ok(None));
        }
        assert_eq!(read_iso("dateTime", "2026-01-05 08:30:00", None).unwrap().unwrap(), "2026-01-05");
    }

    #[test]
    fn date_should_be_the_day_at_the_hospital_when_the_column_has_a_time() {
        assert_eq!(
            read_iso("date", "2026-01-05 23:30:00+00", Some("Europe/Berlin")).unwrap().unwrap(),
            "2026-01-06"
        );
        assert_eq!(
            read_iso("date", "2026-01-05 23:30:00", Some("Europe/Berlin")).unwrap().unwrap(),
            "2026-01-05"
        );
    }

    #[test]
    fn times_should_be_malformed_when_they_are_none() {
        for text in [
            "yesterday",
            "2026-13-01",
            "2026-02-30",
            "20260101",
            "2026-01-05 25:00",
            "2026-01-05T",
            "0000-01-01",
            "2026-1-5",
            "2026-01-05 08:30 CET",
            "2026-01-05X08:30",
            "2026é",
        ] {
            assert!(malformed("dateTime", text), "{text}");
        }
        assert!(malformed("instant", "2026-01-05"));
        assert!(malformed("time", "8:30") && malformed("time", "24:00"));
        assert_eq!(plain("time", "08:30").unwrap(), "\"08:30:00\"");
    }

    #[test]
    fn formats_should_be_followed_when_given() {
        let zone = Zone::parse("+02:00");
        let read_as = |format, text| read("dateTime", text, &Reading { format, zone }).unwrap().unwrap();
        assert_eq!(
            read_as(Format::Pattern("%d.%m.%Y %H:%M".into()), "05.01.2026 08:30"),
            "2026-01-05T08:30:00+02:00"
        );
        assert_eq!(read_as(Format::Pattern("%d.%m.%Y".into()), "05.01.2026"), "2026-01-05");
        assert_eq!(read_as(Format::Unix, "0"), "1970-01-01T02:00:00+02:00");
        assert_eq!(read_as(Format::UnixMillis, "1000"), "1970-01-01T02:00:01+02:00");
    }

    #[test]
    fn format_should_tell_a_day_when_it_is_one_of_a_date() {
        for (pattern, tells) in [
            ("%d.%m.%Y %H:%M", true),
            ("%Y%m%d", true),
            ("%d.%m.%y", true),
            ("%Y-%m-%dT%H:%M:%S%.f%:z", true),
            ("%s", true),
            ("%Y", false),
            ("%m/%Y", false),
            ("%H:%M", false),
            ("day", false),
            ("%d.%m.%Y %!", false),
        ] {
            assert_eq!(tells_a_day(pattern), tells, "{pattern}");
        }
    }

    #[test]
    fn instant_should_stay_the_same_when_clocks_were_off_by_seconds() {
        let reading = Reading { format: Format::UnixMillis, zone: Zone::parse("Europe/Berlin") };
        let before_standard_time = read("dateTime", "-2524564800000", &reading).unwrap().unwrap();
        assert_eq!(before_standard_time, "1889-12-31T12:00:00Z");
    }

    #[test]
    fn text_should_be_absent_when_blank_and_lose_trailing_blanks_only() {
        assert_eq!(plain("string", "   "), None);
        assert_eq!(plain("string", " a b  ").unwrap(), "\" a b\"");
        assert_eq!(plain("string", "a\u{0}b").unwrap(), "\"ab\"");
        assert_eq!(plain("string", "\u{1} \u{2}"), None);
        assert!(malformed("code", "two  blanks") && malformed("uri", "not a uri") && malformed("id", "a b"));
    }

    #[test]
    fn comparator_should_be_split_off_when_a_value_has_one() {
        assert_eq!(comparator("<5"), (Some("<"), "5"));
        assert_eq!(comparator(">= 5.0"), (Some(">="), "5.0"));
        assert_eq!(comparator("≤5"), (Some("<="), "5"));
        assert_eq!(comparator("5"), (None, "5"));
    }

    proptest! {
        #[test]
        fn reading_should_never_panic(text in "\\PC{0,24}|[0-9:. TZ+-]{0,32}", kind in 0usize..14) {
            let kinds = ["boolean", "decimal", "integer", "unsignedInt", "positiveInt", "date", "dateTime", "instant", "time", "base64Binary", "code", "id", "uri", "string"];
            for format in [Format::Iso, Format::Unix, Format::UnixMillis, Format::Pattern("%d.%m.%Y".into())] {
                let _ = read(kinds[kind], &text, &Reading { format, zone: Zone::parse("Europe/Berlin") });
            }
            let _ = Zone::parse(&text);
        }

        #[test]
        fn decimal_should_return_its_text_when_canonical(text in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?") {
            prop_assert_eq!(plain("decimal", &text), Some(text));
        }
    }
}
