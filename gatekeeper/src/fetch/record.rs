//! A fetched record, and what policy looks at in it.

use std::collections::BTreeSet;

use medrec_policy::{Coding, Date, ElementMask, Permit, Row};
use serde_json::{Map, Value};

use crate::fhir::definitions::{r4, ParameterKind};

/// One row of the database as a full resource, before anything is redacted.
#[derive(Clone, Debug)]
pub struct Record {
    /// The whole resource; ids in it are pseudonyms.
    pub resource: Value,
    /// What policy looks at.
    pub attributes: OwnedRow,
    /// Whether the provider withholds it from everyone.
    pub withheld: bool,
    /// The ground on which it is withheld.
    pub ground: Option<String>,
}

impl Record {
    /// The resource's id.
    pub fn id(&self) -> &str {
        self.resource.get("id").and_then(Value::as_str).unwrap_or_default()
    }

    /// What a permit lets be seen of it.
    pub fn mask(&self, permit: &Permit) -> ElementMask {
        self.attributes.mask(|row| permit.mask(row))
    }

    /// What is denied of it.
    pub fn denied(&self, permit: &Permit) -> ElementMask {
        self.attributes.denied(|row| permit.denied(row))
    }
}

/// A code with its system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnedCoding {
    /// The code system, if the record names one.
    pub system: Option<String>,
    /// The code.
    pub code: String,
}

impl OwnedCoding {
    fn as_coding(&self) -> Coding<'_> {
        Coding { system: self.system.as_deref(), code: &self.code }
    }
}

/// What policy looks at in a record.
///
/// Policy knows one code and one date of a row. A record may carry more codes than the one it is about (the components of a panel,
/// a coded result) and last from one day to another. So it is shown to policy in several lights, and what counts is what is
/// permitted in all of them: a scope allows a record by what it is about, and denies it by any code it carries; a data
/// period must hold both its first and its last day, and denies it by either.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnedRow {
    /// The FHIR type.
    pub resource_type: String,
    /// Its categories.
    pub categories: Vec<OwnedCoding>,
    /// What it is about.
    pub codes: Vec<OwnedCoding>,
    /// Every other code it carries.
    pub inner_codes: Vec<OwnedCoding>,
    /// Its security labels.
    pub labels: Vec<OwnedCoding>,
    /// Its first day, and its last if that is another.
    pub dates: Vec<Date>,
}

impl OwnedRow {
    /// What policy looks at in a resource that is none of the database's. Without labels: those are not the resource's to say.
    pub fn of(resource: &Value) -> Option<Self> {
        let resource = resource.as_object()?;
        let resource_type = r4().resource(resource.get("resourceType")?.as_str()?)?;
        Some(attributes(resource, resource_type, Vec::new(), None))
    }

