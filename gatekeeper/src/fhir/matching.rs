//! Whether a value that is shown matches what was searched for.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use serde_json::{Map, Value};

use super::definitions::{r4, Element};

/// The text is not a value for this kind of search parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoTest;

/// The system of `true` and `false`, by R4's page on search.
const SPECIAL_VALUES: &str = "http://terminology.hl7.org/CodeSystem/special-values";

/// A token: code, system, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenTest {
    /// `None`: any or no system. `Some("")`: no system.
    system: Option<String>,
    /// `None`: any code.
    code: Option<String>,
}

impl FromStr for TokenTest {
    type Err = NoTest;

    fn from_str(text: &str) -> Result<Self, NoTest> {
        let mut parts = vec![String::new()];
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            let last = parts.last_mut().ok_or(NoTest)?;
            match letter {
                '|' => parts.push(String::new()),
                '\\' => last.push(
                    letters.next().filter(|letter| matches!(letter, '|' | '\\' | '$' | ',')).ok_or(NoTest)?,
                ),
                letter => last.push(letter),
            }
        }
        match parts.as_mut_slice() {
            [code] if !code.is_empty() => Ok(Self { system: None, code: Some(std::mem::take(code)) }),
            [system, code] if !(system.is_empty() && code.is_empty()) => Ok(Self {
                system: Some(std::mem::take(system)),
                code: Some(std::mem::take(code)).filter(|code| !code.is_empty()),
            }),
            _ => Err(NoTest),
        }
    }
}

impl TokenTest {
    fn matches_pair(&self, system: Option<&str>, code: Option<&str>) -> bool {
        let system_fits = match self.system.as_deref() {
            None => true,
            Some("") => system.is_none(),
            Some(wanted) => system == Some(wanted),
        };
        let code_fits = match &self.code {
            None => true,
            // R4, search by token: "When in doubt, servers SHOULD treat tokens in a case-insensitive manner".
            Some(wanted) => code.is_some_and(|code| code.to_lowercase() == wanted.to_lowercase()),
        };
        system_fits && code_fits
    }

    /// Whether it names a system.
    pub fn has_system(&self) -> bool {
        self.system.as_deref().is_some_and(|system| !system.is_empty())
    }

    /// Whether a code by itself matches, whose system is the one that its element implies. It has none of its own.
    fn matches_code(&self, code: &str, implied: Option<&str>) -> bool {
        let own = self.matches_pair(None, Some(code));
        own || (self.has_system() && self.matches_pair(implied, Some(code)))
    }

    /// Whether a value of any type that tokens are searched in matches; `element` is where it stands.
    pub fn matches(&self, value: &Value, element: Option<&Element>) -> bool {
        match value {
            Value::String(code) => self.matches_code(code, element.and_then(|element| element.system(code))),
            Value::Bool(value) => {
                self.matches_code(if *value { "true" } else { "false" }, Some(SPECIAL_VALUES))
            }
            Value::Array(items) => items.iter().any(|item| self.matches(item, element)),
            Value::Object(object) => {
                let text = |name: &str| object.get(name).and_then(Value::as_str);
                let nested = object.get("coding").is_some_and(|codings| self.matches(codings, None));
                // Codings have a code, identifiers and contact points a value.
                let code = text("code").or_else(|| text("value"));
                nested || (code.is_some() && self.matches_pair(text("system"), code))
            }
            _ => false,
        }
    }
}

/// How a date is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Sa,
    Eb,
    Ap,
}

/// A date with a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTest {
    prefix: Prefix,
    range: Range,
    /// Whether the asker named a zone. If not, the clock on the wall counts, where the record was made.
    zoned: bool,
}

/// From the first moment to the one after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    start: NaiveDateTime,
    end: NaiveDateTime,
}

impl FromStr for DateTest {
    type Err = NoTest;

    fn from_str(text: &str) -> Result<Self, NoTest> {
        let (prefix, rest) = match text.get(..2) {
            Some("eq") => (Prefix::Eq, &text[2..]),
            Some("ne") => (Prefix::Ne, &text[2..]),
            Some("lt") => (Prefix::Lt, &text[2..]),
            Some("le") => (Prefix::Le, &text[2..]),
            Some("gt") => (Prefix::Gt, &text[2..]),
            Some("ge") => (Prefix::Ge, &text[2..]),
            Some("sa") => (Prefix::Sa, &text[2..]),
            Some("eb") => (Prefix::Eb, &text[2..]),
            Some("ap") => (Prefix::Ap, &text[2..]),
            _ => (Prefix::Eq, text),
        };
        let zoned = rest.contains('T');
        // A plus that was not escaped has become a blank; a time has no other.
        let rest = if zoned { rest.replacen(' ', "+", 1) } else { rest.to_owned() };
        let range = Range::read(&rest, zoned).ok_or(NoTest)?;
        Ok(Self { prefix, range, zoned })
    }
}

