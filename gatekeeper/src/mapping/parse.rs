//! From TOML to a mapping. Every complaint has a line and says what would be right.

use std::{collections::HashMap, path::Path as FilePath, sync::Mutex};

use super::{
    elements::{self, Scope},
    errors::MappingErrors,
    model::*,
    node::{Fields, Kind, Node, Reader},
    upstream::{self, Upstream},
    value::Zone,
    Mapping,
};
use crate::fhir::definitions::r4;

/// The alias of a resource's own table in SQL.
pub(super) const BASE: &str = "t";
/// The alias of a one-to-many table in SQL.
pub(super) const MANY: &str = "m";

/// What the whole file says, for its parts.
pub(super) struct Context<'a> {
    pub(super) reader: &'a Reader<'a>,
    pub(super) zone: Option<Zone>,
    pub(super) maps: HashMap<&'a str, &'a Node>,
    number_type: NumberType,
}

/// Reads a mapping file.
pub(super) fn parse(text: &str, file: &FilePath) -> Result<Mapping, MappingErrors> {
    let reader = Reader::new(text);
    let resources = reader.parse().and_then(|root| read_file(&reader, &root));
    match resources {
        Some((resources, upstream)) if !reader.has_errors() => {
            Ok(Mapping { file: file.to_owned(), resources, upstream, told: Mutex::default() })
        }
        _ => Err(MappingErrors::new(file, reader.into_errors())),
    }
}

fn read_file(reader: &Reader<'_>, root: &Node) -> Option<(Vec<ResourceMap>, Option<Upstream>)> {
    let mut fields = reader.fields(root, "the file")?;
    match fields.need(reader, "version", "the file").map(|node| (&node.kind, node.at)) {
        Some((Kind::Integer(1), _)) | None => {}
        Some((_, at)) => {
            reader.error(at, "this gatekeeper reads version 1 of the mapping format: write `version = 1`")
        }
    }
    let zone = fields.take("timezone").and_then(|node| read_zone(reader, node));
    let number_type =
        fields.take("record_number_type").map_or(NumberType::Text, |node| read_number_type(reader, node));
    let maps = match fields.take("maps").map(|node| (node, &node.kind)) {
        Some((_, Kind::Table(entries))) => {
            entries.iter().map(|(key, node)| (key.name.as_str(), node)).collect()
        }
        Some((node, _)) => {
            reader.error(node.at, "`maps` must be a table: write [maps.name]");
            HashMap::new()
        }
        None => HashMap::new(),
    };
    let context = Context { reader, zone, maps, number_type };
    let nodes = reader.tables(fields.take("resource"), "resource");
    let upstream = fields.take("upstream");
    match (nodes.first(), upstream) {
        (None, None) => reader.error(0, "the file maps nothing: it needs at least one [[resource]]"),
        (Some(_), Some(node)) => reader.error(
            node.at,
            "a file is either about a database ([[resource]]) or about a FHIR server ([upstream])",
        ),
        _ => {}
    }
    let upstream = upstream.and_then(|node| upstream::read(reader, node));
    fields.finish(reader, "the file");
    let resources: Vec<ResourceMap> = nodes.iter().filter_map(|node| context.resource(node)).collect();
    if !reader.has_errors() {
        context.check_whole(&resources, &nodes);
    }
    Some((resources, upstream))
}

