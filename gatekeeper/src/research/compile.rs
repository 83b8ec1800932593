//! From a definition to what is looked at in this provider's tables, by the mapping that reads use, too.
//!
//! The database sorts out what cannot count by its code or its day, row by row, so that less crosses the connection. It is never what
//! decides: whatever comes is looked at again.

use medrec_client::research::definition::{Definition, Pattern, Value, What};

use crate::{
    fetch::{
        cohort::{restricts, Field, View},
        record::{about_paths, DATES},
        sql::{CodeTest, Sieve},
    },
    fhir::definitions::r4,
    mapping::{
        model::{Column, ElementMap, Item, Many, ResourceMap, SourceKind, ValueSource},
        value::Format,
        Mapping,
    },
};

/// The label of rows that hold a code which the mapping does not know.
const RESTRICTED: &str = "R";

/// Why a definition cannot be answered from this mapping. It depends on the two texts alone, and on nobody's records.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// There are no tables.
    #[error("statistics are made from a database; a FHIR server ([upstream]) cannot be asked for them")]
    Upstream,
    /// Not a type of FHIR R4 that belongs to a patient.
    #[error("`{0}` is not a resource type of FHIR R4 that belongs to a patient")]
    Resource(String),
    /// Nothing is mapped that it could be answered from.
    #[error("the mapping has no {resource} with {what}: map it, or do not plan this table")]
    NotMapped {
        /// The type.
        resource: String,
        /// What is missing.
        what: &'static str,
    },
    /// Codes of parts that are not looked at could restrict rows.
    #[error("rows of the mapping `{0}` can be restricted by codes of their parts, which are not looked at: say `harmless = true` there, or add \"R\" to the definition's labels")]
    Parts(String),
}

/// What is looked at for one definition.
pub(crate) struct Questions<'a> {
    /// The rows that count.
    pub(crate) rows: Vec<Question<'a>>,
    /// Sex and birth date, where they matter: fields 0 and 1.
    pub(crate) persons: Vec<View<'a>>,
}

/// The rows of one mapping, and what its fields are.
pub(crate) struct Question<'a> {
    /// What is looked at.
    pub(crate) view: View<'a>,
    /// Codings, as fields for system and code.
    pub(crate) codes: Vec<(usize, usize)>,
    /// Dates, the first of which that a row has counts.
    pub(crate) dates: Vec<usize>,
    /// What would say that the row counts for nothing.
    pub(crate) statuses: Vec<usize>,
    /// The value.
    pub(crate) value: Option<usize>,
    /// Its unit: the code, and the text where there is no code.
    pub(crate) units: Vec<usize>,
    /// Beginning and end of the period.
    pub(crate) period: Option<(usize, usize)>,
}

/// Compiles a definition.
pub(crate) fn compile<'a>(
    mapping: &'a Mapping,
    definition: &Definition,
) -> Result<Questions<'a>, CompileError> {
    if mapping.upstream().is_some() {
        return Err(CompileError::Upstream);
    }
    let resource = definition.resource();
    if r4().resource(resource).is_none() {
        return Err(CompileError::Resource(resource.to_owned()));
    }
    let missing = |what| CompileError::NotMapped { resource: resource.to_owned(), what };
    let mut rows = Vec::new();
    let mut lacks = "a code";
    for map in mapping.resources().iter().filter(|map| map.resource_type == resource) {
        for source in code_sources(map) {
            match question(mapping, map, &source, definition) {
                Ok(question) => {
                    let accepted = definition.labels().iter().any(|label| label == RESTRICTED);
                    if !accepted && parts_restrict(map) {
                        return Err(CompileError::Parts(map.name.clone()));
                    }
                    rows.push(question);
                }
                Err(what) => lacks = what,
            }
        }
    }
    if rows.is_empty() {
        return Err(missing(lacks));
    }
    let persons = match definition.what() {
        What::Counts { ages, sexes, .. } if !ages.is_empty() || !sexes.is_empty() => persons(mapping)?,
        _ => Vec::new(),
    };
    Ok(Questions { rows, persons })
}

