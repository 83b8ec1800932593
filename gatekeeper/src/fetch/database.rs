//! Connections to the provider's database: pooled, read-only, limited in time.

use std::{
    future::Future,
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use futures::TryStreamExt;
use sqlx::{
    mysql::{MySqlConnectOptions, MySqlPoolOptions, MySqlRow},
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow},
    sqlite::{SqliteConnectOptions, SqliteRow},
    AssertSqlSafe, Column as _, ConnectOptions, Decode, Executor, MySql, Postgres, Row as _, SqlSafeStr,
    Sqlite, Statement as _, Transaction, TypeInfo, ValueRef,
};

use super::{
    reader::{Reader, Readers},
    sql::{self, Bind, Dialect, Statement},
    upstream::Server,
    FetchError,
};
use crate::mapping::model::Table;
use crate::store::{asked_after_a_rest, PoolVitals};

/// Limits of the connections.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Give up all queries of one answer after this time.
    pub timeout: Duration,
    /// Connections kept open at most.
    pub max_connections: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(5), max_connections: 8 }
    }
}

/// A provider's database. Nothing is ever written to it.
#[derive(Clone, Debug)]
pub struct Database {
    pool: Pool,
    timeout: Duration,
    file: Option<PathBuf>,
}

#[derive(Clone, Debug)]
enum Pool {
    Sqlite(Readers),
    Postgres(sqlx::PgPool),
    MySql(sqlx::MySqlPool),
    Fhir(Server),
}

/// One value as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Text(String),
    Bytes(Vec<u8>),
}

impl Cell {
    /// The text; `None` for NULL and for bytes that are none.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Bytes(_) => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// One row, its values in the order of the selected columns.
pub(crate) type Row = Vec<Cell>;

/// One read-only snapshot of the database.
pub(crate) enum Session {
    Sqlite(Reader),
    Postgres(Held<Postgres>),
    MySql(Held<MySql>),
}

/// A connection, for as long as a snapshot is looked at.
pub(crate) enum Held<DB: sqlx::Database> {
    /// For one statement, which is a snapshot of its own.
    Alone(PoolConnection<DB>),
    /// For several.
    Transaction(Transaction<'static, DB>),
}

impl<DB: sqlx::Database> Held<DB> {
    async fn end(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Alone(_) => Ok(()),
            Self::Transaction(transaction) => transaction.rollback().await,
        }
    }
}

impl<DB: sqlx::Database> Deref for Held<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Alone(connection) => connection,
            Self::Transaction(transaction) => transaction,
        }
    }
}

impl<DB: sqlx::Database> DerefMut for Held<DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match self {
            Self::Alone(connection) => connection,
            Self::Transaction(transaction) => transaction,
        }
    }
}

impl Database {
    /// Reads from a foreign FHIR server at `fhir+https://host/base`; `credentials` is a file with `Bearer <token>` or
    /// `Basic <user>:<password>`.
    pub async fn connect_upstream(
        url: &str,
        credentials: Option<&Path>,
        options: Options,
    ) -> Result<Self, FetchError> {
        let pool = Pool::Fhir(Server::new(url, credentials, options)?);
        let database = Self { pool, timeout: options.timeout, file: None };
        database.ping().await?;
        Ok(database)
    }

    /// The foreign FHIR server, if it is one.
    pub(crate) fn upstream(&self) -> Option<&Server> {
        match &self.pool {
            Pool::Fhir(server) => Some(server),
            Pool::Sqlite(_) | Pool::Postgres(_) | Pool::MySql(_) => None,
        }
    }

    /// Connects to `sqlite:`, `postgres:` or `mysql:` (also for MariaDB).
    pub async fn connect(url: &str, options: Options) -> Result<Self, FetchError> {
        let timeout = options.timeout;
        let connecting = async {
            Ok(match url.split_once(':').map(|(scheme, _)| scheme) {
                Some("sqlite") => Pool::Sqlite(Readers::open(url, options).await?),
                Some("postgres" | "postgresql") => Pool::Postgres(postgres(url, options).await?),
                Some("mysql" | "mariadb") => Pool::MySql(mysql(url, options).await?),
                _ => return Err(FetchError::Address),
            })
        };
        let pool = tokio::time::timeout(timeout.max(Duration::from_secs(10)), connecting)
            .await
            .map_err(|_| FetchError::Timeout)??;
        let file = match (&pool, SqliteConnectOptions::from_str(url)) {
            (Pool::Sqlite(_), Ok(options)) => Some(options.get_filename().to_owned()),
            _ => None,
        };
        Ok(Self { pool, timeout, file })
    }