impl DateTest {
    /// Whether a date or a period matches.
    pub fn matches(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => Range::read(text, self.zoned).is_some_and(|range| self.compare(range)),
            Value::Array(items) => items.iter().any(|item| self.matches(item)),
            Value::Object(period) => {
                let end = |name: &str| match period.get(name) {
                    None => Some(None),
                    Some(value) => value.as_str().and_then(|text| Range::read(text, self.zoned)).map(Some),
                };
                match (end("start"), end("end")) {
                    // Not a period at all.
                    (Some(None), Some(None)) | (None, _) | (_, None) => false,
                    (Some(start), Some(end)) => self.compare(Range {
                        start: start.map_or(NaiveDateTime::MIN, |range| range.start),
                        end: end.map_or(NaiveDateTime::MAX, |range| range.end),
                    }),
                }
            }
            _ => false,
        }
    }

    /// As R4 defines it for ranges.
    fn compare(&self, value: Range) -> bool {
        let wanted = self.range;
        let equal = wanted.start <= value.start && value.end <= wanted.end;
        match self.prefix {
            Prefix::Eq => equal,
            Prefix::Ne => !equal,
            Prefix::Lt => value.start < wanted.start,
            Prefix::Gt => value.end > wanted.end,
            Prefix::Le => value.start < wanted.start || equal,
            Prefix::Ge => value.end > wanted.end || equal,
            Prefix::Sa => value.start >= wanted.end,
            Prefix::Eb => value.end <= wanted.start,
            Prefix::Ap => {
                // As much again on both sides: R4 leaves it to the server, and this needs no clock.
                let length = wanted.end - wanted.start;
                let start = wanted.start.checked_sub_signed(length).unwrap_or(NaiveDateTime::MIN);
                let end = wanted.end.checked_add_signed(length).unwrap_or(NaiveDateTime::MAX);
                value.start < end && value.end > start
            }
        }
    }
}

impl Range {
    /// Reads a FHIR date, dateTime or instant. `utc`: as a point in time; else as the wall clock showed it.
    fn read(text: &str, utc: bool) -> Option<Self> {
        if !text.is_ascii() {
            return None;
        }
        match text.split_once('T') {
            Some((_, time)) => {
                // Minutes without seconds are allowed in searches.
                let seconds = time.split(['Z', '+', '-']).next()?.matches(':').count();
                let full = match seconds {
                    1 => format!("{}:00{}", text.get(..16)?, text.get(16..)?),
                    _ => text.to_owned(),
                };
                let moment = DateTime::parse_from_rfc3339(&full).ok().filter(|moment| moment.year() > 0)?;
                let start = if utc { moment.naive_utc() } else { moment.naive_local() };
                let length = match (seconds, time.contains('.')) {
                    (1, _) => TimeDelta::minutes(1),
                    (_, false) => TimeDelta::seconds(1),
                    (_, true) => TimeDelta::milliseconds(1),
                };
                Some(Self { start, end: start.checked_add_signed(length)? })
            }
            None => {
                let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
                let mut parts = text.split('-');
                let year = parts.next().filter(|year| year.len() == 4 && digits(year) && *year != "0000")?;
                let month = parts.next();
                let day = parts.next();
                let number = |part: Option<&str>| match part {
                    None => Some(1),
                    Some(part) if part.len() == 2 && digits(part) => part.parse().ok(),
                    Some(_) => None,
                };
                if parts.next().is_some() {
                    return None;
                }
                let first = NaiveDate::from_ymd_opt(year.parse().ok()?, number(month)?, number(day)?)?;
                let after = match (month, day) {
                    (None, _) => first.checked_add_months(Months::new(12))?,
                    (Some(_), None) => first.checked_add_months(Months::new(1))?,
                    (Some(_), Some(_)) => first.checked_add_days(Days::new(1))?,
                };
                Some(Self { start: first.and_time(NaiveTime::MIN), end: after.and_time(NaiveTime::MIN) })
            }
        }
    }
}

/// The values at a path of a search parameter, where a choice may stand without its type.
pub fn values<'a>(
    resource: &'a Map<String, Value>,
    resource_type: &'static str,
    path: &str,
) -> Vec<&'a Value> {
    let mut places: Vec<(&'a Value, &'static str)> = Vec::new();
    let mut steps = path.split('.');
    if let Some(first) = steps.next() {
        children(resource, resource_type, first, &mut places);
    }
    for step in steps {
        let mut next = Vec::new();
        for (value, fhir_type) in places {
            if let Value::Object(object) = value {
                children(object, fhir_type, step, &mut next);
            }
        }
        places = next;
    }
    places.into_iter().map(|(value, _)| value).collect()
}