    /// What is permitted in every light.
    pub fn mask(&self, mask: impl Fn(&Row<'_>) -> ElementMask) -> ElementMask {
        self.lights(
            ElementMask::All,
            |all, row| if all.is_nothing() { all } else { all.intersect(&mask(row)) },
        )
    }

    /// What is denied in any light.
    pub fn denied(&self, denied: impl Fn(&Row<'_>) -> ElementMask) -> ElementMask {
        self.lights(ElementMask::Nothing, |any, row| any.union(&denied(row)))
    }

    fn lights<T>(&self, start: T, fold: impl Fn(T, &Row<'_>) -> T) -> T {
        let categories: Vec<Coding<'_>> = self.categories.iter().map(OwnedCoding::as_coding).collect();
        let labels: Vec<Coding<'_>> = self.labels.iter().map(OwnedCoding::as_coding).collect();
        let about: Vec<Coding<'_>> = self.codes.iter().map(OwnedCoding::as_coding).collect();
        let all: Vec<Coding<'_>> =
            self.codes.iter().chain(&self.inner_codes).map(OwnedCoding::as_coding).collect();
        let mut dates: Vec<Option<Date>> = self.dates.iter().copied().map(Some).collect();
        if dates.is_empty() {
            dates.push(None);
        }
        let mut code_sets = vec![about];
        if !self.inner_codes.is_empty() {
            code_sets.push(all);
        }
        let mut result = start;
        for date in dates {
            for codes in &code_sets {
                let row = Row {
                    resource_type: &self.resource_type,
                    categories: &categories,
                    codes,
                    labels: &labels,
                    date,
                };
                result = fold(result, &row);
            }
        }
        result
    }
}

/// Elements that say what a record is about, beside those that the search parameter `code` looks at.
const ABOUT: &[(&str, &str)] = &[
    ("Immunization", "vaccineCode"),
    ("DocumentReference", "type"),
    ("Composition", "type"),
    ("Encounter", "type"),
    ("Encounter", "class"),
];

/// Dates by which data periods are judged, where the mapping names none: the first that a record has.
pub(crate) const DATES: &[&str] = &[
    "effectiveDateTime",
    "effectivePeriod",
    "effectiveInstant",
    "performedDateTime",
    "performedPeriod",
    "occurrenceDateTime",
    "occurrencePeriod",
    "authoredOn",
    "period",
    "recordedDate",
    "whenHandedOver",
    "date",
    "dateTime",
    "collectedDateTime",
    "billablePeriod",
    "servicedPeriod",
    "servicedDate",
    "started",
    "start",
    "issued",
    "identifiedDateTime",
    "identifiedPeriod",
    "sent",
    "dateAsserted",
    "dateWritten",
    "created",
    "recorded",
    "onsetDateTime",
    "onsetPeriod",
    "createdDateTime",
    "createdPeriod",
    "startDate",
    "executionPeriod",
];

/// The elements that say what a record of this type is about.
pub(crate) fn about_paths(resource_type: &'static str) -> impl Iterator<Item = &'static str> {
    let by_parameter =
        r4().parameters(resource_type).iter().filter(|p| p.name == "code" && p.kind == ParameterKind::Token);
    let paths =
        by_parameter.flat_map(|parameter| parameter.paths.iter().copied()).filter(|path| !path.contains('.'));
    let others = ABOUT.iter().filter(move |(name, _)| *name == resource_type).map(|(_, path)| *path);
    paths.chain(others)
}

/// What policy looks at in a resource.
pub(super) fn attributes(
    resource: &Map<String, Value>,
    resource_type: &'static str,
    labels: Vec<(String, String)>,
    date: Option<&[String]>,
) -> OwnedRow {
    let mut about: BTreeSet<OwnedCoding> = BTreeSet::new();
    for value in about_paths(resource_type).filter_map(|path| resource.get(path)) {
        codings(value, &mut about);
    }
    let mut categories = BTreeSet::new();
    if let Some(value) = resource.get("category") {
        codings(value, &mut categories);
        // Some types have plain codes for categories.
        let plain = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice)
            .iter()
            .filter_map(Value::as_str);
        categories.extend(plain.map(|code| OwnedCoding { system: None, code: code.to_owned() }));
    }
    let mut all = BTreeSet::new();
    let content = resource.iter().filter(|(name, _)| !matches!(name.as_str(), "meta" | "category"));
    content.for_each(|(_, value)| codings(value, &mut all));
    OwnedRow {
        resource_type: resource_type.to_owned(),
        inner_codes: all.difference(&about).cloned().collect(),
        codes: about.into_iter().collect(),
        categories: categories.into_iter().collect(),
        labels: labels.into_iter().map(|(system, code)| OwnedCoding { system: Some(system), code }).collect(),
        dates: dates(resource, date),
    }
}

/// Every coding in a value, and codes of units and the like, too: a denial by code cannot hit too much.
fn codings(value: &Value, found: &mut BTreeSet<OwnedCoding>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| codings(item, found)),
        Value::Object(object) => {
            if let Some(code) = object.get("code").and_then(Value::as_str) {
                let system = object.get("system").and_then(Value::as_str).map(str::to_owned);
                found.insert(OwnedCoding { system, code: code.to_owned() });
            }
            object.values().for_each(|value| codings(value, found));
        }
        _ => {}
    }
}

fn dates(resource: &Map<String, Value>, path: Option<&[String]>) -> Vec<Date> {
    let value = match path {
        Some([first, rest @ ..]) => {
            rest.iter().fold(resource.get(first).map(inside), |value, name| value?.get(name).map(inside))
        }
        _ => DATES.iter().find_map(|name| resource.get(*name)),
    };
    let day = |value: &Value| value.as_str()?.get(..10)?.parse::<Date>().ok();
    let mut dates: Vec<Date> = match value {
        Some(Value::Object(period)) => {
            let ends: Vec<&Value> = ["start", "end"].iter().filter_map(|end| period.get(*end)).collect();
            let days: Vec<Date> = ends.iter().copied().filter_map(day).collect();
            // A day that is only known as a month is not known.
            if days.len() < ends.len() {
                Vec::new()
            } else {
                days
            }
        }
        Some(value) => day(value).into_iter().collect(),
        None => Vec::new(),
    };
    dates.dedup();
    dates
}

/// Of an array the first item.
fn inside(value: &Value) -> &Value {
    value.as_array().and_then(|items| items.first()).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use medrec_policy::Token;
    use serde_json::json;

    use super::*;

    fn row(resource: Value) -> OwnedRow {
        let resource_type = r4().resource(resource["resourceType"].as_str().unwrap()).unwrap();
        attributes(resource.as_object().unwrap(), resource_type, Vec::new(), None)
    }

    fn panel() -> OwnedRow {
        row(json!({
            "resourceType": "Observation", "status": "final",
            "category": [{ "coding": [{ "system": "c", "code": "vital-signs" }] }],
            "code": { "coding": [{ "system": "http://loinc.org", "code": "85354-9" }] },
            "effectivePeriod": { "start": "2019-12-31T10:00:00Z", "end": "2020-01-02" },
            "component": [
                { "code": { "coding": [{ "system": "http://loinc.org", "code": "8480-6" }] },
                  "valueQuantity": { "value": 120, "code": "mm[Hg]" } }
            ]
        }))
    }

    /// Permits rows that carry a code, as an allow by code does.
    fn allow(code: &str) -> impl Fn(&Row<'_>) -> ElementMask {
        let token: Token = code.parse().unwrap();
        move |row| match row.codes.iter().any(|coding| token.matches(coding)) {
            true => ElementMask::All,
            false => ElementMask::Nothing,
        }
    }

    #[test]
    fn row_should_be_allowed_by_what_it_is_about_and_not_by_a_part() {
        assert_eq!(panel().mask(allow("85354-9")), ElementMask::All);
        assert_eq!(panel().mask(allow("8480-6")), ElementMask::Nothing);
    }

    #[test]
    fn row_should_be_denied_by_any_code_it_carries() {
        let deny = |code: &'static str| {
            move |row: &Row<'_>| match allow(code)(row) {
                ElementMask::All => ElementMask::Nothing,
                _ => ElementMask::All,
            }
        };
        assert_eq!(panel().mask(deny("8480-6")), ElementMask::Nothing);
        assert_eq!(panel().mask(deny("85354-9")), ElementMask::Nothing);
        assert_eq!(panel().mask(deny("1234-5")), ElementMask::All);
        assert_eq!(panel().denied(allow("8480-6")), ElementMask::All);
    }

    #[test]
    fn row_should_be_judged_by_its_first_and_last_day_when_it_lasts() {
        let within = |first: &str| {
            let first: Date = first.parse().unwrap();
            move |row: &Row<'_>| {
                if row.date.is_some_and(|date| date >= first) {
                    ElementMask::All
                } else {
                    ElementMask::Nothing
                }
            }
        };
        assert_eq!(panel().dates.len(), 2);
        assert_eq!(panel().mask(within("2020-01-01")), ElementMask::Nothing);
        assert_eq!(panel().mask(within("2019-12-31")), ElementMask::All);
    }

    #[test]
    fn row_should_have_no_date_when_it_is_known_as_a_month_only() {
        assert!(row(json!({ "resourceType": "Observation", "effectiveDateTime": "2020-01" }))
            .dates
            .is_empty());
        let period = json!({ "start": "2020-01-01", "end": "2020-02" });
        assert!(row(json!({ "resourceType": "Encounter", "period": period })).dates.is_empty());
    }

    #[test]
    fn medication_should_be_what_a_medication_request_is_about() {
        let row = row(json!({
            "resourceType": "MedicationRequest", "status": "active", "intent": "order",
            "medicationCodeableConcept": { "coding": [{ "system": "rx", "code": "1" }] }, "authoredOn": "2020-01-01"
        }));
        assert_eq!(row.codes, [OwnedCoding { system: Some("rx".into()), code: "1".into() }]);
        assert_eq!(row.dates.len(), 1);
    }
}
