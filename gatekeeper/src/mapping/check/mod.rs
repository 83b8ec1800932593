//! Whether a mapping fits the live database.

use std::{collections::HashMap, fmt};

mod codes;
mod index;
mod keys;
mod role;
mod types;
mod upstream;
mod ways;

use self::types::Class;
use super::{
    model::{Column, ElementMap, Item, Many, ResourceMap, Source, SourceKind, Table, ValueSource},
    parse::MANY,
    Mapping,
};
use crate::fetch::{
    sql::{self, Dialect},
    Database, FetchError, Session,
};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The gatekeeper must not serve with it.
    Error,
    /// Worth a thought.
    Note,
}

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The file and line of the mapping it is about.
    pub place: String,
    /// What it is and what to do.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Note => "note",
        };
        write!(f, "{}: {severity}: {}", self.place, self.message)
    }
}

pub(super) async fn check(mapping: &Mapping, database: &Database) -> Vec<Finding> {
    match (mapping.upstream(), database.upstream()) {
        (Some(upstream), Some(server)) => return upstream::check(mapping, upstream, server, database).await,
        (None, None) => {}
        _ => {
            let place = mapping.file().display().to_string();
            let message = FetchError::OtherKind.to_string();
            return vec![Finding { severity: Severity::Error, place, message }];
        }
    }
    let mut findings = role::check(mapping, database).await;
    for resource in mapping.resources() {
        let mut check = Check { mapping, resource, findings: Vec::new(), classes: HashMap::new() };
        match database.within_time(check.run(database)).await {
            Ok(true) => {
                check.keys(database).await;
                check.codes(database).await;
            }
            Ok(false) => {}
            Err(error) => check.error(resource.line, format!("cannot be checked: {error}")),
        }
        findings.append(&mut check.findings);
    }
    findings
}

/// What a database said no with; any other error goes on.
fn error_of(error: FetchError) -> Result<Box<dyn sqlx::error::DatabaseError>, FetchError> {
    match error {
        FetchError::Database(sqlx::Error::Database(error)) => Ok(error),
        error => Err(error),
    }
}

struct Check<'a> {
    mapping: &'a Mapping,
    resource: &'a ResourceMap,
    findings: Vec<Finding>,
    /// What each column holds, by alias and name.
    classes: HashMap<(String, String), Class>,
}

