//! How much one address or account may ask for: a bucket each, that refills over a minute.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use medrec_primitives::AccountId;

use crate::config;

/// Buckets kept at most. When there are more, the full ones go first: they say nothing.
const BUCKETS: usize = 100_000;

/// All limits of a gatekeeper, whichever interface a request comes by.
#[derive(Debug)]
pub struct RateLimits {
    /// Requests, and messages over WebSockets, from one address.
    pub addresses: RateLimit<IpAddr>,
    /// Challenges, sign-ins and enrolments from one address: signatures cost more to check than to make up.
    pub sign_ins: RateLimit<IpAddr>,
    /// Reads by one account.
    pub accounts: RateLimit<AccountId>,
}

impl RateLimits {
    /// The limits that a configuration sets.
    pub fn new(limits: &config::Limits) -> Self {
        Self {
            addresses: RateLimit::new(limits.per_address_per_minute),
            sign_ins: RateLimit::new(limits.sign_ins_per_address_per_minute),
            accounts: RateLimit::new(limits.per_account_per_minute),
        }
    }
}

/// Buckets by address or account.
#[derive(Debug)]
pub struct RateLimit<K> {
    per_minute: f64,
    buckets: Mutex<HashMap<K, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl<K: Eq + Hash> RateLimit<K> {
    /// Lets through so many a minute, and as many at once.
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute: f64::from(per_minute), buckets: Mutex::default() }
    }

    /// Takes one, or says after how many seconds there will be one.
    pub fn take(&self, key: K, now: Instant) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS && !buckets.contains_key(&key) {
            buckets.retain(|_, bucket| self.left(bucket, now) < self.per_minute);
            if buckets.len() >= BUCKETS {
                return Err(60);
            }
        }
        let bucket = buckets.entry(key).or_insert(Bucket { left: self.per_minute, at: now });
        let left = self.left(bucket, now);
        if left < 1.0 {
            return Err(((1.0 - left) * 60.0 / self.per_minute).ceil() as u64);
        }
        *bucket = Bucket { left: left - 1.0, at: now };
        Ok(())
    }

    fn left(&self, bucket: &Bucket, now: Instant) -> f64 {
        let since = now.saturating_duration_since(bucket.at).as_secs_f64();
        (bucket.left + since * self.per_minute / 60.0).min(self.per_minute)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn limit_should_refuse_when_the_bucket_is_empty_and_refill_with_time() {
        let (limit, now) = (RateLimit::new(3), Instant::now());
        for _ in 0..3 {
            assert_eq!(limit.take("a", now), Ok(()));
        }
        assert_eq!(limit.take("a", now), Err(20));
        assert_eq!(limit.take("b", now), Ok(()));
        assert_eq!(limit.take("a", now + Duration::from_secs(21)), Ok(()));
        assert!(limit.take("a", now + Duration::from_secs(21)).is_err());
    }
}
