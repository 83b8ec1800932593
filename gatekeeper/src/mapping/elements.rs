//! Elements, conditions and labels of one mapping.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::{
    model::*,
    node::{Fields, Kind, Node, Reader},
    parse::{is_identifier, read_zone, Context},
    path::{Path, Step},
    value::{read as read_value, tells_a_day, Format, Reading},
};
use crate::fhir::definitions::{is_primitive, r4, Property};

/// The columns that a part of the file can name, and those it has named so far.
pub(super) struct Scope<'a, 'c> {
    context: &'c Context<'a>,
    /// What is selected and joined.
    pub(super) source: Source,
    /// Names in the file and aliases in SQL.
    aliases: Vec<(String, String)>,
}

impl<'a, 'c> Scope<'a, 'c> {
    pub(super) fn new(context: &'c Context<'a>, source: Source) -> Self {
        Self { context, source, aliases: Vec::new() }
    }

    fn reader(&self) -> &'c Reader<'a> {
        self.context.reader
    }

    /// Makes a join known; `false` if its name is taken.
    pub(super) fn add_alias(&mut self, name: String, alias: String) -> bool {
        let free = self.aliases.iter().all(|(known, _)| *known != name);
        self.aliases.push((name, alias));
        free
    }

    /// The column that `column` or `alias.column` means.
    pub(super) fn column(&self, at: usize, text: &str) -> Option<Column> {
        let (alias, name) = match text.split_once('.') {
            Some((alias, name)) => match self.aliases.iter().find(|(known, _)| known == alias) {
                Some((_, alias)) => (alias.as_str(), name),
                None => {
                    self.reader().error(at, format!("`{text}`: there is no join named `{alias}` here"));
                    return None;
                }
            },
            None => (self.source.alias.as_str(), text),
        };
        if !is_identifier(name) {
            self.reader()
                .error(at, format!("`{text}` is not a column name of letters, digits and underscore"));
            return None;
        }
        Some(Column::text(alias, name))
    }

    /// The place of a column among the selected ones.
    pub(super) fn select(&mut self, at: usize, text: &str) -> Option<usize> {
        let column = self.column(at, text)?;
        Some(self.source.select(column))
    }

    /// Conditions for the database.
    pub(super) fn filters(&self, node: &Node) -> Vec<Filter> {
        let conditions = conditions(self.reader(), node);
        conditions
            .into_iter()
            .filter_map(|(at, name, test)| {
                Some(Filter { column: self.column(at, name)?, test, line: self.reader().line(at) })
            })
            .collect()
    }

    /// Conditions on the rows of a joined table, which are part of how it is joined.
    pub(super) fn join_filters(&self, node: &Node, alias: &str) -> Vec<Filter> {
        let conditions = conditions(self.reader(), node).into_iter();
        conditions
            .filter_map(|(at, name, test)| {
                if is_identifier(name) {
                    let line = self.reader().line(at);
                    return Some(Filter { column: Column::text(alias, name), test, line });
                }
                self.reader().error(
                    at,
                    format!("`{name}`: `where` in a join names columns of the joined table, of letters, digits and underscore"),
                );
                None
            })
            .collect()
    }

    /// Conditions for fetched rows.
    fn conditions(&mut self, node: &Node) -> Vec<Condition> {
        let conditions = conditions(self.reader(), node);
        conditions
            .into_iter()
            .filter_map(|(at, name, test)| Some(Condition { column: self.select(at, name)?, test }))
            .collect()
    }

    fn when(&mut self, fields: &mut Fields<'_>) -> Vec<Condition> {
        fields.take("when").map(|node| self.conditions(node)).unwrap_or_default()
    }

