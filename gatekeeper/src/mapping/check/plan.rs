//! Whether a query finds its rows by indices.

use std::collections::HashMap;

use serde_json::Value;

use super::{error_of, Check};
use crate::{
    fetch::{
        sql::{self, Dialect, RecordNumber, Statement},
        Cell, FetchError, Row, Session,
    },
    mapping::model::{Many, NumberType, ResourceMap, Source, Table},
};

/// The columns by which rows of each aliased table are found: the patient's, and those of joins. An index that serves only a constant
/// condition, such as one on a flag, does not narrow the search to one patient.
pub(super) type FoundBy = HashMap<String, Vec<String>>;

/// Indices of a table in MySQL or MariaDB: alias, name of the index, and its first column.
type Leading = Vec<(String, String, String)>;

impl Check<'_> {
    /// Asks the database how it would run the queries of this mapping.
    pub(super) async fn plans(&mut self, session: &mut Session) -> Result<(), FetchError> {
        let resource = self.resource;
        let dialect = session.dialect();
        let sample = session.rows(sql::sample(dialect, resource)).await?;
        let sample = sample.first().and_then(|row| row.first()).and_then(Cell::text);
        let number = sample.and_then(|sample| RecordNumber::new(resource.number_type, sample));
        let any = match resource.number_type {
            NumberType::Uuid => "00000000-0000-0000-0000-000000000000",
            NumberType::Integer | NumberType::Text | NumberType::Char => "1",
        };
        let Some(number) = number.or_else(|| RecordNumber::new(resource.number_type, any)) else {
            return Ok(());
        };
        self.plan(session, sql::select(dialect, resource, &number, 1), None).await?;
        for many in &resource.many {
            let select = sql::select_many(dialect, resource, many, &number, 1);
            self.plan(session, select, Some(many)).await?;
        }
        Ok(())
    }

    async fn plan(
        &mut self,
        session: &mut Session,
        statement: Statement,
        many: Option<&Many>,
    ) -> Result<(), FetchError> {
        let dialect = session.dialect();
        let line = many.map_or(self.resource.line, |many| many.line);
        let found_by = found_by(self.resource, many);
        let leading = leading(session, &self.resource.source, many.map(|many| &many.source)).await?;
        session.mark().await?;
        let rows = match session.rows(sql::explain(dialect, statement)).await {
            Ok(rows) => rows,
            Err(error) => {
                let refused = error_of(error)?;
                self.error(line, format!("the database refuses the query of this mapping: {refused}"));
                return session.back().await;
            }
        };
        for alias in scans(dialect, &rows, &found_by, &leading) {
            if self.resource.allow_scan {
                continue;
            }
            let (table, place) = self.named(&alias, many, line);
            let by = found_by.get(&alias).map(|names| format!(" ({})", names.join(", "))).unwrap_or_default();
            self.error(
                place,
                format!("the query scans the whole of `{table}`: add an index on the columns it is found by{by}, or write `allow_scan = true`"),
            );
        }
        Ok(())
    }

    /// The table behind an alias, and the line where it is joined. Tables beneath views have aliases of their own.
    fn named(&self, alias: &str, many: Option<&Many>, line: usize) -> (String, usize) {
        for source in std::iter::once(&self.resource.source).chain(many.map(|many| &many.source)) {
            if source.alias == alias {
                return (source.table.to_string(), line);
            }
            if let Some(join) = source.joins.iter().find(|join| join.alias == alias) {
                return (join.table.to_string(), join.line);
            }
        }
        (alias.to_owned(), line)
    }
}

fn found_by(resource: &ResourceMap, many: Option<&Many>) -> FoundBy {
    let mut found: FoundBy = HashMap::new();
    let mut add = |alias: &str, name: &str| {
        let names = found.entry(alias.to_owned()).or_default();
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    };
    if let Some(patient) = resource.source.columns.get(resource.patient) {
        add(&patient.alias, &patient.name);
    }
    let joins = resource.source.joins.iter().chain(many.into_iter().flat_map(|many| &many.source.joins));
    let pairs = joins.flat_map(|join| join.on.iter().map(|(own, known)| (join.alias.as_str(), own, known)));
    let many_pairs = many
        .into_iter()
        .flat_map(|many| many.on.iter().map(|(own, known)| (many.source.alias.as_str(), own, known)));
    for (alias, own, known) in pairs.chain(many_pairs) {
        add(alias, own);
        add(&known.alias, &known.name);
    }
    found
}

