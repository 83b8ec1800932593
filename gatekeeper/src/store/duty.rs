//! Which of several gatekeepers does what one of them does at a time: anchors, looks for changed records, takes up what was left
//! undone. It would do no harm if two did: what counts once is kept once, whoever makes it. But each would pay the chain's fees.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use super::{sql, sql::Pool, Store, StoreError};

/// For how long the duty is taken.
const LEASE: Duration = Duration::from_secs(20);

/// How often it is taken again, by whoever has it, and tried, by the others.
const RENEWED: Duration = Duration::from_secs(4);

/// So much earlier than others may take it, whoever has it stops: what is under way may take a moment.
const MARGIN: Duration = Duration::from_secs(4);

/// Until when this gatekeeper has the duty, by its own monotonic clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Duty(Arc<Mutex<Option<Instant>>>);

impl Store {
    /// Whether it is for this gatekeeper to do what one of them does at a time. Always, where it is alone.
    pub fn is_on_duty(&self) -> bool {
        !self.is_shared()
            || self.duty.0.lock().is_ok_and(|until| until.is_some_and(|until| Instant::now() < until))
    }

    /// Waits until it is.
    pub async fn on_duty(&self) {
        while !self.is_on_duty() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Waits until it is not.
    pub async fn off_duty(&self) {
        while self.is_on_duty() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Takes the duty whenever nobody has it, keeps it, and says that this gatekeeper is alive; for ever.
    pub async fn keep_duty(&self) {
        loop {
            if let Err(error) = self.take_duty().await {
                tracing::warn!(%error, "cannot ask who is on duty among the gatekeepers");
            }
            tokio::time::sleep(RENEWED).await;
        }
    }

    /// Takes or keeps the duty now. Gives whether this gatekeeper has it.
    pub async fn take_duty(&self) -> Result<bool, StoreError> {
        if !self.is_shared() {
            return Ok(true);
        }
        let asked = Instant::now();
        self.lease(&format!("alive {}", self.instance), LEASE).await?;
        let taken = self.lease("duty", LEASE).await?;
        let until = taken.then(|| asked + LEASE - MARGIN);
        if let Ok(mut kept) = self.duty.0.lock() {
            if taken && kept.is_none_or(|until| until < asked) {
                tracing::info!(
                    instance = self.instance,
                    "on duty: this gatekeeper anchors and takes up what is left undone"
                );
            }
            *kept = until;
        }
        Ok(taken)
    }

    /// Leaves the duty to the others at once: this gatekeeper stops.
    pub async fn leave_duty(&self) -> Result<(), StoreError> {
        if let Ok(mut kept) = self.duty.0.lock() {
            *kept = None;
        }
        sql::query("DELETE FROM leases WHERE holder = $1").bind(&self.instance).execute(&self.write).await?;
        Ok(())
    }

    /// Whether another gatekeeper is at work on this store.
    pub async fn has_company(&self) -> Result<bool, StoreError> {
        let Pool::Postgres(_) = &self.read else { return Ok(false) };
        Ok(sql::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM leases WHERE holder <> $1 AND name = 'alive ' || holder
                 AND until > CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT))",
        )
        .bind(&self.instance)
        .fetch_one(&self.read)
        .await?)
    }

    /// Takes or keeps something for a while, unless another has it. By the database's clock: those of the gatekeepers may differ.
    async fn lease(&self, name: &str, length: Duration) -> Result<bool, StoreError> {
        let length = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
        let done = sql::query(
            "INSERT INTO leases (name, holder, until)
             VALUES ($1, $2, CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) + $3)
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
             WHERE leases.holder = excluded.holder OR leases.until <= excluded.until - $3",
        )
        .bind(name)
        .bind(&self.instance)
        .bind(length)
        .execute(&self.write)
        .await?;
        Ok(done == 1)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::store::tests::{beside, temporary};

    #[tokio::test]
    async fn duty_should_be_one_gatekeepers_at_a_time_and_fall_to_another_when_it_leaves() {
        let (store, folder) = temporary().await;
        let other = beside(&folder).await;
        assert!(store.take_duty().await.unwrap() && store.is_on_duty());
        let shared = store.is_shared();
        assert_eq!(other.take_duty().await.unwrap(), !shared);
        assert_eq!(other.is_on_duty(), !shared);
        assert!(store.take_duty().await.unwrap(), "it is kept");
        assert_eq!(
            (store.has_company().await.unwrap(), other.has_company().await.unwrap()),
            (shared, shared)
        );
        store.leave_duty().await.unwrap();
        assert!(other.take_duty().await.unwrap() && other.is_on_duty());
        assert_eq!(store.is_on_duty(), !shared);
        assert!(!other.has_company().await.unwrap());
    }
}