    /// Which rows are withheld. What cannot be read withholds everything; the file is refused anyway.
    pub(super) fn withheld(&mut self, node: &Node) -> Withheld {
        const WHAT: &str = "`withheld`";
        let reader = self.reader();
        match node.kind {
            Kind::Boolean(true) => return Withheld::Always { ground: None },
            Kind::Boolean(false) => return Withheld::Never,
            _ => {}
        }
        let Some(mut fields) = reader.fields(node, WHAT) else { return Withheld::Always { ground: None } };
        let ground = fields.take("ground").and_then(|node| reader.text(node, "`ground`")).map(str::to_owned);
        let (when, unless) = (fields.take("when"), fields.take("unless"));
        fields.finish(reader, WHAT);
        match (when, unless) {
            (Some(node), None) => Withheld::When { conditions: self.conditions(node), ground },
            (None, Some(node)) => Withheld::Unless { conditions: self.conditions(node), ground },
            (None, None) => Withheld::Always { ground },
            (Some(_), Some(node)) => {
                reader.error(node.at, "`withheld` takes either `when` or `unless`");
                Withheld::Always { ground }
            }
        }
    }

    /// A rule for labels.
    pub(super) fn label(&mut self, node: &'a Node) -> Option<LabelRule> {
        const WHAT: &str = "[[resource.label]]";
        let reader = self.reader();
        let mut fields = reader.fields(node, WHAT)?;
        let system = fields.need(reader, "system", WHAT).and_then(|node| reader.text(node, "`system`"));
        let (column, code) = (fields.take("column"), fields.take("code"));
        let (map, otherwise, null) = (fields.take("map"), fields.take("otherwise"), fields.take("null"));
        let when = self.when(&mut fields);
        fields.finish(reader, WHAT);
        let list = |node: &Node| {
            let codes = reader.texts(node, "a label");
            if codes.iter().any(|code| code.trim().is_empty()) {
                reader.error(
                    node.at,
                    "a label without letters is none: write [] for a value that has no label",
                );
            }
            codes.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let codes = match (column, code) {
            (Some(column), None) => {
                let Some(map) = map.and_then(|node| self.map_node(node)) else {
                    reader.error(
                        node.at,
                        "a label from a column needs a `map`; a value that the map lacks is restricted",
                    );
                    return None;
                };
                let Kind::Table(entries) = &map.kind else {
                    reader.error(map.at, "`map` must be a table");
                    return None;
                };
                LabelCodes::Column {
                    column: self.select(column.at, reader.text(column, "`column`")?)?,
                    map: entries.iter().map(|(key, node)| (key.name.clone(), list(node))).collect(),
                    otherwise: otherwise.map(list),
                    null: null.map(list),
                }
            }
            (None, Some(code)) => {
                if let Some(node) = map.or(otherwise).or(null) {
                    reader.error(node.at, "a constant label takes no `map`, `otherwise` or `null`");
                }
                LabelCodes::Constant(reader.text(code, "`code`")?.to_owned())
            }
            _ => {
                reader.error(node.at, format!("{WHAT} needs either `column` or `code`"));
                return None;
            }
        };
        Some(LabelRule { system: system?.to_owned(), codes, when, line: reader.line(node.at) })
    }

    /// A map in place, or one of the file's by name.
    fn map_node(&self, node: &'a Node) -> Option<&'a Node> {
        let Kind::Text(name) = &node.kind else { return Some(node) };
        let found = self.context.maps.get(name.as_str()).copied();
        if found.is_none() {
            self.reader().error(node.at, format!("there is no [maps.{name}] in this file"));
        }
        found
    }
}

/// The elements of a resource or of the items of an array; `at` is where it begins. Complains about what FHIR requires and
/// nothing maps, unless there is a path that could not be read: it may be the one that is missing.
pub(super) fn read<'a>(
    scope: &mut Scope<'a, '_>,
    node: &'a Node,
    root: &'static str,
    at: usize,
    filled: &[Path],
) -> Vec<ElementMap> {
    let Kind::Table(entries) = &node.kind else {
        scope.reader().error(node.at, "`elements` must be a table");
        return Vec::new();
    };
    let mut elements = Vec::new();
    for (key, node) in entries {
        let parsed = Path::parse(&key.name, root, false);
        match parsed.and_then(|found| allowed(&found.0, root).map(|()| found)) {
            Ok((path, property)) => {
                elements.push(ElementMap { path, sources: sources(scope, node, &property) })
            }
            Err(message) => scope.reader().error(key.at, hint(message, node)),
        }
    }
    if elements.len() == entries.len() {
        check_mandatory(scope.reader(), at, root, &elements, filled);
    }
    elements
}

/// A table without any key of a source is most likely a path without quotes.
fn hint(message: String, node: &Node) -> String {
    match &node.kind {
        Kind::Table(entries) if !entries.iter().any(|(key, _)| SOURCE_KEYS.contains(&key.name.as_str())) => {
            format!("{message} (write paths with dots or brackets in quotes)")
        }
        _ => message,
    }
}

/// What the gatekeeper makes itself, and the one way round its pseudonyms, cannot be mapped.
fn allowed(path: &Path, root: &str) -> Result<(), String> {
    let own = ["meta.security", "meta.tag", "meta.versionId", "meta.profile"];
    let text = path.to_string();
    if r4().resource(root).is_some() && own.iter().any(|prefix| text.starts_with(prefix)) {
        return Err(format!("`{text}` is made by the gatekeeper"));
    }
    let Some((last, above)) = path.steps.split_last() else { return Ok(()) };
    let within = above.last().map_or(root, |step| step.fhir_type);
    match (within, last.name.as_str()) {
        (_, "id") => Err(format!("`{text}`: ids are made by the gatekeeper")),
        // Elsewhere it is a name like any other: `Consent.provision.data.reference` is a Reference itself.
        ("Reference", "reference") => Err(format!(
            "`{text}`: write the path without `.reference` and {{ reference = \"Type\", column = \"...\" }}, so that ids become pseudonyms"
        )),
        _ => Ok(()),
    }
}

const SOURCE_KEYS: &[&str] = &[
    "column",
    "columns",
    "template",
    "reference",
    "of",
    "value",
    "map",
    "otherwise",
    "harmless",
    "format",
    "timezone",
    "comparator",
    "when",
];

/// What may give an element's value: one thing, or a list of which the first that does counts.
pub(super) fn sources<'a>(
    scope: &mut Scope<'a, '_>,
    node: &'a Node,
    property: &Property,
) -> Vec<ValueSource> {
    match &node.kind {
        Kind::Array(items) => items.iter().filter_map(|item| source(scope, item, property)).collect(),
        _ => source(scope, node, property).into_iter().collect(),
    }
}