/// Where a mapping's rows have their codes: in themselves, or in rows of another table.
struct CodeSource<'a> {
    many: Option<&'a Many>,
    /// System and code of each coding.
    codings: Vec<(Field<'a>, Field<'a>)>,
}

fn code_sources(map: &ResourceMap) -> Vec<CodeSource<'_>> {
    let mut sources = Vec::new();
    let own = codings(&map.elements, |steps| {
        steps.len() >= 2
            && about_paths(map.resource_type).any(|path| path == steps[0].name)
            && steps[steps.len() - 2].fhir_type == "Coding"
    });
    if !own.is_empty() {
        sources.push(CodeSource { many: None, codings: own });
    }
    for many in &map.many {
        let about = many
            .path
            .steps
            .first()
            .is_some_and(|step| about_paths(map.resource_type).any(|path| path == step.name));
        if let (true, "Coding", Item::Object(elements)) = (about, many.path.fhir_type(), &many.item) {
            let codings = codings(elements, |steps| steps.len() == 1);
            let codings: Vec<_> = codings
                .into_iter()
                .map(|(system, code)| (Field { of_many: true, ..system }, Field { of_many: true, ..code }))
                .collect();
            if !codings.is_empty() {
                sources.push(CodeSource { many: Some(many), codings });
            }
        }
    }
    sources
}

/// Pairs of the elements `system` and `code` of one coding each.
fn codings<'a>(
    elements: &'a [ElementMap],
    is_coding: impl Fn(&[crate::mapping::path::Step]) -> bool,
) -> Vec<(Field<'a>, Field<'a>)> {
    let named = |element: &ElementMap, name: &str| {
        element.path.steps.last().is_some_and(|step| step.name == name) && is_coding(&element.path.steps)
    };
    let codes = elements.iter().filter(|element| named(element, "code"));
    let pair = |code: &'a ElementMap| {
        let (_, place) = code.path.steps.split_last()?;
        let system = elements.iter().find(|element| {
            named(element, "system") && element.path.steps.split_last().is_some_and(|(_, own)| own == place)
        })?;
        Some((field(system), field(code)))
    };
    codes.filter_map(pair).collect()
}

fn field(element: &ElementMap) -> Field<'_> {
    Field { sources: &element.sources, fhir_type: element.path.fhir_type(), of_many: false }
}

fn question<'a>(
    mapping: &'a Mapping,
    map: &'a ResourceMap,
    source: &CodeSource<'a>,
    definition: &Definition,
) -> Result<Question<'a>, &'static str> {
    let mut fields: Vec<Field<'a>> = Vec::new();
    let mut add = |field: Field<'a>| {
        fields.push(field);
        fields.len() - 1
    };
    let codes = source.codings.iter().map(|(system, code)| (add(*system), add(*code))).collect();
    let dates: Vec<usize> = dates(map).into_iter().map(|element| add(field(element))).collect();
    let statuses =
        map.elements.iter().filter(|element| is_status(element)).map(|element| add(field(element))).collect();
    let at = |path: &str| map.elements.iter().find(|element| element.path.to_string() == path);
    let (mut value, mut units, mut period) = (None, Vec::new(), None);
    if let What::Sum(values) | What::Mean(values) | What::Histogram { values, .. } = definition.what() {
        match values.value {
            Value::Quantity { .. } => {
                value = at("valueQuantity.value").map(|element| add(field(element)));
                let named = ["valueQuantity.code", "valueQuantity.unit"].into_iter().filter_map(at);
                units = named.map(|element| add(field(element))).collect();
                if value.is_none() || units.is_empty() {
                    return Err("valueQuantity.value and its unit");
                }
            }
            Value::Days => {
                let ends = at("period.start").zip(at("period.end"));
                period = ends.map(|(start, end)| (add(field(start)), add(field(end))));
                if period.is_none() {
                    return Err("period.start and period.end");
                }
            }
        }
    }
    if dates.is_empty() {
        return Err("a date");
    }
    let sieve = Sieve {
        codes: sieve(map, source, definition).unwrap_or_default(),
        days: day_columns(map).unwrap_or_default(),
    };
    let view = View::new(mapping, map, source.many, fields, sieve);
    Ok(Question { view, codes, dates, statuses, value, units, period })
}

