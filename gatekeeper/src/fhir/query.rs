//! Reading a search request. Whatever is not known is refused: a parameter that is silently left out would widen the answer.

use std::{collections::BTreeSet, str::FromStr};

use medrec_primitives::RelationshipId;
use serde_json::Value;

use super::{
    definitions::{r4, Parameter, ParameterKind},
    matching::{DateTest, TokenTest},
    outcome::{outcome, IssueCode},
    paging::Pages,
    reference::ReferenceTest,
    words::{Match, TextTest},
};
use crate::form::{self, encode};

/// Resources on one page if the asker does not say.
pub(super) const DEFAULT_COUNT: usize = 50;
/// Resources on one page at most.
const MAX_COUNT: usize = 200;
/// Bytes of a query, at most.
const MAX_QUERY: usize = 8192;
/// Parameters of a query, and values of one, at most.
const MAX_VALUES: usize = 64;

/// Parameters that other servers know and that are not served, whatever R4 defines for a type.
const REFUSED: &[&str] = &[
    "_include",
    "_revinclude",
    "_has",
    "_sort",
    "_contained",
    "_containedType",
    "_filter",
    "_query",
    "_text",
    "_content",
    "_list",
    "_type",
    "_tag",
    "_security",
    "_profile",
    "_source",
    "_score",
    "_pretty",
];

/// A search that can be run.
#[derive(Clone, Debug)]
pub struct SearchQuery {
    /// The type searched.
    pub resource_type: &'static str,
    /// The patient whose records are searched.
    pub patient: Option<RelationshipId>,
    /// Elements the asker wants; all if `None`.
    pub elements: Option<BTreeSet<String>>,
    /// Resources on a page.
    pub count: usize,
    pub(super) filters: Vec<Filter>,
    /// The page begins after this id.
    pub(super) after: Option<String>,
    /// The query as it is repeated in links, without the cursor.
    pub(super) canonical: String,
    /// Whether the total is told.
    pub(super) total: bool,
    /// Names of parameters that were left out, as the asker allowed.
    pub(super) ignored: Vec<String>,
    pub(super) pages: Pages,
}

/// How a query is to be read.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// Whose links lead from page to page.
    pub pages: Pages,
    /// Whether what is not known is left out and told, as `Prefer: handling=lenient` asks.
    pub lenient: bool,
    /// The patient that is meant if none is named.
    pub patient: Option<RelationshipId>,
    /// The address below which this service has its resources, such as `https://hospital.example/fhir`; empty if it is not known.
    pub base: String,
}

impl Manner {
    /// What a value names here, `Type/id`, where it is written as this service's own address.
    fn here<'a>(&self, value: &'a str) -> &'a str {
        let rest = value.strip_prefix(self.base.as_str()).filter(|_| !self.base.is_empty());
        rest.and_then(|rest| rest.strip_prefix('/')).unwrap_or(value)
    }
}