impl<'a> Context<'a> {
    fn resource(&self, node: &'a Node) -> Option<ResourceMap> {
        const WHAT: &str = "[[resource]]";
        let reader = self.reader;
        let mut fields = reader.fields(node, WHAT)?;
        let type_node = fields.need(reader, "type", WHAT);
        let resource_type = type_node.and_then(|node| self.resource_type(node));
        let table = self.table(&mut fields, WHAT);
        let name = match fields.take("name") {
            Some(node) => reader.text(node, "`name`").map(str::to_owned),
            None => table.as_ref().map(|table| table.name.clone()),
        };
        let (key, patient) = (fields.need(reader, "key", WHAT), fields.need(reader, "patient", WHAT));
        let number_type =
            fields.take("record_number_type").map_or(self.number_type, |node| read_number_type(reader, node));
        let (filters, date) = (fields.take("where"), fields.take("date"));
        let withheld = fields.take("withheld");
        let changed = fields.take("changed");
        let allow_scan = fields.take("allow_scan").is_some_and(|node| reader.boolean(node, "`allow_scan`"));
        let element_nodes = fields.need(reader, "elements", WHAT);
        let joins = reader.tables(fields.take("join"), "resource.join");
        let manys = reader.tables(fields.take("many"), "resource.many");
        let labels = reader.tables(fields.take("label"), "resource.label");
        let at = fields.at;
        fields.finish(reader, WHAT);

        let (resource_type, table, name) = (resource_type?, table?, name?);
        let mut scope = Scope::new(self, Source::of(table, BASE));
        for join in joins {
            self.join(join, &mut scope, "j_");
        }
        let key_names = key.map(|node| (node.at, self.columns(node, "`key`")));
        let key_names = key_names.iter().flat_map(|(at, names)| names.iter().map(move |name| (*at, *name)));
        let key_columns: Vec<usize> = key_names.filter_map(|(at, name)| scope.select(at, name)).collect();
        let patient = patient.and_then(|node| scope.select(node.at, reader.text(node, "`patient`")?));
        let changed = changed.and_then(|node| scope.select(node.at, reader.text(node, "`changed`")?));
        scope.source.filters = filters.map(|node| scope.filters(node)).unwrap_or_default();
        let many: Vec<Many> =
            manys.into_iter().filter_map(|node| self.many(node, resource_type, &scope)).collect();
        let filled: Vec<_> = many.iter().map(|many| many.path.clone()).collect();
        let elements = element_nodes
            .map(|node| elements::read(&mut scope, node, resource_type, at, &filled))
            .unwrap_or_default();
        let labels = labels.into_iter().filter_map(|node| scope.label(node)).collect();
        let withheld = withheld.map_or(Withheld::Never, |node| scope.withheld(node));
        let date = date.and_then(|node| self.date(node, resource_type));
        Some(ResourceMap {
            resource_type,
            name,
            line: reader.line(node.at),
            key: key_columns,
            patient: patient?,
            number_type,
            elements,
            many,
            labels,
            withheld,
            date,
            changed,
            allow_scan,
            source: scope.source,
        })
    }