/// Elements that date a row, the one that counts first.
fn dates(map: &ResourceMap) -> Vec<&ElementMap> {
    let names = |element: &ElementMap| {
        element.path.steps.iter().map(|step| step.name.clone()).collect::<Vec<String>>()
    };
    let leads = |element: &&ElementMap, path: &[String]| {
        let names = names(element);
        let begins = names.starts_with(path);
        begins && (names.len() == path.len() || names[path.len()..] == ["start".to_owned()])
    };
    match &map.date {
        Some(path) => map.elements.iter().filter(|element| leads(element, path)).collect(),
        None => DATES
            .iter()
            .flat_map(|name| {
                let path = [(*name).to_owned()];
                map.elements.iter().filter(move |element| leads(element, &path)).collect::<Vec<_>>()
            })
            .collect(),
    }
}

fn is_status(element: &ElementMap) -> bool {
    let steps = &element.path.steps;
    match steps.first().map(|step| step.name.as_str()) {
        Some("status") => steps.len() == 1,
        Some("verificationStatus") => steps.last().is_some_and(|step| step.name == "code"),
        _ => false,
    }
}

/// What the database can sort out by itself: codes that stand in a column as they are. `None` where a code could also come from
/// elsewhere.
fn sieve<'a>(
    map: &'a ResourceMap,
    source: &CodeSource<'a>,
    definition: &Definition,
) -> Option<Vec<(&'a Column, Vec<CodeTest>)>> {
    let mut sieve = Vec::new();
    let test = |pattern: &Pattern| CodeTest { code: pattern.code.clone(), begins: pattern.begins };
    for (_, code) in &source.codings {
        let columns = match source.many.filter(|_| code.of_many) {
            Some(many) => &many.source.columns,
            None => &map.source.columns,
        };
        let mut tests: Vec<CodeTest> = definition.patterns().map(test).collect();
        tests.dedup();
        for source in code.sources {
            sieve.push((columns.get(plain_column(source)?)?, tests.clone()));
        }
    }
    Some(sieve)
}

/// The columns of which one has the date of a row, as ISO 8601 writes it. `None` where it could also come from elsewhere.
fn day_columns(map: &ResourceMap) -> Option<Vec<&Column>> {
    let sources = dates(map).into_iter().flat_map(|element| &element.sources);
    let column = |source: &ValueSource| match &source.kind {
        SourceKind::Column(column) if column.map.is_none() && column.reading.format == Format::Iso => {
            map.source.columns.get(column.column)
        }
        _ => None,
    };
    sources.map(column).collect()
}

fn plain_column(source: &ValueSource) -> Option<usize> {
    match &source.kind {
        SourceKind::Column(column) if column.map.is_none() => Some(column.column),
        _ => None,
    }
}

/// Whether a row could be restricted by a code in one of its parts, all of which are never looked at together.
fn parts_restrict(map: &ResourceMap) -> bool {
    map.many.iter().any(|many| match &many.item {
        Item::Object(elements) => elements.iter().any(|element| restricts(&element.sources)),
        Item::Value(sources) => restricts(sources),
    })
}

fn persons(mapping: &Mapping) -> Result<Vec<View<'_>>, CompileError> {
    let mut views = Vec::new();
    for map in mapping.resources().iter().filter(|map| map.resource_type == "Patient") {
        let at = |path: &str| map.elements.iter().find(|element| element.path.to_string() == path);
        if let (Some(sex), Some(birth)) = (at("gender"), at("birthDate")) {
            views.push(View::new(mapping, map, None, vec![field(sex), field(birth)], Sieve::default()));
        }
    }
    if views.is_empty() {
        let resource = "Patient".to_owned();
        return Err(CompileError::NotMapped { resource, what: "gender and birthDate" });
    }
    Ok(views)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::*;

    const MAPPING: &str = r#"