fn source<'a>(scope: &mut Scope<'a, '_>, node: &'a Node, property: &Property) -> Option<ValueSource> {
    const WHAT: &str = "an element";
    let reader = scope.reader();
    let fhir_type = property.fhir_type;
    let line = reader.line(node.at);
    if !is_primitive(fhir_type) && fhir_type != "Reference" {
        let names: Vec<&str> = r4().elements(fhir_type).iter().map(|element| element.name).collect();
        let names = names.join(", ");
        let message = format!("this path ends at a {fhir_type} and must go on to a value in it: {names}");
        reader.error(node.at, hint(message, node));
        return None;
    }
    if !matches!(node.kind, Kind::Table(_)) {
        let value = constant(reader, node, property)?;
        return Some(ValueSource { kind: SourceKind::Constant(value), when: Vec::new(), line });
    }
    let mut fields = reader.fields(node, WHAT)?;
    let when = scope.when(&mut fields);
    let kind = if fields.has("reference") {
        reference(scope, &mut fields, property)
    } else if fields.has("column") {
        column(scope, &mut fields, property).map(SourceKind::Column)
    } else if let Some(node) = fields.take("template") {
        let reading = reading(scope, &mut fields, property);
        template(scope, node, property).map(|pieces| SourceKind::Template { pieces, reading })
    } else if let Some(node) = fields.take("value") {
        constant(reader, node, property).map(SourceKind::Constant)
    } else {
        reader.error(
            node.at,
            format!(
                "an element needs one of `column`, `template`, `reference`, `value`; known keys: {}",
                SOURCE_KEYS.join(", ")
            ),
        );
        return None;
    };
    fields.finish(reader, WHAT);
    Some(ValueSource { kind: kind?, when, line })
}

