//! Pools of connections to servers: when a connection is asked whether it is still there, and how pools are doing.

use std::{ops::Add, time::Duration};

use sqlx::{pool::PoolOptions, Connection, Database};

/// A connection that rested for longer may be gone: the server was restarted, or something between forgot it.
const REST: Duration = Duration::from_secs(1);

/// Has a connection asked whether it is still there if it rested for more than a second, and not before each statement: that would be
/// another way to the server and back for every one. Whoever gets one that broke within that second is told so.
pub fn asked_after_a_rest<DB: Database>(options: PoolOptions<DB>) -> PoolOptions<DB> {
    options.test_before_acquire(false).before_acquire(|connection, rested| {
        Box::pin(async move {
            if rested.idle_for > REST {
                connection.ping().await?;
            }
            Ok(true)
        })
    })
}

/// How one pool is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolVitals {
    /// Open connections.
    pub open: u32,
    /// Of these, those that wait for work.
    pub idle: usize,
    /// As many may be open.
    pub most: u32,
}

impl PoolVitals {
    /// Of any pool.
    pub fn of<DB: sqlx::Database>(pool: &sqlx::Pool<DB>) -> Self {
        Self { open: pool.size(), idle: pool.num_idle(), most: pool.options().get_max_connections() }
    }
}

impl Add for PoolVitals {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            open: self.open.saturating_add(other.open),
            idle: self.idle.saturating_add(other.idle),
            most: self.most.saturating_add(other.most),
        }
    }
}
