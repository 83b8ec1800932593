//! Whether a mapping fits the live database.

use std::fmt;

use serde_json::Value;

use super::{
    model::{Column, Many, ResourceMap, Source, Table},
    Mapping,
};
use crate::fetch::{
    sql::{self, Dialect, RecordNumber, Statement},
    Cell, Database, FetchError, Row, Session,
};
use crate::mapping::model::NumberType;

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
    let mut findings = Vec::new();
    for resource in mapping.resources() {
        let mut check = Check { mapping, resource, findings: Vec::new() };
        if let Err(error) = database.within_time(check.run(database)).await {
            check.error(resource.line, format!("cannot be checked: {error}"));
        }
        findings.append(&mut check.findings);
    }
    findings
}

struct Check<'a> {
    mapping: &'a Mapping,
    resource: &'a ResourceMap,
    findings: Vec<Finding>,
}

impl Check<'_> {
    async fn run(&mut self, database: &Database) -> Result<(), FetchError> {
        let resource = self.resource;
        if resource.labels.is_empty() && resource.resource_type != "Patient" {
            self.note(format!(
                "mapping `{}` of {} has no [[resource.label]]: its rows carry no sensitivity label but for unmapped codes",
                resource.name, resource.resource_type
            ));
        }
        let mut session = database.session().await?;
        session.prefer_indexes().await?;
        let mut complete = self.tables(&mut session, &resource.source, &[], resource.line).await?;
        for many in &resource.many {
            complete &= self.tables(&mut session, &many.source, &many_columns(many), many.line).await?;
            let known: Vec<&Column> = many.on.iter().map(|(_, known)| known).collect();
            complete &= self.columns(&mut session, &resource.source, &known, many.line).await?;
        }
        if complete {
            self.plans(&mut session).await?;
        }
        session.end().await
    }

    /// Looks for the tables of a source and all columns it uses.
    async fn tables(
        &mut self,
        session: &mut Session,
        source: &Source,
        more: &[Column],
        line: usize,
    ) -> Result<bool, FetchError> {
        let tables = std::iter::once((&source.table, &source.alias))
            .chain(source.joins.iter().map(|join| (&join.table, &join.alias)));
        let mut complete = true;
        for (table, _) in tables {
            if !self.exists(session, table, None).await? {
                self.error(line, format!("there is no table `{table}` that this account may read"));
                complete = false;
            }
        }
        if !complete {
            return Ok(false);
        }
        let mut columns: Vec<Column> = source.columns.iter().chain(more).cloned().collect();
        columns.extend(source.filters.iter().map(|filter| filter.column.clone()));
        for join in &source.joins {
            columns.extend(join.on.iter().map(|(own, _)| Column::text(&join.alias, own)));
            columns.extend(join.on.iter().map(|(_, known)| known.clone()));
        }
        self.columns(session, source, &columns.iter().collect::<Vec<_>>(), line).await
    }

    async fn columns(
        &mut self,
        session: &mut Session,
        source: &Source,
        columns: &[&Column],
        line: usize,
    ) -> Result<bool, FetchError> {
        let mut looked_at: Vec<(&str, &str)> = Vec::new();
        let mut complete = true;
        for column in columns {
            if looked_at.contains(&(&column.alias, &column.name)) {
                continue;
            }
            looked_at.push((&column.alias, &column.name));
            let table = match source.joins.iter().find(|join| join.alias == column.alias) {
                Some(join) => &join.table,
                None => &source.table,
            };
            if !self.exists(session, table, Some(&column.name)).await? {
                self.error(
                    line,
                    format!("table `{table}` has no column `{}` that this account may read", column.name),
                );
                complete = false;
            }
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
            Err(FetchError::Database(sqlx::Error::Database(_))) => session.back().await.map(|()| false),
            Err(error) => Err(error),
        }
    }

    async fn plans(&mut self, session: &mut Session) -> Result<(), FetchError> {
        let resource = self.resource;
        let sample = match resource.number_type {
            NumberType::Integer => "1",
            NumberType::Uuid => "00000000-0000-0000-0000-000000000000",
            NumberType::Text | NumberType::Char => "1",
        };
        let Some(number) = RecordNumber::new(resource.number_type, sample) else { return Ok(()) };
        let dialect = session.dialect();
        self.plan(session, sql::select(dialect, resource, &number, 1), resource.line).await?;
        for many in &resource.many {
            self.plan(session, sql::select_many(dialect, resource, many, &number, 1), many.line).await?;
        }
        Ok(())
    }

    async fn plan(
        &mut self,
        session: &mut Session,
        statement: Statement,
        line: usize,
    ) -> Result<(), FetchError> {
        let dialect = session.dialect();
        session.mark().await?;
        let rows = match session.rows(sql::explain(dialect, statement)).await {
            Ok(rows) => rows,
            Err(FetchError::Database(sqlx::Error::Database(error))) => {
                self.error(line, format!("the database refuses the query of this mapping: {error}"));
                return session.back().await;
            }
            Err(error) => return Err(error),
        };
        for table in scans(dialect, &rows) {
            if !self.resource.allow_scan {
                self.error(
                    line,
                    format!("the query scans the whole of `{table}`: add an index on the columns it is found by, or write `allow_scan = true`"),
                );
            }
        }
        Ok(())
    }

    fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.mapping.file().display())
    }

    fn error(&mut self, line: usize, message: String) {
        let place = self.place(line);
        self.findings.push(Finding { severity: Severity::Error, place, message });
    }

    fn note(&mut self, message: String) {
        let place = self.place(self.resource.line);
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

/// Tables that a plan goes through from beginning to end.
fn scans(dialect: Dialect, rows: &[Row]) -> Vec<String> {
    match dialect {
        Dialect::Sqlite => rows.iter().filter_map(sqlite_scan).collect(),
        Dialect::Postgres => {
            let mut found = Vec::new();
            let plan = rows.first().and_then(|row| row.first()).and_then(Cell::text);
            if let Some(plan) = plan.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
                postgres_scans(&plan, &mut found);
            }
            found
        }
        Dialect::MySql => rows.iter().filter_map(mysql_scan).collect(),
    }
}