    /// The file of an SQLite database.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Whether it answers at all.
    pub async fn ping(&self) -> Result<(), FetchError> {
        self.within_time(async {
            if let Pool::Fhir(server) = &self.pool {
                return server.reading().await?.capabilities().await.map(|_| ());
            }
            let mut session = self.single().await?;
            session
                .rows(Statement { sql: "SELECT '1'".to_owned(), binds: Vec::new(), binary: vec![false] })
                .await?;
            session.end().await
        })
        .await
    }

    /// How its connections are doing.
    pub fn vitals(&self) -> PoolVitals {
        match &self.pool {
            Pool::Sqlite(readers) => readers.vitals(),
            Pool::Postgres(pool) => PoolVitals::of(pool),
            Pool::MySql(pool) => PoolVitals::of(pool),
            // Its client opens connections as it needs them.
            Pool::Fhir(_) => PoolVitals::default(),
        }
    }

    /// Ends all connections.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite(readers) => readers.close().await,
            Pool::Postgres(pool) => pool.close().await,
            Pool::MySql(pool) => pool.close().await,
            Pool::Fhir(_) => {}
        }
    }

    /// Runs something under the time limit.
    pub(crate) async fn within_time<T>(
        &self,
        work: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        tokio::time::timeout(self.timeout, work).await.map_err(|_| FetchError::Timeout)?
    }

    /// Begins a snapshot for several statements.
    pub(crate) async fn session(&self) -> Result<Session, FetchError> {
        Ok(match &self.pool {
            Pool::Sqlite(readers) => Session::Sqlite(readers.snapshot().await?),
            Pool::Postgres(pool) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                Session::Postgres(Held::Transaction(pool.begin_with(begin).await?))
            }
            Pool::MySql(pool) => {
                let begin = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
                Session::MySql(Held::Transaction(pool.begin_with(begin).await?))
            }
            Pool::Fhir(_) => return Err(FetchError::OtherKind),
        })
    }

    /// A snapshot for one statement, which is spared two ways to the database and back. Connections only read, whatever is asked.
    pub(crate) async fn single(&self) -> Result<Session, FetchError> {
        Ok(match &self.pool {
            Pool::Sqlite(readers) => Session::Sqlite(readers.single().await?),
            Pool::Postgres(pool) => Session::Postgres(Held::Alone(pool.acquire().await?)),
            Pool::MySql(pool) => Session::MySql(Held::Alone(pool.acquire().await?)),
            Pool::Fhir(_) => return Err(FetchError::OtherKind),
        })
    }
}

