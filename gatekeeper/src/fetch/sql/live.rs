//! Questions about a live database: what it has, what its columns hold, and how it would run a query.

use super::{writer::Writer, Bind, Dialect, Statement};
use crate::mapping::model::{Column, ResourceMap, Source, Table};

/// Nothing of a table, to see whether it has these columns.
pub(crate) fn probe(dialect: Dialect, table: &Table, column: Option<&str>) -> Statement {
    let mut writer = Writer::new(dialect);
    writer.sql.push_str("SELECT ");
    match column {
        Some(column) => writer.name(&Column::text("t", column)),
        None => writer.sql.push('1'),
    }
    writer.sql.push_str(" FROM ");
    writer.table(table, "t");
    writer.sql.push_str(" WHERE 1 = 0");
    writer.finish()
}

/// How often each combination of values stands in some columns of a source, of all patients together.
pub(crate) fn count(dialect: Dialect, source: &Source, columns: &[&Column], limit: u32) -> Statement {
    let mut writer = Writer::new(dialect);
    writer.columns(columns.iter().copied());
    writer.sql.push_str(match dialect {
        Dialect::Sqlite => ", COUNT(*)",
        Dialect::Postgres => ", CAST(COUNT(*) AS text)",
        Dialect::MySql => ", CAST(COUNT(*) AS CHAR)",
    });
    writer.binary.push(false);
    writer.from(source);
    writer.sql.push_str(" WHERE 1 = 1");
    writer.filters(&source.filters);
    for place in 1..=columns.len() {
        writer.sql.push_str(if place == 1 { " GROUP BY " } else { ", " });
        writer.sql.push_str(&place.to_string());
    }
    writer.limit(limit);
    writer.finish()
}

/// Something if two rows that a mapping gives have the same in these columns, compared as fetched keys are.
pub(crate) fn twice(dialect: Dialect, resource: &ResourceMap, columns: &[&Column]) -> Statement {
    let mut writer = given(dialect, resource);
    for (place, column) in columns.iter().enumerate() {
        writer.sql.push_str(if place == 0 { " GROUP BY RTRIM(" } else { ", RTRIM(" });
        writer.as_text(column);
        writer.sql.push(')');
        writer.letter_by_letter();
    }
    writer.sql.push_str(" HAVING COUNT(*) > 1");
    writer.limit(0);
    writer.finish()
}

/// Something if a row that a mapping gives has NULL in a column.
pub(crate) fn null(dialect: Dialect, resource: &ResourceMap, column: &Column) -> Statement {
    let mut writer = given(dialect, resource);
    writer.sql.push_str(" AND ");
    writer.name(column);
    writer.sql.push_str(" IS NULL");
    writer.limit(0);
    writer.finish()
}

/// The rows that a mapping gives, of all patients, with nothing of what is in them. Those that are nobody's, or of which a joined row is
/// another patient's, are never fetched or are dropped.
fn given(dialect: Dialect, resource: &ResourceMap) -> Writer {
    let source = &resource.source;
    let mut writer = Writer::new(dialect);
    writer.sql.push_str("SELECT '1'");
    writer.binary.push(false);
    writer.from(source);
    let Some(patient) = source.columns.get(resource.patient) else {
        writer.sql.push_str(" WHERE 1 = 0");
        return writer;
    };
    writer.sql.push_str(" WHERE ");
    writer.name(patient);
    writer.sql.push_str(" IS NOT NULL");
    writer.filters(&source.filters);
    for check in &source.checks {
        let Some(theirs) = source.columns.get(check.patient) else { continue };
        writer.sql.push_str(" AND (");
        if let Some(partner) = check.partner.and_then(|place| source.columns.get(place)) {
            writer.name(partner);
            writer.sql.push_str(" IS NULL OR ");
        }
        writer.as_text(theirs);
        writer.sql.push_str(" = ");
        writer.as_text(patient);
        writer.sql.push(')');
    }
    writer
}

/// The type of a column in MySQL or MariaDB; `tinyint(1)` is what they make of BOOLEAN.
pub(crate) fn mysql_type(table: &Table, column: &str) -> Statement {
    let mut writer = Writer::new(Dialect::MySql);
    writer.sql.push_str(
        "SELECT CAST(CASE WHEN COLUMN_TYPE LIKE 'tinyint(1)%' THEN 'boolean' ELSE DATA_TYPE END AS CHAR) \
         FROM information_schema.COLUMNS WHERE COLUMN_NAME = ",
    );
    writer.parameter(Bind::Text(column.to_owned()));
    writer.in_table("COLUMNS", table);
    writer.binary = vec![false];
    writer.finish()
}

/// The plan of a query.
pub(crate) fn explain(dialect: Dialect, statement: Statement) -> Statement {
    let prefix = match dialect {
        Dialect::Sqlite => "EXPLAIN QUERY PLAN ",
        Dialect::Postgres => "EXPLAIN (FORMAT JSON) ",
        Dialect::MySql => "EXPLAIN ",
    };
    Statement { sql: format!("{prefix}{}", statement.sql), binary: Vec::new(), ..statement }
}
