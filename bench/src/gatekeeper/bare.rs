//! The other side: the same SQL through bare `axum`, the same pool, the same durable insert, and nothing else.
//!
//! No sign-in, decision, redaction, pseudonyms or signature. The insert is the gatekeeper's own log: sealed, hash-chained, one commit
//! for all entries that are in flight, on disk before the answer leaves.

use std::{collections::HashMap, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    routing::get,
    Json, Router,
};
use clap::Args;
use medrec_gatekeeper::{
    clock::{SystemTimeSource, Time},
    log::{AuditLog, Entry},
    store::Store,
};
use serde_json::{json, Map, Value};
use sqlx::{
    sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions},
    Column, ConnectOptions, Row,
};

/// What the gatekeeper's generator writes for a search for Observation in the practice's mapping (`fetch/sql.rs`).
const SQL: &str = r#"SELECT "t"."result_id", "t"."file_no", "t"."kind", "t"."code", "t"."name", "t"."taken_at", "t"."performer", "t"."value", "t"."unit", "t"."remark", "t"."sensitivity" FROM "result" AS "t" WHERE "t"."file_no" = ? LIMIT 5001"#;

/// Where it listens and what it reads.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Address and port
    #[arg(long)]
    listen: SocketAddr,
    /// The practice's database (SQLite)
    #[arg(long)]
    database: PathBuf,
    /// The log's own database, made if it is not there
    #[arg(long)]
    store: PathBuf,
}

struct Bare {
    pool: SqlitePool,
    log: AuditLog,
}

/// Serves until it is killed.
pub fn run(options: &Options) -> anyhow::Result<()> {
    // As the gatekeeper is started: a worker for each processor.
    tokio::runtime::Runtime::new()?.block_on(serve(options))
}

async fn serve(options: &Options) -> anyhow::Result<()> {
    let timeout = Duration::from_secs(5);
    let connect = SqliteConnectOptions::new()
        .filename(&options.database)
        .read_only(true)
        .pragma("query_only", "ON")
        .busy_timeout(timeout)
        .disable_statement_logging();
    let pool =
        SqlitePoolOptions::new().max_connections(8).acquire_timeout(timeout).test_before_acquire(false);
    let pool = pool.connect_with(connect).await?;
    let store = Store::open(&options.store).await?;
    let (log, _) = AuditLog::start(store);
    let router = Router::new().route("/rows", get(rows)).with_state(Arc::new(Bare { pool, log }));
    let listener = tokio::net::TcpListener::bind(options.listen).await.context("cannot listen")?;
    Ok(axum::serve(listener, router).await?)
}

async fn rows(
    State(bare): State<Arc<Bare>>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, StatusCode> {
    let record = query.get("record").cloned().unwrap_or_default();
    let failed = |error: sqlx::Error| {
        eprintln!("{error}");
        StatusCode::INTERNAL_SERVER_ERROR
    };
    let found = sqlx::query(SQL).bind(&record).fetch_all(&bare.pool).await.map_err(failed)?;
    let entry: Vec<Value> = found
        .iter()
        .map(|row| {
            let cell = |column: &sqlx::sqlite::SqliteColumn| {
                let text: Option<String> = row.try_get_unchecked(column.ordinal()).ok().flatten();
                (column.name().to_owned(), json!(text))
            };
            Value::Object(row.columns().iter().map(cell).collect::<Map<_, _>>())
        })
        .collect();
    let count = u32::try_from(entry.len()).unwrap_or(u32::MAX);
    bare.log.append(&log_entry(count)).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(json!({ "resourceType": "Bundle", "type": "searchset", "total": count, "entry": entry })))
}

/// As long as the gatekeeper's own.
fn log_entry(records: u32) -> Entry {
    let (now, who) = (SystemTimeSource.now().wall, (&[1; 32].into(), "TREAT"));
    Entry {
        capacity: Some("viewer".to_owned()),
        parameters: vec!["patient".to_owned()],
        grants: vec![0],
        records,
        blocks: vec![format!("0x{}", "5a".repeat(32))],
        ..Entry::new(now, "r0-0", who, ("search", "Observation"), "fhir")
    }
}
