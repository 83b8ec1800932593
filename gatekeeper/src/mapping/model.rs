//! A mapping as read: what to select, and what to make of it.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    path::Path,
    value::{boolean, Reading},
};

/// One table (with joins) of one resource type.
#[derive(Debug)]
pub struct ResourceMap {
    /// The FHIR type.
    pub resource_type: &'static str,
    /// Tells mappings of one type apart; part of what row ids are made of.
    pub name: String,
    /// Where it begins in the file.
    pub line: usize,
    /// The table, its joins and filters.
    pub source: Source,
    /// Columns that name a row.
    pub key: Vec<usize>,
    /// The column that must hold the record number.
    pub patient: usize,
    /// The type of that column.
    pub number_type: NumberType,
    /// Where elements come from, in the order of the file.
    pub elements: Vec<ElementMap>,
    /// Arrays filled by rows of other tables.
    pub many: Vec<Many>,
    /// Sensitivity labels.
    pub labels: Vec<LabelRule>,
    /// Which rows are withheld.
    pub withheld: Withheld,
    /// Element by which data periods are judged, if not the usual one.
    pub date: Option<Vec<String>>,
    /// Column that says when a row was last changed.
    pub changed: Option<usize>,
    /// Whether a scan of a table is accepted.
    pub allow_scan: bool,
}

impl ResourceMap {
    /// Names of the columns that give the values mapped in a line of the file, each once.
    pub(crate) fn columns_of_line(&self, line: usize) -> Vec<&str> {
        let own =
            self.elements.iter().flat_map(|element| &element.sources).map(|value| (&self.source, value));
        let many = self.many.iter().flat_map(|many| {
            let values: Vec<&ValueSource> = match &many.item {
                Item::Object(elements) => elements.iter().flat_map(|element| &element.sources).collect(),
                Item::Value(sources) => sources.iter().collect(),
            };
            values.into_iter().map(|value| (&many.source, value))
        });
        let of_line = own.chain(many).filter(|(_, value)| value.line == line);
        let mut names: Vec<&str> = of_line
            .flat_map(|(source, value)| value.columns().filter_map(|place| source.columns.get(place)))
            .map(|column| column.name.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// A table with its joins, filters and selected columns.
#[derive(Debug)]
pub struct Source {
    /// The table.
    pub table: Table,
    /// Its alias in SQL.
    pub alias: String,
    /// One-to-one joins, in order.
    pub joins: Vec<Join>,
    /// Rows that belong to it.
    pub filters: Vec<Filter>,
    /// All columns that are selected.
    pub columns: Vec<Column>,
    /// Joined rows that must be the same patient's.
    pub checks: Vec<Check>,
}

impl Source {
    /// The place of a column among the selected ones.
    pub(super) fn select(&mut self, column: Column) -> usize {
        match self.columns.iter().position(|known| *known == column) {
            Some(place) => place,
            None => {
                self.columns.push(column);
                self.columns.len() - 1
            }
        }
    }
}

/// A table or view, with its schema if the file names one. Parts are checked identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The schema.
    pub schema: Option<String>,
    /// The table.
    pub name: String,
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// A column of an aliased table. Names are checked identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The alias of its table in SQL.
    pub alias: String,
    /// Its name.
    pub name: String,
    /// Whether its bytes are wanted and not its text.
    pub binary: bool,
}

impl Column {
    /// A column whose text is wanted.
    pub fn text(alias: impl Into<String>, name: impl Into<String>) -> Self {
        Self { alias: alias.into(), name: name.into(), binary: false }
    }
}

/// A one-to-one join.
#[derive(Debug)]
pub struct Join {
    /// The table.
    pub table: Table,
    /// Its alias in SQL.
    pub alias: String,
    /// Columns that must be equal: of this table, and of one before.
    pub on: Vec<(String, Column)>,
    /// Which rows of this table can be partners.
    pub filters: Vec<Filter>,
    /// Whether rows without partner are left out.
    pub required: bool,
    /// Where it stands in the file.
    pub line: usize,
}

/// The patient column of a joined table must hold the record number.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The column.
    pub patient: usize,
    /// A column that is NULL if and only if there is no joined row.
    pub partner: Option<usize>,
}

/// A condition that the database evaluates.
#[derive(Debug)]
pub struct Filter {
    /// The column.
    pub column: Column,
    /// What it must be.
    pub test: Test,
    /// Where it stands in the file.
    pub line: usize,
}

/// A condition that is evaluated on a fetched row.
#[derive(Debug)]
pub struct Condition {
    /// The selected column.
    pub column: usize,
    /// What it must be.
    pub test: Test,
}

/// What a column must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// One of these.
    OneOf(Vec<Literal>),
    /// Not NULL and none of these.
    NoneOf(Vec<Literal>),
    /// NULL.
    Null,
    /// Not NULL.
    NotNull,
}