/// One parameter: any of its values must match.
#[derive(Clone, Debug)]
pub(super) enum Filter {
    Ids(Vec<String>),
    LastUpdated(Vec<DateTest>),
    Token(&'static Parameter, Vec<TokenTest>),
    Date(&'static Parameter, Vec<DateTest>),
    Reference(&'static Parameter, Vec<ReferenceTest>),
    Text(&'static Parameter, Vec<TextTest>),
}

/// Why a search is refused. Tells nothing but what the asker wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// No such type here.
    #[error("this server has no resource type of that name")]
    UnknownType,
    /// Not `application/x-www-form-urlencoded` in UTF-8.
    #[error("the query is not well formed")]
    Malformed,
    /// Too long.
    #[error("the query is too long")]
    TooLong,
    /// Not JSON.
    #[error("this server speaks FHIR R4 in JSON only: ask for application/fhir+json, with fhirVersion=4.0 or without")]
    Format,
    /// Not a parameter of this server.
    #[error("search parameter `{0}` is not supported")]
    NotSupported(String),
    /// Not a modifier of this server. Without it the question would be another one, so `Prefer: handling=lenient` does not help.
    #[error("search parameter `{0}`: this modifier is not supported")]
    Modifier(String),
    /// A parameter that can be given once was given twice.
    #[error("search parameter `{0}` can be given only once")]
    Repeated(&'static str),
    /// A value that makes no sense.
    #[error("search parameter `{name}`: {reason}")]
    Value {
        /// Which parameter.
        name: String,
        /// What would be right.
        reason: &'static str,
    },
}

impl SearchError {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        if *self == Self::Format {
            406
        } else {
            400
        }
    }

    /// The answer's body.
    pub fn outcome(&self) -> Value {
        let code = match self {
            Self::UnknownType | Self::NotSupported(_) | Self::Modifier(_) | Self::Format => {
                IssueCode::NotSupported
            }
            Self::Malformed | Self::Repeated(_) => IssueCode::Invalid,
            Self::TooLong => IssueCode::TooLong,
            Self::Value { .. } => IssueCode::Value,
        };
        outcome(code, &self.to_string())
    }
}

impl SearchQuery {
    /// The cursor of the page that begins after an id. It tells its holder nothing but an id that he has seen.
    pub(super) fn cursor(&self, after: &str) -> String {
        self.pages.cursor(self.resource_type, &self.canonical, after)
    }

    /// The names of the parameters that count.
    pub fn parameters(&self) -> Vec<String> {
        let parts = self.canonical.split('&').filter(|part| !part.is_empty());
        parts.map(|part| part.split('=').next().unwrap_or(part).to_owned()).collect()
    }

    /// The parameter `_elements` alone, for `read`.
    pub fn elements_of(resource_type: &str, value: &str) -> Result<BTreeSet<String>, SearchError> {
        let resource_type = r4().resource(resource_type).ok_or(SearchError::UnknownType)?;
        elements(resource_type, value)
    }
}

/// Reads the query part of an address or the body of a search form.
pub fn parse_query(resource_type: &str, raw_query: &str) -> Result<SearchQuery, SearchError> {
    SearchQuery::parse(resource_type, raw_query, Manner::default())
}

impl SearchQuery {
    /// Reads the query part of an address or the body of a search form, in this manner.
    pub fn parse(resource_type: &str, raw_query: &str, manner: Manner) -> Result<Self, SearchError> {
        parse(resource_type, raw_query, manner)
    }
}

fn parse(resource_type: &str, raw_query: &str, manner: Manner) -> Result<SearchQuery, SearchError> {
    let resource_type = r4().resource(resource_type).ok_or(SearchError::UnknownType)?;
    if raw_query.len() > MAX_QUERY {
        return Err(SearchError::TooLong);
    }
    let pairs = pairs(raw_query)?;
    if pairs.len() > MAX_VALUES {
        return Err(SearchError::TooLong);
    }
    let mut query = SearchQuery {
        resource_type,
        patient: None,
        elements: None,
        count: DEFAULT_COUNT,
        filters: Vec::new(),
        after: None,
        canonical: String::new(),
        total: true,
        ignored: Vec::new(),
        pages: manner.pages.clone(),
    };
    let mut once = BTreeSet::new();
    let mut cursor = None;
    for (name, value) in &pairs {
        // As `patient`, which is of no other type.
        let name = if name == "patient:Patient" { "patient" } else { name.as_str() };
        let single = ["patient", "_elements", "_count", "_cursor", "_format", "_total", "_summary"]
            .into_iter()
            .find(|single| *single == name);
        if let Some(single) = single {
            if !once.insert(single) {
                return Err(SearchError::Repeated(single));
            }
        }
        let bad = |reason| SearchError::Value { name: shown(name), reason };
        if value.is_empty() {
            return Err(bad("needs a value"));
        }
        match name {
            "patient" => {
                query.patient =
                    Some(patient(manner.here(value)).ok_or_else(|| bad("is such as r0-3 or Patient/r0-3"))?)
            }
            "_elements" => query.elements = Some(elements(resource_type, value)?),
            "_count" => {
                query.count = read_count(value).ok_or_else(|| bad("is a number"))?;
            }
            "_cursor" => {
                cursor = Some(value.as_str());
                continue;
            }
            "_format" => read_format(value)?,
            // Answers are as they are: signed, and the same for everybody.
            "_pretty" if matches!(value.as_str(), "true" | "false") => continue,
            "_id" => query.filters.push(Filter::Ids(list(value).map_err(bad)?)),
            "_lastUpdated" => query.filters.push(Filter::LastUpdated(tests(value, &bad, DATE)?)),
            "_total" => match value.as_str() {
                "none" => query.total = false,
                "estimate" | "accurate" => {}
                _ => return Err(bad("is none, estimate or accurate")),
            },
            "_summary" => match value.as_str() {
                "count" => query.count = 0,
                "false" => {}
                _ => return Err(bad("is count or false; name elements by _elements")),
            },
            _ => match by_definition(resource_type, name, value, &manner) {
                Ok(filter) => query.filters.push(filter),
                Err(SearchError::NotSupported(name)) if manner.lenient => {
                    query.ignored.push(name);
                    continue;
                }
                Err(error) => return Err(error),
            },
        }
        if !query.canonical.is_empty() {
            query.canonical.push('&');
        }
        encode(name, &mut query.canonical);
        query.canonical.push('=');
        encode(value, &mut query.canonical);
    }
    if query.patient.is_none() {
        query.patient = by_subject(&pairs, &manner).or(manner.patient);
    }
    if let Some(cursor) = cursor {
        let after = query.pages.after(resource_type, &query.canonical, cursor);
        query.after = Some(after.ok_or_else(|| SearchError::Value {
            name: "_cursor".to_owned(),
            reason: "is not a cursor of this query; take the link `next` as it is",
        })?);
    }
    Ok(query)
}

const DATE: &str = "is a date such as 2026, 2026-11, 2026-11-22 or 2026-11-22T10:00:00Z, with its zone, after eq, ne, lt, le, gt, ge, sa, eb or ap";
const TOKEN: &str = "is code, system|code, |code or system|";
const NO_SYSTEM: &str = "is a code alone: R4 does not say of which system it is";

const REFERENCE: &str = "is Type/id, an id of this service, or such an address of it";
const TEXT: &str = "is a text";

/// A parameter that R4 defines for the type.
fn by_definition(
    resource_type: &'static str,
    name: &str,
    value: &str,
    manner: &Manner,
) -> Result<Filter, SearchError> {
    let not_supported = || SearchError::NotSupported(shown(name));
    let (base, modifier) = match name.split_once(':') {
        Some((base, modifier)) => (base, Some(modifier)),
        None => (name, None),
    };
    let no_modifier = || SearchError::Modifier(shown(name));
    let known = r4().parameters(resource_type).iter().find(|parameter| parameter.name == base);
    let parameter = known.filter(|_| !REFUSED.contains(&base)).ok_or_else(not_supported)?;
    let bad = |reason| SearchError::Value { name: shown(name), reason };
    let values = || list(value).map_err(bad);
    match (parameter.kind, modifier) {
        (ParameterKind::Token, None) => {
            let tests: Vec<TokenTest> = tests(value, &bad, TOKEN)?;
            // It would match nothing, and look as if there were nothing.
            let unknown = parameter.paths.iter().any(|path| {
                let element = r4().element(resource_type, path);
                element.is_some_and(|element| element.types == ["code"] && element.systems.is_empty())
            });
            if unknown && tests.iter().any(TokenTest::has_system) {
                return Err(bad(NO_SYSTEM));
            }
            Ok(Filter::Token(parameter, tests))
        }
        (ParameterKind::Date, None) => Ok(Filter::Date(parameter, tests(value, &bad, DATE)?)),
        (ParameterKind::Reference, modifier) => {
            if modifier
                .is_some_and(|name| name == "missing" || !name.starts_with(|c: char| c.is_ascii_uppercase()))
            {
                return Err(no_modifier());
            }
            let values = values()?;
            let tests = values.iter().map(|text| ReferenceTest::new(modifier, manner.here(text))).collect();
            let tests: Option<Vec<ReferenceTest>> = tests;
            Ok(Filter::Reference(parameter, tests.ok_or_else(|| bad(REFERENCE))?))
        }
        (ParameterKind::String, modifier) => {
            let how = Match::of(modifier).ok_or_else(no_modifier)?;
            let tests = values()?.iter().map(|text| TextTest::new(how, text)).collect();
            let tests: Option<Vec<TextTest>> = tests;
            Ok(Filter::Text(parameter, tests.ok_or_else(|| bad(TEXT))?))
        }
        (ParameterKind::Token | ParameterKind::Date, Some(_)) => Err(no_modifier()),
    }
}

/// The patient that `subject` names, if it names one.
fn by_subject(pairs: &[(String, String)], manner: &Manner) -> Option<RelationshipId> {
    let mut subjects = pairs.iter().filter(|(name, _)| name == "subject" || name == "subject:Patient");
    let (_, value) = subjects.next()?;
    patient(manner.here(value)).filter(|_| subjects.next().is_none())
}

fn tests<T: FromStr>(
    value: &str,
    bad: &dyn Fn(&'static str) -> SearchError,
    reason: &'static str,
) -> Result<Vec<T>, SearchError> {
    let values = list(value).map_err(bad)?;
    values.iter().map(|value| value.parse().map_err(|_| bad(reason))).collect()
}

/// Values between commas, still with their escapes but for that of the comma; otherwise what is wrong with them.
fn list(value: &str) -> Result<Vec<String>, &'static str> {
    let (mut values, mut last) = (Vec::new(), String::new());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ',' => values.push(std::mem::take(&mut last)),
            '\\' => match letters.next() {
                Some(',') => last.push(','),
                Some(other) => last.extend(['\\', other]),
                None => return Err("ends with a backslash, which must stand before what it escapes"),
            },
            letter => last.push(letter),
        }
    }
    values.push(last);
    if values.iter().any(String::is_empty) {
        return Err("has an empty value beside a comma; write \\, where the comma is part of a value");
    }
    if values.len() > MAX_VALUES {
        return Err("has too many values");
    }
    Ok(values)
}

/// Resources on a page, as asked for and as far as is given.
pub(crate) fn read_count(value: &str) -> Option<usize> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    // What is too large to be a number is more than the most.
    digits.then(|| value.parse().unwrap_or(MAX_COUNT).min(MAX_COUNT))
}