impl Session {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
            Self::MySql(_) => Dialect::MySql,
        }
    }

    /// Runs a generated query, whose rows are few: those of one patient, with a limit.
    pub(crate) async fn rows(&mut self, statement: Statement) -> Result<Vec<Row>, FetchError> {
        let mut rows = Vec::new();
        self.each_row(statement, |row| rows.push(row)).await?;
        Ok(rows)
    }

    /// Runs a generated query and hands over row by row as they come, so that no more than a few are in memory at a time.
    pub(crate) async fn each_row(
        &mut self,
        statement: Statement,
        mut take: impl FnMut(Row) + Send,
    ) -> Result<(), FetchError> {
        let Statement { sql, binds, binary } = statement;
        // Written by the generator alone, from the mapping's checked names; see `sql`.
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Sqlite(reader) => {
                let mut rows = bound(sqlx::query::<Sqlite>(sql), binds).fetch(reader.connection()?);
                while let Some(row) = rows.try_next().await? {
                    take(sqlite_row(&row)?);
                }
            }
            Self::Postgres(session) => {
                let mut rows = bound(sqlx::query::<Postgres>(sql), binds).fetch(&mut **session);
                while let Some(row) = rows.try_next().await? {
                    take(postgres_row(&row, &binary)?);
                }
            }
            Self::MySql(session) => {
                let mut rows = bound(sqlx::query::<MySql>(sql), binds).fetch(&mut **session);
                while let Some(row) = rows.try_next().await? {
                    take(mysql_row(&row, &binary)?);
                }
            }
        }
        Ok(())
    }

    /// Runs a fixed query without parameters, which servers may refuse to prepare.
    pub(crate) async fn ask(&mut self, sql: &'static str) -> Result<Vec<Row>, FetchError> {
        let sql = sqlx::raw_sql(sql);
        Ok(match self {
            Self::Sqlite(reader) => {
                let rows = sql.fetch_all(reader.connection()?).await?;
                rows.iter().map(sqlite_row).collect::<Result<_, _>>()?
            }
            Self::Postgres(session) => {
                let rows = sql.fetch_all(&mut **session).await?;
                rows.iter().map(|row| postgres_row(row, &[])).collect::<Result<_, _>>()?
            }
            Self::MySql(session) => {
                let rows = sql.fetch_all(&mut **session).await?;
                rows.iter().map(|row| mysql_row(row, &[])).collect::<Result<_, _>>()?
            }
        })
    }

    /// The SQL type of a column, as the database names it.
    pub(crate) async fn column_type(&mut self, table: &Table, column: &str) -> Result<String, FetchError> {
        let sql = AssertSqlSafe(sql::probe(self.dialect(), table, Some(column)).sql).into_sql_str();
        let name = match self {
            Self::Sqlite(reader) => {
                let prepared = reader.connection()?.prepare(sql).await?;
                prepared.columns().first().map(|column| column.type_info().name().to_owned())
            }
            Self::Postgres(session) => {
                let prepared = (&mut **session).prepare(sql).await?;
                prepared.columns().first().map(|column| column.type_info().name().to_owned())
            }
            // What a prepared statement says takes text with a binary collation for bytes.
            Self::MySql(_) => {
                let rows = self.rows(sql::mysql_type(table, column)).await?;
                rows.first().and_then(|row| row.first()).and_then(Cell::text).map(str::to_owned)
            }
        };
        Ok(name.unwrap_or_default())
    }

    /// Lets PostgreSQL scan a table only where no index serves, join by nothing but indices, and read no index from end to end, so that a
    /// plan shows whether there are some, however few rows there are.
    pub(crate) async fn prefer_indexes(&mut self) -> Result<(), FetchError> {
        if let Self::Postgres(session) = self {
            for setting in ["seqscan", "hashjoin", "mergejoin", "material", "indexonlyscan"] {
                let sql = format!("SET LOCAL enable_{setting} = off");
                session.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
            }
        }
        Ok(())
    }

    /// Sets a mark to which [`Session::back`] returns after a query failed.
    pub(crate) async fn mark(&mut self) -> Result<(), FetchError> {
        if let Self::Postgres(session) = self {
            session.execute("SAVEPOINT here").await?;
        }
        Ok(())
    }

    /// Makes the snapshot usable again after a query failed.
    pub(crate) async fn back(&mut self) -> Result<(), FetchError> {
        if let Self::Postgres(session) = self {
            session.execute("ROLLBACK TO SAVEPOINT here").await?;
        }
        Ok(())
    }

    /// Ends the snapshot.
    pub(crate) async fn end(self) -> Result<(), FetchError> {
        match self {
            Self::Sqlite(reader) => reader.end().await?,
            Self::Postgres(session) => session.end().await?,
            Self::MySql(session) => session.end().await?,
        }
        Ok(())
    }
}

/// Whether an error of a database comes from its state and not from the question: it cannot be reached, is starting or stopping, or
/// ended the statement because its time was over.
pub(super) fn is_passing(error: &sqlx::Error) -> bool {
    let error = match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => return true,
        sqlx::Error::Database(error) => error,
        _ => return false,
    };
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
        // Class 57: query cancelled, shutdown, cannot connect now; 53: too many connections and other shortages; 08: connection.
        return ["57", "53", "08"].iter().any(|class| code.starts_with(class));
    }
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        // Too many connections, shutdown, killed, statement time over (MariaDB, MySQL), lock wait.
        return matches!(error.number(), 1040 | 1053 | 1077 | 1205 | 1317 | 1927 | 1969 | 3024);
    }
    // SQLite: busy, locked, interrupted.
    let primary = code.parse::<i32>().map(|code| code & 0xff);
    matches!(primary, Ok(5 | 6 | 9))
}

async fn postgres(url: &str, options: Options) -> Result<sqlx::PgPool, sqlx::Error> {
    let connect = PgConnectOptions::from_str(url)?.disable_statement_logging();
    let settings = format!(
        "SET default_transaction_read_only = on; SET statement_timeout = {}; SET DateStyle = 'ISO, YMD'; \
         SET TimeZone = 'UTC'; SET bytea_output = 'hex'; SET extra_float_digits = 1; SET client_encoding = 'UTF8'",
        options.timeout.as_millis().max(1)
    );
    let pool = asked_after_a_rest(PgPoolOptions::new())
        .max_connections(options.max_connections)
        .acquire_timeout(options.timeout)
        .after_connect(move |connection, _| {
            let settings = settings.clone();
            Box::pin(
                async move { connection.execute(sqlx::raw_sql(AssertSqlSafe(settings))).await.map(|_| ()) },
            )
        });
    pool.connect_with(connect).await
}