/// A constant in a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
}

impl Literal {
    fn equals(&self, text: &str) -> bool {
        match self {
            // CHAR columns are filled up with blanks.
            Self::Text(literal) => literal.trim_end() == text.trim_end(),
            Self::Integer(literal) => text.trim().parse() == Ok(*literal),
            Self::Boolean(literal) => boolean(text.trim()) == Some(*literal),
        }
    }
}

impl Test {
    /// Whether a value passes; `None` is NULL.
    pub fn passes(&self, value: Option<&str>) -> bool {
        match (self, value) {
            (Self::Null, value) => value.is_none(),
            (_, None) => false,
            (Self::NotNull, Some(_)) => true,
            (Self::OneOf(literals), Some(text)) => literals.iter().any(|literal| literal.equals(text)),
            (Self::NoneOf(literals), Some(text)) => !literals.iter().any(|literal| literal.equals(text)),
        }
    }
}

/// The type of the column that names the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberType {
    /// Text of varying length.
    Text,
    /// Text of fixed length, filled up with blanks.
    Char,
    /// A whole number.
    Integer,
    /// A UUID.
    Uuid,
}

/// Where one element comes from.
#[derive(Debug)]
pub struct ElementMap {
    /// Where it goes.
    pub path: Path,
    /// What may give it: the first that does.
    pub sources: Vec<ValueSource>,
}

/// One thing that may give a value.
#[derive(Debug)]
pub struct ValueSource {
    /// What it is.
    pub kind: SourceKind,
    /// Conditions that must all hold.
    pub when: Vec<Condition>,
    /// Where it stands in the file, for the log.
    pub line: usize,
}

impl ValueSource {
    /// The selected columns that it looks at: those that give the value, and those of its conditions.
    pub(crate) fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        let own: Vec<usize> = match &self.kind {
            SourceKind::Column(column) => vec![column.column],
            SourceKind::Template { pieces, .. } => pieces
                .iter()
                .filter_map(|piece| match piece {
                    Piece::Column { column, .. } => Some(*column),
                    Piece::Text(_) => None,
                })
                .collect(),
            SourceKind::Reference { columns, .. } => columns.clone(),
            SourceKind::Constant(_) | SourceKind::Patient => Vec::new(),
        };
        own.into_iter().chain(self.when.iter().map(|condition| condition.column))
    }
}

/// What gives a value.
#[derive(Debug)]
pub enum SourceKind {
    /// Always the same.
    Constant(Value),
    /// A column.
    Column(ColumnSource),
    /// Text, a date or a time made of several columns.
    Template {
        /// Its parts in order.
        pieces: Vec<Piece>,
        /// How dates are written.
        reading: Reading,
    },
    /// The patient.
    Patient,
    /// A row of another mapping.
    Reference {
        /// Its type.
        resource_type: &'static str,
        /// Its mapping.
        name: String,
        /// Columns that hold its key.
        columns: Vec<usize>,
    },
}