/// MySQL's plans name indices without their columns.
async fn leading(
    session: &mut Session,
    source: &Source,
    many: Option<&Source>,
) -> Result<Leading, FetchError> {
    let mut leading = Vec::new();
    if session.dialect() != Dialect::MySql {
        return Ok(leading);
    }
    let tables = |source: &Source| -> Vec<(Table, String)> {
        std::iter::once((source.table.clone(), source.alias.clone()))
            .chain(source.joins.iter().map(|join| (join.table.clone(), join.alias.clone())))
            .collect()
    };
    for (table, alias) in tables(source).into_iter().chain(many.map(tables).unwrap_or_default()) {
        for row in session.rows(sql::mysql_indices(&table)).await? {
            if let [Cell::Text(index), Cell::Text(column)] = row.as_slice() {
                leading.push((alias.clone(), index.clone(), column.clone()));
            }
        }
    }
    Ok(leading)
}

/// Aliases of tables that a plan goes through without an index on a column by which their rows are found.
fn scans(dialect: Dialect, rows: &[Row], found_by: &FoundBy, leading: &Leading) -> Vec<String> {
    let mut found = Vec::new();
    match dialect {
        Dialect::Sqlite => found.extend(rows.iter().filter_map(|row| sqlite_scan(row, found_by))),
        Dialect::Postgres => {
            let plan = rows.first().and_then(|row| row.first()).and_then(Cell::text);
            if let Some(plan) = plan.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
                postgres_scans(&plan, None, found_by, &mut found);
            }
        }
        Dialect::MySql => found.extend(rows.iter().filter_map(|row| mysql_scan(row, found_by, leading))),
    }
    found.dedup();
    found
}

/// Whether one of the columns that are looked up is one by which rows are found. Tables beneath a view have aliases that nothing is
/// known of.
fn useful<'a>(found_by: &FoundBy, alias: &str, mut columns: impl Iterator<Item = &'a str>) -> bool {
    match found_by.get(alias) {
        Some(names) => columns.any(|column| names.iter().any(|name| name.eq_ignore_ascii_case(column))),
        None => true,
    }
}

/// The words of a condition such as `((mrn)::text = 'A1'::text)`.
fn words(condition: &str) -> impl Iterator<Item = &str> {
    condition.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
}

/// The last column is such as `SCAN t`, `SEARCH t USING INDEX i (mrn=?)`, `SEARCH t USING AUTOMATIC COVERING INDEX (mrn=?)`; an
/// automatic index is made by scanning. `INTEGER PRIMARY KEY` is looked up under the name `rowid`.
fn sqlite_scan(row: &Row, found_by: &FoundBy) -> Option<String> {
    let detail = row.last()?.text()?;
    let mut parts = detail.split_whitespace();
    let (verb, alias) = (parts.next()?, parts.next()?);
    let scan = match verb {
        "SCAN" => alias != "CONSTANT",
        "SEARCH" if detail.contains("USING AUTOMATIC") => true,
        "SEARCH" if detail.contains("INTEGER PRIMARY KEY") => false,
        "SEARCH" => {
            let columns = detail.rsplit_once('(').map_or("", |(_, columns)| columns);
            !useful(found_by, alias, words(columns))
        }
        _ => false,
    };
    scan.then(|| alias.to_owned())
}

/// Nodes of a plan that read a table without a useful index condition.
fn postgres_scans(plan: &Value, alias: Option<&str>, found_by: &FoundBy, found: &mut Vec<String>) {
    match plan {
        Value::Array(items) => items.iter().for_each(|item| postgres_scans(item, alias, found_by, found)),
        Value::Object(node) => {
            let text = |key: &str| node.get(key).and_then(Value::as_str);
            let kind = text("Node Type").unwrap_or_default();
            // The index scan beneath a bitmap scan has the alias of that.
            let alias = text("Alias").or(alias);
            let by_index = matches!(kind, "Index Scan" | "Index Only Scan" | "Bitmap Index Scan");
            let without = by_index
                && text("Index Cond").is_none_or(|condition| {
                    alias.is_some_and(|alias| !useful(found_by, alias, words(condition)))
                });
            if kind == "Seq Scan" || without {
                let name = alias.or(text("Relation Name")).or(text("Index Name"));
                found.push(name.unwrap_or("a table").to_owned());
            }
            node.values().for_each(|value| postgres_scans(value, alias, found_by, found));
        }
        _ => {}
    }
}

