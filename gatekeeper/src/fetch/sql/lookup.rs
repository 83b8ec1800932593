//! Questions about how the rows of a single table are found: which indices it has, and a query that looks rows up in it alone.

use super::{writer::Writer, Bind, Dialect, RecordNumber, Statement};
use crate::mapping::model::{Column, Filter, Table};

/// How the rows of one table of a query are found.
#[derive(Debug)]
pub(crate) struct Lookup<'a> {
    /// The table.
    pub(crate) table: &'a Table,
    /// Its alias in the query.
    pub(crate) alias: &'a str,
    /// By what they are found.
    pub(crate) by: By<'a>,
    /// Constant conditions on its own columns.
    pub(crate) filters: Vec<&'a Filter>,
}

/// By what rows are found.
#[derive(Debug)]
pub(crate) enum By<'a> {
    /// The record number, in this column.
    Number(&'a Column),
    /// Rows of tables that were found before.
    Rows {
        /// Those tables, with their aliases.
        found: Vec<(&'a Table, &'a str)>,
        /// What must be equal, as the query has it.
        on: Vec<(Column, Column)>,
    },
}

impl Lookup<'_> {
    /// The columns by which rows are found.
    pub(crate) fn keys(&self) -> Vec<&Column> {
        match &self.by {
            By::Number(column) => vec![column],
            By::Rows { on, .. } => {
                let own = |column: &&Column| column.alias == self.alias;
                on.iter().filter_map(|(left, right)| [left, right].into_iter().find(own)).collect()
            }
        }
    }
}

/// How a lookup is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked<'a> {
    /// The only indices that may be used; none: any. PostgreSQL cannot be told.
    pub(crate) indices: &'a [&'a str],
    /// Whether with the constant conditions.
    pub(crate) filtered: bool,
}

/// Looks rows up in one table. Rows that were found before stand left of an outer join, so that there is no other order.
pub(crate) fn lookup(
    dialect: Dialect,
    lookup: &Lookup<'_>,
    number: &RecordNumber,
    asked: Asked<'_>,
) -> Statement {
    let mut writer = Writer::new(dialect);
    writer.columns(lookup.keys().into_iter().take(1));
    writer.sql.push_str(" FROM ");
    if let By::Rows { found, .. } = &lookup.by {
        for (place, (table, alias)) in found.iter().enumerate() {
            writer.sql.push_str(if place == 0 { "" } else { " CROSS JOIN " });
            writer.table(table, alias);
        }
        writer.sql.push_str(" LEFT JOIN ");
    }
    writer.table(lookup.table, lookup.alias);
    writer.only(asked.indices);
    match &lookup.by {
        By::Number(column) => {
            writer.sql.push_str(" WHERE ");
            writer.name(column);
            writer.sql.push_str(" = ");
            writer.number(number);
        }
        By::Rows { on, .. } => {
            for (place, (left, right)) in on.iter().enumerate() {
                writer.sql.push_str(if place == 0 { " ON " } else { " AND " });
                writer.name(left);
                writer.sql.push_str(" = ");
                writer.name(right);
            }
        }
    }
    if asked.filtered {
        writer.filters(lookup.filters.iter().copied());
    }
    writer.finish()
}

impl Writer {
    /// Which indices may be used.
    fn only(&mut self, indices: &[&str]) {
        let before = match self.dialect {
            Dialect::Sqlite => " INDEXED BY ",
            Dialect::MySql => " FORCE INDEX (",
            Dialect::Postgres => return,
        };
        for (place, index) in indices.iter().enumerate() {
            self.sql.push_str(if place == 0 { before } else { ", " });
            self.quoted(index);
        }
        if self.dialect == Dialect::MySql && !indices.is_empty() {
            self.sql.push(')');
        }
    }
}