/// How a column becomes a value.
#[derive(Debug)]
pub struct ColumnSource {
    /// The selected column.
    pub column: usize,
    /// The value map, if any.
    pub map: Option<ValueMap>,
    /// How dates are written.
    pub reading: Reading,
    /// Whether a comparator may stand before the number.
    pub comparator: bool,
    /// The codes that FHIR allows, if it fixes them.
    pub codes: &'static [&'static str],
}

/// A value map.
#[derive(Debug)]
pub struct ValueMap {
    /// What column values give.
    pub values: HashMap<String, Value>,
    /// What others give.
    pub otherwise: Option<Value>,
    /// Whether others leave the row as it is, and not sensitive.
    pub harmless: bool,
}

/// A part of a template.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Text(String),
    /// A selected column.
    Column {
        /// Its place.
        column: usize,
        /// Digits to which a number is filled up with zeros; 0 leaves the text as it is.
        digits: usize,
    },
}

/// An array that rows of another table fill.
#[derive(Debug)]
pub struct Many {
    /// The array.
    pub path: Path,
    /// The other table.
    pub source: Source,
    /// Columns that must be equal: of the other table, and of the resource's.
    pub on: Vec<(String, Column)>,
    /// Columns that order the rows.
    pub order: Vec<Column>,
    /// What each row gives.
    pub item: Item,
    /// Where it begins in the file.
    pub line: usize,
}

/// What a row gives to an array.
#[derive(Debug)]
pub enum Item {
    /// An object with these elements.
    Object(Vec<ElementMap>),
    /// A plain value.
    Value(Vec<ValueSource>),
}

/// Gives labels to rows.
#[derive(Debug)]
pub struct LabelRule {
    /// System of its labels.
    pub system: String,
    /// What gives the codes.
    pub codes: LabelCodes,
    /// Conditions that must all hold.
    pub when: Vec<Condition>,
    /// Where it stands in the file.
    pub line: usize,
}

/// What gives the codes of labels.
#[derive(Debug)]
pub enum LabelCodes {
    /// Always this one.
    Constant(String),
    /// A column. Where a list is missing, the row is restricted.
    Column {
        /// The selected column.
        column: usize,
        /// What column values give.
        map: HashMap<String, Vec<String>>,
        /// What other values give.
        otherwise: Option<Vec<String>>,
        /// What NULL gives.
        null: Option<Vec<String>>,
    },
}

/// Which rows are withheld.
#[derive(Debug)]
pub enum Withheld {
    /// None.
    Never,
    /// All.
    Always {
        /// The ground.
        ground: Option<String>,
    },
    /// Those for which all conditions hold.
    When {
        /// The conditions.
        conditions: Vec<Condition>,
        /// The ground.
        ground: Option<String>,
    },
    /// Those for which not all conditions hold.
    Unless {
        /// The conditions.
        conditions: Vec<Condition>,
        /// The ground.
        ground: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_should_treat_null_as_nothing_but_null() {
        let one = Test::OneOf(vec![Literal::Text("F".into())]);
        let none = Test::NoneOf(vec![Literal::Text("F".into())]);
        assert!(
            one.passes(Some("F")) && one.passes(Some("F  ")) && !one.passes(Some("f")) && !one.passes(None)
        );
        assert!(none.passes(Some("f")) && !none.passes(Some("F")) && !none.passes(None));
        assert!(Test::Null.passes(None) && !Test::Null.passes(Some("")));
        assert!(Test::NotNull.passes(Some("")) && !Test::NotNull.passes(None));
    }

    #[test]
    fn literal_should_compare_by_meaning_when_it_is_no_text() {
        assert!(Literal::Integer(1).equals("01") && !Literal::Integer(1).equals("1.5"));
        assert!(Literal::Boolean(true).equals("t") && !Literal::Boolean(true).equals("2"));
    }
}
