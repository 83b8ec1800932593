//! All rows of all tables from a file to a server. Which tables there are, and what is in them, is read from the schema and written
//! nowhere else.

use futures::{stream::BoxStream, TryStreamExt};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, PgConnection, Postgres, Row, SqliteConnection, Type};

use super::Value;

/// Rows that go in one statement.
const BATCH: usize = 500;

/// What is never taken along: values by which a store shows that it was the last in use, and counts of changes. The other one gets its own.
const LEFT: [(&str, &str); 2] =
    [("meta", "key NOT LIKE 'epoch%'"), ("counters", "name NOT LIKE 'changes %'")];

/// A table of the schema.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// How many rows it had when it was looked at.
    pub rows: u64,
    columns: Vec<(String, Kind)>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    Bytes,
}

/// What some rows come to, in whichever order: equal for equal rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many there are.
    pub rows: u64,
    mixed: [u8; 32],
}

impl Sum {
    fn add(&mut self, row: &[Value]) {
        let mut hasher = Sha256::new();
        for value in row {
            let (kind, bytes) = match value {
                Value::Number(number) => (b'n', number.map(|number| number.to_be_bytes().to_vec())),
                Value::Text(text) => (b't', text.as_ref().map(|text| text.clone().into_bytes())),
                Value::Bytes(bytes) => (b'b', bytes.clone()),
            };
            hasher.update([kind, u8::from(bytes.is_some())]);
            let bytes = bytes.unwrap_or_default();
            hasher.update((bytes.len() as u64).to_be_bytes());
            hasher.update(bytes);
        }
        // Rows of a table differ, by its key: none takes another out.
        self.mixed.iter_mut().zip(hasher.finalize()).for_each(|(mixed, byte)| *mixed ^= byte);
        self.rows += 1;
    }
}

impl Table {
    fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
    }

    /// `FROM` and what follows.
    fn source(&self) -> String {
        let left = LEFT.iter().find(|(table, _)| self.name == *table);
        let filter = left.map(|(_, condition)| format!(" WHERE {condition}")).unwrap_or_default();
        format!("FROM \"{}\"{filter}", self.name)
    }

    fn select(&self) -> AssertSqlSafe<String> {
        AssertSqlSafe(format!("SELECT {} {}", self.names(), self.source()))
    }

    fn values<R>(&self, row: &R) -> Result<Vec<Value>, sqlx::Error>
    where
        R: Row,
        usize: ColumnIndex<R>,
        i64: for<'r> Decode<'r, R::Database> + Type<R::Database>,
        String: for<'r> Decode<'r, R::Database> + Type<R::Database>,
        Vec<u8>: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    {
        let value = |(place, (_, kind)): (usize, &(String, Kind))| -> Result<Value, sqlx::Error> {
            Ok(match kind {
                Kind::Number => Value::Number(row.try_get(place)?),
                Kind::Text => Value::Text(row.try_get(place)?),
                Kind::Bytes => Value::Bytes(row.try_get(place)?),
            })
        };
        self.columns.iter().enumerate().map(value).collect()
    }
}

/// The tables of a file, each after those that it refers to.
pub async fn tables(file: &mut SqliteConnection) -> Result<Vec<Table>, sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite^_%' ESCAPE '^' ORDER BY name",
    )
    .fetch_all(&mut *file)
    .await?;
    let mut waiting = Vec::new();
    for name in names {
        let columns: Vec<(String, String)> =
            sqlx::query_as("SELECT name, type FROM pragma_table_info($1) ORDER BY cid")
                .bind(&name)
                .fetch_all(&mut *file)
                .await?;
        let columns = columns.into_iter().map(|(column, declared)| {
            let kind = match declared.as_str() {
                "INTEGER" => Kind::Number,
                "TEXT" => Kind::Text,
                "BLOB" => Kind::Bytes,
                _ => return Err(sqlx::Error::Configuration(format!("{name}.{column} is {declared}").into())),
            };
            Ok((column, kind))
        });
        let mut table = Table { name: name.clone(), rows: 0, columns: columns.collect::<Result<_, _>>()? };
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) {}", table.source())))
            .fetch_one(&mut *file)
            .await?;
        table.rows = count.unsigned_abs();
        let refers: Vec<String> =
            sqlx::query_scalar("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list($1)")
                .bind(&name)
                .fetch_all(&mut *file)
                .await?;
        waiting.push((table, refers));
    }
    let mut ordered: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let known = |name: &String| ordered.iter().any(|table| table.name == *name);
        let (next, later): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|(_, refers)| refers.iter().all(known));
        if next.is_empty() {
            return Err(sqlx::Error::Configuration("tables refer to each other in a circle".into()));
        }
        ordered.extend(next.into_iter().map(|(table, _)| table));
        waiting = later;
    }
    Ok(ordered)
}

/// Keeps everybody else from writing to the tables until the transaction ends.
pub async fn hold(tables: &[Table], server: &mut PgConnection) -> Result<(), sqlx::Error> {
    for table in tables {
        let lock = format!("LOCK TABLE \"{}\" IN EXCLUSIVE MODE", table.name);
        sqlx::query(AssertSqlSafe(lock)).execute(&mut *server).await?;
    }
    Ok(())
}