fn children<'a>(
    object: &'a Map<String, Value>,
    fhir_type: &'static str,
    step: &str,
    found: &mut Vec<(&'a Value, &'static str)>,
) {
    let named = |element: &&Element| element.name == step;
    let names: Vec<(&str, &'static str)> = match r4().property(fhir_type, step) {
        Some(property) => vec![(step, property.fhir_type)],
        None => {
            let choice = r4().elements(fhir_type).iter().find(named).filter(|element| element.choice);
            choice
                .into_iter()
                .flat_map(|element| {
                    element.names.iter().map(|name| name.plain.as_str()).zip(element.types.iter().copied())
                })
                .collect()
        }
    };
    for (name, fhir_type) in names {
        match object.get(name) {
            Some(Value::Array(items)) => found.extend(items.iter().map(|item| (item, fhir_type))),
            Some(value) => found.push((value, fhir_type)),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn token(text: &str) -> TokenTest {
        text.parse().unwrap()
    }

    fn date(test: &str, value: Value) -> bool {
        test.parse::<DateTest>().unwrap().matches(&value)
    }

    #[test]
    fn token_should_match_by_system_and_code() {
        let concept = json!({ "coding": [{ "system": "s", "code": "a" }, { "code": "b" }], "text": "c" });
        for text in ["a", "s|a", "b", "|b", "s|", "A", "s|A"] {
            assert!(token(text).matches(&concept, None), "{text}");
        }
        for text in ["c", "|a", "s|b", "t|a", "t|", "S|a"] {
            assert!(!token(text).matches(&concept, None), "{text}");
        }
        assert!(token("final").matches(&json!("final"), None) && token("true").matches(&json!(true), None));
        assert!(token("urn:mrn|1").matches(&json!([{ "system": "urn:mrn", "value": "1" }]), None));
        assert!(token("a\\|b").matches(&json!("a|b"), None));
        assert!(!token("s|").matches(&json!({ "extension": [] }), None));
    }

    #[test]
    fn token_should_match_a_code_by_the_system_that_its_element_implies() {
        let status = r4().element("Observation", "status");
        for (text, matches) in [
            ("http://hl7.org/fhir/observation-status|final", true),
            ("http://hl7.org/fhir/observation-status|", true),
            ("final", true),
            ("|final", true),
            ("http://hl7.org/fhir/observation-status|amended", false),
            ("http://loinc.org|final", false),
            ("http://loinc.org|", false),
        ] {
            assert_eq!(token(text).matches(&json!("final"), status), matches, "{text}");
            assert_eq!(token(text).matches(&json!(["final"]), status), matches, "{text}");
        }
        assert!(!token("http://hl7.org/fhir/observation-status|final").matches(&json!("final"), None));
        let special = "http://terminology.hl7.org/CodeSystem/special-values|true";
        assert!(token(special).matches(&json!(true), None) && !token(special).matches(&json!(false), None));
        assert!(!token("http://loinc.org|true").matches(&json!(true), None));
    }

    #[test]
    fn date_should_be_compared_as_a_range() {
        assert!(date("2026-01-05", json!("2026-01-05T23:30:00-05:00")));
        assert!(date("2026", json!("2026-01-05")) && date("eq2026-01", json!("2026-01-31T23:59:59Z")));
        assert!(!date("2026-01-05", json!("2026-01")) && date("ne2026-01-05", json!("2026-01")));
        assert!(date("gt2026-01-05", json!("2026-01-06")) && !date("gt2026-01-05", json!("2026-01-05")));
        assert!(date("ge2026-01-05", json!("2026-01-05")) && date("le2026-01-05", json!("2026-01-05")));
        assert!(date("lt2026-01-05", json!("2026-01-04")) && !date("lt2026-01-05", json!("2026-01-05")));
        assert!(date("sa2026-01-05", json!("2026-01-06")) && date("eb2026-01-05", json!("2026-01-04")));
        assert!(date("2026-01-05T10:00Z", json!("2026-01-05T11:00:30+01:00")));
        assert!(date("ap2026-01-05", json!("2026-01-06")) && !date("ap2026-01-05", json!("2026-01-07")));
        assert!(date("ap2026", json!({ "start": "2024-12-31", "end": "2025-01-01" })));
        assert!(!date("2026-01-05T10:00:00Z", json!("2026-01-05T10:00:00+01:00")));
        assert!(date("2026-01-05T11:00:00 01:00", json!("2026-01-05T10:00:00Z")));
    }

    #[test]
    fn period_should_be_open_where_it_has_no_end() {
        let stay = json!({ "start": "2026-01-05" });
        assert!(date("ge2030", stay.clone()) && !date("eb2026", stay.clone()) && date("sa2026-01-04", stay));
        assert!(!date("ne2026", json!({ "extension": [] })));
        assert!(!date("ne2026", json!({ "start": "nonsense", "end": "2026" })));
    }

    #[test]
    fn values_should_be_found_when_the_path_names_a_choice_without_type() {
        let resource = json!({ "effectiveDateTime": "2026", "component": [{ "code": { "text": "a" } }, { "code": { "text": "b" } }] });
        let resource = resource.as_object().unwrap();
        assert_eq!(values(resource, "Observation", "effective"), [&json!("2026")]);
        assert_eq!(values(resource, "Observation", "component.code").len(), 2);
        assert!(values(resource, "Observation", "nonsense").is_empty());
    }
}