/// A constant of the element's type.
fn constant(reader: &Reader<'_>, node: &Node, property: &Property) -> Option<Value> {
    let fhir_type = property.fhir_type;
    if fhir_type == "Reference" {
        reader.error(node.at, "a reference is written { reference = \"Patient\" } or { reference = \"Type\", column = \"...\" }");
        return None;
    }
    let text = match &node.kind {
        Kind::Text(text) => text.clone(),
        Kind::Integer(number) => number.to_string(),
        Kind::Boolean(value) => value.to_string(),
        Kind::Float => {
            reader.error(node.at, "write decimals in quotes, so that they keep their digits");
            return None;
        }
        Kind::Date => {
            reader.error(node.at, "write dates in quotes");
            return None;
        }
        Kind::Table(_) | Kind::Array(_) => {
            reader.error(
                node.at,
                format!("a value must be text, a number, true or false; this is {}", node.describe()),
            );
            return None;
        }
    };
    match read_value(fhir_type, &text, &Reading::default()) {
        Ok(Some(value)) => {
            let codes = &property.element.codes;
            if !codes.is_empty() && !codes.contains(&text.as_str()) {
                reader.error(
                    node.at,
                    format!("`{text}` is not a code of {}: {}", property.element.name, codes.join(", ")),
                );
            }
            Some(value)
        }
        _ => {
            reader.error(node.at, format!("`{text}` is not a value of type {fhir_type}"));
            None
        }
    }
}

fn column<'a>(
    scope: &mut Scope<'a, '_>,
    fields: &mut Fields<'a>,
    property: &Property,
) -> Option<ColumnSource> {
    let reader = scope.reader();
    let fhir_type = property.fhir_type;
    let node = fields.take("column")?;
    let map = fields.take("map");
    let (otherwise, harmless) = (fields.take("otherwise"), fields.take("harmless"));
    let reading = reading(scope, fields, property);
    let comparator = fields.take("comparator");
    if fhir_type == "Reference" {
        reader.error(node.at, "a column becomes a reference by { reference = \"Type\", column = \"...\" }");
        return None;
    }
    if let (None, Some(node)) = (map, otherwise.or(harmless)) {
        reader.error(node.at, "`otherwise` and `harmless` belong to a `map`");
    }
    if let (Some(node), false) = (comparator, fhir_type == "decimal") {
        reader.error(node.at, format!("`comparator` is for the value of a quantity, this is a {fhir_type}"));
    }
    let map = match map.map(|node| scope.map_node(node)) {
        None => None,
        Some(found) => Some(ValueMap {
            values: map_values(reader, found?, property),
            otherwise: otherwise.and_then(|node| constant(reader, node, property)),
            harmless: harmless.is_some_and(|node| reader.boolean(node, "`harmless`")),
        }),
    };
    let comparator = comparator.is_some_and(|node| reader.boolean(node, "`comparator`"));
    let mut column = scope.column(node.at, reader.text(node, "`column`")?)?;
    column.binary = fhir_type == "base64Binary";
    let codes = property.element.codes.as_slice();
    Some(ColumnSource { column: scope.source.select(column), map, reading, comparator, codes })
}

/// How dates and times are written.
fn reading<'a>(scope: &Scope<'a, '_>, fields: &mut Fields<'a>, property: &Property) -> Reading {
    let reader = scope.reader();
    let (format, zone) = (fields.take("format"), fields.take("timezone"));
    let dated = matches!(property.fhir_type, "date" | "dateTime" | "instant");
    if let (Some(node), false) = (format.or(zone), dated) {
        reader.error(
            node.at,
            format!("`format` and `timezone` are for dates and times, this is a {}", property.fhir_type),
        );
    }
    Reading {
        format: format.map_or(Format::Iso, |node| read_format(reader, node)),
        zone: zone.map_or(scope.context.zone, |node| read_zone(reader, node)),
    }
}

fn map_values(reader: &Reader<'_>, node: &Node, property: &Property) -> HashMap<String, Value> {
    let Kind::Table(entries) = &node.kind else {
        reader.error(node.at, "`map` must be a table or the name of one of [maps]");
        return HashMap::new();
    };
    entries
        .iter()
        .filter_map(|(key, node)| Some((key.name.clone(), constant(reader, node, property)?)))
        .collect()
}

fn read_format(reader: &Reader<'_>, node: &Node) -> Format {
    match reader.text(node, "`format`") {
        Some("unix") => Format::Unix,
        Some("unix-ms") => Format::UnixMillis,
        Some(pattern) => {
            if !tells_a_day(pattern) {
                reader.error(node.at, format!("`{pattern}` is not the format of a date: write strftime with day, month and year, such as \"%d.%m.%Y %H:%M\", \"unix\" or \"unix-ms\""));
            }
            Format::Pattern(pattern.to_owned())
        }
        None => Format::Iso,
    }
}