    fn resource_type(&self, node: &Node) -> Option<&'static str> {
        let text = self.reader.text(node, "`type`")?;
        let known = r4().resource(text);
        if known.is_none() {
            let types = r4().resources().join(", ");
            self.reader.error(node.at, format!("`{text}` is not a resource type of FHIR R4 that belongs to a patient; these are: {types}"));
        }
        known
    }

    fn table(&self, fields: &mut Fields<'_>, what: &str) -> Option<Table> {
        let node = fields.need(self.reader, "table", what)?;
        let text = self.reader.text(node, "`table`")?;
        let (schema, name) = match text.split_once('.') {
            Some((schema, name)) => (Some(schema), name),
            None => (None, text),
        };
        let valid = is_identifier(name) && schema.is_none_or(is_identifier);
        if !valid {
            self.reader
                .error(node.at, format!("`{text}` is not a table name of letters, digits and underscore"));
        }
        valid.then(|| Table { schema: schema.map(str::to_owned), name: name.to_owned() })
    }

    /// A one-to-one join, added to the scope.
    fn join(&self, node: &'a Node, scope: &mut Scope<'a, '_>, prefix: &str) {
        const WHAT: &str = "[[join]]";
        let reader = self.reader;
        let Some(mut fields) = reader.fields(node, WHAT) else { return };
        let table = self.table(&mut fields, WHAT);
        let name = fields.take("name").map(|node| (node.at, reader.text(node, "`name`")));
        let on = fields.need(reader, "on", WHAT);
        let required = fields.take("required").is_some_and(|node| reader.boolean(node, "`required`"));
        let (patient, filters) = (fields.take("patient"), fields.take("where"));
        fields.finish(reader, WHAT);

        let Some(table) = table else { return };
        let (at, name) = match name {
            Some((at, name)) => (at, name.unwrap_or_default().to_owned()),
            None => (node.at, table.name.clone()),
        };
        if !is_identifier(&name) {
            reader.error(at, format!("`{name}` is not a name of letters, digits and underscore"));
            return;
        }
        let alias = format!("{prefix}{name}");
        let on = on.map(|node| self.on(node, scope)).unwrap_or_default();
        let Some((partner, _)) = on.first().cloned() else { return };
        if !scope.add_alias(name, alias.clone()) {
            reader.error(at, "two joins have the same name; give one of them another `name`");
            return;
        }
        if let Some(column) = patient.and_then(|node| self.own_column(node, "`patient`")) {
            let patient = scope.source.select(Column::text(&alias, column));
            let partner = Some(scope.source.select(Column::text(&alias, partner)));
            scope.source.checks.push(Check { patient, partner });
        }
        let filters = filters.map(|node| scope.join_filters(node, &alias)).unwrap_or_default();
        let line = reader.line(node.at);
        scope.source.joins.push(Join { table, alias, on, filters, required, line });
    }

    /// Pairs of a column of the joined table and one known before.
    fn on(&self, node: &Node, scope: &Scope<'a, '_>) -> Vec<(String, Column)> {
        let Kind::Table(entries) = &node.kind else {
            self.reader.error(node.at, "`on` must be a table: { column_of_this_table = \"known_column\" }");
            return Vec::new();
        };
        if entries.is_empty() {
            self.reader.error(node.at, "`on` needs at least one pair of columns");
        }
        let pair = |(key, value): &(super::node::Key, Node)| {
            if !is_identifier(&key.name) {
                self.reader.error(
                    key.at,
                    format!("`{}` is not a column name of letters, digits and underscore", key.name),
                );
                return None;
            }
            let known = self.reader.text(value, "the known column")?;
            Some((key.name.clone(), scope.column(value.at, known)?))
        };
        entries.iter().filter_map(pair).collect()
    }

    /// Names of one or more columns.
    fn columns<'n>(&self, node: &'n Node, what: &str) -> Vec<&'n str> {
        if matches!(&node.kind, Kind::Array(items) if items.is_empty()) {
            self.reader.error(node.at, format!("{what} needs at least one column"));
        }
        self.reader.texts(node, what)
    }

    /// A column of the table at hand, without alias.
    fn own_column(&self, node: &Node, what: &str) -> Option<String> {
        let text = self.reader.text(node, what)?;
        if !is_identifier(text) {
            self.reader.error(
                node.at,
                format!("{what}: `{text}` is not a column name of letters, digits and underscore"),
            );
            return None;
        }
        Some(text.to_owned())
    }

    fn many(&self, node: &'a Node, resource_type: &'static str, base: &Scope<'a, '_>) -> Option<Many> {
        const WHAT: &str = "[[resource.many]]";
        let reader = self.reader;
        let mut fields = reader.fields(node, WHAT)?;
        let path = fields.need(reader, "element", WHAT).and_then(|node| {
            let text = reader.text(node, "`element`")?;
            match super::path::Path::parse(text, resource_type, true) {
                Ok((path, property)) => Some((path, property)),
                Err(message) => {
                    reader.error(node.at, message);
                    None
                }
            }
        });
        let table = self.table(&mut fields, WHAT);
        let (on, order) = (fields.need(reader, "on", WHAT), fields.need(reader, "order", WHAT));
        let (filters, patient) = (fields.take("where"), fields.take("patient"));
        let joins = reader.tables(fields.take("join"), "resource.many.join");
        let (element_nodes, value) = (fields.take("elements"), fields.take("value"));
        let at = fields.at;
        fields.finish(reader, WHAT);

        let on = on.map(|node| self.on(node, base)).unwrap_or_default();
        let ((path, property), table) = (path?, table?);
        let mut scope = Scope::new(self, Source::of(table, MANY));
        for join in joins {
            self.join(join, &mut scope, "mj_");
        }
        if let Some(column) = patient.and_then(|node| self.own_column(node, "`patient`")) {
            let patient = scope.source.select(Column::text(MANY, column));
            scope.source.checks.push(Check { patient, partner: None });
        }
        scope.source.filters = filters.map(|node| scope.filters(node)).unwrap_or_default();
        let order_names = order.map(|node| (node.at, self.columns(node, "`order`")));
        let order_names =
            order_names.iter().flat_map(|(at, names)| names.iter().map(move |name| (*at, *name)));
        let order_columns: Vec<Column> =
            order_names.filter_map(|(at, name)| scope.column(at, name)).collect();
        let item = match (element_nodes, value) {
            (Some(node), None) => Item::Object(elements::read(&mut scope, node, path.fhir_type(), at, &[])),
            (None, Some(node)) => Item::Value(elements::sources(&mut scope, node, &property)),
            _ => {
                reader.error(
                    at,
                    format!("{WHAT} needs either `elements` or, for an array of plain values, `value`"),
                );
                return None;
            }
        };
        Some(Many { path, on, order: order_columns, item, line: reader.line(node.at), source: scope.source })
    }

    /// The path of the element by which data periods are judged.
    fn date(&self, node: &Node, resource_type: &'static str) -> Option<Vec<String>> {
        let text = self.reader.text(node, "`date`")?;
        match super::path::Path::parse(text, resource_type, false) {
            Ok((path, _)) if matches!(path.fhir_type(), "date" | "dateTime" | "instant" | "Period") => {
                Some(path.steps.into_iter().map(|step| step.name).collect())
            }
            Ok(_) => {
                self.reader.error(node.at, format!("`{text}` is neither a date nor a period"));
                None
            }
            Err(message) => {
                self.reader.error(node.at, message);
                None
            }
        }
    }

    /// What concerns several mappings: names, and the targets of references.
    fn check_whole(&self, resources: &[ResourceMap], nodes: &[&Node]) {
        for (place, resource) in resources.iter().enumerate() {
            let at = nodes.get(place).map_or(0, |node| node.at);
            let same = |other: &&ResourceMap| {
                other.resource_type == resource.resource_type && other.name == resource.name
            };
            if resources[..place].iter().any(|other| same(&other)) {
                self.reader.error(
                    at,
                    format!(
                        "two mappings of {} have the name `{}`; give one another `name`",
                        resource.resource_type, resource.name
                    ),
                );
            }
            let elements =
                resource.elements.iter().map(|element| (element.path.to_string(), &element.sources));
            let items = resource.many.iter().flat_map(|many| match &many.item {
                Item::Object(elements) => elements
                    .iter()
                    .map(|element| (format!("{}.{}", many.path, element.path), &element.sources))
                    .collect(),
                Item::Value(sources) => vec![(many.path.to_string(), sources)],
            });
            for (path, sources) in elements.chain(items) {
                sources.iter().for_each(|source| self.check_reference(resources, source, &path));
            }
        }
    }

    fn check_reference(&self, resources: &[ResourceMap], source: &ValueSource, path: &str) {
        let SourceKind::Reference { resource_type, name, columns } = &source.kind else { return };
        let targets: Vec<&ResourceMap> = resources
            .iter()
            .filter(|target| {
                target.resource_type == *resource_type && (name.is_empty() || target.name == *name)
            })
            .collect();
        let complaint = match targets.as_slice() {
            [] => format!("`{path}` refers to {resource_type}, which this file does not map; use `display` for its name"),
            [target] if target.key.len() != columns.len() => {
                format!("`{path}` refers to `{}` by {} column(s), its key has {}", target.name, columns.len(), target.key.len())
            }
            [_] => return,
            _ => format!("several mappings are of type {resource_type}: say which one `{path}` refers to with `of = \"name\"`"),
        };
        self.reader.error_in_line(source.line, complaint);
    }
}