/// The last column is such as `SCAN t`, `SEARCH t USING INDEX i (mrn=?)`, `SEARCH t USING AUTOMATIC COVERING INDEX (mrn=?)`; an
/// automatic index is made by scanning.
fn sqlite_scan(row: &Row) -> Option<String> {
    let detail = row.last()?.text()?;
    let mut words = detail.split_whitespace();
    let (verb, table) = (words.next()?, words.next()?);
    let automatic = detail.contains("USING AUTOMATIC");
    (verb == "SCAN" && table != "CONSTANT" || automatic).then(|| table.to_owned())
}

/// Nodes of a plan that read a table without an index condition.
fn postgres_scans(plan: &Value, found: &mut Vec<String>) {
    match plan {
        Value::Array(items) => items.iter().for_each(|item| postgres_scans(item, found)),
        Value::Object(node) => {
            let kind = node.get("Node Type").and_then(Value::as_str).unwrap_or_default();
            let by_index = matches!(kind, "Index Scan" | "Index Only Scan" | "Bitmap Index Scan");
            if kind == "Seq Scan" || (by_index && node.get("Index Cond").is_none()) {
                let table =
                    node.get("Relation Name").or_else(|| node.get("Index Name")).and_then(Value::as_str);
                found.push(table.unwrap_or("a table").to_owned());
            }
            node.values().for_each(|value| postgres_scans(value, found));
        }
        _ => {}
    }
}

/// Columns: id, select_type, table, (partitions in MySQL), type, possible_keys, ... With few rows the optimiser scans although it
/// has a key; what counts is whether it has one.
fn mysql_scan(row: &Row) -> Option<String> {
    let table = row.get(2)?.text()?;
    let (kind, keys) = match row.get(3).and_then(Cell::text) {
        Some(kind @ ("ALL" | "index")) => (kind, row.get(4)),
        _ => (row.get(4)?.text()?, row.get(5)),
    };
    let without_key = keys.is_none_or(|keys| keys.text().is_none_or(str::is_empty));
    (matches!(kind, "ALL" | "index") && without_key).then(|| table.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn row(cells: &[Option<&str>]) -> Row {
        cells.iter().map(|cell| cell.map_or(Cell::Null, |text| Cell::Text(text.to_owned()))).collect()
    }

    #[test]
    fn scan_should_be_seen_when_a_plan_has_one() {
        assert_eq!(sqlite_scan(&row(&[Some("2"), Some("0"), Some("0"), Some("SCAN t")])), Some("t".into()));
        assert_eq!(
            sqlite_scan(&row(&[Some("SEARCH m USING AUTOMATIC COVERING INDEX (a=?)")])),
            Some("m".into())
        );
        assert_eq!(sqlite_scan(&row(&[Some("SEARCH t USING INDEX mrn (mrn=?)")])), None);
        assert_eq!(sqlite_scan(&row(&[Some("USE TEMP B-TREE FOR ORDER BY")])), None);

        let plan = r#"[{"Plan":{"Node Type":"Nested Loop","Plans":[{"Node Type":"Seq Scan","Relation Name":"a"},
            {"Node Type":"Index Scan","Relation Name":"b","Index Cond":"(x = 1)"},{"Node Type":"Index Scan","Relation Name":"c"}]}}]"#;
        assert_eq!(scans(Dialect::Postgres, &[row(&[Some(plan)])]), ["a", "c"]);

        let mariadb = row(&[Some("1"), Some("SIMPLE"), Some("t"), Some("ALL"), None, None]);
        let mysql = row(&[Some("1"), Some("SIMPLE"), Some("t"), None, Some("ALL"), None, None]);
        let keyed = row(&[Some("1"), Some("SIMPLE"), Some("t"), Some("ALL"), Some("mrn"), None]);
        assert_eq!(mysql_scan(&mariadb), Some("t".into()));
        assert_eq!(mysql_scan(&mysql), Some("t".into()));
        assert_eq!(mysql_scan(&keyed), None);
        assert_eq!(mysql_scan(&row(&[Some("1"), Some("SIMPLE"), Some("t"), Some("ref"), Some("k")])), None);
    }
}