/// Text with columns in braces.
fn template(scope: &mut Scope<'_, '_>, node: &Node, property: &Property) -> Option<Vec<Piece>> {
    let reader = scope.reader();
    let text = reader.text(node, "`template`")?;
    let fits = [
        "string",
        "markdown",
        "uri",
        "url",
        "canonical",
        "code",
        "id",
        "date",
        "dateTime",
        "instant",
        "time",
    ];
    if !fits.contains(&property.fhir_type) {
        reader.error(
            node.at,
            format!("a template gives text, a date or a time; this is a {}", property.fhir_type),
        );
        return None;
    }
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(at);
        literal.push_str(before);
        if let Some(tail) = after.strip_prefix("{{").or_else(|| after.strip_prefix("}}")) {
            literal.push_str(&after[..1]);
            rest = tail;
            continue;
        }
        let inside = after.strip_prefix('{').and_then(|after| after.split_once('}'));
        let Some((name, tail)) = inside else {
            reader.error(
                node.at,
                "a template has columns in braces: \"{first} {last}\"; write {{ and }} for braces themselves",
            );
            return None;
        };
        if !literal.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
        }
        let (name, digits) = match name.split_once(':') {
            None => (name, 0),
            Some((name, digits)) => match digits.strip_prefix('0').map(str::parse) {
                Some(Ok(digits @ 1..=9)) => (name, digits),
                _ => {
                    reader.error(node.at, format!("`{{{name}:{digits}}}`: write {{{name}:02}} to fill a number up to two digits with zeros"));
                    return None;
                }
            },
        };
        pieces.push(Piece::Column { column: scope.select(node.at, name)?, digits });
        rest = tail;
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    if !pieces.iter().any(|piece| matches!(piece, Piece::Column { .. })) {
        reader.error(node.at, "this template names no column: write the text alone");
    }
    Some(pieces)
}

fn reference(scope: &mut Scope<'_, '_>, fields: &mut Fields<'_>, property: &Property) -> Option<SourceKind> {
    let reader = scope.reader();
    let node = fields.take("reference")?;
    let text = reader.text(node, "`reference`")?;
    let (column, columns, of) = (fields.take("column"), fields.take("columns"), fields.take("of"));
    if property.fhir_type != "Reference" {
        reader
            .error(node.at, format!("this path does not end at a reference but at a {}", property.fhir_type));
        return None;
    }
    let Some(resource_type) = r4().resource(text) else {
        reader.error(
            node.at,
            format!("`{text}` is not a resource type that can be mapped; use `display` for its name"),
        );
        return None;
    };
    let names = column.or(columns).map(|node| (node.at, reader.texts(node, "`column`")));
    match (resource_type, names) {
        ("Patient", None) => Some(SourceKind::Patient),
        ("Patient", Some((at, _))) => {
            reader
                .error(at, "a reference to the patient takes no column: no other patient can be referred to");
            None
        }
        (_, None) => {
            reader.error(node.at, "a reference needs `column`: the one that holds the key of the row");
            None
        }
        (_, Some((at, names))) => {
            let columns: Vec<usize> = names.iter().filter_map(|name| scope.select(at, name)).collect();
            let name = of.and_then(|node| reader.text(node, "`of`")).unwrap_or_default().to_owned();
            Some(SourceKind::Reference { resource_type, name, columns })
        }
    }
}

/// Column names with tests.
fn conditions<'n>(reader: &Reader<'_>, node: &'n Node) -> Vec<(usize, &'n str, Test)> {
    let Kind::Table(entries) = &node.kind else {
        reader.error(
            node.at,
            format!("a condition must be a table such as {{ kind = \"LAB\" }}, this is {}", node.describe()),
        );
        return Vec::new();
    };
    entries.iter().filter_map(|(key, node)| Some((key.at, key.name.as_str(), test(reader, node)?))).collect()
}

