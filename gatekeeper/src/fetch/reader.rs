//! Connections to a file, each with a clock of its own.
//!
//! Dropping a future does not stop SQLite's own thread: a statement must stop itself once its time is over. What has it do so is set once for
//! each connection and not before each statement, and a connection that was used to the end is kept aside: both would be another way
//! to its thread and back. One that was not used to the end is closed.

use std::{
    str::FromStr,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc, Mutex, PoisonError,
    },
    time::{Duration, Instant},
};

use sqlx::{
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
    ConnectOptions, Executor, Sqlite, SqliteConnection, SqlitePool,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Options;
use crate::store::PoolVitals;

/// Steps of SQLite's machine between two looks at the clock.
const STEPS: i32 = 1000;

/// A connection that is older is made anew: the file may have been put in another's place.
const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// All connections to one file.
#[derive(Clone, Debug)]
pub(super) struct Readers {
    pool: SqlitePool,
    places: Arc<Semaphore>,
    kept: Kept,
    timeout: Duration,
    start: Instant,
}

/// Those that nobody uses; `None` once all are closed.
type Kept = Arc<Mutex<Option<Vec<Clocked>>>>;

/// Closed where it is dropped: of one that is given back to its pool, nobody would know what it is in the middle of.
#[derive(Debug)]
struct Clocked {
    connection: Option<PoolConnection<Sqlite>>,
    /// Until when its statement may run: microseconds after the start.
    until: Arc<AtomicU64>,
    made: Instant,
}

/// A connection in use. What it does must be over once the time is.
#[derive(Debug)]
pub(crate) struct Reader {
    clocked: Clocked,
    in_snapshot: bool,
    kept: Kept,
    _place: OwnedSemaphorePermit,
}

impl Readers {
    /// Opens the file at an address of SQLite's.
    pub async fn open(url: &str, options: Options) -> Result<Self, sqlx::Error> {
        let connect = SqliteConnectOptions::from_str(url)?
            .read_only(true)
            .create_if_missing(false)
            .pragma("query_only", "ON")
            .busy_timeout(options.timeout)
            .disable_statement_logging();
        // A file does not go away as a server may: no question whether it is there before each statement.
        let pool = SqlitePoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.timeout)
            .test_before_acquire(false);
        Ok(Self {
            pool: pool.connect_with(connect).await?,
            places: Arc::new(Semaphore::new(options.max_connections as usize)),
            kept: Arc::new(Mutex::new(Some(Vec::new()))),
            timeout: options.timeout,
            start: Instant::now(),
        })
    }

    /// A connection for one statement, which is a snapshot of its own.
    pub async fn single(&self) -> Result<Reader, sqlx::Error> {
        let place = tokio::time::timeout(self.timeout, self.places.clone().acquire_owned());
        let place =
            place.await.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)?;
        let clocked = match self.kept()? {
            Some(clocked) => clocked,
            None => self.connect().await?,
        };
        let until = u64::try_from((self.start.elapsed() + self.timeout).as_micros()).unwrap_or(u64::MAX);
        clocked.until.store(until, Ordering::Relaxed);
        Ok(Reader { clocked, in_snapshot: false, kept: self.kept.clone(), _place: place })
    }

    /// A connection for several, which see one snapshot.
    pub async fn snapshot(&self) -> Result<Reader, sqlx::Error> {
        let mut reader = self.single().await?;
        reader.connection()?.execute("BEGIN").await?;
        reader.in_snapshot = true;
        Ok(reader)
    }

    fn kept(&self) -> Result<Option<Clocked>, sqlx::Error> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_mut().ok_or(sqlx::Error::PoolClosed)?;
        kept.retain(|clocked| clocked.made.elapsed() < LIFETIME);
        Ok(kept.pop())
    }

    async fn connect(&self) -> Result<Clocked, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        let until = Arc::new(AtomicU64::new(0));
        let (seen, start) = (until.clone(), self.start);
        connection.lock_handle().await?.set_progress_handler(STEPS, move || {
            start.elapsed() < Duration::from_micros(seen.load(Ordering::Relaxed))
        });
        Ok(Clocked { connection: Some(connection), until, made: Instant::now() })
    }

    /// How they are doing.
    pub fn vitals(&self) -> PoolVitals {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map_or(0, Vec::len);
        let vitals = PoolVitals::of(&self.pool);
        PoolVitals { idle: vitals.idle.saturating_add(kept), ..vitals }
    }

    /// Ends all, once those in use are given back.
    pub async fn close(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.pool.close().await;
    }
}

impl Reader {
    /// The connection.
    pub fn connection(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        // There from the start to the end.
        self.clocked.connection.as_deref_mut().ok_or(sqlx::Error::PoolClosed)
    }

    /// Gives it back.
    pub async fn end(mut self) -> Result<(), sqlx::Error> {
        if self.in_snapshot {
            self.connection()?.execute("ROLLBACK").await?;
        }
        let Self { clocked, kept, _place, .. } = self;
        if let Some(kept) = kept.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            kept.push(clocked);
        }
        Ok(())
    }
}

