//! How names, sources and conditions are written in each dialect.

use super::{Bind, Dialect, RecordNumber, Statement};
use crate::mapping::model::{Column, Filter, Join, Literal, NumberType, ResourceMap, Source, Table, Test};

/// A statement that is being written.
pub(super) struct Writer {
    pub(super) dialect: Dialect,
    pub(super) sql: String,
    pub(super) binds: Vec<Bind>,
    pub(super) binary: Vec<bool>,
}

impl Writer {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, sql: String::new(), binds: Vec::new(), binary: Vec::new() }
    }

    pub(super) fn finish(self) -> Statement {
        Statement { sql: self.sql, binds: self.binds, binary: self.binary }
    }

    /// A quoted name. Names are letters, digits and underscore already; quotes are doubled all the same.
    pub(super) fn quoted(&mut self, name: &str) {
        let quote = if self.dialect == Dialect::MySql { '`' } else { '"' };
        self.sql.push(quote);
        for letter in name.chars() {
            if letter == quote {
                self.sql.push(quote);
            }
            self.sql.push(letter);
        }
        self.sql.push(quote);
    }

    pub(super) fn name(&mut self, column: &Column) {
        self.quoted(&column.alias);
        self.sql.push('.');
        self.quoted(&column.name);
    }

    pub(super) fn table(&mut self, table: &Table, alias: &str) {
        if let Some(schema) = &table.schema {
            self.quoted(schema);
            self.sql.push('.');
        }
        self.quoted(&table.name);
        self.sql.push_str(" AS ");
        self.quoted(alias);
    }

    /// Which rows of a table of MySQL's catalogue, `of`, are about a table.
    pub(super) fn in_table(&mut self, of: &str, table: &Table) {
        self.sql.push_str(&format!(" AND {of}.TABLE_NAME = "));
        self.parameter(Bind::Text(table.name.clone()));
        self.sql.push_str(&format!(" AND {of}.TABLE_SCHEMA = "));
        match &table.schema {
            Some(schema) => self.parameter(Bind::Text(schema.clone())),
            None => self.sql.push_str("DATABASE()"),
        }
    }

    pub(super) fn columns<'a>(&mut self, columns: impl Iterator<Item = &'a Column>) {
        self.sql.push_str("SELECT ");
        for (place, column) in columns.enumerate() {
            if place > 0 {
                self.sql.push_str(", ");
            }
            self.selected(column);
        }
    }

    /// A column as text, or as hexadecimal bytes. SQLite's values say themselves what they are.
    pub(super) fn selected(&mut self, column: &Column) {
        self.binary.push(column.binary);
        let (before, between, after) = match (self.dialect, column.binary) {
            (Dialect::Sqlite, _) => return self.name(column),
            (Dialect::Postgres, false) => ("CAST(", None, " AS text)"),
            (Dialect::Postgres, true) => (
                "CASE WHEN pg_typeof(",
                Some([
                    ") = 'bytea'::regtype THEN substr(CAST(",
                    " AS text), 3) ELSE encode(convert_to(CAST(",
                ]),
                " AS text), 'UTF8'), 'hex') END",
            ),
            (Dialect::MySql, false) => ("CAST(", None, " AS CHAR)"),
            (Dialect::MySql, true) => (
                "CASE WHEN CHARSET(",
                Some([") = 'binary' THEN HEX(", ") ELSE HEX(CONVERT("]),
                " USING utf8mb4)) END",
            ),
        };
        self.sql.push_str(before);
        self.name(column);
        for part in between.iter().flatten() {
            self.sql.push_str(part);
            self.name(column);
        }
        self.sql.push_str(after);
    }

    pub(super) fn from(&mut self, source: &Source) {
        self.sql.push_str(" FROM ");
        self.table(&source.table, &source.alias);
        source.joins.iter().for_each(|join| self.one_to_one(join));
    }

    pub(super) fn one_to_one(&mut self, join: &Join) {
        self.join(&join.table, &join.alias, &join.on, join.required);
        // As part of the join, so that a row without such a partner stays.
        self.filters(&join.filters);
    }

    pub(super) fn join(&mut self, table: &Table, alias: &str, on: &[(String, Column)], required: bool) {
        self.sql.push_str(if required { " JOIN " } else { " LEFT JOIN " });
        self.table(table, alias);
        for (place, (own, known)) in on.iter().enumerate() {
            self.sql.push_str(if place == 0 { " ON " } else { " AND " });
            self.name(&Column::text(alias, own));
            self.sql.push_str(" = ");
            self.name(known);
        }
    }

    /// The predicate that every query carries.
    pub(super) fn patient(&mut self, resource: &ResourceMap, number: &RecordNumber) {
        self.sql.push_str(" WHERE ");
        match resource.source.columns.get(resource.patient) {
            Some(column) => self.name(column),
            // A mapping always has the column; without it no row is any patient's.
            None => return self.sql.push_str("1 = 0"),
        }
        self.sql.push_str(" = ");
        self.number(number);
    }

    /// A record number in the type of its column.
    pub(super) fn number(&mut self, number: &RecordNumber) {
        let cast = match (self.dialect, number.kind) {
            (Dialect::Postgres, NumberType::Char) => Some("bpchar"),
            (Dialect::Postgres, NumberType::Uuid) => Some("uuid"),
            _ => None,
        };
        match cast {
            Some(cast) => {
                self.sql.push_str("CAST(");
                self.parameter(number.bind());
                self.sql.push_str(" AS ");
                self.sql.push_str(cast);
                self.sql.push(')');
            }
            None => self.parameter(number.bind()),
        }
    }

    pub(super) fn as_text(&mut self, column: &Column) {
        self.sql.push_str("CAST(");
        self.name(column);
        self.sql.push_str(match self.dialect {
            Dialect::Sqlite => " AS TEXT)",
            Dialect::Postgres => " AS text)",
            Dialect::MySql => " AS CHAR)",
        });
    }

    /// Text is compared by its bytes from here on, whatever the column's collation says.
    pub(super) fn letter_by_letter(&mut self) {
        self.sql.push_str(match self.dialect {
            Dialect::Sqlite => " COLLATE BINARY",
            Dialect::Postgres => " COLLATE \"C\"",
            Dialect::MySql => " COLLATE utf8mb4_bin",
        });
    }

    pub(super) fn parameter(&mut self, bind: Bind) {
        self.binds.push(bind);
        match self.dialect {
            Dialect::Postgres => {
                self.sql.push('$');
                self.sql.push_str(&self.binds.len().to_string());
            }
            Dialect::Sqlite | Dialect::MySql => self.sql.push('?'),
        }
    }

    pub(super) fn filters<'a>(&mut self, filters: impl IntoIterator<Item = &'a Filter>) {
        for filter in filters {
            self.sql.push_str(" AND ");
            match &filter.test {
                Test::Null => {
                    self.name(&filter.column);
                    self.sql.push_str(" IS NULL");
                }
                Test::NotNull => {
                    self.name(&filter.column);
                    self.sql.push_str(" IS NOT NULL");
                }
                Test::OneOf(literals) => self.any(&filter.column, literals),
                Test::NoneOf(literals) => {
                    self.name(&filter.column);
                    self.sql.push_str(" IS NOT NULL AND NOT ");
                    self.any(&filter.column, literals);
                }
            }
        }
    }

    pub(super) fn any(&mut self, column: &Column, literals: &[Literal]) {
        self.sql.push('(');
        for (place, literal) in literals.iter().enumerate() {
            if place > 0 {
                self.sql.push_str(" OR ");
            }
            self.equals(column, literal);
        }
        self.sql.push(')');
    }

    /// Text is compared letter by letter, whatever the column's collation says.
    pub(super) fn equals(&mut self, column: &Column, literal: &Literal) {
        let bind = match literal {
            Literal::Text(text) => Bind::Text(text.trim_end().to_owned()),
            Literal::Integer(number) => Bind::Integer(*number),
            Literal::Boolean(value) => Bind::Boolean(*value),
        };
        let (before, after) = match (self.dialect, literal) {
            (Dialect::Sqlite, Literal::Text(_)) => ("", " COLLATE BINARY"),
            (Dialect::Postgres, Literal::Text(_)) => ("CAST(", " AS text)"),
            (Dialect::MySql, Literal::Text(_)) => ("CAST(", " AS CHAR) COLLATE utf8mb4_bin"),
            _ => ("", ""),
        };
        self.sql.push_str(before);
        self.name(column);
        self.sql.push_str(after);
        self.sql.push_str(" = ");
        self.parameter(bind);
    }

    pub(super) fn order(&mut self, columns: &[Column]) {
        for (place, column) in columns.iter().enumerate() {
            self.sql.push_str(if place == 0 { " ORDER BY " } else { ", " });
            self.name(column);
        }
    }

    /// One more than wanted, to see whether there are more.
    pub(super) fn limit(&mut self, limit: u32) {
        self.sql.push_str(" LIMIT ");
        self.sql.push_str(&(u64::from(limit) + 1).to_string());
    }
}
