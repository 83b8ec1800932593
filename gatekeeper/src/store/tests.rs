//! Stores of tests: a file, or, where [`ENGINE`] names a PostgreSQL, a schema of its own there. So the same tests are about both.
#![allow(clippy::unwrap_used)]

use medrec_primitives::AccountId;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::{bindings::BoundRecord, *};

mod engines;
mod moving;

/// The address of a PostgreSQL on which to make stores.
const ENGINE: &str = "MEDREC_TEST_STORE";

/// Where a folder says which schema its store is.
const ADDRESS: &str = "store.url";

/// A store that goes when the guard does.
pub(crate) async fn temporary() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    if let Ok(server) = std::env::var(ENGINE) {
        let schema = format!("t{}", hex::encode(rand::random::<[u8; 8]>()));
        run(&server, &format!("CREATE SCHEMA {schema}")).await;
        std::fs::write(folder.path().join(ADDRESS), format!("{server}&options[search_path]={schema}"))
            .unwrap();
    }
    (again(&folder).await, folder)
}

/// The same store, after a restart.
pub(crate) async fn again(folder: &tempfile::TempDir) -> Store {
    opened(folder, "a").await
}

/// The same store, opened by another program: where it is shared, by another gatekeeper.
pub(crate) async fn beside(folder: &tempfile::TempDir) -> Store {
    opened(folder, "b").await
}

async fn opened(folder: &tempfile::TempDir, instance: &str) -> Store {
    match std::fs::read_to_string(folder.path().join(ADDRESS)) {
        Ok(address) => {
            let mut server = Server::new(&address, instance).unwrap();
            server.max_connections = 4;
            Store::share(&server).await.unwrap()
        }
        Err(_) => Store::open(&folder.path().join("store.sqlite")).await.unwrap(),
    }
}

/// What a relationship is bound to where nothing came through the inbox.
pub(crate) fn bound_to(number: &str, key: AccountId) -> BoundRecord {
    BoundRecord { number: number.into(), key, has_accepted: false }
}

/// A back-up of a store as it is now, put into use by the same gatekeeper.
pub(crate) async fn back_up(store: &Store, folder: &tempfile::TempDir) -> Store {
    let to = tempfile::Builder::new().tempdir_in(folder.path()).unwrap().keep();
    match &store.write {
        Pool::Sqlite(pool) => {
            let path = to.join("store.sqlite");
            let text = path.to_str().unwrap().to_owned();
            sqlx::query("VACUUM INTO ?").bind(text).execute(pool).await.unwrap();
            Store::open(&path).await.unwrap()
        }
        Pool::Postgres(pool) => {
            let (copy, copied) = temporary().await;
            let tables: Vec<String> = sqlx::query_scalar(
                "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema()",
            )
            .fetch_all(pool)
            .await
            .unwrap();
            let from: String =
                sqlx::query_scalar("SELECT CAST(current_schema() AS TEXT)").fetch_one(pool).await.unwrap();
            let Pool::Postgres(into) = &copy.write else { unreachable!() };
            for table in tables.iter().filter(|table| *table != "store_schema") {
                let statement =
                    format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM {from}.{table}");
                into.execute(sqlx::raw_sql(AssertSqlSafe(statement))).await.unwrap();
            }
            // It lives as long as the folder of the store that it is of.
            drop(copied);
            copy
        }
    }
}

/// Changes the database behind the store's back.
pub(crate) async fn tamper(store: &Store, statement: &'static str) {
    change(store, sql::query(statement)).await;
}

/// The same, with values.
pub(crate) async fn change(store: &Store, statement: sql::Query<sql::Row>) {
    statement.execute(&store.write).await.unwrap();
}

async fn run(server: &str, statement: &str) {
    let mut connection = PgConnection::connect(server).await.unwrap();
    connection.execute(sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn store_should_open_again_when_it_exists() {
    let (store, folder) = temporary().await;
    store.close().await;
    again(&folder).await.ping().await.unwrap();
}

#[tokio::test]
async fn store_should_be_made_once_when_two_open_it_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    if std::env::var(ENGINE).is_ok() {
        let (store, made) = temporary().await;
        let address = std::fs::read_to_string(made.path().join(ADDRESS)).unwrap();
        let schema = address.rsplit_once('=').unwrap().1.to_owned();
        store.close().await;
        let server = std::env::var(ENGINE).unwrap();
        run(&server, &format!("DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}")).await;
        std::fs::write(folder.path().join(ADDRESS), address).unwrap();
    }
    let opening = (0..6).map(|n| {
        let folder = &folder;
        async move {
            if n % 2 == 0 {
                again(folder).await
            } else {
                beside(folder).await
            }
        }
    });
    for store in futures::future::join_all(opening).await {
        store.ping().await.unwrap();
    }
}
