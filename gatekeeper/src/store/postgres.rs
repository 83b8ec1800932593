//! A PostgreSQL that several gatekeepers share.

use std::{net::IpAddr, str::FromStr, time::Duration};

use sqlx::{
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, PgPool,
};

use super::{
    asked_after_a_rest,
    schema::{for_postgresql, SCHEMA_VERSION, STEPS},
    sql::{Pool, Topic, Transaction},
    StoreError,
};
use crate::{config, keys};

/// Older ones lack what is used here, and are not maintained any more.
const OLDEST: i32 = 130_000;

/// How long a connection is waited for.
const ACQUIRE: Duration = Duration::from_secs(5);

/// Of each session. Whoever waits for a lock, or holds one and has gone away, does not stop the others for longer; and a commit is on disk
/// when it returns, whatever the server has for its default.
const SETTINGS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '10s'; \
    SET default_transaction_isolation = 'read committed'; SET client_encoding = 'UTF8'; SET TimeZone = 'UTC'; \
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')";

/// Where the store is, and as who.
#[derive(Clone, Debug)]
pub struct Server {
    options: PgConnectOptions,
    /// The name of this gatekeeper among those that share it.
    pub instance: String,
    /// Connections kept open at most.
    pub max_connections: u32,
}

impl Server {
    /// What a configuration names, with the password from its file; `None` if it names a file of its own.
    pub fn of(config: &config::Store) -> Result<Option<Self>, StoreError> {
        let (Some(url), Some(instance)) = (&config.url, &config.instance) else { return Ok(None) };
        let mut server = Self::new(url, instance)?;
        if let Some(path) = &config.password {
            let password = keys::password(path).map_err(|error| StoreError::Server(error.to_string()))?;
            server.options = server.options.password(&password);
        }
        server.max_connections = config.max_connections;
        Ok(Some(server))
    }

    /// At an address `postgresql://...`, under the name `instance`.
    pub fn new(url: &str, instance: &str) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)?
            .disable_statement_logging()
            .application_name(&format!("medrec-gatekeeper {instance}"));
        let near = options.get_socket().is_some() || is_this_machine(options.get_host());
        if !near && !matches!(options.get_ssl_mode(), PgSslMode::VerifyCa | PgSslMode::VerifyFull) {
            return Err(StoreError::Server(
                "store.url: what the store holds does not go over a network without TLS to a server that is known: add \
                 ?sslmode=verify-full to the address, and &sslrootcert=FILE if its certificate is of an authority of your own"
                    .into(),
            ));
        }
        Ok(Self { options, instance: instance.to_owned(), max_connections: 8 })
    }
}

fn is_this_machine(host: &str) -> bool {
    host.starts_with('/')
        || host == "localhost"
        || host.trim_matches(['[', ']']).parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Connects, and brings the tables up to date.
pub async fn open(server: &Server) -> Result<PgPool, StoreError> {
    // A pool tries again and again; what is wrong with a server is told at once.
    let mut first = server.options.connect().await?;
    prepare(&mut first).await.map_err(told)?;
    first.close().await?;
    let pool = asked_after_a_rest(PgPoolOptions::new())
        .max_connections(server.max_connections)
        .acquire_timeout(ACQUIRE)
        .after_connect(|connection, _| Box::pin(prepare(connection)))
        .connect_with(server.options.clone())
        .await?;
    migrate(&pool).await?;
    Ok(pool)
}

/// What is not right about a server comes as an error of the connection.
fn told(error: sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Configuration(reason) => StoreError::Server(reason.to_string()),
        error => StoreError::Database(error),
    }
}

/// Every connection, also those that are made again after a failure, maybe to another server of the same name.
async fn prepare(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    connection.execute(sqlx::raw_sql(SETTINGS)).await?;
    let (commit, fsync, pages, standby, version): (String, String, String, bool, i32) = sqlx::query_as(
        "SELECT current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes'),
                pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on',
                CAST(current_setting('server_version_num') AS INTEGER)",
    )
    .fetch_one(connection)
    .await?;
    let wrong = if version < OLDEST {
        format!("PostgreSQL {}: 13 or newer is needed", version / 10_000)
    } else if standby {
        "a standby, or read-only: name the primary".into()
    } else if fsync != "on" || pages != "on" {
        "fsync or full_page_writes is off: what was answered could be forgotten".into()
    } else if !matches!(commit.as_str(), "on" | "remote_write" | "remote_apply") {
        format!("synchronous_commit is {commit} and cannot be turned on")
    } else {
        return Ok(());
    };
    Err(sqlx::Error::Configuration(format!("which is a PostgreSQL, cannot be used: {wrong}").into()))
}

/// Whoever comes first makes the tables; the others wait and find them.
async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
    let begun = Pool::Postgres(pool.clone()).begin(Topic::Schema).await?;
    let Transaction::Postgres(mut transaction) = begun else { return Ok(()) };
    let there: bool = sqlx::query_scalar("SELECT to_regclass('store_schema') IS NOT NULL")
        .fetch_one(&mut *transaction)
        .await?;
    let found: i64 = if there {
        sqlx::query_scalar("SELECT version FROM store_schema").fetch_one(&mut *transaction).await?
    } else {
        for make in [
            "CREATE TABLE store_schema (version BIGINT NOT NULL)",
            "INSERT INTO store_schema (version) VALUES (0)",
        ] {
            sqlx::query(make).execute(&mut *transaction).await?;
        }
        0
    };
    let steps =
        usize::try_from(found).ok().and_then(|done| STEPS.get(done..)).ok_or(StoreError::Schema { found })?;
    if steps.is_empty() {
        return Ok(());
    }
    for step in steps {
        sqlx::raw_sql(AssertSqlSafe(for_postgresql(step))).execute(&mut *transaction).await?;
    }
    sqlx::query("UPDATE store_schema SET version = $1")
        .bind(SCHEMA_VERSION)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}
