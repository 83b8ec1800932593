//! The only place where SQL is written. It is made of the mapping's names, quoted, and of bound parameters.

use std::{borrow::Cow, collections::BTreeMap};

use super::{Cell, Row};
use crate::mapping::model::{
    Check, Column, Filter, Join, Literal, Many, NumberType, ResourceMap, Source, Table, Test,
};

/// How a database wants to be talked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
    MySql,
}

/// A bound parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bind {
    Text(String),
    Integer(i64),
    Boolean(bool),
}

/// A query with its parameters in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) binds: Vec<Bind>,
    /// Which of the selected columns come as hexadecimal bytes.
    pub(crate) binary: Vec<bool>,
}

/// A bound record number, checked against the type of its column.
#[derive(Clone, Debug)]
pub(crate) struct RecordNumber {
    kind: NumberType,
    text: String,
    integer: i64,
}

impl RecordNumber {
    /// `None` if no row could have it.
    pub(crate) fn new(kind: NumberType, text: &str) -> Option<Self> {
        let sound = !text.trim().is_empty() && !text.contains('\0');
        let integer: i64 = match kind {
            NumberType::Integer => text.parse().ok().filter(|number: &i64| number.to_string() == text)?,
            _ => 0,
        };
        let fits = match kind {
            NumberType::Uuid => {
                let bytes = text.as_bytes();
                bytes.len() == 36
                    && bytes.iter().enumerate().all(|(place, byte)| match place {
                        8 | 13 | 18 | 23 => *byte == b'-',
                        _ => byte.is_ascii_hexdigit(),
                    })
            }
            _ => true,
        };
        (sound && fits).then(|| Self { kind, text: text.to_owned(), integer })
    }

    /// Whether a fetched value is this number. `None` is NULL.
    pub(crate) fn equals(&self, value: Option<&str>) -> bool {
        let Some(value) = value else { return false };
        match self.kind {
            NumberType::Text => value == self.text,
            NumberType::Char => value.trim_end_matches(' ') == self.text.trim_end_matches(' '),
            NumberType::Integer => value.parse() == Ok(self.integer),
            NumberType::Uuid => value.eq_ignore_ascii_case(&self.text),
        }
    }

    /// The one form of all spellings that stand for the same rows.
    pub(crate) fn form(&self) -> String {
        match self.kind {
            NumberType::Text => self.text.clone(),
            NumberType::Char => self.text.trim_end_matches(' ').to_owned(),
            NumberType::Integer => self.integer.to_string(),
            NumberType::Uuid => self.text.to_ascii_lowercase(),
        }
    }

    /// The form of a fetched value, as [`Self::form`] gives it if it is a record number at all.
    pub(crate) fn form_of(kind: NumberType, text: &str) -> Cow<'_, str> {
        match kind {
            NumberType::Text | NumberType::Integer => text.into(),
            NumberType::Char => text.trim_end_matches(' ').into(),
            NumberType::Uuid if text.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                text.to_ascii_lowercase().into()
            }
            NumberType::Uuid => text.into(),
        }
    }

    fn bind(&self) -> Bind {
        match self.kind {
            NumberType::Integer => Bind::Integer(self.integer),
            _ => Bind::Text(self.text.clone()),
        }
    }
}

/// Whether a joined row, if there is one, is the patient's.
pub(crate) fn passes(check: &Check, row: &Row, number: &RecordNumber) -> bool {
    let no_partner = check.partner.is_some_and(|partner| row.get(partner).is_none_or(Cell::is_null));
    no_partner || row.get(check.patient).is_some_and(|cell| number.equals(cell.text()))
}

/// The rows of one patient.
pub(crate) fn select(
    dialect: Dialect,
    resource: &ResourceMap,
    number: &RecordNumber,
    limit: u32,
) -> Statement {
    let mut writer = Writer::new(dialect);
    writer.columns(resource.source.columns.iter());
    writer.from(&resource.source);
    writer.patient(resource, number);
    writer.filters(&resource.source.filters);
    writer.limit(limit);
    writer.finish()
}

