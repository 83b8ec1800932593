//! Which anchored interval an entry of the log is under, and what an operator has accepted as lost.

use super::{proofs::Interval, signed, sql, Store, StoreError};

/// The interval up to which entries are lost, and it was accepted that they are.
const LOSS: &str = "log_loss";

impl Store {
    /// The anchored interval whose root is over this entry.
    pub async fn anchored_over(&self, number: u64) -> Result<Option<Interval>, StoreError> {
        let found: Option<i64> = sql::query_scalar(
            "SELECT interval FROM proof_intervals WHERE state = 'anchored' AND log_after < $1 AND log_until >= $1
             ORDER BY interval LIMIT 1",
        )
        .bind(signed(number))
        .fetch_optional(&self.read)
        .await?;
        match found {
            Some(interval) => {
                let interval = u32::try_from(interval).map_err(|_| StoreError::Corrupt("proof_intervals"))?;
                self.interval(interval).await
            }
            None => Ok(None),
        }
    }

    /// The interval up to which it was accepted that entries are lost.
    pub async fn accepted_loss(&self) -> Result<Option<u32>, StoreError> {
        self.meta(LOSS).await?.map(|text| text.parse().map_err(|_| StoreError::Corrupt("meta"))).transpose()
    }

    /// Accepts that entries up to an interval are lost.
    pub async fn accept_loss(&self, interval: u32) -> Result<(), StoreError> {
        self.set_meta(LOSS, interval.to_string()).await
    }
}
