//! A query with its values, and what comes of it.

use std::marker::PhantomData;

use sqlx::{postgres::PgRow, sqlite::SqliteRow, Decode, FromRow, Postgres, Row as _, Sqlite, Type};

use super::On;

/// How often a single statement is tried on PostgreSQL that got into another's way.
const TRIES: u32 = 5;

/// A value to be bound.
#[derive(Clone, Debug)]
pub enum Value {
    /// A whole number.
    Number(Option<i64>),
    /// Text.
    Text(Option<String>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
}

impl Value {
    /// The number, if it is one.
    pub fn number(self) -> Option<i64> {
        match self {
            Self::Number(number) => number,
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => text,
            _ => None,
        }
    }

    /// The bytes, if it is bytes.
    pub fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => bytes,
            _ => None,
        }
    }
}

/// A query, and what its rows are read as.
#[derive(Clone, Debug)]
pub struct Query<O> {
    sql: &'static str,
    values: Vec<Value>,
    read: PhantomData<fn() -> O>,
}

/// A row as it came.
pub enum Row {
    /// From a file.
    Sqlite(SqliteRow),
    /// From a server.
    Postgres(PgRow),
}

/// What a row can be read as.
pub trait Read: Sized {
    /// Reads it.
    fn read(row: Row) -> Result<Self, sqlx::Error>;
}

/// A query of one column.
#[derive(Clone, Debug)]
pub struct One<T>(Query<(T,)>);

/// A query whose rows are taken apart by [`Row::try_get`].
pub fn query(sql: &'static str) -> Query<Row> {
    query_as(sql)
}

/// A query whose rows are read as tuples.
pub fn query_as<O>(sql: &'static str) -> Query<O> {
    Query { sql, values: Vec::new(), read: PhantomData }
}

/// A query of one column.
pub fn query_scalar<T>(sql: &'static str) -> One<T> {
    One(query_as(sql))
}

impl<O> Query<O> {
    /// Binds the next value.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Runs it. Gives how many rows it changed.
    pub async fn execute<'a>(self, on: impl Into<On<'a>>) -> Result<u64, sqlx::Error> {
        match on.into() {
            On::Sqlite(pool) => Ok(self.sqlite().execute(pool).await?.rows_affected()),
            On::InSqlite(connection) => Ok(self.sqlite().execute(connection).await?.rows_affected()),
            On::InPostgres(connection) => Ok(self.postgres().execute(connection).await?.rows_affected()),
            On::Postgres(pool) => {
                let mut tried = 1;
                loop {
                    match self.postgres().execute(pool).await {
                        Err(error) if tried < TRIES && in_the_way(&error) => tried += 1,
                        done => return Ok(done?.rows_affected()),
                    }
                }
            }
        }
    }

    fn sqlite(&self) -> sqlx::query::Query<'static, Sqlite, sqlx::sqlite::SqliteArguments> {
        let query = sqlx::query(self.sql);
        self.values.iter().fold(query, |query, value| match value.clone() {
            Value::Number(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
            Value::Bytes(bytes) => query.bind(bytes),
        })
    }

    fn postgres(&self) -> sqlx::query::Query<'static, Postgres, sqlx::postgres::PgArguments> {
        let query = sqlx::query(self.sql);
        self.values.iter().fold(query, |query, value| match value.clone() {
            Value::Number(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
            Value::Bytes(bytes) => query.bind(bytes),
        })
    }

    async fn row<'a>(self, on: impl Into<On<'a>>) -> Result<Option<Row>, sqlx::Error> {
        Ok(match on.into() {
            On::Sqlite(pool) => self.sqlite().fetch_optional(pool).await?.map(Row::Sqlite),
            On::InSqlite(connection) => self.sqlite().fetch_optional(connection).await?.map(Row::Sqlite),
            On::Postgres(pool) => self.postgres().fetch_optional(pool).await?.map(Row::Postgres),
            On::InPostgres(connection) => {
                self.postgres().fetch_optional(connection).await?.map(Row::Postgres)
            }
        })
    }

    async fn rows<'a>(self, on: impl Into<On<'a>>) -> Result<Vec<Row>, sqlx::Error> {
        let (sqlite, postgres) = match on.into() {
            On::Sqlite(pool) => (self.sqlite().fetch_all(pool).await?, Vec::new()),
            On::InSqlite(connection) => (self.sqlite().fetch_all(connection).await?, Vec::new()),
            On::Postgres(pool) => (Vec::new(), self.postgres().fetch_all(pool).await?),
            On::InPostgres(connection) => (Vec::new(), self.postgres().fetch_all(connection).await?),
        };
        let sqlite = sqlite.into_iter().map(Row::Sqlite);
        Ok(sqlite.chain(postgres.into_iter().map(Row::Postgres)).collect())
    }
}