/// The rows of another table that belong to the rows of one patient. The patient's column and the key come first.
pub(crate) fn select_many(
    dialect: Dialect,
    resource: &ResourceMap,
    many: &Many,
    number: &RecordNumber,
    limit: u32,
) -> Statement {
    let mut writer = Writer::new(dialect);
    let base = std::iter::once(&resource.patient)
        .chain(&resource.key)
        .filter_map(|place| resource.source.columns.get(*place));
    writer.columns(base.chain(&many.source.columns));
    writer.from(&resource.source);
    writer.join(&many.source.table, &many.source.alias, &many.on, true);
    many.source.joins.iter().for_each(|join| writer.one_to_one(join));
    writer.patient(resource, number);
    writer.filters(&resource.source.filters);
    writer.filters(&many.source.filters);
    writer.order(&many.order);
    writer.limit(limit);
    writer.finish()
}

/// What a code may be, in SQL: a first sieve, after which every row is looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodeTest {
    /// The code, or how it begins.
    pub(crate) code: String,
    /// Whether it is only the beginning.
    pub(crate) begins: bool,
}

/// Days that a date may be of, in SQL: a first sieve, as [`CodeTest`]. They are of ISO 8601 and four digits for the year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DayTest {
    /// The first day; `None` lets all days before the last pass.
    pub(crate) from: Option<String>,
    /// The day after the last one.
    pub(crate) before: String,
}

/// What the database sorts out by itself. Of columns one must pass; where there are none, all rows pass.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sieve<'a> {
    /// Columns of codes, with the tests of which one must be passed.
    pub(crate) codes: Vec<(&'a Column, Vec<CodeTest>)>,
    /// Columns of dates as ISO 8601 writes them.
    pub(crate) days: Vec<&'a Column>,
}

/// Some columns of the rows of several patients; with `many`, of those of another table that belong to them, too. All rows that the sieve
/// lets through: a limit would let one patient's rows push out another's.
pub(crate) fn select_cohort(
    dialect: Dialect,
    resource: &ResourceMap,
    many: Option<&Many>,
    columns: &[&Column],
    numbers: &[RecordNumber],
    sieve: &Sieve<'_>,
    days: Option<&DayTest>,
) -> Statement {
    let mut writer = Writer::new(dialect);
    writer.columns(columns.iter().copied());
    writer.from(&resource.source);
    if let Some(many) = many {
        writer.join(&many.source.table, &many.source.alias, &many.on, true);
        many.source.joins.iter().for_each(|join| writer.one_to_one(join));
    }
    writer.patients(resource, numbers);
    writer.filters(&resource.source.filters);
    if let Some(many) = many {
        writer.filters(&many.source.filters);
    }
    // Days first: they are the cheaper test.
    if let Some(days) = days {
        writer.days(&sieve.days, days);
    }
    writer.codes(&sieve.codes);
    writer.finish()
}

/// Of each row of one patient its key, whose it is, and what says when it was last changed, in this order.
pub(crate) fn select_changes(
    dialect: Dialect,
    resource: &ResourceMap,
    changed: usize,
    number: &RecordNumber,
    limit: u32,
) -> Statement {
    let mut writer = Writer::new(dialect);
    let places = resource.key.iter().chain([&resource.patient, &changed]);
    writer.columns(places.filter_map(|place| resource.source.columns.get(*place)));
    writer.from(&resource.source);
    writer.patient(resource, number);
    writer.filters(&resource.source.filters);
    writer.limit(limit);
    writer.finish()
}

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