/// The parameter `_format`.
pub(crate) fn read_format(value: &str) -> Result<(), SearchError> {
    // A plus that was not escaped has become a blank.
    let json = ["json", "application/json", "application/fhir+json", "application/fhir json", "text/json"];
    let (kind, parameters) = value.split_once(';').unwrap_or((value, ""));
    let version = parameters.split(';').find_map(|part| part.trim().strip_prefix("fhirVersion="));
    let fits = json.contains(&kind.trim_end()) && version.is_none_or(|version| version == "4.0");
    fits.then_some(()).ok_or(SearchError::Format)
}

fn patient(value: &str) -> Option<RelationshipId> {
    value.strip_prefix("Patient/").unwrap_or(value).parse().ok()
}

/// Names of elements of the resource itself; of a choice with or without its type.
fn elements(resource_type: &'static str, value: &str) -> Result<BTreeSet<String>, SearchError> {
    let known = |name: &str| {
        r4().property(resource_type, name).is_some()
            || r4().elements(resource_type).iter().any(|element| element.choice && element.name == name)
    };
    let names: BTreeSet<String> = value.split(',').map(str::to_owned).collect();
    let sound = names.len() <= MAX_VALUES && names.iter().all(|name| known(name));
    let reason = "is a list of elements of the resource itself, with commas";
    if sound {
        Ok(names)
    } else {
        Err(SearchError::Value { name: "_elements".to_owned(), reason })
    }
}

