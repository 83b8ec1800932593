//! Questions about a live database: what it has, what its columns hold, and how it would run a query.

use super::{writer::Writer, Bind, Dialect, Statement};
use crate::mapping::model::{Column, Source, Table};

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

/// Something if two rows of a source have the same in these columns, compared as fetched keys are.
pub(crate) fn twice(dialect: Dialect, source: &Source, columns: &[&Column]) -> Statement {
    let mut writer = found(dialect, source);
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

/// Something if a row of a source has NULL in a column.
pub(crate) fn null(dialect: Dialect, source: &Source, column: &Column) -> Statement {
    let mut writer = found(dialect, source);
    writer.sql.push_str(" AND ");
    writer.name(column);
    writer.sql.push_str(" IS NULL");
    writer.limit(0);
    writer.finish()
}

/// The rows of a source, of all patients, with nothing of what is in them.
fn found(dialect: Dialect, source: &Source) -> Writer {
    let mut writer = Writer::new(dialect);
    writer.sql.push_str("SELECT '1'");
    writer.binary.push(false);
    writer.from(source);
    writer.sql.push_str(" WHERE 1 = 1");
    writer.filters(&source.filters);
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