async fn mysql(url: &str, options: Options) -> Result<sqlx::MySqlPool, sqlx::Error> {
    let url = url.replacen("mariadb:", "mysql:", 1);
    // Sets the session's time zone to UTC, too.
    let connect = MySqlConnectOptions::from_str(&url)?.disable_statement_logging();
    let timeout = options.timeout;
    let pool = asked_after_a_rest(MySqlPoolOptions::new())
        .max_connections(options.max_connections)
        .acquire_timeout(timeout)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute("SET SESSION TRANSACTION READ ONLY").await?;
                // MariaDB and MySQL have different names for the same limit.
                let mariadb = format!("SET SESSION max_statement_time = {}", timeout.as_secs_f64());
                let mysql = format!("SET SESSION max_execution_time = {}", timeout.as_millis().max(1));
                if connection.execute(sqlx::raw_sql(AssertSqlSafe(mariadb))).await.is_err() {
                    connection.execute(sqlx::raw_sql(AssertSqlSafe(mysql))).await?;
                }
                Ok(())
            })
        });
    pool.connect_with(connect).await
}

type Query<DB> = sqlx::query::Query<'static, DB, <DB as sqlx::Database>::Arguments>;

fn bound<DB>(query: Query<DB>, binds: Vec<Bind>) -> Query<DB>
where
    DB: sqlx::Database,
    String: for<'q> sqlx::Encode<'q, DB> + sqlx::Type<DB>,
    i64: for<'q> sqlx::Encode<'q, DB> + sqlx::Type<DB>,
    bool: for<'q> sqlx::Encode<'q, DB> + sqlx::Type<DB>,
{
    binds.into_iter().fold(query, |query, bind| match bind {
        Bind::Text(text) => query.bind(text),
        Bind::Integer(number) => query.bind(number),
        Bind::Boolean(value) => query.bind(value),
    })
}

fn sqlite_row(row: &SqliteRow) -> Result<Row, sqlx::Error> {
    (0..row.len()).map(|column| sqlite_cell(row, column)).collect()
}

/// SQLite's values have types of their own, whatever the column says.
fn sqlite_cell(row: &SqliteRow, column: usize) -> Result<Cell, sqlx::Error> {
    let value = row.try_get_raw(column)?;
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let decode = |source| sqlx::Error::ColumnDecode { index: column.to_string(), source };
    let kind = value.type_info().into_owned();
    Ok(match kind.name() {
        "INTEGER" | "BOOLEAN" => {
            Cell::Text(<i64 as Decode<Sqlite>>::decode(value).map_err(decode)?.to_string())
        }
        "REAL" => {
            let number = <f64 as Decode<Sqlite>>::decode(value).map_err(decode)?;
            Cell::Text(number.to_string())
        }
        _ => {
            let bytes = <Vec<u8> as Decode<Sqlite>>::decode(value).map_err(decode)?;
            match (kind.name(), String::from_utf8(bytes)) {
                ("BLOB", Ok(text)) => Cell::Bytes(text.into_bytes()),
                (_, Ok(text)) => Cell::Text(text),
                (_, Err(error)) => Cell::Bytes(error.into_bytes()),
            }
        }
    })
}

fn postgres_row(row: &PgRow, binary: &[bool]) -> Result<Row, sqlx::Error> {
    (0..row.len())
        .map(|column| {
            cell(row.try_get_unchecked::<Option<String>, _>(column)?, binary.get(column) == Some(&true))
        })
        .collect()
}

fn mysql_row(row: &MySqlRow, binary: &[bool]) -> Result<Row, sqlx::Error> {
    (0..row.len())
        .map(|column| {
            let bytes = row.try_get_unchecked::<Option<Vec<u8>>, _>(column)?;
            match bytes.map(String::from_utf8).transpose() {
                Ok(text) => cell(text, binary.get(column) == Some(&true)),
                Err(error) => Ok(Cell::Bytes(error.into_bytes())),
            }
        })
        .collect()
}

/// Text as it is, or bytes that came as hexadecimal digits.
fn cell(text: Option<String>, binary: bool) -> Result<Cell, sqlx::Error> {
    match (text, binary) {
        (None, _) => Ok(Cell::Null),
        (Some(text), false) => Ok(Cell::Text(text)),
        (Some(text), true) => {
            hex::decode(text).map(Cell::Bytes).map_err(|error| sqlx::Error::Decode(error.into()))
        }
    }
}