fn test(reader: &Reader<'_>, node: &Node) -> Option<Test> {
    match &node.kind {
        Kind::Table(_) => {
            let mut fields = reader.fields(node, "a condition")?;
            let (null, not) = (fields.take("null"), fields.take("not"));
            fields.finish(reader, "a condition");
            match (null, not) {
                (Some(node), None) if reader.boolean(node, "`null`") => Some(Test::Null),
                (Some(_), None) => Some(Test::NotNull),
                (None, Some(node)) => Some(Test::NoneOf(literals(reader, node))),
                _ => {
                    reader
                        .error(node.at, "a condition is a value, a list, { null = true } or { not = [...] }");
                    None
                }
            }
        }
        _ => Some(Test::OneOf(literals(reader, node))),
    }
}

fn literals(reader: &Reader<'_>, node: &Node) -> Vec<Literal> {
    let one = |node: &Node| match &node.kind {
        Kind::Text(text) => Some(Literal::Text(text.clone())),
        Kind::Integer(number) => Some(Literal::Integer(*number)),
        Kind::Boolean(value) => Some(Literal::Boolean(*value)),
        _ => {
            reader.error(
                node.at,
                format!(
                    "a condition compares with text, whole numbers, true or false; this is {}",
                    node.describe()
                ),
            );
            None
        }
    };
    match &node.kind {
        Kind::Array(items) if items.is_empty() => {
            reader.error(node.at, "an empty list is met by nothing");
            Vec::new()
        }
        Kind::Array(items) => items.iter().filter_map(one).collect(),
        _ => one(node).into_iter().collect(),
    }
}

/// Complains about mandatory elements that nothing maps, and about gaps in indices.
fn check_mandatory(
    reader: &Reader<'_>,
    at: usize,
    root: &'static str,
    elements: &[ElementMap],
    filled: &[Path],
) {
    let paths: Vec<Rest<'_>> = elements
        .iter()
        .map(|element| (element.path.steps.as_slice(), false))
        .chain(filled.iter().map(|path| (path.steps.as_slice(), true)))
        .collect();
    check_level(reader, at, root, root, &paths);
}

/// What is left of a path beneath the place at hand, and whether rows fill the array at its end: their items are checked where
/// they are mapped.
type Rest<'a> = (&'a [Step], bool);

fn check_level(reader: &Reader<'_>, at: usize, place: &str, fhir_type: &'static str, paths: &[Rest<'_>]) {
    let names: BTreeSet<&str> =
        paths.iter().filter_map(|(steps, _)| steps.first()).map(|step| step.name.as_str()).collect();
    for element in r4().elements(fhir_type).iter().filter(|element| element.mandatory) {
        let choice = element.names.iter().map(|name| name.plain.as_str());
        if !choice.clone().any(|name| names.contains(name)) {
            let choice: Vec<&str> = choice.collect();
            reader.error(at, format!("{place} needs `{}`, which FHIR requires", choice.join("` or `")));
        }
    }
    let mut groups: BTreeMap<(&str, Option<usize>), Vec<Rest<'_>>> = BTreeMap::new();
    for (steps, filled) in paths {
        if let Some((first, rest)) = steps.split_first() {
            let open = rest.is_empty() && *filled;
            groups.entry((first.name.as_str(), first.index)).or_default().push((rest, *filled));
            if open {
                continue;
            }
            let index = first.index.unwrap_or(0);
            let before = |wanted| {
                paths.iter().any(|(steps, _)| {
                    steps.first().is_some_and(|s| s.name == first.name && s.index == Some(wanted))
                })
            };
            if index > 0 && !before(index - 1) {
                reader.error(
                    at,
                    format!("{place}.{}[{index}] leaves a gap: [{}] is not mapped", first.name, index - 1),
                );
            }
        }
    }
    for ((name, _), rest) in groups {
        let nested: Vec<Rest<'_>> = rest.iter().filter(|(steps, _)| !steps.is_empty()).copied().collect();
        let ends_here = rest.len() > nested.len();
        let inner = paths
            .iter()
            .find_map(|(steps, _)| steps.first().filter(|step| step.name == name))
            .map(|step| step.fhir_type);
        if let (false, false, Some(inner)) = (nested.is_empty(), ends_here, inner) {
            check_level(reader, at, &format!("{place}.{name}"), inner, &nested);
        }
    }
}
