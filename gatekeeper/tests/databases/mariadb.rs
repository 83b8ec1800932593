use std::path::Path;

use medrec_gatekeeper::fetch::Database;
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection};

use crate::{
    exercise,
    server::{command, folder, prepare, program, Server, User},
};

const FOLDERS: &[&str] = &["/usr/sbin", "/usr/bin", "/usr/local/bin"];

fn url(folder: &Path, user: &str, database: &str) -> String {
    format!("mariadb://{user}@localhost/{database}?socket={}", folder.join("socket").display())
}

async fn connect(folder: &Path, user: &str, database: &str) -> Result<MySqlConnection, sqlx::Error> {
    MySqlConnection::connect(&url(folder, user, database).replacen("mariadb:", "mysql:", 1)).await
}

async fn ready(folder: &Path) -> bool {
    connect(folder, "root", "mysql").await.is_ok()
}

/// The user of the documentation's role, with its password.
const GATEKEEPER: &str = "gatekeeper:choose-your-own";

/// A server with an empty database `hospital`.
pub async fn start() -> Server {
    let user = User::of("nobody", "base-passwd");
    let folder = folder(user);
    let data = folder.path().join("data");
    let data_option = format!("--datadir={}", data.display());
    // A server that starts removes the temporary tables of all others from a folder that they share.
    let temporary_option = format!("--tmpdir={}", folder.path().display());
    let mut install = command(&program("mariadb-install-db", FOLDERS, "mariadb-server"), user);
    install.args([
        "--no-defaults",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        "--innodb-use-native-aio=0",
        &data_option,
        &temporary_option,
    ]);
    prepare(&mut install).unwrap();
    let mut server = command(&program("mariadbd", FOLDERS, "mariadb-server"), user);
    server
        .args([
            "--no-defaults",
            "--skip-networking",
            "--innodb-use-native-aio=0",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=32M",
            &data_option,
            &temporary_option,
        ])
        .arg(format!("--socket={}", folder.path().join("socket").display()))
        .arg(format!("--pid-file={}", folder.path().join("pid").display()));
    let server = Server::start(server, folder, "-TERM", ready).await;
    let mut connection = connect(server.folder.path(), "root", "mysql").await.unwrap();
    connection.execute("CREATE DATABASE hospital CHARACTER SET utf8mb4").await.unwrap();
    server
}

/// Runs statements as root, and gives the address for that user.
pub async fn fill(server: &Server, sql: &str) -> String {
    let folder = server.folder.path();
    let mut connection = connect(folder, "root", "hospital").await.unwrap();
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
    connection.close().await.unwrap();
    url(folder, "root", "hospital")
}

async fn filled(more: &[&str]) -> (Server, Database) {
    let server = start().await;
    // Strict comparison of numbers is up to the gatekeeper: the default collation takes A1 for a1.
    let statements = exercise::statements()
        .join(";\n")
        .replace("mrn VARCHAR(12) PRIMARY KEY", "mrn VARCHAR(12) COLLATE utf8mb4_bin PRIMARY KEY");
    fill(&server, &statements).await;
    for statement in more {
        fill(&server, statement).await;
    }
    fill(&server, &exercise::role("mariadb")).await;
    let url = url(server.folder.path(), GATEKEEPER, "hospital");
    let database = Database::connect(&url, exercise::options()).await.unwrap();
    (server, database)
}

#[tokio::test]
async fn mariadb_should_give_exactly_the_patients_records() {
    let (_server, database) = filled(&[]).await;
    exercise::everything(&database, true).await;
}

#[tokio::test]
async fn mariadb_should_neither_write_nor_run_for_ever() {
    let (server, database) = filled(&[
        "CREATE VIEW slow AS SELECT 1 AS id, 'A1' AS mrn FROM visit WHERE SLEEP(60) = 0",
        "CREATE FUNCTION write_row() RETURNS VARCHAR(12) MODIFIES SQL DATA BEGIN INSERT INTO note(note_id) VALUES (99); RETURN 'A1'; END",
        "CREATE VIEW writing AS SELECT 1 AS id, write_row() AS mrn",
    ])
    .await;
    for view in ["slow", "writing"] {
        fill(&server, &format!("GRANT SELECT ON hospital.{view} TO 'gatekeeper'@'localhost'")).await;
    }
    exercise::slow_and_writing(&database, true).await;
}

#[tokio::test]
async fn mariadb_role_of_the_documentation_should_read_and_never_write() {
    let (server, database) = filled(&[]).await;
    assert_eq!(exercise::rights(&database).await, Vec::<String>::new());
    let folder = server.folder.path();
    let mut connection = connect(folder, GATEKEEPER, "hospital").await.unwrap();
    for statement in exercise::WRITING {
        let error = connection.execute(*statement).await.unwrap_err();
        assert!(error.to_string().contains("command denied"), "{statement}: {error}");
    }
    let owner = Database::connect(&url(folder, "root", "hospital"), exercise::options()).await.unwrap();
    let found = exercise::rights(&owner).await;
    assert!(found.iter().any(|found| found.contains("ALL PRIVILEGES, GRANT OPTION on *.*")), "{found:?}");
    // A role that is not in force can be taken on.
    fill(&server, "CREATE ROLE porter; GRANT porter TO 'gatekeeper'@'localhost'").await;
    let found = exercise::rights(&database).await;
    assert!(found.len() == 1 && found[0].contains("may take on the role `porter`"), "{found:?}");
    fill(&server, "DROP ROLE porter").await;
    fill(&server, "GRANT UPDATE (title) ON hospital.note TO 'gatekeeper'@'localhost'").await;
    let found = exercise::rights(&database).await;
    assert!(found.len() == 1 && found[0].contains("UPDATE on `hospital`.`note`"), "{found:?}");
}

#[tokio::test]
async fn mariadb_should_be_used_again_when_it_was_restarted() {
    let (mut server, database) = filled(&[]).await;
    exercise::restart(&database, &mut server, ready).await;
}
