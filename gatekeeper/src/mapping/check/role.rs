//! Whether the account may do more than read.

use super::{Finding, Severity};
use crate::{
    fetch::{sql::Dialect, Cell, Database, FetchError, Row, Session},
    mapping::Mapping,
};

/// What the account is told to have in place of what it has.
const CURE: &str = "docs/databases.md has the SQL for a role that only reads";

/// Rights that only read.
const READING: &[&str] = &["SELECT", "USAGE", "SHOW VIEW"];

/// Server roles of PostgreSQL that reach beyond tables.
const POSTGRES: &str =
    "SELECT rolname::text FROM pg_roles WHERE (rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls) \
    AND pg_has_role(current_user, oid, 'MEMBER') \
    UNION SELECT rolname::text FROM pg_roles WHERE rolname IN ('pg_write_all_data', 'pg_write_server_files', \
    'pg_execute_server_program', 'pg_read_server_files') AND pg_has_role(current_user, oid, 'MEMBER')";

/// Tables and views of PostgreSQL that may be written, by the account or by a role that it may take on (`SET ROLE`).
const POSTGRES_TABLES: &str = "SELECT DISTINCT n.nspname || '.' || c.relname \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_roles r \
    WHERE c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
    AND pg_has_role(current_user, r.oid, 'MEMBER') \
    AND (has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') OR has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE')) \
    ORDER BY 1 LIMIT 6";

/// Schemas of PostgreSQL in which something may be made, in the same way.
const POSTGRES_SCHEMAS: &str =
    "SELECT DISTINCT n.nspname::text FROM pg_namespace n, pg_roles r WHERE n.nspname <> 'information_schema' \
    AND n.nspname NOT LIKE 'pg\\_%' AND pg_has_role(current_user, r.oid, 'MEMBER') \
    AND has_schema_privilege(r.oid, n.oid, 'CREATE') ORDER BY 1 LIMIT 6";

/// Roles of MariaDB and MySQL that the account may take on (`SET ROLE`) and that are not in force, so that `SHOW GRANTS` is silent on them.
const MYSQL_ROLES: &str =
    "SELECT CAST(ROLE_NAME AS CHAR) FROM information_schema.APPLICABLE_ROLES WHERE ROLE_NAME NOT IN \
    (SELECT ROLE_NAME FROM information_schema.ENABLED_ROLES WHERE ROLE_NAME IS NOT NULL) ORDER BY 1 LIMIT 6";

/// What the account may do beside reading; the whole file is concerned.
pub(super) async fn check(mapping: &Mapping, database: &Database) -> Vec<Finding> {
    let place = mapping.file().display().to_string();
    let finding = |severity, message: String| Finding { severity, place: place.clone(), message };
    if let Some(file) = database.file() {
        // The file is opened for reading alone; still, an account that cannot write is one that nobody can misuse.
        let writable = std::fs::metadata(file).is_ok_and(|metadata| !metadata.permissions().readonly());
        let message =
            format!("{} is not write-protected; it is opened for reading only. {CURE}", file.display());
        return writable.then(|| finding(Severity::Note, message)).into_iter().collect();
    }
    let found = database.within_time(async {
        let mut session = database.session().await?;
        let found = rights(&mut session).await?;
        session.end().await?;
        Ok(found)
    });
    match found.await {
        Ok(found) => found
            .into_iter()
            .map(|what| finding(Severity::Error, format!("this account {what}: {CURE}")))
            .collect(),
        Err(error) => {
            vec![finding(Severity::Error, format!("the account's rights cannot be looked at: {error}"))]
        }
    }
}