impl Source {
    fn of(table: Table, alias: &str) -> Self {
        Self {
            table,
            alias: alias.to_owned(),
            joins: Vec::new(),
            filters: Vec::new(),
            columns: Vec::new(),
            checks: Vec::new(),
        }
    }
}

/// What may stand in SQL as the name of something.
pub(super) fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.len() <= 63
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

pub(super) fn read_zone(reader: &Reader<'_>, node: &Node) -> Option<Zone> {
    let text = reader.text(node, "`timezone`")?;
    let zone = Zone::parse(text);
    if zone.is_none() {
        reader.error(node.at, format!("`{text}` is not a time zone: write an IANA name such as \"Europe/Berlin\", \"UTC\", or an offset such as \"+01:00\""));
    }
    zone
}

fn read_number_type(reader: &Reader<'_>, node: &Node) -> NumberType {
    match reader.text(node, "`record_number_type`") {
        Some("text") | None => NumberType::Text,
        Some("char") => NumberType::Char,
        Some("integer") => NumberType::Integer,
        Some("uuid") => NumberType::Uuid,
        Some(other) => {
            reader.error(
                node.at,
                format!("`record_number_type` is \"text\", \"char\", \"integer\" or \"uuid\", not `{other}`"),
            );
            NumberType::Text
        }
    }
}