version = 1
timezone = "UTC"
[[resource]]
type = "Observation"
table = "lab"
key = "id"
patient = "mrn"
[resource.elements]
status = "final"
subject = { reference = "Patient" }
"code.coding[0].system" = "http://loinc.org"
"code.coding[0].code" = { column = "loinc" }
effectiveDateTime = { column = "taken" }
"valueQuantity.value" = { column = "value" }
"valueQuantity.unit" = { column = "unit" }
"#;

    const MEAN: &str = "version = 1\ntitle = \"Mean\"\nresource = \"Observation\"\nkind = \"mean\"\n\
        codes = [\"http://loinc.org|4548-4\"]\nunit = \"%\"\nlower = 4\nupper = 12\n";

    fn compiled(mapping: &str, definition: &str) -> Result<usize, CompileError> {
        let mapping = Mapping::from_toml(mapping, Path::new("mapping.toml")).unwrap();
        compile(&mapping, &Definition::read(definition).unwrap()).map(|questions| questions.rows.len())
    }

    #[test]
    fn definition_should_compile_when_the_mapping_has_what_it_looks_at() {
        assert_eq!(compiled(MAPPING, MEAN), Ok(1));
        let not_mapped = |what| Err(CompileError::NotMapped { resource: "Observation".into(), what });
        let without = |line: &str| {
            assert!(MAPPING.contains(line), "{line}");
            compiled(&MAPPING.replace(line, ""), MEAN)
        };
        assert_eq!(
            without("\"valueQuantity.unit\" = { column = \"unit\" }"),
            not_mapped("valueQuantity.value and its unit")
        );
        assert_eq!(without("effectiveDateTime = { column = \"taken\" }"), not_mapped("a date"));
        let condition = MEAN.replace("Observation", "Condition");
        assert!(matches!(compiled(MAPPING, &condition), Err(CompileError::NotMapped { .. })));
        let unknown = MEAN.replace("Observation", "Observations");
        assert_eq!(compiled(MAPPING, &unknown), Err(CompileError::Resource("Observations".into())));
        let by_age = "version = 1\ntitle = \"T\"\nresource = \"Observation\"\nkind = \"counts\"\nper_person = 1\nages = [0]\n\
            [[group]]\ntitle = \"G\"\ncodes = [\"http://loinc.org|4548-4\"]\n";
        assert!(matches!(
            compiled(MAPPING, by_age),
            Err(CompileError::NotMapped { what: "gender and birthDate", .. })
        ));
    }

    #[test]
    fn codes_should_be_found_in_rows_of_another_table_and_refused_where_these_could_restrict_a_row() {
        let many = MAPPING.replace("\"code.coding[0].system\" = \"http://loinc.org\"\n\"code.coding[0].code\" = { column = \"loinc\" }\n", "")
            + "[[resource.many]]\nelement = \"code.coding\"\ntable = \"term\"\non = { concept = \"concept\" }\norder = [\"id\"]\n\
               [resource.many.elements]\nsystem = \"http://loinc.org\"\ncode = { column = \"code\" }\n";
        assert_eq!(compiled(&many, MEAN), Ok(1));
        let mapped = many.replace("{ column = \"code\" }", "{ column = \"code\", map = { a = \"4548-4\" } }");
        assert_eq!(compiled(&mapped, MEAN), Err(CompileError::Parts("lab".into())));
        assert_eq!(compiled(&mapped, &format!("{MEAN}labels = [\"R\"]\n")), Ok(1));
        let harmless = mapped.replace("} }", "}, harmless = true }");
        assert_eq!(compiled(&harmless, MEAN), Ok(1));
    }
}