/// What the catalogue knows of a table. A row for each column of an index in its order: `table` if it is one and no view or the like, name
/// of the index, whether it is over some rows only, its kind, the column or NULL for an expression, whether it is unique. At least one row if
/// there is such a table; with NULLs if it has no index.
pub(crate) fn indices(dialect: Dialect, table: &Table) -> Statement {
    let mut writer = Writer::new(dialect);
    match dialect {
        Dialect::Postgres => {
            writer.sql.push_str(
                "SELECT CASE WHEN t.relkind IN ('r', 'm') THEN 'table' ELSE 'other' END, CAST(i.relname AS text), \
                 CAST(x.indpred IS NOT NULL AS text), CAST(m.amname AS text), CAST(a.attname AS text), \
                 CAST(x.indisunique AS text) \
                 FROM pg_class AS t LEFT JOIN pg_index AS x ON x.indrelid = t.oid AND x.indisvalid AND x.indisready \
                 LEFT JOIN pg_class AS i ON i.oid = x.indexrelid LEFT JOIN pg_am AS m ON m.oid = i.relam \
                 LEFT JOIN LATERAL generate_series(1, x.indnkeyatts) AS k(place) ON true \
                 LEFT JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = x.indkey[k.place - 1] \
                 WHERE t.oid = to_regclass(",
            );
            let mut named = Writer::new(dialect);
            if let Some(schema) = &table.schema {
                named.quoted(schema);
                named.sql.push('.');
            }
            named.quoted(&table.name);
            writer.parameter(Bind::Text(named.sql));
            writer.sql.push_str(") ORDER BY i.relname, k.place");
        }
        Dialect::MySql => {
            writer.sql.push_str(
                "SELECT CASE WHEN t.TABLE_TYPE LIKE '%VIEW' THEN 'other' ELSE 'table' END, CAST(s.INDEX_NAME AS CHAR), 'false', \
                 CAST(s.INDEX_TYPE AS CHAR), CAST(s.COLUMN_NAME AS CHAR), CASE s.NON_UNIQUE WHEN 0 THEN 'true' ELSE 'false' END \
                 FROM information_schema.TABLES AS t \
                 LEFT JOIN information_schema.STATISTICS AS s ON s.TABLE_SCHEMA = t.TABLE_SCHEMA AND s.TABLE_NAME = t.TABLE_NAME \
                 WHERE 1 = 1",
            );
            writer.in_table("t", table);
            writer.sql.push_str(" ORDER BY s.INDEX_NAME, s.SEQ_IN_INDEX");
        }
        Dialect::Sqlite => {
            let schema = table.schema.as_deref().unwrap_or("main");
            // An INTEGER PRIMARY KEY is the table's own order, and no index.
            writer.sql.push_str(
                "SELECT CASE t.type WHEN 'table' THEN 'table' ELSE 'other' END, l.name, \
                 CASE l.partial WHEN 1 THEN 'true' ELSE 'false' END, 'btree', x.name, \
                 CASE l.\"unique\" WHEN 1 THEN 'true' ELSE 'false' END, x.seqno FROM ",
            );
            writer.quoted(schema);
            writer.sql.push_str(".sqlite_master AS t LEFT JOIN pragma_index_list(t.name, ");
            writer.parameter(Bind::Text(schema.to_owned()));
            writer.sql.push_str(") AS l LEFT JOIN pragma_index_xinfo(l.name, ");
            writer.parameter(Bind::Text(schema.to_owned()));
            writer.sql.push_str(") AS x ON x.key = 1 WHERE t.type IN ('table', 'view') AND t.name = ");
            writer.parameter(Bind::Text(table.name.clone()));
            writer.sql.push_str(" COLLATE NOCASE UNION ALL SELECT 'table', NULL, 'false', 'rowid', c.name, 'true', 0 FROM pragma_table_info(");
            writer.parameter(Bind::Text(table.name.clone()));
            writer.sql.push_str(", ");
            writer.parameter(Bind::Text(schema.to_owned()));
            writer.sql.push_str(") AS c WHERE c.pk = 1 AND UPPER(c.type) = 'INTEGER' AND 1 = (SELECT COUNT(*) FROM pragma_table_info(");
            writer.parameter(Bind::Text(table.name.clone()));
            writer.sql.push_str(", ");
            writer.parameter(Bind::Text(schema.to_owned()));
            writer.sql.push_str(") AS k WHERE k.pk > 0) ORDER BY 2, 7");
        }
    }
    writer.finish()
}

/// PostgreSQL: the first columns of all indices of the table that an index of this name is of; NULL for expressions.
pub(crate) fn first_columns(index: &str) -> Statement {
    let mut writer = Writer::new(Dialect::Postgres);
    writer.sql.push_str(
        "SELECT CAST(a.attname AS text) FROM pg_class AS i JOIN pg_index AS x ON x.indexrelid = i.oid \
         JOIN pg_index AS o ON o.indrelid = x.indrelid AND o.indisvalid AND o.indisready \
         LEFT JOIN pg_attribute AS a ON a.attrelid = o.indrelid AND a.attnum = o.indkey[0] WHERE i.relname = ",
    );
    writer.parameter(Bind::Text(index.to_owned()));
    writer.finish()
}