impl Check<'_> {
    /// Whether the mapping names only what is there, and how its queries run.
    async fn run(&mut self, database: &Database) -> Result<bool, FetchError> {
        let resource = self.resource;
        if resource.labels.is_empty() && resource.resource_type != "Patient" {
            self.note(
                resource.line,
                format!(
                    "mapping `{}` of {} has no [[resource.label]]: its rows carry no sensitivity label but for unmapped codes",
                    resource.name, resource.resource_type
                ),
            );
        }
        let mut session = database.session().await?;
        session.prefer_indexes().await?;
        let lines = lines_of(resource.elements.iter());
        let mut complete = self.tables(&mut session, &resource.source, &[], resource.line, &lines).await?;
        self.types();
        for many in &resource.many {
            // All one-to-many tables go by the same alias.
            self.classes.retain(|(alias, _), _| !alias.starts_with(MANY));
            let lines = match &many.item {
                Item::Object(elements) => lines_of(elements.iter()),
                Item::Value(sources) => sources.iter().flat_map(columns_of).collect(),
            };
            complete &=
                self.tables(&mut session, &many.source, &many_columns(many), many.line, &lines).await?;
            let known: Vec<&Column> = many.on.iter().map(|(_, known)| known).collect();
            complete &=
                self.columns(&mut session, &resource.source, &known, many.line, &HashMap::new()).await?;
            self.many_types(many);
        }
        if complete {
            self.ways(&mut session).await?;
        }
        session.end().await?;
        Ok(complete)
    }
    /// Looks for the tables of a source and all columns it uses.
    async fn tables(
        &mut self,
        session: &mut Session,
        source: &Source,
        more: &[Column],
        line: usize,
        lines: &HashMap<usize, usize>,
    ) -> Result<bool, FetchError> {
        let tables = std::iter::once((&source.table, line))
            .chain(source.joins.iter().map(|join| (&join.table, join.line)));
        let mut complete = true;
        for (table, line) in tables {
            if !self.exists(session, table, None).await? {
                let elsewhere = match (session.dialect(), &table.schema) {
                    (Dialect::Postgres, None) => {
                        "; without a schema it is looked for in the account's search_path: write `schema.table` for another"
                    }
                    _ => "",
                };
                self.error(
                    line,
                    format!("there is no table `{table}` that this account may read{elsewhere}"),
                );
                complete = false;
            }
        }
        if !complete {
            return Ok(false);
        }
        let selected: Vec<&Column> = source.columns.iter().collect();
        complete &= self.columns(session, source, &selected, line, lines).await?;
        let none = HashMap::new();
        complete &= self.columns(session, source, &more.iter().collect::<Vec<_>>(), line, &none).await?;
        for filter in &source.filters {
            complete &= self.columns(session, source, &[&filter.column], filter.line, &none).await?;
        }
        for join in &source.joins {
            let own: Vec<Column> = join.on.iter().map(|(own, _)| Column::text(&join.alias, own)).collect();
            let named = own.iter().chain(join.on.iter().map(|(_, known)| known));
            complete &= self.columns(session, source, &named.collect::<Vec<_>>(), join.line, &none).await?;
            for filter in &join.filters {
                complete &= self.columns(session, source, &[&filter.column], filter.line, &none).await?;
            }
        }
        Ok(complete)
    }

    /// Looks for columns; `lines` tells where the selected ones are used.
    async fn columns(
        &mut self,
        session: &mut Session,
        source: &Source,
        columns: &[&Column],
        line: usize,
        lines: &HashMap<usize, usize>,
    ) -> Result<bool, FetchError> {
        let mut complete = true;
        for (place, column) in columns.iter().enumerate() {
            let key = (column.alias.clone(), column.name.clone());
            if self.classes.contains_key(&key) {
                continue;
            }
            let join = source.joins.iter().find(|join| join.alias == column.alias);
            let table = join.map_or(&source.table, |join| &join.table);
            let class = match self.exists(session, table, Some(&column.name)).await? {
                true => Class::of(session.dialect(), &session.column_type(table, &column.name).await?),
                false => {
                    let line = lines.get(&place).copied().unwrap_or(line);
                    let message =
                        format!("table `{table}` has no column `{}` that this account may read", column.name);
                    self.error(line, message);
                    complete = false;
                    Class::Other
                }
            };
            self.classes.insert(key, class);
        }
        Ok(complete)
    }

    async fn exists(
        &self,
        session: &mut Session,
        table: &Table,
        column: Option<&str>,
    ) -> Result<bool, FetchError> {
        session.mark().await?;
        let probe = sql::probe(session.dialect(), table, column);
        match session.rows(probe).await {
            Ok(_) => Ok(true),
            Err(error) => {
                error_of(error)?;
                session.back().await.map(|()| false)
            }
        }
    }

    fn class(&self, column: &Column) -> Class {
        let key = (column.alias.clone(), column.name.clone());
        self.classes.get(&key).copied().unwrap_or(Class::Other)
    }

    /// Compares what columns hold with what is made of them.
    fn types(&mut self) {
        let resource = self.resource;
        let patient = resource.source.columns.get(resource.patient).map(|column| self.class(column));
        if let Some(message) = patient.and_then(|class| types::record_number(resource.number_type, class)) {
            self.error(resource.line, message);
        }
        self.source_types(&resource.source);
        self.element_types(&resource.source, &resource.elements);
    }

    fn many_types(&mut self, many: &Many) {
        self.source_types(&many.source);
        for (own, known) in &many.on {
            let own = self.class(&Column::text(&many.source.alias, own));
            if let Some(message) = types::join(own, self.class(known)) {
                self.error(many.line, message);
            }
        }
        match &many.item {
            Item::Object(elements) => self.element_types(&many.source, elements),
            Item::Value(sources) => self.value_types(&many.source, many.path.fhir_type(), sources),
        }
    }

    fn source_types(&mut self, source: &Source) {
        for join in &source.joins {
            for (own, known) in &join.on {
                let own = self.class(&Column::text(&join.alias, own));
                if let Some(message) = types::join(own, self.class(known)) {
                    self.error(join.line, message);
                }
            }
        }
        let filters = source.filters.iter().chain(source.joins.iter().flat_map(|join| &join.filters));
        for filter in filters {
            if let Some(message) = types::condition(&filter.test, self.class(&filter.column)) {
                self.error(filter.line, format!("column `{}`: {message}", filter.column.name));
            }
        }
    }

    fn element_types(&mut self, source: &Source, elements: &[ElementMap]) {
        for element in elements {
            self.value_types(source, element.path.fhir_type(), &element.sources);
        }
    }

    fn value_types(&mut self, source: &Source, fhir_type: &str, values: &[ValueSource]) {
        for value in values {
            let SourceKind::Column(mapped) = &value.kind else { continue };
            let Some(column) = source.columns.get(mapped.column) else { continue };
            if let Some(message) = types::element(fhir_type, mapped, self.class(column)) {
                self.error(value.line, format!("column `{}`: {message}", column.name));
            } else if let Some(message) = types::doubt(fhir_type, mapped, self.class(column)) {
                self.note(value.line, format!("column `{}`: {message}", column.name));
            }
        }
    }

    fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.mapping.file().display())
    }

    fn error(&mut self, line: usize, message: String) {
        let place = self.place(line);
        self.findings.push(Finding { severity: Severity::Error, place, message });
    }

    fn note(&mut self, line: usize, message: String) {
        let place = self.place(line);
        self.findings.push(Finding { severity: Severity::Note, place, message });
    }
}

/// Columns of a one-to-many table that its source does not select.
fn many_columns(many: &Many) -> Vec<Column> {
    many.on
        .iter()
        .map(|(own, _)| Column::text(&many.source.alias, own))
        .chain(many.order.iter().cloned())
        .collect()
}

/// Where selected columns are first used.
fn lines_of<'a>(elements: impl Iterator<Item = &'a ElementMap>) -> HashMap<usize, usize> {
    let mut lines = HashMap::new();
    for (column, line) in elements.flat_map(|element| element.sources.iter().flat_map(columns_of)) {
        lines.entry(column).or_insert(line);
    }
    lines
}

fn columns_of(value: &ValueSource) -> impl Iterator<Item = (usize, usize)> + '_ {
    value.columns().map(|column| (column, value.line))
}