/// Names and values, decoded.
fn pairs(raw: &str) -> Result<Vec<(String, String)>, SearchError> {
    let pairs = form::pairs(raw).map_err(|_| SearchError::Malformed)?;
    let plain = pairs
        .iter()
        .all(|(name, value)| !name.contains(char::is_control) && !value.contains(char::is_control));
    plain.then_some(pairs).ok_or(SearchError::Malformed)
}

/// A name that the asker wrote, fit to be shown to him.
pub(super) fn shown(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_graphic()).take(64).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn error(raw: &str) -> SearchError {
        parse_query("Observation", raw).unwrap_err()
    }

    #[test]
    fn query_should_be_read_when_all_parameters_are_known() {
        let raw = "patient=Patient%2Fr0-3&code=http%3A%2F%2Floinc.org%7C718-7,8480-6&date=ge2026-01-01&date=lt2027&status=final&category=laboratory&_count=5&_elements=code,value&_format=json&_id=a,b&_lastUpdated=gt2026";
        let query = parse_query("Observation", raw).unwrap();
        assert_eq!(query.patient, Some(RelationshipId::new(0, 3)));
        assert_eq!((query.count, query.filters.len()), (5, 7));
        assert_eq!(query.elements.unwrap().len(), 2);
    }

    #[test]
    fn query_should_mean_the_same_when_references_are_addresses_of_this_service() {
        let manner = || Manner { base: "https://hospital.example/fhir".into(), ..Manner::default() };
        let read = |raw: &str| SearchQuery::parse("Observation", raw, manner());
        let here = "https://hospital.example/fhir/Patient/r0-3";
        for raw in [format!("patient={here}"), format!("subject={here}"), format!("subject:Patient={here}")] {
            assert_eq!(read(&raw).unwrap().patient, Some(RelationshipId::new(0, 3)), "{raw}");
        }
        let query =
            read("patient=r0-3&encounter=https://hospital.example/fhir/Encounter/r0-3.a,r0-3.b").unwrap();
        let tests = query.filters.iter().find_map(|filter| match filter {
            Filter::Reference(_, tests) => Some(tests.clone()),
            _ => None,
        });
        let expected = ["Encounter/r0-3.a", "r0-3.b"].map(|text| ReferenceTest::new(None, text).unwrap());
        assert_eq!(tests.unwrap(), expected);
        for raw in [
            "patient=https://elsewhere.example/fhir/Patient/r0-3",
            "subject=https://hospital.example/fhirPatient/r0-3",
            "encounter=https://hospital.example/Encounter/r0-3.a",
        ] {
            assert!(matches!(read(raw), Err(SearchError::Value { .. })), "{raw}");
        }
        assert!(parse_query("Observation", &format!("patient={here}")).is_err());
    }

    #[test]
    fn query_should_be_refused_when_a_parameter_is_not_known() {
        for name in [
            "_include",
            "_revinclude",
            "_has:Observation:patient:code",
            "_sort",
            "_filter",
            "_query",
            "patient.name",
            "subject:identifier",
            "encounter:missing",
            "code:not",
            "code:in",
            "code:text",
            "status:missing",
            "date:missing",
            "_id:not",
            "value-quantity",
            "code-value-quantity",
            "name",
            "_security",
            "_tag",
            "_text",
            "_content",
            "_elements:not",
            "foo",
            "Code",
            "",
            "_contained",
            "x' OR 1=1 --",
        ] {
            let mut raw = String::new();
            encode(name, &mut raw);
            let refused = error(&format!("{raw}=1"));
            assert!(matches!(refused, SearchError::NotSupported(_) | SearchError::Modifier(_)), "{name}");
        }
        error("patient:Patient.name=1");
    }

    #[test]
    fn query_should_be_refused_even_leniently_when_a_modifier_is_not_known() {
        let lenient = || Manner { lenient: true, ..Manner::default() };
        for raw in ["status:not=final", "code:missing=true", "encounter:identifier=a|b", "date:missing=true"]
        {
            let refused = SearchQuery::parse("Observation", raw, lenient()).unwrap_err();
            assert!(matches!(refused, SearchError::Modifier(_)), "{raw}");
        }
        assert!(SearchQuery::parse("Observation", "foo=1&_sort=date", lenient()).is_ok());
    }

    #[test]
    fn query_should_be_read_when_clients_add_what_changes_nothing() {
        assert_eq!(parse_query("Observation", "_pretty=true&code=a").unwrap().canonical, "code=a");
        assert!(parse_query("Observation", "_pretty=maybe").is_err());
        assert_eq!(parse_query("Observation", "_count=99999999999999999999999").unwrap().count, MAX_COUNT);
        let named = parse_query("Condition", "patient:Patient=r0-3").unwrap();
        assert_eq!(named.patient, Some(RelationshipId::new(0, 3)));
        assert_eq!(error("patient:Patient=r0-3&patient=r0-3"), SearchError::Repeated("patient"));
    }

    #[test]
    fn query_should_be_refused_when_a_value_makes_no_sense() {
        for raw in [
            "patient=3",
            "patient=r0-03",
            "patient=Patient/",
            "date=yesterday",
            "_total=some",
            "_summary=data",
            "encounter=a%20b",
            "subject:Patient=Group/1",
            "date=2026-13",
            "date=2026-02-30",
            "date=2026-01-01T10:00:00",
            "_count=-1",
            "_count=x",
            "_count=1e3",
            "_elements=foo",
            "_elements=code.text",
            "_elements=Observation.code",
            "_cursor=abc",
            "_cursor=",
            "code=",
            "code",
            "code=a,,b",
            "code=%5C",
            "_lastUpdated=now",
            "code=a%7Cb%7Cc",
            "code=%7C",
            "date=ge",
        ] {
            assert!(matches!(error(raw), SearchError::Value { .. }), "{raw}");
        }
        for (raw, words) in [
            ("code=%5C", "ends with a backslash"),
            ("code=a,,b", "an empty value"),
            ("date=2026-01-01T10:00:00", "with its zone"),
            ("_format=application/fhir%2Bjson;fhirVersion=5.0", "FHIR R4 in JSON"),
        ] {
            assert!(error(raw).to_string().contains(words), "{raw}: {}", error(raw));
        }
        assert!(error(&format!("code={}", "a,".repeat(70) + "a")).to_string().contains("too many values"));
        assert_eq!(error("patient=r0-1&patient=r0-2"), SearchError::Repeated("patient"));
        assert_eq!(error(&format!("code={}", "a".repeat(9000))), SearchError::TooLong);
        for raw in ["code=%zz", "code=%2", "code=%ff", "code=a%00b", "code=a b"] {
            assert_eq!(error(raw), SearchError::Malformed, "{raw}");
        }
        assert_eq!(parse_query("Nonsense", "").unwrap_err(), SearchError::UnknownType);
    }

    #[test]
    fn query_should_be_read_when_a_client_has_not_escaped_a_plus_or_says_more_of_the_format() {
        for raw in [
            "date=ge2026-01-01T10:00:00+01:00",
            "date=2026-01-01T10:00%2B01:00",
            "_format=application/fhir+json",
            "_format=application/fhir%2Bjson;fhirVersion=4.0",
            "_format=application/json;%20charset=utf-8",
        ] {
            assert!(parse_query("Observation", raw).is_ok(), "{raw}");
        }
        for raw in [
            "_format=application/fhir%2Bjson;fhirVersion=5.0",
            "_format=xml",
            "_format=jsonx;",
            "_format=;json",
        ] {
            assert_eq!(error(raw), SearchError::Format, "{raw}");
        }
        for raw in ["date=2026-01-01+01:00", "date=2026-01-01T10:00:00++01:00", "date=+2026"] {
            assert!(matches!(error(raw), SearchError::Value { .. }), "{raw}");
        }
    }

    #[test]
    fn cursor_should_be_refused_when_it_is_of_another_query() {
        let query = parse_query("Observation", "code=a").unwrap();
        let cursor = query.cursor("r0-3.00ff");
        let next = parse_query("Observation", &format!("code=a&_cursor={cursor}")).unwrap();
        assert_eq!(next.after.as_deref(), Some("r0-3.00ff"));
        assert!(parse_query("Observation", &format!("code=b&_cursor={cursor}")).is_err());
        assert!(parse_query("Condition", &format!("code=a&_cursor={cursor}")).is_err());
    }

    proptest! {
        #[test]
        fn parse_query_should_never_panic(
            raw in "\\PC{0,80}|([a-zA-Z_:.-]{0,12}=[a-z0-9%,|+\\\\T:Z-]{0,16}&?){0,6}|(date|code|_id|_count|_cursor|_elements|_lastUpdated|status)=\\PC{0,24}"
        ) {
            for resource_type in ["Observation", "Patient", "MedicationRequest", "Nonsense"] {
                if let Err(error) = parse_query(resource_type, &raw) {
                    prop_assert!(error.outcome()["issue"][0]["details"]["text"].is_string());
                }
            }
        }

        #[test]
        fn query_should_mean_the_same_when_its_canonical_form_is_read(code in "[^\\pC,|\\\\]{1,12}", day in 1u32..29) {
            let mut raw = String::from("code=");
            encode(&code, &mut raw);
            raw.push_str(&format!("&date=ge2026-01-{day:02}"));
            let query = parse_query("Observation", &raw).unwrap();
            let again = parse_query("Observation", &query.canonical).unwrap();
            prop_assert_eq!(&query.canonical, &again.canonical);
        }
    }
}