async fn rights(session: &mut Session) -> Result<Vec<String>, FetchError> {
    let mut found = Vec::new();
    match session.dialect() {
        Dialect::Sqlite => {}
        Dialect::Postgres => {
            let roles = first_cells(&session.ask(POSTGRES).await?);
            if !roles.is_empty() {
                found.push(format!("is a superuser or may manage the server ({})", roles.join(", ")));
                return Ok(found);
            }
            let tables = first_cells(&session.ask(POSTGRES_TABLES).await?);
            if !tables.is_empty() {
                found.push(format!("may write {}", some(&tables)));
            }
            let schemas = first_cells(&session.ask(POSTGRES_SCHEMAS).await?);
            if !schemas.is_empty() {
                found.push(format!("may make tables in the schema {}", some(&schemas)));
            }
        }
        Dialect::MySql => {
            let grants = first_cells(&session.ask("SHOW GRANTS").await?);
            found.extend(grants.iter().filter_map(|grant| beyond_reading(grant)));
            // Servers that know no roles do not know the tables either.
            let roles = session.ask(MYSQL_ROLES).await.map(|rows| first_cells(&rows)).unwrap_or_default();
            if !roles.is_empty() {
                found.push(format!("may take on the role {}, whatever that may do", some(&roles)));
            }
        }
    }
    Ok(found)
}

fn first_cells(rows: &[Row]) -> Vec<String> {
    rows.iter().filter_map(|row| row.first().and_then(Cell::text).map(str::to_owned)).collect()
}

/// At most five names of a list that may have a sixth.
fn some(names: &[String]) -> String {
    let more = if names.len() > 5 { " and others" } else { "" };
    format!("`{}`{more}", names[..names.len().min(5)].join("`, `"))
}

/// What of a line of `SHOW GRANTS` goes beyond reading. A role without `ON` is shown again with its own rights if it is in force.
fn beyond_reading(grant: &str) -> Option<String> {
    let rest = grant.strip_prefix("GRANT ")?;
    let (rights, object) = rest.split_once(" ON ")?;
    let object = object.split(" TO ").next().unwrap_or_default();
    let mut depth = 0usize;
    // Column lists stand in brackets.
    let names: String = rights
        .chars()
        .filter(|letter| {
            match letter {
                '(' => depth += 1,
                ')' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect();
    let mut more: Vec<&str> =
        names.split(',').map(str::trim).filter(|right| !READING.contains(right)).collect();
    if grant.contains(" WITH GRANT OPTION") {
        more.push("GRANT OPTION");
    }
    (!more.is_empty()).then(|| format!("has {} on {object}", more.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grant_should_be_refused_when_it_does_more_than_read() {
        for grant in [
            "GRANT USAGE ON *.* TO `g`@`localhost` IDENTIFIED BY PASSWORD '*X'",
            "GRANT SELECT ON `openmrs`.* TO `g`@`localhost`",
            "GRANT SELECT (`a`, `b`), SHOW VIEW ON `openmrs`.`obs` TO `g`@`%`",
            "GRANT `reader` TO `g`@`localhost`",
            "SET DEFAULT ROLE `reader` FOR `g`@`localhost`",
        ] {
            assert_eq!(beyond_reading(grant), None, "{grant}");
        }
        for (grant, word) in [
            (
                "GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION",
                "ALL PRIVILEGES, GRANT OPTION on *.*",
            ),
            ("GRANT SELECT, INSERT ON `openmrs`.* TO `g`@`localhost`", "INSERT on `openmrs`.*"),
            (
                "GRANT SELECT (`a`), UPDATE (`b`, `c`) ON `openmrs`.`obs` TO `g`@`%`",
                "UPDATE on `openmrs`.`obs`",
            ),
            ("GRANT EXECUTE ON `openmrs`.* TO `g`@`localhost`", "EXECUTE"),
            ("GRANT FILE ON *.* TO `g`@`localhost`", "FILE"),
            ("GRANT SELECT ON `openmrs`.* TO `g`@`localhost` WITH GRANT OPTION", "GRANT OPTION"),
        ] {
            assert!(beyond_reading(grant).is_some_and(|found| found.contains(word)), "{grant}");
        }
    }
}