impl Drop for Clocked {
    fn drop(&mut self) {
        // Its thread ends it, after the statement that it may be in. No Tokio is needed, as it would be to give it back.
        if let Some(connection) = self.connection.take() {
            drop(connection.detach());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use sqlx::Connection;

    use super::*;

    /// Counts to a number that nobody waits for.
    const ENDLESS: &str =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000000) SELECT MAX(i) FROM n";

    async fn readers(timeout: Duration, most: u32) -> (Readers, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("provider.sqlite");
        let made = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut made = made.connect().await.unwrap();
        made.execute("CREATE TABLE result (id INTEGER)").await.unwrap();
        made.close().await.unwrap();
        let options = Options { timeout, max_connections: most };
        (Readers::open(&format!("sqlite:{}", path.display()), options).await.unwrap(), folder)
    }

    async fn count(reader: &mut Reader) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT COUNT(*) FROM result").fetch_one(reader.connection()?).await
    }

    #[tokio::test]
    async fn connection_should_be_kept_when_it_was_used_to_the_end_and_closed_when_not() {
        let (readers, _folder) = readers(Duration::from_secs(5), 1).await;
        for _ in 0..3 {
            let mut reader = readers.single().await.unwrap();
            assert_eq!(count(&mut reader).await.unwrap(), 0);
            assert_eq!(readers.vitals(), PoolVitals { open: 1, idle: 0, most: 1 });
            reader.end().await.unwrap();
            assert_eq!(readers.vitals(), PoolVitals { open: 1, idle: 1, most: 1 });
        }
        drop(readers.single().await.unwrap());
        assert_eq!(readers.vitals().open, 0);
        let mut reader = readers.snapshot().await.unwrap();
        assert_eq!(count(&mut reader).await.unwrap(), 0);
        reader.end().await.unwrap();
        // Nothing is left of the snapshot.
        let reader = readers.snapshot().await.unwrap();
        reader.end().await.unwrap();
        assert_eq!(readers.vitals(), PoolVitals { open: 1, idle: 1, most: 1 });
    }

    #[tokio::test]
    async fn statement_should_stop_itself_when_its_time_is_over_and_the_next_have_their_own() {
        let (readers, _folder) = readers(Duration::from_millis(300), 1).await;
        for _ in 0..2 {
            let mut reader = readers.single().await.unwrap();
            let begun = Instant::now();
            let stopped = sqlx::query(ENDLESS).fetch_one(reader.connection().unwrap()).await;
            assert!(super::super::database::is_passing(&stopped.unwrap_err()));
            assert!(begun.elapsed() > Duration::from_millis(250));
            reader.end().await.unwrap();
            let mut reader = readers.single().await.unwrap();
            assert_eq!(count(&mut reader).await.unwrap(), 0);
            reader.end().await.unwrap();
        }
    }

    #[tokio::test]
    async fn nobody_should_wait_for_a_connection_that_was_given_up() {
        let (readers, _folder) = readers(Duration::from_millis(300), 1).await;
        for _ in 0..3 {
            let mut reader = readers.snapshot().await.unwrap();
            let stopped = tokio::time::timeout(
                Duration::from_millis(20),
                sqlx::query(ENDLESS).fetch_one(reader.connection().unwrap()),
            );
            assert!(stopped.await.is_err());
            drop(reader);
            let mut reader = readers.single().await.unwrap();
            assert_eq!(count(&mut reader).await.unwrap(), 0);
            reader.end().await.unwrap();
        }
    }

    #[tokio::test]
    async fn as_many_should_be_open_as_may_be_and_who_waits_be_told() {
        let (readers, _folder) = readers(Duration::from_millis(200), 2).await;
        let (one, two) = (readers.single().await.unwrap(), readers.single().await.unwrap());
        assert!(matches!(readers.single().await, Err(sqlx::Error::PoolTimedOut)));
        let waiting = tokio::spawn({
            let readers = readers.clone();
            async move { readers.single().await.map(drop) }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        one.end().await.unwrap();
        waiting.await.unwrap().unwrap();
        two.end().await.unwrap();
    }

    #[test]
    fn readers_should_be_droppable_when_tokio_is_gone() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (readers, folder) = runtime.block_on(async {
            let (readers, folder) = readers(Duration::from_secs(5), 2).await;
            let (kept, used) = (readers.single().await.unwrap(), readers.single().await.unwrap());
            kept.end().await.unwrap();
            ((readers, used), folder)
        });
        drop(runtime);
        drop(readers);
        drop(folder);
    }

    #[tokio::test]
    async fn all_should_end_when_closed() {
        let (readers, _folder) = readers(Duration::from_secs(5), 2).await;
        let (kept, used) = (readers.single().await.unwrap(), readers.single().await.unwrap());
        kept.end().await.unwrap();
        let closing = tokio::spawn({
            let readers = readers.clone();
            async move { readers.close().await }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        used.end().await.unwrap();
        tokio::time::timeout(Duration::from_secs(5), closing).await.unwrap().unwrap();
        assert!(matches!(readers.single().await, Err(sqlx::Error::PoolClosed)));
    }
}