/// The record number of some row, to ask for plans with one that exists.
pub(crate) fn sample(dialect: Dialect, resource: &ResourceMap) -> Statement {
    let mut writer = Writer::new(dialect);
    let patient = resource.source.columns.get(resource.patient);
    writer.columns(patient.into_iter());
    writer.from(&resource.source);
    writer.sql.push_str(" WHERE ");
    match patient {
        Some(column) => writer.name(column),
        None => writer.sql.push_str("NULL"),
    }
    writer.sql.push_str(" IS NOT NULL LIMIT 1");
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

/// The type of a column in MySQL or MariaDB; `tinyint(1)` is what they make of BOOLEAN.
pub(crate) fn mysql_type(table: &Table, column: &str) -> Statement {
    let mut writer = Writer::new(Dialect::MySql);
    writer.sql.push_str(
        "SELECT CAST(CASE WHEN COLUMN_TYPE LIKE 'tinyint(1)%' THEN 'boolean' ELSE DATA_TYPE END AS CHAR) \
         FROM information_schema.COLUMNS WHERE COLUMN_NAME = ",
    );
    writer.parameter(Bind::Text(column.to_owned()));
    writer.in_table(table);
    writer.binary = vec![false];
    writer.finish()
}

/// Names of the indices of a table in MySQL or MariaDB, each with its first column.
pub(crate) fn mysql_indices(table: &Table) -> Statement {
    let mut writer = Writer::new(Dialect::MySql);
    writer.sql.push_str(
        "SELECT CAST(INDEX_NAME AS CHAR), CAST(COLUMN_NAME AS CHAR) FROM information_schema.STATISTICS \
         WHERE SEQ_IN_INDEX = 1",
    );
    writer.in_table(table);
    writer.binary = vec![false, false];
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

struct Writer {
    dialect: Dialect,
    sql: String,
    binds: Vec<Bind>,
    binary: Vec<bool>,
}

impl Writer {
    fn new(dialect: Dialect) -> Self {
        Self { dialect, sql: String::new(), binds: Vec::new(), binary: Vec::new() }
    }

    fn finish(self) -> Statement {
        Statement { sql: self.sql, binds: self.binds, binary: self.binary }
    }

    /// A quoted name. Names are letters, digits and underscore already; quotes are doubled all the same.
    fn quoted(&mut self, name: &str) {
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

    fn name(&mut self, column: &Column) {
        self.quoted(&column.alias);
        self.sql.push('.');
        self.quoted(&column.name);
    }

    fn table(&mut self, table: &Table, alias: &str) {
        if let Some(schema) = &table.schema {
            self.quoted(schema);
            self.sql.push('.');
        }
        self.quoted(&table.name);
        self.sql.push_str(" AS ");
        self.quoted(alias);
    }

    /// Which rows of MySQL's catalogue are about a table.
    fn in_table(&mut self, table: &Table) {
        self.sql.push_str(" AND TABLE_NAME = ");
        self.parameter(Bind::Text(table.name.clone()));
        self.sql.push_str(" AND TABLE_SCHEMA = ");
        match &table.schema {
            Some(schema) => self.parameter(Bind::Text(schema.clone())),
            None => self.sql.push_str("DATABASE()"),
        }
    }

    fn columns<'a>(&mut self, columns: impl Iterator<Item = &'a Column>) {
        self.sql.push_str("SELECT ");
        for (place, column) in columns.enumerate() {
            if place > 0 {
                self.sql.push_str(", ");
            }
            self.selected(column);
        }
    }

    /// A column as text, or as hexadecimal bytes. SQLite's values say themselves what they are.
    fn selected(&mut self, column: &Column) {
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

    fn from(&mut self, source: &Source) {
        self.sql.push_str(" FROM ");
        self.table(&source.table, &source.alias);
        source.joins.iter().for_each(|join| self.one_to_one(join));
    }

    fn one_to_one(&mut self, join: &Join) {
        self.join(&join.table, &join.alias, &join.on, join.required);
        // As part of the join, so that a row without such a partner stays.
        self.filters(&join.filters);
    }

    fn join(&mut self, table: &Table, alias: &str, on: &[(String, Column)], required: bool) {
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
    fn patient(&mut self, resource: &ResourceMap, number: &RecordNumber) {
        self.sql.push_str(" WHERE ");
        match resource.source.columns.get(resource.patient) {
            Some(column) => self.name(column),
            // A mapping always has the column; without it no row is any patient's.
            None => return self.sql.push_str("1 = 0"),
        }
        self.sql.push_str(" = ");
        self.number(number);
    }

    /// As [`Writer::patient`], for several.
    fn patients(&mut self, resource: &ResourceMap, numbers: &[RecordNumber]) {
        self.sql.push_str(" WHERE ");
        match resource.source.columns.get(resource.patient) {
            Some(column) if !numbers.is_empty() => self.name(column),
            _ => return self.sql.push_str("1 = 0"),
        }
        self.sql.push_str(" IN (");
        for (place, number) in numbers.iter().enumerate() {
            if place > 0 {
                self.sql.push_str(", ");
            }
            self.number(number);
        }
        self.sql.push(')');
    }

    /// A record number in the type of its column.
    fn number(&mut self, number: &RecordNumber) {
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

    /// Codes as text without blanks around it, compared letter by letter. What is looked at is written once for all codes of one length,
    /// so that the database works it out once.
    fn codes(&mut self, codes: &[(&Column, Vec<CodeTest>)]) {
        let mut before = " AND (";
        for (column, tests) in codes {
            let mut alike: BTreeMap<Option<usize>, Vec<&str>> = BTreeMap::new();
            for test in tests {
                let begins = test.begins.then(|| test.code.chars().count());
                alike.entry(begins).or_default().push(&test.code);
            }
            for (begins, codes) in alike {
                self.sql.push_str(before);
                before = " OR ";
                self.sql.push_str(if begins.is_some() { "SUBSTR(TRIM(" } else { "TRIM(" });
                self.as_text(column);
                self.sql.push(')');
                if let Some(length) = begins {
                    self.sql.push_str(&format!(", 1, {length})"));
                }
                self.letter_by_letter();
                for (place, code) in codes.into_iter().enumerate() {
                    self.sql.push_str(if place == 0 { " IN (" } else { ", " });
                    self.parameter(Bind::Text(code.to_owned()));
                }
                self.sql.push(')');
            }
        }
        if before == " OR " {
            self.sql.push(')');
        }
    }

    /// Dates as text: all that begin with a digit and are of other days are sorted out. What begins otherwise, with a blank say, is left
    /// to whoever looks at the rows.
    fn days(&mut self, columns: &[&Column], days: &DayTest) {
        for (place, column) in columns.iter().enumerate() {
            self.sql.push_str(if place == 0 { " AND (" } else { " OR " });
            let from = days.from.as_deref().map(|from| [(" >= ", from), (" < ", "0")]);
            let tests = from.into_iter().chain([[(" < ", days.before.as_str()), (" >= ", ":")]]);
            for (number, either) in tests.enumerate() {
                self.sql.push_str(if number == 0 { "(" } else { " AND (" });
                for (number, (comparison, day)) in either.into_iter().enumerate() {
                    self.sql.push_str(if number == 0 { "" } else { " OR " });
                    self.as_text(column);
                    self.letter_by_letter();
                    self.sql.push_str(comparison);
                    self.parameter(Bind::Text(day.to_owned()));
                }
                self.sql.push(')');
            }
        }
        if !columns.is_empty() {
            self.sql.push(')');
        }
    }

    fn as_text(&mut self, column: &Column) {
        self.sql.push_str("CAST(");
        self.name(column);
        self.sql.push_str(match self.dialect {
            Dialect::Sqlite => " AS TEXT)",
            Dialect::Postgres => " AS text)",
            Dialect::MySql => " AS CHAR)",
        });
    }

    /// Text is compared by its bytes from here on, whatever the column's collation says.
    fn letter_by_letter(&mut self) {
        self.sql.push_str(match self.dialect {
            Dialect::Sqlite => " COLLATE BINARY",
            Dialect::Postgres => " COLLATE \"C\"",
            Dialect::MySql => " COLLATE utf8mb4_bin",
        });
    }

    fn parameter(&mut self, bind: Bind) {
        self.binds.push(bind);
        match self.dialect {
            Dialect::Postgres => {
                self.sql.push('$');
                self.sql.push_str(&self.binds.len().to_string());
            }
            Dialect::Sqlite | Dialect::MySql => self.sql.push('?'),
        }
    }

    fn filters(&mut self, filters: &[Filter]) {
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

    fn any(&mut self, column: &Column, literals: &[Literal]) {
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
    fn equals(&mut self, column: &Column, literal: &Literal) {
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

    fn order(&mut self, columns: &[Column]) {
        for (place, column) in columns.iter().enumerate() {
            self.sql.push_str(if place == 0 { " ORDER BY " } else { ", " });
            self.name(column);
        }
    }

    /// One more than wanted, to see whether there are more.
    fn limit(&mut self, limit: u32) {
        self.sql.push_str(" LIMIT ");
        self.sql.push_str(&(u64::from(limit) + 1).to_string());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::*;
    use crate::mapping::Mapping;

    const MAPPING: &str = r#"
        version = 1
        [[resource]]
        type = "Observation"
        table = "lab.result"
        key = "id"
        patient = "o.mrn"
        where = { kind = ["LAB", "POC"], voided = 0, state = { not = ["X"] }, gone = { null = true } }
        [[resource.join]]
        name = "o"
        table = "lab_order"
        on = { id = "order_id" }
        where = { list = "LAB", voided = 0 }
        required = true
        [resource.elements]
        status = "final"
        "code.text" = { column = "name" }
        [[resource.many]]
        element = "component"
        table = "part"
        on = { result = "id" }
        order = ["line"]
        [resource.many.elements]
        "code.text" = { column = "name" }
    "#;

    fn statements(dialect: Dialect) -> (Statement, Statement) {
        let mapping = Mapping::from_toml(MAPPING, Path::new("m.toml")).unwrap();
        let resource = &mapping.resources()[0];
        let number = RecordNumber::new(NumberType::Text, "A' OR 1=1 --").unwrap();
        (
            select(dialect, resource, &number, 10),
            select_many(dialect, resource, &resource.many[0], &number, 10),
        )
    }

    #[test]
    fn select_should_bind_the_record_number_and_quote_names_when_generated() {
        let (one, many) = statements(Dialect::Postgres);
        assert_eq!(
            one.sql,
            r#"SELECT CAST("t"."id" AS text), CAST("j_o"."mrn" AS text), CAST("t"."name" AS text) FROM "lab"."result" AS "t" JOIN "lab_order" AS "j_o" ON "j_o"."id" = "t"."order_id" AND (CAST("j_o"."list" AS text) = $1) AND ("j_o"."voided" = $2) WHERE "j_o"."mrn" = $3 AND (CAST("t"."kind" AS text) = $4 OR CAST("t"."kind" AS text) = $5) AND ("t"."voided" = $6) AND "t"."state" IS NOT NULL AND NOT (CAST("t"."state" AS text) = $7) AND "t"."gone" IS NULL LIMIT 11"#
        );
        assert_eq!(one.binds[2], Bind::Text("A' OR 1=1 --".into()));
        assert_eq!(one.binds.len(), 7);
        assert!(
            many.sql.contains(r#"JOIN "part" AS "m" ON "m"."result" = "t"."id" WHERE "j_o"."mrn" = $3"#),
            "{}",
            many.sql
        );
        assert!(many.sql.ends_with(r#" ORDER BY "m"."line" LIMIT 11"#));
    }

    #[test]
    fn select_should_never_contain_the_record_number_when_generated() {
        for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql] {
            let (one, many) = statements(dialect);
            assert!(!one.sql.contains("1=1") && !many.sql.contains("1=1"));
        }
        assert!(statements(Dialect::MySql).0.sql.contains("`j_o`.`mrn` = ?"));
    }

    #[test]
    fn select_cohort_should_bind_patients_and_sieve_codes_letter_by_letter_without_a_limit() {
        let mapping = Mapping::from_toml(MAPPING, Path::new("m.toml")).unwrap();
        let resource = &mapping.resources()[0];
        let numbers = ["A1", "B' OR 1=1 --"].map(|text| RecordNumber::new(NumberType::Text, text).unwrap());
        let column = &Column::text("t", "name");
        let test = |code: &str, begins| CodeTest { code: code.into(), begins };
        let tests = vec![test("E11", true), test("I10' --", false), test("C", true), test("E10", true)];
        let sieve = Sieve { codes: vec![(column, tests)], days: vec![column] };
        let of = |dialect| select_cohort(dialect, resource, None, &[column], &numbers, &sieve, None);
        let postgres = of(Dialect::Postgres);
        assert!(
            postgres.sql.contains(r#" WHERE "j_o"."mrn" IN ($3, $4) AND (CAST("t"."kind" AS text) = $5"#),
            "{}",
            postgres.sql
        );
        let end = r#" AND (TRIM(CAST("t"."name" AS text)) COLLATE "C" IN ($9) OR SUBSTR(TRIM(CAST("t"."name" AS text)), 1, 1) COLLATE "C" IN ($10) OR SUBSTR(TRIM(CAST("t"."name" AS text)), 1, 3) COLLATE "C" IN ($11, $12))"#;
        assert!(postgres.sql.ends_with(end), "{}", postgres.sql);
        assert!(of(Dialect::MySql).sql.contains("TRIM(CAST(`t`.`name` AS CHAR)) COLLATE utf8mb4_bin IN (?)"));
        for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql] {
            let statement = of(dialect);
            assert!(!statement.sql.contains("1=1") && !statement.sql.contains("I10"));
            assert_eq!(statement.binds.len(), 12);
        }
        // Nobody is nobody, and not everybody.
        let nobody = select_cohort(Dialect::Sqlite, resource, None, &[column], &[], &Sieve::default(), None);
        assert!(nobody.sql.contains("WHERE 1 = 0"));
    }

    #[test]
    fn select_cohort_should_sort_out_other_days_as_text_and_nothing_that_begins_otherwise() {
        let mapping = Mapping::from_toml(MAPPING, Path::new("m.toml")).unwrap();
        let resource = &mapping.resources()[0];
        let numbers = [RecordNumber::new(NumberType::Text, "A1").unwrap()];
        let column = &Column::text("t", "day");
        let sieve = Sieve { codes: Vec::new(), days: vec![column] };
        let of = |from: Option<&str>| {
            let days = DayTest { from: from.map(str::to_owned), before: "2026-04-03".into() };
            select_cohort(Dialect::Postgres, resource, None, &[column], &numbers, &sieve, Some(&days)).sql
        };
        let (day, upper) = (r#"CAST("t"."day" AS text) COLLATE "C""#, "2026-04-03");
        let end = format!(" AND (({day} >= $8 OR {day} < $9) AND ({day} < $10 OR {day} >= $11))");
        assert!(of(Some("2025-12-30")).ends_with(&end), "{}", of(Some("2025-12-30")));
        assert!(of(None).ends_with(&format!(" AND (({day} < $8 OR {day} >= $9))")), "{}", of(None));
        assert!(!of(None).contains(upper));
    }

    #[test]
    fn record_number_should_compare_letter_by_letter_when_text() {
        let number = RecordNumber::new(NumberType::Text, "a1").unwrap();
        assert!(number.equals(Some("a1")));
        for other in [None, Some("A1"), Some("a1 "), Some("á1"), Some(""), Some("a10")] {
            assert!(!number.equals(other), "{other:?}");
        }
    }

    #[test]
    fn record_number_should_be_refused_when_it_does_not_fit_its_type() {
        for text in ["", " ", "a\0b"] {
            assert!(RecordNumber::new(NumberType::Text, text).is_none());
        }
        for text in ["12abc", "012", "+12", " 12", "1e3", "99999999999999999999", "12 OR 1=1"] {
            assert!(RecordNumber::new(NumberType::Integer, text).is_none(), "{text}");
        }
        assert!(RecordNumber::new(NumberType::Integer, "12").unwrap().equals(Some("12")));
        assert!(!RecordNumber::new(NumberType::Integer, "12").unwrap().equals(Some("12abc")));
        assert!(RecordNumber::new(NumberType::Uuid, "6ba7b810-9dad-11d1-80b4-00c04fd430c8").is_some());
        assert!(RecordNumber::new(NumberType::Uuid, "6ba7b810-9dad-11d1-80b4-00c04fd430c'").is_none());
    }
}