impl<O: Read> Query<O> {
    /// The first row, if there is any.
    pub async fn fetch_optional<'a>(self, on: impl Into<On<'a>>) -> Result<Option<O>, sqlx::Error> {
        self.row(on).await?.map(O::read).transpose()
    }

    /// The one row.
    pub async fn fetch_one<'a>(self, on: impl Into<On<'a>>) -> Result<O, sqlx::Error> {
        self.fetch_optional(on).await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// All rows.
    pub async fn fetch_all<'a>(self, on: impl Into<On<'a>>) -> Result<Vec<O>, sqlx::Error> {
        self.rows(on).await?.into_iter().map(O::read).collect()
    }
}

impl<T> One<T>
where
    (T,): Read,
{
    /// Binds the next value.
    pub fn bind(self, value: impl Into<Value>) -> Self {
        Self(self.0.bind(value))
    }

    /// The value of the first row, if there is any.
    pub async fn fetch_optional<'a>(self, on: impl Into<On<'a>>) -> Result<Option<T>, sqlx::Error> {
        Ok(self.0.fetch_optional(on).await?.map(|(value,)| value))
    }

    /// The value of the one row.
    pub async fn fetch_one<'a>(self, on: impl Into<On<'a>>) -> Result<T, sqlx::Error> {
        Ok(self.0.fetch_one(on).await?.0)
    }

    /// The values of all rows.
    pub async fn fetch_all<'a>(self, on: impl Into<On<'a>>) -> Result<Vec<T>, sqlx::Error> {
        Ok(self.0.fetch_all(on).await?.into_iter().map(|(value,)| value).collect())
    }
}

impl Row {
    /// The value of a column.
    pub fn try_get<'r, T>(&'r self, column: &str) -> Result<T, sqlx::Error>
    where
        T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>,
    {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }
}

impl Read for Row {
    fn read(row: Row) -> Result<Self, sqlx::Error> {
        Ok(row)
    }
}

macro_rules! tuples {
    ($($($name:ident)+;)+) => {$(
        impl<$($name),+> Read for ($($name,)+)
        where
            ($($name,)+): for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>,
        {
            fn read(row: Row) -> Result<Self, sqlx::Error> {
                self::read(&row)
            }
        }
    )+};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
}

fn read<T>(row: &Row) -> Result<T, sqlx::Error>
where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>,
{
    match row {
        Row::Sqlite(row) => T::from_row(row),
        Row::Postgres(row) => T::from_row(row),
    }
}

/// Whether a statement gave way to another, and would do what it says if it were said again.
fn in_the_way(error: &sqlx::Error) -> bool {
    const SERIALISATION_FAILURE: &str = "40001";
    const DEADLOCK: &str = "40P01";
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some(SERIALISATION_FAILURE | DEADLOCK))
}

macro_rules! values {
    ($($variant:ident: $($from:ty => $into:expr),+;)+) => {$($(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                #[allow(clippy::redundant_closure_call)]
                Self::$variant($into(value))
            }
        }
        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                #[allow(clippy::redundant_closure_call)]
                Self::$variant(value.and_then($into))
            }
        }
    )+)+};
}

values! {
    Number: i64 => Some;
    Text: String => Some, &String => |text: &String| Some(text.clone()), &str => |text: &str| Some(text.to_owned());
    Bytes: Vec<u8> => Some, &Vec<u8> => |bytes: &Vec<u8>| Some(bytes.clone()), &[u8] => |bytes: &[u8]| Some(bytes.to_vec());
}

impl From<&Option<String>> for Value {
    fn from(value: &Option<String>) -> Self {
        Self::Text(value.clone())
    }
}
