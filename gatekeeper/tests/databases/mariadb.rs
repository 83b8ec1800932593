use std::path::Path;

use medrec_gatekeeper::fetch::Database;
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection};

use crate::{
    exercise,
    server::{command, folder, prepare, program, Server, User},
};

const FOLDERS: &[&str] = &["/usr/sbin", "/usr/bin", "/usr/local/bin"];

fn url(folder: &Path, database: &str) -> String {
    format!("mariadb://root@localhost/{database}?socket={}", folder.join("socket").display())
}

async fn connect(folder: &Path, database: &str) -> Result<MySqlConnection, sqlx::Error> {
    MySqlConnection::connect(&url(folder, database).replacen("mariadb:", "mysql:", 1)).await
}

async fn start() -> Server {
    let user = User::of("nobody", "base-passwd");
    let folder = folder(user);
    let data = folder.path().join("data");
    let data_option = format!("--datadir={}", data.display());
    let mut install = command(&program("mariadb-install-db", FOLDERS, "mariadb-server"), user);
    install.args([
        "--no-defaults",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        "--innodb-use-native-aio=0",
        &data_option,
    ]);
    // On a busy machine the installation fails now and then; it is then begun anew.
    let mut installed = prepare(&mut install);
    for _ in 0..2 {
        if installed.is_err() {
            let _ = std::fs::remove_dir_all(&data);
            installed = prepare(&mut install);
        }
    }
    installed.unwrap();
    let mut server = command(&program("mariadbd", FOLDERS, "mariadb-server"), user);
    server
        .args([
            "--no-defaults",
            "--skip-networking",
            "--innodb-use-native-aio=0",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=32M",
            &data_option,
        ])
        .arg(format!("--socket={}", folder.path().join("socket").display()))
        .arg(format!("--pid-file={}", folder.path().join("pid").display()));
    Server::start(server, folder, "-TERM", async |folder: &Path| connect(folder, "mysql").await.is_ok()).await
}

async fn filled(more: &[&str]) -> (Server, Database) {
    let server = start().await;
    let folder = server.folder.path();
    let mut connection = connect(folder, "mysql").await.unwrap();
    connection.execute("CREATE DATABASE hospital CHARACTER SET utf8mb4").await.unwrap();
    connection.execute("USE hospital").await.unwrap();
    // Strict comparison of numbers is up to the gatekeeper: the default collation takes A1 for a1.
    for statement in exercise::statements() {
        let statement = statement
            .replace("mrn VARCHAR(12) PRIMARY KEY", "mrn VARCHAR(12) COLLATE utf8mb4_bin PRIMARY KEY");
        connection.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    for statement in more {
        connection.execute(AssertSqlSafe(*statement)).await.unwrap();
    }
    connection.close().await.unwrap();
    let database = Database::connect(&url(folder, "hospital"), exercise::options()).await.unwrap();
    (server, database)
}

#[tokio::test]
async fn mariadb_should_give_exactly_the_patients_records() {
    let (_server, database) = filled(&[]).await;
    exercise::everything(&database, true).await;
}

#[tokio::test]
async fn mariadb_should_neither_write_nor_run_for_ever() {
    let (_server, database) = filled(&[
        "CREATE VIEW slow AS SELECT 1 AS id, 'A1' AS mrn FROM visit WHERE SLEEP(60) = 0",
        "CREATE FUNCTION write_row() RETURNS VARCHAR(12) MODIFIES SQL DATA BEGIN INSERT INTO note(note_id) VALUES (99); RETURN 'A1'; END",
        "CREATE VIEW writing AS SELECT 1 AS id, write_row() AS mrn",
    ])
    .await;
    exercise::slow_and_writing(&database, true).await;
}
