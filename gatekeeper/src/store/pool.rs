//! How pools of connections are doing.

use std::ops::Add;

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
