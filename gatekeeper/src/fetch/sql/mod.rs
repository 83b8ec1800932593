//! The only place where SQL is written. It is made of the mapping's names, quoted, and of bound parameters.

mod cohort;
mod live;
mod lookup;
mod number;
mod records;
mod writer;

pub(crate) use cohort::{select_cohort, CodeTest, DayTest, Sieve};
pub(crate) use live::{count, explain, mysql_type, null, probe, twice};
pub(crate) use lookup::{first_columns, indices, lookup, Asked, By, Lookup};
pub(crate) use number::{passes, RecordNumber};
pub(crate) use records::{select, select_changes, select_many};

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
