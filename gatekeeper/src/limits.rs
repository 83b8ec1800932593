//! How much one address or account may ask for: a bucket each, that refills over a minute; and how much of it at a time.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
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

/// What an address counts as: whoever has one IPv6 address has all of its /64 network.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) >> 64 << 64).into(),
        address => address,
    }
}

/// Things that last, such as connections: so many at a time, of all and of each address.
#[derive(Debug)]
pub struct AtOnce {
    most: usize,
    each: usize,
    held: Mutex<HashMap<IpAddr, usize>>,
}

impl AtOnce {
    /// So many of all, and of each address.
    pub fn new(most: usize, each: usize) -> Arc<Self> {
        Arc::new(Self { most, each, held: Mutex::default() })
    }

    /// One more from an address, until what is given is dropped; `None` if there are too many.
    pub fn hold(self: &Arc<Self>, address: IpAddr) -> Option<Held> {
        let address = network(address);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let own = held.get(&address).copied().unwrap_or_default();
        // Addresses that hold nothing are not in it, so they are few.
        if own >= self.each || held.values().sum::<usize>() >= self.most {
            return None;
        }
        held.insert(address, own + 1);
        Some(Held { of: self.clone(), address })
    }
}

/// One thing that lasts until this is dropped.
#[derive(Debug)]
pub struct Held {
    of: Arc<AtOnce>,
    address: IpAddr,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut held = self.of.held.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get_mut(&self.address) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(held.remove(&self.address)),
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
    #![allow(clippy::unwrap_used)]
    use std::time::Duration;

    use super::*;

    #[test]
    fn networks_should_count_as_one_address_when_they_are_somebodys_own() {
        for (one, other, same) in [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("::ffff:192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
        ] {
            assert_eq!(
                network(one.parse().unwrap()) == network(other.parse().unwrap()),
                same,
                "{one} {other}"
            );
        }
    }

    #[test]
    fn hold_should_refuse_when_there_are_too_many_at_a_time() {
        let at_once = AtOnce::new(3, 2);
        let hold = |address: &str| at_once.hold(address.parse().unwrap());
        let (first, second) = (hold("2001:db8::1"), hold("2001:db8::2"));
        assert!(first.is_some() && second.is_some() && hold("2001:db8::3").is_none());
        let other = hold("192.0.2.1");
        assert!(other.is_some() && hold("192.0.2.2").is_none(), "too many of all");
        drop(first);
        assert!(hold("192.0.2.2").is_some());
        drop((second, other));
        assert!(at_once.held.lock().unwrap().is_empty());
    }

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