/// Columns: id, select_type, table, (partitions in MySQL), type, possible_keys, key, ... With few rows the optimiser scans although it
/// has an index; what counts is whether it has one that leads to the rows.
fn mysql_scan(row: &Row, found_by: &FoundBy, leading: &Leading) -> Option<String> {
    const KINDS: &[&str] = &[
        "ALL",
        "index",
        "range",
        "ref",
        "eq_ref",
        "const",
        "system",
        "ref_or_null",
        "index_merge",
        "fulltext",
        "unique_subquery",
        "index_subquery",
    ];
    let alias = row.get(2)?.text()?;
    let text = |place: usize| row.get(place).and_then(Cell::text);
    let first = if text(3).is_some_and(|kind| KINDS.contains(&kind)) { 3 } else { 4 };
    let kind = text(first)?;
    let keys = match kind {
        "const" | "system" | "eq_ref" | "unique_subquery" | "index_subquery" => return None,
        "ALL" | "index" => text(first + 1).unwrap_or_default(),
        _ => text(first + 2).unwrap_or_default(),
    };
    let columns = keys.split(',').filter_map(|key| {
        let found = leading.iter().find(|(of, index, _)| of == alias && index == key.trim());
        found.map(|(_, _, column)| column.as_str())
    });
    let known = leading.iter().any(|(of, _, _)| of == alias);
    let scan = match (kind, known) {
        (_, true) => !useful(found_by, alias, columns),
        ("ALL" | "index", false) => keys.is_empty(),
        (_, false) => false,
    };
    scan.then(|| alias.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn row(cells: &[Option<&str>]) -> Row {
        cells.iter().map(|cell| cell.map_or(Cell::Null, |text| Cell::Text(text.to_owned()))).collect()
    }

    fn by(alias: &str, column: &str) -> FoundBy {
        HashMap::from([(alias.to_owned(), vec![column.to_owned()])])
    }

    #[test]
    fn scan_should_be_seen_when_sqlite_plans_one() {
        let scan =
            |detail| sqlite_scan(&row(&[Some("2"), Some("0"), Some("0"), Some(detail)]), &by("t", "mrn"));
        assert_eq!(scan("SCAN t"), Some("t".into()));
        assert_eq!(scan("SEARCH m USING AUTOMATIC COVERING INDEX (a=?)"), Some("m".into()));
        assert_eq!(scan("SEARCH t USING INDEX voided (voided=?)"), Some("t".into()));
        assert_eq!(scan("SEARCH t USING INDEX mrn (mrn=?)"), None);
        assert_eq!(scan("SEARCH t USING INDEX both (voided=? AND mrn=?)"), None);
        assert_eq!(scan("SEARCH t USING INTEGER PRIMARY KEY (rowid=?)"), None);
        assert_eq!(scan("USE TEMP B-TREE FOR ORDER BY"), None);
    }

    #[test]
    fn scan_should_be_seen_when_postgres_plans_one() {
        let plan = r#"[{"Plan":{"Node Type":"Nested Loop","Plans":[{"Node Type":"Seq Scan","Alias":"a","Relation Name":"x"},
            {"Node Type":"Index Scan","Alias":"b","Index Cond":"(x = 1)"},{"Node Type":"Index Scan","Alias":"c"},
            {"Node Type":"Bitmap Heap Scan","Alias":"t","Plans":[{"Node Type":"Bitmap Index Scan","Index Cond":"(voided = 0)"}]},
            {"Node Type":"Index Scan","Alias":"t","Index Cond":"((mrn)::text = 'A1'::text)"}]}}]"#;
        let rows = [row(&[Some(plan)])];
        assert_eq!(scans(Dialect::Postgres, &rows, &by("t", "mrn"), &Vec::new()), ["a", "c", "t"]);
    }

    #[test]
    fn scan_should_be_seen_when_mysql_plans_one() {
        let leading = vec![
            ("t".to_owned(), "by_mrn".to_owned(), "mrn".to_owned()),
            ("t".to_owned(), "by_voided".to_owned(), "voided".to_owned()),
        ];
        let scan = |cells: &[Option<&str>]| mysql_scan(&row(cells), &by("t", "mrn"), &leading);
        let simple = (Some("1"), Some("SIMPLE"), Some("t"));
        let (id, select, table) = simple;
        assert_eq!(scan(&[id, select, table, Some("ALL"), None, None]), Some("t".into()));
        assert_eq!(scan(&[id, select, table, None, Some("ALL"), None, None]), Some("t".into()));
        assert_eq!(scan(&[id, select, table, Some("ALL"), Some("by_mrn"), None]), None);
        assert_eq!(scan(&[id, select, table, Some("ALL"), Some("by_voided"), None]), Some("t".into()));
        assert_eq!(scan(&[id, select, table, Some("ref"), Some("by_mrn,by_voided"), Some("by_mrn")]), None);
        let other = scan(&[id, select, table, Some("ref"), Some("by_mrn,by_voided"), Some("by_voided")]);
        assert_eq!(other, Some("t".into()));
    }
}