/// What stands in a table of a file.
pub async fn sum_of_file(table: &Table, file: &mut SqliteConnection) -> Result<Sum, sqlx::Error> {
    sum(table, sqlx::query(table.select()).fetch(file)).await
}

/// What stands in a table of a server.
pub async fn sum_of_server(table: &Table, server: &mut PgConnection) -> Result<Sum, sqlx::Error> {
    sum(table, sqlx::query(table.select()).fetch(server)).await
}

async fn sum<R>(table: &Table, mut rows: BoxStream<'_, Result<R, sqlx::Error>>) -> Result<Sum, sqlx::Error>
where
    R: Row,
    usize: ColumnIndex<R>,
    i64: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    String: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: for<'r> Decode<'r, R::Database> + Type<R::Database>,
{
    let mut sum = Sum::default();
    while let Some(row) = rows.try_next().await? {
        sum.add(&table.values(&row)?);
    }
    Ok(sum)
}

/// Copies a table. Gives what was read; `tell` hears how many rows are over.
pub async fn copy(
    table: &Table,
    file: &mut SqliteConnection,
    server: &mut PgConnection,
    tell: &mut (dyn FnMut(&Table, u64) + Send),
) -> Result<Sum, sqlx::Error> {
    let mut sum = Sum::default();
    let mut rows = sqlx::query(table.select()).fetch(file);
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let row = rows.try_next().await?;
        let over = row.is_none();
        if let Some(row) = row {
            let values = table.values(&row)?;
            sum.add(&values);
            batch.push(values);
        }
        if batch.len() == BATCH || (over && !batch.is_empty()) {
            insert(table, std::mem::take(&mut batch), server).await?;
            tell(table, sum.rows);
        }
        if over {
            return Ok(sum);
        }
    }
}

async fn insert(table: &Table, rows: Vec<Vec<Value>>, server: &mut PgConnection) -> Result<(), sqlx::Error> {
    let arrays = table.columns.iter().enumerate().map(|(place, (_, kind))| {
        let kind = match kind {
            Kind::Number => "BIGINT",
            Kind::Text => "TEXT",
            Kind::Bytes => "BYTEA",
        };
        format!("CAST(${} AS {kind}[])", place + 1)
    });
    let arrays = arrays.collect::<Vec<_>>().join(", ");
    let statement =
        format!("INSERT INTO \"{}\" ({}) SELECT * FROM UNNEST({arrays})", table.name, table.names());
    let mut query = sqlx::query::<Postgres>(AssertSqlSafe(statement));
    let mut columns: Vec<Vec<Value>> = table.columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
    }
    for (column, (_, kind)) in columns.into_iter().zip(&table.columns) {
        let column = column.into_iter();
        query = match kind {
            Kind::Number => query.bind(column.map(Value::number).collect::<Vec<Option<i64>>>()),
            Kind::Text => query.bind(column.map(Value::text).collect::<Vec<Option<String>>>()),
            Kind::Bytes => query.bind(column.map(Value::bytes).collect::<Vec<Option<Vec<u8>>>>()),
        };
    }
    query.execute(server).await?;
    Ok(())
}

/// Has the server count on where the file left off, in columns that count by themselves.
pub async fn count_on(file: &mut SqliteConnection, server: &mut PgConnection) -> Result<(), sqlx::Error> {
    let counted: Vec<(String, i64)> =
        sqlx::query_as("SELECT name, seq FROM sqlite_sequence WHERE seq > 0").fetch_all(file).await?;
    for (table, last) in counted {
        let set = sqlx::query::<Postgres>(
            "SELECT setval(CAST(pg_get_serial_sequence(quote_ident($1), CAST(column_name AS TEXT)) AS regclass), $2)
             FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = $1 AND is_identity = 'YES'",
        );
        let done = set.bind(&table).bind(last).fetch_all(&mut *server).await?;
        if done.len() != 1 {
            return Err(sqlx::Error::Configuration(format!("{table} counts by itself no more").into()));
        }
    }
    Ok(())
}

/// The first table of a server that has rows.
pub async fn first_with_rows<'a>(
    tables: &'a [Table],
    server: &mut PgConnection,
) -> Result<Option<&'a Table>, sqlx::Error> {
    for table in tables {
        let exists = format!("SELECT EXISTS (SELECT 1 {})", table.source());
        if sqlx::query_scalar(AssertSqlSafe(exists)).fetch_one(&mut *server).await? {
            return Ok(Some(table));
        }
    }
    Ok(None)
}

/// A table or column that the file has and the server lacks, or the other way round.
pub async fn difference(tables: &[Table], server: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    let there: Vec<(String, String)> = sqlx::query_as(
        "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name <> 'store_schema'",
    )
    .fetch_all(server)
    .await?;
    let here: Vec<(&str, &str)> = tables
        .iter()
        .flat_map(|table| table.columns.iter().map(|(column, _)| (table.name.as_str(), column.as_str())))
        .collect();
    let lacks = here.iter().find(|(table, column)| !there.iter().any(|(t, c)| t == table && c == column));
    let other = there.iter().find(|(table, column)| !here.contains(&(table.as_str(), column.as_str())));
    let other = other.map(|(table, column)| format!("{table}.{column}"));
    Ok(lacks.map(|(table, column)| format!("{table}.{column}")).or(other))
}
